// A whole investigation as somebody does it who knows no command line, on the demo world and the real program: from the
// address in an appeal to who received the money and why, to a case that others can read, check, take along and print.
// The same way in both languages; every page on it is looked at by axe, and neither the console nor the content
// security policy has anything to say.
import { blake3 } from "@noble/hashes/blake3.js";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test, type Locator, type Page } from "@playwright/test";
import { unzip } from "./archive";
import { axe, listen, open, settled } from "./desk";
import { session } from "./people";
import { words, type Language } from "./words";

/** Deposits at a service are what can be asked about: an answer takes fewer clicks than this. */
const CLICKS_MAX = 6;

interface Manifest {
  files: { name: string; bytes: number; blake3: string; sha256: string }[];
}

/** Counts what the mouse does: trusted clicks, on whatever page they are made. */
async function countClicks(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    addEventListener(
      "click",
      (event) => {
        if (!event.isTrusted) return;
        sessionStorage.setItem("test.clicks", String(Number(sessionStorage.getItem("test.clicks") ?? 0) + 1));
      },
      true,
    );
  });
  return () => page.evaluate(() => Number(sessionStorage.getItem("test.clicks") ?? 0));
}

/** The address that was published, as the desk of the demo names it. */
async function published(page: Page): Promise<string> {
  const answer = await page.request.get("/v1/session");
  const { demo } = (await answer.json()) as { demo: { address: string } | null };
  if (!demo) throw new Error("this server serves no demo");
  return demo.address;
}

/** Fills the dialog that pins; gives the id of the case from its link. */
async function pin(page: Page, say: (key: string) => string, title: string, isNew: boolean): Promise<number> {
  const dialog = page.getByRole("dialog").filter({ hasText: say("cases:pin.lead") });
  await expect(dialog.getByLabel(say("cases:pin.statement"), { exact: true })).not.toBeEmpty();
  const which = dialog.getByLabel(say("cases:pin.case"), { exact: true });
  if (isNew) {
    await which.selectOption("new");
    await dialog.getByLabel(say("cases:pin.new_title")).fill(title);
  } else await which.selectOption({ label: title });
  await axe(page);
  await dialog.getByRole("button", { name: say("cases:pin.do"), exact: true }).click();
  const link = page.getByRole("dialog").getByRole("link", { name: say("cases:pin.open") });
  const path = await link.getAttribute("href");
  await page
    .getByRole("dialog")
    .locator(".dialog-foot")
    .getByRole("button", { name: say("cases:page.close") })
    .click();
  await expect(link).toHaveCount(0);
  return Number(/\/cases\/(\d+)/.exec(path ?? "")?.[1]);
}

/** Adds what a text was typed for, and waits until the field is empty again. */
async function add(field: Locator, text: string, button: Locator): Promise<void> {
  await field.fill(text);
  await button.click();
  await expect(field).toHaveValue("");
}

/** Every file of the archive is in its manifest, as long as it says and with both of its hashes. */
function verify(archive: Buffer): Map<string, Buffer> {
  const files = unzip(archive);
  const manifest = JSON.parse(files.get("MANIFEST.json")?.toString("utf8") ?? "{}") as Manifest;
  const names = manifest.files.map((file) => file.name);
  expect([...files.keys()].filter((name) => name !== "MANIFEST.json").sort()).toEqual([...names].sort());
  for (const file of manifest.files) {
    const bytes = files.get(file.name) ?? Buffer.alloc(0);
    expect(bytes.length, file.name).toBe(file.bytes);
    expect(createHash("sha256").update(bytes).digest("hex"), file.name).toBe(file.sha256);
    expect(Buffer.from(blake3(bytes)).toString("hex"), file.name).toBe(file.blake3);
  }
  return files;
}

