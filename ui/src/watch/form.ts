// The form of a watch as the service takes it. Amounts are digits: dollars become whole cents without any float between.
import type { components } from "../api/schema";

export type NewWatch = components["schemas"]["NewWatchBody"];
export type Kind = components["schemas"]["WatchKind"];

export const KINDS: readonly Kind[] = ["address", "entity", "category", "campaign", "pattern", "amount"];
export const DIRECTIONS = ["any", "received", "sent"] as const;

export interface Draft {
  kind: Kind;
  value: string;
  chain: string;
  direction: (typeof DIRECTIONS)[number];
  usd: string;
  severity: string;
  note: string;
}

export const EMPTY: Draft = {
  kind: "address",
  value: "",
  chain: "",
  direction: "any",
  usd: "",
  severity: "high",
  note: "",
};

/** Dollars as written ("1,000" or "12.5") as whole cents; null where it is no amount. Arabic digits are read too. */
export function centsOf(text: string): number | null {
  const latin = text
    .trim()
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[٬,\s]/g, "")
    .replace("٫", ".");
  const match = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(latin);
  if (!match) return null;
  return Number(`${match[1]}${(match[2] ?? "").padEnd(2, "0")}`);
}

/** What is lacking or wrong, by field. */
export function wrongWith(draft: Draft): Partial<Record<keyof Draft, "missing" | "usd">> {
  const wrong: Partial<Record<keyof Draft, "missing" | "usd">> = {};
  if (draft.kind !== "amount" && draft.value.trim() === "") wrong.value = "missing";
  if (draft.usd.trim() !== "" && centsOf(draft.usd) === null) wrong.usd = "usd";
  if (draft.kind === "amount" && draft.usd.trim() === "") wrong.usd = "missing";
  return wrong;
}

/** The body of the request. What was left empty is left out. */
export function bodyOf(draft: Draft): NewWatch {
  const cents = draft.usd.trim() === "" ? null : centsOf(draft.usd);
  return {
    kind: draft.kind,
    direction: draft.direction,
    severity: draft.severity,
    ...(draft.kind === "amount" ? {} : { value: draft.value.trim() }),
    ...(draft.chain ? { chain: draft.chain } : {}),
    ...(cents === null ? {} : { at_least_usd_cents: cents }),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
  };
}
