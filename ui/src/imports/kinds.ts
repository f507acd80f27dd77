// What can be brought in, what each kind asks beside the file, and what is told of an import when it has ended.

import { isBilingual, type Bilingual } from "../i18n/said";

export const KINDS = ["labels", "lists", "prices", "rates", "records", "documents"] as const;
export type Kind = (typeof KINDS)[number];

/** The largest file that the service takes in one request. */
export const FILE_MOST = 64 * 1024 * 1024;

export const RECORD_KINDS = ["coupon_sale", "redemption", "deposit", "withdrawal", "login", "fiat_transfer"] as const;

export interface Option {
  name: string;
  type: "text" | "date" | "choice" | "chain";
  /** Whether the import is refused without it. */
  needed?: boolean;
  choices?: readonly string[];
}

/** Parameters of the query, by kind, as the service takes them. */
export const OPTIONS: Record<Kind, readonly Option[]> = {
  labels: [
    { name: "license", type: "text" },
    { name: "encoding", type: "text" },
  ],
  lists: [
    { name: "list", type: "text" },
    { name: "as_of", type: "date" },
    { name: "license", type: "text" },
    { name: "encoding", type: "text" },
  ],
  prices: [
    { name: "asset", type: "text" },
    { name: "source", type: "text" },
  ],
  rates: [],
  records: [
    { name: "kind", type: "choice", needed: true, choices: RECORD_KINDS },
    { name: "map", type: "text" },
    { name: "zone", type: "text" },
    { name: "chain", type: "chain" },
  ],
  documents: [],
};

export const ACCEPT: Record<Kind, string> = {
  labels: ".csv,.json,.yaml,.yml,.xml,.zip",
  lists: ".xml,.csv,.json,.zip",
  prices: ".csv",
  rates: ".csv",
  records: ".csv,.json,.jsonl,.ndjson",
  documents: "",
};

/** The kind that a file's name and first bytes suggest; a person still chooses. */
export function guess(name: string, head: string): Kind | null {
  const lower = name.toLowerCase();
  const first = head.slice(0, 4000);
  if (/\.(html?|pdf|docx|eml|warc(\.gz)?|png|jpe?g|gif|webp|txt|md)$/.test(lower)) return "documents";
  if (/<(CONSOLIDATED_LIST|sdnList|Sanctions|export|Designations|ArrayOfFinancialSanctionsTarget)\b/.test(first))
    return "lists";
  if (/\.ya?ml$/.test(lower)) return "labels";
  const line = first.split(/\r?\n/)[0]?.toLowerCase() ?? "";
  const has = (...words: string[]) => words.every((word) => line.includes(word));
  if (has("day", "usd") || has("date", "close") || has("snapped_at", "price")) return "prices";
  if (has("serial") || has("account", "amount")) return "records";
  if (has("address", "category") || has("address", "label")) return "labels";
  return null;
}

/** What an import brought, as far as it is told. */
export interface Outcome {
  what: string;
  name: string;
  taken: number;
  refused: number;
  already: boolean;
  refusals: { line: number | null; place: string; what: Bilingual; kind: string; text: string }[];
  refusalsTruncated: boolean;
  report: unknown;
}

type Bag = Record<string, unknown>;
const bag = (value: unknown): Bag =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Bag) : {};
const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
const words = (value: unknown): Bilingual =>
  typeof value === "object" && value !== null && isBilingual(value) ? value : { en: text(value), ar: text(value) };
const count = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

export function readOutcome(value: unknown): Outcome {
  const from = bag(value);
  return {
    what: text(from.what),
    name: text(from.name),
    taken: count(from.taken),
    refused: count(from.refused),
    already: from.already === true,
    refusals: (Array.isArray(from.refusals) ? from.refusals : []).map((each) => {
      const one = bag(each);
      return {
        line: typeof one.line === "number" ? one.line : null,
        place: text(one.place) || text(one.file),
        what: words(one.what),
        kind: text(one.kind),
        text: text(one.text),
      };
    }),
    refusalsTruncated: from.refusals_truncated === true,
    report: from.report ?? null,
  };
}
