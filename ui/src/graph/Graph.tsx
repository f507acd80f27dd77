// The graph's page: the board with its time slider, the panel beside it (what is chosen, growing, filters), the tables that say the
// same, and keeping and handing out. `?chain=…&add=…` puts a subject on the table; `/graph/CASE/GRAPH` opens one that a case keeps.

import { useCallback, useEffect, useMemo, useRef, useState, type FormEvent } from "react";
import { ReactFlowProvider } from "@xyflow/react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { fetchRead } from "../api/query";
import { useSession } from "../api/session";
import type { Resolved } from "../api/contract";
import { dirOf, useSettings } from "../prefs";
import { Icon, Page, Trouble } from "../parts";
import { Canvas, type Act } from "./Canvas";
import { emptyDocument, holds, type GraphNode } from "./document";
import { sentence } from "./evidence";
import { download, fileName, toPng } from "./exports";
import { FilterPanel } from "./FilterPanel";
import { seed } from "./grow";
import { GrowPanel, QUICK, TO_SERVICES, type Wish } from "./GrowPanel";
import { Help } from "./Help";
import { Inspector } from "./Inspector";
import type { Placed } from "./layout";
import { gather, spread } from "./layouter";
import { Menu } from "./Menu";
import { readDocument, RefusedDocument } from "./read";
import { SaveBar } from "./SaveBar";
import { useSaving } from "./saving";
import { GraphStore, readIsEmpty, readName, readNodes, readRedo, readSelection, readUndo, useGraph } from "./store";
import { toSvg, type Words } from "./svg";
import { Tables } from "./Tables";
import { edgesCsv, nodesCsv, toGraphml, toJson } from "./tables-files";
import { TimeSlider } from "./TimeSlider";
import { useGrowing } from "./useGrowing";
import { assetOf, useWords } from "./words";
import "./graph.css";

type Tab = "inspect" | "grow" | "filter";
type Say = (key: string, values?: Record<string, unknown>) => string;

export default function Graph() {
  const { case: caseId, graph: graphId } = useParams();
  // Another graph is another page: its history and what is chosen begin anew.
  return <GraphPage key={`${caseId ?? ""}/${graphId ?? ""}`} caseId={caseId} graphId={graphId} />;
}

