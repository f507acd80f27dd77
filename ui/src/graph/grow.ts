// Growing a graph: the questions that are asked of the service, and what comes back as a batch with a count that can be said aloud.
// Each question is bounded; where the service cut its answer short, that is handed on and shown.

import { callRaw, pathOf, type Query } from "../api/client";
import { parseExact, readUnits } from "./amount";
import {
  ofCounterparties,
  ofLinks,
  ofPaths,
  ofTrace,
  ofTransaction,
  seconds,
  type CounterpartiesWire,
  type LinksWire,
  type PartyWire,
  type PathsWire,
  type TraceWire,
  type TxWire,
} from "./answers";
import type { Batch, EntityKnown } from "./commands";
import { newNode, type GraphNode } from "./document";

/** What a question brought. */
export interface Grown {
  readonly batch: Batch;
  /** The answer was cut short, by the service or by the number asked for. */
  readonly isCut: boolean;
  /** Keys of texts that say what else is to be known of the answer. */
  readonly remarks: readonly string[];
}

async function ask<T>(path: string, signal: AbortSignal, body?: unknown): Promise<T> {
  const response = await callRaw(
    body === undefined ? "GET" : "POST",
    path,
    body === undefined ? { signal } : { body, signal },
  );
  return parseExact(await response.text()) as T;
}

export const POLICIES = ["fifo", "lifo", "tiho", "haircut", "poison"] as const;
export type Policy = (typeof POLICIES)[number];

export interface PartiesAsked {
  readonly side: "received" | "sent" | "both";
  readonly top: number;
  readonly order: "amount" | "latest" | "earliest";
  /** Only parties of this category; empty: all. */
  readonly category: string;
  readonly from: string;
  readonly to: string;
}

/** How a subject is named to the service. */
export function subjectOf(node: GraphNode): string {
  return node.kind === "address" || node.kind === "transaction" ? node.value : `entity:${node.value}`;
}

function ordered(parties: readonly PartyWire[], order: PartiesAsked["order"]): readonly PartyWire[] {
  // The service gives the largest first.
  if (order === "amount") return parties;
  const at = (party: PartyWire) =>
    order === "latest" ? -(seconds(party.last_time) ?? 0) : (seconds(party.first_time) ?? 0);
  return [...parties].sort((a, b) => at(a) - at(b));
}

/** Who paid a node, or whom it paid. */
export async function growParties(node: GraphNode, asked: PartiesAsked, signal: AbortSignal): Promise<Grown> {
  const isPlain = asked.order === "amount" && asked.category === "";
  const path = pathOf(
    "/v1/counterparties/{subject}",
    { subject: subjectOf(node) },
    {
      chain: node.chain,
      side: asked.side,
      of: node.kind === "address" ? "address" : "entity",
      from: asked.from,
      to: asked.to,
      limit: isPlain ? asked.top : 200,
    },
  );
  const answer = await ask<CounterpartiesWire>(path, signal);
  const fitting = ordered(
    answer.parties.filter((party) => asked.category === "" || (party.category ?? "") === asked.category),
    asked.order,
  );
  const taken = fitting.slice(0, asked.top);
  const batch = ofCounterparties(node, { ...answer, parties: taken }, path);
  const remarks: string[] = [];
  const joined = [answer.received?.coinjoin_units, answer.sent?.coinjoin_units].some(
    (units) => units !== undefined && readUnits(units) !== "0",
  );
  if (joined) remarks.push("remark.coinjoin");
  if (answer.examined?.bound) remarks.push("remark.bound");
  return { batch, isCut: (answer.truncated ?? false) || fitting.length > taken.length, remarks };
}

export interface TraceAsked {
  readonly backward: boolean;
  readonly policy: Policy;
  readonly hops: number;
  readonly services: boolean;
  readonly amount_min: string;
  readonly since: string;
  readonly until: string;
}

/** Where a node's money went, or came from. */
export async function growTrace(node: GraphNode, asked: TraceAsked, signal: AbortSignal): Promise<Grown> {
  const query: Query = {
    chain: node.chain,
    backward: asked.backward,
    policy: asked.policy,
    hops: asked.hops,
    edges: asked.services ? 20_000 : 1_000,
    amount_min: asked.amount_min,
    since: asked.since,
    until: asked.until,
  };
  const path = pathOf("/v1/trace/{target}", { target: subjectOf(node) }, query);
  const answer = await ask<TraceWire>(path, signal);
  const batch = ofTrace(node.chain, answer, path, { services: asked.services });
  const isCut = (answer.edges_truncated ?? answer.edge_count > answer.edges.length) === true;
  return { batch, isCut, remarks: asked.policy === "poison" ? ["remark.poison"] : [] };
}

