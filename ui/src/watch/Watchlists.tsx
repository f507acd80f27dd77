// Watchlists: which there are, what each watches for, and adding, importing and removing.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useGet, useSend } from "../api/query";
import { useSession } from "../api/session";
import { AddressChip, Dollars, Money, Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { Page, Panel } from "../parts/Page";
import { Category, Severity } from "../parts/Severity";
import { Empty, Read, Trouble } from "../parts/states";
import { usePatternNames } from "../patterns/names";
import { centsText } from "../alerts/words";
import type { components } from "../api/schema";
import { AddWatch, ImportWatches } from "./WatchForms";
import "../theme/pages.css";

type Watch = components["schemas"]["Watch"];

export default function Watchlists() {
  const { t } = useTranslation("watch");
  const { session, can } = useSession();
  const [search, setSearch] = useSearchParams();
  const [message, setMessage] = useState("");
  const [isMaking, setMaking] = useState(false);
  const [removing, setRemoving] = useState<{ path: string; title: string; sure: string } | null>(null);
  const lists = useGet("/v1/watchlists");
  const mayWrite = can("write");
  const name = search.get("list") ?? lists.data?.watchlists[0]?.name ?? null;
  const remove = useSend({
    refresh: ["/v1/watchlists", "/v1/alerts/figures"],
    onDone: () => {
      setRemoving(null);
      setMessage(t("removed"));
    },
  });
  return (
    <Page
      title={t("title")}
      actions={
        <Link className="button" to="/alerts">
          {t("toAlerts")}
        </Link>
      }
    >
      <p className="muted">{t("about")}</p>
      <p className={message ? "told" : "hidden-visually"} role="status">
        {message}
      </p>
      <Panel
        title={t("lists")}
        actions={
          mayWrite ? (
            <button type="button" className="button" onClick={() => setMaking(true)}>
              {t("newList")}
            </button>
          ) : null
        }
      >
        <Read of={lists}>
          {(data) => (
            <DataTable
              caption={t("listsCaption")}
              rows={data.watchlists}
              rowKey={(row) => row.id}
              empty={
                <Empty>
                  {t("none")} {t("noneHint")}
                </Empty>
              }
              columns={[
                {
                  id: "name",
                  head: t("column.name"),
                  isName: true,
                  sort: (row) => row.name,
                  cell: (row) => (
                    <Link
                      to={`?list=${encodeURIComponent(row.name)}`}
                      aria-current={row.name === name ? "true" : undefined}
                    >
                      <bdi>{row.name}</bdi>
                    </Link>
                  ),
                },
                {
                  id: "watches",
                  head: t("column.watches"),
                  align: "end",
                  cell: (row) => <Num n={row.watches} />,
                  sort: (row) => row.watches,
                },
                { id: "by", head: t("column.by"), cell: (row) => <bdi>{row.added_by}</bdi> },
                {
                  id: "at",
                  head: t("column.at"),
                  cell: (row) => <When at={row.added_at} />,
                  sort: (row) => row.added_at,
                },
                { id: "note", head: t("column.note"), cell: (row) => <bdi dir="auto">{row.note}</bdi> },
                {
                  id: "remove",
                  head: <span className="hidden-visually">{t("remove")}</span>,
                  cell: (row) =>
                    mayWrite ? (
                      <button
                        type="button"
                        className="button"
                        aria-label={t("removeList", { name: row.name })}
                        onClick={() =>
                          setRemoving({
                            path: `/v1/watchlists/${encodeURIComponent(row.name)}`,
                            title: t("removeList", { name: row.name }),
                            sure: t("removeListSure", { n: row.watches }),
                          })
                        }
                      >
                        {t("remove")}
                      </button>
                    ) : null,
                },
              ]}
            />
          )}
        </Read>
      </Panel>
      {name !== null ? (
        <Watches
          key={name}
          name={name}
          mayWrite={mayWrite}
          onRemove={(watch) =>
            setRemoving({
              path: `/v1/watches/${watch.id}`,
              title: t("removeWatch", { id: watch.id }),
              sure: t("removeWatchSure"),
            })
          }
        />
      ) : null}
      {name !== null && mayWrite ? (
        <div className="two">
          <Panel title={t("addWatch")}>
            <AddWatch list={name} told={setMessage} />
          </Panel>
          <Panel title={t("importTitle")}>
            <ImportWatches list={name} told={setMessage} />
          </Panel>
        </div>
      ) : null}
      {isMaking ? (
        <NewList
          actor={session.mode === "local" ? (session.user?.name ?? "local") : null}
          onClose={() => setMaking(false)}
          onMade={(made) => {
            setMaking(false);
            setSearch({ list: made });
          }}
        />
      ) : null}
      <Dialog title={removing?.title ?? ""} isOpen={removing !== null} onClose={() => setRemoving(null)}>
        <p>{removing?.sure}</p>
        {remove.error ? <Trouble error={remove.error} /> : null}
        <div className="row">
          <button
            type="button"
            className="button button-danger"
            disabled={remove.isPending}
            onClick={() => remove.mutate({ method: "DELETE", path: removing?.path ?? "" })}
          >
            {t("remove")}
          </button>
          <button type="button" className="button" onClick={() => setRemoving(null)}>
            {t("cancel")}
          </button>
        </div>
      </Dialog>
    </Page>
  );
}

function Watches({ name, mayWrite, onRemove }: { name: string; mayWrite: boolean; onRemove: (watch: Watch) => void }) {
  const { t } = useTranslation("watch");
  const pattern = usePatternNames();
  const [limit, setLimit] = useState(100);
  const watches = useGet("/v1/watchlists/{name}/watches", { path: { name }, query: { limit }, keep: true });
  const value = (watch: Watch) => {
    if (watch.kind === "category") return <Category category={watch.value} />;
    if (watch.kind === "pattern") return <bdi>{pattern(watch.value)}</bdi>;
    if (watch.kind === "campaign")
      return <Link to={`/campaigns/${encodeURIComponent(watch.value)}`}>{watch.value}</Link>;
    if (watch.kind === "amount") return t("kindName.amount");
    return <AddressChip address={watch.value} chain={watch.chain ?? "bitcoin"} />;
  };
  return (
    <Panel title={t("watchesOf", { name })}>
      <Read of={watches}>
        {(data) => (
          <>
            <DataTable
              caption={t("watchesOf", { name })}
              rows={data.rows}
              rowKey={(row) => row.id}
              empty={<Empty>{t("noWatches")}</Empty>}
              columns={[
                {
                  id: "id",
                  head: t("column.id"),
                  align: "end",
                  cell: (row) => <bdi dir="ltr">{row.id}</bdi>,
                  sort: (row) => row.id,
                },
                {
                  id: "kind",
                  head: t("column.kind"),
                  cell: (row) => t(`kindName.${row.kind}`),
                  sort: (row) => row.kind,
                },
                { id: "value", head: t("column.value"), isName: true, cell: value },
                { id: "chain", head: t("column.chain"), cell: (row) => <bdi>{row.chain ?? t("anyChain")}</bdi> },
                { id: "direction", head: t("column.direction"), cell: (row) => t(`directionName.${row.direction}`) },
                {
                  id: "least",
                  head: t("column.least"),
                  align: "end",
                  cell: (row) =>
                    row.at_least_usd_cents !== null ? (
                      <Dollars usd={centsText(row.at_least_usd_cents)} />
                    ) : row.at_least_units !== null ? (
                      <Money units={row.at_least_units} chain={row.chain ?? "bitcoin"} />
                    ) : (
                      <span className="muted">{t("everything")}</span>
                    ),
                },
                { id: "severity", head: t("column.severity"), cell: (row) => <Severity level={row.severity} /> },
                { id: "note", head: t("column.note"), cell: (row) => <bdi dir="auto">{row.note}</bdi> },
                {
                  id: "remove",
                  head: <span className="hidden-visually">{t("remove")}</span>,
                  cell: (row) =>
                    mayWrite ? (
                      <button
                        type="button"
                        className="button"
                        aria-label={t("removeWatch", { id: row.id })}
                        onClick={() => onRemove(row)}
                      >
                        {t("remove")}
                      </button>
                    ) : null,
                },
              ]}
            />
            {data.next !== null && limit < 1000 ? (
              <button type="button" className="button" onClick={() => setLimit(1000)}>
                {t("more")}
              </button>
            ) : null}
          </>
        )}
      </Read>
    </Panel>
  );
}

function NewList({
  actor,
  onClose,
  onMade,
}: {
  actor: string | null;
  onClose: () => void;
  onMade: (name: string) => void;
}) {
  const { t } = useTranslation("watch");
  const [name, setName] = useState("");
  const [note, setNote] = useState("");
  const [isChecked, setChecked] = useState(false);
  const send = useSend({ refresh: ["/v1/watchlists"], onDone: () => onMade(name.trim()) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (name.trim() === "") return;
    send.mutate({
      method: "POST",
      path: "/v1/watchlists",
      body: { name: name.trim(), ...(note.trim() ? { note: note.trim() } : {}), ...(actor ? { actor } : {}) },
    });
  };
  return (
    <Dialog title={t("newList")} isOpen onClose={onClose}>
      <form className="stack" noValidate onSubmit={submit}>
        <Field
          label={t("name")}
          help={t("nameHint")}
          value={name}
          maxLength={64}
          error={isChecked && name.trim() === "" ? t("missing") : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <Field label={t("note")} value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
        {send.error ? <Trouble error={send.error} /> : null}
        <div className="row">
          <button type="submit" className="button button-main" disabled={send.isPending}>
            {t("make")}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
