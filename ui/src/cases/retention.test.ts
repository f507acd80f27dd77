import { expect, it } from "vitest";
import { daysBetween, due, retention } from "./retention";

it("counts whole days, over the end of a summer time and a leap day", () => {
  expect(daysBetween("2027-10-30", "2027-11-01")).toBe(2);
  expect(daysBetween("2028-02-28", "2028-03-01")).toBe(2);
});

it("tells past from soon from later; the day itself is not past", () => {
  expect(retention("2027-01-30", "2027-01-31")).toEqual({ at: "past", days: -1 });
  expect(retention("2027-01-31", "2027-01-31")).toEqual({ at: "soon", days: 0 });
  expect(retention("2027-03-02", "2027-01-31")).toEqual({ at: "soon", days: 30 });
  expect(retention("2027-03-03", "2027-01-31")).toEqual({ at: "later", days: 31 });
  expect(retention(null, "2027-01-31")).toEqual({ at: "none" });
  expect(retention("soon", "2027-01-31")).toEqual({ at: "none" });
});

it("lists the most overdue first and leaves out what is far or has no date", () => {
  const cases = [
    { id: 1, retention_until: null },
    { id: 2, retention_until: "2027-02-10" },
    { id: 3, retention_until: "2026-12-01" },
    { id: 4, retention_until: "2031-01-01" },
  ];
  expect(due(cases, "2027-01-31").map((c) => c.id)).toEqual([3, 2]);
});