function investigation(language: Language): void {
  test(`an investigation from a pasted address to a case that is handed on, ${language}`, async ({ page, context }) => {
    test.setTimeout(420_000);
    const say = words(language);
    const look = { language } as const;
    const said = listen(page);
    const clicks = await countClicks(page);
    const title = `${language === "ar" ? "نداء التبرّعات" : "Appeal"} ${Date.now().toString(36)}`;
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);

    // The start says what this world is and offers the guided case.
    await open(page, "/", look);
    await settled(page);
    await expect(page.locator(".demo")).toContainText(say("home:demo"));
    await axe(page);

    // Paste: the subject's page opens by itself.
    const address = await published(page);
    await page.evaluate((text) => navigator.clipboard.writeText(text), `\n ${address} `);
    await page.locator("#search-main").click();
    await page.keyboard.press("Control+V");
    await expect(page).toHaveURL(new RegExp(`/s/bitcoin/${address}$`));
    const verdict = page.locator("#verdict");
    await expect(verdict.locator(".severity-big")).toContainText(say("common:level.severe"));

    // Who received the money, and why is that believed?
    const flow = page.locator("#flow");
    const first = flow.locator("tbody tr").first();
    await expect(first).toContainText("(simulated)");
    const exchange = (await first.locator(".flow-name").innerText()).replace(/[\u2066-\u2069]/g, "").trim();
    await first.locator(".why").click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText(say("subject:flow.deposits"));
    await expect(dialog).toContainText(say("common:evidence.paths"));
    await expect(dialog.locator(".evidence-statement")).toContainText(exchange);
    const made = await clicks();
    console.log(`clicks from the pasted address to who received the money and why (${language}): ${made}`);
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(CLICKS_MAX);
    await axe(page);

    // The statement goes to a new case, with its answer.
    await dialog.getByRole("button", { name: say("common:pin.button") }).click();
    const id = await pin(page, say, title, true);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);

    // Why severe?
    await verdict.locator(".reason .why").first().click();
    await expect(dialog).toContainText(say("common:evidence.labels"));
    await expect(dialog).toContainText("campaign-1");
    await axe(page);
    await dialog.getByRole("button", { name: say("common:pin.button") }).click();
    await pin(page, say, title, false);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await settled(page);
    await axe(page);

    // The graph grows to the cash-out by itself.
    await flow.getByRole("link", { name: say("subject:flow.graph") }).click();
    await expect(page).toHaveURL(/\/graph/);
    // From afar the cards have no words; the table says the same as the picture.
    await expect(page.locator(".graph-card").nth(2)).toBeVisible({ timeout: 60_000 });
    await expect(page.locator(".graph-busy")).toHaveCount(0);
    await axe(page);
    const beside = page.locator("#graph-side");
    await page.getByRole("button", { name: say("graph:act.table"), exact: true }).click();
    const movements = page.getByRole("table").nth(1).locator("tbody tr");
    await movements
      .filter({ has: page.locator("td", { hasText: exchange }) })
      .first()
      .locator("button.link")
      .click();
    await expect(beside).toContainText(exchange);
    await expect(beside.locator(".graph-txids li").first()).toBeVisible();
    await axe(page);
    await beside.getByRole("button", { name: say("common:pin.button") }).click();
    await pin(page, say, title, false);

    // The picture goes to the case too, and saves itself there from then on.
    await page.getByRole("button", { name: say("graph:save.to_case") }).click();
    await dialog.getByLabel(say("graph:save.case"), { exact: true }).selectOption({ label: title });
    await dialog.getByLabel(say("graph:save.name")).fill(title);
    await dialog.getByRole("button", { name: say("graph:save.do"), exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`/graph/${id}/\\d+$`));
    await expect(page.locator(".graph-save")).toContainText(say("graph:save.saved"));

    // The case: three findings, a subject from a pasted text, a note in Arabic, a task, the legal basis.
    await open(page, `/cases/${id}?tab=findings`, look);
    await expect(page.locator(".finding")).toHaveCount(3);
    await page.getByRole("tab", { name: say("cases:tab.subjects") }).click();
    await page.getByRole("textbox", { name: say("cases:subjects.paste") }).fill(`${address}\n${address}`);
    await page.getByRole("button", { name: say("cases:subjects.look"), exact: true }).click();
    await page.getByRole("button", { name: say("cases:subjects.add_chosen_one"), exact: true }).click();
    await expect(page.getByRole("table", { name: say("cases:subjects.caption") })).toContainText(address.slice(0, 6));
    await axe(page);

    await page.getByRole("tab", { name: say("cases:tab.notes") }).click();
    const note = "اتصلت بالمنصّة: تجيب يوم الاثنين بشأن 3 إيداعات.";
    await add(
      page.getByLabel(say("cases:notes.write")),
      note,
      page.getByRole("button", { name: say("cases:page.add"), exact: true }),
    );
    const line = page.locator(".entry .said p").first();
    await expect(line).toHaveText(note);
    expect(await line.evaluate((one) => getComputedStyle(one).direction)).toBe("rtl");
    await axe(page);

    await page.getByRole("tab", { name: say("cases:tab.tasks") }).click();
    await page.getByLabel(say("cases:tasks.assignee"), { exact: true }).selectOption({ index: 1 });
    await page.getByLabel(say("cases:tasks.due"), { exact: true }).fill("2030-01-31");
    await add(
      page.getByLabel(say("cases:tasks.text")),
      `${exchange}: ?`,
      page.getByRole("button", { name: say("cases:tasks.add") }),
    );
    await expect(page.locator(".entry")).toContainText(exchange);
    await axe(page);

    await page.getByRole("tab", { name: say("cases:tab.overview") }).click();
    await page.getByRole("button", { name: say("cases:overview.edit") }).click();
    await page.getByLabel(say("cases:new.legal_basis"), { exact: true }).fill("Order 12/2026 – الأمر ١٢/٢٠٢٦");
    await page.getByRole("button", { name: say("cases:page.save"), exact: true }).click();
    await expect(page.getByRole("button", { name: say("cases:overview.edit") })).toBeVisible();
    await expect(page.getByText("Order 12/2026", { exact: false })).toBeVisible();
    await settled(page);
    await axe(page);

    // Every finding asked again: nothing has changed in this world.
    await page.getByRole("tab", { name: say("cases:tab.findings") }).click();
    for (const finding of await page.locator(".finding").all()) {
      await finding.getByRole("button", { name: say("cases:findings.check"), exact: true }).click();
      await expect(finding.locator(".is-same")).toBeVisible({ timeout: 30_000 });
    }
    await axe(page);

    // Out as an archive that proves itself, in again as another case; one byte changed is refused.
    const loaded = page.waitForEvent("download");
    await page.getByRole("button", { name: say("cases:page.export"), exact: true }).click();
    const archive = await readFile(await (await loaded).path());
    const whole = verify(archive).get("case.json")?.toString("utf8") ?? "";
    for (const part of [title, address, note, "Order 12/2026", "/v1/trace/"]) expect(whole).toContain(part);

    await open(page, "/cases", look);
    await settled(page);
    await axe(page);
    const spoilt = Buffer.from(archive);
    const at = spoilt.indexOf("case.json") + 200;
    spoilt.writeUInt8(spoilt.readUInt8(at) ^ 1, at);
    const files = page.locator("input[type=file]");
    await files.setInputFiles({ name: "spoilt.zip", mimeType: "application/zip", buffer: spoilt });
    await expect(page.locator(".trouble").first()).toBeVisible();
    await expect(page).toHaveURL(/\/cases$/);
    said.splice(0, said.length, ...said.filter((one) => !/status of 4\d\d/.test(one)));
    await files.setInputFiles({ name: "case.zip", mimeType: "application/zip", buffer: archive });
    await expect(page).toHaveURL(/\/cases\/\d+$/);
    const again = Number(/\d+$/.exec(page.url())?.[0]);
    expect(again).not.toBe(id);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(title);

    // The imported case as a document on paper, in both languages.
    for (const each of ["en", "ar"] as const) {
      const told = words(each);
      await open(page, `/cases/${again}?tab=report`, { language: each });
      await settled(page);
      const report = page.locator(".case-report");
      await expect(report).toContainText(title);
      for (const part of ["part_basis", "part_subjects", "part_findings", "part_notes", "part_history"])
        await expect(report.getByRole("heading", { name: told(`cases:report.${part}`) })).toBeVisible();
      await expect(report).toContainText(note);
      await expect(report).toContainText("Order 12/2026");
      await expect(report).toContainText(address);
      await axe(page);
      await page.emulateMedia({ media: "print" });
      await expect(page.locator(".top")).toBeHidden();
      await expect(report).toBeVisible();
      const pdf = await page.pdf({ format: "A4" });
      expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
      expect(pdf.length).toBeGreaterThan(20_000);
      await page.emulateMedia({ media: "screen" });
    }
    expect(said).toEqual([]);
  });
}

