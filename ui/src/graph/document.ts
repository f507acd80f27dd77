// The graph document: what an analyst has put on the table, as plain data. It is what is saved, exported and imported, so it has a
// format name and a version and is checked on the way in (read.ts). It holds statements of the service with where they come from
// (path asked, snapshot), never a sum that only the picture made: sums of groups are worked out when drawn (picture.ts).

import type { Units } from "./amount";

export const FORMAT = "athar-graph";
export const VERSION = 1;
/** Nodes that a graph may hold: as many as stay usable. What is beyond is left out, and said. */
export const NODES_MAX = 1_500;
export const EDGES_MAX = 6_000;
/** Single movements over all edges; with them a document stays under the 2 MiB that a case keeps. */
export const PARTS_MAX = 8_000;
export const NOTE_MAX = 2_000;
export const TEXT_MAX = 500;

export const COLOURS = ["red", "amber", "green", "blue", "violet", "grey"] as const;
export type Colour = (typeof COLOURS)[number];

export const KINDS = ["address", "entity", "transaction", "service", "group"] as const;
export type Kind = (typeof KINDS)[number];

/**
 * What an edge states.
 * `direct`: all that went from one to the other, as far as the service looked. `trace`: how much of the traced money went this way
 * under a policy. `path`: the most that a step on a path can carry. `spend`: an input or output of one transaction.
 * These are four different claims: they are never added to each other.
 */
export const HOWS = ["direct", "trace", "path", "spend"] as const;
export type How = (typeof HOWS)[number];

export interface GraphNode {
  readonly id: string;
  readonly kind: Kind;
  readonly chain: string;
  /** Address, entity name, transaction id; of a group: empty. */
  readonly value: string;
  /** Name by a label, or the title of a group. */
  readonly label: string | null;
  readonly category: string | null;
  readonly severity: string | null;
  /** The entity that an address is known to belong to; null: not asked, or none. */
  readonly entity: string | null;
  readonly x: number;
  readonly y: number;
  readonly pinned: boolean;
  readonly colour: Colour | null;
  readonly note: string;
  /** The group that it lies in. */
  readonly parent: string | null;
  /** Of what has members: whether they are shown. */
  readonly open: boolean;
}

/** One movement that an edge is made of. */
export interface Part {
  /** What makes it this one and no other: asking again replaces it. */
  readonly key: string;
  readonly txid: string;
  readonly units: Units;
  readonly time_s: number;
}

export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly how: How;
  /** Of a trace: fifo, lifo, tiho, haircut, poison. */
  readonly policy: string | null;
  /** Of a trace or path: what was asked about. */
  readonly target: string | null;
  readonly direction: "forward" | "backward" | null;
  /** "native", or the token's id. */
  readonly asset: string;
  readonly units: Units;
  /** Dollars in cents, as the answer had them; null: no price, or the answer gives none for this. */
  readonly usd_cents: Units | null;
  readonly txs: number;
  /** Seconds since 1970. */
  readonly first_s: number;
  readonly last_s: number;
  /** Some of the transactions, where the answer gave only some. */
  readonly txids: readonly string[];
  readonly parts: readonly Part[];
  readonly snapshot: string | null;
  /** API path and query whose answer states this. */
  readonly asked: string;
  readonly colour: Colour | null;
  readonly note: string;
}

export interface Asset {
  readonly symbol: string | null;
  readonly decimals: number | null;
  readonly verified: boolean;
}

export interface Filters {
  readonly units_min: Units | null;
  readonly units_max: Units | null;
  /** Empty: all. */
  readonly assets: readonly string[];
  /** Empty: all; "" stands for "no category". */
  readonly categories: readonly string[];
  readonly degree_min: number;
  readonly degree_max: number | null;
  /** Kinds of statement that are not shown. */
  readonly without: readonly How[];
}

/** Seconds since 1970; null: no bound. */
export interface TimeWindow {
  readonly from_s: number | null;
  readonly to_s: number | null;
}

export interface GraphDocument {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly name: string;
  readonly chain: string;
  readonly nodes: Readonly<Record<string, GraphNode>>;
  readonly edges: Readonly<Record<string, GraphEdge>>;
  /** Tokens by id. */
  readonly assets: Readonly<Record<string, Asset>>;
  readonly filters: Filters;
  readonly window: TimeWindow;
  readonly view: { readonly x: number; readonly y: number; readonly zoom: number };
  /** Number of the next group. */
  readonly next: number;
}

export const NO_FILTERS: Filters = {
  units_min: null,
  units_max: null,
  assets: [],
  categories: [],
  degree_min: 0,
  degree_max: null,
  without: [],
};

/** A graph with nothing on it. */
export function emptyDocument(chain: string, name = ""): GraphDocument {
  return {
    format: FORMAT,
    version: VERSION,
    name,
    chain,
    nodes: {},
    edges: {},
    assets: {},
    filters: NO_FILTERS,
    window: { from_s: null, to_s: null },
    view: { x: 0, y: 0, zoom: 1 },
    next: 1,
  };
}

/** The id of a node. Every id has a colon, so none can be a name that objects give a meaning to. */
export function nodeId(kind: Kind, chain: string, value: string): string {
  const letter = kind === "address" ? "a" : kind === "transaction" ? "t" : kind === "group" ? "g" : "e";
  return `${letter}:${chain}:${value}`;
}

/** A node that nothing is known of yet. */
export function newNode(kind: Kind, chain: string, value: string, known: Partial<GraphNode> = {}): GraphNode {
  return {
    id: nodeId(kind, chain, value),
    kind,
    chain,
    value,
    label: null,
    category: null,
    severity: null,
    entity: kind === "entity" || kind === "service" ? value : null,
    x: 0,
    y: 0,
    pinned: false,
    colour: null,
    note: "",
    parent: null,
    open: kind === "group",
    ...known,
  };
}

/** What tells one statement from another: two edges with the same id state the same thing, and the later answer holds. */
export function edgeId(
  edge: Pick<GraphEdge, "from" | "to" | "how" | "policy" | "target" | "direction" | "asset">,
): string {
  return [edge.how, edge.policy ?? "", edge.direction ?? "", edge.target ?? "", edge.asset, edge.from, edge.to].join(
    "|",
  );
}

/** Whether a node can have members. */
export function holds(node: GraphNode): boolean {
  return node.kind === "group" || node.kind === "entity" || node.kind === "service";
}

/** Members of each node that has any. */
export function membersOf(document: GraphDocument): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const node of Object.values(document.nodes)) {
    if (node.parent === null) continue;
    const list = members.get(node.parent);
    if (list === undefined) members.set(node.parent, [node.id]);
    else list.push(node.id);
  }
  return members;
}

/** A node's members, their members, and so on; without itself. */
export function descendants(members: ReadonlyMap<string, readonly string[]>, id: string): string[] {
  const out: string[] = [];
  const todo = [...(members.get(id) ?? [])];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    out.push(at);
    todo.push(...(members.get(at) ?? []));
  }
  return out;
}
