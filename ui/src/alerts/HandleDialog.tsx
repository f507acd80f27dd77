// What is done with an alert: review, assign, note, escalate, close, reopen. Each sends the version that was looked at, so that two people
// never overwrite each other; where another was first, the alert is loaded again and nothing is done.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useRead, useRefresh, useSend } from "../api/query";
import { useSession } from "../api/session";
import { Dialog } from "../parts/Dialog";
import { Field, TextField } from "../parts/Field";
import { Trouble } from "../parts/states";
import type { components } from "../api/schema";
import { needsReason, type Action, type Alert } from "./triage";

type Done = components["schemas"]["Done"];

interface User {
  id: number | string;
  name: string;
  display: string;
  disabled?: boolean;
}

/** `told` is called with words for the people when it is done. */
export function HandleDialog({
  alert,
  action,
  onClose,
  told,
}: {
  alert: Alert;
  action: Action;
  onClose: () => void;
  told: (message: string) => void;
}) {
  const { t } = useTranslation("alerts");
  const { session, can } = useSession();
  const users = useRead<{ users?: User[] } | User[]>("/v1/users", {
    enabled: action === "assign" && session.mode === "team" && can("case_read"),
  });
  const people = Array.isArray(users.data) ? users.data : (users.data?.users ?? []);
  const [assignee, setAssignee] = useState(alert.assignee ?? "");
  const [words, setWords] = useState("");
  const [outcome, setOutcome] = useState<"closed_true_positive" | "closed_false_positive" | "">("");
  const [missing, setMissing] = useState<"words" | "outcome" | null>(null);
  const send = useSend<Done>({
    refresh: ["/v1/alerts"],
    onDone: (done) => {
      told(done.needs_second_person ? t("handle.second", { id: alert.id }) : t("handle.done", { id: alert.id }));
      onClose();
    },
  });
  const refresh = useRefresh();
  const isConflict = send.error?.code === "version_conflict";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const said = words.trim();
    if ((needsReason(action) || action === "note") && said === "") return setMissing("words");
    if (action === "close" && outcome === "") return setMissing("outcome");
    setMissing(null);
    send.mutate({
      method: "POST",
      path: `/v1/alerts/${alert.id}/${action}`,
      body: {
        version: alert.version,
        // With users or keys the service knows who asks; only a service that asks for nothing takes the name from here.
        ...(session.mode === "local" ? { actor: session.user?.name ?? "local" } : {}),
        ...(action === "assign" ? { assignee: assignee.trim() === "" ? null : assignee.trim() } : {}),
        ...(action === "close" ? { outcome } : {}),
        ...(action === "note" ? { text: said } : needsReason(action) ? { reason: said } : {}),
      },
    });
  };

  return (
    <Dialog title={t(`handle.title.${action}`, { id: alert.id })} isOpen onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        {action === "assign" ? (
          <>
            <Field
              label={t("handle.assignee")}
              help={t("handle.assigneeHint")}
              value={assignee}
              list="alert-people"
              maxLength={128}
              onChange={(event) => setAssignee(event.target.value)}
            />
            <datalist id="alert-people">
              {people
                .filter((user) => !user.disabled)
                .map((user) => (
                  <option key={user.id} value={user.name}>
                    {user.display}
                  </option>
                ))}
            </datalist>
          </>
        ) : null}
        {action === "close" ? (
          <fieldset className="alert-outcome">
            <legend>{t("handle.outcome")}</legend>
            {(["closed_true_positive", "closed_false_positive"] as const).map((each) => (
              <label key={each} className="tick">
                <input type="radio" name="outcome" checked={outcome === each} onChange={() => setOutcome(each)} />
                <span>{t(each === "closed_true_positive" ? "handle.outcome_true" : "handle.outcome_false")}</span>
              </label>
            ))}
            {missing === "outcome" ? (
              <p className="field-error small" role="alert">
                {t("handle.missingOutcome")}
              </p>
            ) : null}
            {alert.severity === "severe" ? <p className="small muted">{t("handle.severeHint")}</p> : null}
          </fieldset>
        ) : null}
        {needsReason(action) || action === "note" ? (
          <TextField
            label={t(action === "note" ? "handle.text" : "handle.reason")}
            help={t("handle.reasonHint")}
            error={
              missing === "words" ? t(action === "note" ? "handle.missingText" : "handle.missingReason") : undefined
            }
            value={words}
            maxLength={2000}
            onChange={(event) => setWords(event.target.value)}
          />
        ) : null}
        {isConflict ? <p role="alert">{t("handle.conflict")}</p> : send.error ? <Trouble error={send.error} /> : null}
        <div className="row">
          {isConflict ? null : (
            <button type="submit" className="button button-main" disabled={send.isPending}>
              {t("handle.do")}
            </button>
          )}
          <button
            type="button"
            className="button"
            onClick={() => {
              if (isConflict) void refresh(["/v1/alerts"]);
              onClose();
            }}
          >
            {t("handle.cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
