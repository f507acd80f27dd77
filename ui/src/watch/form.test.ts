// Dollars become whole cents exactly, in either digits; what is lacking is told at its field.
import { describe, expect, it } from "vitest";
import { EMPTY, bodyOf, centsOf, wrongWith } from "./form";

describe("dollars", () => {
  it("become cents without a float", () => {
    expect(centsOf("1000")).toBe(100_000);
    expect(centsOf("1,000.5")).toBe(100_050);
    expect(centsOf("0.07")).toBe(7);
    expect(centsOf("١٬٠٠٠٫٢٥")).toBe(100_025);
  });
  it("are refused where they are none", () => {
    for (const odd of ["", "1.234", "-1", "1e5", "ten", "99999999999999"]) expect(centsOf(odd)).toBeNull();
  });
});

describe("a watch", () => {
  it("needs a value, or an amount where only that is watched", () => {
    expect(wrongWith(EMPTY)).toEqual({ value: "missing" });
    expect(wrongWith({ ...EMPTY, kind: "amount" })).toEqual({ usd: "missing" });
    expect(wrongWith({ ...EMPTY, value: "x", usd: "a" })).toEqual({ usd: "usd" });
  });
  it("sends nothing that was left empty", () => {
    expect(bodyOf({ ...EMPTY, value: " 1abc ", note: " " })).toEqual({
      kind: "address",
      direction: "any",
      severity: "high",
      value: "1abc",
    });
    expect(bodyOf({ ...EMPTY, kind: "amount", value: "left over", usd: "5" })).toEqual({
      kind: "amount",
      direction: "any",
      severity: "high",
      at_least_usd_cents: 500,
    });
  });
});
