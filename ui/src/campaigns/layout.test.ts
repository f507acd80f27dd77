// The arithmetic of the map: nothing falls out of the picture, all lanes have one scale, odd months are left out.
import { describe, expect, it } from "vitest";
import { barsOf, endOfMonth, highestOf, place, spanOf, startOfMonth, ticksOf } from "./layout";

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

describe("months", () => {
  it("begin and end where the calendar says, across a year", () => {
    expect(startOfMonth("2018-12")).toBe(day("2018-12-01"));
    expect(endOfMonth("2018-12")).toBe(day("2019-01-01"));
  });
  it("are nothing where they are no months", () => {
    for (const odd of ["2018", "2018-13", "2018-00", "soon", ""]) expect(startOfMonth(odd)).toBeNull();
  });
});

describe("the axis", () => {
  it("gives a campaign of one day room to be seen", () => {
    const span = spanOf([day("2018-02-20")]);
    expect(span && span.to - span.from).toBe(30 * 86_400_000);
  });
  it("is not there without a date", () => expect(spanOf([Number.NaN])).toBeNull());
  it("keeps everything inside", () => {
    const span = { from: 0, to: 100 };
    expect(place(-5, span, 50)).toBe(0);
    expect(place(500, span, 50)).toBe(50);
    expect(place(50, span, 50)).toBe(25);
  });
  it("has a bounded number of marks, however long", () => {
    for (const [from, to] of [
      ["2018-01-01", "2018-03-01"],
      ["2014-01-01", "2026-12-31"],
      ["1970-01-01", "2270-01-01"],
    ] as const) {
      const ticks = ticksOf({ from: day(from), to: day(to) });
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThanOrEqual(13);
      expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
    }
  });
});

describe("bars", () => {
  const months = [
    { month: "2018-02", count: 3, usd: 50, partlyUnpriced: false },
    { month: "2018-03", count: 1, usd: null, partlyUnpriced: true },
    { month: "odd", count: 1, usd: 9, partlyUnpriced: false },
  ];
  it("are measured by the highest of all campaigns", () => {
    expect(highestOf([months, [{ month: "2019-01", count: 1, usd: 200, partlyUnpriced: false }]])).toBe(200);
    const bars = barsOf(months, { from: day("2018-01-01"), to: day("2018-12-31") }, 1000, 200);
    expect(bars.map((bar) => bar.share)).toEqual([0.25, 0]);
    expect(bars.every((bar) => bar.x >= 0 && bar.x + bar.width <= 1001)).toBe(true);
  });
});
