// For pages that are looked at in both languages and both themes, and for answers that a test gives in place of the service: invented ones, so that
// what a page does with a full queue or a refused file does not depend on what the world has.
import { expect, test, type Page, type Route } from "@playwright/test";
import { axe, fitsPaper, listen, open, settled } from "./desk";

/** Opens the page in English and Arabic, light and dark: axe finds nothing, the page reports no error, and no key of a text is shown. */
export function looks(path: string, before?: (page: Page) => Promise<void>): void {
  for (const language of ["en", "ar"] as const) {
    for (const theme of ["light", "dark"] as const) {
      test(`${path} in ${language}, ${theme}: axe`, async ({ page }) => {
        const said = listen(page);
        await before?.(page);
        await open(page, path, { language, theme });
        await settled(page);
        await expect(page.locator("html")).toHaveAttribute("dir", language === "ar" ? "rtl" : "ltr");
        // A key that no language has is drawn as it stands: words with dots between.
        const text = await page.locator("main").innerText();
        expect(text.match(/\b(?:column|filter|handle|search|state|outcome|test|rules)\.[a-z]\w*/g) ?? []).toEqual([]);
        await axe(page);
        if (theme === "light") await fitsPaper(page);
        expect(said.filter((one) => /Content Security Policy|Refused to|Uncaught|Error:/.test(one))).toEqual([]);
      });
    }
  }
}

/** Answers one path in place of the service. `glob` as in `page.route`; a function may look at the request. */
export async function answers(page: Page, glob: string | RegExp, body: unknown, status = 200): Promise<void> {
  await page.route(glob, (route: Route) =>
    route.fulfill({
      status,
      contentType: status < 400 ? "application/json" : "application/problem+json",
      body: JSON.stringify(body),
    }),
  );
}

/** A problem as the service writes it. */
export const problem = (status: number, code: string, detail: string) => ({
  type: `/problems/${code}`,
  code,
  title: code,
  status,
  detail,
  documentation: "",
  request_id: "test",
});

/** The body of the next request of that method to a path that matches. */
export async function sent(page: Page, method: string, path: RegExp): Promise<unknown> {
  const request = await page.waitForRequest(
    (each) => each.method() === method && path.test(new URL(each.url()).pathname),
  );
  return request.postDataJSON() as unknown;
}
