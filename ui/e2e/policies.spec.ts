// Policies: which decides, an editor that names the line of an error, the back-test as a job, and activation that asks first.
import { expect, test } from "@playwright/test";
import { open, settled } from "./desk";
import { answers, looks, problem } from "./looks";

looks("/policies");

test("an error is told at its line, and one button leads there", async ({ page }) => {
  await page.route(/\/v1\/policies$/, (route) =>
    route.request().method() === "POST"
      ? route.fulfill({
          status: 422,
          contentType: "application/problem+json",
          body: JSON.stringify(problem(422, "policy_refused", "policy line 4: unknown key `foo`")),
        })
      : route.fallback(),
  );
  await open(page, "/policies");
  await settled(page);
  await page.getByRole("button", { name: "Begin a new policy" }).click();
  await page.getByRole("button", { name: "Propose this version" }).click();
  await expect(page.getByRole("alert")).toContainText("unknown key `foo`");
  await expect(page.locator(".editor-gutter .is-wrong")).toHaveText("4");
  await page.getByRole("button", { name: /Go to line/ }).click();
  await expect(page.getByLabel("Text of the policy")).toBeFocused();
});

test("a back-test shows its progress and whose verdict changes, and by which rules", async ({ page }) => {
  let asked = 0;
  await answers(
    page,
    /\/v1\/policies\/test$/,
    {
      id: "j1",
      kind: "policy_test",
      state: "waiting",
      done: 0,
      total: 100,
      created_s: 1,
      finished_s: null,
      error: null,
      result: null,
    },
    202,
  );
  await page.route(/\/v1\/jobs\/j1$/, (route) => {
    asked += 1;
    const isDone = asked > 2;
    const result = {
      policy: "weighted@6e17",
      against: "strict-sanctions@b84a",
      targets: 100,
      is_sample: true,
      moments: [
        {
          known_on: null,
          assessed: 100,
          undecided: 0,
          changed: 2,
          levels: { high: 2, no_rule: 98 },
          against_levels: { no_rule: 100 },
          changes: { "no_rule -> high": 2 },
          examples: [
            {
              target: "2Mx98FrUbgzPkZsANJExa4uy6NLBBDvr4mu",
              against: { level: null, score: null, rules: [] },
              verdict: { level: "high", score: 0.7, rules: ["paid-terrorism"] },
            },
          ],
        },
      ],
    };
    return route.fulfill({
      contentType: "application/json",
      body: JSON.stringify({
        id: "j1",
        kind: "policy_test",
        state: isDone ? "done" : "running",
        done: isDone ? 100 : 40,
        total: 100,
        created_s: 1,
        finished_s: isDone ? 2 : null,
        error: null,
        result: isDone ? result : null,
      }),
    });
  });
  await open(page, "/policies");
  await settled(page);
  const panel = page.locator("#back-test");
  await panel.getByRole("button", { name: "Run the back-test" }).click();
  await expect(panel.getByRole("alert")).toContainText("Choose a policy");
  await panel.getByLabel("Policy", { exact: true }).selectOption({ index: 1 });
  await panel.getByRole("button", { name: "Run the back-test" }).click();
  await expect(panel.getByRole("progressbar")).toBeVisible();
  await expect(panel).toContainText("The verdict changes for 2 of 100 addresses", { timeout: 10_000 });
  await expect(panel.getByRole("table", { name: /Some of the addresses/ })).toContainText("paid-terrorism");
});

test("making a policy decide asks first", async ({ page }) => {
  await open(page, "/policies");
  await settled(page);
  await page
    .getByRole("button", { name: /Make it decide/ })
    .first()
    .click();
  await expect(page.getByRole("dialog")).toContainText("Run the back-test first");
});
