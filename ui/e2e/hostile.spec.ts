// Text that means harm, brought in through the application's own pages into a real store: labels that are scripts, cells
// that are formulas, a page of a site that was collected, notes and file names. All of it is text wherever it is shown and
// in every file that is handed out; nothing runs, and the content security policy has nothing to refuse.
import { cpSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, type Locator, type Page } from "@playwright/test";
import { listen, open, settled } from "./desk";
import { folder, PROGRAM, serve, type Running } from "./program";

/** Shown as it stands: markup, an address that is a script, signs that turn the direction, a formula. */
const IMG = `<img src=x onerror="window.wasRun=1">`;
const SCRIPT = `<script>window.wasRun=1</script>`;
const LINK = "javascript:window.wasRun=1";
const TURNED = "\u202Eevil\u202C\u2066left open";
const FORMULA = `=HYPERLINK("http://example.invalid","x")`;
const NAMES = [
  `${IMG} Exchange`,
  `${SCRIPT} Exchange`,
  `${LINK} Exchange`,
  `${TURNED} Exchange`,
  `${FORMULA} Exchange`,
];

test.describe.configure({ mode: "serial" });

let dir: ReturnType<typeof folder> | undefined;
let running: Running | undefined;
let url = "";
let address = "";
/** Addresses that the money reached, each of which bears one of the names. */
let reached: string[] = [];

test.beforeAll(async ({ request }) => {
  test.setTimeout(300_000);
  const from = process.env.ATHAR_DEMO_STORE;
  if (!PROGRAM || !from) return;
  dir = folder("hostile");
  const store = join(dir.path, "store");
  cpSync(from, store, { recursive: true });
  const started = await serve(PROGRAM, [
    "--store",
    store,
    "serve",
    "--no-keys",
    "--listen",
    "127.0.0.1:0",
    "--log",
    "error",
    "--no-deliver",
  ]);
  running = started.running;
  url = started.url;
  const told = (await (await request.get("/v1/session")).json()) as { demo: { address: string } };
  address = told.demo.address;
  const parties = (await (await request.get(`/v1/counterparties/${address}?side=sent&limit=50`)).json()) as {
    parties: { address: string }[];
  };
  reached = [...new Set(parties.parties.map((one) => one.address))].slice(0, NAMES.length);
});

test.afterAll(async () => {
  await running?.stop();
  dir?.remove();
});

test.beforeEach(() => {
  test.skip(!url, "needs the store of the demo and ATHAR_BIN: the program is started here");
});

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** Nothing ran, and nothing became an element that could. */
async function harmless(page: Page, said: string[]): Promise<void> {
  expect(await page.evaluate(() => (window as { wasRun?: number }).wasRun)).toBeUndefined();
  const elements = page.locator(
    "main img, main script, main iframe, [role=dialog] img, [role=dialog] script, a[href^='javascript:' i]",
  );
  await expect(elements).toHaveCount(0);
  expect(said.filter((one) => !/status of 4\d\d/.test(one))).toEqual([]);
}

async function bring(
  page: Page,
  what: string,
  file: { name: string; mimeType: string; buffer: Buffer },
): Promise<Locator> {
  await open(page, `${url}/imports`);
  await settled(page);
  await page.getByLabel("What it is").selectOption(what);
  await page.getByLabel("Choose a file").setInputFiles(file);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  const panel = page.locator(".panel").filter({ has: page.getByText(/^(Done\.|Failed\.)/) });
  await expect(panel).toBeVisible({ timeout: 60_000 });
  return panel;
}

