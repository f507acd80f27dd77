// What is told of a label first, what words find it, and that a correction sends what was changed alone.
import { describe, expect, it } from "vitest";
import { CORRECTABLE, changesOf, decisionsOf, stateOf, valueOf, withWords, type Field, type Label } from "./read";

const label: Label = {
  actor: null,
  alleged: false,
  basis: "third_party_claim",
  category: "exchange",
  chain: "bitcoin",
  confidence: 80,
  context: null,
  corrected: [],
  country: null,
  disputed: null,
  id: "1",
  kind: "address",
  known_from: "2026-01-01",
  known_to: null,
  label: "Tidewater Exchange",
  license: null,
  line: 3,
  note: null,
  pack: "labels.csv",
  quarantine: null,
  retracted: null,
  source: "قائمة",
  subject: "1abc",
  valid_from: null,
  valid_to: null,
};

describe("the state of a label", () => {
  it("is what ends its use, before what is said of it", () => {
    expect(stateOf(label)).toBe("in_use");
    expect(stateOf({ ...label, disputed: "why" })).toBe("disputed");
    expect(stateOf({ ...label, disputed: "why", retracted: "gone" })).toBe("retracted");
    expect(stateOf({ ...label, corrected: ["category"] })).toBe("corrected");
  });
  it("says what can be decided", () => {
    expect(decisionsOf({ ...label, retracted: "gone" })).toEqual(["restore"]);
    expect(decisionsOf({ ...label, disputed: "why" })).toContain("undispute");
    expect(decisionsOf({ ...label, quarantine: "checksum" })).toEqual([]);
  });
});

it("finds all of the words, in any script and case", () => {
  expect(withWords([label], "tidewater LABELS")).toHaveLength(1);
  expect(withWords([label], "قائمة")).toHaveLength(1);
  expect(withWords([label], "tidewater kestrel")).toHaveLength(0);
  expect(withWords([label], "  ")).toHaveLength(1);
});

it("sends what was changed alone, and null for what was emptied", () => {
  const draft = Object.fromEntries(CORRECTABLE.map((field) => [field, valueOf(label, field)])) as Record<Field, string>;
  expect(changesOf(label, draft)).toEqual({});
  expect(changesOf(label, { ...draft, category: "mixer", confidence: "" })).toEqual({
    category: "mixer",
    confidence: null,
  });
});
