// What of the graph is shown: by amount, statement, asset, category and number of edges. Filters hide and never delete; how much they
// hide is said, so that nobody takes a filtered picture for the whole.

import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { coinOf } from "../format/numbers";
import { Choice, Field, Tick } from "../parts/Field";
import { coins, unitsOfCoins } from "./amount";
import { HOWS, NO_FILTERS, type Filters, type GraphDocument } from "./document";
import { readDocumentOf, readPicture, useGraph, type GraphStore } from "./store";
import { assetOf, useWords } from "./words";

function inCoins(units: string | null, decimals: number): string {
  return units === null ? "" : coins(units, decimals).replace(/\.?0+$/, "");
}

/** An amount that is typed; it counts once it is one. */
function AmountField({
  label,
  units,
  decimals,
  onUnits,
}: {
  label: string;
  units: string | null;
  decimals: number;
  onUnits: (units: string | null) => void;
}) {
  const { t } = useTranslation("graph");
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? inCoins(units, decimals);
  const isWrong = text !== null && text.trim() !== "" && unitsOfCoins(text, decimals) === null;
  return (
    <Field
      label={label}
      ltr
      inputMode="decimal"
      value={shown}
      error={isWrong ? t("filter.no_amount") : undefined}
      onChange={(event) => {
        setText(event.target.value);
        const read = unitsOfCoins(event.target.value, decimals);
        if (event.target.value.trim() === "") onUnits(null);
        else if (read !== null) onUnits(read);
      }}
      onBlur={() => setText(null)}
    />
  );
}

function kinds(document: GraphDocument): { categories: string[]; assets: string[] } {
  const categories = new Set(Object.values(document.nodes).map((node) => node.category ?? ""));
  const assets = new Set(Object.values(document.edges).map((edge) => edge.asset));
  return { categories: [...categories].sort(), assets: [...assets].sort() };
}

export function FilterPanel({ store }: { store: GraphStore }) {
  const { t } = useTranslation(["graph", "common"]);
  const words = useWords();
  const document = useGraph(store, readDocumentOf);
  const picture = useGraph(store, readPicture);
  const { filters } = document;
  const { categories, assets } = useMemo(() => kinds(document), [document]);
  const coin = coinOf(document.chain);
  const set = (some: Partial<Filters>) => store.dispatch({ do: "filters", filters: { ...filters, ...some } });
  const toggle = <T extends string>(list: readonly T[], name: T, all: readonly T[]): T[] => {
    // An empty list means all, so the first click takes one away from all.
    const now = list.length === 0 ? [...all] : [...list];
    const next = now.includes(name) ? now.filter((other) => other !== name) : [...now, name];
    return next.length === all.length ? [] : next;
  };
  return (
    <div className="stack">
      <p role="status" className="small">
        {t("filter.hidden", { nodes: words.count(picture.hidden.nodes), edges: words.count(picture.hidden.edges) })}
      </p>
      <AmountField
        label={t("filter.at_least", { coin: coin.symbol })}
        units={filters.units_min}
        decimals={coin.decimals}
        onUnits={(units) => set({ units_min: units })}
      />
      <AmountField
        label={t("filter.at_most", { coin: coin.symbol })}
        units={filters.units_max}
        decimals={coin.decimals}
        onUnits={(units) => set({ units_max: units })}
      />
      <fieldset className="graph-choices">
        <legend>{t("filter.statements")}</legend>
        {HOWS.map((how) => (
          <Tick
            key={how}
            label={t(`how_short.${how}`)}
            checked={!filters.without.includes(how)}
            onChange={(event) =>
              set({
                without: event.target.checked
                  ? filters.without.filter((other) => other !== how)
                  : [...filters.without, how],
              })
            }
          />
        ))}
      </fieldset>
      {categories.length > 1 ? (
        <fieldset className="graph-choices">
          <legend>{t("filter.categories")}</legend>
          {categories.map((category) => (
            <Tick
              key={category}
              label={
                category === "" ? t("filter.no_category") : t(`common:category.${category}`, { defaultValue: category })
              }
              checked={filters.categories.length === 0 || filters.categories.includes(category)}
              onChange={() => set({ categories: toggle(filters.categories, category, categories) })}
            />
          ))}
        </fieldset>
      ) : null}
      {assets.length > 1 ? (
        <fieldset className="graph-choices">
          <legend>{t("filter.assets")}</legend>
          {assets.map((asset) => (
            <Tick
              key={asset}
              label={<bdi>{assetOf(document.chain, asset, document.assets).symbol}</bdi>}
              checked={filters.assets.length === 0 || filters.assets.includes(asset)}
              onChange={() => set({ assets: toggle(filters.assets, asset, assets) })}
            />
          ))}
        </fieldset>
      ) : null}
      <Choice
        label={t("filter.degree_min")}
        value={String(filters.degree_min)}
        onChange={(event) => set({ degree_min: Number(event.target.value) })}
        options={[0, 1, 2, 3, 5, 10].map((n) => ({ value: String(n), text: words.count(n) }))}
      />
      <Choice
        label={t("filter.degree_max")}
        value={filters.degree_max === null ? "" : String(filters.degree_max)}
        onChange={(event) => set({ degree_max: event.target.value === "" ? null : Number(event.target.value) })}
        options={[
          { value: "", text: t("filter.any") },
          ...[1, 2, 5, 10, 25, 100].map((n) => ({ value: String(n), text: words.count(n) })),
        ]}
      />
      <button type="button" className="button" onClick={() => store.dispatch({ do: "filters", filters: NO_FILTERS })}>
        {t("filter.clear")}
      </button>
    </div>
  );
}
