// @vitest-environment jsdom
// Files are read back: what they hold is what the picture holds, exact, and nothing in them runs.
import { describe, expect, it } from "vitest";
import { step } from "./commands";
import { emptyDocument, newNode, type GraphDocument } from "./document";
import { draw } from "./picture";
import { readDocument } from "./read";
import { escapeXml, toSvg, type Words } from "./svg";
import { cell, edgesCsv, nodesCsv, toGraphml, toJson } from "./tables-files";
import { directEdge, traceEdge } from "./testing";

const HOSTILE = `<img src=x onerror="alert(1)">]]></text><script>alert('x')</script>\u0000\u202e`;
const LARGE = "123456789012345678901234567890";

function sample(): GraphDocument {
  const a = newNode("address", "bitcoin", "1A", { label: HOSTILE, note: "=HYPERLINK(1)" });
  const b = newNode("service", "bitcoin", "1B", { label: "+Exchange", category: "exchange", x: 400 });
  const c = newNode("address", "bitcoin", "1C", { x: 800 });
  const edges = [directEdge(a.id, b.id, LARGE), traceEdge(b.id, c.id, [["k", "7", 1_520_000_000]])];
  return step(emptyDocument("bitcoin", `${HOSTILE} name`), { do: "merge", batch: { nodes: [a, b, c], edges } });
}

const words: Words = {
  title: HOSTILE,
  lines: [HOSTILE],
  node: ({ node }) => ({ title: node.label ?? node.value, below: HOSTILE }),
  edge: (edge) => ({ amount: edge.units, when: HOSTILE }),
};

function parse(text: string): Document {
  const xml = new DOMParser().parseFromString(text, "application/xml");
  expect(xml.querySelector("parsererror")).toBeNull();
  return xml;
}

/** A CSV as rows of cells, by RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[""]];
  let isQuoted = false;
  const plain = text.replace(/^\ufeff/, "");
  for (let i = 0; i < plain.length; i += 1) {
    const row = rows.at(-1) ?? [];
    const sign = plain[i] ?? "";
    if (isQuoted && sign === '"' && plain[i + 1] === '"') {
      row[row.length - 1] += '"';
      i += 1;
    } else if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && sign === ",") row.push("");
    else if (!isQuoted && sign === "\r") {
      rows.push([""]);
      i += 1;
    } else row[row.length - 1] += sign;
  }
  rows.pop();
  return rows;
}

describe("the SVG file", () => {
  for (const isRtl of [false, true]) {
    it(`holds every node and edge and nothing that runs (${isRtl ? "from the right" : "from the left"})`, () => {
      const xml = parse(toSvg(draw(sample()), words, isRtl));
      expect(xml.querySelectorAll("script, img, image, foreignObject, a, style, use").length).toBe(0);
      const texts = [...xml.querySelectorAll("text")].map((text) => text.textContent ?? "");
      expect(texts).toContain(LARGE);
      expect(texts).toContain("7");
      expect(texts.filter((text) => text.startsWith("<img src=x")).length).toBeGreaterThan(0);
      for (const element of xml.querySelectorAll("*"))
        for (const name of element.getAttributeNames()) expect(name.startsWith("on")).toBe(false);
    });
  }

  it("draws the receiver after the sender in reading direction", () => {
    const x = (isRtl: boolean) =>
      [...parse(toSvg(draw(sample()), words, isRtl)).querySelectorAll("g > rect[rx]")].map((rect) =>
        Number(rect.getAttribute("x")),
      );
    const [left = 0, right = 0] = x(false);
    expect(left).toBeLessThan(right);
    const [first = 0, second = 0] = x(true);
    expect(first).toBeGreaterThan(second);
  });

  it("escapes what XML gives a meaning or forbids", () => {
    expect(escapeXml(`<&>"'\u0000\ud800`)).toBe("&lt;&amp;&gt;&quot;&apos;\ufffd\ufffd");
  });
});

describe("the GraphML file", () => {
  it("is read back with nodes, directed edges and exact amounts", () => {
    const xml = parse(toGraphml(draw(sample()), HOSTILE));
    expect(xml.querySelector("graph")?.getAttribute("edgedefault")).toBe("directed");
    expect([...xml.querySelectorAll("node")].map((node) => node.getAttribute("id"))).toEqual([
      "a:bitcoin:1A",
      "e:bitcoin:1B",
      "a:bitcoin:1C",
    ]);
    const keys = new Set([...xml.querySelectorAll("key")].map((key) => key.getAttribute("id")));
    for (const data of xml.querySelectorAll("data")) expect(keys).toContain(data.getAttribute("key"));
    const [first] = xml.querySelectorAll("edge");
    expect([first?.getAttribute("source"), first?.getAttribute("target")]).toEqual(["a:bitcoin:1A", "e:bitcoin:1B"]);
    expect(first?.querySelector('data[key="e_amount_units"]')?.textContent).toBe(LARGE);
    expect(xml.querySelector('data[key="n_label"]')?.textContent).toContain("<img src=x onerror");
    expect(xml.querySelectorAll("script, img").length).toBe(0);
  });
});

describe("the CSV files", () => {
  it("are read back with exact amounts, and no cell is a formula", () => {
    const nodes = parseCsv(nodesCsv(draw(sample())));
    const edges = parseCsv(edgesCsv(draw(sample()), () => 8));
    expect(nodes.length).toBe(4);
    expect(edges.length).toBe(3);
    const head = edges[0] ?? [];
    expect(edges[1]?.[head.indexOf("amount_units")]).toBe(LARGE);
    expect(edges[1]?.[head.indexOf("amount")]).toBe("1234567890123456789012.34567890");
    for (const row of [...nodes.slice(1), ...edges.slice(1)])
      for (const one of row) expect(one).not.toMatch(/^[=+\-@\t\r\n]/);
    expect(nodes[2]?.[4]).toBe("'+Exchange");
    expect(nodes[1]?.[12]).toBe("'=HYPERLINK(1)");
  });

  it("guard formulas that hide behind spaces, tabs, line ends and wide signs", () => {
    for (const text of ["=1", "+1", "-1", "@a", " =1", "\t=1", "\r=1", "\n@", "\u00a0=1", "\uff1d1", "\ttext"])
      expect(cell(text)).toMatch(/^"'/);
    expect(cell("plain")).toBe("plain");
    expect(cell('say "so", twice')).toBe('"say ""so"", twice"');
  });
});

describe("the graph file", () => {
  it("is read back the same", () => {
    const document = sample();
    expect(readDocument(JSON.parse(toJson(document)))).toEqual(document);
  });
});
