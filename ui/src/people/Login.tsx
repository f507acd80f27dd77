// The login page. In local mode there is none, and who is signed in goes on to where they wanted to go.
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { call } from "../api/client";
import { useSession } from "../api/session";
import { change, LANGUAGES, useSettings, type Language } from "../prefs";
import { Page } from "../parts/Page";
import { SignIn } from "./SignIn";
import { safeTarget } from "./signin";

export default function Login() {
  const { t } = useTranslation("people");
  const { session, again } = useSession();
  const { language } = useSettings();
  // Chosen here by who signs in: it is theirs from then on, whatever was kept with them before.
  const chosen = useRef<Language | null>(null);
  const [asked] = useSearchParams();
  const go = useNavigate();
  const to = safeTarget(asked.get("to"));
  if (session.mode === "local" || session.user) return <Navigate to={to} replace />;
  return (
    <main className="login" id="main">
      <div className="login-top">
        <span className="brand">{t("common:brand")}</span>
        <label className="row small">
          {t("login.language")}
          <select
            className="language"
            value={language}
            onChange={(event) => {
              chosen.current = event.target.value as Language;
              change({ language: chosen.current });
            }}
          >
            {LANGUAGES.map(({ code, name }) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div className="panel login-panel">
        <Page title={t("login.title")}>
          <p className="muted">{t("login.lead")}</p>
          {asked.has("error") ? (
            <p className="overdue" role="alert">
              {t("login.oidc_failed")}
            </p>
          ) : null}
          <SignIn
            onDone={async () => {
              await again();
              if (chosen.current) {
                change({ language: chosen.current });
                await call("POST", "/v1/session/language", { body: { language: chosen.current } }).catch(
                  () => undefined,
                );
              }
              await go(to, { replace: true });
            }}
          />
        </Page>
      </div>
    </main>
  );
}
