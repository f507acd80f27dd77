// Users of the service and the keys of programs; for administrators.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import { useSession } from "../api/session";
import { useUsers, type User } from "../cases/data";
import { DataTable, type Column } from "../parts/DataTable";
import { Dialog } from "../parts/Dialog";
import { Choice, Field } from "../parts/Field";
import { Icon } from "../parts/Icon";
import { Page, Panel } from "../parts/Page";
import { Empty, Read, Trouble } from "../parts/states";
import { PASSWORD_MIN } from "./Account";
import { Keys } from "./Keys";
import { Once } from "./Once";
import { Sure } from "./Sure";
import "../cases/cases.css";
import "./people.css";

const ROLES = ["viewer", "analyst", "supervisor", "admin"] as const;

interface Change {
  role?: User["role"];
  disabled?: boolean;
  password?: string;
}

export default function Users() {
  const { t } = useTranslation("people");
  const { session, can } = useSession();
  if (!can("admin")) {
    return (
      <Page title={t("users.title")}>
        <Empty>{t("users.not_allowed")}</Empty>
      </Page>
    );
  }
  return (
    <Page title={t("users.title")}>
      {session.mode === "team" ? <People /> : <p className="muted">{t("account.local")}</p>}
      <Keys />
    </Page>
  );
}

function People() {
  const { t } = useTranslation("people");
  const { session } = useSession();
  const known = useQueryClient();
  const users = useUsers();
  const [error, setError] = useState<unknown>(null);
  const [said, say] = useState("");
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<{ user: User; password: string } | null>(null);
  const [erased, setErased] = useState<User | null>(null);
  const [reset, setReset] = useState<User | null>(null);
  const refresh = () => known.invalidateQueries({ queryKey: ["/v1/users"] });

  const change = async (user: User, what: Change) => {
    setError(null);
    say("");
    try {
      await call("PATCH", `/v1/users/${user.id}`, { body: { version: user.version, ...what } });
    } catch (problem) {
      setError(problem);
      throw problem;
    } finally {
      await refresh();
    }
  };
  const isConflict = error instanceof Problem && error.code === "version_conflict";
  const called = (user: User) => user.display || user.name;
  const columns: Column<User>[] = [
    {
      id: "name",
      head: t("users.column_name"),
      isName: true,
      sort: (user) => user.name,
      cell: (user) => (
        <>
          <bdi className="mono">{user.name}</bdi>
          {user.id === session.user?.id ? <span className="small muted"> ({t("users.you")})</span> : null}
        </>
      ),
    },
    { id: "display", head: t("users.column_display"), sort: called, cell: (user) => <bdi>{user.display}</bdi> },
    {
      id: "role",
      head: t("users.column_role"),
      sort: (user) => ROLES.indexOf(user.role),
      cell: (user) =>
        user.id === session.user?.id ? (
          t(`role.${user.role}`)
        ) : (
          <select
            className="input input-small"
            aria-label={t("users.role_of", { who: called(user) })}
            value={user.role}
            onChange={(event) => void change(user, { role: event.target.value as User["role"] }).catch(() => undefined)}
          >
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {t(`role.${role}`)}
              </option>
            ))}
          </select>
        ),
    },
    {
      id: "state",
      head: t("users.column_state"),
      sort: (user) => Number(user.disabled),
      cell: (user) => (user.disabled ? <span className="overdue">{t("users.disabled")}</span> : t("users.active")),
    },
    {
      id: "do",
      head: t("users.column_do"),
      cell: (user) =>
        user.id === session.user?.id ? null : (
          <div className="row no-print">
            <button
              type="button"
              className="button button-quiet"
              aria-label={t(user.disabled ? "users.enable_named" : "users.disable_named", { who: called(user) })}
              onClick={() => void change(user, { disabled: !user.disabled }).catch(() => undefined)}
            >
              {user.disabled ? t("users.enable") : t("users.disable")}
            </button>
            <button
              type="button"
              className="button button-quiet"
              aria-label={t("users.reset_named", { who: called(user) })}
              onClick={() => setReset(user)}
            >
              {t("users.reset")}
            </button>
            <button
              type="button"
              className="button button-quiet"
              aria-label={t("users.erase_named", { who: called(user) })}
              onClick={() => setErased(user)}
            >
              {t("users.erase")}
            </button>
          </div>
        ),
    },
  ];
  return (
    <Panel
      title={t("users.title")}
      note={t("users.lead")}
      actions={
        <button type="button" className="button button-main" onClick={() => setAdding(true)}>
          <Icon name="plus" size={14} /> {t("users.add")}
        </button>
      }
    >
      {isConflict ? (
        <p className="overdue" role="alert">
          {t("users.conflict")}
        </p>
      ) : error ? (
        <Trouble error={error} />
      ) : null}
      <p role="status" className="is-same">
        {said}
      </p>
      <Read of={users}>
        {(data) => (
          <DataTable caption={t("users.caption")} columns={columns} rows={data.users} rowKey={(user) => user.id} />
        )}
      </Read>
      {isAdding ? (
        <AddUser
          onClose={() => setAdding(false)}
          onAdded={async (user, password) => {
            setAdding(false);
            say(t("users.added", { who: called(user) }));
            if (password) setMade({ user, password });
            await refresh();
          }}
        />
      ) : null}
      {made ? (
        <Once
          title={t("users.reset_named", { who: called(made.user) })}
          secret={made.password}
          onDone={() => setMade(null)}
        />
      ) : null}
      {erased ? (
        <Sure
          title={t("users.erase_named", { who: called(erased) })}
          text={t("users.erase_lead")}
          label={t("users.erase_do")}
          onClose={() => setErased(null)}
          act={async () => {
            await call("DELETE", `/v1/users/${erased.id}`);
            await refresh();
          }}
        />
      ) : null}
      {reset ? (
        <Reset
          who={called(reset)}
          onClose={() => setReset(null)}
          onSet={async (password) => {
            await change(reset, { password });
            say(t("users.reset_done", { who: called(reset) }));
            setReset(null);
          }}
        />
      ) : null}
    </Panel>
  );
}

