// From the picture to what React Flow draws. Objects are kept as long as what they show is the same, so that its memoised parts are
// not drawn again: choosing one node of 1,500 makes one new object.

import { Position, type Edge, type Node, type NodeHandle } from "@xyflow/react";
import { NODE_H, NODE_W } from "./size";
import type { Picture, PictureEdge, PictureNode } from "./picture";
import { frameBox, mirrored } from "./shape";

export type CardNode = Node<{ readonly item: PictureNode; readonly isCurrent: boolean }, "card">;
export type FrameNode = Node<{ readonly title: string; readonly count: number }, "frame">;
export type FlowNode = CardNode | FrameNode;
export type FlowEdge = Edge<{ readonly edge: PictureEdge }, "line">;

export type Overrides = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

const SIZE = { width: NODE_W, height: NODE_H };

function handles(isRtl: boolean): NodeHandle[] {
  const near = isRtl ? Position.Right : Position.Left;
  const far = isRtl ? Position.Left : Position.Right;
  return [
    { type: "target", position: near, x: isRtl ? NODE_W : 0, y: NODE_H / 2, width: 1, height: 1 },
    { type: "source", position: far, x: isRtl ? 0 : NODE_W, y: NODE_H / 2, width: 1, height: 1 },
  ];
}

const LTR = handles(false);
const RTL = handles(true);

/** Whether two cards show the same. How many edges a node has is on no card. */
function sameItem(a: PictureNode, b: PictureNode): boolean {
  return a.node === b.node && a.members === b.members && a.isQuiet === b.isQuiet;
}

function sameEdge(a: PictureEdge, b: PictureEdge): boolean {
  return (
    a.id === b.id &&
    a.units === b.units &&
    a.first_s === b.first_s &&
    a.last_s === b.last_s &&
    a.lane === b.lane &&
    a.lean === b.lean &&
    a.isAtMost === b.isAtMost &&
    a.txs === b.txs &&
    a.edges[0]?.colour === b.edges[0]?.colour &&
    a.edges[0]?.note === b.edges[0]?.note
  );
}

/** What the frame of a group is called among React Flow's nodes. */
export function frameId(group: string): string {
  return `frame ${group}`;
}

/** The same objects in the same order: React Flow then has nothing to look through. */
function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Remembers the objects of the last picture. */
export class FlowCache {
  private cards = new Map<string, CardNode>();
  private lines = new Map<string, FlowEdge>();
  private lastNodes: FlowNode[] = [];
  private lastEdges: FlowEdge[] = [];

  nodes(
    picture: Picture,
    selection: ReadonlySet<string>,
    current: string | null,
    isRtl: boolean,
    dragged: Overrides,
    only: ReadonlySet<string> | null,
  ): FlowNode[] {
    const cards = new Map<string, CardNode>();
    const out: FlowNode[] = [];
    const at = new Map<string, { x: number; y: number }>();
    for (const item of picture.nodes) {
      const moved = dragged.get(item.id);
      const x = moved?.x ?? mirrored(item.node.x, isRtl);
      const y = moved?.y ?? item.node.y;
      at.set(item.id, { x, y });
      if (only !== null && !only.has(item.id)) continue;
      const selected = selection.has(item.id);
      const isCurrent = current === item.id;
      const old = this.cards.get(item.id);
      const isSame =
        old !== undefined &&
        old.position.x === x &&
        old.position.y === y &&
        old.selected === selected &&
        old.data.isCurrent === isCurrent &&
        old.handles === (isRtl ? RTL : LTR) &&
        sameItem(old.data.item, item);
      const card: CardNode = isSame
        ? old
        : {
            id: item.id,
            type: "card",
            position: { x, y },
            selected,
            data: { item, isCurrent },
            ...SIZE,
            measured: SIZE,
            handles: isRtl ? RTL : LTR,
            zIndex: selected || isCurrent ? 10 : 1,
          };
      cards.set(item.id, card);
      out.push(card);
    }
    for (const frame of picture.frames) {
      const box = frameBox(frame.shown.flatMap((id) => at.get(id) ?? []));
      if (box === null) continue;
      const size = { width: box.width, height: box.height };
      out.unshift({
        id: frameId(frame.id),
        type: "frame",
        position: { x: box.x, y: box.y },
        data: { title: frame.node.label ?? frame.node.value, count: frame.shown.length },
        ...size,
        measured: size,
        // Only its title takes the pointer: inside a frame one pans and chooses as elsewhere.
        style: { ...size, pointerEvents: "none" },
        selectable: false,
        dragHandle: ".graph-frame-title",
        zIndex: -1,
      });
    }
    this.cards = cards;
    if (!sameList(this.lastNodes, out)) this.lastNodes = out;
    return this.lastNodes;
  }

  edges(drawn: readonly PictureEdge[], selection: ReadonlySet<string>): FlowEdge[] {
    const lines = new Map<string, FlowEdge>();
    const out = drawn.map((edge) => {
      const selected = selection.has(edge.id);
      const old = this.lines.get(edge.id);
      const line: FlowEdge =
        old?.data !== undefined && old.selected === selected && sameEdge(old.data.edge, edge)
          ? old
          : { id: edge.id, type: "line", source: edge.from, target: edge.to, selected, data: { edge } };
      lines.set(edge.id, line);
      return line;
    });
    this.lines = lines;
    if (!sameList(this.lastEdges, out)) this.lastEdges = out;
    return this.lastEdges;
  }
}
