// What is held back: an address, a watch or a pattern raises no alert until a day, for a reason, and what it held back is counted.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useGet, useSend } from "../api/query";
import { useSession } from "../api/session";
import { Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Choice, Field, TextField } from "../parts/Field";
import { Panel } from "../parts/Page";
import { Read, Trouble } from "../parts/states";
import type { components } from "../api/schema";
import { endOfDay } from "./triage";

type Suppression = components["schemas"]["Suppression"];
const KINDS = ["subject", "watch", "pattern"] as const;

export function SuppressionsPanel() {
  const { t } = useTranslation("alerts");
  const { session, can } = useSession();
  const [isAdding, setAdding] = useState(false);
  const [lifting, setLifting] = useState<Suppression | null>(null);
  const held = useGet("/v1/suppressions", { query: { limit: 500 } });
  const lift = useSend({ refresh: ["/v1/suppressions", "/v1/alerts/figures"], onDone: () => setLifting(null) });
  const mayWrite = can("write");
  const now = Date.now() / 1000;
  return (
    <Panel
      title={t("hold.title")}
      note={t("hold.about")}
      actions={
        mayWrite ? (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            {t("hold.addTitle")}
          </button>
        ) : null
      }
    >
      <Read of={held}>
        {(data) => (
          <DataTable
            caption={t("hold.caption")}
            rows={data.rows}
            rowKey={(row) => row.id}
            empty={<p className="muted">{t("hold.none")}</p>}
            columns={[
              { id: "kind", head: t("hold.kind"), cell: (row) => t(`hold.kinds.${row.kind}`) },
              {
                id: "value",
                head: t("hold.value"),
                isName: true,
                cell: (row) => (
                  <bdi dir="ltr" className="mono wraps">
                    {row.value}
                  </bdi>
                ),
              },
              {
                id: "state",
                head: t("hold.state"),
                cell: (row) =>
                  t(row.lifted_at !== null ? "hold.lifted" : row.expires_at <= now ? "hold.ended" : "hold.inForce"),
              },
              {
                id: "until",
                head: t("hold.until"),
                cell: (row) => <When at={row.expires_at} day />,
                sort: (row) => row.expires_at,
              },
              {
                id: "held",
                head: t("hold.held"),
                align: "end",
                cell: (row) => <Num n={row.held_back} />,
                sort: (row) => row.held_back,
              },
              { id: "by", head: t("hold.by"), cell: (row) => <bdi>{row.actor}</bdi> },
              { id: "reason", head: t("hold.reason"), cell: (row) => <bdi dir="auto">{row.reason}</bdi> },
              {
                id: "lift",
                head: <span className="hidden-visually">{t("hold.lift")}</span>,
                cell: (row) =>
                  mayWrite && row.lifted_at === null && row.expires_at > now ? (
                    <button type="button" className="button" onClick={() => setLifting(row)}>
                      {t("hold.lift")}
                    </button>
                  ) : null,
              },
            ]}
          />
        )}
      </Read>
      {isAdding ? (
        <AddSuppression
          actor={session.mode === "local" ? (session.user?.name ?? "local") : null}
          onClose={() => setAdding(false)}
        />
      ) : null}
      <Dialog title={t("hold.lift")} isOpen={lifting !== null} onClose={() => setLifting(null)}>
        <p>{t("hold.liftSure")}</p>
        {lift.error ? <Trouble error={lift.error} /> : null}
        <div className="row">
          <button
            type="button"
            className="button button-main"
            disabled={lift.isPending}
            onClick={() => lift.mutate({ method: "DELETE", path: `/v1/suppressions/${lifting?.id ?? 0}` })}
          >
            {t("hold.lift")}
          </button>
          <button type="button" className="button" onClick={() => setLifting(null)}>
            {t("handle.cancel")}
          </button>
        </div>
      </Dialog>
    </Panel>
  );
}

function AddSuppression({ actor, onClose }: { actor: string | null; onClose: () => void }) {
  const { t } = useTranslation("alerts");
  const [kind, setKind] = useState<(typeof KINDS)[number]>("subject");
  const [value, setValue] = useState("");
  const [until, setUntil] = useState("");
  const [reason, setReason] = useState("");
  const [isChecked, setChecked] = useState(false);
  const send = useSend({ refresh: ["/v1/suppressions", "/v1/alerts/figures"], onDone: onClose });
  const expires = endOfDay(until);
  const isBadDay = expires === null || expires * 1000 < Date.now();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (value.trim() === "" || reason.trim() === "" || isBadDay) return;
    send.mutate({
      method: "POST",
      path: "/v1/suppressions",
      body: { kind, value: value.trim(), reason: reason.trim(), expires_at: expires, ...(actor ? { actor } : {}) },
    });
  };
  const missing = (text: string) => (isChecked && text.trim() === "" ? t("hold.missing") : undefined);
  return (
    <Dialog title={t("hold.addTitle")} isOpen onClose={onClose}>
      <form className="stack" noValidate onSubmit={submit}>
        <Choice
          label={t("hold.kind")}
          value={kind}
          onChange={(event) => setKind(event.target.value as "subject")}
          options={KINDS.map((each) => ({ value: each, text: t(`hold.kinds.${each}`) }))}
        />
        <Field
          label={t("hold.value")}
          ltr
          value={value}
          error={missing(value)}
          maxLength={256}
          onChange={(event) => setValue(event.target.value)}
        />
        <Field
          label={t("hold.until")}
          type="date"
          value={until}
          error={isChecked && isBadDay ? t("hold.badDay") : undefined}
          onChange={(event) => setUntil(event.target.value)}
        />
        <TextField
          label={t("hold.reason")}
          value={reason}
          error={missing(reason)}
          maxLength={2000}
          onChange={(event) => setReason(event.target.value)}
        />
        {send.error ? <Trouble error={send.error} /> : null}
        <div className="row">
          <button type="submit" className="button button-main" disabled={send.isPending}>
            {t("hold.add")}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {t("handle.cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
