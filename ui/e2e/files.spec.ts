// Files brought into a service of its own by somebody who reads Arabic: what is taken is there at once, what is not is told by line and in Arabic, and
// a file that is wrong as a whole leaves what was stored.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { axe, listen, open, settled } from "./desk";
import { folder, PROGRAM, serve, type Running } from "./program";

const DEMO = process.env.ATHAR_DEMO_STORE;
const NAMED = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";

test.skip(!PROGRAM || !DEMO, "a service of its own is started from the program, on a copy of the demo's store");

let url = "";
let running: Running | undefined;
let dir: ReturnType<typeof folder> | undefined;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  dir = folder("files");
  const store = join(dir.path, "store");
  cpSync(DEMO ?? "", store, {
    recursive: true,
    // no record was imported yet and no typology looked for; the desk is open in another process
    filter: (from) => !/[/\\](desk|records|patterns|LOCK)$/.test(from),
  });
  ({ url, running } = await serve(PROGRAM ?? "", [
    ...["--store", store, "serve", "--no-keys", "--listen", "127.0.0.1:0", "--log", "error", "--no-deliver"],
  ]));
});

test.afterAll(async () => {
  await running?.stop();
  dir?.remove();
});

/** Brings a file in and waits for how its import ended. */
async function bring(page: Page, kind: string, name: string, text: string, records?: string) {
  await open(page, `${url}/imports`, { language: "ar" });
  await settled(page);
  await page.getByLabel("ما هو").selectOption(kind);
  await page.getByLabel("اختر ملفًا").setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
  if (records) await page.getByLabel("نوع السجلات").selectOption(records);
  await page.getByRole("button", { name: "استيراد", exact: true }).click();
}

const refused = (page: Page) => page.getByRole("table", { name: "ما رُفض، بالملف والسطر" });

test("rows of a seller's books that are no records are told in Arabic, here and with the records", async ({ page }) => {
  const said = listen(page);
  const books =
    "serial,time,amount,currency,phone\n" +
    "11-22,2020-09-29T12:00:00Z,50,EUR,+33639980001\n" +
    "33-44,yesterday,150,EUR,+33639980001\n" +
    "55-66,2020-09-30T12:00:00Z,-5,EUR,\n" +
    "77-88,2020-09-30T12:00:00Z,5\n";
  await bring(page, "records", "books.csv", books, "coupon_sale");
  await expect(refused(page)).toContainText("time: ليس بصيغة مقروءة");
  await expect(refused(page)).toContainText("amount: سالب");
  await expect(refused(page)).toContainText("عدد الأعمدة 3 وهو في السطر الأول 5");
  await expect(refused(page)).not.toContainText(/not in a form|negative|columns where/);
  await axe(page);

  await open(page, `${url}/records`, { language: "ar" });
  await settled(page);
  const imports = page.getByRole("table", { name: /عمليات استيراد السجلات/ });
  await imports.locator("summary").click();
  await expect(imports).toContainText("amount: سالب");
  await expect(page.locator("main")).not.toContainText("+33639980001");
  expect(said).toEqual([]);
});

test("a label is there at once, and one whose address is mistyped is held back with its kind of defect", async ({
  page,
}) => {
  const rows = [
    "address,label,category,source",
    `${NAMED},Souk Exchange,exchange,its own page`,
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3,Wrong,exchange,its own page",
  ].join("\n");
  await bring(page, "labels", "mine.csv", rows);
  await expect(refused(page)).toContainText("المجموع الاختباري غير مطابق");
  await open(page, `${url}/s/bitcoin/${NAMED}`, { language: "ar" });
  await settled(page);
  await expect(page.locator("#labels")).toContainText("Souk Exchange");
});

test("a truncated list is refused as a whole, and what was stored stays", async ({ page }) => {
  const lists = async () => (await (await page.request.get(`${url}/v1/lists`)).json()) as unknown;
  const before = await lists();
  await bring(
    page,
    "lists",
    "un.xml",
    '<?xml version="1.0"?><CONSOLIDATED_LIST dateGenerated="2020-01-01"><INDIVIDUALS>',
  );
  await expect(page.getByRole("alert")).toContainText("رُفض الملف كله؛ ولم يُخزَّن منه شيء.");
  expect(await lists()).toEqual(before);
});

test("typologies that are looked for are there when the run has ended", async ({ page }) => {
  await open(page, `${url}/patterns`, { language: "ar" });
  await settled(page);
  const hits = page.getByRole("table", { name: "انطباقات آخر تشغيل محفوظ" });
  await expect(hits).toHaveCount(0);
  await page.getByRole("button", { name: "البحث من جديد" }).click();
  await expect(hits.locator("tbody tr").first()).toBeVisible({ timeout: 60_000 });
});
