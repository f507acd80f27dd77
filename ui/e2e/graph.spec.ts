// The graph as it is used: grown, taken back, grouped, kept and handed out, by mouse and by keyboard alone, in both languages, and with
// labels that would run if anything ran them. The service is answered for here, so that every amount is known.
import { readFile } from "node:fs/promises";
import { expect, test, type Page, type Route } from "@playwright/test";
import { axe, fitsPaper, listen, open } from "./desk";

const START = "2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu";
const HOSTILE = `<img src=x onerror="window.__ran=1"><script>window.__ran=1</script>`;

const session = {
  mode: "local",
  user: { id: 1, name: "local", display: "Local", role: "admin", language: null },
  scopes: ["read", "screen", "write", "admin", "case_read", "case_write", "supervise"],
  csrf: "token",
  login: { password: false, oidc: null },
  expires_s: null,
  version: "0.1.0",
  chains: ["bitcoin"],
  demo: null,
};
const party = (entity: string, side: string, units: string, label: string | null, time = "2018-03-01T00:00:00Z") => ({
  entity,
  address: entity,
  side,
  label,
  category: label === null ? null : "exchange",
  severity: label === null ? null : "none",
  service: label !== null,
  amount_units: units,
  usd: 10,
  share: 0.5,
  txs: 1,
  first_time: time,
  last_time: time,
  sample_txids: ["ab".repeat(32)],
  addresses: 1,
});

/** Answers for the service; what was saved to the case is kept in `kept`. */
async function service(
  page: Page,
): Promise<{ saves: { version: number; name: string }[]; conflict: boolean; down: boolean }> {
  const kept = { saves: [] as { version: number; name: string }[], conflict: false, down: false };
  let version = 1;
  let document: unknown = null;
  const json = (route: Route, body: unknown, status = 200) =>
    route.fulfill({ status, contentType: "application/json", body: JSON.stringify(body) });
  await page.route("**/v1/**", (route) => {
    const url = new URL(route.request().url());
    const path = url.pathname;
    if (path === "/v1/session") return json(route, session);
    if (path.startsWith("/v1/counterparties/")) {
      const parties = path.endsWith(START)
        ? [
            party("1Payer", "received", "123456789", null),
            party("1Exchange", "sent", "8395397", HOSTILE, "2019-06-01T00:00:00Z"),
            party("1Next", "sent", "5", null, "2020-01-01T00:00:00Z"),
          ]
        : [party("1Further", "sent", "77", "Second Exchange")];
      return json(route, {
        subject: START,
        of: "address",
        chain: "bitcoin",
        parties,
        truncated: false,
        examined: { bound: null },
        snapshot: "feed",
      });
    }
    if (path === "/v1/graph/links") return json(route, { links: [], truncated: false, snapshot: "feed" });
    if (path === "/v1/cases")
      return json(route, {
        cases: [{ id: 7, version: 1, title: "Invented case", state: "open", role: "owner" }],
        next: null,
      });
    if (path === "/v1/cases/7/graphs" && route.request().method() === "POST") {
      const asked = route.request().postDataJSON() as { name: string; document: unknown };
      document = asked;
      return json(route, { id: 3, version, body: asked }, 201);
    }
    if (path === "/v1/cases/7/graphs/3") {
      if (kept.down) return route.abort();
      if (route.request().method() === "GET") return json(route, { id: 3, version, body: document });
      const asked = route.request().postDataJSON() as { version: number; body: { name: string } };
      if (kept.conflict) {
        kept.conflict = false;
        version += 1;
        return json(
          route,
          {
            type: "/problems/version_conflict",
            code: "version_conflict",
            title: "changed",
            status: 409,
            current: { id: 3, version, body: document },
          },
          409,
        );
      }
      version += 1;
      document = asked.body;
      kept.saves.push({ version: asked.version, name: asked.body.name });
      return json(route, { id: 3, version, body: asked.body });
    }
    return json(route, { type: "/problems/not_found", code: "not_found", title: "not here", status: 404 }, 404);
  });
  return kept;
}

const board = (page: Page) => page.getByRole("application");
const card = (page: Page, id: string) => page.locator(`[data-node="${id}"]`);

