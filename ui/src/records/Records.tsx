// Records of coupon sellers, exchanges and banks: what there is, looking for somebody by a value or pseudonym, coupons joined with the chain, what
// is known of circumstances, and deleting for good. Persons stand under pseudonyms everywhere.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useGet, useSend } from "../api/query";
import { useCan } from "../api/session";
import { digits, whole } from "../format/numbers";
import { useSaid } from "../i18n/said";
import { useSettings } from "../prefs";
import { AddressChip, Num, TxChip, When } from "../parts/bits";
import { Copy } from "../parts/Copy";
import { DataTable } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Choice, Field, TextField } from "../parts/Field";
import { Page, Panel } from "../parts/Page";
import { Sentence } from "../parts/Sentence";
import { Empty, Read, Trouble } from "../parts/states";
import type { components } from "../api/schema";
import { LinkedPanel } from "./Linked";
import { cellsOf, KINDS, minorText, shortPseudonym, type Note, type RecordRow } from "./read";
import "../theme/pages.css";

type Found = components["schemas"]["RecordsView"];

export default function Records() {
  const { t } = useTranslation("records");
  const mayWrite = useCan("write");
  const [message, setMessage] = useState("");
  const [forgetting, setForgetting] = useState<{ subject: string } | null>(null);
  const [noting, setNoting] = useState<{ subject: string } | null>(null);
  return (
    <Page
      title={t("title")}
      actions={
        <Link className="button" to="/imports">
          {t("toImports")}
        </Link>
      }
    >
      <p className="warn">{t("about")}</p>
      <p className={message ? "told" : "hidden-visually"} role="status">
        {message}
      </p>
      <Stats />
      <SearchPanel
        mayWrite={mayWrite}
        onForget={(subject) => setForgetting({ subject })}
        onNote={(subject) => setNoting({ subject })}
      />
      <LinkedPanel />
      <ListPanel />
      <Notes />
      <ImportsPanel mayWrite={mayWrite} told={setMessage} />
      {forgetting ? (
        <Forget
          subject={forgetting.subject}
          onClose={() => setForgetting(null)}
          onDone={(deleted) => {
            setForgetting(null);
            setMessage(t("deleted", { n: deleted }));
          }}
        />
      ) : null}
      {noting ? (
        <AddNote
          subject={noting.subject}
          onClose={() => setNoting(null)}
          onDone={() => {
            setNoting(null);
            setMessage(t("notes.added"));
          }}
        />
      ) : null}
    </Page>
  );
}

function Stats() {
  const { t } = useTranslation("records");
  const stats = useGet("/v1/records/stats");
  return (
    <Panel title={t("stats")}>
      <Read of={stats} missing={<Empty>{t("imports.none")}</Empty>}>
        {(data) => (
          <dl className="facts">
            {Object.entries(data.records).map(([kind, n]) => (
              <StatRow key={kind} name={t(`kind.${kind}`)}>
                <Num n={n} />
                {data.retention_days[kind] !== undefined ? (
                  <span className="small muted"> {t("kept", { n: data.retention_days[kind] })}</span>
                ) : null}
              </StatRow>
            ))}
            <StatRow name={t("imports.title")}>
              <Num n={data.imports} />
            </StatRow>
            <StatRow name={t("notes.title")}>
              <Num n={data.notes} />
            </StatRow>
            <StatRow name={t("journal")}>
              {data.journal_wrong.length === 0 ? (
                t("journalWhole", { n: data.journal })
              ) : (
                <strong className="field-error">{t("journalWrong")}</strong>
              )}
            </StatRow>
          </dl>
        )}
      </Read>
    </Panel>
  );
}

