// The picture as SVG, written from the document and not from the screen: every node is in it, whatever was scrolled out of sight.
// Fonts are named, not embedded. All text from the data is escaped, and nothing in the file runs: no script, no link, no style sheet.

import { logUnits } from "./amount";
import { INK, clip, edgeGeometry, frameBox, mirrored, nodeTone, type Point } from "./shape";
import { NODE_H, NODE_W } from "./size";
import type { Picture, PictureEdge, PictureNode } from "./picture";

/** Words of the picture, in the reader's language. */
export interface Words {
  /** Title of the file and what it rests on, one line each. */
  readonly title: string;
  readonly lines: readonly string[];
  /** First and second line of a node. */
  readonly node: (node: PictureNode) => { readonly title: string; readonly below: string };
  readonly edge: (edge: PictureEdge) => { readonly amount: string; readonly when: string };
}

/** Text for XML: the five characters with a meaning, and no character that XML forbids. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&apos;");
}

const FONT = "'IBM Plex Sans', 'IBM Plex Sans Arabic', 'Noto Sans', 'Noto Sans Arabic', sans-serif";
const MONO = "'IBM Plex Mono', 'DejaVu Sans Mono', monospace";

/** Thickness of a line in board units: by the logarithm of the amount, so that a dust payment is still seen. */
export function lineWidth(units: string): number {
  return Math.min(7, Math.max(1.2, 1 + Math.max(0, logUnits(units) - 3) * 0.55));
}

/** A whole SVG file. */
export function toSvg(picture: Picture, words: Words, isRtl: boolean): string {
  const at = new Map<string, Point>();
  for (const { id, node } of picture.nodes) at.set(id, { x: mirrored(node.x, isRtl), y: node.y });
  const points = [...at.values()];
  const pad = 40;
  const head = 34 + words.lines.length * 18;
  const left = Math.min(0, ...points.map((point) => point.x)) - pad;
  const top = Math.min(0, ...points.map((point) => point.y)) - pad - head;
  const right = Math.max(NODE_W, ...points.map((point) => point.x + NODE_W)) + pad;
  const bottom = Math.max(NODE_H, ...points.map((point) => point.y + NODE_H)) + pad;
  const width = Math.ceil(right - left);
  const height = Math.ceil(bottom - top);
  const out: string[] = [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${left} ${top} ${width} ${height}" font-family="${escapeXml(FONT)}">`,
    `<title>${escapeXml(words.title)}</title>`,
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="#ffffff"/>`,
  ];
  const edgeOfText = isRtl ? right - pad : left + pad;
  const flow = isRtl ? ` direction="rtl"` : "";
  out.push(
    `<text x="${edgeOfText}" y="${top + 30}" font-size="18" font-weight="600" fill="#111827"${flow}>${escapeXml(words.title)}</text>`,
  );
  words.lines.forEach((line, index) => {
    out.push(
      `<text x="${edgeOfText}" y="${top + 52 + index * 18}" font-size="12" fill="#4b5563"${flow}>${escapeXml(line)}</text>`,
    );
  });
  for (const frame of picture.frames) {
    const box = frameBox(frame.shown.flatMap((id) => at.get(id) ?? []));
    if (box === null) continue;
    out.push(
      `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="10" fill="none" stroke="#6b7280" stroke-dasharray="6 4"/>`,
      `<text x="${isRtl ? box.x + box.width - 10 : box.x + 10}" y="${box.y + 18}" font-size="12" fill="#374151"${flow}>${escapeXml(clip(frame.node.label ?? frame.node.value, 40))}</text>`,
    );
  }
  for (const edge of picture.edges) {
    const from = at.get(edge.from);
    const to = at.get(edge.to);
    if (from === undefined || to === undefined) continue;
    const shape = edgeGeometry(from, to, edge.lane, isRtl, edge.lean);
    const colour = INK[edge.edges[0]?.colour ?? "plain"];
    const dash = edge.how === "path" ? ` stroke-dasharray="7 5"` : "";
    const said = words.edge(edge);
    out.push(
      `<g><path d="${shape.path}" fill="none" stroke="${colour}" stroke-width="${lineWidth(edge.units).toFixed(2)}" stroke-opacity="0.75"${dash}/>`,
      `<path d="${shape.arrow}" fill="${colour}"/>`,
      `<text x="${shape.label.x.toFixed(1)}" y="${(shape.label.y - 4).toFixed(1)}" font-size="11" text-anchor="middle" fill="#111827" stroke="#ffffff" stroke-width="3" paint-order="stroke" direction="ltr">${escapeXml(said.amount)}</text>`,
      `<text x="${shape.label.x.toFixed(1)}" y="${(shape.label.y + 9).toFixed(1)}" font-size="10" text-anchor="middle" fill="#4b5563" stroke="#ffffff" stroke-width="3" paint-order="stroke">${escapeXml(said.when)}</text></g>`,
    );
  }
  for (const item of picture.nodes) {
    const point = at.get(item.id) ?? { x: 0, y: 0 };
    const { title, below } = words.node(item);
    const fill = INK[nodeTone(item.node)];
    const isHash = item.node.label === null;
    const textAt = isRtl ? point.x + NODE_W - 14 : point.x + 14;
    const anchor = isRtl && isHash ? ` text-anchor="end" direction="ltr"` : flow;
    out.push(
      `<g><rect x="${point.x}" y="${point.y}" width="${NODE_W}" height="${NODE_H}" rx="8" fill="#ffffff" stroke="${fill}" stroke-width="${item.node.pinned ? 3 : 1.5}"/>`,
      `<rect x="${isRtl ? point.x + NODE_W - 6 : point.x}" y="${point.y}" width="6" height="${NODE_H}" fill="${fill}"/>`,
      `<text x="${textAt}" y="${point.y + 27}" font-size="13" font-weight="600" fill="#111827"${isHash ? ` font-family="${escapeXml(MONO)}"` : ""}${anchor}>${escapeXml(clip(title, 26))}</text>`,
      `<text x="${textAt}" y="${point.y + 47}" font-size="11" fill="#4b5563"${flow}>${escapeXml(clip(below, 32))}</text></g>`,
    );
  }
  out.push("</svg>");
  return out.join("\n");
}
