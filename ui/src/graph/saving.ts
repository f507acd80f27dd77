// Keeping the graph. With a case it is saved there by itself, with the version it was read at; another's change is never overwritten
// without asking. What could not be saved is kept in this browser and said, and saved when the service is there again. Without a case
// it is kept in this browser alone.

import { useCallback, useEffect, useRef, useState } from "react";
import { call } from "../api/client";
import type { Item } from "../api/contract";
import { Problem } from "../api/problem";
import { emptyDocument, type GraphDocument } from "./document";
import { readDocument, writeDocument } from "./read";
import type { GraphStore } from "./store";

/** What a case keeps of a graph. */
export interface GraphBody {
  readonly name: string;
  readonly document: unknown;
}

export type SaveState =
  | { readonly is: "loading" }
  | { readonly is: "saved" }
  | { readonly is: "waiting" }
  | { readonly is: "local" }
  | { readonly is: "offline"; readonly error: unknown }
  | { readonly is: "unkept"; readonly error: unknown }
  | { readonly is: "conflict"; readonly theirs: Item<GraphBody> | null; readonly version: number }
  | { readonly is: "refused"; readonly error: unknown };

/** One object, so that being kept again draws nothing. */
const LOCAL: SaveState = { is: "local" };

const WAIT_MS = 1_200;
const AGAIN_MS = 10_000;
/** What a case takes. */
export const BYTES_MAX = 2 * 1024 * 1024;

/** Where a graph without a case, or one that could not be saved, is kept in this browser. */
export function draftKey(place: Place | null): string {
  return place === null ? "athar.graph.draft" : `athar.graph.${place.case}.${place.graph}`;
}

export interface Place {
  readonly case: string;
  readonly graph: string;
}

interface Draft {
  readonly base: number | null;
  readonly document: GraphDocument;
}

/** A draft of this browser; null where there is none or it is damaged. */
export function readDraft(key: string): Draft | null {
  try {
    const text = localStorage.getItem(key);
    if (text === null) return null;
    const value = JSON.parse(text) as { base?: unknown; document?: unknown };
    return { base: typeof value.base === "number" ? value.base : null, document: readDocument(value.document) };
  } catch {
    return null;
  }
}

/** Keeps a draft; false where the browser has no room or allows none. */
export function writeDraft(key: string, base: number | null, document: GraphDocument): boolean {
  try {
    localStorage.setItem(key, JSON.stringify({ base, document: writeDocument(document) }));
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Storage that is closed holds nothing.
  }
}

function body(document: GraphDocument): GraphBody {
  return { name: document.name, document: writeDocument(document) };
}

/** Whether two documents differ in more than where one looks. */
function differs(a: GraphDocument, b: GraphDocument): boolean {
  return (
    a.nodes !== b.nodes || a.edges !== b.edges || a.filters !== b.filters || a.name !== b.name || a.window !== b.window
  );
}

export interface Saving {
  readonly state: SaveState;
  /** Of a conflict: what is here wins. */
  readonly keepMine: () => void;
  /** Of a conflict: what is there wins; what is here is gone. */
  readonly takeTheirs: () => void;
  readonly again: () => void;
}

