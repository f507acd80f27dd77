// @vitest-environment jsdom
// Conditions in words: every shape of the file is told, and what is unknown is not told by halves.
import { expect, test } from "vitest";
import { conditionWords, weightWords } from "./words";

const bare = (text: string) => text.replace(/[\u2066-\u2069]/g, "");
const say = (key: string, more: Record<string, unknown> = {}) =>
  bare(
    `${key.replace("words.", "")}${Object.values(more).length > 0 ? `(${Object.values(more).map(String).join(";")})` : ""}`,
  );

const exposure = (of: object, more: object = {}) => ({
  exposure: { of: { relations: ["counterparty"], direction: "sent", taint: "fifo", ...of }, ...more },
});

test("an exposure tells nearness, side, categories and sums", () => {
  const line = conditionWords(
    exposure({ categories: { words: ["x"], of: ["mixer"] }, basis: [], lists: [] }, { usd: [">= 1.00"], share: [] }),
    say,
  );
  expect(line?.text).toContain("relation.counterparty");
  expect(line?.text).toContain("side.sent");
  expect(line?.text).toContain("mixer");
  expect(line?.text).toContain("≥\u00a01.00");
  expect(line?.text).not.toContain("share");
});

test("ownership has no side", () => {
  expect(conditionWords(exposure({ relations: ["ownership"] }), say)?.text).not.toContain("side");
});

test("all, any and not are lines with lines under them", () => {
  const line = conditionWords({ all: [exposure({}), { not: { listed: { days: ["> 3"] } } }] }, say);
  expect(line?.text).toBe("all");
  expect(line?.under).toHaveLength(2);
  expect(line?.under[1]?.text).toBe("not");
  expect(line?.under[1]?.under[0]?.text).toContain("> 3");
});

test("what is not known makes the whole condition untold", () => {
  expect(conditionWords({ any: [exposure({}), { moon: { phase: "full" } }] }, say)).toBeNull();
  expect(conditionWords(exposure({ relations: ["cousin"] }), say)).toBeNull();
  expect(conditionWords(null, say)).toBeNull();
  expect(conditionWords({ all: [] }, say)).toBeNull();
});

test("a weight tells what is weighed, without zeros at its end", () => {
  const words = weightWords(
    { weight: { weight: "0.750000", of: { relations: ["indirect"], direction: "either", taint: "haircut" } } },
    say,
  );
  expect(words).toContain("0.75");
  expect(words).not.toContain("0.750");
  expect(words).toContain("haircut");
  expect(weightWords({ level: "high" }, say)).toBeNull();
});
