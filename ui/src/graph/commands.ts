// What an analyst can do to a graph, each as a pure step from one document to the next. A step that changes nothing gives back the
// very document it got, so that nothing is drawn, saved or put on the undo list for it.

import { compareUnits, sumUnits } from "./amount";
import {
  EDGES_MAX,
  NODES_MAX,
  NOTE_MAX,
  PARTS_MAX,
  TEXT_MAX,
  descendants,
  holds,
  membersOf,
  newNode,
  nodeId,
  type Asset,
  type Colour,
  type Filters,
  type GraphDocument,
  type GraphEdge,
  type GraphNode,
  type Part,
  type TimeWindow,
} from "./document";

export type Positions = Readonly<Record<string, { readonly x: number; readonly y: number }>>;

/** What an answer of the service adds: nodes and the statements between them. */
export interface Batch {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly assets?: Readonly<Record<string, Asset>>;
}

export type Command =
  | { readonly do: "merge"; readonly batch: Batch; readonly positions?: Positions }
  | { readonly do: "move"; readonly positions: Positions; readonly gesture?: string }
  | { readonly do: "pin"; readonly ids: readonly string[]; readonly pinned: boolean }
  | { readonly do: "colour"; readonly ids: readonly string[]; readonly colour: Colour | null }
  | { readonly do: "note"; readonly id: string; readonly note: string }
  | { readonly do: "name"; readonly name: string }
  | { readonly do: "title"; readonly id: string; readonly title: string }
  | { readonly do: "remove"; readonly ids: readonly string[] }
  | { readonly do: "group"; readonly ids: readonly string[]; readonly title: string }
  | { readonly do: "ungroup"; readonly id: string }
  | { readonly do: "open"; readonly ids: readonly string[]; readonly open: boolean; readonly positions?: Positions }
  | { readonly do: "entities"; readonly entities: readonly EntityKnown[] }
  | { readonly do: "filters"; readonly filters: Filters }
  | { readonly do: "window"; readonly window: TimeWindow }
  | { readonly do: "view"; readonly view: GraphDocument["view"] }
  /** Another document in place of this one, as a step that can be taken back (a file). */
  | { readonly do: "replace"; readonly document: GraphDocument }
  /** Another document, with which the history begins anew. */
  | { readonly do: "load"; readonly document: GraphDocument };

/** What is known of an address's entity. */
export interface EntityKnown {
  readonly address: string;
  readonly entity: string;
  readonly label: string | null;
  readonly category: string | null;
}

/** What a merge did or could not do. */
export interface Merged {
  readonly document: GraphDocument;
  readonly nodes_new: readonly string[];
  readonly edges_new: readonly string[];
  /** Left out because the graph is full. */
  readonly nodes_left: number;
  readonly edges_left: number;
}

/** Puts an answer into a document. The same answer twice is the same document: nothing is added to itself. */
export function merge(document: GraphDocument, batch: Batch): Merged {
  const nodes: Record<string, GraphNode> = { ...document.nodes };
  const edges: Record<string, GraphEdge> = { ...document.edges };
  let changed = false;
  let nodesLeft = 0;
  let edgesLeft = 0;
  const nodesNew: string[] = [];
  const edgesNew: string[] = [];
  let count = Object.keys(nodes).length;
  for (const node of batch.nodes) {
    const old = nodes[node.id];
    if (old === undefined) {
      if (count >= NODES_MAX) {
        nodesLeft += 1;
        continue;
      }
      count += 1;
      nodes[node.id] = node;
      nodesNew.push(node.id);
      changed = true;
      continue;
    }
    const known = learn(old, node);
    if (known !== old) {
      nodes[node.id] = known;
      changed = true;
    }
  }
  for (const id of nodesNew) {
    const node = nodes[id];
    if (node !== undefined && node.parent !== null && nodes[node.parent] === undefined)
      nodes[id] = { ...node, parent: null };
  }
  let parts = 0;
  for (const edge of Object.values(edges)) parts += edge.parts.length;
  let edgeCount = Object.keys(edges).length;
  for (const edge of batch.edges) {
    const old = edges[edge.id];
    const next = old === undefined ? edge : join(old, edge);
    if (next === old) continue;
    const more = next.parts.length - (old?.parts.length ?? 0);
    const hasEnds = nodes[edge.from] !== undefined && nodes[edge.to] !== undefined;
    if (!hasEnds || parts + more > PARTS_MAX || (old === undefined && edgeCount >= EDGES_MAX)) {
      edgesLeft += 1;
      continue;
    }
    parts += more;
    if (old === undefined) {
      edgeCount += 1;
      edgesNew.push(edge.id);
    }
    edges[edge.id] = next;
    changed = true;
  }
  const assets = { ...document.assets };
  for (const [id, asset] of Object.entries(batch.assets ?? {})) {
    if (assets[id] === undefined && Object.hasOwn(edgesAssets(batch.edges), id)) {
      assets[id] = asset;
      changed = true;
    }
  }
  return {
    document: changed ? { ...document, nodes, edges, assets } : document,
    nodes_new: nodesNew,
    edges_new: edgesNew,
    nodes_left: nodesLeft,
    edges_left: edgesLeft,
  };
}