/** By which transactions money of one came to another, both ways. */
export async function growPaths(
  from: GraphNode,
  to: GraphNode,
  asked: { count: number; hops: number; through: boolean },
  signal: AbortSignal,
): Promise<Grown> {
  const path = pathOf("/v1/paths", undefined, {
    chain: from.chain,
    from: subjectOf(from),
    to: subjectOf(to),
    count: asked.count,
    hops: asked.hops,
    either: true,
    through_services: asked.through,
  });
  const answer = await ask<PathsWire>(path, signal);
  const gaveUp = answer.searches.some((search) => search.outcome === "gave_up");
  return { batch: ofPaths(from.chain, answer, path), isCut: gaveUp, remarks: asked.through ? ["remark.through"] : [] };
}

/** What went directly between nodes that are there. */
export async function growLinks(nodes: readonly GraphNode[], signal: AbortSignal): Promise<Grown> {
  const edges: Batch["edges"][number][] = [];
  let isCut = false;
  for (const chain of new Set(nodes.map((node) => node.chain))) {
    for (const of of ["address", "entity"] as const) {
      const wanted = nodes.filter(
        (node) =>
          node.chain === chain &&
          (of === "address" ? node.kind === "address" : node.kind === "entity" || node.kind === "service"),
      );
      if (wanted.length < 2) continue;
      isCut ||= wanted.length > 500;
      const path = "/v1/graph/links";
      const answer = await ask<LinksWire>(path, signal, {
        chain,
        of,
        nodes: wanted.slice(0, 500).map((node) => node.value),
      });
      isCut ||= answer.truncated ?? false;
      edges.push(...ofLinks(chain, of, answer, path).edges);
    }
  }
  const mixed = await addressesToEntities(nodes, signal);
  return { batch: { nodes: [], edges: [...edges, ...mixed.edges] }, isCut: isCut || mixed.isCut, remarks: [] };
}

/** Addresses whose parties are asked for when links are looked for: one question each. */
const MIXED_MAX = 40;

/** What went directly between addresses and entities that are there: of each address the parties that are on the table. */
async function addressesToEntities(
  nodes: readonly GraphNode[],
  signal: AbortSignal,
): Promise<{ edges: Batch["edges"][number][]; isCut: boolean }> {
  const entities = new Set(
    nodes.filter((node) => node.kind === "entity" || node.kind === "service").map((node) => node.id),
  );
  const addresses = nodes.filter((node) => node.kind === "address");
  if (entities.size === 0) return { edges: [], isCut: false };
  const edges: Batch["edges"][number][] = [];
  let isCut = addresses.length > MIXED_MAX;
  const todo = addresses.slice(0, MIXED_MAX);
  const work = async () => {
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      const path = pathOf(
        "/v1/counterparties/{subject}",
        { subject: node.value },
        { chain: node.chain, side: "both", of: "address", limit: 200 },
      );
      try {
        const answer = await ask<CounterpartiesWire>(path, signal);
        isCut ||= answer.truncated ?? false;
        const found = ofCounterparties(node, answer, path).edges;
        edges.push(...found.filter((edge) => entities.has(edge.from) || entities.has(edge.to)));
      } catch (error) {
        if (signal.aborted) throw error;
        isCut = true;
      }
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return { edges, isCut };
}

/** A transaction with its parties. */
export async function growTransaction(chain: string, txid: string, signal: AbortSignal): Promise<Grown> {
  const path = pathOf("/v1/tx/{txid}", { txid }, { chain });
  return { batch: ofTransaction(chain, await ask<TxWire>(path, signal), path), isCut: false, remarks: [] };
}

interface LabelWire {
  readonly label?: string;
  readonly category?: string;
}

interface EntityWire {
  readonly entity: string;
  readonly labels?: readonly LabelWire[];
}

/** Entities of addresses, a few at a time. Those that the service does not know are left out. */
export async function askEntities(
  nodes: readonly GraphNode[],
  signal: AbortSignal,
  onDone: (count: number) => void,
): Promise<EntityKnown[]> {
  const out: EntityKnown[] = [];
  const todo = [...nodes];
  let done = 0;
  const work = async () => {
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      try {
        const answer = await ask<EntityWire>(
          pathOf("/v1/entity/{address}", { address: node.value }, { chain: node.chain }),
          signal,
        );
        const label = answer.labels?.[0];
        out.push({
          address: node.value,
          entity: answer.entity,
          label: label?.label ?? null,
          category: label?.category ?? null,
        });
      } catch (error) {
        if (signal.aborted) throw error;
      }
      done += 1;
      onDone(done);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return out;
}

/** A thing to begin with, before anything is known of it. */
export function seed(chain: string, value: string): GraphNode {
  if (value.startsWith("entity:")) return newNode("entity", chain, value.slice(7));
  return newNode(/^(0x)?[0-9a-f]{64}$/i.test(value) ? "transaction" : "address", chain, value);
}
