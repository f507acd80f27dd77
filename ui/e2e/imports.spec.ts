// Imports: what it is, how far it is, and what was refused, by line. A file that is refused as a whole says that nothing was stored.
import { expect, test, type Page } from "@playwright/test";
import { open, settled } from "./desk";
import { answers, looks } from "./looks";

looks("/imports");

async function job(page: Page, end: Record<string, unknown>) {
  await answers(
    page,
    /\/v1\/imports\//,
    {
      id: "i1",
      kind: "import",
      state: "waiting",
      done: 0,
      total: null,
      created_s: 1,
      finished_s: null,
      error: null,
      result: null,
    },
    202,
  );
  await answers(page, /\/v1\/jobs\/i1$/, {
    id: "i1",
    kind: "import",
    done: 3,
    total: 3,
    created_s: 1,
    finished_s: 2,
    error: null,
    result: null,
    ...end,
  });
}

test("a file is recognised, imported, and its refusals are told by line", async ({ page }) => {
  await job(page, {
    state: "done",
    result: {
      what: "labels",
      name: "mine.csv",
      taken: 2,
      refused: 1,
      already: false,
      refusals: [
        { line: 4, what: { en: "checksum does not match", ar: "checksum does not match" }, text: "<i>1abc</i>" },
      ],
      refusals_truncated: false,
      report: { rows: 3 },
    },
  });
  await open(page, "/imports");
  await settled(page);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("Choose a file.")).toBeVisible();
  await page.getByLabel("Choose a file").setInputFiles({
    name: "mine.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("address,label,category\n1a,b,exchange\n"),
  });
  await expect(page.getByLabel("What it is")).toHaveValue("labels");
  const asked = page.waitForRequest(/\/v1\/imports\/labels\?name=mine\.csv/);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  expect((await asked).postDataBuffer()?.toString()).toContain("1a,b,exchange");
  const table = page.getByRole("table", { name: "What was refused, by file and line" });
  await expect(table).toContainText("checksum does not match");
  await expect(table).toContainText("<i>1abc</i>");
  await expect(table.locator("tbody tr")).toContainText("4");
});

test("records say that persons become pseudonyms, and their kind is needed", async ({ page }) => {
  await open(page, "/imports");
  await settled(page);
  await page.getByLabel("What it is").selectOption("records");
  await expect(page.locator(".warn")).toContainText("A pseudonym is no anonymity");
  await page
    .getByLabel("Choose a file")
    .setInputFiles({ name: "books.csv", mimeType: "text/csv", buffer: Buffer.from("serial,time\nA,2020-01-01\n") });
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("This is needed");
});

test("a file that is refused as a whole leaves nothing and says so", async ({ page }) => {
  await job(page, {
    state: "failed",
    error: {
      code: "import_refused",
      title: "refused",
      detail: "un.xml line 40: the file ends within an entry",
      documentation: "",
      field: null,
    },
  });
  await open(page, "/imports");
  await settled(page);
  await page
    .getByLabel("Choose a file")
    .setInputFiles({ name: "un.xml", mimeType: "text/xml", buffer: Buffer.from("<CONSOLIDATED_LIST>") });
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("un.xml line 40");
  await expect(page.locator("main")).toContainText("nothing of it was stored");
});
