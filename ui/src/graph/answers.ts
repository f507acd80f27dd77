// Answers of the service as things on the graph. Each edge keeps the question whose answer states it and the snapshot, so that every
// line of the picture can be asked again. Only the fields used here are written down as types: answers come from our own service,
// but a field that is missing or of another kind leaves a thing out rather than drawing a wrong one.

import { readCents, readUnits } from "./amount";
import { edgeOfParts, type Batch } from "./commands";
import { edgeId, newNode, nodeId, type Asset, type GraphEdge, type GraphNode, type How, type Part } from "./document";

/** Whole or digits, as parseExact gives them. */
export type WireUnits = number | string;

export interface PartyWire {
  readonly entity: string | null;
  readonly address: string;
  readonly side: string;
  readonly label: string | null;
  readonly category: string | null;
  readonly severity: string | null;
  readonly service: boolean;
  /** None on chains of accounts, where `amounts` has one sum for each asset. */
  readonly amount_units: WireUnits | null;
  readonly amounts?: readonly AmountWire[];
  readonly usd: number | string | null;
  readonly txs: number;
  readonly first_time: string;
  readonly last_time: string;
  readonly sample_txids: readonly string[];
}

interface AssetWire {
  readonly id: string;
  readonly symbol: string | null;
  readonly decimals: number | null;
  readonly verified: boolean;
}

interface AmountWire {
  readonly asset: AssetWire;
  readonly units: WireUnits;
  readonly usd: number | string | null;
}

interface SideWire {
  readonly coinjoin_units?: WireUnits;
  readonly to_self_units?: WireUnits;
}

export interface CounterpartiesWire {
  readonly parties: readonly PartyWire[];
  readonly received?: SideWire;
  readonly sent?: SideWire;
  readonly examined?: { readonly bound?: string | null };
  readonly truncated?: boolean;
  readonly snapshot: string | null;
}

export interface LinksWire {
  readonly links: readonly {
    readonly from: string;
    readonly to: string;
    readonly amount_units: WireUnits;
    readonly usd: number | string | null;
    readonly txs: number;
    readonly first_time: string;
    readonly last_time: string;
    readonly sample_txids: readonly string[];
  }[];
  readonly truncated?: boolean;
  readonly snapshot: string | null;
}

interface PlaceWire {
  readonly txid?: string;
  readonly vout?: number;
  readonly address?: string | null;
  readonly account?: string;
  readonly label?: string | null;
  readonly labels?: readonly string[];
  readonly category?: string | null;
  readonly reason?: string;
  readonly stop?: string | null;
}

interface TraceEdgeWire {
  readonly txid?: string;
  readonly tx?: string | null;
  readonly time: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly from_output?: string;
  readonly to_output?: string | null;
  readonly amount_sat?: WireUnits;
  readonly tainted_units?: WireUnits;
  readonly asset?: AssetWire;
}

export interface TraceWire {
  readonly target: string;
  readonly direction: string;
  readonly policy: string;
  readonly edges: readonly TraceEdgeWire[];
  readonly edge_count: number;
  readonly edges_truncated?: boolean;
  readonly stopped: readonly PlaceWire[];
  readonly held?: readonly PlaceWire[];
  readonly snapshot: string | null;
}

interface PathPlaceWire {
  readonly output: string;
  readonly address: string | null;
  readonly label: string | null;
  readonly category: string | null;
  readonly is_service: boolean;
}

export interface PathsWire {
  readonly from: { readonly target: string };
  readonly to: { readonly target: string };
  readonly searches: readonly {
    readonly outcome: string;
    readonly paths: readonly {
      readonly steps: readonly {
        readonly txid: string;
        readonly time: string;
        readonly from: PathPlaceWire;
        readonly to: PathPlaceWire;
        readonly width_sat: WireUnits;
      }[];
    }[];
  }[];
  readonly snapshot: string | null;
}

export interface TxWire {
  readonly txid: string;
  readonly time: string;
  readonly inputs: readonly {
    readonly prev_txid?: string;
    readonly prev_vout?: number;
    readonly address?: string | null;
    readonly value_sat?: WireUnits;
  }[];
  readonly outputs: readonly {
    readonly vout: number;
    readonly address?: string | null;
    readonly value_sat: WireUnits;
  }[];
  readonly snapshot?: string | null;
}

