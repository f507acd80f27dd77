// What every test in a browser needs: a page in a language and theme, what the policy of the page refused, and axe.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

export interface Look {
  language?: "en" | "ar";
  theme?: "light" | "dark";
}

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
  const found = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const told = found.violations.map(
    (one) =>
      `${one.id}: ${one.help}\n${one.nodes.map((node) => `   ${node.target.join(" ")} ${node.failureSummary ?? ""}`).join("\n")}`,
  );
  expect(told, told.join("\n")).toEqual([]);
}
