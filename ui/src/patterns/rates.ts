// How often the rules of patterns were wrong on worlds that no rule was tuned on. The file is the one that the program itself is built with, so
// that the figures here are those of its rules.
import table from "../../../crates/patterns/data/pattern_rates.json";

/** Of so many, how many were wrong (of campaigns: missed). */
export interface Rate {
  wrong: number;
  of: number;
}

export interface PatternRates {
  isMeasured: boolean;
  /** Hits of any severity. */
  hits: Rate;
  /** Hits of more than low severity. */
  anchored: Rate;
  /** Campaigns within the definition that no hit found. */
  campaigns: Rate;
  /** Whether it reaches the aim: nine in ten right, four in five found. */
  reaches: boolean | null;
}

interface Row {
  pattern: string;
  status: string;
  all: { hits: Rate; campaigns: Rate };
  anchored: { hits: Rate; campaigns: Rate };
  reaches?: boolean | null;
}

const rows = table.rows as unknown as Row[];

/** The rates of a pattern; null where the table does not have it. */
export function ratesOf(id: string): PatternRates | null {
  const row = rows.find((each) => each.pattern === id);
  if (!row) return null;
  return {
    isMeasured: row.status === "measured",
    hits: row.all.hits,
    anchored: row.anchored.hits,
    campaigns: row.all.campaigns,
    reaches: row.reaches ?? null,
  };
}

/** How many of them were right. */
export const right = (rate: Rate) => rate.of - rate.wrong;

/** Worlds that were measured on. */
export interface Worlds {
  txs: number;
  people: number;
  worlds: number;
  /** Whether nothing was tuned on them. */
  isHeldAside: boolean;
}

/** What was measured on. */
export const measuredOn: Worlds[] = table.sets.map((set) => ({
  txs: set.txs,
  people: set.people,
  worlds: set.seeds.length,
  isHeldAside: set.tuning === "held_aside",
}));