function edgesAssets(edges: readonly GraphEdge[]): Record<string, true> {
  const out: Record<string, true> = {};
  for (const edge of edges) out[edge.asset] = true;
  return out;
}

/** What an answer knows of a node that is there: knowledge is taken, what the analyst did to it stays. */
function learn(old: GraphNode, now: GraphNode): GraphNode {
  const kind = old.kind === "entity" && now.kind === "service" ? "service" : old.kind;
  const label = old.kind === "group" ? old.label : (now.label ?? old.label);
  const category = now.category ?? old.category;
  const severity = now.severity ?? old.severity;
  const entity = now.entity ?? old.entity;
  const isSame =
    kind === old.kind &&
    label === old.label &&
    category === old.category &&
    severity === old.severity &&
    entity === old.entity;
  return isSame ? old : { ...old, kind, label, category, severity, entity };
}

/** The same statement stated again: movements are replaced by their key, a whole sum by the later answer. */
function join(old: GraphEdge, now: GraphEdge): GraphEdge {
  const kept = { colour: old.colour, note: old.note };
  if (now.parts.length === 0 || old.parts.length === 0) {
    const next = { ...now, ...kept };
    return sameEdge(old, next) ? old : next;
  }
  const parts = new Map<string, Part>(old.parts.map((part) => [part.key, part]));
  for (const part of now.parts) parts.set(part.key, part);
  const next = edgeOfParts({ ...now, ...kept, txids: [] }, [...parts.values()]);
  return sameEdge(old, next) ? old : next;
}

function sameEdge(a: GraphEdge, b: GraphEdge): boolean {
  return (
    a.units === b.units &&
    a.usd_cents === b.usd_cents &&
    a.txs === b.txs &&
    a.first_s === b.first_s &&
    a.last_s === b.last_s &&
    a.snapshot === b.snapshot &&
    a.asked === b.asked &&
    a.txids.length === b.txids.length &&
    a.parts.length === b.parts.length &&
    a.txids.every((txid, index) => txid === b.txids[index]) &&
    a.parts.every((part, index) => {
      const other = b.parts[index];
      return (
        other !== undefined && other.key === part.key && other.units === part.units && other.time_s === part.time_s
      );
    })
  );
}

/** An edge with its sum, number of transactions and days worked out from its movements. */
export function edgeOfParts(edge: GraphEdge, parts: readonly Part[]): GraphEdge {
  let first = Number.MAX_SAFE_INTEGER;
  let last = 0;
  for (const part of parts) {
    first = Math.min(first, part.time_s);
    last = Math.max(last, part.time_s);
  }
  return {
    ...edge,
    parts,
    units: sumUnits(parts.map((part) => part.units)),
    txs: new Set(parts.map((part) => part.txid)).size,
    first_s: parts.length === 0 ? 0 : first,
    last_s: last,
  };
}

