// How a graph is grown from what is chosen: by counterparty, by where money went or came from, straight to services, by the paths
// between two, by the transaction. The questions are put in words and bounded; what came of them is said and listed.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { coinOf } from "../format/numbers";
import { Choice, Field, Tick } from "../parts/Field";
import { unitsOfCoins } from "./amount";
import type { GraphNode } from "./document";
import { POLICIES, type PartiesAsked, type Policy, type TraceAsked } from "./grow";
import { useWords } from "./words";

export type Wish =
  | { readonly by: "parties"; readonly node: GraphNode; readonly asked: PartiesAsked }
  | { readonly by: "trace"; readonly node: GraphNode; readonly asked: TraceAsked }
  | {
      readonly by: "paths";
      readonly from: GraphNode;
      readonly to: GraphNode;
      readonly asked: { count: number; hops: number; through: boolean };
    }
  | { readonly by: "links" }
  | { readonly by: "transaction"; readonly node: GraphNode }
  | { readonly by: "entities" };

export const QUICK: PartiesAsked = { side: "both", top: 10, order: "amount", category: "", from: "", to: "" };

/** Where money went until a service has it. */
export const TO_SERVICES: TraceAsked = {
  backward: false,
  policy: "fifo",
  hops: 20,
  services: true,
  amount_min: "",
  since: "",
  until: "",
};

export function GrowPanel({
  chosen,
  categories,
  isBusy,
  onWish,
}: {
  chosen: readonly GraphNode[];
  categories: readonly string[];
  isBusy: boolean;
  onWish: (wish: Wish) => void;
}) {
  const { t } = useTranslation("graph");
  const words = useWords();
  const node = chosen[0];
  const other = chosen[1];
  const links = (
    <section className="stack graph-part">
      <h3>{t("grow.present")}</h3>
      <button type="button" className="button" disabled={isBusy} onClick={() => onWish({ by: "links" })}>
        {t("grow.links")}
      </button>
      <button type="button" className="button" disabled={isBusy} onClick={() => onWish({ by: "entities" })}>
        {t("grow.entities")}
      </button>
    </section>
  );
  if (node === undefined || node.kind === "group") {
    return (
      <div className="stack">
        <p className="muted">{t("grow.choose")}</p>
        {links}
      </div>
    );
  }
  return (
    <div className="stack">
      <p>
        {t("grow.from")} <bdi className={node.label === null ? "mono" : ""}>{words.name(node)}</bdi>
      </p>
      {node.kind === "transaction" ? (
        <button
          type="button"
          className="button button-main"
          disabled={isBusy}
          onClick={() => onWish({ by: "transaction", node })}
        >
          {t("grow.transaction")}
        </button>
      ) : (
        <Parties node={node} categories={categories} isBusy={isBusy} onWish={onWish} />
      )}
      <Trace node={node} isBusy={isBusy} onWish={onWish} />
      {other !== undefined && other.kind !== "group" ? (
        <Paths from={node} to={other} isBusy={isBusy} onWish={onWish} />
      ) : (
        <p className="muted small">{t("grow.two_for_paths")}</p>
      )}
      {links}
    </div>
  );
}

interface Part {
  readonly node: GraphNode;
  readonly isBusy: boolean;
  readonly onWish: (wish: Wish) => void;
}

function Parties({ node, categories, isBusy, onWish }: Part & { categories: readonly string[] }) {
  const { t } = useTranslation(["graph", "common"]);
  const words = useWords();
  const [asked, setAsked] = useState<PartiesAsked>(QUICK);
  const set = (some: Partial<PartiesAsked>) => setAsked({ ...asked, ...some });
  return (
    <section className="stack graph-part">
      <h3>{t("grow.parties")}</h3>
      <Choice
        label={t("grow.side")}
        value={asked.side}
        onChange={(event) => set({ side: event.target.value as PartiesAsked["side"] })}
        options={(["both", "received", "sent"] as const).map((value) => ({ value, text: t(`side.${value}`) }))}
      />
      <div className="graph-pair">
        <Choice
          label={t("grow.top")}
          value={String(asked.top)}
          onChange={(event) => set({ top: Number(event.target.value) })}
          options={[5, 10, 20, 50, 100].map((n) => ({ value: String(n), text: words.count(n) }))}
        />
        <Choice
          label={t("grow.order")}
          value={asked.order}
          onChange={(event) => set({ order: event.target.value as PartiesAsked["order"] })}
          options={(["amount", "latest", "earliest"] as const).map((value) => ({ value, text: t(`order.${value}`) }))}
        />
      </div>
      <Choice
        label={t("grow.category")}
        value={asked.category}
        onChange={(event) => set({ category: event.target.value })}
        options={[
          { value: "", text: t("filter.any") },
          ...categories.map((value) => ({ value, text: t(`common:category.${value}`, { defaultValue: value }) })),
        ]}
      />
      <div className="graph-pair">
        <Field
          label={t("grow.from_day")}
          type="date"
          ltr
          value={asked.from}
          onChange={(event) => set({ from: event.target.value })}
        />
        <Field
          label={t("grow.to_day")}
          type="date"
          ltr
          value={asked.to}
          onChange={(event) => set({ to: event.target.value })}
        />
      </div>
      <button
        type="button"
        className="button button-main"
        disabled={isBusy}
        onClick={() => onWish({ by: "parties", node, asked })}
      >
        {t("grow.parties_do")}
      </button>
    </section>
  );
}

