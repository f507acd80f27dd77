// The buttons of what can be done with an alert in its state.
import { useTranslation } from "react-i18next";
import { useCan } from "../api/session";
import { actionsOf, type Action, type Alert } from "./triage";

export function Actions({ alert, onAction }: { alert: Alert; onAction: (action: Action) => void }) {
  const { t } = useTranslation("alerts");
  const mayWrite = useCan("write");
  if (!mayWrite) return <p className="muted small">{t("handle.mayNot")}</p>;
  return (
    <div className="row alert-actions no-print">
      {actionsOf(alert).map((action) => (
        <button
          key={action}
          type="button"
          className={action === "close" || action === "reopen" ? "button button-main" : "button"}
          onClick={() => onAction(action)}
        >
          {t(action === "review" && alert.pending ? "action.takeBack" : `action.${action}`)}
        </button>
      ))}
    </div>
  );
}
