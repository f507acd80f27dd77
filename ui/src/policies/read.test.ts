// What is read of a policy and of a back-test: what is there, and nothing where there is nothing.
import { describe, expect, it } from "vitest";
import { essence, readBackTest, readPolicy } from "./read";

describe("a policy", () => {
  it("has its rules with their effect", () => {
    const policy = readPolicy({
      name: "p",
      title: { en: "P" },
      model: "levels",
      rules: [
        { id: "a", title: { en: "A", ar: "أ" }, effect: { level: "severe" }, when: { subject: {} } },
        { id: "b", title: {}, why: "because", effect: { weight: "0.5" } },
        { id: "c", title: {}, why: { en: "so", ar: "كذا" }, effect: {} },
      ],
    });
    expect(policy.title).toEqual({ en: "P", ar: "P" });
    expect(policy.rules.map((rule) => rule.effect)).toEqual(["severe", "weight 0.5", ""]);
    expect(policy.rules.map((rule) => rule.why)).toEqual([
      null,
      { en: "because", ar: "because" },
      { en: "so", ar: "كذا" },
    ]);
  });
  it("is empty where it cannot be read", () => {
    for (const odd of [null, 3, "x", [], { rules: [null] }]) expect(readPolicy(odd).name).toBe("");
  });
});

it("shows of a condition what it asks alone", () => {
  expect(essence({ exposure: { of: { basis: ["designation"], lists: [], disputed: null }, usd: [] } })).toEqual({
    exposure: { of: { basis: ["designation"] } },
  });
});

it("reads a back-test with its changes", () => {
  const test = readBackTest({
    policy: "w@1",
    against: "s@2",
    targets: 100,
    is_sample: true,
    moments: [
      {
        assessed: 100,
        changed: 3,
        changes: { "no_rule -> high": 3 },
        levels: { high: 3 },
        examples: [{ target: "t", verdict: { level: "high", score: 0.5, rules: ["r"] } }],
      },
    ],
  });
  expect(test.moments[0]?.changes).toEqual([{ from: "no_rule", to: "high", count: 3 }]);
  expect(test.moments[0]?.examples[0]?.against).toEqual({ level: null, score: null, rules: [] });
  expect(readBackTest(undefined).moments).toEqual([]);
});
