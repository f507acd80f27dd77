// How far a case is from the day until which it may be kept. Days are compared as days in UTC, as the service does.

export type Retention = { at: "none" } | { at: "past" | "soon" | "later"; days: number };

/** From how many days on a person is reminded. */
export const SOON_DAYS = 30;

/** Today in UTC, as `2027-01-31`. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** Whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** Where a retention date stands on a day. The date itself is still within it. */
export function retention(until: string | null, on: string = today()): Retention {
  if (until === null || Number.isNaN(Date.parse(until))) return { at: "none" };
  const days = daysBetween(on, until);
  return { at: days < 0 ? "past" : days <= SOON_DAYS ? "soon" : "later", days };
}

/** Cases that are past their date or near it, the most overdue first. */
export function due<T extends { retention_until: string | null; id: number }>(cases: T[], on: string = today()): T[] {
  return cases
    .filter((one) => ["past", "soon"].includes(retention(one.retention_until, on).at))
    .sort((a, b) => (a.retention_until ?? "").localeCompare(b.retention_until ?? "") || a.id - b.id);
}
