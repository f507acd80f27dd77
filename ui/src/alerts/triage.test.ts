// The rules of triage: what may be done in a state, what a filter asks for, and that evidence of any shape is read without inventing.
import { describe, expect, it } from "vitest";
import { ALL_THAT_WAITS, actionsOf, fromSearch, needsReason, readEvidence, toQuery, toSearch } from "./triage";

describe("actions", () => {
  it("offers nothing but reopening, giving and noting on a closed alert", () => {
    expect(actionsOf({ state: "closed_false_positive", pending: null })).toEqual(["reopen", "assign", "note"]);
  });

  it("offers a review while a closing waits for a second person, to take it back", () => {
    expect(actionsOf({ state: "in_review", pending: null })).not.toContain("review");
    const pending = { by: "a", reason: "r", state: "closed_true_positive" as const };
    expect(actionsOf({ state: "in_review", pending })).toContain("review");
  });

  it("asks for a reason where the service does", () => {
    expect((["close", "escalate", "reopen"] as const).every(needsReason)).toBe(true);
    expect((["review", "assign", "note"] as const).some(needsReason)).toBe(false);
  });
});

describe("filters", () => {
  it("show what waits until another state is asked for", () => {
    expect(toQuery(fromSearch(new URLSearchParams()))).toEqual({ limit: 200, order: "work", not_closed: true });
    expect(toQuery(fromSearch(new URLSearchParams("state=")))).toEqual({ limit: 200, order: "work" });
    expect(toQuery(fromSearch(new URLSearchParams("state=escalated&severity=high")))).toEqual({
      limit: 200,
      order: "work",
      state: "escalated",
      severity: "high",
    });
  });

  it("ask for a kind of watch only by a name of one", () => {
    expect(toQuery(fromSearch(new URLSearchParams("kind=pattern")))).toMatchObject({ kind: "pattern" });
    expect(toQuery(fromSearch(new URLSearchParams("kind=<b>")))).not.toHaveProperty("kind");
  });

  it("come back from the address as they went in", () => {
    const filters = { ...ALL_THAT_WAITS, state: "" as const, severity: "severe" as const, watchlist: "cases" };
    expect(fromSearch(toSearch(filters))).toEqual(filters);
    expect(toSearch(ALL_THAT_WAITS).toString()).toBe("");
  });

  it("do not pass on what is no state or severity", () => {
    expect(fromSearch(new URLSearchParams("state=<b>&severity=9"))).toMatchObject({ state: "", severity: "" });
  });
});

describe("evidence", () => {
  it("keeps amounts as digits", () => {
    const read = readEvidence({
      sides: [{ side: "output", address: "a", value_sat: 17207882, via: "address" }],
      sides_total: 3,
      received_sat: 17207882,
    });
    expect(read.sides[0]?.units).toBe("17207882");
    expect(read.receivedUnits).toBe("17207882");
    expect(read.sidesTotal).toBe(3);
  });

  it("reads the statement of a pattern with what corroborates it", () => {
    const read = readEvidence({
      why: {
        why: "shape",
        why_ar: "شكل",
        hit: "h",
        corroboration: [
          { anchor: "owner", what: "x" },
          { anchor: "listed", what: { en: "y", ar: "ي" } },
          { anchor: "record", what: {} },
          5,
        ],
      },
    });
    expect(read.text).toEqual({ en: "shape", ar: "شكل" });
    expect(read.corroboration).toEqual([
      { anchor: "owner", what: { en: "x", ar: "x" } },
      { anchor: "listed", what: { en: "y", ar: "ي" } },
    ]);
    expect(read.hit).toBe("h");
  });

  it("is empty where nothing can be read, and does not throw", () => {
    for (const odd of [null, 7, "x", [], { sides: [null, 3], txids: [1, "t"] }]) {
      const read = readEvidence(odd);
      expect(read.sides).toEqual([]);
      expect(read.text).toBeNull();
    }
    expect(readEvidence({ txids: [1, "t"] }).txids).toEqual(["t"]);
  });
});