/** Seconds since 1970 of an answer's time; null where it is none. */
export function seconds(time: string): number | null {
  const ms = Date.parse(time);
  return Number.isFinite(ms) && ms >= 0 ? Math.floor(ms / 1_000) : null;
}

interface Statement {
  readonly from: string;
  readonly to: string;
  readonly how: How;
  readonly asked: string;
  readonly snapshot: string | null;
  readonly asset?: string;
  readonly policy?: string;
  readonly target?: string;
  readonly direction?: "forward" | "backward";
}

function edge(statement: Statement): GraphEdge {
  const draft = {
    from: statement.from,
    to: statement.to,
    how: statement.how,
    policy: statement.policy ?? null,
    target: statement.target ?? null,
    direction: statement.direction ?? null,
    asset: statement.asset ?? "native",
  };
  return {
    ...draft,
    id: edgeId(draft),
    units: "0",
    usd_cents: null,
    txs: 0,
    first_s: 0,
    last_s: 0,
    txids: [],
    parts: [],
    snapshot: statement.snapshot,
    asked: statement.asked,
    colour: null,
    note: "",
  };
}

interface Sum {
  readonly amount_units: WireUnits | null;
  readonly usd: number | string | null;
  readonly txs: number;
  readonly first_time: string;
  readonly last_time: string;
  readonly sample_txids: readonly string[];
}

function summed(draft: GraphEdge, sum: Sum): GraphEdge | null {
  const units = readUnits(sum.amount_units);
  const first = seconds(sum.first_time);
  const last = seconds(sum.last_time);
  if (units === null || first === null || last === null) return null;
  return {
    ...draft,
    units,
    usd_cents: readCents(sum.usd),
    txs: sum.txs,
    first_s: first,
    last_s: last,
    txids: sum.sample_txids.slice(0, 20),
  };
}

/** The id of an asset; what is known of a token is put with the others. */
function assetOf(asset: AssetWire | undefined, assets: Record<string, Asset>): string {
  if (asset === undefined || asset.id === "native") return "native";
  assets[asset.id] = { symbol: asset.symbol, decimals: asset.decimals, verified: asset.verified };
  return asset.id;
}

/** Parties of a node: those that paid it left of it, those that it paid right of it. */
export function ofCounterparties(node: GraphNode, answer: CounterpartiesWire, asked: string): Batch {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const assets: Record<string, Asset> = {};
  for (const party of answer.parties) {
    const value = party.entity ?? party.address;
    const other = newNode(party.service ? "service" : "entity", node.chain, value, {
      label: party.label,
      category: party.category,
      severity: party.severity,
    });
    if (other.id === node.id) continue;
    const isPayer = party.side === "received";
    const ends = {
      from: isPayer ? other.id : node.id,
      to: isPayer ? node.id : other.id,
      how: "direct" as const,
      asked,
      snapshot: answer.snapshot,
    };
    const made =
      party.amounts === undefined
        ? [summed(edge(ends), party)]
        : party.amounts.map((amount) => {
            const asset = assetOf(amount.asset, assets);
            return summed(edge({ ...ends, asset }), { ...party, amount_units: amount.units, usd: amount.usd });
          });
    const exact = made.filter((one) => one !== null);
    if (exact.length === 0) continue;
    nodes.push(other);
    edges.push(...exact);
  }
  return { nodes, edges, assets };
}

/** Links between nodes that are there; `kind` says of what the question was. */
export function ofLinks(chain: string, kind: "address" | "entity", answer: LinksWire, asked: string): Batch {
  const edges = answer.links.flatMap((link) => {
    const from = nodeId(kind, chain, link.from);
    const to = nodeId(kind, chain, link.to);
    return from === to ? [] : (summed(edge({ from, to, how: "direct", asked, snapshot: answer.snapshot }), link) ?? []);
  });
  return { nodes: [], edges };
}

class Flows {
  readonly nodes = new Map<string, GraphNode>();
  readonly drafts = new Map<string, { edge: GraphEdge; parts: Map<string, Part> }>();
  readonly chain: string;

