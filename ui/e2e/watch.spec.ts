// Watchlists: a watch is checked before it is sent, dollars go as whole cents, and removing asks first.
import { expect, test, type Page } from "@playwright/test";
import { open } from "./desk";
import { answers, looks, problem, sent } from "./looks";

async function lists(page: Page) {
  await answers(page, /\/v1\/watchlists$/, {
    watchlists: [{ id: 1, name: "cases", note: "", watches: 1, added_at: 1_700_000_000, added_by: "salma" }],
  });
  await answers(page, /\/v1\/watchlists\/cases\/watches/, {
    rows: [
      {
        id: 7,
        watchlist: "cases",
        kind: "category",
        value: "terrorist_financing",
        chain: null,
        direction: "received",
        asset: null,
        at_least_units: null,
        at_least_usd_cents: 100_050,
        severity: "severe",
        note: "",
        added_at: 1_700_000_000,
      },
    ],
    next: null,
  });
}

looks("/watchlists", lists);

test("a watch says what is lacking at its field and sends whole cents", async ({ page }) => {
  await lists(page);
  await open(page, "/watchlists");
  await expect(page.getByRole("cell", { name: /1,000\.50/ })).toBeVisible();
  await page.getByRole("button", { name: "Watch", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("This is needed");
  await page.getByLabel("Address", { exact: true }).fill("2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu");
  await page.getByLabel("Least amount, in dollars").fill("12.5");
  const body = sent(page, "POST", /\/watches$/);
  await page.getByRole("button", { name: "Watch", exact: true }).click();
  expect(await body).toEqual({
    watches: [
      {
        kind: "address",
        direction: "any",
        severity: "high",
        value: "2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu",
        at_least_usd_cents: 1250,
      },
    ],
  });
});

test("an import that is refused names its line", async ({ page }) => {
  await lists(page);
  await page.route(/\/v1\/watchlists\/cases\/watches/, (route) =>
    route.request().method() === "POST"
      ? route.fulfill({
          status: 422,
          contentType: "application/problem+json",
          body: JSON.stringify(problem(422, "field_invalid", "line 2: checksum does not match")),
        })
      : route.fallback(),
  );
  await open(page, "/watchlists");
  await page.getByLabel("Or paste lines").fill("1abc\n1abd");
  await page.getByRole("button", { name: "Watch for all of them" }).click();
  await expect(page.locator(".trouble")).toContainText("line 2: checksum does not match");
});

test("removing asks first", async ({ page }) => {
  await lists(page);
  await open(page, "/watchlists");
  await page.getByRole("button", { name: "Remove watch 7" }).click();
  await expect(page.getByRole("dialog")).toContainText("The alerts that it raised stay");
});
