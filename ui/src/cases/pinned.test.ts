import { expect, it } from "vitest";
import { bytesOf, isPath, lines, snapshotOf } from "./pinned";

it("tells every field, plain ones of a thing beside its name, others below it", () => {
  const steps = [{ txid: "t0" }, { txid: "t1" }];
  const answer = {
    snapshot: "ab",
    amount_units: "54488121",
    entity: { addresses: 2, is_service: false },
    path: { steps, hops: 2 },
  };
  expect(lines(answer).lines).toEqual([
    { depth: 0, name: "amount units", value: "54488121" },
    {
      depth: 0,
      name: "entity",
      parts: [
        { name: "addresses", value: 2 },
        { name: "is service", value: false },
      ],
    },
    { depth: 0, name: "path", parts: [{ name: "hops", value: 2 }] },
    { depth: 1, name: "steps" },
    { depth: 2, name: "1", parts: [{ name: "txid", value: "t0" }] },
    { depth: 2, name: "2", parts: [{ name: "txid", value: "t1" }] },
    { depth: 0, name: "snapshot", value: "ab" },
  ]);
});

it("reads a list of one as the one", () => {
  expect(lines([{ risk: "severe" }]).lines).toEqual([{ depth: 0, name: "risk", value: "severe" }]);
});

it("counts what it does not show of a list", () => {
  const [head, ...rest] = lines({ txids: Array.from({ length: 9 }, (_, at) => `t${at}`) }).lines;
  expect(head).toEqual({ depth: 0, name: "txids", more: 4 });
  expect(rest.map((l) => l.value)).toEqual(["t0", "t1", "t2", "t3", "t4"]);
});

it("stops at its bound and says so", () => {
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`f${at}`, at]));
  const { lines: found, cut } = lines(wide);
  expect(found).toHaveLength(200);
  expect(cut).toBe(true);
});

it("reads an answer that is no object", () => {
  expect(lines(null).lines).toEqual([{ depth: 0, name: "", value: null }]);
  expect(lines([]).lines).toEqual([{ depth: 0, name: "", value: null }]);
});

it("finds the snapshot where the answer has it", () => {
  expect(snapshotOf({ snapshot: "ab" })).toBe("ab");
  expect(snapshotOf({ snapshot: { id: "cd", tip: 1 } })).toBe("cd");
  expect(snapshotOf([{ snapshot: "ab" }, { snapshot: "ab" }])).toBe("ab");
  expect(snapshotOf([{ snapshot: "ab" }, { snapshot: "cd" }])).toBe("");
  expect(snapshotOf([])).toBe("");
  expect(snapshotOf({})).toBe("");
  expect(snapshotOf("ab")).toBe("");
});

it("counts bytes and not letters, and takes only paths of the service", () => {
  expect(bytesOf("قضية")).toBe(10);
  expect(isPath("/v1/screen?target=2Mx98")).toBe(true);
  expect(isPath("https://example.org/v1/screen")).toBe(false);
  expect(isPath("/v1/names?q=قضية")).toBe(false);
});
