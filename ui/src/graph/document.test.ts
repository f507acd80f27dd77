// What comes from outside is checked and named; what was written is read back the same.
import { describe, expect, it } from "vitest";
import { emptyDocument, newNode, NODES_MAX, type GraphDocument } from "./document";
import { step } from "./commands";
import { readDocument, RefusedDocument, writeDocument } from "./read";
import { directEdge, traceEdge } from "./testing";

function sample(): GraphDocument {
  const a = newNode("address", "bitcoin", "1A", { label: "<img src=x onerror=alert(1)>", x: 10, y: 20 });
  const b = newNode("service", "bitcoin", "1B", { category: "exchange" });
  let document = step(emptyDocument("bitcoin", "Sample"), {
    do: "merge",
    batch: {
      nodes: [a, b],
      edges: [directEdge(a.id, b.id, "54488121"), traceEdge(a.id, b.id, [["k1", "5", 1_520_000_000]])],
    },
  });
  document = step(document, { do: "group", ids: [a.id, b.id], title: "Both" });
  return document;
}

function broken(change: (plain: Record<string, unknown>) => void): unknown {
  const plain = JSON.parse(JSON.stringify(writeDocument(sample()))) as Record<string, unknown>;
  change(plain);
  return plain;
}

function field(plain: Record<string, unknown>, list: string, index: number): Record<string, unknown> {
  return (plain[list] as Record<string, unknown>[])[index] ?? {};
}

function refusal(value: unknown): { at: string; why: string } {
  try {
    readDocument(value);
  } catch (error) {
    if (error instanceof RefusedDocument) return { at: error.at, why: error.why };
    throw error;
  }
  throw new Error("was taken");
}

describe("a graph document", () => {
  it("is read back as it was written", () => {
    const document = sample();
    expect(readDocument(JSON.parse(JSON.stringify(writeDocument(document))))).toEqual(document);
  });

  it("that was never written down is read too", () => {
    expect(readDocument(JSON.parse(JSON.stringify(sample())))).toEqual(sample());
    expect(readDocument(emptyDocument("bitcoin"))).toEqual(emptyDocument("bitcoin"));
  });

  it("is refused with the place where it is broken", () => {
    expect(refusal(null)).toEqual({ at: "document", why: "shape" });
    expect(refusal({ format: "other", version: 1 })).toEqual({ at: "format", why: "format" });
    expect(refusal(broken((plain) => (plain["version"] = 99)))).toEqual({ at: "version", why: "newer" });
    expect(refusal(broken((plain) => (field(plain, "edges", 0)["units"] = 1.5)))).toEqual({
      at: "edges[0].units",
      why: "amount",
    });
    expect(refusal(broken((plain) => (field(plain, "edges", 0)["units"] = "007")))).toEqual({
      at: "edges[0].units",
      why: "amount",
    });
    expect(refusal(broken((plain) => (field(plain, "nodes", 1)["x"] = "Infinity")))).toEqual({
      at: "nodes[1].x",
      why: "number",
    });
    expect(refusal(broken((plain) => (field(plain, "nodes", 0)["id"] = "a:bitcoin:other")))).toEqual({
      at: "nodes[0].id",
      why: "id",
    });
    expect(refusal(broken((plain) => (plain["nodes"] as unknown[]).splice(0, 1)))).toEqual({
      at: "edges[0]",
      why: "loose_end",
    });
    expect(refusal(broken((plain) => (plain["nodes"] as unknown[]).push((plain["nodes"] as unknown[])[0])))).toEqual({
      at: "nodes[3].id",
      why: "twice",
    });
    expect(refusal(broken((plain) => (field(plain, "nodes", 2)["parent"] = "g:bitcoin:1"))).why).toBe("parent");
    expect(refusal(broken((plain) => (plain["nodes"] = new Array(NODES_MAX + 1).fill({})))).why).toBe("over_bound");
  });

  it("of an older version is brought up step by step, and of an unknown one refused", () => {
    const old = broken((plain) => {
      plain["version"] = 0;
      plain["title"] = plain["name"];
      delete plain["name"];
    });
    expect(refusal(old)).toEqual({ at: "version", why: "format" });
    const read = readDocument(old, { 0: (plain) => ({ ...plain, version: 1, name: plain["title"] }) });
    expect(read).toEqual(sample());
  });
});
