// The case as a document, in the language of the reader: cover, legal basis, subjects, findings with what they rest on,
// notes, files with their hashes, history. Shown on the page as it is printed; printing is the browser's own.
import { useState, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { FindingBody, Item } from "../api/contract";
import type { Problem } from "../api/problem";
import { useSession } from "../api/session";
import { dayOf, moment, whole } from "../format/numbers";
import { Icon } from "../parts/Icon";
import { Tick } from "../parts/Field";
import { Loading, Trouble } from "../parts/states";
import { Sentence } from "../parts/Sentence";
import { useSettings } from "../prefs";
import { Said } from "./bits";
import { pathOfCase, readAll, useAttachments, useItems, type Change, type Listed } from "./data";
import { Bytes } from "./Files";
import { useDid } from "./History";
import { useLinks } from "./Links";
import { useOne } from "./one";
import { Pinned } from "./Pinned";

export function Report() {
  const { t } = useTranslation("cases");
  const [withNotes, setNotes] = useState(true);
  const [withHistory, setHistory] = useState(true);
  return (
    <div className="stack">
      <div className="panel row no-print">
        <p className="grows">{t("report.lead")}</p>
        <Tick
          label={t("report.include_notes")}
          checked={withNotes}
          onChange={(event) => setNotes(event.target.checked)}
        />
        <Tick
          label={t("report.include_history")}
          checked={withHistory}
          onChange={(event) => setHistory(event.target.checked)}
        />
        <button type="button" className="button button-main" onClick={() => window.print()}>
          <Icon name="print" /> {t("report.print")}
        </button>
      </div>
      <Document withNotes={withNotes} withHistory={withHistory} />
    </div>
  );
}

function useHistory(id: number) {
  const path = pathOfCase(id, "history");
  return useQuery<Listed<Change>, Problem>({
    queryKey: [path, "all"],
    queryFn: ({ signal }) => readAll(path, "changes", signal),
  });
}

function Document({ withNotes, withHistory }: { withNotes: boolean; withHistory: boolean }) {
  const { t } = useTranslation("cases");
  const { one, nameOf } = useOne();
  const { session } = useSession();
  const set = useSettings();
  const did = useDid();
  const subjects = useItems(one.id, "subjects");
  const findings = useItems(one.id, "findings");
  const notes = useItems(one.id, "notes");
  const files = useAttachments(one.id);
  const links = useLinks(one.id);
  const history = useHistory(one.id);
  const reads = [subjects, findings, notes, files, links, history];
  const failed = reads.find((read) => read.error !== null);
  if (failed) return <Trouble error={failed.error} again={() => void failed.refetch()} />;
  if (!subjects.data || !findings.data || !notes.data || !files.data || !links.data || !history.data) {
    return <Loading what={t("report.preparing")} />;
  }
  const number = (n: number) => whole(n, set);
  return (
    <article className="case-report">
      <header className="report-cover">
        <p className="small">{t("report.title")}</p>
        <h2>
          <bdi>{one.title}</bdi>
        </h2>
        <p>
          {t("page.number", { id: number(one.id) })} · {t(`state.${one.state}`)}
        </p>
        {one.summary ? <Said text={one.summary} /> : null}
        {one.humanitarian.flag ? (
          <section className="humanitarian">
            <h3>{t("humanitarian.title")}</h3>
            <p>{t("humanitarian.lead")}</p>
            {one.humanitarian.note ? <Said text={one.humanitarian.note} /> : null}
          </section>
        ) : null}
        <p className="report-confidential">{t("report.confidential")}</p>
        <p className="small muted">
          {t("report.printed", {
            when: moment(Math.floor(Date.now() / 1000), set),
            who: session.user?.display || session.user?.name || "",
            version: session.version,
          })}
        </p>
      </header>

      <Part title={t("report.part_basis")}>
        <dl className="facts">
          <dt>{t("overview.legal_basis")}</dt>
          <dd>{one.legal_basis ? <Said text={one.legal_basis} /> : t("overview.no_legal_basis")}</dd>
          <dt>{t("overview.retention")}</dt>
          <dd>{one.retention_until ? dayOf(one.retention_until, set) : t("retention.none")}</dd>
          <dt>{t("overview.disclosure")}</dt>
          <dd>{t(`disclosure.${one.disclosure}`)}</dd>
          <dt>{t("report.members")}</dt>
          <dd>
            {one.members.map((member) => (
              <p key={member.user}>
                <bdi>{member.display || nameOf(member.user)}</bdi>, {t(`role.${member.role}`)}
              </p>
            ))}
          </dd>
        </dl>
      </Part>

      <Part title={t("report.part_subjects")} list={subjects.data}>
        <Rows heads={[t("subjects.column_kind"), t("subjects.column_value"), t("subjects.column_note")]}>
          {subjects.data.rows.map(({ id, body }) => (
            <tr key={id}>
              <td>{t(`kind.${body.kind}`)}</td>
              <td>
                <bdi className={body.kind === "person" ? "wraps" : "mono wraps"}>{body.value}</bdi>
                {body.chain ? <span className="small muted"> {body.chain}</span> : null}
              </td>
              <td>{body.note ? <Said text={body.note} /> : null}</td>
            </tr>
          ))}
        </Rows>
      </Part>

      <Part title={t("report.part_findings")} list={findings.data}>
        {findings.data.rows.map((item, at) => (
          <PrintedFinding key={item.id} item={item} n={number(at + 1)} />
        ))}
      </Part>

      {withNotes ? (
        <Part title={t("report.part_notes")} list={notes.data}>
          {notes.data.rows.map((item) => (
            <section key={item.id} className="report-entry">
              <p className="small muted">
                {t("page.by", { who: nameOf(item.created_by), when: moment(item.created_s, set) })}
              </p>
              <Said text={item.body.text} />
            </section>
          ))}
        </Part>
      ) : null}

      <Part title={t("report.part_files")} list={files.data}>
        <Rows heads={[t("attachments.column_name"), t("attachments.column_bytes"), t("report.hash")]}>
          {files.data.rows.map((file) => (
            <tr key={file.id}>
              <td>
                <bdi className="wraps">{file.name}</bdi>
              </td>
              <td>
                <Bytes n={file.bytes} />
              </td>
              <td>
                <bdi dir="ltr" className="mono wraps small">
                  {file.sha256}
                </bdi>
              </td>
            </tr>
          ))}
        </Rows>
      </Part>

      <Part title={t("report.part_links")} list={{ rows: links.data.items, cut: false }}>
        <ul>
          {links.data.items.map(({ id, body }) => {
            const title = links.data.titles?.find((each) => each.case === body.case)?.title;
            return (
              <li key={id}>
                <bdi>{body.elsewhere || title || t("page.number", { id: number(body.case ?? 0) })}</bdi>
                {body.why ? <Said text={body.why} /> : null}
              </li>
            );
          })}
        </ul>
      </Part>

      {withHistory ? (
        <Part title={t("report.part_history")} list={history.data}>
          <Rows
            heads={[
              t("history.column_when"),
              t("history.column_who"),
              t("history.column_what"),
              t("history.column_summary"),
            ]}
          >
            {history.data.rows.map((change) => (
              <tr key={change.seq}>
                <td className="num">{moment(change.at_s, set)}</td>
                <td>
                  <bdi>{nameOf(change.by)}</bdi>
                </td>
                <td>
                  {did(change)} {change.undone ? `(${t("history.undone")})` : null}
                </td>
                <td>
                  <bdi dir="auto" className="wraps">
                    {change.summary}
                  </bdi>
                </td>
              </tr>
            ))}
          </Rows>
        </Part>
      ) : null}

      <Part title={t("report.part_method")}>
        <p>{t("report.method_person")}</p>
        <p>{t("report.method_unknown")}</p>
        <p>{t("report.method_snapshot")}</p>
      </Part>
    </article>
  );
}

function Part({ title, list, children }: { title: string; list?: Listed<unknown>; children: ReactNode }) {
  const { t } = useTranslation("cases");
  return (
    <section className="report-part">
      <h3>{title}</h3>
      {list && list.rows.length === 0 ? <p className="muted">{t("report.none")}</p> : children}
      {list?.cut ? <p className="small muted">{t("report.cut", { count: list.rows.length })}</p> : null}
    </section>
  );
}

function Rows({ heads, children }: { heads: string[]; children: ReactNode }) {
  return (
    <table className="table table-dense">
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function PrintedFinding({ item, n }: { item: Item<FindingBody>; n: string }) {
  const { t } = useTranslation("cases");
  const { nameOf } = useOne();
  const set = useSettings();
  const { statement, note, snapshot, path, pinned } = item.body;
  return (
    <section className="report-entry">
      <h4>{t("report.finding_n", { n })}</h4>
      <p className="finding-statement" dir="auto">
        <Sentence text={statement} />
      </p>
      {note ? <Said text={note} /> : null}
      <dl className="facts">
        <dt>{t("findings.snapshot")}</dt>
        <dd>
          {snapshot ? (
            <bdi dir="ltr" className="mono wraps small">
              {snapshot}
            </bdi>
          ) : (
            t("findings.no_snapshot")
          )}
        </dd>
        <dt>{t("findings.path")}</dt>
        <dd>
          <bdi dir="ltr" className="mono wraps small">
            {path}
          </bdi>
        </dd>
      </dl>
      <Pinned pinned={pinned} isPrinted />
      <p className="small muted">{t("page.by", { who: nameOf(item.created_by), when: moment(item.created_s, set) })}</p>
    </section>
  );
}
