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

/** Worlds that were measured on: the table says it in one English sentence, of which these are the figures. */
export interface Worlds {
  txs: number;
  people: number;
  worlds: number;
}

const SENTENCE =
  /^simulated: worlds of (\d+) transactions, rare campaigns, each with two worlds of accounts of (\d+) people, seeds ((?:\d+(?:, )?)+); held aside: no rule and no threshold was tuned on them$/;

/** The figures of a sentence of the table; null where it is worded otherwise. */
export function worldsOf(set: string): Worlds | null {
  const found = SENTENCE.exec(set);
  if (!found) return null;
  const [, txs, people, seeds = ""] = found;
  return { txs: Number(txs), people: Number(people), worlds: seeds.split(",").length };
}

/** What was measured on, in the words of the table. */
export const measuredOn: string[] = table.sets;
