// Records as the page shows them: a field is a pseudonym, or a value that was kept plain, or text as it is. Nothing is turned back into a person.
import type { components } from "../api/schema";

export type RecordRow = components["schemas"]["Record"] & { [field: string]: unknown };
export type Linked = components["schemas"]["CouponFlowsView"];
export type Receipt = components["schemas"]["RecordsReceipt"];
export type Note = components["schemas"]["HumanitarianNote"];

export const KINDS = ["coupon_sale", "redemption", "deposit", "withdrawal", "login", "fiat_transfer"] as const;

/** What stands for a value. */
export interface Cell {
  field: string;
  /** The pseudonym, where there is one. */
  pseudonym: string | null;
  /** The value itself: never one that leads to a person, unless whoever imported it had it kept. */
  plain: string | null;
}

const OWN = new Set(["id", "import", "line", "kind", "time", "amount", "unknown"]);

/** The fields of a record besides its number, time and amount. */
export function cellsOf(record: RecordRow): Cell[] {
  const cells: Cell[] = [];
  for (const [field, value] of Object.entries(record)) {
    if (OWN.has(field) || value === null || value === undefined) continue;
    if (typeof value === "string" || typeof value === "number")
      cells.push({ field, pseudonym: null, plain: String(value) });
    else if (typeof value === "object") {
      const { pseudonym, plain, value: kept } = value as { pseudonym?: unknown; plain?: unknown; value?: unknown };
      const shown = typeof plain === "string" ? plain : typeof kept === "string" ? kept : null;
      if (typeof pseudonym === "string" || shown !== null)
        cells.push({ field, pseudonym: typeof pseudonym === "string" ? pseudonym : null, plain: shown });
    }
  }
  return cells;
}

/** A pseudonym short enough for a table; the whole of it is copied. */
export const shortPseudonym = (pseudonym: string) => (pseudonym.length > 12 ? `${pseudonym.slice(0, 10)}…` : pseudonym);

/** An amount of minor units as text: `15000` with 2 decimals -> `150.00`. No float between. */
export function minorText(minor: string, decimals: number): string {
  if (!/^-?\d+$/.test(minor)) return minor;
  const sign = minor.startsWith("-") ? "-" : "";
  const digits = minor.replace("-", "").padStart(decimals + 1, "0");
  return decimals === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