function Trace({ node, isBusy, onWish }: Part) {
  const { t } = useTranslation("graph");
  const words = useWords();
  const coin = coinOf(node.chain);
  const [asked, setAsked] = useState<TraceAsked>({ ...TO_SERVICES, services: false, hops: 3 });
  const [least, setLeast] = useState("");
  const set = (some: Partial<TraceAsked>) => setAsked({ ...asked, ...some });
  const units = least.trim() === "" ? "" : unitsOfCoins(least, coin.decimals);
  const wish = (services: boolean) =>
    onWish({
      by: "trace",
      node,
      asked: { ...asked, services, hops: services ? 20 : asked.hops, amount_min: units ?? "" },
    });
  return (
    <section className="stack graph-part">
      <h3>{t("grow.trace")}</h3>
      <Choice
        label={t("grow.way")}
        value={asked.backward ? "backward" : "forward"}
        onChange={(event) => set({ backward: event.target.value === "backward" })}
        options={[
          { value: "forward", text: t("grow.forward") },
          { value: "backward", text: t("grow.backward") },
        ]}
      />
      <div className="graph-pair">
        <Choice
          label={t("grow.policy")}
          value={asked.policy}
          onChange={(event) => set({ policy: event.target.value as Policy })}
          options={POLICIES.map((value) => ({ value, text: t(`policy.${value}`) }))}
        />
        <Choice
          label={t("grow.hops")}
          value={String(asked.hops)}
          onChange={(event) => set({ hops: Number(event.target.value) })}
          options={[1, 2, 3, 5, 8, 12, 20].map((n) => ({ value: String(n), text: words.count(n) }))}
        />
      </div>
      <Field
        label={t("grow.least", { coin: coin.symbol })}
        ltr
        inputMode="decimal"
        value={least}
        error={units === null ? t("filter.no_amount") : undefined}
        onChange={(event) => setLeast(event.target.value)}
      />
      <div className="graph-pair">
        <Field
          label={t("grow.from_day")}
          type="date"
          ltr
          value={asked.since}
          onChange={(event) => set({ since: event.target.value })}
        />
        <Field
          label={t("grow.to_day")}
          type="date"
          ltr
          value={asked.until}
          onChange={(event) => set({ until: event.target.value })}
        />
      </div>
      <div className="row">
        <button
          type="button"
          className="button button-main"
          disabled={isBusy || units === null}
          onClick={() => wish(true)}
        >
          {asked.backward ? t("grow.from_services") : t("grow.to_services")}
        </button>
        <button type="button" className="button" disabled={isBusy || units === null} onClick={() => wish(false)}>
          {t("grow.trace_do")}
        </button>
      </div>
      <p className="muted small">{t("grow.services_note")}</p>
    </section>
  );
}

function Paths({
  from,
  to,
  isBusy,
  onWish,
}: {
  from: GraphNode;
  to: GraphNode;
  isBusy: boolean;
  onWish: (wish: Wish) => void;
}) {
  const { t } = useTranslation("graph");
  const words = useWords();
  const [count, setCount] = useState(3);
  const [hops, setHops] = useState(6);
  const [through, setThrough] = useState(false);
  return (
    <section className="stack graph-part">
      <h3>{t("grow.paths")}</h3>
      <p>
        <bdi>{words.name(from)}</bdi>, <bdi>{words.name(to)}</bdi>
      </p>
      <div className="graph-pair">
        <Choice
          label={t("grow.count")}
          value={String(count)}
          onChange={(event) => setCount(Number(event.target.value))}
          options={[1, 3, 5, 10].map((n) => ({ value: String(n), text: words.count(n) }))}
        />
        <Choice
          label={t("grow.hops")}
          value={String(hops)}
          onChange={(event) => setHops(Number(event.target.value))}
          options={[3, 6, 10, 15].map((n) => ({ value: String(n), text: words.count(n) }))}
        />
      </div>
      <Tick label={t("grow.through")} checked={through} onChange={(event) => setThrough(event.target.checked)} />
      <button
        type="button"
        className="button"
        disabled={isBusy}
        onClick={() => onWish({ by: "paths", from, to, asked: { count, hops, through } })}
      >
        {t("grow.paths_do")}
      </button>
    </section>
  );
}