function AddUser({
  onClose,
  onAdded,
}: {
  onClose: () => void;
  onAdded: (user: User, password: string | null) => Promise<void>;
}) {
  const { t } = useTranslation("people");
  const [name, setName] = useState("");
  const [display, setDisplay] = useState("");
  const [role, setRole] = useState<User["role"]>("analyst");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const isShort = password !== "" && [...password].length < PASSWORD_MIN;
  const add = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = { name: name.trim(), display: display.trim(), role, ...(password ? { password } : {}) };
      const answer = await call<{ user: User; password?: string | null }>("POST", "/v1/users", { body });
      await onAdded(answer.user, answer.password ?? null);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("users.add")} isOpen onClose={onClose}>
      <form className="stack" onSubmit={(event) => void add(event)}>
        <Field
          label={t("users.name")}
          help={t("users.name_hint")}
          ltr
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t("users.display")}
          autoComplete="off"
          maxLength={128}
          value={display}
          onChange={(event) => setDisplay(event.target.value)}
        />
        <Choice
          label={t("users.role")}
          help={t(`role_note.${role}`)}
          options={ROLES.map((each) => ({ value: each, text: t(`role.${each}`) }))}
          value={role}
          onChange={(event) => setRole(event.target.value as User["role"])}
        />
        <Field
          label={t("users.password")}
          help={t("users.password_hint")}
          type="password"
          autoComplete="new-password"
          ltr
          value={password}
          error={isShort ? t("account.short", { min: PASSWORD_MIN }) : undefined}
          onChange={(event) => setPassword(event.target.value)}
        />
        {error ? <Trouble error={error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("users.cancel")}
          </button>
          <button
            type="submit"
            className="button button-main"
            disabled={isBusy || isShort || name.trim() === "" || display.trim() === ""}
          >
            {isBusy ? t("users.adding") : t("users.do_add")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Reset({
  who,
  onClose,
  onSet,
}: {
  who: string;
  onClose: () => void;
  onSet: (password: string) => Promise<void>;
}) {
  const { t } = useTranslation("people");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const isShort = password !== "" && [...password].length < PASSWORD_MIN;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onSet(password);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("users.reset_named", { who })} isOpen onClose={onClose}>
      <form className="stack" onSubmit={(event) => void send(event)}>
        <p>{t("users.reset_lead", { who })}</p>
        <Field
          label={t("users.password")}
          help={t("account.fresh_hint", { min: PASSWORD_MIN })}
          type="password"
          autoComplete="new-password"
          ltr
          value={password}
          error={isShort ? t("account.short", { min: PASSWORD_MIN }) : undefined}
          onChange={(event) => setPassword(event.target.value)}
        />
        {error ? <Trouble error={error} /> : null}
        <div className="row form-end">
          <button type="button" className="button" onClick={onClose}>
            {t("users.cancel")}
          </button>
          <button type="submit" className="button button-main" disabled={isBusy || password === "" || isShort}>
            {isBusy ? t("users.saving") : t("users.reset_do")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
