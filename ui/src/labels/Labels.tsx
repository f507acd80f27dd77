// Labels: search, contradictions, and the categories. Every label with its source, its file and line; what was known on a day; decisions.
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useGet } from "../api/query";
import { callRaw, pathOf } from "../api/client";
import { useSession } from "../api/session";
import { Hash } from "../parts/bits";
import { Choice, Field } from "../parts/Field";
import { Page, Panel } from "../parts/Page";
import { Empty, Read } from "../parts/states";
import { DataTable } from "../parts/DataTable";
import { Severity } from "../parts/Severity";
import { dayOf } from "../format/numbers";
import { useSettings } from "../prefs";
import { DecisionDialog } from "./DecisionDialog";
import { LabelsTable } from "./LabelsTable";
import { withWords } from "./read";
import "../theme/pages.css";
import "./labels.css";

const TABS = ["search", "conflicts", "taxonomy"] as const;
const PAGE = 50;

export default function Labels() {
  const { t } = useTranslation("labels");
  const { can } = useSession();
  const [search, setSearch] = useSearchParams();
  const tab = TABS.find((each) => each === search.get("tab")) ?? "search";
  const [isAdding, setAdding] = useState(false);
  const [message, setMessage] = useState("");
  return (
    <Page
      title={t("title")}
      actions={
        can("write") ? (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            {t("decide.add")}
          </button>
        ) : null
      }
    >
      <p className="muted">{t("about")}</p>
      <p className={message ? "told" : "hidden-visually"} role="status">
        {message}
      </p>
      <div className="tabs no-print">
        {TABS.map((each) => (
          <button
            key={each}
            type="button"
            className="toggle"
            aria-pressed={tab === each}
            onClick={() => setSearch(each === "search" ? {} : { tab: each })}
          >
            {t(`tab.${each}`)}
          </button>
        ))}
      </div>
      {tab === "search" ? (
        <Search told={setMessage} />
      ) : tab === "conflicts" ? (
        <Conflicts told={setMessage} />
      ) : (
        <Taxonomy />
      )}
      {isAdding ? (
        <DecisionDialog action="add" label={null} onClose={() => setAdding(false)} told={setMessage} />
      ) : null}
    </Page>
  );
}

const ASKED = ["subject", "name", "words", "category", "of", "known_at", "at", "chain"] as const;
type Asked = Record<(typeof ASKED)[number], string>;

function Search({ told }: { told: (message: string) => void }) {
  const { t, i18n } = useTranslation("labels");
  const set = useSettings();
  const { session } = useSession();
  const [search, setSearch] = useSearchParams();
  const asked = Object.fromEntries(ASKED.map((name) => [name, search.get(name) ?? ""])) as Asked;
  const [draft, setDraft] = useState<Asked>(asked);
  const [limit, setLimit] = useState(PAGE);
  const taxonomy = useGet("/v1/labels/taxonomy");
  // Only words in other fields than the name are looked for among what was loaded, so all of it is loaded then, up to the bound.
  const isFiltered = asked.words !== "";
  const query = {
    subject: asked.subject,
    name: asked.name,
    category: asked.category,
    of: asked.of,
    known_at: asked.known_at,
    at: asked.at,
    chain: asked.chain,
  };
  const labels = useGet("/v1/labels", { query: { ...query, limit: isFiltered ? 10_000 : limit }, keep: true });
  const change = (name: keyof Asked) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [name]: event.target.value });
  const go = (next: Asked) => {
    const params = new URLSearchParams();
    for (const name of ASKED) if (next[name].trim() !== "") params.set(name, next[name].trim());
    setLimit(PAGE);
    setSearch(params);
  };
  const reset = () => {
    const empty = Object.fromEntries(ASKED.map((name) => [name, ""])) as Asked;
    setDraft(empty);
    go(empty);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(draft);
  };
  const saveCsv = async () => {
    const response = await callRaw("GET", "/v1/labels", {
      query: { ...query, limit: 10_000 },
      headers: { Accept: "text/csv" },
    });
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = "labels.csv";
    link.click();
    URL.revokeObjectURL(url);
  };
  const isArabic = i18n.language === "ar";
  return (
    <Panel
      title={t("search.title")}
      actions={
        <button type="button" className="button" onClick={() => void saveCsv()}>
          {t("search.csv")}
        </button>
      }
    >
      <form className="filter-bar" noValidate onSubmit={submit}>
        <Field label={t("search.subject")} ltr value={draft.subject} maxLength={4096} onChange={change("subject")} />
        <Field label={t("search.name")} value={draft.name} maxLength={200} onChange={change("name")} />
        <Field label={t("search.text")} value={draft.words} maxLength={200} onChange={change("words")} />
        <Choice
          label={t("search.category")}
          value={draft.category}
          onChange={change("category")}
          options={[
            { value: "", text: t("search.anyCategory") },
            ...(taxonomy.data ?? []).map((each) => ({
              value: each.category,
              text: (isArabic ? each.name.ar : each.name.en) ?? each.category,
            })),
          ]}
        />
        <Choice
          label={t("search.of")}
          value={draft.of}
          onChange={change("of")}
          options={["", "quarantined", "all"].map((of) => ({ value: of, text: t(`search.ofName.${of || "in_use"}`) }))}
        />
        <Choice
          label={t("search.chain")}
          value={draft.chain}
          onChange={change("chain")}
          options={[
            { value: "", text: t("search.anyChain") },
            ...session.chains.map((chain) => ({ value: chain, text: chain })),
          ]}
        />
        <Field label={t("search.knownAt")} type="date" value={draft.known_at} onChange={change("known_at")} />
        <Field label={t("search.at")} type="date" value={draft.at} onChange={change("at")} />
        <button type="submit" className="button button-main">
          {t("search.go")}
        </button>
        <button type="button" className="button" onClick={reset}>
          {t("search.reset")}
        </button>
      </form>
      {asked.known_at ? <p className="warn">{t("search.past", { day: dayOf(asked.known_at, set) })}</p> : null}
      <Read of={labels}>
        {(data) => {
          const shown = withWords(data.labels, asked.words);
          return (
            <div className="stack">
              <p className="small muted" role="status">
                {t("search.shown", { n: shown.length, total: data.total })}
                {isFiltered ? ` ${t("search.textHint", { n: data.labels.length, total: data.total })}` : ""}
              </p>
              {shown.length === 0 ? (
                <Empty>{t("search.none")}</Empty>
              ) : (
                <LabelsTable
                  caption={t("search.caption")}
                  labels={shown.slice(0, 1000)}
                  snapshot={data.snapshot}
                  path={labels.path}
                  told={told}
                />
              )}
              {!isFiltered && data.labels.length < data.total && limit < 10_000 ? (
                <div className="row">
                  <button type="button" className="button" onClick={() => setLimit(Math.min(10_000, limit * 5))}>
                    {t("search.more")}
                  </button>
                </div>
              ) : null}
            </div>
          );
        }}
      </Read>
    </Panel>
  );
}

