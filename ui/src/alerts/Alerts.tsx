// The queue of alerts: counts, filters, what waits in the order of work, and beside it why the one in view was raised.
import { useState } from "react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { call, pathOf } from "../api/client";
import { useCan } from "../api/session";
import type { Problem } from "../api/problem";
import { Dialog } from "../parts/Dialog";
import { Page, Panel } from "../parts/Page";
import { Empty, Loading, Trouble } from "../parts/states";
import type { components } from "../api/schema";
import { Actions } from "./Actions";
import { AlertDetail } from "./AlertDetail";
import { CountsPanel } from "./CountsPanel";
import { FilterBar } from "./FilterBar";
import { HandleDialog } from "./HandleDialog";
import { KeysTable, Queue } from "./Queue";
import { SuppressionsPanel } from "./Suppressions";
import { fromSearch, toQuery, toSearch, type Action, type Alert } from "./triage";
import "../theme/pages.css";
import "./alerts.css";

type Rows = components["schemas"]["Page5"];

/** How often the queue asks for what is new, in milliseconds; nobody should have to ask for a payment that was just seen. */
const EVERY_MS = 10_000;

export default function AlertsPage() {
  const { t } = useTranslation("alerts");
  const [search, setSearch] = useSearchParams();
  const filters = fromSearch(search);
  const mayWrite = useCan("write");
  const [chosen, setChosen] = useState<number | null>(null);
  const [doing, setDoing] = useState<{ alert: Alert; action: Action } | null>(null);
  const [isHelp, setHelp] = useState(false);
  const [message, setMessage] = useState("");

  const first = pathOf("/v1/alerts", undefined, toQuery(filters));
  const rows = useInfiniteQuery<Rows, Problem, { pages: Rows[] }, string[], string | undefined>({
    queryKey: [first, "pages"],
    queryFn: ({ pageParam, signal }) =>
      call<Rows>("GET", pathOf("/v1/alerts", undefined, toQuery(filters, pageParam)), { signal }),
    initialPageParam: undefined,
    refetchInterval: EVERY_MS,
    getNextPageParam: (page) => (page.next === null || page.next === undefined ? undefined : String(page.next)),
  });
  const alerts = rows.data?.pages.flatMap((page) => page.rows) ?? [];
  const current = alerts.find((alert) => alert.id === chosen) ?? alerts[0] ?? null;

  return (
    <Page
      title={t("title")}
      actions={
        <>
          <Link className="button" to="/watchlists">
            {t("watchlists")}
          </Link>
          <button type="button" className="button" onClick={() => void rows.refetch()}>
            {t("reload")}
          </button>
        </>
      }
    >
      <p className="muted">{t("about")}</p>
      <p className="hidden-visually" role="status">
        {message}
      </p>
      {message ? <p className="told no-print">{message}</p> : null}
      <Panel title={t("counts.title")}>
        <CountsPanel />
      </Panel>
      <FilterBar filters={filters} onChange={(next) => setSearch(toSearch(next))} />
      {rows.error ? (
        <Trouble error={rows.error} again={() => void rows.refetch()} />
      ) : rows.isPending ? (
        <Loading />
      ) : alerts.length === 0 ? (
        <Empty action={<Link to="/watchlists">{t("watchlists")}</Link>}>
          {t("none")} {t("noneHint")}
        </Empty>
      ) : (
        <div className="alert-desk">
          <section className="panel" aria-labelledby="queue-title">
            <div className="panel-head">
              <h2 id="queue-title">{t("queue")}</h2>
              <span className="muted small">{t("shown", { shown: alerts.length })}</span>
            </div>
            <p id="queue-hint" className="muted small no-print">
              {t("queueHint")}
            </p>
            <Queue
              alerts={alerts}
              current={current?.id ?? null}
              onCurrent={setChosen}
              onAction={(alert, action) => setDoing({ alert, action })}
              onHelp={() => setHelp(true)}
              mayWrite={mayWrite}
            />
            {rows.hasNextPage ? (
              <div className="row">
                <button
                  type="button"
                  className="button"
                  onClick={() => void rows.fetchNextPage()}
                  disabled={rows.isFetchingNextPage}
                >
                  {t("more")}
                </button>
              </div>
            ) : null}
          </section>
          <aside className="panel alert-preview" aria-labelledby="preview-title">
            <div className="panel-head">
              <h2 id="preview-title">
                {current ? (
                  <Link to={`/alerts/${current.id}`}>{t("page.title", { id: current.id })}</Link>
                ) : (
                  t("preview.title")
                )}
              </h2>
            </div>
            {current ? (
              <div className="stack">
                <Actions alert={current} onAction={(action) => setDoing({ alert: current, action })} />
                <AlertDetail alert={current} isShort />
              </div>
            ) : (
              <p className="muted">{t("preview.none")}</p>
            )}
          </aside>
        </div>
      )}
      <SuppressionsPanel />
      {doing ? (
        <HandleDialog
          key={`${doing.alert.id}-${doing.action}`}
          alert={doing.alert}
          action={doing.action}
          onClose={() => setDoing(null)}
          told={setMessage}
        />
      ) : null}
      <Dialog title={t("keys.title")} isOpen={isHelp} onClose={() => setHelp(false)}>
        <KeysTable />
      </Dialog>
    </Page>
  );
}
