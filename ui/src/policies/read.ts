// Policies as the pages show them: a version with its rules, and the result of a back-test. Their JSON is the program's own; what cannot be
// read stays out, nothing is made up.

export interface Titles {
  en: string;
  ar: string;
}

export interface Rule {
  id: string;
  title: Titles;
  why: Titles | null;
  effect: string;
  /** The effect as the answer has it: of a weighted rule what is weighed. */
  rawEffect: unknown;
  when: unknown;
}

export interface Policy {
  name: string;
  title: Titles;
  about: Titles | null;
  model: string;
  rules: Rule[];
  groups: Record<string, string[]>;
  levels: { level: string; score: string }[];
}

type Bag = Record<string, unknown>;
const bag = (value: unknown): Bag =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Bag) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
const titles = (value: unknown): Titles => ({
  en: text(bag(value).en),
  ar: text(bag(value).ar) || text(bag(value).en),
});

/** A text in a language of its author's choice, or in both. */
const eitherOf = (value: unknown): Titles => (typeof value === "string" ? { en: value, ar: value } : titles(value));

/** What a rule does in short: its level, or its weight, as it is written. */
function effectOf(effect: unknown): string {
  const entries = Object.entries(bag(effect));
  const level = bag(effect).level;
  if (typeof level === "string") return level;
  return entries
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(", ");
}

export function readPolicy(value: unknown): Policy {
  const from = bag(value);
  return {
    name: text(from.name),
    title: titles(from.title),
    about: from.about ? titles(from.about) : null,
    model: text(from.model),
    rules: list(from.rules).map((each) => {
      const rule = bag(each);
      return {
        id: text(rule.id),
        title: titles(rule.title),
        why: rule.why ? eitherOf(rule.why) : null,
        effect: effectOf(rule.effect),
        rawEffect: rule.effect ?? null,
        when: rule.when ?? null,
      };
    }),
    groups: Object.fromEntries(Object.entries(bag(from.groups)).map(([name, words]) => [name, list(words).map(text)])),
    levels: list(from.levels).map((each) => ({ level: text(bag(each).level), score: text(bag(each).score) })),
  };
}

/** A condition without what asks for nothing, so that what it asks can be seen. */
export function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essence);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, each]) => {
    const inner = essence(each);
    const isEmpty =
      inner === null ||
      (Array.isArray(inner) && inner.length === 0) ||
      (typeof inner === "object" && Object.keys(inner as Bag).length === 0);
    return isEmpty ? [] : [[name, inner] as const];
  });
  return Object.fromEntries(kept);
}

export interface Verdict {
  level: string | null;
  score: number | null;
  rules: string[];
}

export interface Moment {
  knownOn: string | null;
  assessed: number;
  undecided: number;
  changed: number;
  levels: [string, number][];
  against: [string, number][];
  changes: { from: string; to: string; count: number }[];
  examples: { target: string; against: Verdict; verdict: Verdict }[];
}

export interface BackTest {
  policy: string;
  against: string;
  targets: number;
  isSample: boolean;
  isCancelled: boolean;
  moments: Moment[];
}

const count = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
const counts = (value: unknown): [string, number][] => Object.entries(bag(value)).map(([name, n]) => [name, count(n)]);

function verdict(value: unknown): Verdict {
  const from = bag(value);
  return {
    level: text(from.level) || null,
    score: typeof from.score === "number" ? from.score : null,
    rules: list(from.rules).map(text),
  };
}

/** The result of a back-test, as `athar policy test --json` prints it. */
export function readBackTest(value: unknown): BackTest {
  const from = bag(value);
  return {
    policy: text(from.policy),
    against: text(from.against),
    targets: count(from.targets),
    isSample: from.is_sample === true,
    isCancelled: from.is_cancelled === true,
    moments: list(from.moments).map((each) => {
      const moment = bag(each);
      return {
        knownOn: text(moment.known_on) || null,
        assessed: count(moment.assessed),
        undecided: count(moment.undecided),
        changed: count(moment.changed),
        levels: counts(moment.levels),
        against: counts(moment.against_levels),
        changes: counts(moment.changes).map(([change, n]) => {
          const [before = "", after = ""] = change.split(" -> ");
          return { from: before, to: after, count: n };
        }),
        examples: list(moment.examples).map((one) => ({
          target: text(bag(one).target),
          against: verdict(bag(one).against),
          verdict: verdict(bag(one).verdict),
        })),
      };
    }),
  };
}
