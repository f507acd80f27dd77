// A graph document from outside: a file, a case, the browser's storage. It is checked field by field and bounded before anything is
// drawn, because a file may be broken or hostile; the error names the place. Older versions are brought up one step at a time.

import { readUnits } from "./amount";
import {
  COLOURS,
  EDGES_MAX,
  FORMAT,
  HOWS,
  KINDS,
  NODES_MAX,
  NOTE_MAX,
  PARTS_MAX,
  TEXT_MAX,
  VERSION,
  edgeId,
  nodeId,
  type Asset,
  type Filters,
  type GraphDocument,
  type GraphEdge,
  type GraphNode,
  type Part,
} from "./document";

/** Why a document was refused, with the place in it. `why` is a key of the texts `graph:refused.*`. */
export class RefusedDocument extends Error {
  readonly at: string;
  readonly why: string;
  constructor(at: string, why: string) {
    super(`${at}: ${why}`);
    this.name = "RefusedDocument";
    this.at = at;
    this.why = why;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function refuse(at: string, why: string): never {
  throw new RefusedDocument(at, why);
}

function fields(value: unknown, at: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(at, "shape");
  return value as Fields;
}

function list(value: unknown, at: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) refuse(at, "shape");
  if (value.length > max) refuse(at, "over_bound");
  return value;
}

/** A list, or the values of a map: a document that was never written down has maps. */
function values(value: unknown, at: string, max: number): readonly unknown[] {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return list(isMap ? Object.values(value) : value, at, max);
}

function text(value: unknown, at: string, max: number): string {
  if (typeof value !== "string") refuse(at, "text");
  if (value.length > max) refuse(at, "too_long");
  return value;
}

function textOrNull(value: unknown, at: string, max = TEXT_MAX): string | null {
  return value === null || value === undefined ? null : text(value, at, max);
}

function number(value: unknown, at: string, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < min || value > max) refuse(at, "number");
  return value;
}

function whole(value: unknown, at: string): number {
  const read = number(value, at, 0, Number.MAX_SAFE_INTEGER);
  if (!Number.isInteger(read)) refuse(at, "number");
  return read;
}

function flag(value: unknown, at: string): boolean {
  if (typeof value !== "boolean") refuse(at, "shape");
  return value;
}

function one<T extends string>(value: unknown, of: readonly T[], at: string): T {
  const found = of.find((name) => name === value);
  return found ?? refuse(at, "unknown_word");
}

function units(value: unknown, at: string): string {
  return (typeof value === "string" ? readUnits(value) : null) ?? refuse(at, "amount");
}

function unitsOrNull(value: unknown, at: string): string | null {
  return value === null || value === undefined ? null : units(value, at);
}

