// Answers become statements with the amounts they had; where one is not exact it is left out; asking again adds nothing.
import { describe, expect, it } from "vitest";
import { coins, compareUnits, parseExact, readCents, readUnits, unitsOfCoins } from "./amount";
import { gathered, ofCounterparties, ofLinks, ofPaths, ofTrace, ofTransaction, type TraceWire } from "./answers";
import { merge } from "./commands";
import { emptyDocument, newNode } from "./document";
import { place } from "./layout";
import { isInside, walk } from "./walk";
import { draw } from "./picture";

const party = {
  entity: "1E",
  address: "1E2",
  side: "received",
  label: "Exchange",
  category: "exchange",
  severity: "none",
  service: true,
  amount_units: "8395397",
  usd: 844.61,
  txs: 9,
  first_time: "2018-02-20T12:31:55Z",
  last_time: "2018-05-10T14:08:36Z",
  sample_txids: ["ab"],
};
const step = (
  txid: string,
  from: string,
  vout: number,
  to: string,
  out: number,
  amount: number | string,
  fromTx = "t0",
) => ({
  txid,
  time: "2018-03-12T00:30:41Z",
  from,
  to,
  from_output: `${fromTx}:${vout}`,
  to_output: `${txid}:${out}`,
  amount_sat: amount,
});
const trace: TraceWire = {
  target: "1A",
  direction: "forward",
  policy: "fifo",
  edge_count: 4,
  snapshot: "s",
  edges: [
    step("t1", "1A", 0, "1B", 0, 100),
    step("t1", "1A", 1, "1B", 0, 50),
    step("t2", "1B", 0, "1S", 0, 120, "t1"),
    step("t2", "1B", 0, "1X", 1, 30, "t1"),
  ],
  stopped: [{ txid: "t2", vout: 0, address: "1S", label: "Tidewater", category: "exchange", reason: "service" }],
};

