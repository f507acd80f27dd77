// Moving over the graph with the arrow keys: along the edges in the direction of the flow, and to the nodes beside. Directions are
// those of reading space (ahead: with the money), so the keys follow what is seen in both writing directions.

import type { Picture } from "./picture";

export type Step = "ahead" | "back" | "up" | "down";

interface At {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

function nearest(from: At, candidates: readonly At[]): string | null {
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const at of candidates) {
    // Height counts more than reach: the next in the same row is meant.
    const distance = Math.abs(at.y - from.y) * 2 + Math.abs(at.x - from.x);
    if (distance < least && at.id !== from.id) {
      least = distance;
      best = at.id;
    }
  }
  return best;
}

/** The node that a step leads to; null: there is none. */
export function walk(picture: Picture, current: string | null, step: Step): string | null {
  const at = (id: string): At | null => {
    const item = picture.nodeById.get(id);
    return item === undefined ? null : { id, x: item.node.x, y: item.node.y };
  };
  const from = current === null ? null : at(current);
  if (from === null) return picture.nodes[0]?.id ?? null;
  const all = picture.nodes.map(({ id, node }): At => ({ id, x: node.x, y: node.y }));
  if (step === "up" || step === "down") {
    const side = step === "up" ? -1 : 1;
    const beside = all.filter((other) => (other.y - from.y) * side > 0);
    let best: string | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const other of beside) {
      const distance = Math.abs(other.y - from.y) + Math.abs(other.x - from.x) * 3;
      if (distance < least) {
        least = distance;
        best = other.id;
      }
    }
    return best;
  }
  const along = picture.edges.flatMap((edge) => {
    const id = step === "ahead" ? (edge.from === from.id ? edge.to : null) : edge.to === from.id ? edge.from : null;
    return id === null ? [] : (at(id) ?? []);
  });
  if (along.length > 0) return nearest(from, along);
  const side = step === "ahead" ? 1 : -1;
  return nearest(
    from,
    all.filter((other) => (other.x - from.x) * side > 0),
  );
}

/** Edges at a node, in the order of the picture: what one key goes through. */
export function edgesAt(picture: Picture, id: string): string[] {
  return picture.edges.filter((edge) => edge.from === id || edge.to === id).map((edge) => edge.id);
}

/** Whether a point lies in a closed line (even-odd rule): what a lasso takes. */
export function isInside(
  point: { readonly x: number; readonly y: number },
  line: readonly { readonly x: number; readonly y: number }[],
): boolean {
  let inside = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i, i += 1) {
    const a = line[i];
    const b = line[j];
    if (a === undefined || b === undefined) continue;
    if (a.y > point.y !== b.y > point.y && point.x < ((b.x - a.x) * (point.y - a.y)) / (b.y - a.y) + a.x)
      inside = !inside;
  }
  return inside;
}
