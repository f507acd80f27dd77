// Looking for links: what addresses and entities on the table sent each other is found too, and nothing new is put on the table.
import { expect, test, vi } from "vitest";
import type * as Client from "../api/client";
import { callRaw } from "../api/client";
import { newNode } from "./document";
import { growLinks } from "./grow";

vi.mock("../api/client", async (original) => ({
  ...(await original<typeof Client>()),
  callRaw: vi.fn(),
}));

const party = (entity: string) => ({
  entity,
  address: entity,
  side: "sent",
  label: null,
  category: null,
  severity: null,
  service: false,
  amount_units: "700",
  usd: null,
  txs: 1,
  first_time: "2020-01-01T00:00:00Z",
  last_time: "2020-01-02T00:00:00Z",
  sample_txids: [],
  addresses: 1,
});

test("an address and an entity that are both there are linked; other parties are left out", async () => {
  vi.mocked(callRaw).mockImplementation(() =>
    Promise.resolve(
      new Response(JSON.stringify({ parties: [party("1Here"), party("1Elsewhere")], truncated: false, snapshot: "s" })),
    ),
  );
  const nodes = [newNode("address", "bitcoin", "1From"), newNode("entity", "bitcoin", "1Here")];
  const grown = await growLinks(nodes, new AbortController().signal);
  expect(grown.batch.nodes).toEqual([]);
  expect(grown.batch.edges.map((edge) => [edge.from, edge.to, edge.units])).toEqual([
    ["a:bitcoin:1From", "e:bitcoin:1Here", "700"],
  ]);
  expect(grown.isCut).toBe(false);
});

test("a question that fails is said as an answer cut short, and the others stand", async () => {
  vi.mocked(callRaw).mockImplementation((_method, path) =>
    path.includes("1Bad")
      ? Promise.reject(new Error("down"))
      : Promise.resolve(new Response(JSON.stringify({ parties: [party("1Here")], truncated: false, snapshot: "s" }))),
  );
  const links = await growLinks(
    [newNode("address", "bitcoin", "1Bad"), newNode("entity", "bitcoin", "1Here")],
    new AbortController().signal,
  );
  expect(links.batch.edges).toEqual([]);
  expect(links.isCut).toBe(true);
});
