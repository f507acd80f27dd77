// Undo and redo. Documents are never changed in place, so the past is a list of documents that share what did not change. Where one
// looks (view, time window) is no change of the graph: it is kept through undo and makes no entry of its own.

import { step, type Command } from "./commands";
import type { GraphDocument } from "./document";

/** Steps that can be taken back. */
export const UNDO_MAX = 200;

export interface History {
  readonly past: readonly GraphDocument[];
  readonly present: GraphDocument;
  readonly future: readonly GraphDocument[];
  /** The gesture of the last step: moves of one drag are one step. */
  readonly gesture: string | null;
}

/** A history without past. */
export function begin(document: GraphDocument): History {
  return { past: [], present: document, future: [], gesture: null };
}

/** The history after a command. */
export function apply(history: History, command: Command): History {
  const present = step(history.present, command);
  if (present === history.present) return history;
  if (command.do === "view" || command.do === "window") return { ...history, present };
  if (command.do === "load") return begin(present);
  const gesture =
    command.do === "move"
      ? (command.gesture ?? null)
      : command.do === "note"
        ? `note ${command.id}`
        : command.do === "filters"
          ? "filters"
          : command.do === "name"
            ? "name"
            : null;
  if (gesture !== null && gesture === history.gesture && history.past.length > 0)
    return { ...history, present, future: [] };
  return { past: [...history.past, history.present].slice(-UNDO_MAX), present, future: [], gesture };
}

function looking(at: GraphDocument, document: GraphDocument): GraphDocument {
  return { ...document, view: at.view, window: at.window };
}

/** One step back; the same history where there is none. */
export function undo(history: History): History {
  const last = history.past.at(-1);
  if (last === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: looking(history.present, last),
    future: [history.present, ...history.future],
    gesture: null,
  };
}

/** One step forward again. */
export function redo(history: History): History {
  const next = history.future[0];
  if (next === undefined) return history;
  return {
    past: [...history.past, history.present],
    present: looking(history.present, next),
    future: history.future.slice(1),
    gesture: null,
  };
}
