// Keys of programs: made with scopes and an end, shown once, revoked.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { useRead } from "../api/query";
import type { Scope } from "../api/session";
import { When } from "../parts/bits";
import { DataTable, type Column } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Field, Tick } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Panel } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { Once } from "./Once";
import { Sure } from "./Sure";

export const SCOPES: Scope[] = ["read", "screen", "write", "case_read", "case_write", "supervise", "admin"];
const DAYS_MAX = 3650;

export interface Key {
  id: string | number;
  name: string;
  scopes: string[];
  created_s?: number | null;
  expires_s?: number | null;
  standing?: "in_force" | "expired" | "revoked";
}

export function Keys() {
  const { t } = useTranslation("people");
  const known = useQueryClient();
  const keys = useRead<{ keys: Key[] }>("/v1/keys");
  const [isMaking, setMaking] = useState(false);
  const [token, setToken] = useState<string | null>(null);
  const [revoked, setRevoked] = useState<Key | null>(null);
  const [now] = useState(() => Date.now() / 1000);
  const refresh = () => known.invalidateQueries({ queryKey: ["/v1/keys"] });
  const columns: Column<Key>[] = [
    {
      id: "name",
      head: t("keys.column_name"),
      isName: true,
      sort: (key) => key.name,
      cell: (key) => <bdi>{key.name}</bdi>,
    },
    {
      id: "scopes",
      head: t("keys.column_scopes"),
      cell: (key) => (
        <ul className="scopes small">
          {key.scopes.map((scope) => (
            <li key={scope}>{t(`scope.${scope}`, { defaultValue: scope })}</li>
          ))}
        </ul>
      ),
    },
    {
      id: "created",
      head: t("keys.column_created"),
      sort: (key) => key.created_s ?? null,
      cell: (key) => <When at={key.created_s ?? null} day />,
    },
    {
      id: "expires",
      head: t("keys.column_expires"),
      sort: (key) => key.expires_s ?? null,
      cell: (key) => (
        <>
          {key.expires_s ? <When at={key.expires_s} day /> : t("keys.never")}{" "}
          {key.standing === "revoked" ? <span className="overdue">{t("keys.revoked")}</span> : null}
          {key.standing !== "revoked" && key.expires_s && key.expires_s < now ? (
            <span className="overdue">{t("keys.ended")}</span>
          ) : null}
        </>
      ),
    },
    {
      id: "do",
      head: t("keys.column_do"),
      cell: (key) =>
        key.standing === "revoked" ? null : (
          <button
            type="button"
            className="button button-quiet"
            aria-label={t("keys.revoke_named", { what: key.name })}
            onClick={() => setRevoked(key)}
          >
            {t("keys.revoke")}
          </button>
        ),
    },
  ];
  return (
    <Panel
      title={t("keys.title")}
      note={t("keys.lead")}
      actions={
        <button type="button" className="button" onClick={() => setMaking(true)}>
          <Icon name="plus" size={14} /> {t("keys.make")}
        </button>
      }
    >
      <Read of={keys}>
        {(data) => (
          <DataTable
            caption={t("keys.caption")}
            columns={columns}
            rows={data.keys}
            rowKey={(key) => key.id}
            empty={<Empty>{t("keys.empty")}</Empty>}
          />
        )}
      </Read>
      {isMaking ? (
        <Make
          onClose={() => setMaking(false)}
          onMade={async (made) => {
            setMaking(false);
            setToken(made);
            await refresh();
          }}
        />
      ) : null}
      {token ? <Once title={t("keys.token")} secret={token} onDone={() => setToken(null)} /> : null}
      {revoked ? (
        <Sure
          title={t("keys.revoke_named", { what: revoked.name })}
          text={t("keys.revoke_lead")}
          label={t("keys.revoke_do")}
          onClose={() => setRevoked(null)}
          act={async () => {
            await call("DELETE", `/v1/keys/${encodeURIComponent(String(revoked.id))}`);
            await refresh();
          }}
        />
      ) : null}
    </Panel>
  );
}

function Make({ onClose, onMade }: { onClose: () => void; onMade: (token: string) => Promise<void> }) {
  const { t } = useTranslation("people");
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read"]);
  const [days, setDays] = useState("90");
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const isDays = /^\d+$/.test(days) && Number(days) >= 1 && Number(days) <= DAYS_MAX;
  const make = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = { name: name.trim(), scopes, days: Number(days) };
      await onMade((await call<{ token: string }>("POST", "/v1/keys", { body })).token);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("keys.make")} isOpen onClose={onClose}>
      <form className="stack" onSubmit={(event) => void make(event)}>
        <Field
          label={t("keys.name")}
          help={t("keys.name_hint")}
          maxLength={64}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <fieldset className="choices">
          <legend>{t("keys.scopes")}</legend>
          {SCOPES.map((scope) => (
            <Tick
              key={scope}
              label={t(`scope.${scope}`)}
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes((now) => (event.target.checked ? [...now, scope] : now.filter((each) => each !== scope)))
              }
            />
          ))}
        </fieldset>
        <Field
          label={t("keys.days")}
          ltr
          inputMode="numeric"
          value={days}
          error={isDays ? undefined : t("keys.days_bad", { max: DAYS_MAX })}
          onChange={(event) => setDays(event.target.value.trim())}
        />
        {error ? <Trouble error={error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("users.cancel")}
          </button>
          <button
            type="submit"
            className="button button-main"
            disabled={isBusy || name.trim() === "" || scopes.length === 0 || !isDays}
          >
            {isBusy ? t("keys.making") : t("keys.do_make")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