for (const language of ["en", "ar"] as const) {
  for (const theme of ["light", "dark"] as const) {
    test(`the graph is readable by everybody, ${language} ${theme}`, async ({ page }) => {
      await service(page);
      const said = listen(page);
      await open(page, `/graph?chain=bitcoin&add=${START}`, { language, theme });
      await expect(card(page, `a:bitcoin:${START}`)).toBeVisible();
      await board(page).focus();
      await page.keyboard.press("+");
      await expect(page.locator(".graph-card")).toHaveCount(4);
      await axe(page);
      // Money flows in reading direction: the payer is before the start, whatever side that is.
      const x = async (id: string) => (await card(page, id).boundingBox())?.x ?? 0;
      const isBefore = (await x("e:bitcoin:1Payer")) < (await x(`a:bitcoin:${START}`));
      expect(isBefore).toBe(language === "en");
      await page.screenshot({ path: `e2e/shots/graph-${language}-${theme}.png` });
      for (const tab of await page.locator(".graph-tabs button").all()) {
        await tab.click();
        await axe(page);
      }
      await page.getByRole("button", { name: language === "en" ? "Table" : "جدول", exact: true }).click();
      await expect(page.getByRole("table")).toHaveCount(2);
      await axe(page);
      if (theme === "light") await fitsPaper(page);
      await page.screenshot({ path: `e2e/shots/graph-table-${language}-${theme}.png` });
      expect(said.filter((line) => !line.includes("404"))).toEqual([]);
    });
  }
}

test("the keyboard alone grows, walks, groups, opens, pins, notes, takes back and does again", async ({ page }) => {
  await service(page);
  await open(page, `/graph?chain=bitcoin&add=${START}`);
  await expect(card(page, `a:bitcoin:${START}`)).toBeVisible();
  await board(page).focus();
  const said = page.locator(".graph-said");
  await page.keyboard.press("+");
  await expect(said).toContainText("Added");
  await expect(page.locator(".graph-card")).toHaveCount(4);
  await page.keyboard.press("ArrowRight");
  await expect(said).toContainText("<img src=x");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(said).toContainText("1Payer");
  await page.keyboard.press("e");
  await expect(said).toContainText("1.23456789");
  await expect(page.locator(".graph-side")).toContainText("1.23456789");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("g");
  await expect(page.locator(".graph-card")).toHaveCount(1);
  await page.keyboard.press("o");
  // Only what is in sight is in the page.
  await page.keyboard.press("f");
  await expect(page.locator(".graph-card")).toHaveCount(4);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("p");
  await expect(said).toContainText("Pinned");
  await page.keyboard.press("Delete");
  await expect(page.locator(".graph-card")).toHaveCount(3);
  await page.keyboard.press("Control+z");
  await expect(page.locator(".graph-card")).toHaveCount(4);
  await page.keyboard.press("Control+y");
  await expect(page.locator(".graph-card")).toHaveCount(3);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText("Keys of the graph");
  await page.keyboard.press("Escape");
  await expect(board(page)).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("m");
  await expect(page.getByRole("menuitem").first()).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(board(page)).toBeFocused();
});

test("a hostile label is text in picture, table, panel and files", async ({ page }) => {
  await service(page);
  await open(page, `/graph?chain=bitcoin&add=${START}`);
  await expect(card(page, `a:bitcoin:${START}`)).toBeVisible();
  await board(page).focus();
  await page.keyboard.press("+");
  await expect(card(page, "e:bitcoin:1Exchange")).toContainText("<img src=x");
  await card(page, "e:bitcoin:1Exchange").click();
  await expect(page.locator(".graph-side")).toContainText("<script>");
  await page.getByRole("textbox", { name: "Note" }).fill(`=1+1 ${HOSTILE}`);
  await page.getByRole("textbox", { name: "Name of the graph" }).fill(HOSTILE);
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await expect(page.getByRole("table").first()).toContainText("<img src=x");
  const take = async (kind: string) => {
    const waiting = page.waitForEvent("download");
    await page.locator(".graph-file").selectOption(kind);
    return readFile(await (await waiting).path(), kind === "png" ? "latin1" : "utf8");
  };
  const svg = await take("svg");
  expect(svg).not.toContain("<img");
  expect(svg).not.toContain("<script");
  expect(svg).toContain("&lt;img src=x");
  expect(await take("graphml")).not.toContain("<script");
  expect(await take("nodes")).toContain(`"'=1+1`);
  expect(await take("edges")).toContain("123456789");
  expect((await take("png")).slice(1, 4)).toBe("PNG");
  const json = await take("json");
  // Its own file opens again, and the opening can be taken back.
  await page.getByRole("button", { name: "Picture", exact: true }).click();
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "g.json", mimeType: "application/json", buffer: Buffer.from(json) });
  await expect(page.locator(".graph-said")).toContainText("Added");
  await page.locator("input[type=file]").setInputFiles({
    name: "bad.json",
    mimeType: "application/json",
    buffer: Buffer.from(json.replace('"version":1', '"version":9')),
  });
  await expect(page.getByRole("alert")).toContainText("newer version");
  await expect(page.locator(".graph-card")).toHaveCount(4);
  expect(await page.evaluate(() => (window as unknown as { __ran?: number }).__ran)).toBeUndefined();
  expect(await page.locator(".graph-page img, .graph-page script").count()).toBe(0);
});

