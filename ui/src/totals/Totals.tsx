// What a category received, sent and cashed out: two sets side by side (what labels name, and the same with entities), every figure with the range
// that is left where a label falls, and in words what no figure can know.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { callRaw } from "../api/client";
import { useGet } from "../api/query";
import { dollars, digits } from "../format/numbers";
import { useSaid } from "../i18n/said";
import { useSettings } from "../prefs";
import { AddressChip, Dollars, Num, When } from "../parts/bits";
import { DataTable } from "../parts/DataTable";
import { Choice, Field } from "../parts/Field";
import { Page, Panel } from "../parts/Page";
import { Basis } from "../parts/Severity";
import { Empty, Read } from "../parts/states";
import { Why } from "../parts/Why";
import { Sentence } from "../parts/Sentence";
import { BY, caveatsOf, inOrder, type Figure, type Scope, type Totals as View } from "./read";
import "../theme/pages.css";

export default function Totals() {
  const { t, i18n } = useTranslation("totals");
  const [search, setSearch] = useSearchParams();
  const category = search.get("category") ?? "terrorist_financing";
  const by = BY.find((each) => each === search.get("by")) ?? "month";
  const knownAt = search.get("known_at") ?? "";
  const taxonomy = useGet("/v1/labels/taxonomy");
  const query = { category, by, known_at: knownAt };
  const totals = useGet("/v1/totals", { query });
  const isArabic = i18n.language === "ar";
  const go = (change: Record<string, string>) => {
    const next = new URLSearchParams({ category, by, ...(knownAt ? { known_at: knownAt } : {}), ...change });
    if (next.get("known_at") === "") next.delete("known_at");
    setSearch(next);
  };
  const saveCsv = async () => {
    const response = await callRaw("GET", "/v1/totals", { query, headers: { Accept: "text/csv" } });
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = "totals.csv";
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Page
      title={t("title")}
      actions={
        <button type="button" className="button" onClick={() => void saveCsv()}>
          {t("csv")}
        </button>
      }
    >
      <p className="muted">{t("about")}</p>
      <div className="filter-bar filter-wide no-print">
        <Choice
          label={t("category")}
          value={category}
          onChange={(event) => go({ category: event.target.value })}
          options={(taxonomy.data ?? []).map((each) => ({
            value: each.category,
            text: (isArabic ? each.name.ar : each.name.en) ?? each.category,
          }))}
        />
        <Choice
          label={t("by")}
          value={by}
          onChange={(event) => go({ by: event.target.value })}
          options={BY.map((each) => ({ value: each, text: t(`byName.${each}`) }))}
        />
        <Field
          label={t("knownAt")}
          type="date"
          value={knownAt}
          onChange={(event) => go({ known_at: event.target.value })}
        />
      </div>
      <Read of={totals}>{(data) => <Loaded data={data} by={by} path={totals.path} />}</Read>
    </Page>
  );
}

function Loaded({ data, by, path }: { data: View; by: (typeof BY)[number]; path: string }) {
  const { t } = useTranslation("totals");
  const say = useSaid();
  const [scope, setScope] = useState<"labelled" | "extended">("labelled");
  if (data.labelled.addresses === 0) return <Empty>{t("nothing")}</Empty>;
  const set = data[scope];
  return (
    <>
      <p className="warn">{t("unknown")}</p>
      <div className="tabs no-print">
        {(["labelled", "extended"] as const).map((each) => (
          <button
            key={each}
            type="button"
            className="toggle"
            aria-pressed={scope === each}
            onClick={() => setScope(each)}
          >
            {t(`scope.${each}`)}
          </button>
        ))}
      </div>
      <Panel title={t(`scope.${scope}`)} note={t(`scopeNote.${scope}`)}>
        <ScopeView set={set} data={data} by={by} path={path} scope={scope} />
      </Panel>
      <Grounds set={set} data={data} path={path} />
      <Panel title={t("covered")}>
        <DataTable
          caption={t("covered")}
          dense
          rows={data.chains}
          rowKey={(row) => row.chain}
          columns={[
            { id: "chain", head: t("chain"), isName: true, cell: (row) => <bdi>{row.chain}</bdi> },
            { id: "day", head: t("upTo"), cell: (row) => <When at={row.tip_day} day /> },
            { id: "height", head: t("block"), align: "end", cell: (row) => <Num n={row.tip_height} /> },
            { id: "addresses", head: t("addresses"), align: "end", cell: (row) => <Num n={row.addresses} /> },
            {
              id: "alone",
              head: t("alone"),
              cell: (row) =>
                Object.entries(row.not_extended)
                  .map(([why, n]) => `${t(`aloneWhy.${why}`, { defaultValue: why })}: ${n}`)
                  .join(" · "),
            },
          ]}
        />
        {data.notes.map((note) => (
          <p key={note.en} className="small muted">
            <Sentence text={say(note)} />
          </p>
        ))}
      </Panel>
    </>
  );
}

