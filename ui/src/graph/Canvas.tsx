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
  useStoreApi,
  type NodeChange,
  type EdgeChange,
  type OnNodeDrag,
  type Viewport,
} from "@xyflow/react";
import { useTranslation } from "react-i18next";
import { BoardContext, type Board } from "./board";
import { DetailContext, detailOf, type Detail } from "./detail";
import { EdgeLine } from "./EdgeLine";
import { DragLines, FarBoard } from "./FarBoard";
import { FlowCache, frameId, type FlowEdge, type FlowNode, type Overrides } from "./flow";
import { NODE_H, NODE_W } from "./size";
import { GroupFrame, NodeCard } from "./NodeCard";
import { mirrored } from "./shape";
import { inRegion, regionFor, type InRegion, type Region } from "./sight";
import { readAssets, readChain, readCurrent, readPicture, readSelection, useGraph, type GraphStore } from "./store";
import { edgesAt, isInside, walk } from "./walk";
import "@xyflow/react/dist/base.css";

const NODE_TYPES = { card: NodeCard, frame: GroupFrame };
const EDGE_TYPES = { line: EdgeLine };
const NOTHING: Overrides = new Map();
const NO_EDGES: FlowEdge[] = [];
const NOBODY: ReadonlySet<string> = new Set();
const NOTHING_AROUND: InRegion = { cards: NOBODY, lines: [], passing: [] };
/** Above so many lines those seen from far away are straight, which is what drawing in software does fast. */
const CURVED_MAX = 400;
const ADDING = ["Control", "Meta"];
/** Above so many nodes those that are looked at from far away are painted, and only those that one deals with are in the page. */
const CARDS_MAX = 200;
/** Above so many chosen ones they are painted too, until one points at one of them. */
const CHOSEN_MAX = 300;

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