investigation("en");
investigation("ar");

test("the guided case says what to do and leads there", async ({ page }) => {
  const said = listen(page);
  const address = await published(page);
  for (const language of ["en", "ar"] as const) {
    const say = words(language);
    await open(page, "/", { language });
    await page.getByRole("link", { name: say("home:demo_case") }).click();
    await expect(page).toHaveURL(/\/cases\/\d+$/);
    await settled(page);
    await axe(page);
    // What it is about, what was found so far, and what is to be done next.
    await expect(page.locator("main")).toContainText(address);
    await page.getByRole("tab", { name: say("cases:tab.tasks") }).click();
    await expect(
      page.locator(".entry").filter({ hasText: language === "en" ? "Open the graph" : "فتح الرسم" }),
    ).toBeVisible();
    await axe(page);
    await page.getByRole("tab", { name: say("cases:tab.notes") }).click();
    await expect(page.locator(".entry .said")).toContainText(language === "en" ? "How to go on" : "كيف تتابع");
    await page.getByRole("tab", { name: say("cases:tab.findings") }).click();
    await expect(page.locator(".finding")).toHaveCount(3);
    for (const finding of await page.locator(".finding").all()) {
      await finding.getByRole("button", { name: say("cases:findings.check"), exact: true }).click();
      await expect(finding.locator(".is-same")).toBeVisible({ timeout: 30_000 });
    }
    await axe(page);
    await page.getByRole("tab", { name: say("cases:tab.subjects") }).click();
    const subjects = page.getByRole("table", { name: say("cases:subjects.caption") });
    await expect(subjects.locator("tbody tr")).toHaveCount(4);
    await axe(page);
    await subjects
      .getByRole("link", { name: new RegExp(address.slice(0, 6)) })
      .first()
      .click();
    await expect(page).toHaveURL(new RegExp(`/s/bitcoin/${address}`));
    await expect(page.locator("#verdict .severity-big")).toContainText(say("common:level.severe"));
  }
  expect((await session(page)).mode).toBe("local");
  expect(said).toEqual([]);
});

