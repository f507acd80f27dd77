// What can be done with an alert, by which key, and which alerts a filter asks for. No drawing here: the queue, the page of one alert
// and the tests share these rules. They are those of the service (docs/reference/alerts.md, "Handling"); the service has the last word.
import type { components } from "../api/schema";
import type { Bilingual } from "../i18n/said";

export type Alert = components["schemas"]["Alert"];
export type AlertState = components["schemas"]["AlertState"];
export type Severity = "low" | "medium" | "high" | "severe";

/** What people do with an alert; each is a route of its own. */
export type Action = "review" | "assign" | "note" | "escalate" | "close" | "reopen";

export const STATES: readonly AlertState[] = [
  "open",
  "in_review",
  "escalated",
  "closed_true_positive",
  "closed_false_positive",
];
export const SEVERITIES: readonly Severity[] = ["severe", "high", "medium", "low"];
export const KINDS = ["address", "entity", "category", "campaign", "pattern", "amount"] as const;
export const STAGES = ["mempool", "block", "reorged", "dropped"] as const;

/** Whether nobody has to look at it any more. */
export function isClosed(state: AlertState): boolean {
  return state === "closed_true_positive" || state === "closed_false_positive";
}

/**
 * What may be done with an alert in a state. A closed one is reopened first; a review also takes back a closing that waits for
 * somebody else, so it is offered while one is pending.
 */
export function actionsOf(alert: Pick<Alert, "state" | "pending">): Action[] {
  if (isClosed(alert.state)) return ["reopen", "assign", "note"];
  const actions: Action[] = [];
  if (alert.state !== "in_review" || alert.pending) actions.push("review");
  actions.push("assign", "note");
  if (alert.state !== "escalated") actions.push("escalate");
  actions.push("close");
  return actions;
}

/** Closing, escalating and reopening need a reason; the others take none. */
export function needsReason(action: Action): boolean {
  return action === "close" || action === "escalate" || action === "reopen";
}

/** Keys of the queue. Letters are those of the Latin layout by position (`KeyboardEvent.code`), so that an Arabic layout has them too. */
export const KEYS: Readonly<Record<string, Action | "next" | "previous" | "open" | "help">> = {
  KeyJ: "next",
  ArrowDown: "next",
  KeyK: "previous",
  ArrowUp: "previous",
  KeyO: "open",
  KeyR: "review",
  KeyA: "assign",
  KeyN: "note",
  KeyE: "escalate",
  KeyC: "close",
  KeyU: "reopen",
  Slash: "help",
};

/** What the queue shows. An empty text asks for everything. */
export interface Filters {
  /** A state, `not_closed`, or everything. */
  state: AlertState | "not_closed" | "";
  /** As severe or more. */
  severity: Severity | "";
  kind: string;
  stage: string;
  watchlist: string;
  assignee: string;
  subject: string;
}

export const ALL_THAT_WAITS: Filters = {
  state: "not_closed",
  severity: "",
  kind: "",
  stage: "",
  watchlist: "",
  assignee: "",
  subject: "",
};

/** The filters in the page's address, so that a view can be kept and sent. */
export function fromSearch(search: URLSearchParams): Filters {
  const read = (name: keyof Filters) => search.get(name) ?? "";
  const state = search.has("state") ? read("state") : ALL_THAT_WAITS.state;
  return {
    state: state === "not_closed" || (STATES as readonly string[]).includes(state) ? (state as Filters["state"]) : "",
    severity: (SEVERITIES as readonly string[]).includes(read("severity")) ? (read("severity") as Severity) : "",
    kind: read("kind"),
    stage: read("stage"),
    watchlist: read("watchlist"),
    assignee: read("assignee"),
    subject: read("subject").trim(),
  };
}

/** The other way; what asks for everything is left out, except the state, whose absence means what waits. */
export function toSearch(filters: Filters): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) {
    if (name === "state" ? value !== ALL_THAT_WAITS.state : value !== "") search.set(name, value);
  }
  return search;
}

