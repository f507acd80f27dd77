// What stands on the start before anything is asked: what one was at, what waits, and what this store holds — nobody
// should take "nothing found" for more than the store can say.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Cases, Item, TaskBody } from "../api/contract";
import { useGet, useRead } from "../api/query";
import { useCan } from "../api/session";
import { AddressChip, Empty, Num, Panel, Read, Severity, When } from "../parts";
import { forget, recent } from "./recent";

interface Tasks {
  tasks: (Item<TaskBody> & { case: number; case_title: string })[];
}

export function Desk() {
  const canCases = useCan("case_read");
  return (
    <>
      <div className="desk">
        <Recent />
        <Alerts />
        {canCases ? (
          <>
            <MyCases />
            <MyTasks />
          </>
        ) : null}
      </div>
      <Store />
    </>
  );
}

function Recent() {
  const { t } = useTranslation("home");
  const [rows, setRows] = useState(recent);
  return (
    <Panel
      title={t("recent")}
      actions={
        rows.length > 0 ? (
          <button
            type="button"
            className="link small"
            onClick={() => {
              forget();
              setRows([]);
            }}
          >
            {t("forget")}
          </button>
        ) : null
      }
    >
      {rows.length === 0 ? (
        <Empty>{t("recent_none")}</Empty>
      ) : (
        <ul className="desk-rows">
          {rows.slice(0, 8).map((one) => (
            <li key={`${one.chain} ${one.value}`}>
              <AddressChip address={one.value} chain={one.chain} label={one.title} copy={false} />
              <Severity level={one.level} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Alerts() {
  const { t } = useTranslation("home");
  const alerts = useGet("/v1/alerts", { query: { limit: 6, not_closed: true } });
  return (
    <Panel title={t("alerts")} actions={<Link to="/alerts">{t("all")}</Link>}>
      <Read of={alerts} missing={<Empty>{t("alerts_none")}</Empty>}>
        {(data) =>
          data.rows.length === 0 ? (
            <Empty>{t("alerts_none")}</Empty>
          ) : (
            <ul className="desk-rows">
              {data.rows.map((alert) => (
                <li key={alert.id}>
                  <Link to={`/alerts/${alert.id}`}>
                    <bdi dir="ltr" className="mono">
                      {alert.subject.length > 20
                        ? `${alert.subject.slice(0, 10)}…${alert.subject.slice(-6)}`
                        : alert.subject}
                    </bdi>
                  </Link>
                  <span className="row small">
                    <When at={alert.raised_at} day />
                    <Severity level={alert.severity} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  );
}

function MyCases() {
  const { t } = useTranslation("home");
  const cases = useRead<Cases>("/v1/cases", { query: { limit: 6 } });
  return (
    <Panel title={t("cases")} actions={<Link to="/cases">{t("all")}</Link>}>
      <Read of={cases}>
        {({ cases: rows }) =>
          rows.length === 0 ? (
            <Empty>{t("cases_none")}</Empty>
          ) : (
            <ul className="desk-rows">
              {rows.map((one) => (
                <li key={one.id}>
                  <Link to={`/cases/${one.id}`}>
                    <bdi>{one.title}</bdi>
                  </Link>
                  <span className="muted small">
                    <When at={one.changed_s} day />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  );
}

function MyTasks() {
  const { t } = useTranslation("home");
  const tasks = useRead<Tasks>("/v1/tasks", { query: { mine: true } });
  return (
    <Panel title={t("tasks")}>
      <Read of={tasks}>
        {({ tasks: rows }) =>
          rows.length === 0 ? (
            <Empty>{t("tasks_none")}</Empty>
          ) : (
            <ul className="desk-rows">
              {rows.slice(0, 8).map((task) => (
                <li key={task.id}>
                  <Link to={`/cases/${task.case}`}>
                    <bdi>{task.body.text}</bdi>
                  </Link>
                  <span className="row small muted">
                    <bdi>{task.case_title}</bdi>
                    {task.body.due ? <When at={task.body.due} day /> : null}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Read>
    </Panel>
  );
}

function Store() {
  const { t } = useTranslation("home");
  const status = useGet("/v1/status", {});
  const data = status.data;
  if (!data) return null;
  return (
    <section className="store small muted">
      <h2 className="hidden-visually">{t("store")}</h2>
      <p className="row">
        <span>{t("store")}</span>
        {data.chains.map((chain) => (
          <span key={chain.chain}>
            {t(`common:chain.${chain.chain}`, { defaultValue: chain.chain })} <Num n={chain.blocks} /> {t("blocks")} (
            <When at={chain.tip_time} day />) · <Num n={chain.addresses} /> {t("store_addresses")}
          </span>
        ))}
        <span>
          <Num n={data.labels.labels} /> {t("store_labels")}
        </span>
      </p>
      <p>{t("store_note")}</p>
    </section>
  );
}
