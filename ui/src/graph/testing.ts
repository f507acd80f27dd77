// Invented statements for tests.

import { edgeOfParts } from "./commands";
import { edgeId, type GraphEdge } from "./document";

function blank(from: string, to: string, how: GraphEdge["how"], more: Partial<GraphEdge> = {}): GraphEdge {
  const draft = { from, to, how, policy: null, target: null, direction: null, asset: "native", ...more };
  return {
    units: "0",
    usd_cents: null,
    txs: 0,
    first_s: 0,
    last_s: 0,
    txids: [],
    parts: [],
    snapshot: "s",
    asked: "/v1/asked",
    colour: null,
    note: "",
    ...draft,
    id: edgeId(draft),
  };
}

/** All that one sent the other, between two times. */
export function directEdge(
  from: string,
  to: string,
  units: string,
  first_s = 1_520_000_000,
  last_s = 1_530_000_000,
): GraphEdge {
  return { ...blank(from, to, "direct"), units, usd_cents: "100", txs: 2, first_s, last_s, txids: ["t1", "t2"] };
}

/** Traced money in movements of key, units and time. */
export function traceEdge(
  from: string,
  to: string,
  parts: readonly (readonly [string, string, number])[],
  target = "1A",
): GraphEdge {
  const draft = blank(from, to, "trace", { policy: "fifo", target, direction: "forward" });
  return edgeOfParts(
    draft,
    parts.map(([key, units, time_s]) => ({ key, txid: `tx ${key}`, units, time_s })),
  );
}