/** A figure with what is left of it where one label, or one source, falls. */
function FigureView({ figure }: { figure: Figure }) {
  const { t } = useTranslation("totals");
  const set = useSettings();
  const range = (from: number | null, to: number | null) =>
    from === null || to === null || from === to ? null : t("range", { from: dollars(from, set), to: dollars(to, set) });
  const label = range(figure.without_a_label.usd_min, figure.without_a_label.usd_max);
  return (
    <span className="figure">
      <Dollars usd={figure.usd} />
      {label ? <span className="small muted cell-line">{label}</span> : null}
      {figure.is_partly_unpriced ? <span className="small muted">{t("unpriced")}</span> : null}
    </span>
  );
}

function ScopeView({
  set,
  data,
  by,
  path,
  scope,
}: {
  set: Scope;
  data: View;
  by: (typeof BY)[number];
  path: string;
  scope: string;
}) {
  const { t } = useTranslation("totals");
  const settings = useSettings();
  const names = ["received", "sent", "cashed_out"] as const;
  return (
    <div className="stack">
      <div className="three">
        {names.map((name) => (
          <div key={name} className="figure">
            <span className="muted small">{t(name)}</span>
            <span className="figure-value">
              <Dollars usd={set.total[name].usd} />{" "}
              <Why
                label={t(name)}
                of={() => ({
                  statement: t("statement", {
                    categories: data.categories.map((each) => t(`category.${each}`, { defaultValue: each })).join(", "),
                    what: t(name),
                    usd: set.total[name].usd === null ? "?" : dollars(set.total[name].usd, settings),
                    scope: t(`scope.${scope}`),
                    n: set.addresses,
                  }),
                  text: (
                    <div className="stack">
                      <p>{t("unknown")}</p>
                      <p>{t(`${name}Why`)}</p>
                    </div>
                  ),
                  snapshot: data.snapshot,
                  path,
                  answer: { categories: data.categories, scope, total: set.total, chains: data.chains },
                })}
              />
            </span>
            <span className="small">{t("movements", { n: set.total[name].count })}</span>
            <Ranges figure={set.total[name]} />
            {set.total[name].amounts.map((amount) => (
              <span key={`${amount.chain}-${amount.asset.id}`} className="small">
                <bdi dir="ltr">
                  {amount.amount === null ? amount.units : digits(amount.amount, settings)}{" "}
                  {amount.asset.symbol ?? amount.asset.id}
                </bdi>
              </span>
            ))}
          </div>
        ))}
      </div>
      <p className="small muted">
        {t("of", { addresses: set.addresses, labels: set.labels, sources: set.sources, txs: set.transactions })}
      </p>
      {caveatsOf(set).map((caveat) => (
        <p key={caveat} className="small warn">
          {t(`caveat.${caveat}`, {
            disputed: set.disputed_units,
            contested: set.contested_units,
            rows: set.rows_left_out,
          })}
        </p>
      ))}
      <div className="heads-wrap">
        <DataTable
          caption={t("rowsCaption", { by: t(`byName.${by}`) })}
          rows={inOrder(set.rows, by)}
          rowKey={(row) => row.key}
          columns={[
            {
              id: "key",
              head: t(`byName.${by}`),
              isName: true,
              cell: (row) =>
                by === "month" ? (
                  <bdi dir="ltr" className="num">
                    {digits(row.key, settings)}
                  </bdi>
                ) : (
                  <bdi>{row.key}</bdi>
                ),
              sort: (row) => row.key,
            },
            {
              id: "received",
              head: t("received"),
              align: "end",
              cell: (row) => <FigureView figure={row.received} />,
              sort: (row) => row.received.usd,
            },
            {
              id: "sent",
              head: t("sent"),
              align: "end",
              cell: (row) => <FigureView figure={row.sent} />,
              sort: (row) => row.sent.usd,
            },
            {
              id: "cashed",
              head: t("cashed_out"),
              align: "end",
              cell: (row) => <FigureView figure={row.cashed_out} />,
              sort: (row) => row.cashed_out.usd,
            },
            {
              id: "other",
              head: t("toOther"),
              align: "end",
              cell: (row) => <Dollars usd={row.to_other_services.usd} />,
              sort: (row) => row.to_other_services.usd,
            },
            {
              id: "inferred",
              head: t("toInferred"),
              align: "end",
              cell: (row) => <Dollars usd={row.to_inferred_services.usd} />,
              sort: (row) => row.to_inferred_services.usd,
            },
            {
              id: "shared",
              head: t("shared"),
              align: "end",
              cell: (row) => <Dollars usd={row.shared.usd} />,
              sort: (row) => row.shared.usd,
            },
          ]}
        />
      </div>
    </div>
  );
}

