// Labels: found with their source and line, decided about with a reason, and shown as they were known on a day.
import { expect, test, type Page } from "@playwright/test";
import { open } from "./desk";
import { answers, looks, sent } from "./looks";

const label = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  subject: "2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu",
  kind: "address",
  chain: "bitcoin",
  label: "Appeal one",
  category: "donation_campaign",
  basis: "third_party_claim",
  source: "A study",
  confidence: 80,
  actor: null,
  country: null,
  valid_from: null,
  valid_to: null,
  pack: "labels.csv",
  line: 12,
  license: null,
  context: null,
  alleged: true,
  known_from: "2026-01-01",
  known_to: null,
  disputed: null,
  retracted: null,
  corrected: [],
  quarantine: null,
  note: null,
  ...more,
});

async function labels(page: Page) {
  await answers(page, /\/v1\/labels\?/, {
    labels: [label("l1"), label("l2", { label: "Exchange two", disputed: "not ours" })],
    total: 2,
    offset: 0,
    truncated: false,
    snapshot: "aa".repeat(32),
  });
}

looks("/labels", labels);
looks("/labels?tab=taxonomy");
looks("/labels?tab=conflicts");

test("a label is disputed with a reason", async ({ page }) => {
  await labels(page);
  await answers(page, /\/v1\/labels\/decisions$/, { action: "dispute", report: null, decision: {} }, 201);
  await open(page, "/labels");
  await expect(page.getByRole("row").filter({ hasText: "Appeal one" })).toContainText("labels.csv");
  await page.getByRole("button", { name: "Details: Appeal one" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Dispute" }).click();
  const dialog = page.getByRole("dialog", { name: "Dispute this label" });
  await dialog.getByRole("button", { name: "Record the decision" }).click();
  await expect(dialog.getByRole("alert")).toContainText("This is needed");
  await dialog.getByLabel("Reason").fill("a letter of the owner");
  const body = sent(page, "POST", /decisions$/);
  await dialog.getByRole("button", { name: "Record the decision" }).click();
  expect(await body).toEqual({ action: "dispute", label: "l1", reason: "a letter of the owner" });
  await expect(page.locator(".told")).toContainText("Recorded");
});

test("words find labels among those that were loaded, and no label is not clean", async ({ page }) => {
  await labels(page);
  await open(page, "/labels?words=exchange");
  await expect(page.getByRole("row").filter({ hasText: "Exchange two" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Appeal one" })).toHaveCount(0);
  await open(page, "/labels?words=nothing-of-that");
  await expect(page.locator(".empty")).toContainText("what is not known is not clean");
});