function GraphPage({ caseId, graphId }: { caseId: string | undefined; graphId: string | undefined }) {
  const { t } = useTranslation(["graph", "common"]);
  const { session } = useSession();
  const set = useSettings();
  const isRtl = dirOf(set.language) === "rtl";
  const chain = session.chains[0] ?? "bitcoin";
  const [store] = useState(() => new GraphStore(emptyDocument(chain)));
  const place = useMemo(
    () => (caseId === undefined || graphId === undefined ? null : { case: caseId, graph: graphId }),
    [caseId, graphId],
  );
  const saving = useSaving(store, place, chain);
  const words = useWords();
  const [tab, setTab] = useState<Tab>("inspect");
  const [isTable, setTable] = useState(false);
  const [isLasso, setLasso] = useState(false);
  const [isHelp, setHelp] = useState(false);
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null);
  const [fit, setFit] = useState(0);
  const [said, setSaid] = useState("");
  const say = useCallback((text: string) => setSaid(text), []);
  const growing = useGrowing(store, say);
  // The page listens to no more than this: what is chosen, moved or timed is drawn by those parts that show it.
  const name = useGraph(store, readName);
  const isEmpty = useGraph(store, readIsEmpty);
  const board = useRef<HTMLDivElement>(null);
  const say_ = t as unknown as Say;

  const describe = useCallback(
    (id: string) => {
      const item = store.picture.nodeById.get(id);
      if (item !== undefined) {
        const { below } = words.node(item);
        const paid = store.picture.edges.filter((edge) => edge.from === id).length;
        return t("said.node", {
          name: words.name(item.node),
          what: below,
          out: words.count(paid),
          in: words.count(item.degree - paid),
        });
      }
      const edge = store.picture.edgeById.get(id);
      return edge === undefined ? "" : sentence(edge, store.document, words, say_);
    },
    [say_, store, t, words],
  );

  const focusBoard = () => board.current?.querySelector<HTMLElement>("[role=application]")?.focus();

  const act = (what: Act) => {
    /** Gives closed ones the places of their members (open ones none), unless they changed while these were looked for. */
    const unfold = async (those: Iterable<GraphNode>, then: (node: GraphNode, positions: Placed | null) => void) => {
      try {
        for (const node of those) {
          const positions = node.open ? null : await spread(store.document, node.id);
          if (store.document.nodes[node.id]?.open === node.open) then(node, positions);
        }
      } catch {
        say(t("said.failed"));
      }
    };
    const ids = [...store.selection];
    const nodes = ids.flatMap((id) => store.document.nodes[id] ?? []);
    const edges = ids.flatMap((id) => store.picture.edgeById.get(id) ?? []);
    const first = nodes[0] ?? (store.current === null ? undefined : store.document.nodes[store.current]);
    switch (what) {
      case "grow":
        if (first === undefined) say(t("grow.choose"));
        else if (first.kind === "group") act("open");
        else
          void growing
            .wish(
              first.kind === "transaction"
                ? { by: "transaction", node: first }
                : { by: "parties", node: first, asked: QUICK },
            )
            .then(() => {
              // A small graph is shown whole; in a large one the place where one looks is kept.
              if (store.picture.nodes.length <= 40) setFit((n) => n + 1);
            });
        break;
      case "grow_with":
        setTab("grow");
        requestAnimationFrame(() =>
          globalThis.document.querySelector<HTMLElement>("#graph-side select, #graph-side button.button")?.focus(),
        );
        break;
      case "group":
        if (nodes.length < 2) say(t("said.two_to_group"));
        else {
          store.dispatch({
            do: "group",
            ids: nodes.map((node) => node.id),
            title: t("group_of", { n: words.count(nodes.length) }),
          });
          const made = Object.values(store.document.nodes).at(-1);
          if (made !== undefined) store.choose([made.id], made.id);
          say(t("said.grouped", { n: words.count(nodes.length) }));
        }
        break;
      case "ungroup":
        void unfold(nodes, (node, positions) => {
          if (positions !== null) store.dispatch({ do: "move", positions });
          store.dispatch({ do: "ungroup", id: node.id });
          say(t("said.ungrouped"));
        });
        break;
      case "open":
        // A member opens and closes what it lies in.
        void unfold(
          new Set(nodes.flatMap((one) => (holds(one) ? one : (store.document.nodes[one.parent ?? ""] ?? [])))),
          (node, positions) => {
            store.dispatch({
              do: "open",
              ids: [node.id],
              open: !node.open,
              positions: positions ?? gather(store.document, node.id),
            });
            say(node.open ? t("said.closed") : t("said.opened"));
          },
        );
        break;
      case "pin": {
        const pinned = nodes.some((node) => !node.pinned);
        store.dispatch({ do: "pin", ids: nodes.map((node) => node.id), pinned });
        say(pinned ? t("said.pinned") : t("said.unpinned"));
        break;
      }
      case "remove":
        store.dispatch({
          do: "remove",
          ids: [...nodes.map((node) => node.id), ...edges.flatMap((edge) => edge.edges.map((one) => one.id))],
        });
        say(t("said.removed", { n: words.count(nodes.length + edges.length) }));
        break;
      case "undo":
        store.undo();
        say(t("said.undone"));
        break;
      case "redo":
        store.redo();
        say(t("said.redone"));
        break;
      case "help":
        setHelp(true);
        break;
      case "links":
        void growing.wish({ by: "links" });
        break;
      case "entities":
        void growing.wish({ by: "entities" });
        break;
      case "tidy":
        void growing.tidy().then(() => setFit((n) => n + 1));
        break;
      case "lasso":
        setLasso((is) => !is);
        break;
      case "note":
        setTab("inspect");
        requestAnimationFrame(() => globalThis.document.querySelector<HTMLElement>("#graph-side textarea")?.focus());
        break;
      case "finding":
        setTab("inspect");
        break;
    }
  };

  const grow = (wish: Wish) => {
    const wasEmpty = Object.keys(store.document.nodes).length <= 1;
    void growing.wish(wish).then(() => {
      if (wasEmpty || wish.by === "trace" || wish.by === "paths") setFit((n) => n + 1);
    });
  };

  // A subject in the address of the page is put on the table once the graph is there.
  const [search, setSearch] = useSearchParams();
  const adds = search.getAll("add").join("\n");
  const addChain = search.get("chain") ?? chain;
  const isReady = saving.state.is !== "loading";
  const follow = search.get("trace");
  const { add, wish: ask } = growing;
  useEffect(() => {
    if (!isReady || adds === "") return;
    const nodes = adds
      .split("\n")
      .slice(0, 100)
      .map((value) => seed(addChain, value.slice(0, 200)));
    setSearch({}, { replace: true });
    const put = async () => {
      await add(nodes);
      const first = nodes[0];
      if (first !== undefined) store.choose([first.id], first.id);
      setFit((n) => n + 1);
      if (nodes.length > 1) await ask({ by: "links" });
      if (first === undefined || (follow !== "forward" && follow !== "backward")) return;
      await ask({ by: "trace", node: first, asked: { ...TO_SERVICES, backward: follow === "backward" } });
      setFit((n) => n + 1);
    };
    void put();
  }, [add, addChain, adds, ask, follow, isReady, setSearch, store]);
  useEffect(() => {
    if (isReady) setFit((n) => n + 1);
  }, [isReady]);

  const [trouble, setTrouble] = useState<unknown>(null);
  const hand = (kind: string) => {
    const { document: document_, picture } = store;
    const fileWords: Words = {
      title: name === "" ? t("untitled") : name,
      lines: [
        t("file.holds", { nodes: words.count(picture.nodes.length), edges: words.count(picture.edges.length) }),
        ...(picture.hidden.nodes + picture.hidden.edges > 0
          ? [t("filter.hidden", { nodes: words.count(picture.hidden.nodes), edges: words.count(picture.hidden.edges) })]
          : []),
        t("common:lead_not_verdict"),
      ],
      node: words.node,
      edge: (edge) => words.edge(edge, document_.chain, document_.assets),
    };
    const decimals = (edge: Parameters<typeof words.edge>[0]) =>
      assetOf(document_.chain, edge.asset, document_.assets).decimals;
    if (kind === "svg") download(fileName(name, "svg"), "image/svg+xml", toSvg(picture, fileWords, isRtl));
    else if (kind === "png")
      toPng(picture, fileWords, isRtl).then((blob) => download(fileName(name, "png"), "image/png", blob), setTrouble);
    else if (kind === "graphml") download(fileName(name, "graphml"), "application/xml", toGraphml(picture, name));
    else if (kind === "nodes") download(fileName(`${name} nodes`, "csv"), "text/csv", nodesCsv(picture));
    else if (kind === "edges") download(fileName(`${name} edges`, "csv"), "text/csv", edgesCsv(picture, decimals));
    else if (kind === "json") download(fileName(name, "athar-graph.json"), "application/json", toJson(document_));
  };
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    setTrouble(null);
    try {
      if (file.size > 8 * 1024 * 1024) throw new RefusedDocument(file.name, "too_long");
      let value: unknown;
      try {
        value = JSON.parse(await file.text());
      } catch {
        throw new RefusedDocument(file.name, "format");
      }
      const read = readDocument(value);
      store.dispatch({ do: "replace", document: read });
      setFit((n) => n + 1);
      say(
        t("said.grew", {
          nodes: words.count(Object.keys(read.nodes).length),
          edges: words.count(Object.keys(read.edges).length),
        }),
      );
    } catch (error) {
      setTrouble(error);
    }
  };

  return (
    <Page title={name === "" ? t("title") : name} wide>
      <div className="graph-page" ref={board}>
        <Toolbar
          store={store}
          isTable={isTable}
          isLasso={isLasso}
          isBusy={growing.isBusy}
          onTable={() => setTable(!isTable)}
          onAct={act}
          onFit={() => setFit((n) => n + 1)}
          onFile={hand}
          onTake={(file) => void take(file)}
          onAdd={(nodes) =>
            void growing.add(nodes).then(() => {
              const first = nodes[0];
              if (first !== undefined) store.choose([first.id], first.id);
              if (isEmpty) setFit((n) => n + 1);
            })
          }
        />
        <SaveBar store={store} saving={saving} isInCase={place !== null} />
        {growing.isBusy ? (
          <p className="graph-busy" role="status">
            <span className="spinner" aria-hidden="true" /> {growing.progress}{" "}
            <button type="button" className="button" onClick={growing.stop}>
              {t("stop")}
            </button>
          </p>
        ) : null}
        {growing.error === null ? null : <Trouble error={growing.error} />}
        {trouble === null ? null : trouble instanceof RefusedDocument ? (
          <p role="alert" className="trouble">
            {t("refused.title")} {t(`refused.${trouble.why}`)} <bdi className="mono">{trouble.at}</bdi>
          </p>
        ) : (
          <Trouble error={trouble} />
        )}
        <div className="graph-body">
          <div className="graph-main">
            {isTable ? (
              <Tables store={store} />
            ) : (
              <>
                <p id="graph-board-help" className="hidden-visually">
                  {t("board_help")}
                </p>
                {/* The board is drawn from left to right in its own numbers; what is written on it keeps its direction. */}
                <div className="graph-stage" dir="ltr">
                  {isEmpty ? (
                    <p className="graph-start" dir={isRtl ? "rtl" : "ltr"}>
                      {t("empty")}
                    </p>
                  ) : null}
                  <ReactFlowProvider>
                    <Canvas
                      store={store}
                      isRtl={isRtl}
                      isLasso={isLasso}
                      onAct={act}
                      onMenu={setMenu}
                      say={say}
                      describe={describe}
                      fit={fit}
                    />
                  </ReactFlowProvider>
                </div>
              </>
            )}
            <TimeSlider store={store} isRtl={isRtl} />
            <p className="graph-said small" aria-live="polite">
              {said}
            </p>
          </div>
          <aside className="graph-side no-print" id="graph-side" aria-label={t("aside")}>
            <div className="graph-tabs" role="group" aria-label={t("aside")}>
              {(["inspect", "grow", "filter"] as const).map((name) => (
                <button
                  key={name}
                  type="button"
                  className="toggle"
                  aria-pressed={tab === name}
                  onClick={() => setTab(name)}
                >
                  {t(`tab.${name}`)}
                </button>
              ))}
            </div>
            {tab === "inspect" ? <Inspector store={store} onAct={act} /> : null}
            {tab === "grow" ? <GrowChosen store={store} isBusy={growing.isBusy} onWish={grow} /> : null}
            {tab === "filter" ? <FilterPanel store={store} /> : null}
          </aside>
        </div>
        {menu === null ? null : (
          <Menu
            at={menu}
            onAct={act}
            onClose={() => {
              setMenu(null);
              focusBoard();
            }}
          />
        )}
        <Help
          isOpen={isHelp}
          onClose={() => {
            setHelp(false);
            focusBoard();
          }}
        />
      </div>
    </Page>
  );
}