function StatRow({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Records as a table; every personal field is a pseudonym. */
function RecordsTable({ caption, records }: { caption: string; records: RecordRow[] }) {
  const { t } = useTranslation("records");
  const set = useSettings();
  return (
    <DataTable
      caption={caption}
      dense
      rows={records}
      rowKey={(row) => row.id}
      empty={<p className="muted">{t("none")}</p>}
      columns={[
        {
          id: "id",
          head: t("column.id"),
          align: "end",
          isName: true,
          cell: (row) => <Num n={row.id} />,
          sort: (row) => row.id,
        },
        { id: "kind", head: t("column.kind"), cell: (row) => t(`kind.${row.kind}`), sort: (row) => row.kind },
        { id: "time", head: t("column.time"), cell: (row) => <When at={row.time} />, sort: (row) => row.time },
        {
          id: "amount",
          head: t("column.amount"),
          align: "end",
          cell: (row) =>
            row.amount ? (
              <bdi dir="ltr" className="num">
                {digits(minorText(row.amount.minor, row.amount.decimals), set)} {row.amount.currency}
              </bdi>
            ) : null,
        },
        {
          id: "fields",
          head: t("column.fields"),
          cell: (row) => (
            <ul className="chip-list small">
              {cellsOf(row).map((cell) => (
                <li key={cell.field}>
                  <span className="muted">{t(`field.${cell.field}`, { defaultValue: cell.field })}:</span>{" "}
                  {cell.field === "address" && cell.plain ? (
                    <AddressChip address={cell.plain} copy={false} />
                  ) : cell.field === "txid" && cell.plain ? (
                    <TxChip txid={cell.plain} copy={false} />
                  ) : cell.plain ? (
                    <bdi>{cell.plain}</bdi>
                  ) : (
                    <>
                      <bdi dir="ltr" className="mono" title={cell.pseudonym ?? ""}>
                        {shortPseudonym(cell.pseudonym ?? "")}
                      </bdi>
                      <Copy text={cell.pseudonym ?? ""} />
                    </>
                  )}
                </li>
              ))}
            </ul>
          ),
        },
        {
          id: "place",
          head: t("column.import"),
          align: "end",
          cell: (row) => <bdi dir="ltr">{`${whole(row.import, set)}:${whole(row.line, set)}`}</bdi>,
        },
      ]}
    />
  );
}

function SearchPanel({
  mayWrite,
  onForget,
  onNote,
}: {
  mayWrite: boolean;
  onForget: (subject: string) => void;
  onNote: (subject: string) => void;
}) {
  const { t } = useTranslation("records");
  const [subject, setSubject] = useState("");
  const [isMissing, setMissing] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  // A search goes in a body, so that a telephone number stands in no log of addresses; its answer is not kept in any cache of paths.
  const search = useSend<Found>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(subject.trim() === "");
    if (subject.trim() === "") return;
    setAsked(subject.trim());
    search.mutate({ method: "POST", path: "/v1/records/search", body: { subject: subject.trim() } });
  };
  return (
    <Panel title={t("search.title")} note={t("search.about")}>
      <form className="filter-bar filter-wide" noValidate onSubmit={submit}>
        <Field
          label={t("search.subject")}
          value={subject}
          maxLength={1024}
          autoComplete="off"
          error={isMissing ? t("missing") : undefined}
          onChange={(event) => setSubject(event.target.value)}
        />
        <button type="submit" className="button button-main" disabled={search.isPending}>
          {t("search.go")}
        </button>
      </form>
      {search.error ? <Trouble error={search.error} /> : null}
      {search.data ? (
        <div className="stack">
          {search.data.context.map((note) => (
            <ContextNote key={note.id} note={note} />
          ))}
          {search.data.records.length === 0 ? (
            <Empty>{t("search.none")}</Empty>
          ) : (
            <RecordsTable caption={t("search.caption")} records={search.data.records as RecordRow[]} />
          )}
          {search.data.next !== null ? <p className="small muted">{t("search.more")}</p> : null}
          {search.data.unreadable.length > 0 ? (
            <p className="small">{t("unreadable", { n: search.data.unreadable.length })}</p>
          ) : null}
          {mayWrite && asked ? (
            <div className="row">
              <button type="button" className="button" onClick={() => onNote(asked)}>
                {t("notes.add")}
              </button>
              <button type="button" className="button button-danger" onClick={() => onForget(asked)}>
                {t("forget.button")}
              </button>
            </div>
          ) : null}
        </div>
      ) : null}
    </Panel>
  );
}

/** What is known of somebody's circumstances; it stands beside every answer that names them. */
export function ContextNote({ note }: { note: Note }) {
  const { t } = useTranslation("records");
  return (
    <div className="notice">
      <strong>{t("notes.context")}</strong>
      <p dir="auto">{note.text}</p>
      <p className="small muted">
        <bdi>{note.source}</bdi> · <When at={note.time} day />
      </p>
    </div>
  );
}

function ListPanel() {
  const { t } = useTranslation("records");
  const [kind, setKind] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [limit, setLimit] = useState(25);
  const records = useGet("/v1/records", { query: { kind, from, to, limit }, keep: true });
  return (
    <Panel title={t("list.title")}>
      <div className="filter-bar">
        <Choice
          label={t("column.kind")}
          value={kind}
          onChange={(event) => setKind(event.target.value)}
          options={[{ value: "", text: t("any") }, ...KINDS.map((each) => ({ value: each, text: t(`kind.${each}`) }))]}
        />
        <Field label={t("list.from")} type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        <Field label={t("list.to")} type="date" value={to} onChange={(event) => setTo(event.target.value)} />
      </div>
      <Read of={records} missing={<Empty>{t("imports.none")}</Empty>}>
        {(data) => (
          <>
            <RecordsTable caption={t("list.caption")} records={data.records as RecordRow[]} />
            {data.next !== null && limit < 1000 ? (
              <button type="button" className="button" onClick={() => setLimit(Math.min(1000, limit * 4))}>
                {t("list.more")}
              </button>
            ) : null}
          </>
        )}
      </Read>
    </Panel>
  );
}

function Notes() {
  const { t } = useTranslation("records");
  const notes = useGet("/v1/records/notes");
  return (
    <Panel title={t("notes.title")} note={t("notes.about")}>
      <Read of={notes} missing={<Empty>{t("notes.none")}</Empty>}>
        {(data) => (
          <DataTable
            caption={t("notes.title")}
            rows={data.notes}
            rowKey={(row) => row.id}
            empty={<p className="muted">{t("notes.none")}</p>}
            columns={[
              {
                id: "subject",
                head: t("notes.subject"),
                isName: true,
                cell: (row) => (
                  <bdi dir="ltr" className="mono wraps">
                    {row.subject}
                  </bdi>
                ),
              },
              { id: "text", head: t("notes.text"), cell: (row) => <span dir="auto">{row.text}</span> },
              { id: "source", head: t("notes.source"), cell: (row) => <bdi>{row.source}</bdi> },
              { id: "time", head: t("notes.time"), cell: (row) => <When at={row.time} day />, sort: (row) => row.time },
              { id: "by", head: t("notes.by"), cell: (row) => <bdi>{row.operator}</bdi> },
            ]}
          />
        )}
      </Read>
    </Panel>
  );
}

function ImportsPanel({ mayWrite, told }: { mayWrite: boolean; told: (message: string) => void }) {
  const { t } = useTranslation("records");
  const said = useSaid();
  const imports = useGet("/v1/records/imports", { query: { limit: 200 } });
  const [deleting, setDeleting] = useState<number | null>(null);
  return (
    <Panel title={t("imports.title")} note={t("imports.about")}>
      <Read of={imports} missing={<Empty>{t("imports.none")}</Empty>}>
        {(data) => (
          <DataTable
            caption={t("imports.title")}
            rows={data.imports}
            rowKey={(row) => row.import}
            empty={<p className="muted">{t("imports.none")}</p>}
            columns={[
              {
                id: "file",
                head: t("imports.file"),
                isName: true,
                cell: (row) => <bdi className="wraps">{row.file}</bdi>,
                sort: (row) => row.file,
              },
              { id: "kind", head: t("column.kind"), cell: (row) => (row.kind ? t(`kind.${row.kind}`) : null) },
              {
                id: "added",
                head: t("imports.added"),
                align: "end",
                cell: (row) => <Num n={row.added} />,
                sort: (row) => row.added,
              },
              {
                id: "quarantined",
                head: t("imports.quarantined"),
                align: "end",
                sort: (row) => row.quarantined,
                cell: (row) =>
                  row.quarantine.length === 0 ? (
                    <Num n={row.quarantined} />
                  ) : (
                    <details>
                      <summary>
                        <Num n={row.quarantined} />
                      </summary>
                      <ul className="plain-list small">
                        {row.quarantine.map((each) => (
                          <li key={each.line}>
                            <Num n={each.line} />: <Sentence text={said(each.reason)} />
                          </li>
                        ))}
                      </ul>
                    </details>
                  ),
              },
              {
                id: "pseudonyms",
                head: t("imports.pseudonyms"),
                cell: (row) =>
                  row.pseudonymised.map((field) => t(`field.${field}`, { defaultValue: field })).join(" · "),
              },
              {
                id: "retain",
                head: t("imports.retain"),
                align: "end",
                cell: (row) => (row.retain_days === null ? t("imports.noLimit") : <Num n={row.retain_days} />),
              },
              { id: "time", head: t("imports.at"), cell: (row) => <When at={row.time} />, sort: (row) => row.time },
              {
                id: "delete",
                head: <span className="hidden-visually">{t("imports.delete")}</span>,
                cell: (row) =>
                  mayWrite ? (
                    <button
                      type="button"
                      className="button button-danger"
                      aria-label={`${t("imports.delete")}: ${row.file}`}
                      onClick={() => setDeleting(row.import)}
                    >
                      {t("imports.delete")}
                    </button>
                  ) : null,
              },
            ]}
          />
        )}
      </Read>
      {deleting !== null ? (
        <Delete
          id={deleting}
          onClose={() => setDeleting(null)}
          onDone={(n) => {
            setDeleting(null);
            told(t("deleted", { n }));
          }}
        />
      ) : null}
    </Panel>
  );
}

function Delete({ id, onClose, onDone }: { id: number; onClose: () => void; onDone: (deleted: number) => void }) {
  const { t } = useTranslation("records");
  const [reason, setReason] = useState("");
  const [isChecked, setChecked] = useState(false);
  const send = useSend<{ deleted: number }>({ refresh: ["/v1/records"], onDone: (answer) => onDone(answer.deleted) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (reason.trim())
      send.mutate({ method: "DELETE", path: `/v1/records/imports/${id}`, query: { reason: reason.trim() } });
  };
  return (
    <Dialog title={t("imports.delete")} isOpen onClose={onClose}>
      <form className="stack" noValidate onSubmit={submit}>
        <p>{t("imports.sure")}</p>
        <TextField
          label={t("reason")}
          value={reason}
          maxLength={500}
          error={isChecked && !reason.trim() ? t("missing") : undefined}
          onChange={(event) => setReason(event.target.value)}
        />
        {send.error ? <Trouble error={send.error} /> : null}
        <div className="row">
          <button type="submit" className="button button-danger" disabled={send.isPending}>
            {t("forget.do")}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Forget({
  subject,
  onClose,
  onDone,
}: {
  subject: string;
  onClose: () => void;
  onDone: (deleted: number) => void;
}) {
  const { t } = useTranslation("records");
  const [reason, setReason] = useState("");
  const [isChecked, setChecked] = useState(false);
  const send = useSend<{ deleted: number }>({ refresh: ["/v1/records"], onDone: (answer) => onDone(answer.deleted) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (reason.trim())
      send.mutate({ method: "POST", path: "/v1/records/forget", body: { subject, reason: reason.trim() } });
  };
  return (
    <Dialog title={t("forget.title")} isOpen onClose={onClose}>
      <form className="stack" noValidate onSubmit={submit}>
        <p>{t("forget.sure", { subject })}</p>
        <TextField
          label={t("reason")}
          help={t("forget.reasonHint")}
          value={reason}
          maxLength={500}
          error={isChecked && !reason.trim() ? t("missing") : undefined}
          onChange={(event) => setReason(event.target.value)}
        />
        {send.error ? <Trouble error={send.error} /> : null}
        <div className="row">
          <button type="submit" className="button button-danger" disabled={send.isPending}>
            {t("forget.do")}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function AddNote({ subject, onClose, onDone }: { subject: string; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation("records");
  const [text, setText] = useState("");
  const [source, setSource] = useState("");
  const [isChecked, setChecked] = useState(false);
  const send = useSend({ refresh: ["/v1/records"], onDone });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (text.trim() && source.trim())
      send.mutate({
        method: "POST",
        path: "/v1/records/notes",
        body: { subject, text: text.trim(), source: source.trim() },
      });
  };
  const missing = (value: string) => (isChecked && !value.trim() ? t("missing") : undefined);
  return (
    <Dialog title={t("notes.add")} isOpen onClose={onClose}>
      <form className="stack" noValidate onSubmit={submit}>
        <p className="muted">{t("notes.about")}</p>
        <TextField
          label={t("notes.text")}
          value={text}
          maxLength={2000}
          error={missing(text)}
          onChange={(event) => setText(event.target.value)}
        />
        <Field
          label={t("notes.source")}
          value={source}
          maxLength={500}
          error={missing(source)}
          onChange={(event) => setSource(event.target.value)}
        />
        {send.error ? <Trouble error={send.error} /> : null}
        <div className="row">
          <button type="submit" className="button button-main" disabled={send.isPending}>
            {t("notes.save")}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