test("the time window and the filters hide and say so, and the table shows the same", async ({ page }) => {
  await service(page);
  await open(page, `/graph?chain=bitcoin&add=${START}`);
  await expect(card(page, `a:bitcoin:${START}`)).toBeVisible();
  await board(page).focus();
  await page.keyboard.press("+");
  await expect(page.locator(".graph-line")).toHaveCount(3);
  const from = page.getByRole("slider").first();
  await from.focus();
  await page.keyboard.press("PageUp");
  await expect(page.locator(".graph-line")).toHaveCount(2);
  await page.getByRole("button", { name: "All time" }).click();
  await expect(page.locator(".graph-line")).toHaveCount(3);
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByLabel("At least (BTC)").fill("0.01");
  await expect(page.locator(".graph-line")).toHaveCount(2);
  await expect(page.getByText("Hidden by filters and time")).toContainText("1 movements");
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await expect(page.getByRole("table").nth(1).getByRole("row")).toHaveCount(3);
});

test("a graph without a case is kept in the browser, goes to a case, and saves itself there", async ({ page }) => {
  const kept = await service(page);
  await open(page, `/graph?chain=bitcoin&add=${START}`);
  await expect(card(page, `a:bitcoin:${START}`)).toBeVisible();
  await board(page).focus();
  await page.keyboard.press("+");
  await expect(page.locator(".graph-card")).toHaveCount(4);
  await page.waitForTimeout(1_600);
  await page.reload();
  await expect(page.locator(".graph-card")).toHaveCount(4);
  await page.getByRole("button", { name: "Save to a case" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("Where it went");
  await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).toHaveURL(/\/graph\/7\/3$/);
  await expect(page.locator(".graph-card")).toHaveCount(4);
  await expect(page.locator(".graph-save")).toContainText("Saved to the case");
  await card(page, "e:bitcoin:1Next").click();
  await board(page).focus();
  await page.keyboard.press("Delete");
  await expect.poll(() => kept.saves.length, { timeout: 10_000 }).toBe(1);
  await expect(page.locator(".graph-save")).toContainText("Saved to the case");
  // Another saves meanwhile: nothing is overwritten without asking.
  kept.conflict = true;
  await page.keyboard.press("Control+z");
  await expect(page.getByRole("alert")).toContainText("Somebody else has saved", { timeout: 10_000 });
  expect(kept.saves.length).toBe(1);
  await page.getByRole("button", { name: /Keep mine/ }).click();
  await expect.poll(() => kept.saves.length).toBe(2);
  await expect(page.locator(".graph-save")).toContainText("Saved to the case");
  // The service goes away: what was done is kept here and said, and is there after the page is opened again.
  kept.down = true;
  await board(page).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("g");
  await expect(page.locator(".graph-save")).toContainText("kept in this browser", { timeout: 10_000 });
  await page.reload();
  await expect(page.locator(".graph-card")).toHaveCount(1);
  kept.down = false;
  await page.getByRole("button", { name: "Try again now" }).click();
  await expect(page.locator(".graph-save")).toContainText("Saved to the case", { timeout: 10_000 });
});