function Ranges({ figure }: { figure: Figure }) {
  const { t } = useTranslation("totals");
  const set = useSettings();
  const usd = (value: number | null) => (value === null ? "?" : dollars(value, set));
  return (
    <>
      <span className="small muted">
        {t("withoutLabel", { from: usd(figure.without_a_label.usd_min), to: usd(figure.without_a_label.usd_max) })}
      </span>
      <span className="small muted">
        {t("withoutSource", { from: usd(figure.without_a_source.usd_min), to: usd(figure.without_a_source.usd_max) })}
      </span>
    </>
  );
}

function Grounds({ set, data, path }: { set: Scope; data: View; path: string }) {
  const { t } = useTranslation("totals");
  const settings = useSettings();
  return (
    <div className="two">
      <Panel title={t("grounds")} note={t("groundsNote")}>
        <DataTable
          caption={t("grounds")}
          dense
          rows={[{ ...set.decided, of: "decided" }, { ...set.alleged, of: "alleged" }, ...set.by_basis]}
          rowKey={(row) => row.of}
          columns={[
            {
              id: "of",
              head: t("ground"),
              isName: true,
              cell: (row) =>
                row.of === "decided" || row.of === "alleged" ? <strong>{t(row.of)}</strong> : <Basis basis={row.of} />,
            },
            { id: "units", head: t("addresses"), align: "end", cell: (row) => <Num n={row.units} /> },
            { id: "received", head: t("received"), align: "end", cell: (row) => <Dollars usd={row.received.usd} /> },
            { id: "cashed", head: t("cashed_out"), align: "end", cell: (row) => <Dollars usd={row.cashed_out.usd} /> },
          ]}
        />
        {data.providers.length > 0 ? (
          <DataTable
            caption={t("providers")}
            showCaption
            dense
            rows={data.providers}
            rowKey={(row) => `${row.chain}-${row.name}`}
            columns={[
              { id: "name", head: t("service"), isName: true, cell: (row) => <bdi>{row.name}</bdi> },
              {
                id: "received",
                head: t("linkedReceived"),
                align: "end",
                cell: (row) => <Dollars usd={row.linked_received.usd} />,
              },
              { id: "sent", head: t("linkedSent"), align: "end", cell: (row) => <Dollars usd={row.linked_sent.usd} /> },
            ]}
          />
        ) : null}
      </Panel>
      <Panel title={t("weightiest")} note={t("weightiestNote")}>
        <DataTable
          caption={t("weightiest")}
          dense
          rows={set.weightiest_labels}
          rowKey={(row, at) => row.label ?? at}
          empty={<p className="muted">{t("noneWeighs")}</p>}
          columns={[
            {
              id: "name",
              head: t("label"),
              isName: true,
              cell: (row) => (
                <span className="figure">
                  <span className="cell-line">
                    <bdi>{row.name}</bdi>
                    <Why
                      label={row.name ?? row.source}
                      of={{
                        statement: t("weighs", {
                          name: row.name ?? row.source,
                          usd: digits(row.received.usd, settings),
                        }),
                        labels: [{ label: row.name ?? "", subject: row.subject, basis: row.basis, source: row.source }],
                        snapshot: data.snapshot,
                        path,
                        answer: row,
                      }}
                    />
                  </span>
                  {row.subject ? <AddressChip address={row.subject} copy={false} /> : null}
                </span>
              ),
            },
            { id: "source", head: t("source"), cell: (row) => <bdi className="small wraps">{row.source}</bdi> },
            { id: "received", head: t("received"), align: "end", cell: (row) => <Dollars usd={row.received.usd} /> },
            { id: "cashed", head: t("cashed_out"), align: "end", cell: (row) => <Dollars usd={row.cashed_out.usd} /> },
          ]}
        />
      </Panel>
    </div>
  );
}
