// Figures of a category as the page draws them: rows in order, and whether what is unknown has to be told.
import type { components } from "../api/schema";

export type Totals = components["schemas"]["TotalsView"];
export type Scope = components["schemas"]["TotalsScopeView"];
export type Row = components["schemas"]["TotalsRowView"];
export type Figure = components["schemas"]["FigureView"];

export const BY = ["month", "organisation", "asset"] as const;

/** Months in their order; other rows with most dollars first, what has no price last. */
export function inOrder(rows: readonly Row[], by: (typeof BY)[number]): Row[] {
  const sorted = [...rows];
  if (by === "month") return sorted.sort((a, b) => a.key.localeCompare(b.key));
  return sorted.sort((a, b) => (b.received.usd ?? -1) - (a.received.usd ?? -1));
}

/** Whether a figure could be any other number within a range where one label falls. */
export const isCertain = (figure: Figure) => figure.without_a_label.usd_min === figure.without_a_label.usd_max;

/** What a reader must be told of a set before its figures. */
export function caveatsOf(scope: Scope): ("truncated" | "disputed" | "contested" | "left_out" | "unpriced")[] {
  const told: ReturnType<typeof caveatsOf> = [];
  if (scope.truncated) told.push("truncated");
  if (scope.rows_left_out > 0) told.push("left_out");
  if (scope.disputed_units > 0) told.push("disputed");
  if (scope.contested_units > 0) told.push("contested");
  if ([scope.total.received, scope.total.sent, scope.total.cashed_out].some((figure) => figure.is_partly_unpriced))
    told.push("unpriced");
  return told;
}
