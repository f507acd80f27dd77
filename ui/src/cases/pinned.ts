// A pinned answer as lines that a person can read: every field by its name, nested ones indented, lists counted. The
// answer is the service's JSON; nothing of it is left out without being counted.

export interface Line {
  /** How deep it is nested, from 0. */
  depth: number;
  /** The field's name as it is in the answer, with `_` as spaces; of an entry of a list its number. */
  name: string;
  /** The value where it is one; nothing where its parts follow. */
  value: string | number | boolean | null | undefined;
  /** Entries of a list that are not shown. */
  more?: number;
}

/** Entries of one list that are shown. */
const ENTRIES_MAX = 5;
/** Lines in all. */
const LINES_MAX = 200;

/** The first line is about what the answer says, not about how it was asked. */
const LATE = ["snapshot", "request", "versions", "took_ms"];

/** The lines of an answer, and whether some were cut at the bound. */
export function lines(pinned: unknown): { lines: Line[]; cut: boolean } {
  const found: Line[] = [];
  let cut = false;
  const add = (line: Line): boolean => {
    if (found.length >= LINES_MAX) {
      cut = true;
      return false;
    }
    found.push(line);
    return true;
  };
  const walk = (name: string, value: unknown, depth: number): void => {
    if (Array.isArray(value)) {
      const more = value.length - ENTRIES_MAX;
      if (!add({ depth, name, value: value.length === 0 ? null : undefined, ...(more > 0 ? { more } : {}) })) return;
      value.slice(0, ENTRIES_MAX).forEach((entry, at) => walk(String(at + 1), entry, depth + 1));
    } else if (typeof value === "object" && value !== null) {
      const fields = sorted(value);
      if (!add({ depth, name, value: fields.length === 0 ? null : undefined })) return;
      for (const [field, inner] of fields) walk(field.replaceAll("_", " "), inner, depth + 1);
    } else {
      add({ depth, name, value: value as Line["value"] });
    }
  };
  if (typeof pinned === "object" && pinned !== null && !Array.isArray(pinned)) {
    for (const [field, inner] of sorted(pinned)) walk(field.replaceAll("_", " "), inner, 0);
  } else {
    walk("", pinned, 0);
  }
  return { lines: found, cut };
}

function sorted(value: object): [string, unknown][] {
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return [...fields.filter(([name]) => !LATE.includes(name)), ...fields.filter(([name]) => LATE.includes(name))];
}

/** The snapshot that an answer names, wherever it puts it; empty where it names none. */
export function snapshotOf(answer: unknown): string {
  if (typeof answer !== "object" || answer === null) return "";
  const { snapshot } = answer as { snapshot?: unknown };
  if (typeof snapshot === "string") return snapshot;
  if (typeof snapshot === "object" && snapshot !== null) {
    const { id, hash } = snapshot as { id?: unknown; hash?: unknown };
    if (typeof id === "string") return id;
    if (typeof hash === "string") return hash;
  }
  return "";
}

/** What one finding may pin. */
export const PINNED_BYTES_MAX = 256 * 1024;

/** Bytes of an answer as it is sent. */
export const bytesOf = (answer: unknown): number => new TextEncoder().encode(JSON.stringify(answer)).length;

/** Whether a text is a path of the service that can be asked again. */
export const isPath = (path: string): boolean => /^\/v1\/[!-~]+$/.test(path) && path.length <= 4096;
