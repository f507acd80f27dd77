// What every test in a browser needs: a page in a language and theme, what the policy of the page refused, and axe.
import { expect, type Page } from "@playwright/test";
import axeCore from "axe-core";

export interface Look {
  language?: "en" | "ar";
  theme?: "light" | "dark";
}

/** What axe holds a page against. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Opens a page of the application as somebody with these settings sees it, and waits for its heading. */
export async function open(page: Page, path: string, { language = "en", theme = "light" }: Look = {}): Promise<void> {
  await page.addInitScript(
    ([kept]) => localStorage.setItem("athar.settings", kept ?? ""),
    [JSON.stringify({ language, theme, digits: "auto" })],
  );
  await page.goto(path);
  await expect(page.locator("h1")).toBeVisible();
}

/** Collects errors of the page and what its content security policy refused. */
export function listen(page: Page): string[] {
  const said: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(String(error)));
  return said;
}

/** Waits until nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  await expect(page.locator(".loading")).toHaveCount(0, { timeout: 20_000 });
}

/** WCAG 2.2 A and AA by axe: no violation. */
export async function axe(page: Page): Promise<void> {
  // In the page as it stands and for its violations alone: the usual way, by a page of its own that puts together what each
  // frame found, takes three times as long, and there is one frame here.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeCore.source);
  const told = await page.evaluate(async (tags) => {
    const { axe } = window as unknown as { axe: typeof axeCore };
    const found = await axe.run({ runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
    return found.violations.map(
      (one) =>
        `${one.id}: ${one.help}\n${one.nodes.map((node) => `   ${node.target.join(" ")} ${node.failureSummary ?? ""}`).join("\n")}`,
    );
  }, TAGS);
  expect(told, told.join("\n")).toEqual([]);
}

/** An A4 sheet without its margins (`@page` in base.css), in CSS pixels. */
const PAPER = { width: 703, height: 1017 };

/**
 * Printed, nothing of the page lies beyond the sheet. Chromium makes a page smaller that is too wide to the right, but cuts
 * off what is too far to the left, as in Arabic; so nothing may be too wide at all.
 */
export async function fitsPaper(page: Page): Promise<void> {
  const before = page.viewportSize();
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize(PAPER);
  const beyond = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("main *")].flatMap((each) => {
      const box = each.getBoundingClientRect();
      const isOut = box.width > 1 && box.height > 1 && (box.left < -1 || box.right > window.innerWidth + 1);
      // The innermost one says best what it is; what is hidden from sight is no wider than a pixel.
      const isInner = isOut && each.childElementCount === 0;
      return isInner
        ? [
            `${each.tagName}.${each.className} ${Math.round(box.left)}..${Math.round(box.right)} ${each.textContent.slice(0, 40)}`,
          ]
        : [];
    }),
  );
  await page.emulateMedia({ media: null });
  if (before) await page.setViewportSize(before);
  expect(beyond, `beyond the edge of a sheet of A4:\n${beyond.join("\n")}`).toEqual([]);
}
