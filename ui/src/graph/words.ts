// The words on nodes and edges, for the board, the tables, announcements and the SVG file alike: in the reader's language and digits,
// identifiers and amounts isolated from the text around them.

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { amount, coinOf, dayOf, dollars, whole } from "../format/numbers";
import { useSettings, type Settings } from "../prefs";
import { coins } from "./amount";
import type { Asset, GraphNode } from "./document";
import type { PictureEdge, PictureNode } from "./picture";
import { middleCut } from "./shape";

export interface GraphWords {
  readonly node: (item: PictureNode) => { title: string; below: string };
  /** What a node is called in a sentence. */
  readonly name: (node: GraphNode) => string;
  readonly edge: (
    edge: PictureEdge,
    chain?: string,
    assets?: Readonly<Record<string, Asset>>,
  ) => { amount: string; when: string };
  readonly usd: (cents: string | null) => string | null;
  readonly count: (n: number) => string;
  readonly statement: (edge: Pick<PictureEdge, "how" | "policy" | "direction">) => string;
}

/** Decimals and symbol of an edge's asset; decimals are null for a token that does not tell them. */
export function assetOf(
  chain: string,
  asset: string,
  assets: Readonly<Record<string, Asset>>,
): { decimals: number | null; symbol: string } {
  const coin = coinOf(chain);
  if (asset === "native") return coin;
  const known = assets[asset];
  return { decimals: known?.decimals ?? null, symbol: known?.symbol ?? middleCut(asset, 4) };
}

type Say = (key: string, values?: Record<string, unknown>) => string;

function make(t: Say, set: Settings): GraphWords {
  const count = (n: number) => whole(n, set);
  const name = (node: GraphNode) => node.label ?? (node.kind === "group" ? t("group_untitled") : middleCut(node.value));
  return {
    name,
    count,
    node: (item) => {
      const { node } = item;
      const parts = [t(`kind.${node.kind}`)];
      if (node.category !== null) parts.push(t(`common:category.${node.category}`, { defaultValue: node.category }));
      if (node.severity !== null && node.severity !== "none")
        parts.push(t(`common:level.${node.severity.toLowerCase()}`, { defaultValue: node.severity }));
      if (item.members > 0) parts.push(t("members", { count: item.members, n: count(item.members) }));
      return { title: name(node), below: parts.join(" · ") };
    },
    edge: (edge, chain = "bitcoin", assets = {}) => {
      const { decimals, symbol } = assetOf(chain, edge.asset, assets);
      const figure = decimals === null ? `${edge.units} ${t("smallest_units")}` : amount(edge.units, decimals, set);
      const first = dayOf(edge.first_s, set);
      const last = dayOf(edge.last_s, set);
      return {
        amount: `${edge.isAtMost ? "≤ " : ""}${figure} ${symbol}`,
        when: first === last ? first : `${first} – ${last}`,
      };
    },
    usd: (cents) => (cents === null ? null : dollars(coins(cents, 2), set)),
    statement: (edge) =>
      t(`how.${edge.how}`, {
        policy: (edge.policy ?? "").toUpperCase(),
        way: edge.direction === null ? "" : t(`way.${edge.direction}`),
      }),
  };
}

/** The words in the language and digits that are set. */
export function useWords(): GraphWords {
  const { t } = useTranslation(["graph", "common"]);
  const set = useSettings();
  return useMemo(() => make(t as unknown as Say, set), [t, set]);
}
