// The board: the picture as React Flow draws it, with mouse, touch and keyboard. Only what is in sight is in the page. A drag is held
// here until it ends and becomes one step; the keyboard stands on one node and moves along the edges.

import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
} from "react";
import {
  ReactFlow,
  getViewportForBounds,
  useReactFlow,
  type NodeChange,
  type EdgeChange,
  type OnNodeDrag,
  type Viewport,
} from "@xyflow/react";
import { useTranslation } from "react-i18next";
import { BoardContext, type Board } from "./board";
import { DetailContext, detailOf, type Detail } from "./detail";
import { EdgeLine } from "./EdgeLine";
import { FarEdges } from "./FarEdges";
import { FlowCache, type FlowEdge, type FlowNode, type Overrides } from "./flow";
import { NODE_H, NODE_W } from "./layout";
import { GroupFrame, NodeCard } from "./NodeCard";
import { mirrored } from "./shape";
import { readCurrent, readDocumentOf, readPicture, readSelection, useGraph, type GraphStore } from "./store";
import { edgesAt, isInside, walk } from "./walk";
import "@xyflow/react/dist/base.css";

const NODE_TYPES = { card: NodeCard, frame: GroupFrame };
const EDGE_TYPES = { line: EdgeLine };
const NOTHING: Overrides = new Map();
const NO_EDGES: FlowEdge[] = [];

/** What a key or a menu entry asks of the page. */
export type Act =
  | "grow"
  | "grow_with"
  | "group"
  | "ungroup"
  | "open"
  | "pin"
  | "remove"
  | "undo"
  | "redo"
  | "help"
  | "links"
  | "tidy"
  | "lasso"
  | "note"
  | "entities"
  | "finding";

const KEYS: Readonly<Record<string, Act>> = {
  Enter: "grow_with",
  "+": "grow",
  g: "group",
  u: "ungroup",
  o: "open",
  p: "pin",
  Delete: "remove",
  Backspace: "remove",
  "?": "help",
  l: "links",
  t: "tidy",
  n: "note",
};

export interface CanvasProps {
  readonly store: GraphStore;
  readonly isRtl: boolean;
  readonly isLasso: boolean;
  readonly onAct: (act: Act) => void;
  readonly onMenu: (at: { readonly x: number; readonly y: number }) => void;
  /** Says something to those who hear the page. */
  readonly say: (words: string) => void;
  readonly describe: (id: string) => string;
  /** Counted up to have the whole graph brought into sight. */
  readonly fit: number;
}

