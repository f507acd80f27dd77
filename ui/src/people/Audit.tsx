// The audit log: who did what with case data, whether its chain of hashes holds, and the whole of it as a file.
import { useState } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { call, pathOf } from "../api/client";
import type { Problem } from "../api/problem";
import { useSession } from "../api/session";
import { useUsers } from "../cases/data";
import { keep } from "../cases/download";
import { whole } from "../format/numbers";
import { Hash, Num, When } from "../parts/bits";
import { DataTable, type Column } from "../parts/DataTable";
import { Choice, Field } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Page, Panel } from "../parts/Page";
import { Empty, Loading, Trouble } from "../parts/states";
import { useSettings } from "../prefs";
import { actorOf, csv, type Entries, type Entry, type Verified } from "./audit";
import "../cases/cases.css";
import "./people.css";

export default function Audit() {
  const { t } = useTranslation("people");
  const { can } = useSession();
  return <Page title={t("audit.title")}>{can("supervise") ? <Log /> : <Empty>{t("audit.not_allowed")}</Empty>}</Page>;
}

function Log() {
  const { t } = useTranslation("people");
  const [asked, setAsked] = useSearchParams();
  const one = /^\d+$/.test(asked.get("case") ?? "") ? (asked.get("case") ?? "") : "";
  const actor = asked.get("actor") ?? "";
  const users = useUsers();
  const set = useSettings();
  const filter = { case: one, actor };
  const log = useInfiniteQuery<Entries, Problem>({
    queryKey: [pathOf("/v1/audit", undefined, { ...filter, limit: 100 })],
    queryFn: ({ pageParam, signal }) =>
      call("GET", "/v1/audit", {
        query: { ...filter, limit: 100, cursor: pageParam as string | number | null },
        signal,
      }),
    initialPageParam: null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
    placeholderData: (before) => before,
  });
  const rows = log.data?.pages.flatMap((page) => page.entries) ?? [];
  const put = (name: string, value: string) =>
    setAsked(
      (now) => {
        const next = new URLSearchParams(now);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const called = (of: Entry["actor"]): string => {
    const who = actorOf(of);
    if (who.kind === "nobody") return t("audit.nobody");
    if (who.kind === "key") return t("audit.key", { id: who.id });
    if (who.kind === "other") return who.name;
    const user = users.data?.users.find((each) => each.id === who.id);
    return user ? user.display || user.name : t("audit.person", { id: whole(who.id, set) });
  };
  const columns: Column<Entry>[] = [
    { id: "seq", head: t("audit.column_seq"), isName: true, cell: (entry) => <Num n={entry.seq} /> },
    { id: "when", head: t("audit.column_when"), cell: (entry) => <When at={entry.at_s} seconds /> },
    { id: "who", head: t("audit.column_actor"), cell: (entry) => <bdi>{called(entry.actor)}</bdi> },
    { id: "action", head: t("audit.column_action"), cell: (entry) => <Code text={entry.action} /> },
    { id: "target", head: t("audit.column_target"), cell: (entry) => <Code text={entry.target ?? ""} /> },
    { id: "outcome", head: t("audit.column_outcome"), cell: (entry) => <Code text={entry.outcome} /> },
    { id: "hash", head: t("audit.column_hash"), cell: (entry) => <Hash value={entry.hash} /> },
  ];
  return (
    <div className="stack">
      <p className="muted">{t("audit.lead")}</p>
      <Verify />
      <Panel title={t("audit.title")} actions={<Export filter={filter} />}>
        <form className="filters no-print" role="search" onSubmit={(event) => event.preventDefault()}>
          <Field
            label={t("audit.case")}
            ltr
            inputMode="numeric"
            value={asked.get("case") ?? ""}
            onChange={(event) => put("case", event.target.value.trim())}
          />
          <Choice
            label={t("audit.actor")}
            options={[
              { value: "", text: t("audit.any_actor") },
              ...(users.data?.users ?? []).map((user) => ({ value: String(user.id), text: user.display || user.name })),
            ]}
            value={actor}
            onChange={(event) => put("actor", event.target.value)}
          />
          {one || actor ? (
            <button type="button" className="button" onClick={() => setAsked({}, { replace: true })}>
              {t("audit.clear")}
            </button>
          ) : null}
        </form>
        {log.error ? <Trouble error={log.error} again={() => void log.refetch()} /> : null}
        {log.isPending ? <Loading /> : null}
        {log.data ? (
          <DataTable
            dense
            caption={t("audit.caption")}
            columns={columns}
            rows={rows}
            rowKey={(entry) => entry.seq}
            empty={<Empty>{t("audit.empty")}</Empty>}
          />
        ) : null}
        {log.hasNextPage ? (
          <button
            type="button"
            className="button"
            disabled={log.isFetchingNextPage}
            onClick={() => void log.fetchNextPage()}
          >
            {t("audit.more")}
          </button>
        ) : null}
      </Panel>
    </div>
  );
}

/** A word of the log itself: the same in every language, so that it can be searched for. */
function Code({ text }: { text: string }) {
  return (
    <bdi dir="ltr" className="mono small">
      {text}
    </bdi>
  );
}

function Verify() {
  const { t } = useTranslation("people");
  const [verified, setVerified] = useState<Verified | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const verify = async () => {
    setBusy(true);
    setError(null);
    try {
      setVerified(await call<Verified>("GET", "/v1/audit/verify"));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="panel stack" aria-label={t("audit.verify")}>
      <div className="row">
        <button type="button" className="button button-main" disabled={isBusy} onClick={() => void verify()}>
          {isBusy ? t("audit.verifying") : t("audit.verify")}
        </button>
        <p role="status">
          {verified?.ok ? (
            <span className="is-same">
              <Icon name="check" size={14} /> {t("audit.verified", { count: verified.entries })}
            </span>
          ) : null}
          {verified && !verified.ok ? (
            <span className="overdue">
              <Icon name="warning" size={14} /> {t("audit.broken", { seq: verified.broken_at ?? 0 })}
            </span>
          ) : null}
        </p>
      </div>
      {verified ? (
        <div className="small">
          <p>
            {t("audit.head")}: <Hash value={verified.head} full />
          </p>
          <p className="muted">{t("audit.head_note")}</p>
        </div>
      ) : null}
      {error ? <Trouble error={error} /> : null}
    </section>
  );
}

/** Reads the whole log of the filter, page after page, and gives it as a file. */
function Export({ filter }: { filter: { case: string; actor: string } }) {
  const { t } = useTranslation("people");
  const [count, setCount] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const run = async () => {
    setError(null);
    setCount(0);
    try {
      const all: Entry[] = [];
      let cursor: string | number | null = null;
      do {
        const page: Entries = await call<Entries>("GET", "/v1/audit", { query: { ...filter, limit: 1000, cursor } });
        all.push(...page.entries);
        cursor = page.next;
        setCount(all.length);
      } while (cursor !== null);
      // A mark at the beginning tells spreadsheets that the text is UTF-8.
      keep("athar-audit.csv", new Blob(["\ufeff", csv(all)], { type: "text/csv;charset=utf-8" }));
    } catch (problem) {
      setError(problem);
    } finally {
      setCount(null);
    }
  };
  return (
    <>
      <button type="button" className="button" disabled={count !== null} onClick={() => void run()}>
        <Icon name="download" size={14} /> {count === null ? t("audit.export") : t("audit.exporting", { count })}
      </button>
      {error ? <Trouble error={error} /> : null}
    </>
  );
}
