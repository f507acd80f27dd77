// Typologies: rules with their sources and measured rates, hits with their proof, and that a pattern is never a finding about a person.
import { expect, test } from "@playwright/test";
import { open, settled } from "./desk";
import { looks } from "./looks";

looks("/patterns");

test("a rule shows its sources and rates, and what was not measured says so", async ({ page }) => {
  await open(page, "/patterns");
  await settled(page);
  await expect(page.locator("main")).toContainText("never a finding about a person");
  const catalogue = page.getByRole("table", { name: /measured error rates/ });
  await expect(catalogue.getByRole("row").filter({ hasText: "listed-owner" })).toContainText(/\d+ of \d+/);
  await expect(catalogue.getByRole("row").filter({ hasText: "indirect-exposure" })).toContainText("not measured");
  await catalogue.getByRole("button", { name: "Address on an official list", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("FATF");
  await expect(dialog).toContainText("In simulated worlds");
});

test("a hit has its proof", async ({ page }) => {
  await open(page, "/patterns?pattern=listed-owner");
  await settled(page);
  const hits = page.getByRole("table", { name: "Hits of the last kept run" });
  await hits.getByRole("button", { name: /^Why/ }).first().click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("What was measured, with the limits of the rule");
  await expect(dialog).toContainText("How often such a statement is wrong");
});
