// Name screening: one name, many names, or two names held against each other.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useGet } from "../api/query";
import { Field } from "../parts/Field";
import { Page, Panel } from "../parts/Page";
import { Read } from "../parts/states";
import { Reasons } from "./HitView";
import { ManyNames } from "./ManyNames";
import { OneName } from "./OneName";
import { scoreText } from "./words";
import "../theme/pages.css";
import "./names.css";

const TABS = ["one", "many", "compare"] as const;

export default function Names() {
  const { t } = useTranslation("names");
  const [tab, setTab] = useState<(typeof TABS)[number]>("one");
  return (
    <Page title={t("title")}>
      <p className="muted">{t("about")}</p>
      <div className="tabs no-print">
        {TABS.map((each) => (
          <button key={each} type="button" className="toggle" aria-pressed={tab === each} onClick={() => setTab(each)}>
            {t(each)}
          </button>
        ))}
      </div>
      {tab === "one" ? <OneName /> : tab === "many" ? <ManyNames /> : <Compare />}
    </Page>
  );
}

function Compare() {
  const { t } = useTranslation("names");
  const [draft, setDraft] = useState({ a: "", b: "" });
  const [asked, setAsked] = useState<{ a: string; b: string } | null>(null);
  const [isChecked, setChecked] = useState(false);
  const answer = useGet("/v1/names/compare", { enabled: asked !== null, query: asked ?? {} });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (draft.a.trim() && draft.b.trim()) setAsked({ a: draft.a.trim(), b: draft.b.trim() });
  };
  const missing = (text: string) => (isChecked && text.trim() === "" ? t("missingName") : undefined);
  return (
    <Panel title={t("compare")}>
      <form className="stack" noValidate onSubmit={submit}>
        <div className="two">
          <Field
            label={t("first")}
            value={draft.a}
            maxLength={1000}
            error={missing(draft.a)}
            onChange={(event) => setDraft({ ...draft, a: event.target.value })}
          />
          <Field
            label={t("second")}
            value={draft.b}
            maxLength={1000}
            error={missing(draft.b)}
            onChange={(event) => setDraft({ ...draft, b: event.target.value })}
          />
        </div>
        <div className="row">
          <button type="submit" className="button button-main">
            {t("compareGo")}
          </button>
        </div>
      </form>
      {asked ? (
        <Read of={answer}>
          {(data) => (
            <div className="stack">
              <p role="status" className="figure-value">
                {t("compared", { score: scoreText(data.score) })}
              </p>
              <p className="warn">{t("nearWarn")}</p>
              <Reasons why={data.why} />
            </div>
          )}
        </Read>
      ) : null}
    </Panel>
  );
}
