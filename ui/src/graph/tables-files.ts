// The graph as files for other programs: GraphML, CSV, and its own JSON. They say what the picture says (groups closed and opened,
// filters applied), with exact amounts. A cell that a spreadsheet would run as a formula is made text: labels come from strangers.

import { coins } from "./amount";
import { writeDocument } from "./read";
import { escapeXml } from "./svg";
import type { GraphDocument } from "./document";
import type { Picture, PictureEdge } from "./picture";

/** Decimals of an edge's asset; null: not known. */
export type Decimals = (edge: PictureEdge) => number | null;

/** A time as ISO 8601 in UTC, to the second. */
export function iso(time_s: number): string {
  return `${new Date(time_s * 1_000).toISOString().slice(0, 19)}Z`;
}

/**
 * A CSV cell. Text that starts with = + - @, a tab or a line end would be a formula in a spreadsheet: it gets an apostrophe before
 * it, as OWASP advises. Quotes are doubled.
 */
export function cell(value: string | number): string {
  const text = String(value);
  const safe = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) || /^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",;\n\r]/.test(safe) || safe !== text ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function rows(head: readonly string[], body: readonly (readonly (string | number)[])[]): string {
  return `\ufeff${[head, ...body].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** The nodes as CSV (UTF-8 with mark, CRLF). */
export function nodesCsv(picture: Picture): string {
  return rows(
    [
      "id",
      "kind",
      "chain",
      "value",
      "label",
      "category",
      "severity",
      "entity",
      "members",
      "degree",
      "pinned",
      "colour",
      "note",
    ],
    picture.nodes.map(({ node, members, degree }) => [
      node.id,
      node.kind,
      node.chain,
      node.value,
      node.label ?? "",
      node.category ?? "",
      node.severity ?? "",
      node.entity ?? "",
      members,
      degree,
      node.pinned ? "yes" : "no",
      node.colour ?? "",
      node.note,
    ]),
  );
}

/** The edges as CSV: amounts in the smallest unit and, where the decimals are known, in coins. */
export function edgesCsv(picture: Picture, decimals: Decimals): string {
  return rows(
    [
      "from",
      "to",
      "statement",
      "policy",
      "direction",
      "target",
      "asset",
      "amount_units",
      "amount",
      "at_most",
      "usd",
      "transactions",
      "first",
      "last",
      "txids",
      "asked",
      "snapshot",
      "note",
    ],
    picture.edges.map((edge) => {
      const places = decimals(edge);
      const txids = new Set(edge.edges.flatMap((one) => [...one.parts.map((part) => part.txid), ...one.txids]));
      const one = (read: (entry: (typeof edge.edges)[number]) => string | null) =>
        [...new Set(edge.edges.map((entry) => read(entry) ?? ""))].filter((text) => text !== "").join(" ");
      return [
        edge.from,
        edge.to,
        edge.how,
        edge.policy ?? "",
        edge.direction ?? "",
        edge.target ?? "",
        edge.asset,
        edge.units,
        places === null ? "" : coins(edge.units, places),
        edge.isAtMost ? "yes" : "no",
        edge.usd_cents === null ? "" : coins(edge.usd_cents, 2),
        edge.txs,
        iso(edge.first_s),
        iso(edge.last_s),
        [...txids].join(" "),
        one((entry) => entry.asked),
        one((entry) => entry.snapshot),
        one((entry) => entry.note),
      ];
    }),
  );
}

const NODE_KEYS = [
  "kind",
  "chain",
  "value",
  "label",
  "category",
  "severity",
  "entity",
  "members",
  "note",
  "x",
  "y",
] as const;
const EDGE_KEYS = [
  "statement",
  "policy",
  "direction",
  "target",
  "asset",
  "amount_units",
  "at_most",
  "usd_cents",
  "transactions",
  "first",
  "last",
  "txids",
  "asked",
  "snapshot",
] as const;

/** GraphML 1.0, as yEd, Gephi and networkx read it. Amounts are text: no reader may round them. */
export function toGraphml(picture: Picture, name: string): string {
  const data = (key: string, value: string | number | null) =>
    value === null || value === "" ? "" : `<data key="${key}">${escapeXml(String(value))}</data>`;
  const out = [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">`,
    ...NODE_KEYS.map(
      (key) =>
        `<key id="n_${key}" for="node" attr.name="${key}" attr.type="${key === "x" || key === "y" ? "double" : key === "members" ? "int" : "string"}"/>`,
    ),
    ...EDGE_KEYS.map(
      (key) =>
        `<key id="e_${key}" for="edge" attr.name="${key}" attr.type="${key === "transactions" ? "int" : "string"}"/>`,
    ),
    `<graph id="${escapeXml(name === "" ? "graph" : name)}" edgedefault="directed">`,
  ];
  for (const { node, members } of picture.nodes) {
    const values: Record<(typeof NODE_KEYS)[number], string | number | null> = {
      kind: node.kind,
      chain: node.chain,
      value: node.value,
      label: node.label,
      category: node.category,
      severity: node.severity,
      entity: node.entity,
      members,
      note: node.note,
      x: node.x,
      y: node.y,
    };
    out.push(
      `<node id="${escapeXml(node.id)}">${NODE_KEYS.map((key) => data(`n_${key}`, values[key])).join("")}</node>`,
    );
  }
  picture.edges.forEach((edge, index) => {
    const txids = new Set(edge.edges.flatMap((one) => [...one.parts.map((part) => part.txid), ...one.txids]));
    const values: Record<(typeof EDGE_KEYS)[number], string | number | null> = {
      statement: edge.how,
      policy: edge.policy,
      direction: edge.direction,
      target: edge.target,
      asset: edge.asset,
      amount_units: edge.units,
      at_most: edge.isAtMost ? "true" : "false",
      usd_cents: edge.usd_cents,
      transactions: edge.txs,
      first: iso(edge.first_s),
      last: iso(edge.last_s),
      txids: [...txids].join(" "),
      asked: edge.edges[0]?.asked ?? null,
      snapshot: edge.edges[0]?.snapshot ?? null,
    };
    out.push(
      `<edge id="e${index}" source="${escapeXml(edge.from)}" target="${escapeXml(edge.to)}">${EDGE_KEYS.map((key) => data(`e_${key}`, values[key])).join("")}</edge>`,
    );
  });
  out.push("</graph>", "</graphml>");
  return out.join("\n");
}

/** The document as its own JSON, to be read again. */
export function toJson(document: GraphDocument): string {
  return JSON.stringify(writeDocument(document));
}
