// The edges from far away: all of them on one canvas that lies under the cards and moves with them, so that panning a graph of
// thousands of lines moves one image. It is drawn again when the picture changes, not when one only looks elsewhere. Lines of one
// colour and width are one path, and thin ones are one pixel wide, which is what drawing in software does fast.

import { useEffect, useRef } from "react";
import { ViewportPortal } from "@xyflow/react";
import { logUnits } from "./amount";
import { NODE_H, NODE_W } from "./layout";
import type { Picture } from "./picture";
import { INK, edgeGeometry, mirrored, type Tone } from "./shape";

/** Pixels on one side of the canvas: what is far away needs no more. */
const SIDE_MAX = 2_400;
const SCALE_MAX = 0.4;
/** Above so many lines they are straight. */
const CURVED_MAX = 400;

export function FarEdges({
  picture,
  selection,
  isRtl,
}: {
  picture: Picture;
  selection: ReadonlySet<string>;
  isRtl: boolean;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const board = canvas.current;
    const pen = board?.getContext("2d");
    if (board === null || pen === null || pen === undefined) return;
    const at = new Map<string, { x: number; y: number }>();
    let left = Number.POSITIVE_INFINITY;
    let top = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    let bottom = Number.NEGATIVE_INFINITY;
    for (const { id, node } of picture.nodes) {
      const point = { x: mirrored(node.x, isRtl), y: node.y };
      at.set(id, point);
      left = Math.min(left, point.x);
      top = Math.min(top, point.y);
      right = Math.max(right, point.x + NODE_W);
      bottom = Math.max(bottom, point.y + NODE_H);
    }
    if (at.size === 0) return;
    const pad = 200;
    const width = right - left + 2 * pad;
    const height = bottom - top + 2 * pad;
    const scale = Math.min(SCALE_MAX, SIDE_MAX / width, SIDE_MAX / height);
    board.width = Math.ceil(width * scale);
    board.height = Math.ceil(height * scale);
    board.style.width = `${width}px`;
    board.style.height = `${height}px`;
    board.style.transform = `translate(${left - pad}px, ${top - pad}px)`;
    pen.setTransform(scale, 0, 0, scale, (pad - left) * scale, (pad - top) * scale);
    const isCurved = picture.edges.length <= CURVED_MAX;
    const strokes = new Map<string, { tone: Tone | "chosen"; pixels: number; isDashed: boolean; path: Path2D }>();
    for (const edge of picture.edges) {
      const from = at.get(edge.from);
      const to = at.get(edge.to);
      if (from === undefined || to === undefined) continue;
      const tone = selection.has(edge.id) ? "chosen" : (edge.edges[0]?.colour ?? "plain");
      const pixels = tone === "chosen" || logUnits(edge.units) >= 8 ? 2 : 1;
      const isDashed = edge.how === "path";
      const key = `${tone} ${pixels} ${isDashed}`;
      let stroke = strokes.get(key);
      if (stroke === undefined) strokes.set(key, (stroke = { tone, pixels, isDashed, path: new Path2D() }));
      if (isCurved) stroke.path.addPath(new Path2D(edgeGeometry(from, to, edge.lane, isRtl).path));
      else {
        stroke.path.moveTo(isRtl ? from.x : from.x + NODE_W, from.y + NODE_H / 2);
        stroke.path.lineTo(isRtl ? to.x + NODE_W : to.x, to.y + NODE_H / 2);
      }
    }
    const tones = getComputedStyle(board);
    for (const { tone, pixels, isDashed, path } of strokes.values()) {
      const ink = tones.getPropertyValue(tone === "chosen" ? "--focus" : `--graph-${tone}`).trim();
      pen.strokeStyle = ink === "" ? INK[tone === "chosen" ? "blue" : tone] : ink;
      pen.lineWidth = pixels / scale;
      pen.setLineDash(isDashed ? [18, 12] : []);
      pen.stroke(path);
    }
  }, [picture, selection, isRtl]);
  return (
    <ViewportPortal>
      <canvas ref={canvas} className="graph-far" aria-hidden="true" />
    </ViewportPortal>
  );
}
