// The condition of a rule in words, as a tree of lines: what all of, one of or none of must hold, and what each asks.
// Names of the file (lists, programmes, ids, groups) stay as they are written; what is not known here is not told at
// all but as JSON, so that no line says less than the file.
import { isolate, ltr } from "../format/bidi";

type Bag = Record<string, unknown>;
export type Say = (key: string, more?: Record<string, unknown>) => string;

/** One line and what stands under it. */
export interface Line {
  text: string;
  under: Line[];
}

const bag = (value: unknown): Bag =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Bag) : {};
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** The condition in words; `null` where it holds a part that these words do not know. */
export function conditionWords(when: unknown, t: Say): Line | null {
  const [entry, ...more] = Object.entries(bag(when));
  if (!entry || more.length > 0) return null;
  const [kind, inner] = entry;
  if (kind === "all" || kind === "any") {
    const under = Array.isArray(inner) ? inner.map((one) => conditionWords(one, t)) : [];
    return under.length > 0 && under.every((one): one is Line => one !== null)
      ? { text: t(`words.${kind}`), under: under }
      : null;
  }
  if (kind === "not") {
    const one = conditionWords(inner, t);
    return one ? { text: t("words.not"), under: [one] } : null;
  }
  const parts = partsOf(kind, bag(inner), t);
  return parts ? { text: parts.filter(Boolean).join(t("words.comma")), under: [] } : null;
}

/** What money is weighed by a rule of a weighted policy: its share of these exposures. */
export function weightWords(effect: unknown, t: Say): string | null {
  const weight = bag(bag(effect).weight);
  const of = selector(bag(weight.of), t);
  return of && typeof weight.weight === "string"
    ? t("words.weight", { weight: ltr(trimmed(weight.weight)), of: of.join(t("words.comma")) })
    : null;
}

const trimmed = (decimal: string) => (decimal.includes(".") ? decimal.replace(/0+$/, "").replace(/\.$/, "") : decimal);

function partsOf(kind: string, test: Bag, t: Say): (string | null)[] | null {
  switch (kind) {
    case "exposure": {
      const of = selector(bag(test.of), t);
      return of
        ? [
            ...of,
            compared("amount_sat", test.amount_sat, t),
            compared("usd", test.usd, t),
            compared("share", test.share, t),
            compared("entities", test.entities, t),
          ]
        : null;
    }
    case "listed":
      return [
        t("words.listed"),
        named("lists", test.lists, t),
        named("programmes", test.programmes, t),
        compared("days", test.days, t),
        compared("active_after_days", test.active_after_days, t),
      ];
    case "pattern":
      return [t("words.pattern"), named("ids", test.ids, t), compared("count", test.count, t)];
    case "amount":
      return [
        t(`words.amount_of.${String(test.of)}`),
        compared("amount_sat", test.amount_sat, t),
        compared("usd", test.usd, t),
      ];
    case "age":
      return [t(`words.age_of.${String(test.of)}`), compared("days", test.days, t)];
    case "subject":
      return [
        t("words.subject"),
        named("kinds", test.kinds, t),
        named("statuses", test.statuses, t),
        typeof test.deposit_account === "boolean"
          ? t(test.deposit_account ? "words.is_deposit" : "words.is_no_deposit")
          : null,
        compared("entity_size", test.entity_size, t),
      ];
    case "search":
      return [
        t(`words.search.${String(test.direction)}`),
        typeof test.complete === "boolean" ? t(test.complete ? "words.complete" : "words.incomplete") : null,
        compared("hops", test.hops, t),
      ];
    default:
      return null;
  }
}

/** Whose labels, how near, which way. */
function selector(of: Bag, t: Say): (string | null)[] | null {
  const relations = texts(of.relations).map((one) => one.replace("-", "_"));
  if (relations.length === 0) return null;
  const known = ["ownership", "account_at", "counterparty", "indirect"];
  if (!relations.every((one) => known.includes(one))) return null;
  const isDealt = relations.some((one) => one === "counterparty" || one === "indirect");
  const categories = texts(bag(of.categories).of);
  const taint = typeof of.taint === "string" ? of.taint : "fifo";
  return [
    relations.map((one) => t(`words.relation.${one}`)).join(t("words.or")),
    isDealt ? t(`words.side.${String(of.direction)}`) : null,
    categories.length > 0
      ? t("words.categories", {
          list: categories.map((one) => isolate(t(`category.${one}`, { defaultValue: one }))).join(t("words.or")),
        })
      : null,
    texts(of.basis).length > 0
      ? t("words.basis", {
          list: texts(of.basis)
            .map((one) => t(`common:basis.${one}`, { defaultValue: one }))
            .join(t("words.or")),
        })
      : null,
    named("lists", of.lists, t),
    named("programmes", of.programmes, t),
    compared("confidence", of.confidence, t),
    typeof of.disputed === "boolean" ? t(of.disputed ? "words.disputed" : "words.not_disputed") : null,
    compared("days_after_listing", of.days_after_listing, t),
    compared("hops_min", of.hops_min, t),
    isDealt && taint !== "fifo" ? t("words.taint", { taint: ltr(taint) }) : null,
  ];
}

function named(key: string, value: unknown, t: Say): string | null {
  const list = texts(value);
  return list.length > 0
    ? t(`words.named.${key}`, { list: list.map((one) => isolate(one)).join(t("words.or")) })
    : null;
}

function compared(key: string, value: unknown, t: Say): string | null {
  const list = texts(value);
  return list.length > 0
    ? t(`words.compared.${key}`, { what: list.map((one) => ltr(sign(one))).join(t("words.and")) })
    : null;
}

const SIGNS: Record<string, string> = { ">=": "≥", "<=": "≤", "!=": "≠" };
/** With a space that no line breaks at. */
const sign = (text: string) => text.replace(/^(>=|<=|!=)\s*/, (_, one: string) => `${SIGNS[one] ?? one}\u00a0`);
