// Records: a search goes in a body, persons stay pseudonyms, known circumstances stand beside the answer, and deletion asks for a reason.
import { expect, test, type Page } from "@playwright/test";
import { open, settled } from "./desk";
import { answers, looks, sent } from "./looks";

const record = {
  id: 5,
  import: 1,
  line: 6,
  kind: "coupon_sale",
  time: "2020-09-01T10:00:00Z",
  amount: { minor: "15000", decimals: 2, currency: "EUR" },
  serial: { pseudonym: "p-a3e5b303a69fce37f969b3bebbf9df3f" },
  place: "Dijon",
};
const note = {
  id: 1,
  subject: "p-1",
  text: "Buys food for a camp",
  source: "NGO",
  time: 1_600_000_000,
  recorded: 1_600_000_000,
  operator: "salma",
};

async function records(page: Page) {
  await answers(page, /\/v1\/records\?/, {
    records: [record],
    unreadable: [],
    context: [],
    next: null,
    snapshot: "aa",
  });
  await answers(page, /\/v1\/records\/search$/, {
    records: [record],
    unreadable: [],
    context: [note],
    next: null,
    snapshot: "aa",
  });
  await answers(page, /\/v1\/records\/stats$/, {
    imports: 1,
    journal: 1,
    journal_wrong: [],
    notes: 1,
    open: 0,
    records: { coupon_sale: 1 },
    retention_days: { coupon_sale: 365 },
    version: "v",
  });
  await answers(page, /\/v1\/records\/notes$/, { notes: [note] });
  await answers(page, /\/v1\/records\/imports/, { imports: [], next: null });
  await answers(page, /\/v1\/records\/linked/, {
    beneficiaries: [],
    collectors: [],
    redemptions: 0,
    matched: 0,
    unreadable: 0,
    is_on_chain: true,
    snapshot: "aa",
  });
}

looks("/records", records);

test("somebody is looked for in a body, stays a pseudonym, and circumstances are shown", async ({ page }) => {
  await records(page);
  await open(page, "/records");
  await settled(page);
  await page.getByLabel("Value, pseudonym or address").fill("+33 6 39 98 00 01");
  const body = sent(page, "POST", /\/v1\/records\/search$/);
  await page.getByRole("button", { name: "Look", exact: true }).click();
  expect(await body).toEqual({ subject: "+33 6 39 98 00 01" });
  // not in the port, which is any number
  expect(new URL(page.url()).pathname + new URL(page.url()).search).not.toContain("39");
  await expect(page.locator(".notice")).toContainText("Buys food for a camp");
  await expect(page.getByRole("table", { name: "Records that name it" })).toContainText("150.00 EUR");
  await expect(page.getByRole("table", { name: "Records that name it" })).toContainText("p-a3e5b303");
});

test("deleting for good asks for a reason", async ({ page }) => {
  await records(page);
  await answers(page, /\/v1\/records\/forget$/, { deleted: 3 });
  await open(page, "/records");
  await settled(page);
  await page.getByLabel("Value, pseudonym or address").fill("p-1");
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await page.getByRole("button", { name: "Delete everything that names it" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("This cannot be undone");
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  await expect(dialog.getByRole("alert")).toContainText("This is needed");
  await dialog.getByLabel("Reason").fill("erasure asked for");
  const body = sent(page, "POST", /\/forget$/);
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  expect(await body).toEqual({ subject: "p-1", reason: "erasure asked for" });
  await expect(page.locator(".told")).toContainText("Deleted for good");
});
