// A node on the board: what it is called, what is known of it, the analyst's marks. Fixed in size and memoised; from far away it is
// a coloured box without words, since words of four pixels cost time and tell nothing.

import { memo } from "react";
import { Handle, Position, type NodeProps } from "@xyflow/react";
import { useTranslation } from "react-i18next";
import { Icon } from "../parts/Icon";
import { useBoard } from "./board";
import { useDetail } from "./detail";
import type { CardNode, FrameNode } from "./flow";
import { nodeTone, toneVar } from "./shape";
import { useWords } from "./words";

export const NodeCard = memo(function NodeCard({ data, selected }: NodeProps<CardNode>) {
  const { item, isCurrent } = data;
  const { node } = item;
  const tone = toneVar(nodeTone(node));
  const isFar = useDetail() === "far";
  const { isRtl } = useBoard();
  const marks = `graph-card graph-${node.kind}${selected ? " is-chosen" : ""}${isCurrent ? " is-current" : ""}${item.isQuiet ? " is-quiet" : ""}${node.pinned ? " is-pinned" : ""}`;
  return (
    <div className={marks} data-node={node.id} style={{ borderColor: tone, ...(isFar ? { background: tone } : {}) }}>
      {isFar ? null : <Words item={item} />}
      <Handle type="target" position={isRtl ? Position.Right : Position.Left} isConnectable={false} />
      <Handle type="source" position={isRtl ? Position.Left : Position.Right} isConnectable={false} />
    </div>
  );
});

function Words({ item }: { item: CardNode["data"]["item"] }) {
  const { t } = useTranslation("graph");
  const words = useWords();
  const { node } = item;
  const { title, below } = words.node(item);
  return (
    <>
      <span className="graph-stripe" style={{ background: toneVar(nodeTone(node)) }} />
      <span className="graph-title" dir="auto">
        {node.label === null ? (
          <bdi dir="ltr" className="mono">
            {title}
          </bdi>
        ) : (
          <bdi>{title}</bdi>
        )}
      </span>
      <span className="graph-below">{below}</span>
      {node.pinned ? (
        <span className="graph-mark graph-mark-pin" title={t("pinned")}>
          <Icon name="pin" size={12} />
        </span>
      ) : null}
      {node.note === "" ? null : (
        <span className="graph-mark graph-mark-note" title={t("has_note")}>
          <Icon name="edit" size={12} />
        </span>
      )}
    </>
  );
}

/** The frame around an open group. */
export const GroupFrame = memo(function GroupFrame({ data }: NodeProps<FrameNode>) {
  return (
    <div className="graph-frame">
      <bdi className="graph-frame-title">{data.title}</bdi>
    </div>
  );
});
