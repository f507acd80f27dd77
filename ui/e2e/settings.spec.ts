// Settings: language, digits, theme, density and times take effect at once and are kept; what the store holds is told.
import { expect, test } from "@playwright/test";
import { open, settled } from "./desk";
import { looks } from "./looks";

looks("/settings");

test("settings take effect and are kept", async ({ page }) => {
  await open(page, "/settings");
  await settled(page);
  await page.getByLabel("Digits").selectOption("arab");
  await expect(page.locator("main")).toContainText("١٬٢٣٤٬٥٦٧");
  await page.getByLabel("Colours").selectOption("dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByLabel("Rows").selectOption("dense");
  await expect(page.locator("html")).toHaveAttribute("data-density", "dense");
  await page.getByLabel("Times").selectOption("local");
  await expect(page.locator("main")).toContainText(/[+−][٠-٩0-9]{2}:[٠-٩0-9]{2}/);
  await page.locator("main").getByLabel("Language").selectOption("ar");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  const kept = await page.evaluate(() => localStorage.getItem("athar.settings"));
  expect(JSON.parse(kept ?? "{}")).toMatchObject({
    digits: "arab",
    theme: "dark",
    density: "dense",
    zone: "local",
    language: "ar",
  });
});

test("the store tells its chains and how far they reach", async ({ page, request }) => {
  const { chains } = (await (await request.get("/v1/status")).json()) as {
    chains: { chain: string; tip_height: number }[];
  };
  await open(page, "/settings");
  await settled(page);
  await expect(page.getByRole("table", { name: "Chains of outputs" })).toContainText(
    chains[0]?.tip_height.toLocaleString("en-US") ?? "",
  );
});
