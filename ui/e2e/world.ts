// What the demo world has: asked of the server, since its addresses are made from a seed.
import type { APIRequestContext } from "@playwright/test";

interface Label {
  label: string;
  subject: string;
  category: string;
}

/** The address of the appeal for donations of the demo world's first campaign. */
export async function appeal(request: APIRequestContext): Promise<string> {
  const labels = await labelsOf(request);
  const found =
    labels.find((one) => /campaign-1\b/.test(one.label)) ??
    labels.find((one) => one.category === "terrorist_financing");
  if (!found) throw new Error("the world has no campaign");
  return found.subject;
}

/** An address of a charity. */
export async function charity(request: APIRequestContext): Promise<string> {
  const found = (await labelsOf(request)).find((one) => one.category === "humanitarian_organisation");
  if (!found) throw new Error("the world has no charity");
  return found.subject;
}

async function labelsOf(request: APIRequestContext): Promise<Label[]> {
  const answer = await request.get("/v1/labels?limit=500");
  return ((await answer.json()) as { labels: Label[] }).labels;
}

/** A transaction that pays an address. */
export async function payment(request: APIRequestContext, address: string): Promise<string> {
  const answer = await request.get(`/v1/address/${address}?limit=1`);
  const { outputs } = (await answer.json()) as { outputs: { txid: string }[] };
  if (!outputs[0]) throw new Error("nothing was paid to it");
  return outputs[0].txid;
}
