// Which part of a large graph the board deals with one by one: what is in sight and as much again around it. It is kept until one looks
// beyond it, so that a pan hands React Flow nothing new; what lies outside costs nothing but its place in the picture.

import { NODE_H, NODE_W } from "./size";
import type { Picture, PictureEdge } from "./picture";
import { mirrored } from "./shape";

export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The region for a view (`x`, `y`, `zoom`) of a window: the old one where it still does. */
export function regionFor(
  [x, y, zoom]: readonly [number, number, number],
  width: number,
  height: number,
  old: Region | null,
): Region {
  const seen = { left: -x / zoom, top: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom };
  const isIn =
    old !== null &&
    seen.left >= old.left &&
    seen.top >= old.top &&
    seen.right <= old.right &&
    seen.bottom <= old.bottom &&
    // After zooming in, the old one would hold much more than is in sight.
    old.right - old.left <= (seen.right - seen.left) * 4;
  if (isIn) return old;
  const aside = (seen.right - seen.left) / 2;
  const above = (seen.bottom - seen.top) / 2;
  return { left: seen.left - aside, top: seen.top - above, right: seen.right + aside, bottom: seen.bottom + above };
}

export interface InRegion {
  /** Nodes that React Flow must know: those inside, and the other ends of their lines. */
  readonly cards: ReadonlySet<string>;
  /** Lines at nodes inside, and those that are chosen: these are in the page, with words and to be clicked. */
  readonly lines: readonly PictureEdge[];
  /** Lines that only pass through. */
  readonly passing: readonly PictureEdge[];
}

/** What of a picture is in a region. */
export function inRegion(picture: Picture, region: Region, isRtl: boolean, chosen: ReadonlySet<string>): InRegion {
  const inside = new Set<string>();
  const at = new Map<string, { x: number; y: number }>();
  for (const { id, node } of picture.nodes) {
    const x = mirrored(node.x, isRtl);
    at.set(id, { x, y: node.y });
    if (x <= region.right && x + NODE_W >= region.left && node.y <= region.bottom && node.y + NODE_H >= region.top)
      inside.add(id);
  }
  const cards = new Set(inside);
  const lines: PictureEdge[] = [];
  const passing: PictureEdge[] = [];
  for (const edge of picture.edges) {
    if (inside.has(edge.from) || inside.has(edge.to) || chosen.has(edge.id)) {
      lines.push(edge);
      cards.add(edge.from);
      cards.add(edge.to);
      continue;
    }
    const from = at.get(edge.from);
    const to = at.get(edge.to);
    if (from === undefined || to === undefined) continue;
    // A curve may swing this far out of the box of its ends.
    const swing = 200;
    const isNear =
      Math.min(from.x, to.x) - swing <= region.right &&
      Math.max(from.x, to.x) + NODE_W + swing >= region.left &&
      Math.min(from.y, to.y) - swing <= region.bottom &&
      Math.max(from.y, to.y) + NODE_H + swing >= region.top;
    if (isNear) passing.push(edge);
  }
  return { cards, lines, passing };
}