/** What brings a document of one version to the next, by the version it starts from. */
export type Steps = Readonly<
  Record<number, (old: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>>
>;

/** Version 1 is the first: there is nothing older to bring up yet. */
const STEPS: Steps = {};

function readNode(value: unknown, at: string): GraphNode {
  const from = fields(value, at);
  const kind = one(from["kind"], KINDS, `${at}.kind`);
  const chain = text(from["chain"], `${at}.chain`, 40);
  const named = text(from["value"], `${at}.value`, 300);
  const id = text(from["id"], `${at}.id`, 400);
  if (id !== nodeId(kind, chain, named)) refuse(`${at}.id`, "id");
  const colour = from["colour"] ?? null;
  return {
    id,
    kind,
    chain,
    value: named,
    label: textOrNull(from["label"], `${at}.label`),
    category: textOrNull(from["category"], `${at}.category`, 100),
    severity: textOrNull(from["severity"], `${at}.severity`, 40),
    entity: textOrNull(from["entity"], `${at}.entity`, 300),
    x: number(from["x"], `${at}.x`, -1e7, 1e7),
    y: number(from["y"], `${at}.y`, -1e7, 1e7),
    pinned: flag(from["pinned"], `${at}.pinned`),
    colour: colour === null ? null : one(colour, COLOURS, `${at}.colour`),
    note: text(from["note"] ?? "", `${at}.note`, NOTE_MAX),
    parent: textOrNull(from["parent"], `${at}.parent`, 400),
    open: flag(from["open"], `${at}.open`),
  };
}

function readPart(value: unknown, at: string): Part {
  const from = fields(value, at);
  return {
    key: text(from["key"], `${at}.key`, 400),
    txid: text(from["txid"], `${at}.txid`, 100),
    units: units(from["units"], `${at}.units`),
    time_s: whole(from["time_s"], `${at}.time_s`),
  };
}

function readEdge(value: unknown, at: string): GraphEdge {
  const from = fields(value, at);
  const direction = from["direction"] ?? null;
  const colour = from["colour"] ?? null;
  const edge: GraphEdge = {
    id: text(from["id"], `${at}.id`, 3_000),
    from: text(from["from"], `${at}.from`, 400),
    to: text(from["to"], `${at}.to`, 400),
    how: one(from["how"], HOWS, `${at}.how`),
    policy: textOrNull(from["policy"], `${at}.policy`, 40),
    target: textOrNull(from["target"], `${at}.target`, 1_000),
    direction: direction === null ? null : one(direction, ["forward", "backward"] as const, `${at}.direction`),
    asset: text(from["asset"], `${at}.asset`, 200),
    units: units(from["units"], `${at}.units`),
    usd_cents: unitsOrNull(from["usd_cents"], `${at}.usd_cents`),
    txs: whole(from["txs"], `${at}.txs`),
    first_s: whole(from["first_s"], `${at}.first_s`),
    last_s: whole(from["last_s"], `${at}.last_s`),
    txids: list(from["txids"], `${at}.txids`, 100).map((txid, index) => text(txid, `${at}.txids[${index}]`, 100)),
    parts: list(from["parts"], `${at}.parts`, PARTS_MAX).map((part, index) => readPart(part, `${at}.parts[${index}]`)),
    snapshot: textOrNull(from["snapshot"], `${at}.snapshot`, 100),
    asked: text(from["asked"], `${at}.asked`, 4_000),
    colour: colour === null ? null : one(colour, COLOURS, `${at}.colour`),
    note: text(from["note"] ?? "", `${at}.note`, NOTE_MAX),
  };
  if (edge.id !== edgeId(edge)) refuse(`${at}.id`, "id");
  return edge;
}

function readFilters(value: unknown, at: string): Filters {
  const from = fields(value, at);
  const texts = (name: string) =>
    list(from[name], `${at}.${name}`, 200).map((entry, index) => text(entry, `${at}.${name}[${index}]`, 200));
  const most = from["degree_max"] ?? null;
  return {
    units_min: unitsOrNull(from["units_min"], `${at}.units_min`),
    units_max: unitsOrNull(from["units_max"], `${at}.units_max`),
    assets: texts("assets"),
    categories: texts("categories"),
    degree_min: whole(from["degree_min"], `${at}.degree_min`),
    degree_max: most === null ? null : whole(most, `${at}.degree_max`),
    without: list(from["without"], `${at}.without`, HOWS.length).map((how, index) =>
      one(how, HOWS, `${at}.without[${index}]`),
    ),
  };
}

function readAssets(value: unknown): Record<string, Asset> {
  const out: Record<string, Asset> = {};
  const entries = Object.entries(fields(value, "assets"));
  if (entries.length > 1_000) refuse("assets", "over_bound");
  for (const [id, entry] of entries) {
    const at = `assets.${id.slice(0, 40)}`;
    if (id === "__proto__" || id.length > 200) refuse(at, "id");
    const from = fields(entry, at);
    const decimals = from["decimals"] ?? null;
    out[id] = {
      symbol: textOrNull(from["symbol"], `${at}.symbol`, 40),
      decimals: decimals === null ? null : number(decimals, `${at}.decimals`, 0, 255),
      verified: flag(from["verified"], `${at}.verified`),
    };
  }
  return out;
}

/** Nodes lie in nodes that can hold them, and nothing lies in itself. */
function checkParents(nodes: Readonly<Record<string, GraphNode>>): void {
  for (const node of Object.values(nodes)) {
    let steps = 0;
    for (let at = node.parent; at !== null; at = nodes[at]?.parent ?? null) {
      const holder = nodes[at];
      if (holder === undefined || holder.kind === "address" || holder.kind === "transaction")
        refuse(`nodes.${node.id}.parent`, "parent");
      steps += 1;
      if (steps > 8) refuse(`nodes.${node.id}.parent`, "parent");
    }
  }
}

/** The document in a parsed JSON value. Throws RefusedDocument. `steps` are given by tests alone. */
export function readDocument(value: unknown, steps: Steps = STEPS): GraphDocument {
  let from = fields(value, "document");
  if (from["format"] !== FORMAT) refuse("format", "format");
  let version = whole(from["version"], "version");
  if (version > VERSION) refuse("version", "newer");
  while (version < VERSION) {
    const step = steps[version] ?? refuse("version", "format");
    from = step(from);
    version += 1;
  }
  const nodes: Record<string, GraphNode> = {};
  values(from["nodes"], "nodes", NODES_MAX).forEach((entry, index) => {
    const node = readNode(entry, `nodes[${index}]`);
    if (nodes[node.id] !== undefined) refuse(`nodes[${index}].id`, "twice");
    nodes[node.id] = node;
  });
  checkParents(nodes);
  const edges: Record<string, GraphEdge> = {};
  let parts = 0;
  values(from["edges"], "edges", EDGES_MAX).forEach((entry, index) => {
    const edge = readEdge(entry, `edges[${index}]`);
    if (edges[edge.id] !== undefined) refuse(`edges[${index}].id`, "twice");
    if (nodes[edge.from] === undefined || nodes[edge.to] === undefined) refuse(`edges[${index}]`, "loose_end");
    parts += edge.parts.length;
    if (parts > PARTS_MAX) refuse(`edges[${index}].parts`, "over_bound");
    edges[edge.id] = edge;
  });
  const window = fields(from["window"], "window");
  const view = fields(from["view"], "view");
  const second = (name: string) =>
    window[name] === null || window[name] === undefined ? null : whole(window[name], `window.${name}`);
  return {
    format: FORMAT,
    version: VERSION,
    name: text(from["name"], "name", TEXT_MAX),
    chain: text(from["chain"], "chain", 40),
    nodes,
    edges,
    assets: readAssets(from["assets"]),
    filters: readFilters(from["filters"], "filters"),
    window: { from_s: second("from_s"), to_s: second("to_s") },
    view: {
      x: number(view["x"], "view.x", -1e8, 1e8),
      y: number(view["y"], "view.y", -1e8, 1e8),
      zoom: number(view["zoom"], "view.zoom", 0.01, 20),
    },
    next: number(from["next"], "next", 1, 1e9),
  };
}

/** The document as it is written down: lists instead of maps, in the order in which things were put on the table. */
export function writeDocument(document: GraphDocument): Record<string, unknown> {
  return { ...document, nodes: Object.values(document.nodes), edges: Object.values(document.edges) };
}