test("hostile labels, imported through their page, are text everywhere", async ({ page }) => {
  test.setTimeout(240_000);
  const said = listen(page);
  const rows = reached.map((one, at) =>
    [one, NAMES[at] ?? "", "exchange", LINK, "forensic", "third_party_claim"].map(quoted).join(","),
  );
  const csv = [
    "address,label,category,source,confidence,basis",
    ...rows,
    `"${IMG}","${SCRIPT}",exchange,x,forensic,third_party_claim`,
  ].join("\n");
  const panel = await bring(page, "labels", { name: `${IMG}.csv`, mimeType: "text/csv", buffer: Buffer.from(csv) });
  await expect(panel).toContainText("Done.");
  await expect(panel).toContainText("<img src=x");
  await harmless(page, said);

  const at = (part: string) => NAMES.findIndex((name) => name.includes(part));
  // Their own pages, the page of who paid them, the lists of labels and matches, and what explains them.
  for (const [part, shown] of [
    [IMG, "<img src=x"],
    [SCRIPT, "<script>"],
    [LINK, "javascript:"],
    [FORMULA, "=HYPERLINK"],
  ] as const) {
    const one = reached[at(part)];
    if (one === undefined) continue;
    await open(page, `${url}/s/bitcoin/${one}`);
    await settled(page);
    await expect(page.locator("h1")).toContainText(shown);
    await harmless(page, said);
  }
  await open(page, `${url}/s/bitcoin/${address}`);
  await settled(page);
  await expect(page.locator("main")).toContainText("<img src=x");
  await page.locator("#flow tbody tr", { hasText: "<img src=x" }).first().locator(".why").click();
  await expect(page.getByRole("dialog")).toContainText("<img src=x");
  await harmless(page, said);
  for (const path of [
    `/labels?subject=${reached[0]}&chain=bitcoin`,
    `/?q=${encodeURIComponent("Exchange")}`,
    `/?q=${encodeURIComponent(IMG)}`,
  ]) {
    await open(page, `${url}${path}`);
    await settled(page);
    await harmless(page, said);
  }

  // The graph: its cards, its table and every file that it hands out.
  await open(page, `${url}/graph?chain=bitcoin&add=${address}`);
  await expect(page.locator(".graph-card").first()).toBeVisible();
  await page.getByRole("application").focus();
  await page.keyboard.press("+");
  await expect(page.locator(".graph-card").nth(2)).toBeVisible({ timeout: 60_000 });
  await expect(page.locator(".graph-busy")).toHaveCount(0);
  await harmless(page, said);
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await expect(page.getByRole("table").first()).toContainText("<img src=x");
  await harmless(page, said);
  const take = async (kind: string) => {
    const waiting = page.waitForEvent("download");
    await page.locator(".graph-file").selectOption(kind);
    return readFile(await (await waiting).path(), "utf8");
  };
  const svg = await take("svg");
  expect(svg).not.toMatch(/<(img|script)/i);
  expect(svg).toContain("&lt;img src=x");
  expect(await take("graphml")).not.toMatch(/<(img|script)/i);
  for (const kind of ["nodes", "edges"]) {
    const table = await take(kind);
    // No cell begins as a formula does.
    expect(table).not.toMatch(/(^|[,\n\r])"?[=+@]/);
  }
  await harmless(page, said);
});

test("hostile pages that were collected are text", async ({ page }) => {
  test.setTimeout(180_000);
  const said = listen(page);
  // Documents are searched for what the live networks have; nobody paid this address in the demo's world.
  const published = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT";
  const html = `<!doctype html><html><head><title>${SCRIPT}</title></head><body onload="window.wasRun=1"><h1>Donate</h1><p>Support our fighters, send bitcoin to ${published} &lt;img src=x onerror="window.wasRun=1"&gt; ${TURNED} <a href="${LINK}">here</a> today</p>${IMG}${SCRIPT}</body></html>`;
  const panel = await bring(page, "documents", {
    name: `${TURNED}${SCRIPT.replaceAll("/", "")}.html`,
    mimeType: "text/html",
    buffer: Buffer.from(html),
  });
  await expect(panel).toContainText("Done.");
  await harmless(page, said);
  await open(page, `${url}/s/bitcoin/${published}`);
  await settled(page);
  await expect(page.locator("#sightings")).toContainText("fighters");
  await harmless(page, said);
  await open(page, `${url}/campaigns`);
  await settled(page);
  await harmless(page, said);
  await page.locator("main table a[href^='/campaigns/']").first().click();
  await settled(page);
  await harmless(page, said);
});

test("hostile words of a case are text, in its pages and in its report", async ({ page }) => {
  test.setTimeout(180_000);
  const said = listen(page);
  page.on("dialog", (dialog) => {
    said.push("a dialog was opened");
    void dialog.dismiss();
  });
  await open(page, `${url}/cases`);
  await page.getByRole("button", { name: "New case" }).first().click();
  await page.getByRole("dialog").getByLabel("Title", { exact: false }).first().fill(`${IMG} ${TURNED}`);
  await page.getByRole("dialog").getByLabel("Summary").fill(`${SCRIPT}\n${LINK}`);
  await page.getByRole("dialog").getByRole("button", { name: "Make the case" }).click();
  await expect(page).toHaveURL(/\/cases\/\d+$/);
  const id = Number(/\d+$/.exec(page.url())?.[0]);
  await open(page, `${url}/cases/${id}?tab=notes`);
  await page.getByLabel("Write a note").fill(`${SCRIPT}\n${IMG}\n${LINK}\n${TURNED}\n${FORMULA}`);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.locator(".entry .said")).toContainText("<script>");
  await page.getByRole("tab", { name: "Files" }).click();
  const files = page.locator("input[type=file][multiple]");
  const name = "<svg onload=window.wasRun=1>.html";
  const file = { name, mimeType: "text/html", buffer: Buffer.from(SCRIPT) };
  // A name that would read in another direction than it has is not kept; one of markup is a name like any other.
  await files.setInputFiles({ ...file, name: `${TURNED}.html` });
  await expect(page.getByText("it is no plain name of a file")).toBeVisible();
  await files.setInputFiles(file);
  await expect(page.getByRole("row", { name: /svg onload/ })).toBeVisible();
  const { items } = (await (await page.request.get(`${url}/v1/cases/${id}/attachments`)).json()) as {
    items: { id: number }[];
  };
  const answer = await page.request.get(`${url}/v1/cases/${id}/attachments/${items[0]?.id}`);
  expect(answer.headers()["content-disposition"]).toMatch(/^attachment/);
  expect(answer.headers()["content-type"]).toBe("application/octet-stream");
  for (const tab of ["overview", "subjects", "findings", "notes", "tasks", "attachments", "history", "report"]) {
    await open(page, `${url}/cases/${id}?tab=${tab}`);
    await settled(page);
    await harmless(page, said);
  }
  await expect(page.locator(".case-report")).toContainText("<script>");
});
