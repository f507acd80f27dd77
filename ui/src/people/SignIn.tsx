// The form that signs in, on the login page and in the dialog that comes up when a session has ended.
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../api/contract";
import { Problem } from "../api/problem";
import { useSession } from "../api/session";
import { Field } from "../parts/Field";
import { Trouble } from "../parts/states";
import { lockedFor, signIn } from "./signin";
import "../cases/cases.css";
import "./people.css";

export function SignIn({ name: known = "", onDone }: { name?: string; onDone: (session: Session) => Promise<void> }) {
  const { t } = useTranslation("people");
  const { session } = useSession();
  const [name, setName] = useState(known);
  const [password, setPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [wait, setWait] = useState<number | null>(null);

  const isWaiting = wait !== null && wait > 0;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => setWait((now) => (now === null ? null : now - 1)), 1000);
    return () => clearInterval(timer);
  }, [isWaiting]);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    setWait(null);
    try {
      await onDone(await signIn(name.trim(), password));
    } catch (problem) {
      const seconds = lockedFor(problem);
      if (seconds !== null) setWait(seconds);
      else setError(problem);
      setPassword("");
    } finally {
      setBusy(false);
    }
  };
  const isRefused = error instanceof Problem && error.code === "login_refused";
  const { password: withPassword, oidc } = session.login;
  return (
    <div className="stack">
      {withPassword ? (
        <form className="stack" onSubmit={(event) => void send(event)}>
          <Field
            label={t("login.name")}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            ltr
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Field
            label={t("login.password")}
            name="password"
            type="password"
            autoComplete="current-password"
            ltr
            required
            value={password}
            error={isRefused ? t("login.refused") : undefined}
            onChange={(event) => setPassword(event.target.value)}
          />
          {wait !== null ? (
            <p role="alert" className="soon">
              {wait > 0 ? <Countdown seconds={wait} /> : t("login.locked_over")}
            </p>
          ) : null}
          {error && !isRefused ? <Trouble error={error} /> : null}
          <button
            type="submit"
            className="button button-main"
            disabled={isBusy || isWaiting || name.trim() === "" || password === ""}
          >
            {isBusy ? t("login.doing") : t("login.do")}
          </button>
        </form>
      ) : null}
      {withPassword && oidc ? <p className="or small muted">{t("login.or")}</p> : null}
      {oidc ? (
        <a className="button" href={oidc.start}>
          {t("login.oidc", { name: oidc.name })}
        </a>
      ) : null}
      {!withPassword && !oidc ? <p>{t("login.no_way", { command: "athar users add" })}</p> : null}
    </div>
  );
}

/** The wait in seconds. Heard once when it begins, not at every second. */
function Countdown({ seconds }: { seconds: number }) {
  const { t } = useTranslation("people");
  const [first] = useState(seconds);
  return (
    <>
      <span className="hidden-visually">{t("login.locked", { count: first })}</span>
      <span aria-hidden="true">{t("login.locked", { count: seconds })}</span>
    </>
  );
}
