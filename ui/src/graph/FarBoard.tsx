// The board from far away: lines, and in a large graph the nodes too, on one canvas that lies under the cards and moves with them.
// It holds what is in sight and as much again around it, so that panning moves an image; it is painted again where one looks beyond
// it or much closer, and when the picture changes, at most once a frame. Shapes are made once for a picture, one for each style.

import { useEffect, useRef } from "react";
import { ViewportPortal, useStoreApi } from "@xyflow/react";
import { logUnits } from "./amount";
import { NODE_H, NODE_W } from "./size";
import type { Picture, PictureEdge } from "./picture";
import { INK, edgeGeometry, mirrored, nodeTone, toneVar, type Point, type Tone } from "./shape";

/** Pixels on one side of the canvas. */
const SIDE_MAX = 4_096;
const SETTLED_MS = 140;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Shape {
  readonly ink: string;
  readonly instead: string;
  /** Pixels of a line; 0: it is filled. */
  readonly pixels: number;
  readonly isDashed: boolean;
  readonly path: Path2D;
}

export interface FarBoardProps {
  readonly picture: Picture;
  /** The lines that are painted. */
  readonly edges: readonly PictureEdge[];
  readonly isCurved: boolean;
  /** What is chosen and not in the page as a card. */
  readonly marked: ReadonlySet<string>;
  readonly isRtl: boolean;
  readonly hasNodes: boolean;
  /** Nodes that are being dragged: they and their lines are drawn elsewhere. */
  readonly lifted: ReadonlySet<string>;
}

/** The shapes of a picture in the board's own numbers, those of each style as one path, and the box around all. */
function shapesOf({ picture, edges, isCurved, marked, isRtl, hasNodes, lifted }: FarBoardProps): {
  shapes: Shape[];
  box: Box;
} {
  const at = new Map<string, Point>();
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  const shapes = new Map<string, Shape>();
  const shape = (ink: string, instead: string, pixels: number, isDashed: boolean): Path2D => {
    const key = `${ink} ${pixels} ${isDashed}`;
    let found = shapes.get(key);
    if (found === undefined) shapes.set(key, (found = { ink, instead, pixels, isDashed, path: new Path2D() }));
    return found.path;
  };
  for (const { id, node } of picture.nodes) {
    const point = { x: mirrored(node.x, isRtl), y: node.y };
    at.set(id, point);
    left = Math.min(left, point.x);
    top = Math.min(top, point.y);
    right = Math.max(right, point.x + NODE_W);
    bottom = Math.max(bottom, point.y + NODE_H);
  }
  for (const edge of edges) {
    const from = at.get(edge.from);
    const to = at.get(edge.to);
    if (from === undefined || to === undefined || lifted.has(edge.from) || lifted.has(edge.to)) continue;
    const tone: Tone | "chosen" = marked.has(edge.id) ? "chosen" : (edge.edges[0]?.colour ?? "plain");
    const pixels = tone === "chosen" || logUnits(edge.units) >= 8 ? 2 : 1;
    const path = shape(
      tone === "chosen" ? "--focus" : `--graph-${tone}`,
      INK[tone === "chosen" ? "blue" : tone],
      pixels,
      edge.how === "path",
    );
    if (isCurved) path.addPath(new Path2D(edgeGeometry(from, to, edge.lane, isRtl).path));
    else {
      path.moveTo(isRtl ? from.x : from.x + NODE_W, from.y + NODE_H / 2);
      path.lineTo(isRtl ? to.x + NODE_W : to.x, to.y + NODE_H / 2);
    }
  }
  if (hasNodes) {
    for (const { id, node, isQuiet } of picture.nodes) {
      const point = at.get(id);
      if (point === undefined || lifted.has(id)) continue;
      const tone = nodeTone(node);
      const path = shape(isQuiet ? "--line" : `--graph-${tone}`, INK[isQuiet ? "grey" : tone], 0, false);
      if (node.kind === "service") path.roundRect(point.x, point.y, NODE_W, NODE_H, 22);
      else path.rect(point.x, point.y, NODE_W, NODE_H);
      if (marked.has(id)) shape("--focus", INK.blue, 3, false).rect(point.x, point.y, NODE_W, NODE_H);
    }
  }
  const pad = 200;
  return {
    shapes: [...shapes.values()],
    box: { left: left - pad, top: top - pad, right: right + pad, bottom: bottom + pad },
  };
}

function cut(a: Box, b: Box): Box {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  };
}

