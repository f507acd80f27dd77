// Asks the worker for positions. The page itself has no code of the layout: it would be loaded twice.

import { membersOf, type GraphDocument } from "./document";
import type { LayoutTask, Placed } from "./layout";
import { draw } from "./picture";
import { NODE_H } from "./size";

interface Answer {
  readonly number: number;
  readonly placed?: Placed;
  readonly trouble?: string;
}

let worker: Worker | null = null;
let next = 1;
const waiting = new Map<number, { resolve: (placed: Placed) => void; reject: (error: Error) => void }>();

function start(): Worker {
  if (worker !== null) return worker;
  worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = (event: MessageEvent<Answer>) => {
    const { number, placed, trouble } = event.data;
    const asked = waiting.get(number);
    waiting.delete(number);
    if (placed !== undefined) asked?.resolve(placed);
    else asked?.reject(new Error(trouble ?? "layout"));
  };
  worker.onerror = () => {
    for (const asked of waiting.values()) asked.reject(new Error("layout"));
    waiting.clear();
    worker = null;
  };
  return worker;
}

/** Positions for the nodes of a task that have none. */
export function layout(task: LayoutTask): Promise<Placed> {
  const by = start();
  const number = next;
  next += 1;
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    by.postMessage({ number, task });
  });
}

/**
 * The task of placing `fresh` nodes of a document: what is drawn otherwise stays. Members of closed groups follow their group when
 * it is opened, so they are placed too, as if it were open and alone.
 */
export function taskFor(document: GraphDocument, fresh: ReadonlySet<string>): LayoutTask {
  const { nodes, edges } = draw({
    ...document,
    window: { from_s: null, to_s: null },
    filters: {
      ...document.filters,
      categories: [],
      assets: [],
      without: [],
      units_min: null,
      units_max: null,
      degree_min: 0,
      degree_max: null,
    },
  });
  return {
    nodes: nodes.map(({ id, node }) => ({ id, at: fresh.has(id) ? null : { x: node.x, y: node.y } })),
    edges: edges.map(({ from, to }) => ({ from, to })),
  };
}

/** The task of putting everything in order again, but for what is pinned. */
export function tidyTask(document: GraphDocument): LayoutTask {
  const unpinned = new Set(
    Object.values(document.nodes)
      .filter((node) => !node.pinned)
      .map((node) => node.id),
  );
  return taskFor(document, unpinned);
}

/**
 * Positions for the members of a group that is opened, around where it is: as they last lay to each other, or ranked among themselves
 * where they never lay anywhere.
 */
export async function spread(document: GraphDocument, id: string): Promise<Placed> {
  const holder = document.nodes[id];
  const members = (membersOf(document).get(id) ?? []).flatMap((member) => document.nodes[member] ?? []);
  if (holder === undefined || members.length === 0) return {};
  const ids = new Set(members.map((member) => member.id));
  const seats = new Set(members.map((member) => `${member.x} ${member.y}`));
  const edges = Object.values(document.edges).filter((edge) => ids.has(edge.from) && ids.has(edge.to));
  const lay: Placed =
    seats.size === members.length && members.length > 1
      ? Object.fromEntries(members.map((member) => [member.id, { x: member.x, y: member.y }]))
      : await layout({
          nodes: members.map((member) => ({ id: member.id, at: null })),
          edges: edges.map(({ from, to }) => ({ from, to })),
        });
  const all = Object.values(lay);
  const middleX = all.reduce((sum, at) => sum + at.x, 0) / all.length;
  const middleY = all.reduce((sum, at) => sum + at.y, 0) / all.length;
  // An entity stays a node of its own inside the frame, so its members leave it its place.
  const aside = holder.kind === "group" ? 0 : NODE_H * 2;
  const out: Placed = {};
  for (const [member, at] of Object.entries(lay)) {
    out[member] = {
      x: Math.round(holder.x + at.x - middleX),
      y: Math.round(
        holder.y + at.y - middleY + aside + (aside > 0 ? middleY - Math.min(...all.map((one) => one.y)) : 0),
      ),
    };
  }
  return out;
}

/** Where a group goes when it is closed: the middle of its members. */
export function gather(document: GraphDocument, id: string): Placed {
  const members = (membersOf(document).get(id) ?? []).flatMap((member) => document.nodes[member] ?? []);
  if (members.length === 0) return {};
  return {
    [id]: {
      x: Math.round(members.reduce((sum, node) => sum + node.x, 0) / members.length),
      y: Math.round(members.reduce((sum, node) => sum + node.y, 0) / members.length),
    },
  };
}