  constructor(chain: string) {
    this.chain = chain;
  }

  address(value: string, known: Partial<GraphNode> = {}): string {
    const id = nodeId("address", this.chain, value);
    const old = this.nodes.get(id);
    if (old === undefined) this.nodes.set(id, newNode("address", this.chain, value, known));
    else if (old.label === null && known.label) this.nodes.set(id, { ...old, ...known });
    return id;
  }

  part(draft: GraphEdge, part: Part): void {
    const there = this.drafts.get(draft.id);
    if (there === undefined) this.drafts.set(draft.id, { edge: draft, parts: new Map([[part.key, part]]) });
    else there.parts.set(part.key, part);
  }

  batch(assets?: Record<string, Asset>): Batch {
    const edges = [...this.drafts.values()].map((draft) => edgeOfParts(draft.edge, [...draft.parts.values()]));
    return { nodes: [...this.nodes.values()], edges, ...(assets === undefined ? {} : { assets }) };
  }
}

/** Which edges of a trace lie on a way to a service: the rest ends nowhere that anybody could be asked. */
function towardServices(answer: TraceWire, isWanted: (place: PlaceWire) => boolean): ReadonlySet<TraceEdgeWire> {
  const isForward = answer.direction === "forward";
  const far = (step: TraceEdgeWire) => (isForward ? step.to_output : step.from_output) ?? null;
  const near = (step: TraceEdgeWire) => (isForward ? step.from_output : step.to_output) ?? null;
  const isOfOutputs = answer.edges.some((step) => step.from_output !== undefined);
  const key = (step: TraceEdgeWire, end: "near" | "far") => {
    if (isOfOutputs) return end === "near" ? near(step) : far(step);
    return (end === "near") === isForward ? step.from : step.to;
  };
  const reaching = new Map<string, TraceEdgeWire[]>();
  for (const step of answer.edges) {
    const at = key(step, "far");
    if (at === null) continue;
    const list = reaching.get(at);
    if (list === undefined) reaching.set(at, [step]);
    else list.push(step);
  }
  const todo: string[] = [];
  for (const place of answer.stopped) {
    if (!isWanted(place)) continue;
    const at = isOfOutputs ? `${place.txid ?? ""}:${place.vout ?? ""}` : (place.account ?? "");
    todo.push(at);
  }
  const seen = new Set(todo);
  const kept = new Set<TraceEdgeWire>();
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    for (const step of reaching.get(at) ?? []) {
      kept.add(step);
      const before = key(step, "near");
      if (before !== null && !seen.has(before)) {
        seen.add(before);
        todo.push(before);
      }
    }
  }
  return kept;
}

const SERVICE_REASONS = new Set(["service", "inferred_service", "mixer", "bridge"]);

/** A trace; with `services`, only the ways that end at services. Addresses of one label lie in one closed node. */
export function ofTrace(chain: string, answer: TraceWire, asked: string, how: { readonly services: boolean }): Batch {
  const flows = new Flows(chain);
  const isService = (place: PlaceWire) => SERVICE_REASONS.has(place.reason ?? place.stop ?? "");
  const kept = how.services ? towardServices(answer, isService) : null;
  const direction = answer.direction === "backward" ? "backward" : "forward";
  const assets: Record<string, Asset> = {};
  const nth = new Map<string, number>();
  for (const step of answer.edges) {
    const txid = step.txid ?? step.tx ?? null;
    const units = readUnits(step.amount_sat ?? step.tainted_units);
    const time = seconds(step.time);
    if (txid === null || units === null || time === null || step.from === null || step.to === null) continue;
    const asset = assetOf(step.asset, assets);
    let key = `${step.from_output ?? ""}>${step.to_output ?? ""}`;
    if (step.from_output === undefined) {
      const same = `${txid}|${step.from}|${step.to}|${asset}`;
      const count = nth.get(same) ?? 0;
      nth.set(same, count + 1);
      key = `${txid}#${count}`;
    } else if (step.to_output?.startsWith(`${txid}:`))
      key = `${step.from_output}>${step.to_output.slice(txid.length + 1)}`;
    if (kept !== null && !kept.has(step)) continue;
    const from = flows.address(step.from);
    const to = flows.address(step.to);
    if (from === to) continue;
    flows.part(
      edge({
        from,
        to,
        how: "trace",
        asked,
        snapshot: answer.snapshot,
        asset,
        policy: answer.policy,
        target: answer.target,
        direction,
      }),
      { key, txid, units, time_s: time },
    );
  }
  for (const place of [...answer.stopped, ...(answer.held ?? [])]) {
    const address = place.address ?? place.account ?? null;
    const label = place.label ?? place.labels?.[0] ?? null;
    if (address === null || label === null || !flows.nodes.has(nodeId("address", chain, address))) continue;
    flows.address(address, { label, category: place.category ?? null });
  }
  return flows.batch(assets);
}