function patchNodes(
  document: GraphDocument,
  ids: Iterable<string>,
  patch: (node: GraphNode) => GraphNode,
): GraphDocument {
  let nodes: Record<string, GraphNode> | null = null;
  for (const id of ids) {
    const old = document.nodes[id];
    if (old === undefined) continue;
    const next = patch(old);
    if (next === old) continue;
    nodes ??= { ...document.nodes };
    nodes[id] = next;
  }
  return nodes === null ? document : { ...document, nodes };
}

function move(document: GraphDocument, positions: Positions): GraphDocument {
  return patchNodes(document, Object.keys(positions), (node) => {
    const to = positions[node.id];
    if (to === undefined || !Number.isFinite(to.x) || !Number.isFinite(to.y) || (to.x === node.x && to.y === node.y))
      return node;
    return { ...node, x: to.x, y: to.y };
  });
}

/** Takes things away: a node with its members and edges, or edges alone. */
function remove(document: GraphDocument, ids: readonly string[]): GraphDocument {
  const members = membersOf(document);
  const gone = new Set<string>();
  for (const id of ids) {
    if (document.nodes[id] === undefined && document.edges[id] === undefined) continue;
    gone.add(id);
    for (const member of descendants(members, id)) gone.add(member);
  }
  if (gone.size === 0) return document;
  const nodes: Record<string, GraphNode> = {};
  for (const node of Object.values(document.nodes)) if (!gone.has(node.id)) nodes[node.id] = node;
  const edges: Record<string, GraphEdge> = {};
  for (const edge of Object.values(document.edges)) {
    if (!gone.has(edge.id) && !gone.has(edge.from) && !gone.has(edge.to)) edges[edge.id] = edge;
  }
  return { ...document, nodes, edges };
}

/** Puts nodes into a new group, closed, where they were. Only nodes that lie in the same place can be grouped. */
function group(document: GraphDocument, ids: readonly string[], title: string): GraphDocument {
  const chosen = ids.flatMap((id) => document.nodes[id] ?? []);
  const first = chosen[0];
  if (first === undefined || chosen.some((node) => node.parent !== first.parent)) return document;
  if (Object.keys(document.nodes).length >= NODES_MAX || depth(document, first) >= 6) return document;
  const value = String(document.next);
  const id = nodeId("group", first.chain, value);
  const x = chosen.reduce((sum, node) => sum + node.x, 0) / chosen.length;
  const y = chosen.reduce((sum, node) => sum + node.y, 0) / chosen.length;
  const made = newNode("group", first.chain, value, {
    label: title.slice(0, TEXT_MAX),
    x,
    y,
    parent: first.parent,
    open: false,
  });
  const inside = patchNodes(
    document,
    chosen.map((node) => node.id),
    (node) => ({ ...node, parent: id }),
  );
  return { ...inside, nodes: { ...inside.nodes, [id]: made }, next: document.next + 1 };
}

function depth(document: GraphDocument, node: GraphNode): number {
  let steps = 0;
  for (let at: GraphNode | undefined = node; at?.parent != null; at = document.nodes[at.parent]) steps += 1;
  return steps;
}

/** Members leave their node. A group made by hand goes; an entity, which states something itself, stays. */
function ungroup(document: GraphDocument, id: string): GraphDocument {
  const holder = document.nodes[id];
  if (holder === undefined || !holds(holder)) return document;
  const members = membersOf(document).get(id) ?? [];
  const out = patchNodes(document, members, (node) => ({ ...node, parent: holder.parent }));
  if (holder.kind !== "group") return out;
  return { ...out, nodes: Object.fromEntries(Object.entries(out.nodes).filter(([key]) => key !== id)) };
}

