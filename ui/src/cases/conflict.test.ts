import { describe, expect, it } from "vitest";
import { changed, differences, same } from "./conflict";

describe("two versions", () => {
  it("are the same whatever the order of their fields", () => {
    expect(same({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true);
    expect(same([], {})).toBe(false);
    expect(same({ a: undefined }, {})).toBe(true);
    expect(same(null, {})).toBe(false);
  });

  it("disagree only about fields that mine changes", () => {
    const stored = { title: "Theirs", summary: "kept", humanitarian: { flag: true, note: "" } };
    const mine = { title: "Mine", humanitarian: { note: "", flag: true } };
    expect(differences(mine, stored)).toEqual([{ field: "title", mine: "Mine", stored: "Theirs" }]);
  });

  it("send only what was changed", () => {
    const first = { title: "A", summary: "", humanitarian: { flag: false, note: "" } };
    expect(changed(first, { ...first, humanitarian: { flag: true, note: "" } })).toEqual({
      humanitarian: { flag: true, note: "" },
    });
    expect(changed(first, { ...first })).toEqual({});
  });
});
