// An edge on the board: a curve whose width tells the order of the amount, an arrow at the receiver, amount and days beside it.
// Dashed: the most that a path can carry. Words are drawn only when one is near enough to read them.

import { memo } from "react";
import type { EdgeProps } from "@xyflow/react";
import { useBoard } from "./board";
import { useDetail } from "./detail";
import type { FlowEdge } from "./flow";
import { NODE_H, NODE_W } from "./size";
import { edgeGeometry, toneVar } from "./shape";
import { lineWidth } from "./svg";
import { useWords } from "./words";

export const EdgeLine = memo(function EdgeLine({
  sourceX,
  sourceY,
  targetX,
  targetY,
  data,
  selected,
}: EdgeProps<FlowEdge>) {
  const { isRtl } = useBoard();
  const detail = useDetail();
  const edge = data?.edge;
  if (edge === undefined) return null;
  // React Flow gives the places of the handles; the shape is worked out from corners, as for the file.
  const from = { x: isRtl ? sourceX : sourceX - NODE_W, y: sourceY - NODE_H / 2 };
  const to = { x: isRtl ? targetX - NODE_W : targetX, y: targetY - NODE_H / 2 };
  const shape = edgeGeometry(from, to, edge.lane, isRtl, edge.lean);
  const colour = edge.edges[0]?.colour ?? null;
  const stroke = toneVar(colour ?? "plain");
  const width = lineWidth(edge.units);
  return (
    <g className={`graph-line${selected ? " is-chosen" : ""}`} data-edge={edge.id}>
      {detail === "far" ? null : <path d={shape.path} className="graph-hit" />}
      <path
        d={shape.path}
        className="graph-stroke"
        style={{ stroke, strokeWidth: width }}
        strokeDasharray={edge.how === "path" ? "7 5" : undefined}
      />
      {detail === "far" ? null : <path d={shape.arrow} className="graph-arrow" style={{ fill: stroke }} />}
      {detail === "near" ? <EdgeWords x={shape.label.x} y={shape.label.y} edge={edge} /> : null}
    </g>
  );
});

function EdgeWords({ x, y, edge }: { x: number; y: number; edge: NonNullable<FlowEdge["data"]>["edge"] }) {
  const { chain, assets } = useBoard();
  const words = useWords();
  const said = words.edge(edge, chain, assets);
  return (
    <>
      <text x={x} y={y - 6} className="graph-amount" direction="ltr">
        {said.amount}
      </text>
      <text x={x} y={y + 8} className="graph-when" direction="ltr">
        {said.when}
      </text>
    </>
  );
}
