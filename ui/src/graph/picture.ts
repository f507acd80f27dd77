// What is drawn of a document: closed groups stand for their members, statements between the same two are bundled, filters and the
// time window are applied. Bundles add exactly and only what is of one kind (same claim, policy, target, asset), so that the sums of
// the picture and of what lies inside closed groups are the sums of the document.

import { compareUnits, sumUnits, type Units } from "./amount";
import {
  descendants,
  holds,
  membersOf,
  type GraphDocument,
  type GraphEdge,
  type GraphNode,
  type How,
  type TimeWindow,
} from "./document";

export interface PictureNode {
  readonly id: string;
  readonly node: GraphNode;
  /** Nodes in it, at any depth. */
  readonly members: number;
  /** Drawn edges at it. */
  readonly degree: number;
  /** It has statements, and the filters or the time window leave none of them. */
  readonly isQuiet: boolean;
}

export interface PictureEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly how: How;
  readonly policy: string | null;
  readonly target: string | null;
  readonly direction: "forward" | "backward" | null;
  readonly asset: string;
  /** The sum; in a time window that of the movements inside it. */
  readonly units: Units;
  readonly usd_cents: Units | null;
  readonly txs: number;
  readonly first_s: number;
  readonly last_s: number;
  /** The true amount may be less: a step of a path, or a statement whose days reach beyond the time window. */
  readonly isAtMost: boolean;
  /** The statements of the document that are in the sum. */
  readonly edges: readonly GraphEdge[];
  /** Statements about an address that a statement about its entity already contains: not added a second time. */
  readonly contained: readonly GraphEdge[];
  /** Which of several between the same two, for a curve of its own: 0, 1, -1, 2, … */
  readonly lane: number;
  /** Which end has fewer edges, where there is room for words: -1 the sender's, 1 the receiver's, 0 neither. */
  readonly lean: -1 | 0 | 1;
}

/** The frame around the members of an open group. */
export interface Frame {
  readonly id: string;
  readonly node: GraphNode;
  /** Shown nodes in it. */
  readonly shown: readonly string[];
}

export interface Picture {
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
  readonly frames: readonly Frame[];
  /** Bundles whose two ends are in the same closed group, by that group. */
  readonly inside: ReadonlyMap<string, readonly PictureEdge[]>;
  /** Nodes and bundles that filters or the time window hide. */
  readonly hidden: { readonly nodes: number; readonly edges: number };
  readonly nodeById: ReadonlyMap<string, PictureNode>;
  readonly edgeById: ReadonlyMap<string, PictureEdge>;
}

/** Who stands for each node: the outermost closed group that it lies in, or itself. */
export function standIns(document: GraphDocument): Map<string, string> {
  const out = new Map<string, string>();
  for (const node of Object.values(document.nodes)) {
    let stand = node.id;
    for (let at = node.parent; at !== null;) {
      const holder: GraphNode | undefined = document.nodes[at];
      if (holder === undefined) break;
      if (!holder.open) stand = holder.id;
      at = holder.parent;
    }
    out.set(node.id, stand);
  }
  return out;
}

/** The part of an edge that lies in a time window; null: nothing of it does. */
export function within(edge: GraphEdge, window: TimeWindow): { edge: GraphEdge; isCut: boolean } | null {
  const from = window.from_s ?? 0;
  const to = window.to_s ?? Number.MAX_SAFE_INTEGER;
  if (edge.first_s >= from && edge.last_s <= to) return { edge, isCut: false };
  if (edge.last_s < from || edge.first_s > to) return null;
  if (edge.parts.length === 0) return { edge, isCut: true };
  const parts = edge.parts.filter((part) => part.time_s >= from && part.time_s <= to);
  if (parts.length === 0) return null;
  let first = Number.MAX_SAFE_INTEGER;
  let last = 0;
  for (const part of parts) {
    first = Math.min(first, part.time_s);
    last = Math.max(last, part.time_s);
  }
  const units = sumUnits(parts.map((part) => part.units));
  return {
    edge: {
      ...edge,
      parts,
      units,
      usd_cents: null,
      txs: new Set(parts.map((part) => part.txid)).size,
      first_s: first,
      last_s: last,
    },
    isCut: false,
  };
}

