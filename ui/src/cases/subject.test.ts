import { expect, it } from "vitest";
import type { Match } from "../api/contract";
import { graphOf, holds, pageOf, subjectOf, subjectsOf } from "./subject";

const match = (some: Partial<Match>): Match => ({
  kind: "address",
  chain: "bitcoin",
  value: "2Mx98",
  known: true,
  title: null,
  category: null,
  entity: null,
  listed: false,
  ...some,
});

it("makes a subject of what can be one, and of a URL none", () => {
  expect(subjectOf(match({}))).toEqual({ kind: "address", chain: "bitcoin", value: "2Mx98", note: "" });
  expect(subjectOf(match({ kind: "url", value: "https://example.org/" }))).toBeNull();
  expect(subjectOf(match({ chain: null }))).toBeNull();
  expect(subjectOf(match({ kind: "list_entry", chain: null, value: "un:12", title: "جمعية" }))?.value).toBe("جمعية");
});

it("takes each subject once, in the order of the matches", () => {
  const found = subjectsOf([match({}), match({ kind: "label", title: "Shop" }), match({ value: "mpVQ" })]);
  expect(found.map((f) => f.subject.value)).toEqual(["2Mx98", "mpVQ"]);
});

it("tells the same value on two chains apart", () => {
  const bitcoin = { kind: "address", chain: "bitcoin", value: "1A" } as const;
  expect(holds([bitcoin], { ...bitcoin, chain: "bitcoin-cash" })).toBe(false);
  expect(holds([bitcoin], { ...bitcoin })).toBe(true);
});

it("encodes what goes into a path", () => {
  expect(pageOf({ kind: "person", chain: null, value: "a/b?c" })).toBe("/names?q=a%2Fb%3Fc");
  expect(pageOf({ kind: "entity", chain: "bitcoin", value: "1A" })).toBe("/s/bitcoin/1A?of=entity");
  expect(graphOf({ kind: "transaction", chain: "bitcoin", value: "aa" })).toBeNull();
  expect(graphOf({ kind: "address", chain: "bitcoin", value: "1A" })).toBe("/graph?chain=bitcoin&add=1A");
});
