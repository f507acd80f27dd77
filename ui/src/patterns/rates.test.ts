// The table of error rates that the program is built with is read as it is, and what was not measured says so.
import { expect, it } from "vitest";
import { measuredOn, ratesOf, right, worldsOf } from "./rates";

it("has rates of what was measured", () => {
  const rates = ratesOf("listed-owner");
  expect(rates?.isMeasured).toBe(true);
  expect(rates && rates.hits.of).toBeGreaterThan(0);
  expect(rates && right(rates.hits)).toBeLessThanOrEqual(rates?.hits.of ?? 0);
  expect(measuredOn.length).toBeGreaterThan(0);
});

it("reads the figures out of what was measured on, and leaves other words alone", () => {
  expect(measuredOn.map(worldsOf)).toEqual([{ txs: 3_000_000, people: 80_000, worlds: 10 }]);
  expect(worldsOf("real blocks")).toBeNull();
});

it("does not make up rates", () => {
  expect(ratesOf("indirect-exposure")?.isMeasured).toBe(false);
  expect(ratesOf("no-such-pattern")).toBeNull();
});