/** Whether what `small` says of its end is part of what `large` says: the same node, or an address and its entity. */
function containsEnd(large: GraphNode | undefined, small: GraphNode | undefined): boolean {
  if (large === undefined || small === undefined) return false;
  if (large.id === small.id) return true;
  const isEntity = large.kind === "entity" || large.kind === "service";
  return isEntity && small.kind === "address" && small.chain === large.chain && small.entity === large.value;
}

interface Bundle {
  from: string;
  to: string;
  edges: GraphEdge[];
  isCut: boolean;
}

function bundleKey(edge: GraphEdge, from: string, to: string): string {
  return [from, to, edge.how, edge.policy ?? "", edge.direction ?? "", edge.target ?? "", edge.asset].join("|");
}

function bundled(document: GraphDocument, key: string, bundle: Bundle): PictureEdge {
  const first = bundle.edges[0] as GraphEdge;
  const contained: GraphEdge[] = [];
  let edges = bundle.edges;
  if (edges.length > 1 && first.how === "direct") {
    edges = [];
    for (const edge of bundle.edges) {
      const isContained = bundle.edges.some(
        (other) =>
          other !== edge &&
          containsEnd(document.nodes[other.from], document.nodes[edge.from]) &&
          containsEnd(document.nodes[other.to], document.nodes[edge.to]),
      );
      (isContained ? contained : edges).push(edge);
    }
  }
  if (edges.length === 1 && contained.length === 0) {
    const only = edges[0] as GraphEdge;
    return {
      id: key,
      from: bundle.from,
      to: bundle.to,
      how: only.how,
      policy: only.policy,
      target: only.target,
      direction: only.direction,
      asset: only.asset,
      units: only.units,
      usd_cents: only.usd_cents,
      txs: only.txs,
      first_s: only.first_s,
      last_s: only.last_s,
      isAtMost: only.how === "path" || bundle.isCut,
      edges,
      contained,
      lane: 0,
      lean: 0,
    };
  }
  const cents = edges.map((edge) => edge.usd_cents);
  const hasAll = cents.every((value) => value !== null);
  const txids = new Set<string>();
  let listed = true;
  for (const edge of edges) {
    const all = edge.parts.length > 0 ? edge.parts.map((part) => part.txid) : edge.txids;
    if (edge.parts.length === 0 && edge.txids.length < edge.txs) listed = false;
    for (const txid of all) txids.add(txid);
  }
  return {
    id: key,
    from: bundle.from,
    to: bundle.to,
    how: first.how,
    policy: first.policy,
    target: first.target,
    direction: first.direction,
    asset: first.asset,
    units: sumUnits(edges.map((edge) => edge.units)),
    usd_cents: hasAll ? sumUnits(cents.filter((value) => value !== null)) : null,
    txs: listed ? txids.size : edges.reduce((sum, edge) => sum + edge.txs, 0),
    first_s: edges.reduce((least, edge) => Math.min(least, edge.first_s), Number.MAX_SAFE_INTEGER),
    last_s: edges.reduce((most, edge) => Math.max(most, edge.last_s), 0),
    isAtMost: first.how === "path" || bundle.isCut,
    edges,
    contained,
    lane: 0,
    lean: 0,
  };
}

