// The page of one alert: why it was raised, what can be done with it, and everything that happened to it.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useGet } from "../api/query";
import { When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Page, Panel } from "../parts/Page";
import { Read } from "../parts/states";
import { Actions } from "./Actions";
import { AlertDetail } from "./AlertDetail";
import { HandleDialog } from "./HandleDialog";
import type { Action } from "./triage";
import "../theme/pages.css";
import "./alerts.css";

export default function AlertPage() {
  const { t } = useTranslation("alerts");
  const { id = "" } = useParams();
  const [action, setAction] = useState<Action | null>(null);
  const [message, setMessage] = useState("");
  const alert = useGet("/v1/alerts/{id}", { path: { id } });
  const history = useGet("/v1/alerts/{id}/history", { path: { id }, query: { limit: 500 } });
  const state = (value: string) => t(`state.${value}`, { defaultValue: t(`stage.${value}`, { defaultValue: value }) });
  return (
    <Page
      title={t("page.title", { id })}
      actions={
        <Link className="button" to="/alerts">
          {t("allAlerts")}
        </Link>
      }
    >
      <p className={message ? "told" : "hidden-visually"} role="status">
        {message}
      </p>
      <Read of={alert}>
        {(data) => (
          <>
            <Panel title={t("page.why")}>
              <div className="stack">
                <Actions alert={data} onAction={setAction} />
                <AlertDetail alert={data} />
              </div>
            </Panel>
            {action ? (
              <HandleDialog
                key={action}
                alert={data}
                action={action}
                onClose={() => setAction(null)}
                told={setMessage}
              />
            ) : null}
          </>
        )}
      </Read>
      <Panel title={t("history.title")}>
        <Read of={history}>
          {(data) => (
            <DataTable
              caption={t("history.caption")}
              rows={data.rows}
              rowKey={(row) => row.id}
              empty={<p className="muted">{t("history.none")}</p>}
              columns={[
                { id: "at", head: t("history.at"), cell: (row) => <When at={row.at} seconds />, sort: (row) => row.at },
                {
                  id: "actor",
                  head: t("history.actor"),
                  cell: (row) => <bdi>{row.actor}</bdi>,
                  sort: (row) => row.actor,
                },
                {
                  id: "action",
                  head: t("history.action"),
                  isName: true,
                  cell: (row) => t(`did.${row.action}`, { defaultValue: row.action }),
                },
                { id: "from", head: t("history.from"), cell: (row) => <bdi>{state(row.from)}</bdi> },
                { id: "to", head: t("history.to"), cell: (row) => <bdi>{state(row.to)}</bdi> },
                { id: "reason", head: t("history.reason"), cell: (row) => <bdi dir="auto">{row.reason}</bdi> },
              ]}
            />
          )}
        </Read>
      </Panel>
    </Page>
  );
}
