// Commands over random graphs: everything can be taken back, groups lose nothing, amounts stay what they were.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sumUnits } from "./amount";
import { merge, step, type Command } from "./commands";
import { emptyDocument, newNode, NODES_MAX, type GraphDocument } from "./document";
import { apply, begin, redo, undo } from "./history";
import { draw, within } from "./picture";
import { readDocument, writeDocument } from "./read";
import { directEdge, traceEdge } from "./testing";

const addresses = Array.from({ length: 8 }, (_, index) =>
  newNode("address", "bitcoin", `1${index}`, { entity: `1${index - (index % 3)}` }),
);
const entities = [newNode("entity", "bitcoin", "10"), newNode("service", "bitcoin", "13")];
const pool = [...addresses, ...entities];
const id = fc.constantFrom(...pool.map((node) => node.id));
const units = fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String);
const edge = fc
  .tuple(id, id, units, fc.boolean(), fc.nat(20))
  .filter(([from, to]) => from !== to)
  .map(([from, to, amount, isTrace, key]) =>
    isTrace
      ? traceEdge(from, to, [[`k${key}`, amount, 1_500_000_000 + key * 1_000_000]])
      : directEdge(from, to, amount, 1_500_000_000 + key * 1_000_000, 1_500_000_000 + key * 1_500_000),
  );
const batch = fc.record({ nodes: fc.constant(pool), edges: fc.array(edge, { maxLength: 12 }) });
const target = fc.oneof(id, fc.constantFrom("g:bitcoin:1", "g:bitcoin:2", "g:bitcoin:3"));
const command: fc.Arbitrary<Command> = fc.oneof(
  batch.map((made): Command => ({ do: "merge", batch: made })),
  fc
    .tuple(target, fc.integer({ min: -500, max: 500 }), fc.constantFrom("drag", undefined))
    .map(([at, x, gesture]): Command => ({
      do: "move",
      positions: { [at]: { x, y: 1 } },
      ...(gesture === undefined ? {} : { gesture }),
    })),
  fc.uniqueArray(target, { minLength: 1, maxLength: 4 }).map((ids): Command => ({ do: "group", ids, title: "g" })),
  target.map((at): Command => ({ do: "ungroup", id: at })),
  fc.tuple(target, fc.boolean()).map(([at, open]): Command => ({ do: "open", ids: [at], open })),
  target.map((at): Command => ({ do: "remove", ids: [at] })),
  fc.tuple(target, fc.boolean()).map(([at, pinned]): Command => ({ do: "pin", ids: [at], pinned })),
  fc
    .tuple(target, fc.constantFrom("red" as const, null))
    .map(([at, colour]): Command => ({ do: "colour", ids: [at], colour })),
  fc.tuple(target, fc.string()).map(([at, note]): Command => ({ do: "note", id: at, note })),
  fc.constant<Command>({
    do: "entities",
    entities: addresses.map((node) => ({
      address: node.value,
      entity: node.entity ?? "",
      label: null,
      category: null,
    })),
  }),
  fc.nat().map((from_s): Command => ({ do: "window", window: { from_s, to_s: null } })),
);
const start = step(emptyDocument("bitcoin"), { do: "merge", batch: { nodes: pool, edges: [] } });

function content(document: GraphDocument): unknown {
  const { view: _view, window: _window, ...rest } = document;
  void _view;
  void _window;
  return rest;
}

/** Sums by kind of statement, of everything in the document. */
function sums(edges: readonly { how: string; asset: string; units: string }[]): Record<string, string> {
  const by: Record<string, string[]> = {};
  for (const { how, asset, units: amount } of edges) (by[`${how} ${asset}`] ??= []).push(amount);
  return Object.fromEntries(Object.entries(by).map(([key, list]) => [key, sumUnits(list)]));
}