/** What of a document no filter and no time window changes: who stands for whom, and which statements are added. */
interface Base {
  readonly nodes: GraphDocument["nodes"];
  readonly edges: GraphDocument["edges"];
  readonly stands: ReadonlyMap<string, string>;
  readonly members: ReturnType<typeof membersOf>;
  readonly wholes: readonly {
    readonly key: string;
    readonly from: string;
    readonly to: string;
    readonly all: readonly GraphEdge[];
  }[];
  /** The bundles without a time window, made when they are first asked for. */
  readonly drawn: Map<string, PictureEdge>;
  /** Nodes that have statements. */
  readonly stated: ReadonlySet<string>;
}

// The last one is kept: while the time slider moves, only the window differs.
let lastBase: Base | null = null;

function baseOf(document: GraphDocument): Base {
  const { nodes, edges } = document;
  if (lastBase !== null && lastBase.nodes === nodes && lastBase.edges === edges) return lastBase;
  const stands = standIns(document);
  const found = new Map<string, { key: string; from: string; to: string; all: GraphEdge[] }>();
  const stated = new Set<string>();
  for (const edge of Object.values(edges)) {
    const from = stands.get(edge.from) ?? edge.from;
    const to = stands.get(edge.to) ?? edge.to;
    stated.add(from).add(to);
    const key = bundleKey(edge, from, to);
    const whole = found.get(key);
    if (whole === undefined) found.set(key, { key, from, to, all: [edge] });
    else whole.all.push(edge);
  }
  lastBase = {
    nodes,
    edges,
    stands,
    members: membersOf(document),
    wholes: [...found.values()],
    drawn: new Map(),
    stated,
  };
  return lastBase;
}

function bundles(document: GraphDocument, base: Base): PictureEdge[] {
  const { window } = document;
  const out: PictureEdge[] = [];
  for (const { key, from, to, all } of base.wholes) {
    const edges: GraphEdge[] = [];
    let isCut = false;
    let isWhole = true;
    for (const edge of all) {
      const cut = within(edge, window);
      if (cut === null) {
        isWhole = false;
        continue;
      }
      isWhole &&= cut.edge === edge && !cut.isCut;
      isCut ||= cut.isCut;
      edges.push(cut.edge);
    }
    if (edges.length === 0) continue;
    // What the window leaves as it is is the same object as before: nothing is added up or drawn anew for it.
    const old = isWhole ? base.drawn.get(key) : undefined;
    const drawn = old ?? bundled(document, key, { from, to, edges, isCut });
    if (isWhole && old === undefined) base.drawn.set(key, drawn);
    out.push(drawn);
  }
  return out;
}

/** Curves of their own for several edges between the same two, whichever way they go. */
function lanes(edges: readonly PictureEdge[]): PictureEdge[] {
  const used = new Map<string, number>();
  return edges.map((edge) => {
    const pair = edge.from < edge.to ? `${edge.from} ${edge.to}` : `${edge.to} ${edge.from}`;
    const count = used.get(pair) ?? 0;
    used.set(pair, count + 1);
    if (count === 0) return edge;
    return { ...edge, lane: count % 2 === 1 ? (count + 1) / 2 : -count / 2 };
  });
}