const CATEGORIES = [
  "exchange",
  "mixer",
  "gambling",
  "payment_processor",
  "coupon_service",
  "terrorist_financing",
] as const;

/** The growing of what is chosen. */
function GrowChosen({ store, isBusy, onWish }: { store: GraphStore; isBusy: boolean; onWish: (wish: Wish) => void }) {
  const selection = useGraph(store, readSelection);
  const nodes = useGraph(store, readNodes);
  const chosen = useMemo(() => [...selection].flatMap((id) => nodes[id] ?? []), [selection, nodes]);
  const categories = useMemo(
    () => [...new Set([...CATEGORIES, ...Object.values(nodes).flatMap((node) => node.category ?? [])])],
    [nodes],
  );
  return (
    <GrowPanel key={chosen[0]?.id ?? ""} chosen={chosen} categories={categories} isBusy={isBusy} onWish={onWish} />
  );
}

const FILES = ["png", "svg", "graphml", "nodes", "edges", "json"] as const;

function Toolbar({
  store,
  isTable,
  isLasso,
  isBusy,
  onTable,
  onAct,
  onFit,
  onFile,
  onTake,
  onAdd,
}: {
  store: GraphStore;
  isTable: boolean;
  isLasso: boolean;
  isBusy: boolean;
  onTable: () => void;
  onAct: (act: Act) => void;
  onFit: () => void;
  onFile: (kind: string) => void;
  onTake: (file: File | undefined) => void;
  onAdd: (nodes: readonly GraphNode[]) => void;
}) {
  const { t } = useTranslation("graph");
  const canUndo = useGraph(store, readUndo);
  const canRedo = useGraph(store, readRedo);
  const name = useGraph(store, readName);
  const isEmpty = useGraph(store, readIsEmpty);
  const [text, setText] = useState("");
  const [isAsking, setAsking] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const asked = text.trim().slice(0, 2_000);
    if (asked === "") return;
    setAsking(true);
    let nodes: GraphNode[] = [];
    try {
      const { matches } = await fetchRead<Resolved>("/v1/resolve", { query: { q: asked } });
      nodes = matches
        .filter((match) => (match.kind === "address" || match.kind === "transaction") && match.chain !== null)
        .slice(0, 20)
        .map((match) => ({
          ...seed(match.chain ?? store.document.chain, match.value),
          label: match.title,
          category: match.category,
          entity: match.entity,
        }));
    } catch {
      nodes = [];
    }
    // A service that cannot resolve still takes what looks like one identifier.
    if (nodes.length === 0 && /^[a-z0-9:]{20,120}$/i.test(asked)) nodes = [seed(store.document.chain, asked)];
    setAsking(false);
    if (nodes.length > 0) {
      onAdd(nodes);
      setText("");
    }
  };
  return (
    <div className="graph-toolbar no-print" role="toolbar" aria-label={t("toolbar")}>
      <form className="graph-add" onSubmit={(event) => void submit(event)}>
        <input
          className="input"
          dir="auto"
          value={text}
          placeholder={t("add.hint")}
          aria-label={t("add.label")}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button" disabled={isBusy || isAsking}>
          {t("add.do")}
        </button>
      </form>
      <input
        className="input graph-title-input"
        dir="auto"
        maxLength={200}
        value={name}
        placeholder={t("untitled")}
        aria-label={t("save.name")}
        onChange={(event) => store.dispatch({ do: "name", name: event.target.value })}
      />
      <button type="button" className="button" disabled={!canUndo} onClick={() => onAct("undo")}>
        {t("act.undo")}
      </button>
      <button type="button" className="button" disabled={!canRedo} onClick={() => onAct("redo")}>
        {t("act.redo")}
      </button>
      <button type="button" className="button" disabled={isEmpty || isBusy} onClick={() => onAct("tidy")}>
        {t("act.tidy")}
      </button>
      <button type="button" className="button" disabled={isEmpty || isTable} onClick={onFit}>
        {t("act.fit")}
      </button>
      <button
        type="button"
        className="button"
        disabled={isEmpty || isTable}
        aria-pressed={isLasso}
        onClick={() => onAct("lasso")}
      >
        {t("act.lasso")}
      </button>
      <button type="button" className="toggle" aria-pressed={isTable} onClick={onTable}>
        {isTable ? t("act.picture") : t("act.table")}
      </button>
      <select
        className="input graph-file"
        aria-label={t("file.label")}
        value=""
        disabled={isEmpty}
        onChange={(event) => onFile(event.target.value)}
      >
        <option value="">{t("file.label")}</option>
        {FILES.map((kind) => (
          <option key={kind} value={kind}>
            {t(`file.${kind}`)}
          </option>
        ))}
      </select>
      <button type="button" className="button" onClick={() => file.current?.click()}>
        {t("file.take")}
      </button>
      <input
        ref={file}
        type="file"
        accept=".json,application/json"
        className="hidden-visually"
        tabIndex={-1}
        aria-label={t("file.take")}
        onChange={(event) => {
          onTake(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <button
        type="button"
        className="icon-button"
        aria-label={t("help.title")}
        title={t("help.title")}
        onClick={() => onAct("help")}
      >
        <Icon name="keyboard" />
      </button>
    </div>
  );
}
