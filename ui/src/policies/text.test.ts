// Differences of policies: nothing is lost on either side, numbers of lines are right, and errors are found at their line.
import { describe, expect, it } from "vitest";
import { diffLines, hunksOf, lineOf } from "./text";

const rebuild = (lines: ReturnType<typeof diffLines>, side: "old" | "new") =>
  lines
    .filter((line) => line[side] !== null)
    .map((line) => line.text)
    .join("\n");

describe("differences", () => {
  const before = "a\nb\nc\nd\ne";
  const after = "a\nx\nc\nd\nd2\ne";

  it("hold both texts whole, with the right numbers", () => {
    const lines = diffLines(before, after);
    expect(rebuild(lines, "old")).toBe(before);
    expect(rebuild(lines, "new")).toBe(after);
    expect(lines.filter((line) => line.kind === "added").map((line) => line.new)).toEqual([2, 5]);
    expect(lines.filter((line) => line.kind === "removed").map((line) => line.old)).toEqual([2]);
  });

  it("hold both texts whole for any two", () => {
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let round = 0; round < 50; round += 1) {
      const make = () =>
        Array.from({ length: Math.floor(random() * 12) }, () => "abc"[Math.floor(random() * 3)]).join("\n");
      const [a, b] = [make(), make()];
      expect(rebuild(diffLines(a, b), "old")).toBe(a);
      expect(rebuild(diffLines(a, b), "new")).toBe(b);
    }
  });

  it("do not take for ever where everything differs", () => {
    const many = (word: string) => Array.from({ length: 3000 }, (_, at) => `${word} ${at}`).join("\n");
    expect(diffLines(many("a"), many("b"))).toHaveLength(6000);
  });

  it("are shown with what is around them", () => {
    const lines = diffLines(
      Array.from({ length: 40 }, (_, at) => `l${at}`).join("\n"),
      Array.from({ length: 40 }, (_, at) => (at === 20 ? "new" : `l${at}`)).join("\n"),
    );
    const shown = hunksOf(lines, 2);
    expect(shown).toHaveLength(6);
    expect(hunksOf(diffLines("a", "a"))).toEqual([]);
  });
});

it("finds the line of an error", () => {
  expect(lineOf("my.toml line 14: rule[0].when: unknown key")).toBe(14);
  expect(lineOf("no such policy")).toBeNull();
});
