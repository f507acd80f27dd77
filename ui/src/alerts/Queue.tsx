// The queue: a table in the order of work, moved through with keys while the focus is in it (single letters do nothing elsewhere, so that
// they never meet somebody's typing or a screen reader's own keys).
import { useEffect, useRef, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { When } from "../parts/bits";
import { Severity } from "../parts/Severity";
import { KEYS, actionsOf, type Action, type Alert } from "./triage";
import { Sum, What } from "./words";

export function Queue({
  alerts,
  current,
  onCurrent,
  onAction,
  onHelp,
  mayWrite,
}: {
  alerts: Alert[];
  /** Number of the alert in view. */
  current: number | null;
  onCurrent: (id: number) => void;
  onAction: (alert: Alert, action: Action) => void;
  onHelp: () => void;
  mayWrite: boolean;
}) {
  const { t } = useTranslation("alerts");
  const navigate = useNavigate();
  const table = useRef<HTMLTableElement>(null);
  const byKey = useRef(false);

  useEffect(() => {
    // Only after a key: a click leaves the focus where it was made.
    if (!byKey.current || current === null) return;
    byKey.current = false;
    table.current?.querySelector<HTMLElement>(`a[data-alert="${current}"]`)?.focus();
  }, [current]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = event.key === "?" ? "help" : event.shiftKey ? undefined : KEYS[event.code];
    if (!does || does === "help") {
      if (event.key === "?") {
        // The shell has a list of keys of its own under the same key; here those of the queue are meant.
        event.preventDefault();
        event.stopPropagation();
        onHelp();
      }
      return;
    }
    const at = alerts.findIndex((alert) => alert.id === current);
    const alert = alerts[at];
    if (does === "next" || does === "previous") {
      const to = alerts[at < 0 ? 0 : Math.min(alerts.length - 1, Math.max(0, at + (does === "next" ? 1 : -1)))];
      event.preventDefault();
      if (to) {
        byKey.current = true;
        onCurrent(to.id);
      }
    } else if (!alert) return;
    else if (does === "open") {
      event.preventDefault();
      void navigate(`/alerts/${alert.id}`);
    } else if (mayWrite && actionsOf(alert).includes(does)) {
      event.preventDefault();
      onAction(alert, does);
    }
  };

  return (
    // The keys belong to the rows' links; the handler stands around them so that there is one.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      className="table-scroll"
      role="region"
      aria-label={t("queue")}
      tabIndex={0}
      onKeyDown={onKeyDown}
      aria-describedby="queue-hint"
    >
      <table className="table alert-queue" ref={table}>
        <caption className="hidden-visually">{t("queue")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("column.severity")}</th>
            <th scope="col">{t("column.what")}</th>
            <th scope="col" className="end">
              {t("column.amount")}
            </th>
            <th scope="col">{t("column.state")}</th>
            <th scope="col">{t("column.raised")}</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert) => (
            // The row is a larger target for the pointer; with the keyboard the link in it does the same.
            <tr
              key={alert.id}
              className={alert.id === current ? "is-current" : undefined}
              aria-current={alert.id === current ? "true" : undefined}
              onClick={() => onCurrent(alert.id)}
            >
              <td className="alert-first">
                <Link
                  to={`/alerts/${alert.id}`}
                  data-alert={alert.id}
                  onFocus={() => onCurrent(alert.id)}
                  className="alert-number"
                  aria-label={t("page.title", { id: alert.id })}
                >
                  <bdi dir="ltr">{`#${alert.id}`}</bdi>
                </Link>{" "}
                <Severity level={alert.severity} />
              </td>
              <td>
                <What alert={alert} />
              </td>
              <td className="end">
                <Sum alert={alert} />
              </td>
              <td>
                <span className={`stage stage-${alert.stage}`}>{t(`stage.${alert.stage}`)}</span>
                <span className="alert-state">{t(`state.${alert.state}`)}</span>
                {alert.pending ? <span className="small alert-pending">{t("pending")}</span> : null}
                <span className="small muted alert-with">
                  {t("column.with")}: {alert.assignee ? <bdi>{alert.assignee}</bdi> : t("nobody")}
                </span>
              </td>
              <td>
                <When at={alert.raised_at} day />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The keys and what they do. */
export function KeysTable() {
  const { t } = useTranslation("alerts");
  const rows: [string, string][] = [
    ["J ↓", t("keys.next")],
    ["K ↑", t("keys.previous")],
    ["O", t("keys.open")],
    ["R", t("action.review")],
    ["A", t("action.assign")],
    ["N", t("action.note")],
    ["E", t("action.escalate")],
    ["C", t("action.close")],
    ["U", t("action.reopen")],
    ["?", t("keys.help")],
  ];
  return (
    <table className="table table-dense">
      <caption className="hidden-visually">{t("keys.caption")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("keys.key")}</th>
          <th scope="col">{t("keys.does")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([key, does]) => (
          <tr key={key}>
            <th scope="row">
              <kbd dir="ltr">{key}</kbd>
            </th>
            <td>{does}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
