// How many alerts there are, by state and severity; each figure asks the queue for just those.
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useGet } from "../api/query";
import { Num, When } from "../parts/bits";
import { Severity } from "../parts/Severity";
import { Read } from "../parts/states";
import { ALL_THAT_WAITS, SEVERITIES, STATES, toSearch, type AlertState, type Severity as Level } from "./triage";

export function CountsPanel() {
  const { t } = useTranslation("alerts");
  const figures = useGet("/v1/alerts/figures", { every: 30_000 });
  return (
    <Read of={figures}>
      {(data) => {
        const count = (state: AlertState, severity: Level) =>
          data.alerts
            .filter((each) => each.state === state && each.severity === severity)
            .reduce((sum, each) => sum + each.count, 0);
        const states = STATES.filter((state) => state === "open" || data.alerts.some((each) => each.state === state));
        return (
          <div className="alert-counts">
            <div className="table-scroll" role="region" aria-label={t("counts.caption")} tabIndex={0}>
              <table className="table table-dense">
                <caption className="hidden-visually">{t("counts.caption")}</caption>
                <thead>
                  <tr>
                    <th scope="col">{t("column.state")}</th>
                    {SEVERITIES.map((severity) => (
                      <th key={severity} scope="col" className="end">
                        <Severity level={severity} />
                      </th>
                    ))}
                    <th scope="col" className="end">
                      {t("counts.total")}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {states.map((state) => (
                    <tr key={state}>
                      <th scope="row">
                        <Link to={`?${toSearch({ ...ALL_THAT_WAITS, state }).toString()}`}>{t(`state.${state}`)}</Link>
                      </th>
                      {SEVERITIES.map((severity) => (
                        <td key={severity} className="end">
                          <Num n={count(state, severity)} />
                        </td>
                      ))}
                      <td className="end">
                        <Num n={SEVERITIES.reduce((sum, severity) => sum + count(state, severity), 0)} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <dl className="facts">
              <dt>{t("counts.oldest")}</dt>
              <dd>
                <When at={data.oldest_open_at} />
              </dd>
              <dt>{t("counts.pending")}</dt>
              <dd>
                <Num n={data.pending} />
              </dd>
              <dt>{t("counts.watches")}</dt>
              <dd>
                <Link to="/watchlists">
                  <Num n={data.watches} />
                </Link>
              </dd>
              <dt>{t("counts.suppressions")}</dt>
              <dd>
                <Num n={data.suppressions} />
              </dd>
              {data.queues.length > 0 ? (
                <>
                  <dt>{t("counts.queues")}</dt>
                  <dd>
                    <Num n={data.queues.reduce((sum, queue) => sum + queue.waiting, 0)} />
                  </dd>
                  <dt>{t("counts.dead")}</dt>
                  <dd>
                    <Num n={data.queues.reduce((sum, queue) => sum + queue.dead, 0)} />
                  </dd>
                </>
              ) : null}
            </dl>
          </div>
        );
      }}
    </Read>
  );
}
