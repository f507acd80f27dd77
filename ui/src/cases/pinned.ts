// A pinned answer as lines that a person can read: every field by its name, nested ones indented, lists counted. The
// answer is the service's JSON; entries that are not shown are counted, and the JSON is always beside it.

import type { i18n as I18n } from "i18next";
import { isBilingual, said } from "../i18n/said";

export type Value = string | number | boolean | null;

export interface Line {
  /** How deep it is nested, from 0. */
  depth: number;
  /** The field's name as it is in the answer, with `_` as spaces; of an entry of a list its number. */
  name: string;
  /** The value where it is one; nothing where its parts follow, on this line or on the next ones. */
  value?: Value;
  /** Plain fields of a thing, beside its name. */
  parts?: { name: string; value: Value }[];
  /** Entries of a list that are not shown. */
  more?: number;
}

/** Entries of one list that are shown. */
const ENTRIES_MAX = 5;
/** Lines in all. */
export const LINES_MAX = 200;
/** Fields that stand beside a name, at most. */
const PARTS_MAX = 12;

/** What was asked and by which version comes after what the answer says. */
const LATE = ["snapshot", "request", "versions", "took_ms"];

/** The lines of an answer in a language, and whether some were cut at the bound. */
export function lines(pinned: unknown, language = "en", max = LINES_MAX): { lines: Line[]; cut: boolean } {
  const found: Line[] = [];
  let cut = false;
  const add = (line: Line): boolean => {
    if (found.length >= max) {
      cut = true;
      return false;
    }
    found.push(line);
    return true;
  };
  const walk = (name: string, from: unknown, depth: number): void => {
    const value = told(from, language);
    if (Array.isArray(value)) {
      if (value.length === 0) add({ depth, name, value: null });
      else if (value.length === 1) walk(name, value[0], depth);
      else {
        const more = value.length - ENTRIES_MAX;
        if (!add({ depth, name, ...(more > 0 ? { more } : {}) })) return;
        value.slice(0, ENTRIES_MAX).forEach((entry, at) => walk(String(at + 1), entry, depth + 1));
      }
    } else if (typeof value === "object" && value !== null) {
      const fields = sorted(value);
      if (fields.length === 0) add({ depth, name, value: null });
      else {
        // Plain fields stand beside the name, as many as fit; empty ones are left to the JSON.
        const parts = fields
          .map(([field, inner]): [string, unknown] => [field, told(inner, language)])
          .filter(isPlain)
          .slice(0, PARTS_MAX)
          .map(([field, inner]) => ({ name: plain(field), value: inner }));
        const beside = new Set(parts.map((part) => part.name));
        const rest = fields.filter((field) => field[1] !== null && !beside.has(plain(field[0])));
        if (!add({ depth, name, ...(parts.length > 0 ? { parts } : {}) })) return;
        for (const [field, inner] of rest) walk(plain(field), inner, depth + 1);
      }
    } else {
      add({ depth, name, value: value as Value });
    }
  };
  const whole = Array.isArray(pinned) && pinned.length === 1 ? (pinned[0] as unknown) : pinned;
  if (typeof whole === "object" && whole !== null && !Array.isArray(whole)) {
    for (const [field, inner] of sorted(whole)) walk(plain(field), inner, 0);
  } else {
    walk("", whole, 0);
  }
  return { lines: found, cut };
}

/** Of a text in both languages the one that is read, without the marks around one that is set apart as a whole; everything else as it is. */
const told = (value: unknown, language: string): unknown =>
  typeof value === "object" && value !== null && isBilingual(value)
    ? said(value, language).replace(/^\u2068([^\u2068\u2069]*)\u2069$/u, "$1")
    : value;

const plain = (field: string) => field.replaceAll("_", " ");

function isPlain(field: [string, unknown]): field is [string, Value] {
  return field[1] !== null && typeof field[1] !== "object";
}

function sorted(value: object): [string, unknown][] {
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return [...fields.filter(([name]) => !LATE.includes(name)), ...fields.filter(([name]) => LATE.includes(name))];
}

/** The snapshot that an answer names, wherever it puts it; empty where it names none. */
export function snapshotOf(answer: unknown): string {
  if (Array.isArray(answer)) {
    // Several answers in one rest on one snapshot, or on none that could be named.
    const all = new Set(answer.map(snapshotOf));
    return all.size === 1 ? ([...all][0] ?? "") : "";
  }
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

/** What the end of a field's name says of it: its unit, or that it counts. */
const END = /_(sat|usd|units|total|truncated|more|max|min)$/;

/** The name of a field of an answer in the language of the page, or as the service has it. */
export function fieldName(i18n: I18n, field: string): string {
  const name = field.replaceAll(" ", "_");
  const say = (key: string, values = {}) =>
    i18n.exists(key, { ns: "cases" }) ? i18n.t(key, { ns: "cases", ...values }) : undefined;
  const end = END.exec(name);
  const stem = end ? say(`answer.${name.slice(0, end.index)}`) : undefined;
  return (
    say(`answer.${name}`) ??
    (end && stem ? say(`answer_end.${end[1] ?? ""}`, { name: stem }) : undefined) ??
    name.replaceAll("_", " ")
  );
}
