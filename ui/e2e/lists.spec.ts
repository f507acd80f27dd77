// Official lists: versions, what changed between two, an entry, and whether it was listed on a day.
import { expect, test, type Page } from "@playwright/test";
import { open } from "./desk";
import { answers, looks } from "./looks";

const version = (hash: string, asOf: string, newest: boolean) => ({
  newest,
  version: hash.repeat(32),
  list: "un-sc",
  title: "Consolidated List",
  format: "un_xml",
  as_of: asOf,
  source_hash: hash.repeat(32),
  source_bytes: 10,
  encoding: "UTF-8",
  entries: 2,
  defects: 0,
  file: `${asOf}.xml`,
  known_from: "2026-03-01",
});

async function lists(page: Page) {
  const old = version("aa", "2020-11-30", false);
  const now = version("bb", "2026-02-27", true);
  await answers(page, /\/v1\/lists$/, { versions: [old, now], snapshot: "00" });
  await answers(page, /\/v1\/lists\/diff/, {
    old,
    new: now,
    entries_compared: true,
    added: [{ id: "A.1", kind: "person", name: "<script>alert(1)</script>", line: 3 }],
    removed: [],
    changed: [{ id: "B.2", name: "B", fields: [{ field: "remarks", old: ["before"], new: ["after"] }] }],
    unchanged: 7,
    wallets_added: [],
    wallets_removed: [],
    wallets_unchanged: 0,
    snapshot: "cc".repeat(32),
  });
  await answers(page, /\/v1\/lists\/un-sc\/entries\/B\.2$/, {
    version: now,
    entry: {
      id: "B.2",
      kind: "person",
      line: 9,
      listed_on: "2001-10-06",
      names: [{ text: "ب", kind: "original_script", quality: "unstated" }],
      programs: ["P"],
    },
    snapshot: "dd".repeat(32),
  });
  await answers(page, /\/on\/2024-01-01$/, {
    list: "un-sc",
    id: "B.2",
    day: "2024-01-01",
    answer: "unknown",
    reason: "no version of that day",
    name: "B",
    evidence: [],
    snapshot: "ee".repeat(32),
  });
}

looks("/lists?list=un-sc&id=B.2", lists);

test("two versions are compared, and what was listed on a day may be unknown", async ({ page }) => {
  await lists(page);
  await open(page, "/lists?list=un-sc&id=B.2");
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByRole("table", { name: "Entries that were added" })).toContainText("<script>alert(1)</script>");
  await page.locator("summary", { hasText: "remarks" }).click();
  await expect(page.locator("ins")).toHaveText("after");
  await page.getByLabel("Day").fill("2024-01-01");
  await page.getByRole("button", { name: "Ask" }).click();
  await expect(page.locator("#entry")).toContainText("cannot be told from the versions");
});
