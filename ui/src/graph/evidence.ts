// Why an edge stands: the statement in a sentence, its movements, the question and snapshot, in the form that the "why" panel and a
// case's findings take.

import type { Evidence } from "../parts/Why";
import type { GraphDocument, GraphNode } from "./document";
import type { PictureEdge } from "./picture";
import type { GraphWords } from "./words";

/** Movements that are listed; a finding keeps no more than 256 KiB. */
const LISTED = 300;

type Say = (key: string, values?: Record<string, unknown>) => string;

function addressOf(node: GraphNode | undefined): string | null {
  return node === undefined || node.kind === "group" || node.kind === "transaction" ? null : node.value;
}

/** An edge in one sentence. */
export function sentence(edge: PictureEdge, document: GraphDocument, words: GraphWords, t: Say): string {
  const from = document.nodes[edge.from];
  const to = document.nodes[edge.to];
  const said = words.edge(edge, document.chain, document.assets);
  return t(`sentence.${edge.how}`, {
    from: from === undefined ? "" : words.name(from),
    to: to === undefined ? "" : words.name(to),
    amount: said.amount,
    when: said.when,
    txs: words.count(edge.txs),
    policy: (edge.policy ?? "").toUpperCase(),
    target: edge.target ?? "",
  });
}

/** What an edge rests on. */
export function evidenceOf(edge: PictureEdge, document: GraphDocument, words: GraphWords, t: Say): Evidence {
  const first = edge.edges[0];
  const steps = edge.edges.flatMap((one) =>
    one.parts.map((part) => ({
      txid: part.txid,
      time: new Date(part.time_s * 1_000).toISOString(),
      from: addressOf(document.nodes[one.from]),
      to: addressOf(document.nodes[one.to]),
      units: part.units,
    })),
  );
  steps.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const isNative = edge.asset === "native";
  const txids = [
    ...new Set(
      edge.edges.flatMap((one) =>
        one.parts.length === 0 || !isNative ? [...one.txids, ...one.parts.map((part) => part.txid)] : [],
      ),
    ),
  ];
  const remarks = [t(`rests.${edge.how}`)];
  if (edge.isAtMost && edge.how !== "path") remarks.push(t("rests.window"));
  if (edge.edges.length > 1) remarks.push(t("rests.bundle", { n: words.count(edge.edges.length) }));
  if (edge.contained.length > 0) remarks.push(t("rests.contained", { n: words.count(edge.contained.length) }));
  const questions = [...new Set(edge.edges.map((one) => one.asked))];
  if (questions.length > 1) remarks.push(t("rests.questions", { n: words.count(questions.length) }));
  return {
    statement: sentence(edge, document, words, t),
    chain: document.chain,
    text: remarks.join(" "),
    paths: isNative && steps.length > 0 ? [{ units: edge.units, steps: steps.slice(0, LISTED) }] : [],
    txids: txids.slice(0, LISTED),
    truncated: steps.length > LISTED || edge.txs > Math.max(txids.length, new Set(steps.map((step) => step.txid)).size),
    snapshot: first?.snapshot ?? null,
    path: first?.asked ?? "",
    answer: {
      edges: edge.edges.slice(0, 100).map((one) => ({ ...one, parts: one.parts.slice(0, LISTED) })),
      units: edge.units,
      asset: edge.asset,
      at_most: edge.isAtMost,
    },
  };
}