describe("answers", () => {
  it("of counterparties give each side its direction", () => {
    const node = newNode("address", "bitcoin", "1A");
    const { nodes, edges } = ofCounterparties(
      node,
      { parties: [party, { ...party, entity: "1F", side: "sent", service: false }], snapshot: "s" },
      "/v1/x",
    );
    expect(nodes.map((one) => [one.kind, one.value])).toEqual([
      ["service", "1E"],
      ["entity", "1F"],
    ]);
    expect(edges.map((one) => [one.from, one.to, one.units, one.usd_cents, one.first_s])).toEqual([
      ["e:bitcoin:1E", "a:bitcoin:1A", "8395397", "84461", 1_519_129_915],
      ["a:bitcoin:1A", "e:bitcoin:1F", "8395397", "84461", 1_519_129_915],
    ]);
  });

  it("on a chain of accounts give one edge for each asset", () => {
    const token = { id: "0xt", symbol: "USDT", decimals: 6, verified: true };
    const native = { id: "native", symbol: "ETH", decimals: 18, verified: true };
    const answer = {
      parties: [
        {
          ...party,
          amount_units: null,
          amounts: [
            { asset: native, units: "1", usd: null },
            { asset: token, units: "2000000", usd: 2 },
          ],
        },
      ],
      snapshot: null,
    };
    const batch = ofCounterparties(newNode("address", "ethereum", "0xa"), answer, "/v1/x");
    expect(batch.edges.map((one) => [one.asset, one.units])).toEqual([
      ["native", "1"],
      ["0xt", "2000000"],
    ]);
    expect(
      merge(emptyDocument("ethereum"), { ...batch, nodes: [...batch.nodes, newNode("address", "ethereum", "0xa")] })
        .document.assets["0xt"]?.symbol,
    ).toBe("USDT");
  });

  it("with an amount that is not exact are left out", () => {
    const { edges } = ofCounterparties(
      newNode("address", "bitcoin", "1A"),
      {
        parties: [
          { ...party, amount_units: 1.5 },
          { ...party, amount_units: 2 ** 60 },
        ],
        snapshot: null,
      },
      "/v1/x",
    );
    expect(edges).toEqual([]);
  });

  it("of a trace add the movements between two, and asked again change nothing", () => {
    const batch = ofTrace("bitcoin", trace, "/v1/trace/1A", { services: false });
    expect(batch.edges.map((one) => [one.from, one.to, one.units, one.txs])).toEqual([
      ["a:bitcoin:1A", "a:bitcoin:1B", "150", 1],
      ["a:bitcoin:1B", "a:bitcoin:1S", "120", 1],
      ["a:bitcoin:1B", "a:bitcoin:1X", "30", 1],
    ]);
    const once = merge(emptyDocument("bitcoin"), batch).document;
    expect(merge(once, batch).document).toBe(once);
    // A longer trace states more of the same: its movements replace those of the same outputs, and are not added to them.
    const longer = ofTrace(
      "bitcoin",
      { ...trace, edges: [step("t1", "1A", 0, "1B", 0, 100), step("t1", "1A", 2, "1B", 0, 7)] },
      "/v1/trace/1A",
      { services: false },
    );
    expect(draw(merge(once, longer).document).edges[0]?.units).toBe("157");
  });

  it("of a trace to services keep only the ways that end at one", () => {
    const batch = ofTrace("bitcoin", trace, "/v1/trace/1A", { services: true });
    expect(batch.nodes.map((one) => one.value)).toEqual(["1A", "1B", "1S"]);
    expect(batch.nodes[2]?.label).toBe("Tidewater");
    const backward: TraceWire = {
      ...trace,
      direction: "backward",
      stopped: [{ txid: "t0", vout: 0, address: "1A", label: "Source", category: "exchange", reason: "service" }],
    };
    expect(ofTrace("bitcoin", backward, "/v1/trace/1A", { services: true }).edges.length).toBe(3);
  });

  it("addresses of one label lie in one closed group, once", () => {
    const nodes = ["1", "2", "3"].map((value) =>
      newNode("address", "bitcoin", value, { label: value === "3" ? "Other" : "Tidewater", category: "exchange" }),
    );
    const batch = gathered({ nodes, edges: [] }, () => false);
    const document = merge(emptyDocument("bitcoin"), batch).document;
    expect(draw(document).nodes.map((one) => [one.node.kind, one.node.label, one.members])).toEqual([
      ["group", "Tidewater", 2],
      ["address", "Other", 0],
    ]);
    expect(gathered({ nodes, edges: [] }, (id) => document.nodes[id] !== undefined).nodes).toEqual(nodes);
  });

  it("of links, paths and transactions name their ends", () => {
    const links = ofLinks(
      "bitcoin",
      "entity",
      {
        links: [
          { ...party, from: "1E", to: "1F" },
          { ...party, from: "1E", to: "1E" },
        ],
        snapshot: null,
      },
      "/v1/graph/links",
    );
    expect(links.edges.map((one) => [one.from, one.to])).toEqual([["e:bitcoin:1E", "e:bitcoin:1F"]]);
    const place_ = (output: string, address: string | null) => ({
      output,
      address,
      label: null,
      category: null,
      is_service: false,
    });
    const paths = ofPaths(
      "bitcoin",
      {
        from: { target: "1A" },
        to: { target: "1C" },
        searches: [
          {
            outcome: "found",
            paths: [
              {
                steps: [
                  {
                    txid: "t",
                    time: "2018-03-12T00:30:41Z",
                    from: place_("o:0", "1A"),
                    to: place_("t:0", "1C"),
                    width_sat: 5,
                  },
                ],
              },
            ],
          },
        ],
        snapshot: null,
      },
      "/v1/paths",
    );
    expect(draw(merge(emptyDocument("bitcoin"), paths).document).edges[0]?.isAtMost).toBe(true);
    const tx = ofTransaction(
      "bitcoin",
      {
        txid: "t",
        time: "2018-03-12T00:30:41Z",
        inputs: [{ prev_txid: "p", prev_vout: 0, address: "1A", value_sat: 10 }],
        outputs: [
          { vout: 0, address: "1B", value_sat: 6 },
          { vout: 1, address: "1A", value_sat: 3 },
        ],
      },
      "/v1/tx/t",
    );
    expect(tx.edges.map((one) => [one.from, one.to, one.units])).toEqual([
      ["a:bitcoin:1A", "t:bitcoin:t", "10"],
      ["t:bitcoin:t", "a:bitcoin:1B", "6"],
      ["t:bitcoin:t", "a:bitcoin:1A", "3"],
    ]);
  });
});

