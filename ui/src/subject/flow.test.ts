// @vitest-environment jsdom
// A trace put together for people: exact sums by service, and the way to each place.
import { expect, test } from "vitest";
import { filled } from "./ActivityPanel";
import { balance, ends, wayTo, type Place, type Trace } from "./flow";
import { unitsFrom } from "./PartiesPanel";

const place = (some: Partial<Place>): Place =>
  ({
    txid: "t",
    vout: 0,
    height: 1,
    time: "2018-01-01T00:00:00Z",
    address: "A",
    label: "Exchange",
    category: "exchange",
    reason: "service",
    amount_sat: 1,
    usd: 1,
    hops: 2,
    ...some,
  }) as Place;

const trace = {
  direction: "forward",
  source_sat: 100,
  stopped_sat: 70,
  held_sat: 10,
  minted_sat: 0,
  returned_sat: 5,
  internal_sat: 5,
  bounded_sat: 7,
  fee_sat: 3,
  edges: [
    {
      txid: "b",
      from_output: "a:0",
      to_output: "b:0",
      from: "S",
      to: "M",
      amount_sat: 60,
      hop: 1,
      time: "2018-01-01T00:00:00Z",
      height: 1,
    },
    {
      txid: "b",
      from_output: "a:1",
      to_output: "b:0",
      from: "S",
      to: "M",
      amount_sat: 10,
      hop: 1,
      time: "2018-01-01T00:00:00Z",
      height: 1,
    },
    {
      txid: "c",
      from_output: "b:0",
      to_output: "c:1",
      from: "M",
      to: "X",
      amount_sat: 70,
      hop: 2,
      time: "2018-01-02T00:00:00Z",
      height: 2,
    },
    {
      txid: "c",
      from_output: "b:0",
      to_output: null,
      from: "M",
      to: null,
      amount_sat: 3,
      hop: 2,
      time: "2018-01-02T00:00:00Z",
      height: 2,
    },
  ],
} as unknown as Trace;

test("places of one service are one end with an exact sum, the largest first", () => {
  const found = ends([
    place({ amount_sat: 5 }),
    place({ label: "Other", amount_sat: 9007199254740991 }),
    place({ amount_sat: 7, usd: null, time: "2019-01-01T00:00:00Z", address: "B" }),
  ]);
  expect(found.map((end) => [end.label, end.units, end.places.length])).toEqual([
    ["Other", 9007199254740991n, 1],
    ["Exchange", 12n, 2],
  ]);
  expect(found[1]).toMatchObject({ usd: 1, isPartlyUnpriced: true, last: "2019-01-01T00:00:00Z" });
});

test("the way to a place goes from the source to it, along the largest movements", () => {
  const steps = wayTo(trace, place({ txid: "c", vout: 1 }));
  expect(steps?.map((step) => [step.txid, step.from, step.to, step.units])).toEqual([
    ["b", "S", "M", 60],
    ["c", "M", "X", 70],
  ]);
});

test("where the listed movements do not reach the source there is no way rather than a part of one", () => {
  expect(wayTo({ ...trace, edges: trace.edges.slice(2) }, place({ txid: "c", vout: 1 }))).toBeNull();
  expect(wayTo(trace, place({ txid: "z", vout: 0 }))).toBeNull();
});

test("the parts of a trace add up to what it began with", () => {
  const { source, parts } = balance(trace);
  expect(Object.values(parts).reduce((a, b) => a + b, 0n)).toBe(source);
});

test("months without money are shown as empty, not left out", () => {
  const period = (start: string) => ({
    start,
    received_units: "1",
    received_usd: null,
    sent_units: 0,
    sent_usd: null,
    txs: 1,
  });
  expect(
    filled({ by: "month", periods: [period("2018-11-01"), period("2019-02-01")] }).map((one) => one.start.slice(0, 7)),
  ).toEqual(["2018-11", "2018-12", "2019-01", "2019-02"]);
  expect(filled({ by: "day", periods: [] })).toEqual([]);
});

test("an amount that is typed is read exactly, in either digits", () => {
  expect(unitsFrom("0.5", 8)).toBe(50000000n);
  expect(unitsFrom("١٬٠٠٠٫٠٠٠٠٠٠٠١", 8)).toBe(100000000001n);
  expect(unitsFrom("", 8)).toBeNull();
  expect(unitsFrom("much", 8)).toBeNull();
});
