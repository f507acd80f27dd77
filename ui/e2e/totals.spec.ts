// Totals: every figure with the range that is left where a label falls, both sets, and in words what no figure can know.
import { expect, test } from "@playwright/test";
import { open, settled } from "./desk";
import { looks } from "./looks";

looks("/totals");

test("figures say what they rest on and what they cannot know", async ({ page, request }) => {
  const totals = (await (await request.get("/v1/totals?category=terrorist_financing&by=month")).json()) as {
    labelled: { total: { received: { usd: number } }; rows: unknown[] };
  };
  await open(page, "/totals");
  await settled(page);
  const main = page.locator("main");
  await expect(main).toContainText("Addresses that nobody has labelled are in no figure");
  await expect(main).toContainText(
    totals.labelled.total.received.usd.toLocaleString("en-US", { minimumFractionDigits: 2 }),
  );
  await expect(main).toContainText("where any one label falls");
  await expect(page.getByRole("table", { name: /Figures by/ }).locator("tbody tr")).toHaveCount(
    totals.labelled.rows.length,
  );
  await page.getByRole("button", { name: "With their entities" }).click();
  await expect(main).toContainText("how much the heuristics add");
});

test("a category without labels is not called clean", async ({ page }) => {
  await open(page, "/totals?category=ransomware");
  await settled(page);
  await expect(page.locator(".empty")).toContainText("never “nothing was paid”");
});
