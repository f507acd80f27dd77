// Geometry and colours that the screen and the SVG file share, so that an exhibit looks as the analyst saw it.

import { NODE_H, NODE_W } from "./size";
import type { Colour, GraphNode } from "./document";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a border or line is to say. Each is a custom property `--graph-…` on the board, and a fixed colour in a file. */
export type Tone = Colour | "plain" | "severe" | "high" | "medium" | "low" | "service" | "group" | "transaction";

/** Colours of files, which are white; chosen to be told apart by people who do not see red or green. */
export const INK: Readonly<Record<Tone, string>> = {
  plain: "#5b6b7c",
  red: "#b42318",
  amber: "#a15c07",
  green: "#0f766e",
  blue: "#1d4ed8",
  violet: "#7c3aed",
  grey: "#475569",
  severe: "#9c1030",
  high: "#9a3f00",
  medium: "#765200",
  low: "#2c6145",
  service: "#0f766e",
  group: "#334155",
  transaction: "#6d28d9",
};

/** Categories of those who hold other people's money: where somebody can be asked. */
const SERVICES: ReadonlySet<string> = new Set([
  "exchange",
  "payment_processor",
  "coupon_service",
  "gambling",
  "mining_pool",
  "mixer",
  "dark_market",
  "atm",
  "custodian",
  "hosted_wallet",
]);

/** The tone of a node: the analyst's mark first, then the severity, then what kind of thing it is. */
export function nodeTone(node: GraphNode): Tone {
  if (node.colour !== null) return node.colour;
  const severity = node.severity?.toLowerCase();
  if (severity === "severe" || severity === "high" || severity === "medium" || severity === "low") return severity;
  if (node.kind === "transaction") return node.kind;
  if (node.kind === "service" || (node.category !== null && SERVICES.has(node.category))) return "service";
  return node.kind === "group" ? "group" : "plain";
}

/** A tone on the board, in the light or dark that is set. */
export function toneVar(tone: Tone): string {
  return `var(--graph-${tone})`;
}

/**
 * Where a stored x is drawn. Money flows in reading direction: from the left in English, from the right in Arabic, where an arrow
 * pointing right reads as going back. The document stores one direction, so the same graph reads well for both.
 */
export function mirrored(x: number, isRtl: boolean): number {
  return isRtl ? -x - NODE_W : x;
}

export interface EdgeShape {
  readonly path: string;
  /** Triangle at the receiving end. */
  readonly arrow: string;
  readonly label: Point;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/**
 * A curve from one node to another. It leaves at the far side in reading direction and arrives at the near side; where the receiver
 * lies behind, it swings around, so that money going back is seen to go back.
 */
export function edgeGeometry(from: Point, to: Point, lane: number, isRtl: boolean, lean: -1 | 0 | 1 = 0): EdgeShape {
  const way = isRtl ? -1 : 1;
  const start = { x: isRtl ? from.x : from.x + NODE_W, y: from.y + NODE_H / 2 };
  const end = { x: isRtl ? to.x + NODE_W : to.x, y: to.y + NODE_H / 2 };
  const shift = lane * 26;
  const ahead = (end.x - start.x) * way;
  const reach = ahead > 0 ? Math.max(40, ahead * 0.5) : Math.min(320, 110 - ahead * 0.35);
  const lift = ahead > 0 ? shift : shift + (Math.abs(end.y - start.y) < NODE_H ? NODE_H * 1.3 : 0);
  const c1 = { x: start.x + reach * way, y: start.y + lift };
  const tip = { x: end.x - 8 * way, y: end.y };
  const c2 = { x: tip.x - reach * way, y: tip.y + lift };
  // Words stand toward the end with fewer lines: in the middle of a fan they would lie on each other.
  const t = 0.5 + lean * 0.2;
  const on = (a: number, b: number, c: number, d: number) =>
    a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t ** 2 * (1 - t) + d * t ** 3;
  const label = { x: on(start.x, c1.x, c2.x, tip.x), y: on(start.y, c1.y, c2.y, tip.y) };
  return {
    path: `M${round(start.x)} ${round(start.y)}C${round(c1.x)} ${round(c1.y)} ${round(c2.x)} ${round(c2.y)} ${round(tip.x)} ${round(tip.y)}`,
    arrow: `M${round(end.x)} ${round(end.y)}L${round(end.x - 10 * way)} ${round(end.y - 5)}L${round(end.x - 10 * way)} ${round(end.y + 5)}Z`,
    label,
  };
}

/** The box around nodes at these top left corners, with room for a title; null where there are none. */
export function frameBox(points: readonly Point[]): { x: number; y: number; width: number; height: number } | null {
  if (points.length === 0) return null;
  const x = Math.min(...points.map((point) => point.x)) - 18;
  const y = Math.min(...points.map((point) => point.y)) - 32;
  const right = Math.max(...points.map((point) => point.x)) + NODE_W + 18;
  const bottom = Math.max(...points.map((point) => point.y)) + NODE_H + 18;
  return { x, y, width: right - x, height: bottom - y };
}

/** The start of a text, with a sign where it was cut. Counts characters as people do, not code units. */
export function clip(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join("")}…`;
}

/** Both ends of a hash: what people compare. */
export function middleCut(value: string, ends = 8): string {
  return value.length <= ends * 2 + 1 ? value : `${value.slice(0, ends)}…${value.slice(-ends)}`;
}
