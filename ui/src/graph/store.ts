// The open graph: its history, what is chosen, and who listens. It lives outside of React so that a drag or a moved time window tells
// only those parts that show something of it; 1,500 nodes are not drawn again because one was chosen.

import { useSyncExternalStore } from "react";
import { step, type Batch, type Command } from "./commands";
import { emptyDocument, type GraphDocument } from "./document";
import { apply, begin, redo, undo, type History } from "./history";
import { draw, type Picture } from "./picture";

function isDrawnAlike(a: GraphDocument, b: GraphDocument): boolean {
  return a.nodes === b.nodes && a.edges === b.edges && a.filters === b.filters && a.window === b.window;
}

export class GraphStore {
  private history: History;
  private chosen: ReadonlySet<string> = new Set();
  private at: string | null = null;
  private drawn: { document: GraphDocument; picture: Picture } | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(document: GraphDocument = emptyDocument("bitcoin")) {
    this.history = begin(document);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  get document(): GraphDocument {
    return this.history.present;
  }

  get canUndo(): boolean {
    return this.history.past.length > 0;
  }

  get canRedo(): boolean {
    return this.history.future.length > 0;
  }

  /** Nodes and edges that are chosen. */
  get selection(): ReadonlySet<string> {
    return this.chosen;
  }

  /** The node that the keyboard stands on. */
  get current(): string | null {
    return this.at;
  }

  /** The picture of the present document, drawn once. Where one looks and what the graph is called is not in it. */
  get picture(): Picture {
    const { document, drawn } = this;
    if (drawn !== null && isDrawnAlike(drawn.document, document)) return drawn.picture;
    const picture = draw(document);
    this.drawn = { document, picture };
    return picture;
  }

  private become(history: History): void {
    if (history === this.history) return;
    this.history = history;
    const { nodeById, edgeById } = this.picture;
    const kept = [...this.chosen].filter((id) => nodeById.has(id) || edgeById.has(id));
    if (kept.length !== this.chosen.size) this.chosen = new Set(kept);
    if (this.at !== null && !nodeById.has(this.at)) this.at = null;
    this.tell();
  }

  readonly dispatch = (command: Command): void => this.become(apply(this.history, command));
  readonly undo = (): void => this.become(undo(this.history));
  readonly redo = (): void => this.become(redo(this.history));

  /** Takes knowledge of nodes that are there (labels, severity): no step of the analyst's, so none to take back. */
  readonly learn = (batch: Batch): void => {
    const known = { ...batch, nodes: batch.nodes.filter((node) => this.document.nodes[node.id] !== undefined) };
    const present = step(this.document, { do: "merge", batch: known });
    if (present !== this.document) this.become({ ...this.history, present });
  };

  readonly choose = (ids: Iterable<string>, at?: string | null): void => {
    const next = new Set(ids);
    const isSame = next.size === this.chosen.size && [...next].every((id) => this.chosen.has(id));
    const place = at === undefined ? this.at : at;
    if (isSame && place === this.at) return;
    if (!isSame) this.chosen = next;
    this.at = place;
    this.tell();
  };
}

/** A part of the store's state. `read` must give the same value as long as nothing changed in it. */
export function useGraph<T>(store: GraphStore, read: (store: GraphStore) => T): T {
  return useSyncExternalStore(store.subscribe, () => read(store));
}

export const readDocumentOf = (store: GraphStore): GraphDocument => store.document;
export const readChain = (store: GraphStore): string => store.document.chain;
export const readAssets = (store: GraphStore): GraphDocument["assets"] => store.document.assets;
export const readNodes = (store: GraphStore): GraphDocument["nodes"] => store.document.nodes;
export const readEdges = (store: GraphStore): GraphDocument["edges"] => store.document.edges;
export const readWindow = (store: GraphStore): GraphDocument["window"] => store.document.window;
export const readName = (store: GraphStore): string => store.document.name;
export const readIsEmpty = (store: GraphStore): boolean => Object.keys(store.document.nodes).length === 0;
export const readPicture = (store: GraphStore): Picture => store.picture;
export const readSelection = (store: GraphStore): ReadonlySet<string> => store.selection;
export const readCurrent = (store: GraphStore): string | null => store.current;
export const readUndo = (store: GraphStore): boolean => store.canUndo;
export const readRedo = (store: GraphStore): boolean => store.canRedo;