function Conflicts({ told }: { told: (message: string) => void }) {
  const { t } = useTranslation("labels");
  const template = "/v1/labels/conflicts";
  const conflicts = useGet(template, { query: { limit: 200 } });
  return (
    <Panel title={t("tab.conflicts")} note={t("conflicts.about")}>
      <Read of={conflicts}>
        {(data) =>
          data.conflicts.length === 0 ? (
            <Empty>{t("conflicts.none")}</Empty>
          ) : (
            <div className="stack">
              {data.conflicts.map((conflict, at) => (
                <section key={`${conflict.subject}-${at}`} className="stack">
                  <h3>
                    <Hash value={conflict.subject} />{" "}
                    <span className="small muted">
                      {t(`conflictKind.${conflict.kind}`, { defaultValue: conflict.kind })}
                    </span>
                  </h3>
                  <LabelsTable
                    caption={t("conflicts.caption")}
                    labels={conflict.labels}
                    snapshot={data.snapshot}
                    path={pathOf(template, undefined, { limit: 200 })}
                    told={told}
                  />
                </section>
              ))}
            </div>
          )
        }
      </Read>
    </Panel>
  );
}

function Taxonomy() {
  const { t, i18n } = useTranslation("labels");
  const taxonomy = useGet("/v1/labels/taxonomy");
  const isArabic = i18n.language === "ar";
  return (
    <Panel title={t("tab.taxonomy")} note={t("taxonomy.about")}>
      <Read of={taxonomy}>
        {(data) => (
          <DataTable
            caption={t("taxonomy.caption")}
            rows={data}
            rowKey={(row) => row.category}
            columns={[
              {
                id: "category",
                head: t("taxonomy.category"),
                isName: true,
                sort: (row) => (isArabic ? row.name.ar : row.name.en) ?? row.category,
                cell: (row) => (
                  <>
                    <strong>{(isArabic ? row.name.ar : row.name.en) ?? row.category}</strong>
                    <br />
                    <bdi dir="ltr" className="small muted mono">
                      {row.category}
                    </bdi>
                  </>
                ),
              },
              {
                id: "definition",
                head: t("taxonomy.definition"),
                cell: (row) => (isArabic ? row.definition.ar : row.definition.en) ?? null,
              },
              { id: "proven", head: t("taxonomy.proven"), cell: (row) => <Severity level={row.proven} /> },
              { id: "claimed", head: t("taxonomy.claimed"), cell: (row) => <Severity level={row.claimed} /> },
              { id: "risk", head: t("taxonomy.risk"), cell: (row) => t(row.risk ? "taxonomy.yes" : "taxonomy.no") },
              {
                id: "service",
                head: t("taxonomy.service"),
                cell: (row) => t(row.service ? "taxonomy.yes" : "taxonomy.no"),
              },
              {
                id: "concepts",
                head: t("taxonomy.concepts"),
                cell: (row) =>
                  Object.keys(row.concepts).length > 0 ? (
                    <details>
                      <summary>{t("detail.show")}</summary>
                      <ul className="plain-list small">
                        {Object.entries(row.concepts).map(([scheme, names]) => (
                          <li key={scheme}>
                            <strong>{scheme}</strong>: <bdi className="wraps">{names.join(", ")}</bdi>
                          </li>
                        ))}
                      </ul>
                    </details>
                  ) : null,
              },
            ]}
          />
        )}
      </Read>
    </Panel>
  );
}