/** The frame of an open group that is being dragged: where it began, and where those in it did. */
interface Grip {
  readonly from: { readonly x: number; readonly y: number };
  readonly members: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
}

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
  const chain = useGraph(store, readChain);
  const assets = useGraph(store, readAssets);
  const [cache] = useState(() => new FlowCache());
  const [dragged, setDragged] = useState<Overrides>(NOTHING);
  const [lifted, setLifted] = useState(NOBODY);
  const [hovered, setHovered] = useState<string | null>(null);
  const [detail, setDetail] = useState<Detail>(() => detailOf(store.document.view.zoom));
  const [startView] = useState(() => store.document.view);
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const flowStore = useStoreApi();
  const frame = useRef<HTMLDivElement>(null);

  // From far away lines are on a canvas, and in a large graph nodes too: then only what is pointed at, chosen or dragged is in the page.
  // Near, a large graph has what is around the place one looks at in the page, and lines that only pass through on the canvas.
  const isFar = detail === "far";
  const isLarge = picture.nodes.length > CARDS_MAX;
  const isPainted = isFar && isLarge;
  const [region, setRegion] = useState<Region | null>(null);
  useEffect(() => {
    if (!isLarge || isFar) {
      setRegion(null);
      return;
    }
    let held: Region | null = null;
    const look = () => {
      const { transform, width, height } = flowStore.getState();
      const next = regionFor(transform, width, height, held);
      if (next === held) return;
      held = next;
      setRegion(next);
    };
    look();
    return flowStore.subscribe(look);
  }, [flowStore, isFar, isLarge]);
  const chosenEdges = useMemo(() => {
    const ids = [...selection].filter((id) => picture.edgeById.has(id));
    return ids.length === 0 ? NOBODY : new Set(ids);
  }, [picture, selection]);
  const around = useMemo(
    () => (!isLarge || isFar ? null : region === null ? NOTHING_AROUND : inRegion(picture, region, isRtl, chosenEdges)),
    [chosenEdges, isFar, isLarge, isRtl, picture, region],
  );
  const chosenAsCards = selection.size <= CHOSEN_MAX || (hovered !== null && selection.has(hovered));
  const cards = useMemo(() => {
    if (!isLarge) return null;
    const ids = new Set(around === null ? lifted : [...around.cards, ...lifted]);
    if (hovered !== null && isPainted) ids.add(hovered);
    if (current !== null) ids.add(current);
    if (chosenAsCards) for (const id of selection) ids.add(id);
    return ids;
  }, [isLarge, isPainted, around, lifted, hovered, current, chosenAsCards, selection]);
  const marked = useMemo(() => {
    if (!isFar || selection.size === 0) return NOBODY;
    const painted = [...selection].filter((id) => picture.edgeById.has(id) || !chosenAsCards);
    return painted.length === 0 ? NOBODY : new Set(painted);
  }, [isFar, selection, picture, chosenAsCards]);
  const nodes = useMemo(
    () => cache.nodes(picture, selection, current, isRtl, dragged, cards),
    [cache, picture, selection, current, isRtl, dragged, cards],
  );
  const edges = useMemo(
    () => (isFar ? NO_EDGES : cache.edges(around?.lines ?? picture.edges, selection)),
    [cache, picture, selection, isFar, around],
  );
  const paintedEdges = isFar ? picture.edges : around?.passing;
  const draggedEdges = useMemo(
    () => (lifted.size > 0 ? paintedEdges?.filter((edge) => lifted.has(edge.from) || lifted.has(edge.to)) : undefined),
    [lifted, paintedEdges],
  );
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

  const grips = useRef(new Map<string, Grip>());
  const onNodeDragStart = useCallback<OnNodeDrag<FlowNode>>(
    (_event, _node, all) => {
      const ids = new Set<string>();
      grips.current.clear();
      for (const node of all) {
        const shown = store.picture.frames.find((one) => frameId(one.id) === node.id)?.shown;
        if (shown === undefined) {
          ids.add(node.id);
          continue;
        }
        const members = new Map<string, { x: number; y: number }>();
        for (const id of shown) {
          const item = store.picture.nodeById.get(id);
          if (item === undefined) continue;
          members.set(id, { x: mirrored(item.node.x, isRtl), y: item.node.y });
          ids.add(id);
        }
        grips.current.set(node.id, { from: node.position, members });
      }
      setLifted(ids);
    },
    [isRtl, store],
  );

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
          const grip = grips.current.get(change.id);
          if (grip === undefined) moved.set(change.id, change.position);
          // The frame of an open group takes those in it along.
          else
            for (const [id, at] of grip.members)
              moved.set(id, {
                x: at.x + change.position.x - grip.from.x,
                y: at.y + change.position.y - grip.from.y,
              });
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
      const put = (id: string, x: number, y: number) => {
        positions[id] = { x: Math.round(mirrored(x, isRtl)), y: Math.round(y) };
      };
      for (const node of all) {
        const grip = grips.current.get(node.id);
        if (grip === undefined) put(node.id, node.position.x, node.position.y);
        else
          for (const [id, at] of grip.members)
            put(id, at.x + node.position.x - grip.from.x, at.y + node.position.y - grip.from.y);
      }
      grips.current.clear();
      store.dispatch({ do: "move", positions });
      setDragged(NOTHING);
      setLifted(NOBODY);
    },
    [isRtl, store],
  );
  const onMove = useCallback((_event: unknown, view: Viewport) => setDetail(detailOf(view.zoom)), []);
  const onMoveEnd = useCallback(
    (_event: unknown, view: Viewport) =>
      store.dispatch({ do: "view", view: { x: view.x, y: view.y, zoom: view.zoom } }),
    [store],
  );

  /** The node at a place of the window, where nodes are painted. */
  const under = useCallback(
    (x: number, y: number): string | null => {
      const at = flow.screenToFlowPosition({ x, y });
      const found = store.picture.nodes.findLast(({ node }) => {
        const left = mirrored(node.x, isRtl);
        return at.x >= left && at.x <= left + NODE_W && at.y >= node.y && at.y <= node.y + NODE_H;
      });
      return found?.id ?? null;
    },
    [flow, isRtl, store],
  );
  // A painted node that is pointed at becomes a card, and is then clicked and dragged as any other.
  const onPointerMove = useCallback(
    (event: PointerEvent<HTMLDivElement>) => {
      if (isPainted && event.buttons === 0) setHovered(under(event.clientX, event.clientY));
    },
    [isPainted, under],
  );
  // A finger does not point before it touches: what it touched is chosen.
  const onPaneClick = useCallback(
    (event: MouseEvent) => {
      const id = isPainted ? under(event.clientX, event.clientY) : null;
      if (id !== null) store.choose([id], id);
    },
    [isPainted, store, under],
  );
  // React Flow chooses among the cards; a box drawn over painted nodes chooses those too.
  const drawnBox = useRef<{ x: number; y: number; width: number; height: number } | null>(null);
  useEffect(() => {
    if (!isPainted) return;
    return flowStore.subscribe((state) => {
      if (state.userSelectionRect !== null) drawnBox.current = state.userSelectionRect;
    });
  }, [flowStore, isPainted]);
  const onSelectionEnd = useCallback(() => {
    const box = drawnBox.current;
    drawnBox.current = null;
    if (box === null) return;
    const view = flow.getViewport();
    const taken = store.picture.nodes.filter(({ node }) => {
      const x = mirrored(node.x, isRtl) * view.zoom + view.x;
      const y = node.y * view.zoom + view.y;
      return (
        x < box.x + box.width &&
        x + NODE_W * view.zoom > box.x &&
        y < box.y + box.height &&
        y + NODE_H * view.zoom > box.y
      );
    });
    store.choose(taken.map((item) => item.id));
  }, [flow, isRtl, store]);

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

  const onNodeClick = useCallback((_event: unknown, node: FlowNode) => store.choose(store.selection, node.id), [store]);
  const onNodeDoubleClick = useCallback(() => onAct("grow"), [onAct]);
  const onElementMenu = useCallback(
    (event: MouseEvent, element: FlowNode | FlowEdge) => openMenu(event, element.id),
    [openMenu],
  );
  const onSelectionMenu = useCallback(
    (event: MouseEvent) => {
      event.preventDefault();
      onMenu({ x: event.clientX, y: event.clientY });
    },
    [onMenu],
  );

  return (
    <BoardContext value={board}>
      <DetailContext value={detail}>
        <div
          ref={frame}
          className={`graph-board${isLasso ? " is-lasso" : ""}`}
          data-detail={detail}
          onPointerMove={onPointerMove}
        >
          {/* What is handed to React Flow is the same at every drawing: else it draws each card and each line again. */}
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
            onNodeDragStart={onNodeDragStart}
            onNodeDragStop={onNodeDragStop}
            onNodeClick={onNodeClick}
            onNodeDoubleClick={onNodeDoubleClick}
            onNodeContextMenu={onElementMenu}
            onEdgeContextMenu={onElementMenu}
            onSelectionContextMenu={onSelectionMenu}
            onSelectionEnd={onSelectionEnd}
            onPaneClick={onPaneClick}
            onMove={onMove}
            onMoveEnd={onMoveEnd}
            defaultViewport={startView}
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
            multiSelectionKeyCode={ADDING}
            zoomOnDoubleClick={false}
          >
            {paintedEdges === undefined ? null : (
              <FarBoard
                picture={picture}
                edges={paintedEdges}
                marked={marked}
                isRtl={isRtl}
                hasNodes={isPainted}
                isCurved={!isFar || paintedEdges.length <= CURVED_MAX}
                lifted={lifted}
              />
            )}
            {draggedEdges === undefined ? null : (
              <DragLines edges={draggedEdges} picture={picture} moved={dragged} isRtl={isRtl} />
            )}
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
