// Campaigns: the map and its table say the same, and the page of one keeps what only reports it apart. Run on the demo world's own campaign.
import { expect, test } from "@playwright/test";
import { open, settled } from "./desk";
import { looks } from "./looks";

looks("/campaigns");

test("the map has the campaign, and the table says the same", async ({ page, request }) => {
  const { campaigns } = (await (await request.get("/v1/campaigns")).json()) as {
    campaigns: { id: string; units: number }[];
  };
  const first = campaigns[0];
  if (!first) throw new Error("the world has no campaign");
  const whole = (await (await request.get(`/v1/campaigns/${first.id}`)).json()) as {
    received: { usd: number; by_month: unknown[] };
  };
  await open(page, "/campaigns");
  await settled(page);
  await expect(page.locator(".campaign-lane").first().getByRole("link", { name: first.id })).toBeVisible();
  await expect(page.locator(".campaign-lane").first().locator("rect.campaign-bar")).toHaveCount(
    whole.received.by_month.length,
  );
  const row = page.getByRole("row").filter({ hasText: first.id });
  await expect(row).toContainText(whole.received.usd.toLocaleString("en-US", { minimumFractionDigits: 2 }));
});

for (const language of ["en", "ar"] as const) {
  test(`the page of a campaign in ${language}: first donation, months, why it is one, and what only reports apart`, async ({
    page,
    request,
  }) => {
    const { campaigns } = (await (await request.get("/v1/campaigns")).json()) as { campaigns: { id: string }[] };
    await open(page, `/campaigns/${campaigns[0]?.id ?? ""}`, { language });
    await settled(page);
    const main = page.locator("main");
    await expect(main).toContainText(language === "en" ? "First donation" : "أول تبرع");
    await expect(main).toContainText(language === "en" ? "Only reported in" : "ما نقل الخبر فقط");
    await expect(
      main
        .getByRole("table", { name: language === "en" ? /Received by month/ : /ما استُلم بالشهر/ })
        .locator("tbody tr")
        .first(),
    ).toBeVisible();
    await main.getByRole("button", { name: language === "en" ? /^Why: First donation/ : /أول تبرع/ }).click();
    await expect(page.getByRole("dialog")).toContainText("/v1/campaigns/");
    await page.keyboard.press("Escape");
    const { axe } = await import("./desk");
    await axe(page);
  });
}
