// Wishes become questions, answers become a step of the graph: merged, placed beside what is there, said aloud. One question at a time;
// it can be stopped.

import { useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { gathered } from "./answers";
import { merge } from "./commands";
import type { GraphNode } from "./document";
import { askEntities, growLinks, growParties, growPaths, growTrace, growTransaction, type Grown } from "./grow";
import type { Wish } from "./GrowPanel";
import { layout, taskFor, tidyTask } from "./layouter";
import type { GraphStore } from "./store";
import { useWords } from "./words";

export interface Growing {
  readonly isBusy: boolean;
  /** How far a long question is, in words. */
  readonly progress: string | null;
  readonly error: unknown;
  readonly wish: (wish: Wish) => Promise<void>;
  readonly add: (nodes: readonly GraphNode[]) => Promise<void>;
  readonly tidy: () => Promise<void>;
  readonly stop: () => void;
  readonly forget: () => void;
}

/** Addresses whose entities are asked for at once. */
const ENTITIES_MAX = 400;

export function useGrowing(store: GraphStore, say: (words: string) => void): Growing {
  const { t } = useTranslation("graph");
  const words = useWords();
  const [isBusy, setBusy] = useState(false);
  const [progress, setProgress] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);

  const run = useCallback(
    async (work: (signal: AbortSignal) => Promise<void>) => {
      running.current?.abort();
      const control = new AbortController();
      running.current = control;
      setBusy(true);
      setError(null);
      try {
        await work(control.signal);
      } catch (caught) {
        if (!control.signal.aborted) {
          setError(caught);
          say(t("said.failed"));
        } else say(t("said.stopped"));
      } finally {
        if (running.current === control) {
          running.current = null;
          setBusy(false);
          setProgress(null);
        }
      }
    },
    [say, t],
  );

  const put = useCallback(
    async (grown: Grown, signal: AbortSignal, gather = false) => {
      const batch = gather ? gathered(grown.batch, (id) => store.document.nodes[id] !== undefined) : grown.batch;
      const merged = merge(store.document, batch);
      const fresh = new Set(merged.nodes_new);
      setProgress(t("said.placing"));
      const positions = fresh.size === 0 ? {} : await layout(taskFor(merged.document, fresh));
      if (signal.aborted) return;
      store.dispatch({ do: "merge", batch, positions });
      const said = [
        fresh.size === 0 && merged.edges_new.length === 0
          ? t("said.nothing_new")
          : t("said.grew", { nodes: words.count(fresh.size), edges: words.count(merged.edges_new.length) }),
      ];
      if (merged.nodes_left + merged.edges_left > 0)
        said.push(t("said.full", { nodes: words.count(merged.nodes_left), edges: words.count(merged.edges_left) }));
      if (grown.isCut) said.push(t("said.cut"));
      for (const remark of grown.remarks) said.push(t(remark));
      say(said.join(" "));
    },
    [say, store, t, words],
  );

  const wish = useCallback(
    (asked: Wish) =>
      run(async (signal) => {
        setProgress(t("said.asking"));
        switch (asked.by) {
          case "parties":
            return put(await growParties(asked.node, asked.asked, signal), signal);
          case "trace":
            return put(await growTrace(asked.node, asked.asked, signal), signal, true);
          case "paths":
            return put(await growPaths(asked.from, asked.to, asked.asked, signal), signal);
          case "transaction":
            return put(await growTransaction(asked.node.chain, asked.node.value, signal), signal);
          case "links":
            return put(await growLinks(Object.values(store.document.nodes), signal), signal);
          case "entities": {
            const chosen = [...store.selection]
              .flatMap((id) => store.document.nodes[id] ?? [])
              .filter((node) => node.kind === "address");
            const all =
              chosen.length > 1
                ? chosen
                : Object.values(store.document.nodes).filter((node) => node.kind === "address" && node.parent === null);
            const taken = all.slice(0, ENTITIES_MAX);
            const known = await askEntities(taken, signal, (done) =>
              setProgress(t("said.entities_asked", { n: words.count(done), of: words.count(taken.length) })),
            );
            const before = Object.keys(store.document.nodes).length;
            store.dispatch({ do: "entities", entities: known });
            const made = Object.keys(store.document.nodes).length - before;
            say(
              `${t("said.entities", { n: words.count(made) })}${all.length > taken.length ? ` ${t("said.cut")}` : ""}`,
            );
          }
        }
      }),
    [put, run, say, store, t, words],
  );

  const add = useCallback(
    (nodes: readonly GraphNode[]) =>
      run((signal) => put({ batch: { nodes, edges: [] }, isCut: false, remarks: [] }, signal)),
    [put, run],
  );

  const tidy = useCallback(
    () =>
      run(async (signal) => {
        setProgress(t("said.placing"));
        const positions = await layout(tidyTask(store.document));
        if (signal.aborted) return;
        store.dispatch({ do: "move", positions });
        say(t("said.tidied"));
      }),
    [run, say, store, t],
  );

  return {
    isBusy,
    progress,
    error,
    wish,
    add,
    tidy,
    stop: () => running.current?.abort(),
    forget: () => setError(null),
  };
}