/** Parameters of `GET /v1/alerts`: most severe first, of those as severe what waits longest. */
export function toQuery(filters: Filters, cursor?: string) {
  return {
    limit: 200,
    order: "work" as const,
    ...(cursor ? { cursor } : {}),
    ...(filters.state === "not_closed" ? { not_closed: true } : filters.state ? { state: filters.state } : {}),
    ...(filters.severity ? { severity: filters.severity } : {}),
    ...((KINDS as readonly string[]).includes(filters.kind) ? { kind: filters.kind as (typeof KINDS)[number] } : {}),
    ...(filters.stage ? { stage: filters.stage as "mempool" } : {}),
    ...(filters.watchlist ? { watchlist: filters.watchlist } : {}),
    ...(filters.assignee ? { assignee: filters.assignee } : {}),
    ...(filters.subject ? { subject: filters.subject } : {}),
  };
}

/** One side of a transaction that was matched, as far as it could be read. */
export interface Side {
  side: string;
  address: string | null;
  output: string | null;
  units: string | null;
  via: string | null;
  named: string | null;
}

/** Evidence of an alert, as far as it could be read: it is stored as it was written, by whichever version wrote it. */
export interface Evidence {
  sides: Side[];
  sidesTotal: number;
  addresses: string[];
  txids: string[];
  text: Bilingual | null;
  /** What corroborates a hit of a pattern, as kind and words. */
  corroboration: { anchor: string; what: Bilingual }[];
  /** The hit of the pattern that raised it. */
  hit: string | null;
  pricedOn: string | null;
  receivedUnits: string | null;
  sentUnits: string | null;
  unknownInputs: number;
  usdUndecided: boolean;
  ruleVersion: string | null;
}

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const whole = (value: unknown): string | null =>
  typeof value === "number" && Number.isSafeInteger(value)
    ? String(value)
    : typeof value === "string" && /^\d+$/.test(value)
      ? value
      : null;
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];

/** A text in both languages; what an earlier version wrote in one stands for both. */
const said = (value: unknown): Bilingual | null => {
  const plain = text(value);
  if (plain) return { en: plain, ar: plain };
  const both = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const en = text(both.en);
  return en ? { en, ar: text(both.ar) ?? en } : null;
};

const pairs = (value: unknown): { anchor: string; what: Bilingual }[] =>
  (Array.isArray(value) ? value : []).flatMap((each: unknown) => {
    const pair = (typeof each === "object" && each !== null ? each : {}) as Record<string, unknown>;
    const what = said(pair.what);
    return what ? [{ anchor: text(pair.anchor) ?? "", what }] : [];
  });

/** Reads evidence without trusting its shape: what is not there stays empty, and nothing is made up. */
export function readEvidence(evidence: unknown): Evidence {
  const from = (typeof evidence === "object" && evidence !== null ? evidence : {}) as Record<string, unknown>;
  const sides = (Array.isArray(from.sides) ? from.sides : [])
    .filter((side): side is Record<string, unknown> => typeof side === "object" && side !== null)
    .map((side) => ({
      side: text(side.side) ?? "",
      address: text(side.address),
      output: text(side.output),
      units: whole(side.value_sat) ?? whole(side.units),
      via: text(side.via),
      named: text(side.named),
    }));
  // Of a pattern the statement is an object of its own, with what corroborates it; elsewhere it is a text or is not there.
  const told = (typeof from.why === "object" && from.why !== null ? from.why : from) as Record<string, unknown>;
  const why = text(told.why);
  return {
    sides,
    sidesTotal: typeof from.sides_total === "number" ? from.sides_total : sides.length,
    addresses: texts(from.addresses),
    txids: texts(from.txids),
    text: why ? { en: why, ar: text(told.why_ar) ?? why } : null,
    corroboration: pairs(told.corroboration),
    hit: text(told.hit),
    pricedOn: text(from.priced_on),
    receivedUnits: whole(from.received_sat) ?? whole(from.received_units),
    sentUnits: whole(from.sent_sat) ?? whole(from.sent_units),
    unknownInputs: typeof from.unknown_inputs === "number" ? from.unknown_inputs : 0,
    usdUndecided: from.usd_undecided === true,
    ruleVersion: text(from.rule_version),
  };
}

/** The last second of a day `YYYY-MM-DD` in UTC, in seconds since 1970; null where it is no day. */
export function endOfDay(day: string): number | null {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T23:59:59Z`) : Number.NaN;
  return Number.isNaN(time) ? null : Math.floor(time / 1000);
}