export function Canvas({ store, isRtl, isLasso, onAct, onMenu, say, describe, fit }: CanvasProps) {
  const { t } = useTranslation("graph");
  const picture = useGraph(store, readPicture);
  const selection = useGraph(store, readSelection);
  const current = useGraph(store, readCurrent);
  const document_ = useGraph(store, readDocumentOf);
  const [cache] = useState(() => new FlowCache());
  const [dragged, setDragged] = useState<Overrides>(NOTHING);
  const [detail, setDetail] = useState<Detail>(() => detailOf(document_.view.zoom));
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const frame = useRef<HTMLDivElement>(null);

  const nodes = useMemo(
    () => cache.nodes(picture, selection, current, isRtl, dragged),
    [cache, picture, selection, current, isRtl, dragged],
  );
  const isFar = detail === "far";
  // From far away the lines are on a canvas; only those at a dragged node are drawn one by one, and the canvas waits for the drop.
  const edges = useMemo(() => {
    if (!isFar) return cache.edges(picture, selection);
    if (dragged.size === 0) return NO_EDGES;
    return cache.edges(
      { edges: picture.edges.filter((edge) => dragged.has(edge.from) || dragged.has(edge.to)) },
      selection,
    );
  }, [cache, picture, selection, isFar, dragged]);
  const { chain, assets } = document_;
  const board = useMemo<Board>(() => ({ isRtl, chain, assets }), [isRtl, chain, assets]);

  /** Brings everything into sight. The detail is set before, so that a large graph is not drawn near and at once far again. */
  const showAll = useCallback(() => {
    const box = frame.current?.getBoundingClientRect();
    const { nodes: all } = store.picture;
    if (box === undefined || box.width === 0 || all.length === 0) return;
    const xs = all.map((item) => mirrored(item.node.x, isRtl));
    const ys = all.map((item) => item.node.y);
    const x = Math.min(...xs);
    const y = Math.min(...ys);
    const bounds = { x, y, width: Math.max(...xs) + NODE_W - x, height: Math.max(...ys) + NODE_H - y };
    const view = getViewportForBounds(bounds, box.width, box.height, 0.04, 1.1, 0.1);
    setDetail(detailOf(view.zoom));
    void flow.setViewport(view, { duration: 0 });
  }, [flow, isRtl, store]);
  useEffect(() => {
    if (fit > 0) showAll();
  }, [fit, showAll]);

  const onNodesChange = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      let chosen: Set<string> | null = null;
      let moved: Map<string, { x: number; y: number }> | null = null;
      for (const change of changes) {
        if (change.type === "select") {
          chosen ??= new Set(store.selection);
          if (change.selected) chosen.add(change.id);
          else chosen.delete(change.id);
        } else if (change.type === "position" && change.dragging === true && change.position !== undefined) {
          moved ??= new Map();
          moved.set(change.id, change.position);
        }
      }
      if (chosen !== null) store.choose(chosen);
      if (moved !== null) {
        const now = moved;
        setDragged((before) => new Map([...before, ...now]));
      }
    },
    [store],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<FlowEdge>[]) => {
      const chosen = new Set(store.selection);
      for (const change of changes) {
        if (change.type !== "select") continue;
        if (change.selected) chosen.add(change.id);
        else chosen.delete(change.id);
      }
      store.choose(chosen);
    },
    [store],
  );
  const onNodeDragStop = useCallback<OnNodeDrag<FlowNode>>(
    (_event, _node, all) => {
      const positions: Record<string, { x: number; y: number }> = {};
      for (const node of all)
        positions[node.id] = { x: Math.round(mirrored(node.position.x, isRtl)), y: Math.round(node.position.y) };
      store.dispatch({ do: "move", positions });
      setDragged(NOTHING);
    },
    [isRtl, store],
  );
  const onMove = useCallback((_event: unknown, view: Viewport) => setDetail(detailOf(view.zoom)), []);
  const onMoveEnd = useCallback(
    (_event: unknown, view: Viewport) =>
      store.dispatch({ do: "view", view: { x: view.x, y: view.y, zoom: view.zoom } }),
    [store],
  );

  const goTo = useCallback(
    (id: string) => {
      const item = store.picture.nodeById.get(id);
      if (item === undefined) return;
      const view = flow.getViewport();
      const box = frame.current?.getBoundingClientRect();
      const x = mirrored(item.node.x, isRtl) * view.zoom + view.x;
      const y = item.node.y * view.zoom + view.y;
      const isOut =
        box === undefined ||
        x < 20 ||
        y < 20 ||
        x + NODE_W * view.zoom > box.width - 20 ||
        y + NODE_H * view.zoom > box.height - 20;
      if (isOut)
        void flow.setCenter(mirrored(item.node.x, isRtl) + NODE_W / 2, item.node.y + NODE_H / 2, {
          zoom: view.zoom,
          duration: 0,
        });
    },
    [flow, isRtl, store],
  );

  // What the keyboard stands on is brought into sight: after a step, and after grouping made a new node elsewhere.
  useEffect(() => {
    if (current !== null) goTo(current);
  }, [current, goTo]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const done = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (isCommand && event.key.toLowerCase() === "z") {
      done();
      onAct(event.shiftKey ? "redo" : "undo");
      return;
    }
    if (isCommand && event.key.toLowerCase() === "y") {
      done();
      onAct("redo");
      return;
    }
    if (isCommand && event.key.toLowerCase() === "a") {
      done();
      store.choose(picture.nodes.map((node) => node.id));
      say(t("said.chosen", { count: picture.nodes.length }));
      return;
    }
    if (isCommand || event.altKey) return;
    const ahead = isRtl ? "ArrowLeft" : "ArrowRight";
    const back = isRtl ? "ArrowRight" : "ArrowLeft";
    if (event.key === ahead || event.key === back || event.key === "ArrowUp" || event.key === "ArrowDown") {
      done();
      const next = walk(
        picture,
        current,
        event.key === ahead ? "ahead" : event.key === back ? "back" : event.key === "ArrowUp" ? "up" : "down",
      );
      if (next === null) {
        say(t("said.no_further"));
        return;
      }
      store.choose(event.shiftKey ? [...selection, next] : [next], next);
      say(describe(next));
      return;
    }
    if (event.key === "e" && current !== null) {
      done();
      const at = edgesAt(picture, current);
      const index = at.findIndex((id) => selection.has(id));
      const next = at[(index + 1) % Math.max(1, at.length)];
      if (next !== undefined) {
        store.choose([next]);
        say(describe(next));
      } else say(t("said.no_edges"));
      return;
    }
    if (event.key === " " && current !== null) {
      done();
      const chosen = new Set(selection);
      if (!chosen.delete(current)) chosen.add(current);
      store.choose(chosen);
      say(chosen.has(current) ? t("said.taken") : t("said.left"));
      return;
    }
    if (event.key === "Escape") {
      store.choose([]);
      return;
    }
    if (event.key === "f") {
      done();
      showAll();
      return;
    }
    if (event.key === "PageUp" || event.key === "PageDown") {
      done();
      void (event.key === "PageUp" ? flow.zoomIn({ duration: 0 }) : flow.zoomOut({ duration: 0 }));
      return;
    }
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey) || event.key === "m") {
      done();
      const item = current === null ? undefined : picture.nodeById.get(current);
      const box = frame.current?.getBoundingClientRect();
      const view = flow.getViewport();
      if (item !== undefined && box !== undefined)
        onMenu({
          x: box.left + mirrored(item.node.x, isRtl) * view.zoom + view.x + 20,
          y: box.top + item.node.y * view.zoom + view.y + 20,
        });
      return;
    }
    const act = KEYS[event.key];
    if (act === undefined) return;
    done();
    onAct(act);
  };

  const openMenu = useCallback(
    (event: MouseEvent | globalThis.MouseEvent, id: string) => {
      event.preventDefault();
      if (!store.selection.has(id)) store.choose([id], store.picture.nodeById.has(id) ? id : undefined);
      onMenu({ x: event.clientX, y: event.clientY });
    },
    [onMenu, store],
  );

  return (
    <BoardContext value={board}>
      <DetailContext value={detail}>
        <div ref={frame} className={`graph-board${isLasso ? " is-lasso" : ""}`} data-detail={detail}>
          {/* React Flow's own element is the widget that takes the keys; the table says the same to those who read. */}
          <ReactFlow<FlowNode, FlowEdge>
            nodes={nodes}
            edges={edges}
            tabIndex={0}
            aria-label={t("board")}
            aria-describedby="graph-board-help"
            onKeyDown={onKeyDown}
            nodeTypes={NODE_TYPES}
            edgeTypes={EDGE_TYPES}
            onNodesChange={onNodesChange}
            onEdgesChange={onEdgesChange}
            onNodeDragStop={onNodeDragStop}
            onNodeClick={(_event, node) => store.choose(store.selection, node.id)}
            onNodeDoubleClick={() => onAct("grow")}
            onNodeContextMenu={(event, node) => openMenu(event, node.id)}
            onEdgeContextMenu={(event, edge) => openMenu(event, edge.id)}
            onSelectionContextMenu={(event) => {
              event.preventDefault();
              onMenu({ x: event.clientX, y: event.clientY });
            }}
            onMove={onMove}
            onMoveEnd={onMoveEnd}
            defaultViewport={document_.view}
            minZoom={0.04}
            maxZoom={2.5}
            onlyRenderVisibleElements
            elevateNodesOnSelect={false}
            elevateEdgesOnSelect={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            disableKeyboardA11y
            deleteKeyCode={null}
            selectionKeyCode="Shift"
            multiSelectionKeyCode={["Control", "Meta"]}
            zoomOnDoubleClick={false}
            proOptions={{ hideAttribution: true }}
          >
            {isFar ? <FarEdges picture={picture} selection={selection} isRtl={isRtl} /> : null}
          </ReactFlow>
          {isLasso ? <Lasso store={store} isRtl={isRtl} onDone={() => onAct("lasso")} /> : null}
        </div>
      </DetailContext>
    </BoardContext>
  );
}

/** Draws a line around what is to be chosen. */
function Lasso({ store, isRtl, onDone }: { store: GraphStore; isRtl: boolean; onDone: () => void }) {
  const flow = useReactFlow();
  const [line, setLine] = useState<readonly { x: number; y: number }[]>([]);
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  return (
    <svg
      className="graph-lasso"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setLine([point(event)]);
      }}
      onPointerMove={(event) => {
        if (line.length > 0) setLine([...line, point(event)]);
      }}
      onPointerUp={() => {
        const view = flow.getViewport();
        const taken = store.picture.nodes.filter(({ node }) =>
          isInside(
            {
              x: (mirrored(node.x, isRtl) + NODE_W / 2) * view.zoom + view.x,
              y: (node.y + NODE_H / 2) * view.zoom + view.y,
            },
            line,
          ),
        );
        store.choose(taken.map((item) => item.id));
        setLine([]);
        onDone();
      }}
    >
      <polygon points={line.map(({ x, y }) => `${x},${y}`).join(" ")} />
    </svg>
  );
}