/** Addresses whose entity is known lie in it from now on; the entity is made where it is not there, and closed. */
function intoEntities(document: GraphDocument, known: readonly EntityKnown[]): GraphDocument {
  const byAddress = new Map(known.map((entry) => [entry.address, entry]));
  let next = patchNodes(document, Object.keys(document.nodes), (node) => {
    const found = node.kind === "address" ? byAddress.get(node.value) : undefined;
    if (found === undefined) return node;
    return node.entity === found.entity ? node : { ...node, entity: found.entity };
  });
  const families = new Map<string, GraphNode[]>();
  for (const node of Object.values(next.nodes)) {
    if (node.kind !== "address" || node.entity === null || node.parent !== null || !byAddress.has(node.value)) continue;
    const key = nodeId("entity", node.chain, node.entity);
    const family = families.get(key);
    if (family === undefined) families.set(key, [node]);
    else family.push(node);
  }
  for (const [id, family] of families) {
    const first = family[0];
    if (first === undefined || first.entity === null) continue;
    const there = next.nodes[id];
    if (there === undefined && (family.length < 2 || Object.keys(next.nodes).length >= NODES_MAX)) continue;
    const about = byAddress.get(first.value);
    const holder =
      there ??
      newNode("entity", first.chain, first.entity, {
        label: about?.label ?? null,
        category: about?.category ?? null,
        x: first.x,
        y: first.y,
        open: false,
      });
    next = patchNodes(
      { ...next, nodes: { ...next.nodes, [id]: holder } },
      family.map((node) => node.id),
      (node) => ({ ...node, parent: id }),
    );
  }
  return next;
}

function note(document: GraphDocument, id: string, words: string): GraphDocument {
  const cut = words.slice(0, NOTE_MAX);
  const edge = document.edges[id];
  if (edge !== undefined)
    return edge.note === cut ? document : { ...document, edges: { ...document.edges, [id]: { ...edge, note: cut } } };
  return patchNodes(document, [id], (node) => (node.note === cut ? node : { ...node, note: cut }));
}

function colour(document: GraphDocument, ids: readonly string[], to: Colour | null): GraphDocument {
  let next = patchNodes(document, ids, (node) => (node.colour === to ? node : { ...node, colour: to }));
  const touched = ids.flatMap((id) => next.edges[id] ?? []).filter((edge) => edge.colour !== to);
  if (touched.length > 0) {
    const edges = { ...next.edges };
    for (const edge of touched) edges[edge.id] = { ...edge, colour: to };
    next = { ...next, edges };
  }
  return next;
}

/** The document after a command. */
export function step(document: GraphDocument, command: Command): GraphDocument {
  switch (command.do) {
    case "merge": {
      const merged = merge(document, command.batch).document;
      return command.positions === undefined ? merged : move(merged, command.positions);
    }
    case "move":
      return move(document, command.positions);
    case "pin":
      return patchNodes(document, command.ids, (node) =>
        node.pinned === command.pinned ? node : { ...node, pinned: command.pinned },
      );
    case "colour":
      return colour(document, command.ids, command.colour);
    case "note":
      return note(document, command.id, command.note);
    case "name": {
      const name = command.name.slice(0, TEXT_MAX);
      return name === document.name ? document : { ...document, name };
    }
    case "title":
      return patchNodes(document, [command.id], (node) => {
        const label = command.title.slice(0, TEXT_MAX);
        return node.kind !== "group" || node.label === label ? node : { ...node, label };
      });
    case "remove":
      return remove(document, command.ids);
    case "group":
      return group(document, command.ids, command.title);
    case "ungroup":
      return ungroup(document, command.id);
    case "open": {
      const next = patchNodes(document, command.ids, (node) =>
        !holds(node) || node.open === command.open ? node : { ...node, open: command.open },
      );
      return command.positions === undefined || next === document ? next : move(next, command.positions);
    }
    case "entities":
      return intoEntities(document, command.entities);
    case "filters":
      return { ...document, filters: command.filters };
    case "window":
      return sameWindow(document.window, command.window) ? document : { ...document, window: command.window };
    case "view":
      return { ...document, view: command.view };
    case "replace":
    case "load":
      return command.document;
  }
}

function sameWindow(a: TimeWindow, b: TimeWindow): boolean {
  return a.from_s === b.from_s && a.to_s === b.to_s;
}

/** The heaviest statements first: what a list shows on top. */
export function byAmount(a: GraphEdge, b: GraphEdge): number {
  return compareUnits(b.units, a.units) || (a.id < b.id ? -1 : 1);
}
