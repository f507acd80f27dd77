// The queue of alerts: moved through with keys, closed with a reason and by two people, and never running what stands in the data.
import { expect, test, type Page } from "@playwright/test";
import { open } from "./desk";
import { answers, looks, problem, sent } from "./looks";

const HOSTILE = `<img src=x onerror="document.title='run'">`;

function alert(id: number, more: Record<string, unknown> = {}) {
  return {
    id,
    watch: 1,
    watchlist: "cases",
    kind: "category",
    value: "terrorist_financing",
    pattern: null,
    chain: "bitcoin",
    subject: "2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu",
    txid: "57e9ccfe68bf819a1bc797bcd224f78d3e68493392ecb6edf7c9c5ec7058b72b",
    stage: "mempool",
    block_height: null,
    block_hash: null,
    direction: "received",
    asset: "BTC",
    units: "17207882",
    usd_cents: 59006,
    severity: "severe",
    state: "open",
    reason: null,
    assignee: null,
    pending: null,
    snapshot: "aa".repeat(32),
    evidence: {
      received_sat: 17207882,
      sides: [
        {
          side: "output",
          address: "2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu",
          output: `${"57".repeat(32)}:1`,
          value_sat: 17207882,
          via: "address",
          named: HOSTILE,
        },
      ],
      sides_total: 1,
      unknown_inputs: 2,
    },
    raised_at: 1_700_000_000 + id,
    changed_at: 1_700_000_000 + id,
    version: 3,
    ...more,
  };
}

// As the service gives it: most severe first.
const QUEUE = [
  alert(2),
  alert(3, { watchlist: HOSTILE, stage: "block", block_height: 812 }),
  alert(1, { severity: "high" }),
];

async function queue(page: Page) {
  await answers(page, /\/v1\/alerts\?(?=.*order=work)/, { rows: QUEUE, next: null });
  await answers(page, /\/v1\/alerts\/figures$/, {
    alerts: [
      { state: "open", severity: "severe", stage: "mempool", count: 2 },
      { state: "open", severity: "high", stage: "mempool", count: 1 },
    ],
    oldest_open_at: 1_700_000_001,
    pending: 0,
    watches: 4,
    suppressions: 0,
    queues: [],
  });
  for (const each of QUEUE) {
    await answers(page, new RegExp(`/v1/alerts/${each.id}$`), each);
    await answers(page, new RegExp(`/v1/alerts/${each.id}/history`), {
      rows: [
        {
          id: 1,
          alert: each.id,
          at: 1_700_000_000,
          actor: "athar",
          action: "raised",
          from: "",
          to: "open",
          reason: "",
          version: 1,
        },
      ],
      next: null,
    });
  }
}

looks("/alerts", queue);
looks("/alerts/2", queue);

test("keys move through the queue, most severe first, and say why", async ({ page }) => {
  await queue(page);
  await open(page, "/alerts");
  const rows = page.locator(".alert-queue tbody tr");
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(0)).toContainText("#2");
  await expect(rows.nth(2)).toContainText("#1");
  await rows.nth(0).getByRole("link", { name: "Alert 2" }).focus();
  await page.keyboard.press("j");
  await expect(rows.nth(1)).toHaveAttribute("aria-current", "true");
  await expect(rows.nth(1).getByRole("link", { name: "Alert 3" })).toBeFocused();
  await expect(page.getByRole("complementary").filter({ hasText: "Alert 3" })).toContainText("in a block");
  await page.keyboard.press("k");
  await expect(page.locator(".alert-preview")).toContainText("It may be replaced, or never be confirmed");
  await page.keyboard.press("Shift+?");
  await expect(page.getByRole("dialog")).toContainText("Keys of the queue");
  await page.keyboard.press("Escape");
  await rows.nth(0).getByRole("link", { name: "Alert 2" }).focus();
  await page.keyboard.press("o");
  await expect(page).toHaveURL(/\/alerts\/2$/);
});

test("closing a severe alert needs outcome, reason and a second person", async ({ page }) => {
  await queue(page);
  await answers(page, /\/v1\/alerts\/2\/close$/, { alert: QUEUE[0], added: [], needs_second_person: true });
  await open(page, "/alerts/2");
  await page.getByRole("button", { name: "Close", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("closed by two people");
  await dialog.getByRole("button", { name: "Do it" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Say why");
  await dialog.getByLabel("Reason").fill("our own wallet");
  await dialog.getByLabel(/False positive/).check();
  const body = sent(page, "POST", /\/close$/);
  await dialog.getByRole("button", { name: "Do it" }).click();
  expect(await body).toMatchObject({ version: 3, outcome: "closed_false_positive", reason: "our own wallet" });
  await expect(page.getByRole("status")).toContainText("Somebody else must confirm");
});

test("a change of somebody else is told and nothing is overwritten", async ({ page }) => {
  await queue(page);
  await answers(page, /\/v1\/alerts\/2\/review$/, problem(409, "version_conflict", "it has version 4, not 3"), 409);
  await open(page, "/alerts/2");
  await page.getByRole("button", { name: "Review" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Do it" }).click();
  await expect(page.getByRole("dialog")).toContainText("Somebody else changed this alert meanwhile");
});

test("what stands in the data is text", async ({ page }) => {
  await queue(page);
  await open(page, "/alerts");
  await expect(page.locator(".alert-queue")).toContainText(HOSTILE);
  await expect(page.locator("main img")).toHaveCount(0);
  await expect(page).toHaveTitle(/Alerts/);
});

test("a failing service is told in words", async ({ page }) => {
  await answers(page, /\/v1\/alerts\?/, problem(500, "internal", "the desk's database is damaged"), 500);
  await open(page, "/alerts");
  await expect(page.locator(".trouble")).toContainText("the desk's database is damaged");
});
