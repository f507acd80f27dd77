// A trace as a person asks for it: where did the money go, service by service, and by which way. Sums are exact; the
// parts add up to what the trace began with.
import type { Schemas } from "../api/client";
import type { Step } from "../parts/Why";

export type Trace = Schemas["TraceView"];
export type Place = Schemas["PlaceView"];
type Edge = Schemas["EdgeView"];

/** Where money ended: at a service by its name, in CoinJoins, at an address without a name. */
export interface End {
  key: string;
  /** `service`, `coinjoin`, `pool`, `unspent`, `minted`. */
  reason: string;
  label: string | null;
  category: string | null;
  address: string | null;
  units: bigint;
  usd: number | null;
  /** Whether some part has no price. */
  isPartlyUnpriced: boolean;
  places: Place[];
  first: string;
  last: string;
  hopsMin: number;
}

/** Puts the places of a trace together by whose they are, the largest sum first. */
export function ends(places: readonly Place[]): End[] {
  const found = new Map<string, End>();
  for (const place of places) {
    const key = `${place.reason} ${place.label ?? place.address ?? place.txid}`;
    const units = BigInt(place.amount_sat);
    const end = found.get(key);
    if (!end) {
      found.set(key, {
        key,
        reason: place.reason,
        label: place.label ?? null,
        category: place.category ?? null,
        address: place.address ?? null,
        units,
        usd: place.usd ?? null,
        isPartlyUnpriced: place.usd === null || place.usd === undefined,
        places: [place],
        first: place.time,
        last: place.time,
        hopsMin: place.hops,
      });
      continue;
    }
    end.units += units;
    if (place.usd === null || place.usd === undefined) end.isPartlyUnpriced = true;
    else end.usd = (end.usd ?? 0) + place.usd;
    end.places.push(place);
    if (place.time < end.first) end.first = place.time;
    if (place.time > end.last) end.last = place.time;
    end.hopsMin = Math.min(end.hopsMin, place.hops);
  }
  return [...found.values()].sort((a, b) => (a.units === b.units ? 0 : a.units < b.units ? 1 : -1));
}

/**
 * One way by which money reached an output, in the order in which it moved, out of the edges that the answer lists.
 * At each output the largest movement into it is taken. `null` where the listed edges do not reach back to a start.
 */
export function wayTo(trace: Trace, place: Place): Step[] | null {
  const isForward = trace.direction === "forward";
  const by = new Map<string, Edge>();
  for (const edge of trace.edges) {
    const at = isForward ? edge.to_output : edge.from_output;
    if (!at) continue;
    const known = by.get(at);
    if (!known || known.amount_sat < edge.amount_sat) by.set(at, edge);
  }
  const steps: Step[] = [];
  const seen = new Set<string>();
  let at: string | null | undefined = `${place.txid}:${place.vout}`;
  while (at && !seen.has(at)) {
    seen.add(at);
    const edge = by.get(at);
    if (!edge) break;
    const step: Step = {
      txid: edge.txid,
      time: edge.time,
      from: edge.from ?? null,
      to: edge.to ?? null,
      units: edge.amount_sat,
    };
    if (isForward) steps.unshift(step);
    else steps.push(step);
    if (edge.hop <= 1) return steps;
    at = isForward ? edge.from_output : edge.to_output;
  }
  return null;
}

/** What became of the money that a trace began with; the parts add up to `source`. */
export function balance(trace: Trace) {
  const parts = {
    stopped: BigInt(trace.stopped_sat),
    held: BigInt(trace.held_sat),
    minted: BigInt(trace.minted_sat),
    returned: BigInt(trace.returned_sat) + BigInt(trace.internal_sat),
    bounded: BigInt(trace.bounded_sat),
    fee: BigInt(trace.fee_sat),
  };
  return { source: BigInt(trace.source_sat), parts };
}