export function FarBoard(props: FarBoardProps) {
  const { picture, edges, isCurved, marked, isRtl, hasNodes, lifted } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const flow = useStoreApi();
  useEffect(() => {
    const board = canvas.current;
    const pen = board?.getContext("2d");
    if (board === null || pen === null || pen === undefined || picture.nodes.length === 0) return;
    let made: { shapes: Shape[]; box: Box } | null = null;
    let drawn: { box: Box; zoom: number } | null = null;
    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** What is in sight, and so much of the window around it. */
    const sight = (around: number): Box => {
      const { transform, width, height } = flow.getState();
      const [x, y, zoom] = transform;
      return {
        left: (-x - width * around) / zoom,
        top: (-y - height * around) / zoom,
        right: (-x + width * (1 + around)) / zoom,
        bottom: (-y + height * (1 + around)) / zoom,
      };
    };
    const paint = () => {
      frame = 0;
      made ??= shapesOf({ picture, edges, isCurved, marked, isRtl, hasNodes, lifted });
      const zoom = flow.getState().transform[2];
      const box = cut(made.box, sight(0.6));
      const width = box.right - box.left;
      const height = box.bottom - box.top;
      drawn = { box, zoom };
      if (width <= 0 || height <= 0) return;
      const scale = Math.min(zoom * Math.min(2, globalThis.devicePixelRatio), SIDE_MAX / width, SIDE_MAX / height);
      board.width = Math.ceil(width * scale);
      board.height = Math.ceil(height * scale);
      board.style.width = `${width}px`;
      board.style.height = `${height}px`;
      board.style.transform = `translate(${box.left}px, ${box.top}px)`;
      pen.setTransform(scale, 0, 0, scale, -box.left * scale, -box.top * scale);
      const tones = getComputedStyle(board);
      for (const { ink, instead, pixels, isDashed, path } of made.shapes) {
        const colour = tones.getPropertyValue(ink).trim() || instead;
        if (pixels === 0) {
          pen.fillStyle = colour;
          pen.fill(path);
          continue;
        }
        pen.strokeStyle = colour;
        pen.lineWidth = pixels / scale;
        pen.setLineDash(isDashed ? [18, 12] : []);
        pen.stroke(path);
      }
    };
    const soon = () => {
      if (frame === 0) frame = requestAnimationFrame(paint);
    };
    soon();
    const leave = flow.subscribe(() => {
      if (made === null || drawn === null || frame !== 0) return;
      const zoom = flow.getState().transform[2];
      const seen = cut(made.box, sight(0));
      const isEmpty = seen.left >= seen.right || seen.top >= seen.bottom;
      const isOut =
        !isEmpty &&
        (seen.left < drawn.box.left - 1 ||
          seen.top < drawn.box.top - 1 ||
          seen.right > drawn.box.right + 1 ||
          seen.bottom > drawn.box.bottom + 1);
      if (isOut) soon();
      else if (zoom > drawn.zoom * 1.1 || zoom < drawn.zoom * 0.7) {
        // Closer: the image is stretched meanwhile, and made sharp once one looks.
        clearTimeout(timer);
        timer = setTimeout(soon, SETTLED_MS);
      }
    });
    return () => {
      leave();
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  }, [flow, picture, edges, isCurved, marked, isRtl, hasNodes, lifted]);
  return (
    <ViewportPortal>
      <canvas ref={canvas} className="graph-far" aria-hidden="true" />
    </ViewportPortal>
  );
}

/** The lines at what is being dragged, while the canvas waits for the drop. */
export function DragLines({
  edges,
  picture,
  moved,
  isRtl,
}: {
  edges: readonly PictureEdge[];
  picture: Picture;
  moved: ReadonlyMap<string, Point>;
  isRtl: boolean;
}) {
  const at = (id: string): Point | null => {
    const there = moved.get(id);
    if (there !== undefined) return there;
    const item = picture.nodeById.get(id);
    return item === undefined ? null : { x: mirrored(item.node.x, isRtl), y: item.node.y };
  };
  return (
    <ViewportPortal>
      <svg className="graph-drag" aria-hidden="true">
        {edges.map((edge) => {
          const from = at(edge.from);
          const to = at(edge.to);
          return from === null || to === null ? null : (
            <path
              key={edge.id}
              d={edgeGeometry(from, to, edge.lane, isRtl).path}
              style={{ stroke: toneVar(edge.edges[0]?.colour ?? "plain") }}
            />
          );
        })}
      </svg>
    </ViewportPortal>
  );
}
