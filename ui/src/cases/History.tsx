// Every change of the case, newest first: who did what, and undoing a certain one where nothing later touched the same.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import { whole } from "../format/numbers";
import { When } from "../parts/bits";
import { DataTable, type Column } from "../parts/DataTable";
import { Panel } from "../parts/Page";
import { Empty, Loading, Trouble } from "../parts/states";
import { useSettings } from "../prefs";
import { useAdding } from "./bits";
import { pathOfCase, type Change } from "./data";
import { useOne } from "./one";

interface Changes {
  changes: Change[];
  next: number | string | null;
}

/** Words for a change; a thing or an action that is new to the application is told by its own name. */
export function useDid(): (change: Pick<Change, "action" | "kind">) => string {
  const { t, i18n } = useTranslation("cases");
  const word = (group: "action" | "thing", name: string) =>
    i18n.exists(`${group}.${name}`, { ns: "cases" }) ? t(`${group}.${name}`) : name;
  return ({ action, kind }) =>
    t("did", { action: word("action", action), thing: word("thing", kind.replace(/s$/, "")) });
}

export function History() {
  const { t } = useTranslation("cases");
  const { one, isWriter, nameOf, changed, say } = useOne();
  const set = useSettings();
  const did = useDid();
  const path = pathOfCase(one.id, "history");
  const undoing = useAdding();
  const history = useInfiniteQuery<Changes, Problem>({
    queryKey: [path, "pages"],
    queryFn: ({ pageParam, signal }) =>
      call("GET", path, { query: { limit: 100, cursor: pageParam as number | string | null }, signal }),
    initialPageParam: null,
    getNextPageParam: (page) => page.next,
  });
  const rows = history.data?.pages.flatMap((page) => page.changes) ?? [];
  const undo = (change: Change) =>
    undoing.run(async () => {
      await call("POST", pathOfCase(one.id, "undo"), { body: { seq: change.seq } });
      say(t("page.undone", { what: change.summary || did(change) }));
      await changed();
    });
  const mayUndo = (change: Change) => isWriter && !change.undone && (change.undoable ?? true);
  const columns: Column<Change>[] = [
    { id: "when", head: t("history.column_when"), cell: (change) => <When at={change.at_s} /> },
    { id: "who", head: t("history.column_who"), cell: (change) => <bdi>{nameOf(change.by)}</bdi> },
    {
      id: "what",
      head: t("history.column_what"),
      isName: true,
      cell: (change) => (
        <>
          {did(change)} {change.undone ? <span className="small muted">({t("history.undone")})</span> : null}
        </>
      ),
    },
    {
      id: "summary",
      head: t("history.column_summary"),
      cell: (change) => (
        <bdi className={change.undone ? "wraps is-done" : "wraps"} dir="auto">
          {change.summary}
        </bdi>
      ),
    },
    ...(isWriter
      ? [
          {
            id: "do",
            head: t("history.column_do"),
            cell: (change: Change) =>
              mayUndo(change) ? (
                <button
                  type="button"
                  className="button button-quiet no-print"
                  aria-label={t("history.undo_named", { seq: whole(change.seq, set) })}
                  disabled={undoing.isBusy}
                  onClick={() => void undo(change)}
                >
                  {t("history.undo_this")}
                </button>
              ) : null,
          },
        ]
      : []),
  ];
  const isRefused = undoing.error instanceof Problem && undoing.error.status === 409;
  return (
    <Panel title={t("history.title")} note={t("history.lead")}>
      {isRefused ? (
        <p className="overdue" role="alert">
          {t("page.undo_refused")}
        </p>
      ) : undoing.error ? (
        <Trouble error={undoing.error} />
      ) : null}
      {history.error ? <Trouble error={history.error} again={() => void history.refetch()} /> : null}
      {history.isPending ? <Loading /> : null}
      {history.data ? (
        <DataTable
          dense
          caption={t("history.caption")}
          columns={columns}
          rows={rows}
          rowKey={(change) => change.seq}
          empty={<Empty>{t("history.empty")}</Empty>}
        />
      ) : null}
      {history.hasNextPage ? (
        <button
          type="button"
          className="button"
          disabled={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          {t("history.more")}
        </button>
      ) : null}
    </Panel>
  );
}