test("how long a subject's page and its graph let somebody wait", async ({ page }) => {
  const address = await published(page);
  // Every interaction that the browser measures, from the event to the next paint.
  await page.addInitScript(() => {
    const kept: number[] = [];
    Object.assign(window, { __waits: kept });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ((entry as PerformanceEventTiming & { interactionId?: number }).interactionId) kept.push(entry.duration);
    }).observe({ type: "event", buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
  });
  const paints: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    await page.goto("about:blank");
    const begun = Date.now();
    await page.goto(`/s/bitcoin/${address}`, { waitUntil: "commit" });
    await page.locator("#verdict .severity-big").waitFor();
    paints.push(Date.now() - begun);
  }
  await settled(page);
  const waits = () =>
    page.evaluate(() => {
      const kept = (window as unknown as { __waits: number[] }).__waits;
      return kept.splice(0).sort((a, b) => a - b);
    });
  await waits();
  for (let n = 0; n < 5; n += 1) {
    await page
      .locator("#flow .tabs button")
      .nth((n + 1) % 2)
      .click();
    await settled(page);
    await page.locator("#verdict .why").first().click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  const onSubject = await waits();
  await page.goto(`/graph?chain=bitcoin&add=${address}&trace=forward`);
  await expect(page.locator(".graph-card").nth(2)).toBeVisible({ timeout: 60_000 });
  await expect(page.locator(".graph-busy")).toHaveCount(0);
  const nodes = await page.locator(".graph-card").count();
  await waits();
  await page.getByRole("application").focus();
  for (const key of ["ArrowRight", "ArrowRight", "e", "ArrowLeft", "ArrowUp", "PageUp", "PageDown", "f"])
    await page.keyboard.press(key);
  for (const card of (await page.locator(".graph-card").all()).slice(0, 4)) await card.click({ force: true });
  const onGraph = await waits();
  // Timed by what else the machine does, so that they are told and not asserted.
  const worst = (list: number[]) => `most ${Math.max(0, ...list)} ms of ${list.length} that took 16 ms or more`;
  console.log(`first useful paint of a subject, 5 loads: ${paints.sort((a, b) => a - b).join(", ")} ms`);
  console.log(`interaction to next paint, subject: ${worst(onSubject)}; graph of ${nodes} cards: ${worst(onGraph)}`);
});
