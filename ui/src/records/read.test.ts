// Pseudonyms stay pseudonyms, amounts stay exact, and what has no form that is known is left out.
import { expect, it } from "vitest";
import { cellsOf, minorText, shortPseudonym, type RecordRow } from "./read";

it("shows pseudonyms and plain fields as what they are", () => {
  const record = {
    id: 1,
    import: 1,
    line: 2,
    kind: "redemption",
    time: "2017-12-27T17:55:52Z",
    serial: { pseudonym: "p-1" },
    place: "Dijon",
    odd: [1],
    txid: null,
  } as unknown as RecordRow;
  expect(cellsOf(record)).toEqual([
    { field: "serial", pseudonym: "p-1", plain: null },
    { field: "place", pseudonym: null, plain: "Dijon" },
  ]);
});

it("writes minor units exactly", () => {
  expect(minorText("15000", 2)).toBe("150.00");
  expect(minorText("7", 2)).toBe("0.07");
  expect(minorText("-7", 2)).toBe("-0.07");
  expect(minorText("123456789012345678901", 8)).toBe("1234567890123.45678901");
  expect(minorText("5", 0)).toBe("5");
  expect(minorText("odd", 2)).toBe("odd");
});

it("cuts pseudonyms for the eye alone", () => expect(shortPseudonym("p-e50739db8da56aea")).toBe("p-e50739db…"));