/** Paths from one to another. */
export function ofPaths(chain: string, answer: PathsWire, asked: string): Batch {
  const flows = new Flows(chain);
  const target = `${answer.from.target} > ${answer.to.target}`;
  for (const search of answer.searches) {
    for (const path of search.paths) {
      for (const step of path.steps) {
        const units = readUnits(step.width_sat);
        const time = seconds(step.time);
        if (units === null || time === null || step.from.address === null || step.to.address === null) continue;
        const from = flows.address(step.from.address, { label: step.from.label, category: step.from.category });
        const to = flows.address(step.to.address, { label: step.to.label, category: step.to.category });
        if (from === to) continue;
        flows.part(edge({ from, to, how: "path", asked, snapshot: answer.snapshot, target }), {
          key: `${step.from.output}>${step.to.output}`,
          txid: step.txid,
          units,
          time_s: time,
        });
      }
    }
  }
  return flows.batch();
}

/** A transaction with who paid into it and whom it paid. */
export function ofTransaction(chain: string, answer: TxWire, asked: string): Batch {
  const flows = new Flows(chain);
  const centre = newNode("transaction", chain, answer.txid);
  flows.nodes.set(centre.id, centre);
  const time = seconds(answer.time) ?? 0;
  const snapshot = answer.snapshot ?? null;
  for (const input of answer.inputs) {
    const units = readUnits(input.value_sat);
    if (units === null || input.address == null) continue;
    flows.part(edge({ from: flows.address(input.address), to: centre.id, how: "spend", asked, snapshot }), {
      key: `in ${input.prev_txid ?? ""}:${input.prev_vout ?? ""}`,
      txid: answer.txid,
      units,
      time_s: time,
    });
  }
  for (const output of answer.outputs) {
    const units = readUnits(output.value_sat);
    if (units === null || output.address == null) continue;
    flows.part(edge({ from: centre.id, to: flows.address(output.address), how: "spend", asked, snapshot }), {
      key: `out ${output.vout}`,
      txid: answer.txid,
      units,
      time_s: time,
    });
  }
  return flows.batch();
}

/**
 * The same batch with new addresses of one label in one closed group: several addresses of an exchange are one place to ask. The
 * group says what it is, addresses by the same label, and not that they are one entity.
 */
export function gathered(batch: Batch, isThere: (id: string) => boolean): Batch {
  const sets = new Map<string, GraphNode[]>();
  for (const node of batch.nodes) {
    if (node.kind !== "address" || node.label === null || isThere(node.id)) continue;
    const key = `${node.chain} ${node.category ?? ""} ${node.label}`;
    const list = sets.get(key);
    if (list === undefined) sets.set(key, [node]);
    else list.push(node);
  }
  const parents = new Map<string, string>();
  const groups: GraphNode[] = [];
  for (const list of sets.values()) {
    const first = list[0];
    if (first === undefined || first.label === null) continue;
    const group = newNode("group", first.chain, `${first.category ?? ""} ${first.label}`.slice(0, 280), {
      label: first.label,
      category: first.category,
      open: false,
    });
    if (list.length < 2 && !isThere(group.id)) continue;
    groups.push(group);
    for (const node of list) parents.set(node.id, group.id);
  }
  if (groups.length === 0) return batch;
  const nodes = batch.nodes.map((node) => {
    const parent = parents.get(node.id);
    return parent === undefined ? node : { ...node, parent };
  });
  return { ...batch, nodes: [...groups, ...nodes] };
}
