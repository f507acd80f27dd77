// Rows stand in the order people look for them in, and a set's caveats are told.
import { expect, it } from "vitest";
import { caveatsOf, inOrder, type Row, type Scope } from "./read";

const figure = (usd: number | null, isPartlyUnpriced = false) => ({
  amounts: [],
  count: 1,
  is_partly_unpriced: isPartlyUnpriced,
  usd,
  without_a_label: { amounts: [], usd_max: usd, usd_min: 0 },
  without_a_source: { amounts: [], usd_max: usd, usd_min: 0 },
});
const sum = { amounts: [], count: 0, is_partly_unpriced: false, usd: 0 };
const row = (key: string, usd: number | null): Row => ({
  key,
  received: figure(usd),
  sent: figure(0),
  cashed_out: figure(0),
  fees: sum,
  internal: sum,
  shared: sum,
  to_inferred_services: sum,
  to_other_services: sum,
});

it("orders months by time and the rest by dollars", () => {
  const rows = [row("2019-02", 1), row("2018-12", null), row("2019-01", 5)];
  expect(inOrder(rows, "month").map((each) => each.key)).toEqual(["2018-12", "2019-01", "2019-02"]);
  expect(inOrder(rows, "organisation").map((each) => each.key)).toEqual(["2019-01", "2019-02", "2018-12"]);
});

it("tells what a set's figures lack", () => {
  const scope = {
    truncated: true,
    rows_left_out: 2,
    disputed_units: 0,
    contested_units: 1,
    total: { ...row("", 1), sent: figure(1, true) },
  } as unknown as Scope;
  expect(caveatsOf(scope)).toEqual(["truncated", "left_out", "contested", "unpriced"]);
});