/** The picture of a document. Takes time in proportion to nodes and edges. */
export function draw(document: GraphDocument): Picture {
  const base = baseOf(document);
  const { stands, members, stated } = base;
  const { filters } = document;
  const all = bundles(document, base);
  const inside = new Map<string, PictureEdge[]>();
  const between: PictureEdge[] = [];
  for (const edge of all) {
    if (edge.from !== edge.to) between.push(edge);
    else if (inside.get(edge.from)?.push(edge) === undefined) inside.set(edge.from, [edge]);
  }

  const frames: GraphNode[] = [];
  let shown: GraphNode[] = [];
  for (const node of Object.values(document.nodes)) {
    if (stands.get(node.id) !== node.id) continue;
    const isFrame = holds(node) && node.open && members.has(node.id);
    if (isFrame) frames.push(node);
    // An open group is its frame and nothing else; an open entity says something itself, and stays a node inside its frame.
    if (!isFrame || node.kind !== "group") shown.push(node);
  }

  const total = shown.length;
  if (filters.categories.length > 0) {
    const wanted = new Set(filters.categories);
    shown = shown.filter((node) => wanted.has(node.category ?? ""));
  }
  let ids = new Set(shown.map((node) => node.id));
  const assets = new Set(filters.assets);
  const without = new Set<How>(filters.without);
  let edges = between.filter(
    (edge) =>
      ids.has(edge.from) &&
      ids.has(edge.to) &&
      !without.has(edge.how) &&
      (assets.size === 0 || assets.has(edge.asset)) &&
      (filters.units_min === null || compareUnits(edge.units, filters.units_min) >= 0) &&
      (filters.units_max === null || compareUnits(edge.units, filters.units_max) <= 0),
  );
  let degree = degrees(edges);
  const most = filters.degree_max;
  if (filters.degree_min > 0 || most !== null) {
    shown = shown.filter((node) => {
      const at = degree.get(node.id) ?? 0;
      return at >= filters.degree_min && (most === null || at <= most);
    });
    ids = new Set(shown.map((node) => node.id));
    edges = edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to));
    degree = degrees(edges);
  }
  edges = lanes(edges).map((edge) => {
    const difference = (degree.get(edge.from) ?? 0) - (degree.get(edge.to) ?? 0);
    return difference === 0 ? edge : { ...edge, lean: difference < 0 ? -1 : 1 };
  });

  const nodes = shown.map((node): PictureNode => {
    const at = degree.get(node.id) ?? 0;
    return {
      id: node.id,
      node,
      members: members.has(node.id) ? descendants(members, node.id).length : 0,
      degree: at,
      isQuiet: at === 0 && stated.has(node.id) && !inside.has(node.id),
    };
  });
  return {
    nodes,
    edges,
    inside,
    frames: frames.map((node) => ({
      id: node.id,
      node,
      shown: [...(node.kind === "group" ? [] : [node.id]), ...descendants(members, node.id)].filter((id) =>
        ids.has(id),
      ),
    })),
    hidden: { nodes: total - shown.length, edges: base.wholes.length - edges.length - insideCount(inside) },
    nodeById: new Map(nodes.map((node) => [node.id, node])),
    edgeById: new Map(edges.map((edge) => [edge.id, edge])),
  };
}

function insideCount(inside: ReadonlyMap<string, readonly PictureEdge[]>): number {
  let count = 0;
  for (const list of inside.values()) count += list.length;
  return count;
}

function degrees(edges: readonly PictureEdge[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const edge of edges) {
    out.set(edge.from, (out.get(edge.from) ?? 0) + 1);
    out.set(edge.to, (out.get(edge.to) ?? 0) + 1);
  }
  return out;
}

/** First and last second of all statements; null where there are none. */
export function span(document: GraphDocument): { from_s: number; to_s: number } | null {
  let from = Number.MAX_SAFE_INTEGER;
  let to = 0;
  for (const edge of Object.values(document.edges)) {
    from = Math.min(from, edge.first_s);
    to = Math.max(to, edge.last_s);
  }
  return to === 0 && from === Number.MAX_SAFE_INTEGER ? null : { from_s: from, to_s: to };
}

/**
 * Movements in so many equal parts of the span. A statement of which only the first and last time are known counts at these two:
 * the histogram says where something is known to have happened.
 */
export function histogram(document: GraphDocument, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  const whole = span(document);
  if (whole === null) return counts;
  const width = Math.max(1, whole.to_s - whole.from_s + 1);
  const count = (time_s: number) => {
    const bin = Math.min(bins - 1, Math.floor(((time_s - whole.from_s) / width) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  };
  for (const edge of Object.values(document.edges)) {
    if (edge.parts.length > 0) for (const part of edge.parts) count(part.time_s);
    else {
      count(edge.first_s);
      if (edge.last_s !== edge.first_s) count(edge.last_s);
    }
  }
  return counts;
}
