// From what was pasted to subjects of a case, and from a subject to its pages.
import type { Match, SubjectBody } from "../api/contract";

type Key = Pick<SubjectBody, "kind" | "chain" | "value">;

/** What tells two subjects apart. */
export const keyOf = (subject: Key): string => [subject.kind, subject.chain ?? "", subject.value].join("\n");

/** Whether a subject is in a list. */
export const holds = (list: Key[], subject: Key): boolean => list.some((one) => keyOf(one) === keyOf(subject));

/**
 * The subject that a match is, or nothing where a match is no subject of its own: a URL is where something was
 * published, and an entry of a list and a label are what somebody said of a name or an address.
 */
export function subjectOf(match: Match): SubjectBody | null {
  const { chain, value } = match;
  switch (match.kind) {
    case "address":
    case "transaction":
    case "block":
      return chain === null ? null : { kind: match.kind, chain, value, note: "" };
    case "campaign":
      return { kind: "campaign", chain: null, value, note: "" };
    case "name":
      return { kind: "person", chain: null, value, note: "" };
    case "label":
      return chain === null ? person(match.title ?? value) : { kind: "address", chain, value, note: match.title ?? "" };
    case "list_entry":
      return person(match.title ?? value);
    case "url":
      return null;
  }
}

const person = (name: string): SubjectBody => ({ kind: "person", chain: null, value: name, note: "" });

/** The subjects of some matches, each once, in their order. */
export function subjectsOf(matches: Match[]): { match: Match; subject: SubjectBody }[] {
  const seen = new Set<string>();
  const found: { match: Match; subject: SubjectBody }[] = [];
  for (const match of matches) {
    const subject = subjectOf(match);
    if (!subject || seen.has(keyOf(subject))) continue;
    seen.add(keyOf(subject));
    found.push({ match, subject });
  }
  return found;
}

/** The page of the application about a subject. */
export function pageOf({ kind, chain, value }: Key): string {
  const [on, what] = [encodeURIComponent(chain ?? ""), encodeURIComponent(value)];
  switch (kind) {
    case "address":
      return `/s/${on}/${what}`;
    case "entity":
      return `/s/${on}/${what}?of=entity`;
    case "transaction":
      return `/tx/${on}/${what}`;
    case "block":
      return `/block/${on}/${what}`;
    case "campaign":
      return `/campaigns/${what}`;
    case "person":
      return `/names?q=${what}`;
  }
}

/** The graph that begins with a subject, where it can stand on one. */
export function graphOf({ kind, chain, value }: Key): string | null {
  if ((kind !== "address" && kind !== "entity") || chain === null) return null;
  return `/graph?${new URLSearchParams({ chain, add: value }).toString()}`;
}