/** Loads the graph of a place into the store and keeps it saved. */
export function useSaving(store: GraphStore, place: Place | null, chain: string): Saving {
  const [state, setState] = useState<SaveState>({ is: "loading" });
  const version = useRef<number | null>(null);
  const saved = useRef<GraphDocument | null>(null);
  const isBusy = useRef(false);
  const placeCase = place?.case ?? null;
  const placeGraph = place?.graph ?? null;
  const path =
    placeCase === null || placeGraph === null
      ? null
      : `/v1/cases/${encodeURIComponent(placeCase)}/graphs/${encodeURIComponent(placeGraph)}`;
  const key =
    placeCase === null || placeGraph === null ? draftKey(null) : draftKey({ case: placeCase, graph: placeGraph });

  const load = useCallback(
    (item: Item<GraphBody>) => {
      const read = readDocument(item.body.document);
      version.current = item.version;
      saved.current = read;
      store.dispatch({ do: "load", document: read });
    },
    [store],
  );

  useEffect(() => {
    let isOver = false;
    setState({ is: "loading" });
    const draft = readDraft(key);
    if (path === null) {
      const start = draft?.document ?? emptyDocument(chain);
      saved.current = start;
      store.dispatch({ do: "load", document: start });
      setState(LOCAL);
      return;
    }
    call<Item<GraphBody>>("GET", path).then(
      (item) => {
        if (isOver) return;
        try {
          load(item);
        } catch (error) {
          setState({ is: "refused", error });
          return;
        }
        if (draft === null) setState({ is: "saved" });
        else {
          // Something was left unsaved here. It is put back, and saved unless somebody saved in the meantime.
          store.dispatch({ do: "load", document: draft.document });
          setState(
            draft.base === item.version ? { is: "waiting" } : { is: "conflict", theirs: item, version: item.version },
          );
        }
      },
      (error: unknown) => {
        if (isOver) return;
        if (draft === null) setState({ is: "refused", error });
        else {
          version.current = draft.base;
          store.dispatch({ do: "load", document: draft.document });
          setState({ is: "offline", error });
        }
      },
    );
    return () => {
      isOver = true;
    };
  }, [chain, key, load, path, store]);

  const save = useCallback(async () => {
    if (path === null || isBusy.current || version.current === null) return;
    isBusy.current = true;
    const now = store.document;
    try {
      const item = await call<Item<GraphBody>>("PUT", path, { body: { version: version.current, body: body(now) } });
      version.current = item.version;
      saved.current = now;
      if (differs(store.document, now)) setState({ is: "waiting" });
      else {
        dropDraft(key);
        setState({ is: "saved" });
      }
    } catch (error) {
      const isKept = writeDraft(key, version.current, store.document);
      if (error instanceof Problem && error.code === "version_conflict") {
        const theirs = (error.current ?? null) as Item<GraphBody> | null;
        setState({ is: "conflict", theirs, version: theirs?.version ?? version.current + 1 });
      } else setState(isKept ? { is: "offline", error } : { is: "unkept", error });
    } finally {
      isBusy.current = false;
    }
  }, [key, path, store]);

  // What changed is kept after a moment of rest. It listens to the store by itself: the page is not drawn again for it.
  useEffect(() => {
    if (state.is === "loading" || state.is === "refused") return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let seen: GraphDocument | null = null;
    const look = () => {
      const { document } = store;
      const before = saved.current;
      // What is chosen, and where one looks, is no change.
      if (seen !== null && !differs(document, seen)) return;
      seen = document;
      clearTimeout(timer);
      if (before === null || !differs(document, before)) return;
      if (path === null) {
        timer = setTimeout(() => {
          saved.current = store.document;
          setState(writeDraft(key, null, store.document) ? LOCAL : { is: "unkept", error: null });
        }, WAIT_MS);
      } else if (state.is === "conflict") {
        timer = setTimeout(() => writeDraft(key, version.current, store.document), WAIT_MS);
      } else {
        if (state.is === "saved") setState({ is: "waiting" });
        timer = setTimeout(() => void save(), state.is === "offline" || state.is === "unkept" ? AGAIN_MS : WAIT_MS);
      }
    };
    look();
    const leave = store.subscribe(look);
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, [key, path, save, state, store]);

  // A waiting save goes to this browser when the page is closed, and out when the network is back.
  useEffect(() => {
    const leave = () => {
      if (saved.current !== null && differs(store.document, saved.current))
        writeDraft(key, version.current, store.document);
    };
    const back = () => void save();
    window.addEventListener("pagehide", leave);
    window.addEventListener("online", back);
    return () => {
      leave();
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("online", back);
    };
  }, [key, save, store]);

  const keepMine = useCallback(() => {
    if (state.is !== "conflict") return;
    version.current = state.version;
    saved.current ??= store.document;
    setState({ is: "waiting" });
    void save();
  }, [save, state, store]);

  const takeTheirs = useCallback(() => {
    if (state.is !== "conflict" || path === null) return;
    dropDraft(key);
    call<Item<GraphBody>>("GET", path).then(
      (item) => {
        try {
          load(item);
          setState({ is: "saved" });
        } catch (error) {
          setState({ is: "refused", error });
        }
      },
      (error: unknown) => setState({ is: "offline", error }),
    );
  }, [key, load, path, state]);

  return { state, keepMine, takeTheirs, again: () => void save() };
}
