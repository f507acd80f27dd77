// The audit log outside of React: who an actor is, and the log as a table in a file.

export interface Entry {
  seq: number;
  at_s: number;
  actor: string | number | null;
  action: string;
  target: string | null;
  outcome: string;
  hash: string;
}

export interface Entries {
  entries: Entry[];
  next: string | number | null;
}

export interface Verified {
  entries: number;
  ok: boolean;
  broken_at: number | null;
  head: string;
}

export type Actor =
  { kind: "user"; id: number } | { kind: "key"; id: string } | { kind: "other"; name: string } | { kind: "nobody" };

/** Who an actor of an entry is: a user by number, a key by its id, or a name such as `local`. */
export function actorOf(actor: Entry["actor"]): Actor {
  const text = String(actor ?? "").trim();
  if (text === "" || text === "-" || text === "nobody") return { kind: "nobody" };
  const user = /^(?:user[-:])?(\d+)$/.exec(text);
  if (user) return { kind: "user", id: Number(user[1]) };
  const key = /^key[-:](.+)$/.exec(text);
  if (key?.[1]) return { kind: "key", id: key[1] };
  return { kind: "other", name: text };
}

const COLUMNS = ["seq", "at", "actor", "action", "target", "outcome", "hash"] as const;

/**
 * A cell of a CSV file (RFC 4180). A text that a spreadsheet would take for a formula is given an apostrophe before it,
 * because it comes from what people typed.
 */
export function cell(value: string | number): string {
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) && text !== "-" ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The log as CSV, with a head and times in UTC. */
export function csv(entries: Entry[]): string {
  const rows = entries.map((entry) => [
    entry.seq,
    new Date(entry.at_s * 1000).toISOString(),
    String(entry.actor ?? ""),
    entry.action,
    entry.target ?? "",
    entry.outcome,
    entry.hash,
  ]);
  return [COLUMNS.join(","), ...rows.map((row) => row.map(cell).join(","))].join("\r\n") + "\r\n";
}
