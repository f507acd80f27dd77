// One's own account: who one is here, the language that is kept with it, and another password.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { Problem } from "../api/problem";
import { useSession } from "../api/session";
import { change, LANGUAGES, useSettings, type Language } from "../prefs";
import { Choice, Field } from "../parts/Field";
import { Page, Panel } from "../parts/Page";
import { Trouble } from "../parts/states";
import "../cases/cases.css";
import "./people.css";

/** Characters that a password has at least; the service refuses shorter ones. */
export const PASSWORD_MIN = 12;

export default function Account() {
  const { t } = useTranslation("people");
  const { session } = useSession();
  const { user } = session;
  if (session.mode === "local" || !user) {
    return (
      <Page title={t("account.title")}>
        <p>{t("account.local")}</p>
      </Page>
    );
  }
  return (
    <Page title={t("account.title")}>
      <Panel title={user.display || user.name}>
        <dl className="facts">
          <dt>{t("account.name")}</dt>
          <dd>
            <bdi className="mono">{user.name}</bdi>
          </dd>
          <dt>{t("account.role")}</dt>
          <dd>
            {t(`role.${user.role}`)} <span className="small muted">{t(`role_note.${user.role}`)}</span>
          </dd>
        </dl>
        <LanguageKept />
      </Panel>
      {session.login.password ? <ChangePassword /> : null}
    </Page>
  );
}

function LanguageKept() {
  const { t } = useTranslation("people");
  const { language } = useSettings();
  const [error, setError] = useState<unknown>(null);
  const [isKept, setKept] = useState(false);
  const set = async (next: Language) => {
    change({ language: next });
    setError(null);
    try {
      await call("POST", "/v1/session/language", { body: { language: next } });
      setKept(true);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <div className="account-language">
      <Choice
        label={t("account.language")}
        help={t("account.language_hint")}
        options={LANGUAGES.map(({ code, name }) => ({ value: code, text: name }))}
        value={language}
        onChange={(event) => void set(event.target.value as Language)}
      />
      <p role="status" className="small is-same">
        {isKept ? t("account.language_saved") : null}
      </p>
      {error ? <Trouble error={error} /> : null}
    </div>
  );
}

function ChangePassword() {
  const { t } = useTranslation("people");
  const { session, again: refresh } = useSession();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const [isDone, setDone] = useState(false);
  const isShort = fresh !== "" && [...fresh].length < PASSWORD_MIN;
  const isUnequal = again !== "" && again !== fresh;
  const isWrong = error instanceof Problem && error.field === "current";
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setDone(false);
    try {
      await call("POST", "/v1/session/password", { body: { current, new: fresh } });
      setCurrent("");
      setFresh("");
      setAgain("");
      setDone(true);
      // The session may carry another token from now on.
      await refresh();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title={t("account.password")}>
      <form className="stack narrow" onSubmit={(event) => void send(event)}>
        {/* Lets a password manager know whose password it is. */}
        <input type="hidden" name="username" autoComplete="username" value={session.user?.name ?? ""} readOnly />
        <Field
          label={t("account.current")}
          type="password"
          autoComplete="current-password"
          ltr
          value={current}
          error={isWrong ? t("account.wrong") : undefined}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <Field
          label={t("account.fresh")}
          help={t("account.fresh_hint", { min: PASSWORD_MIN })}
          type="password"
          autoComplete="new-password"
          ltr
          value={fresh}
          error={isShort ? t("account.short", { min: PASSWORD_MIN }) : undefined}
          onChange={(event) => setFresh(event.target.value)}
        />
        <Field
          label={t("account.again")}
          type="password"
          autoComplete="new-password"
          ltr
          value={again}
          error={isUnequal ? t("account.unequal") : undefined}
          onChange={(event) => setAgain(event.target.value)}
        />
        {error && !isWrong ? <Trouble error={error} /> : null}
        <p role="status" className="is-same">
          {isDone ? t("account.changed") : null}
        </p>
        <div className="row">
          <button
            type="submit"
            className="button button-main"
            disabled={isBusy || current === "" || fresh === "" || isShort || again !== fresh}
          >
            {isBusy ? t("account.changing") : t("account.password")}
          </button>
        </div>
      </form>
    </Panel>
  );
}
