// Where nodes go. Positions are stored in reading space: money flows toward larger x, and a right-to-left page mirrors it when
// drawing. What is there stays where it is: only new nodes are placed, beside those they came from. Dagre gives the ranks.
// Pure functions, called in a worker (layout.worker.ts) so that the page never waits for them.

import { Graph, layout as dagre } from "@dagrejs/dagre";
import { NODE_H, NODE_W } from "./size";

const GAP_X = 180;
const GAP_Y = 28;

export interface LayoutNode {
  readonly id: string;
  /** Where it is and stays; null: to be placed. */
  readonly at: { readonly x: number; readonly y: number } | null;
}

export interface LayoutTask {
  readonly nodes: readonly LayoutNode[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

export type Placed = Record<string, { x: number; y: number }>;

/** Top left corners of all nodes by dagre alone, ranked along the flow. */
function ranked(task: LayoutTask): Map<string, { x: number; y: number }> {
  const graph = new Graph();
  const isLarge = task.nodes.length > 400;
  graph.setGraph({
    rankdir: "LR",
    nodesep: GAP_Y,
    ranksep: GAP_X,
    ranker: isLarge ? "longest-path" : "network-simplex",
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of task.nodes) graph.setNode(node.id, { width: NODE_W, height: NODE_H });
  for (const edge of task.edges) if (edge.from !== edge.to) graph.setEdge(edge.from, edge.to);
  dagre(graph);
  const out = new Map<string, { x: number; y: number }>();
  for (const node of task.nodes) {
    const at = graph.node(node.id) as { x: number; y: number };
    out.set(node.id, { x: Math.round(at.x - NODE_W / 2), y: Math.round(at.y - NODE_H / 2) });
  }
  return out;
}

/** Which nodes are tied together, over new nodes only: each set moves as one. */
function components(ids: ReadonlySet<string>, edges: LayoutTask["edges"]): string[][] {
  const next = new Map<string, string[]>();
  for (const id of ids) next.set(id, []);
  for (const { from, to } of edges) {
    if (!ids.has(from) || !ids.has(to)) continue;
    next.get(from)?.push(to);
    next.get(to)?.push(from);
  }
  const out: string[][] = [];
  const seen = new Set<string>();
  for (const start of ids) {
    if (seen.has(start)) continue;
    const set: string[] = [];
    const todo = [start];
    seen.add(start);
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      set.push(at);
      for (const other of next.get(at) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        todo.push(other);
      }
    }
    out.push(set);
  }
  return out;
}

/** What is taken, in cells of one node and its gap, so that finding a free place is quick. */
class Board {
  private readonly cells = new Map<string, { x: number; y: number }[]>();

  private static cell(x: number, y: number): [number, number] {
    return [Math.floor(x / (NODE_W + 20)), Math.floor(y / (NODE_H + GAP_Y))];
  }

  take(x: number, y: number): void {
    const [column, row] = Board.cell(x, y);
    const key = `${column} ${row}`;
    const list = this.cells.get(key);
    if (list === undefined) this.cells.set(key, [{ x, y }]);
    else list.push({ x, y });
  }

  isFree(x: number, y: number): boolean {
    const [column, row] = Board.cell(x, y);
    for (let i = column - 1; i <= column + 1; i += 1) {
      for (let j = row - 1; j <= row + 1; j += 1) {
        for (const at of this.cells.get(`${i} ${j}`) ?? []) {
          if (Math.abs(at.x - x) < NODE_W + 20 && Math.abs(at.y - y) < NODE_H + GAP_Y / 2) return false;
        }
      }
    }
    return true;
  }

  /** The free place nearest to one, in its column. */
  near(x: number, y: number): { x: number; y: number } {
    const pitch = NODE_H + GAP_Y;
    for (let i = 0; i < 4_000; i += 1) {
      const offset = (i % 2 === 0 ? i / 2 : -(i + 1) / 2) * pitch;
      if (this.isFree(x, y + offset)) return { x, y: y + offset };
    }
    return { x, y };
  }
}

/** Positions for the nodes that have none. */
export function place(task: LayoutTask): Placed {
  const ideal = ranked(task);
  const board = new Board();
  const fixed = new Map<string, { x: number; y: number }>();
  for (const node of task.nodes) {
    if (node.at === null) continue;
    fixed.set(node.id, node.at);
    board.take(node.at.x, node.at.y);
  }
  const out: Placed = {};
  const fresh = new Set(task.nodes.filter((node) => node.at === null).map((node) => node.id));
  let bottom = fixed.size === 0 ? 0 : Math.max(...[...fixed.values()].map((at) => at.y)) + 2 * NODE_H;
  for (const set of components(fresh, task.edges)) {
    const inSet = new Set(set);
    // The set goes where its neighbours that stay want it: beside them, on the side that the flow gives.
    let dx = 0;
    let dy = 0;
    let count = 0;
    for (const { from, to } of task.edges) {
      const [stays, goes, isAfter] =
        inSet.has(to) && fixed.has(from)
          ? [from, to, true]
          : inSet.has(from) && fixed.has(to)
            ? [to, from, false]
            : ["", "", true];
      const there = fixed.get(stays);
      const wish = ideal.get(goes);
      if (there === undefined || wish === undefined) continue;
      dx += there.x + (isAfter ? 1 : -1) * (NODE_W + GAP_X) - wish.x;
      dy += there.y + ((ideal.get(goes)?.y ?? 0) - (ideal.get(stays)?.y ?? 0)) - wish.y;
      count += 1;
    }
    if (count > 0) {
      dx /= count;
      dy /= count;
    } else if (fixed.size > 0) {
      const top = Math.min(...set.map((id) => ideal.get(id)?.y ?? 0));
      dy = bottom - top;
      bottom += Math.max(...set.map((id) => ideal.get(id)?.y ?? 0)) - top + 2 * NODE_H;
    }
    const order = [...set].sort((a, b) => (ideal.get(a)?.y ?? 0) - (ideal.get(b)?.y ?? 0));
    for (const id of order) {
      const wish = ideal.get(id) ?? { x: 0, y: 0 };
      const at = board.near(Math.round(wish.x + dx), Math.round(wish.y + dy));
      board.take(at.x, at.y);
      out[id] = at;
    }
  }
  return out;
}
