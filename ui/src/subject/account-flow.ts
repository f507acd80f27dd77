// What a trace on a chain of accounts says, made ready to be shown: the places where money ended, put together by who
// holds them, and the way to each through the transfers that carried it.
import type { Schemas } from "../api/client";
import type { Step } from "../parts";
import { unitsIn, type Sum } from "./amounts";

export type AccountTrace = Schemas["AccountTraceView"];
export type Place = Schemas["AccountPlaceView"];
type Edge = Schemas["AccountEdgeView"];
export type Totals = Schemas["AssetTotalsView"];

/** Steps of a way at most: more than a trace follows hops, since the way into a pool is none. */
const STEPS_MAX = 64;

/** The parts into which the money of one asset fell, and those that are left out of a trace backward or forward. */
export const PARTS = [
  "stopped",
  "held",
  "converted_out",
  "returned",
  "internal",
  "fee",
  "outside",
  "unknown",
] as const satisfies readonly (keyof Totals)[];

/** The parts of one asset that are more than nothing. */
export function partsOf(totals: Totals): { name: (typeof PARTS)[number]; sum: Sum }[] {
  return PARTS.map((name) => ({ name, sum: totals[name] })).filter(({ sum }) => unitsIn(sum) > 0n);
}

/** All that the trace began with of the asset, exchanges on the way with it: what its parts come to. */
export function wholeOf(totals: Totals): bigint {
  return unitsIn(totals.source) + unitsIn(totals.converted_in);
}

/** What the parts and bounds of one asset come to. Of an honest answer the same as [`wholeOf`]. */
export function partsSum(totals: Totals): bigint {
  return (
    PARTS.reduce((sum, name) => sum + unitsIn(totals[name]), 0n) +
    totals.bounded.reduce((sum, bound) => sum + unitsIn(bound.amount), 0n)
  );
}

/**
 * A way between the target and a place, oldest transfer first, found by going from the place along the transfers that
 * carried its money. `null` where the listed transfers do not reach it: the answer lists them up to a bound.
 */
export function wayTo(trace: AccountTrace, place: Place): Step[] | null {
  const isBack = trace.direction === "backward";
  const steps: Edge[] = [];
  const used = new Set<Edge>();
  let at: string | null | undefined = place.account;
  let hop = place.hops;
  let asset = place.amount.asset.id;
  while (at && hop > 0 && steps.length < STEPS_MAX) {
    const edge = nearest(
      trace.edges,
      (one) => (isBack ? one.from : one.to) === at && one.hop <= hop && !used.has(one),
      asset,
    );
    if (!edge) return null;
    used.add(edge);
    steps.push(edge);
    at = isBack ? edge.to : edge.from;
    asset = edge.asset.id;
    if (edge.hop <= 1) break;
    hop = edge.hop === hop && edge.hop > 0 ? hop - 1 : edge.hop;
  }
  if (steps.length === 0) return null;
  return (isBack ? steps : steps.reverse()).map((edge) => ({
    txid: edge.tx ?? "",
    time: edge.time,
    from: edge.from,
    to: edge.to,
    units: edge.tainted_units,
    decimals: edge.asset.decimals ?? 0,
    symbol: edge.asset.symbol ?? edge.asset.id,
  }));
}

/** Of the transfers that fit the one of most hops, of the same asset before others. */
function nearest(edges: readonly Edge[], fits: (edge: Edge) => boolean, asset: string): Edge | undefined {
  let best: Edge | undefined;
  for (const edge of edges) {
    if (!fits(edge)) continue;
    if (!best || edge.hop > best.hop || (edge.hop === best.hop && edge.asset.id === asset && best.asset.id !== asset)) {
      best = edge;
    }
  }
  return best;
}
