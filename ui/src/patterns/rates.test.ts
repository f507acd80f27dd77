// The table of error rates that the program is built with is read as it is, and what was not measured says so.
import { expect, it } from "vitest";
import { measuredOn, ratesOf, right } from "./rates";

it("has rates of what was measured", () => {
  const rates = ratesOf("listed-owner");
  expect(rates?.isMeasured).toBe(true);
  expect(rates && rates.hits.of).toBeGreaterThan(0);
  expect(rates && right(rates.hits)).toBeLessThanOrEqual(rates?.hits.of ?? 0);
});

it("tells what was measured on", () => {
  expect(measuredOn).toEqual([{ txs: 3_000_000, people: 80_000, worlds: 10, isHeldAside: true }]);
});

it("does not make up rates", () => {
  expect(ratesOf("indirect-exposure")?.isMeasured).toBe(false);
  expect(ratesOf("no-such-pattern")).toBeNull();
});