describe("amounts", () => {
  it("stay exact beyond what a float holds", () => {
    expect(parseExact('{"a":90071992547409931,"b":"12345678901234567890","c":1.5,"d":-3}')).toEqual({
      a: "90071992547409931",
      b: "12345678901234567890",
      c: 1.5,
      d: -3,
    });
    expect(readUnits(2 ** 53)).toBeNull();
    expect(readUnits("090")).toBeNull();
    expect(coins("5", 8)).toBe("0.00000005");
    expect(unitsOfCoins("٠٫٥", 8)).toBe("50000000");
    expect(unitsOfCoins("0.123456789", 8)).toBeNull();
    expect(readCents(844.6)).toBe("84460");
    expect(readCents("0.005")).toBe("1");
    expect(compareUnits("9", "10")).toBeLessThan(0);
  });
});

describe("places", () => {
  it("of what is there are kept, and new ones lie free beside them", () => {
    const fixed = { x: 1_000, y: 500 };
    const nodes = [{ id: "a", at: fixed }, ...Array.from({ length: 40 }, (_, i) => ({ id: `n${i}`, at: null }))];
    const placed = place({
      nodes,
      edges: nodes.slice(1).map(({ id }, i) => (i % 2 === 0 ? { from: "a", to: id } : { from: id, to: "a" })),
    });
    expect(placed["a"]).toBeUndefined();
    const all = [fixed, ...Object.values(placed)];
    for (const [i, one] of all.entries())
      for (const other of all.slice(i + 1))
        expect(Math.abs(one.x - other.x) >= 200 || Math.abs(one.y - other.y) >= 64).toBe(true);
    for (let i = 0; i < 40; i += 1)
      expect(((placed[`n${i}`]?.x ?? 0) - fixed.x) * (i % 2 === 0 ? 1 : -1)).toBeGreaterThan(200);
  });
});

describe("the keyboard", () => {
  it("walks along the money and beside it", () => {
    const [a, b, c] = [
      newNode("address", "bitcoin", "1A"),
      newNode("address", "bitcoin", "1B", { x: 400 }),
      newNode("address", "bitcoin", "1C", { x: 400, y: 200 }),
    ];
    if (a === undefined || b === undefined || c === undefined) throw new Error("nodes");
    const picture = draw(
      merge(emptyDocument("bitcoin"), {
        nodes: [a, b, c],
        edges: ofLinks(
          "bitcoin",
          "address",
          {
            links: [
              { ...party, from: "1A", to: "1B" },
              { ...party, from: "1A", to: "1C" },
            ],
            snapshot: null,
          },
          "/v1/x",
        ).edges,
      }).document,
    );
    expect(walk(picture, null, "ahead")).toBe(a.id);
    expect(walk(picture, a.id, "ahead")).toBe(b.id);
    expect(walk(picture, b.id, "down")).toBe(c.id);
    expect(walk(picture, c.id, "back")).toBe(a.id);
    expect(walk(picture, a.id, "back")).toBeNull();
  });

  it("a lasso takes what lies inside its line", () => {
    const square = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 10 },
      { x: 0, y: 10 },
    ];
    expect(isInside({ x: 5, y: 5 }, square)).toBe(true);
    expect(isInside({ x: 15, y: 5 }, square)).toBe(false);
  });
});
