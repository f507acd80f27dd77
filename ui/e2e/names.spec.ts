// Name screening: a near match is a question and says so; many names are asked one by one, and what cannot be asked is told by its line.
import { expect, test, type Page } from "@playwright/test";
import { open } from "./desk";
import { answers, looks } from "./looks";

const why = {
  name_score: 0.818,
  bits: 19.2,
  parts: [{ query: "اسامه", listed: "usama", rule: "variant", likeness: 0.99, group: "usama" }],
  unmatched_query: [],
  unmatched_listed: ["network"],
  facts: { born: "different", country: "unknown", identifier: "unknown" },
  query_latin: "asama",
  odd: ["look_alikes"],
};

async function screening(page: Page) {
  await answers(page, /\/v1\/lists$/, { versions: [], snapshot: "00" });
  await page.route(/\/v1\/names\/screen/, (route) => {
    const name = new URL(route.request().url()).searchParams.get("name") ?? "";
    const hits = name.includes("أسامة")
      ? [
          {
            list: "un-sc",
            id: "QDe.004",
            matched_name: "Usama <b>Network</b>",
            weak_alias: true,
            score: 0.818,
            grade: "possible",
            why,
          },
        ]
      : [];
    return route.fulfill({
      contentType: "application/json",
      body: JSON.stringify({
        name,
        hits,
        threshold: 0.805,
        lists: [{ list: "un-sc", title: "UN", as_of: "2026-02-27", source_hash: "aa", entries: 3 }],
        snapshot: "bb".repeat(32),
      }),
    });
  });
}

looks(`/names?name=${encodeURIComponent("أسامة")}`, screening);

test("a hit has its reasons, what differs, and says that it is no accusation", async ({ page }) => {
  await screening(page);
  await open(page, "/names");
  await page.getByRole("button", { name: "Screen", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Write a name");
  await page.getByLabel("Name", { exact: true }).fill("أسامة");
  await page.getByRole("button", { name: "Screen", exact: true }).click();
  const hit = page.getByRole("article");
  await expect(hit).toContainText("Usama <b>Network</b>");
  await expect(hit).toContainText("possible: the name fits, which is all that a name can say");
  await expect(hit).toContainText("known variant");
  await expect(hit.locator(".agree-different")).toHaveText("different");
  await expect(hit).toContainText("letters of another script");
  await expect(page.locator("main")).toContainText("A near match is a question, not an answer");
  await expect(hit.getByRole("link", { name: /QDe.004/ })).toHaveAttribute("href", "/lists?list=un-sc&id=QDe.004");
});

test("no match does not say that somebody is not listed", async ({ page }) => {
  await screening(page);
  await open(page, "/names?name=Nobody");
  await expect(page.locator("main")).toContainText("That is no finding that somebody is not listed");
});

test("many names are asked one by one", async ({ page }) => {
  await screening(page);
  await open(page, "/names");
  await page.getByRole("button", { name: "Many names" }).click();
  await page.getByLabel(/Names, one a line/).fill("name,born\nأسامة,1957\n,1980\nKarim,1990\n");
  await expect(page.getByRole("table", { name: /Lines that are no question/ })).toContainText("no name in this line");
  await page.getByRole("button", { name: /Screen .*2.* names/ }).click();
  const table = page.getByRole("table", { name: /nearest of each/ });
  await expect(table.locator("tbody tr")).toHaveCount(2);
  await expect(table).toContainText("possible");
  await expect(table).toContainText("nothing near");
});