describe("commands", () => {
  it("taken back one by one lead to the beginning, and done again to the end", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        let history = commands.reduce(apply, begin(start));
        const end = history.present;
        const steps = history.past.length;
        for (let i = 0; i < steps; i += 1) history = undo(history);
        expect(content(history.present)).toEqual(content(start));
        expect(undo(history)).toBe(history);
        for (let i = 0; i < steps; i += 1) history = redo(history);
        expect(content(history.present)).toEqual(content(end));
      }),
      { numRuns: 150 },
    );
  });

  it("leave a document that is read back the same", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
        const document = commands.reduce(step, start);
        expect(readDocument(JSON.parse(JSON.stringify(writeDocument(document))))).toEqual(document);
      }),
      { numRuns: 100 },
    );
  });

  it("merging an answer twice is merging it once", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 10 }), batch, (commands, made) => {
        const once = merge(commands.reduce(step, start), made).document;
        const twice = merge(once, made);
        // A batch may state one thing twice with two amounts; then the last of them holds, both times.
        expect(twice.document).toEqual(once);
        expect(twice.nodes_new).toEqual([]);
        expect(twice.edges_new).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("in a picture of groups the sums are those of the document", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
        const document = { ...commands.reduce(step, start), window: { from_s: null, to_s: null } };
        const picture = draw(document);
        const drawn = [...picture.edges, ...[...picture.inside.values()].flat()];
        const contained = drawn.flatMap((bundle) => bundle.contained);
        expect(sums([...drawn, ...contained])).toEqual(sums(Object.values(document.edges)));
        // Every statement is in exactly one place.
        const ids = drawn.flatMap((bundle) => [...bundle.edges, ...bundle.contained].map((one) => one.id));
        expect(ids.length).toBe(new Set(ids).size);
        expect(ids.length).toBe(Object.keys(document.edges).length);
      }),
      { numRuns: 150 },
    );
  });

  it("closing and opening a group gives the picture that was there", () => {
    fc.assert(
      fc.property(batch, fc.uniqueArray(id, { minLength: 1, maxLength: 6 }), (made, ids) => {
        const document = step(start, { do: "merge", batch: made });
        const grouped = step(document, { do: "group", ids, title: "g" });
        const group = Object.keys(grouped.nodes).find((key) => key.startsWith("g:")) ?? "";
        const opened = step(grouped, { do: "open", ids: [group], open: true });
        expect(draw(opened).edges.map((one) => [one.from, one.to, one.units])).toEqual(
          draw(document).edges.map((one) => [one.from, one.to, one.units]),
        );
        const apart = step(grouped, { do: "ungroup", id: group });
        expect(apart.nodes).toEqual(document.nodes);
        expect(apart.edges).toEqual(document.edges);
      }),
      { numRuns: 100 },
    );
  });

  it("moves of one drag are one step", () => {
    let history = begin(start);
    for (let x = 1; x < 50; x += 1)
      history = apply(history, { do: "move", positions: { "a:bitcoin:10": { x, y: 0 } }, gesture: "drag 1" });
    expect(history.past.length).toBe(1);
    history = apply(history, { do: "move", positions: { "a:bitcoin:10": { x: 99, y: 0 } }, gesture: "drag 2" });
    expect(history.past.length).toBe(2);
  });

  it("beyond what a graph holds is left out and counted", () => {
    const many = Array.from({ length: NODES_MAX + 7 }, (_, index) => newNode("address", "bitcoin", `2${index}`));
    const first = many[0]?.id ?? "";
    const merged = merge(emptyDocument("bitcoin"), {
      nodes: many,
      edges: many.slice(1).map((node) => directEdge(first, node.id, "1")),
    });
    expect(Object.keys(merged.document.nodes).length).toBe(NODES_MAX);
    expect(merged.nodes_left).toBe(7);
    expect(merged.edges_left).toBe(7);
  });

  it("a statement about an entity contains those about its addresses, which are not added again", () => {
    const [a, b] = [addresses[0], addresses[1]];
    const entity = entities[0];
    const other = addresses[3];
    if (a === undefined || b === undefined || entity === undefined || other === undefined) throw new Error("pool");
    let document = step(start, {
      do: "merge",
      batch: {
        nodes: [],
        edges: [
          directEdge(entity.id, other.id, "100"),
          directEdge(a.id, other.id, "60"),
          directEdge(b.id, other.id, "30"),
        ],
      },
    });
    document = step(document, { do: "group", ids: [entity.id, a.id, b.id], title: "all" });
    const bundle = draw(document).edges[0];
    expect(bundle?.units).toBe("100");
    expect(bundle?.contained.length).toBe(2);
  });
});

describe("a time window", () => {
  it("adds only the movements inside, and says where it cannot", () => {
    const trace = traceEdge("a:bitcoin:10", "a:bitcoin:11", [
      ["1", "5", 100],
      ["2", "7", 200],
      ["3", "11", 300],
    ]);
    expect(within(trace, { from_s: 150, to_s: 250 })?.edge.units).toBe("7");
    expect(within(trace, { from_s: 301, to_s: null })).toBeNull();
    const direct = directEdge("a:bitcoin:10", "a:bitcoin:11", "9", 100, 300);
    expect(within(direct, { from_s: 150, to_s: null })).toEqual({ edge: direct, isCut: true });
    expect(within(direct, { from_s: null, to_s: 300 })).toEqual({ edge: direct, isCut: false });
  });
});
