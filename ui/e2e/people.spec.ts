// Signing in and out, a session that ends while somebody types, users, keys, the audit log; what a role may not do is
// not offered. Needs a server for a team with the people of server.ts (amal, samir, lina, omar, vera); others skip it.
import { expect, test, type Page } from "@playwright/test";
import { axe, fitsPaper, listen, open, settled } from "./desk";
import { enter, PASSWORD, put, session } from "./people";

test.beforeEach(async ({ page }) => {
  const { mode } = await session(page);
  test.skip(mode !== "team" && !process.env.ATHAR_STARTED, "this server has no sign-in");
});

interface Made {
  id: number;
  version: number;
}

async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("who is not signed in signs in first, and goes on to where they wanted to go", async ({ page }) => {
  await open(page, "/cases?state=open");
  await expect(page).toHaveURL(/\/login\?to=/);
  await signIn(page, "lina");
  await expect(page).toHaveURL(/\/cases\?state=open$/);
  await expect(page.getByRole("heading", { level: 1, name: "Cases" })).toBeVisible();
});

test("a wrong password says the same as an unknown name", async ({ page }) => {
  await open(page, "/login");
  await signIn(page, "lina", "not the password");
  await expect(page.getByText("The user name or the password is wrong.")).toBeVisible();
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  await signIn(page, "nobody-of-that-name", "not the password");
  await expect(page.getByText("The user name or the password is wrong.")).toBeVisible();
});

test("after many failures the wait is told, and the form waits", async ({ page }) => {
  await open(page, "/login");
  const name = `guess-${Date.now().toString(36)}`;
  const told = page.getByText(/Too many attempts/).first();
  for (let n = 0; n < 12 && (await told.count()) === 0; n += 1) {
    await signIn(page, name, `guess ${n} of many`);
    await expect(page.getByRole("button", { name: "Signing in…" })).toHaveCount(0);
  }
  await expect(page.getByRole("alert").filter({ hasText: /Try again in/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeDisabled();
});

test("the language is chosen before signing in", async ({ page }) => {
  await open(page, "/login");
  await page.getByLabel("Language").selectOption("ar");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("تسجيل الدخول");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
});

test("a target outside of the application is not followed", async ({ page }) => {
  await open(page, "/login?to=//evil.example/x");
  await signIn(page, "lina");
  await expect(page).toHaveURL(/127\.0\.0\.1:\d+\/$/);
});

test("a session that ends loses nothing that was typed", async ({ page }) => {
  await enter(page, "lina");
  const one = await put<Made>(page, "POST", "/v1/cases", { title: "Ended session" });
  await open(page, `/cases/${one.id}?tab=notes`);
  await page.getByLabel("Write a note").fill("typed before the end");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(dialog).toBeVisible();
  await axe(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByLabel("Write a note")).toHaveValue("typed before the end");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.locator(".entry .said")).toHaveText("typed before the end");
});

test("signing out ends the session", async ({ page }) => {
  await enter(page, "omar");
  await open(page, "/cases");
  await page.getByRole("button", { name: "Log out" }).click();
  await expect(page).toHaveURL(/\/login$/);
  expect((await session(page)).user).toBeNull();
});

test("a viewer is offered nothing that changes anything", async ({ page }) => {
  await enter(page, "lina");
  const one = await put<Made>(page, "POST", "/v1/cases", {
    title: "Read by a viewer",
    humanitarian: { flag: true, note: "" },
  });
  const { users } = (await (await page.request.get("/v1/users")).json()) as { users: { id: number; name: string }[] };
  const vera = users.find((user) => user.name === "vera");
  await put(page, "PUT", `/v1/cases/${one.id}/members/${vera?.id}`, { role: "reader" });
  await put(page, "POST", `/v1/cases/${one.id}/notes`, { text: "a note" });
  await put(page, "POST", `/v1/cases/${one.id}/tasks`, { text: "a task", assignee: vera?.id, due: null, done: false });
  await page.context().clearCookies();
  await enter(page, "vera");
  await open(page, "/cases");
  await settled(page);
  await expect(page.getByRole("button", { name: /New case|Import/ })).toHaveCount(0);
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  for (const tab of [
    "overview",
    "subjects",
    "findings",
    "notes",
    "tasks",
    "graphs",
    "attachments",
    "links",
    "members",
    "history",
  ]) {
    await open(page, `/cases/${one.id}?tab=${tab}`);
    await settled(page);
    const offered = page.getByRole("button", {
      name: /^(Undo|Redo|Edit|Add|Remove|Purge|New|Rename|Take out|Change|Link)/,
    });
    await expect(offered, tab).toHaveCount(0);
  }
  await open(page, `/cases/${one.id}?tab=tasks`);
  await expect(page.getByRole("checkbox")).toBeDisabled();
  for (const path of ["/users", "/audit"]) {
    await open(page, path);
    await expect(page.getByText(/^Only /)).toBeVisible();
    await expect(page.getByRole("navigation").getByRole("link", { name: /Users|Audit/ })).toHaveCount(0);
  }
});

test("a case of others does not exist; a supervisor sees it and purges it by its title", async ({ page }) => {
  await enter(page, "lina");
  const name = `To be purged ${Date.now().toString(36)}`;
  const one = await put<Made>(page, "POST", "/v1/cases", { title: name });
  await page.context().clearCookies();
  await enter(page, "omar");
  await open(page, `/cases/${one.id}`);
  await expect(page.getByText("There is no such case, or you are not a member of it.")).toBeVisible();
  await page.context().clearCookies();
  await enter(page, "samir");
  await open(page, `/cases/${one.id}`);
  await page.getByRole("button", { name: "Purge" }).click();
  const purge = page.getByRole("dialog").getByRole("button", { name: "Purge for ever" });
  await expect(purge).toBeDisabled();
  await page.getByLabel("Type the title of the case to confirm").fill("To be purged");
  await expect(purge).toBeDisabled();
  await axe(page);
  await page.getByLabel("Type the title of the case to confirm").fill(name);
  await purge.click();
  await expect(page).toHaveURL(/\/cases$/);
  expect((await page.request.get(`/v1/cases/${one.id}`)).status()).toBe(404);
});

test("another team's case is told as far as it discloses itself", async ({ page }) => {
  const value = `Relief committee ${Date.now().toString(36)}`;
  const subject = { kind: "person", chain: null, value, note: "" };
  await enter(page, "samir");
  for (const disclosure of ["nothing", "contact", "title"]) {
    const one = await put<Made>(page, "POST", "/v1/cases", { title: `Hidden ${disclosure}`, disclosure });
    await put(page, "POST", `/v1/cases/${one.id}/subjects`, subject);
  }
  await page.context().clearCookies();
  await enter(page, "lina");
  const mine = await put<Made>(page, "POST", "/v1/cases", { title: "Mine" });
  await open(page, `/cases/${mine.id}?tab=subjects`);
  await page.getByRole("textbox", { name: "Add anything" }).fill(value);
  await page.getByRole("button", { name: "Look it up" }).click();
  await page
    .getByRole("button", { name: /^Add (as a person or group by name|the one chosen)$/ })
    .first()
    .click();
  const notice = page.getByRole("alert").filter({ hasText: "Another team has this subject" });
  await expect(notice).toContainText("سمير النجّار");
  await expect(notice).toContainText("Hidden title");
  await expect(notice).not.toContainText("Hidden contact");
  await expect(notice).not.toContainText("Hidden nothing");
  await page.reload();
  await page.getByRole("button", { name: "Who else has these?" }).click();
  await expect(notice).toContainText("Hidden title");
});

test("a user is made with a password that is shown once, changed, disabled and erased", async ({ page }) => {
  await enter(page, "amal");
  const name = `new-${Date.now().toString(36)}`;
  await open(page, "/users");
  await page.getByRole("button", { name: "Add a user" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("User name").fill(name);
  await dialog.getByLabel("Name", { exact: true }).fill("نور");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  const secret = (await page.getByTestId("secret").textContent()) ?? "";
  expect(secret.length).toBeGreaterThanOrEqual(12);
  await axe(page);
  await page.getByRole("button", { name: "I have noted it" }).click();
  const row = page.getByRole("row", { name: new RegExp(name) });
  await row.getByRole("combobox").selectOption("viewer");
  await expect(row.getByRole("combobox")).toHaveValue("viewer");
  await row.getByRole("button", { name: /^Disable/ }).click();
  await expect(row).toContainText("disabled");
  const refused = await page.request.post("/v1/session", { data: { name, password: secret } });
  expect(refused.status()).toBe(401);
  await row.getByRole("button", { name: /^Enable/ }).click();
  await expect(row).toContainText("active");
  await row.getByRole("button", { name: /^Erase/ }).click();
  await page.getByRole("button", { name: "Erase for ever" }).click();
  await expect(row).toHaveCount(0);
});

test("a key is made, shown once and revoked", async ({ page }) => {
  await enter(page, "amal");
  const name = `key ${Date.now().toString(36)}`;
  await open(page, "/users");
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("screen", { exact: true }).check();
  await dialog.getByLabel("Valid for how many days").fill("4000");
  await expect(dialog.getByRole("button", { name: "Make the key" })).toBeDisabled();
  await dialog.getByLabel("Valid for how many days").fill("30");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await expect(page.getByTestId("secret")).not.toBeEmpty();
  await page.getByRole("button", { name: "I have noted it" }).click();
  const row = page.getByRole("row", { name: new RegExp(name) });
  await row.getByRole("button", { name: /^Revoke/ }).click();
  await page.getByRole("button", { name: "Revoke for ever" }).click();
  await expect(row.getByRole("button", { name: /^Revoke/ })).toHaveCount(0);
});

test("the audit log is filtered, verified and given as a file", async ({ page }) => {
  await enter(page, "samir");
  const one = await put<Made>(page, "POST", "/v1/cases", { title: "Audited" });
  await open(page, `/audit?case=${one.id}`);
  await settled(page);
  const rows = page.getByRole("table").getByRole("row");
  expect(await rows.count()).toBeGreaterThan(1);
  await expect(page.getByText("Audited")).toHaveCount(0);
  await page.getByRole("button", { name: "Verify the chain" }).click();
  await expect(page.getByText(/The chain holds: all/)).toBeVisible();
  const loaded = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export as CSV" }).click();
  expect((await loaded).suggestedFilename()).toBe("athar-audit.csv");
});

test("a password is changed by who knows it", async ({ page }) => {
  await enter(page, "amal");
  const name = `changer-${Date.now().toString(36)}`;
  await put(page, "POST", "/v1/users", { name, display: "Changer", role: "viewer", password: PASSWORD });
  await page.context().clearCookies();
  await enter(page, name);
  await open(page, "/account");
  await page.getByLabel("Current password").fill("not the password");
  await page.getByLabel("New password", { exact: true }).fill("a well in the hills");
  await page.getByLabel("New password again").fill("a well in the hill");
  await expect(page.getByText("The two are not the same.")).toBeVisible();
  await page.getByLabel("New password again").fill("a well in the hills");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("The current password is another one.")).toBeVisible();
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("The password was changed.", { exact: false })).toBeVisible();
});

for (const language of ["en", "ar"] as const) {
  for (const theme of ["light", "dark"] as const) {
    test(`axe finds nothing on people's pages (${language}, ${theme})`, async ({ page }) => {
      test.setTimeout(120_000);
      const said = listen(page);
      await open(page, "/login", { language, theme });
      await axe(page);
      await page.screenshot({ path: `e2e/shots/people-login-${language}-${theme}.png` });
      await enter(page, "amal");
      for (const path of ["/users", "/audit", "/account"]) {
        await open(page, path, { language, theme });
        await settled(page);
        await axe(page);
        if (theme === "light") await fitsPaper(page);
        await page.screenshot({
          path: `e2e/shots/people${path.replace("/", "-")}-${language}-${theme}.png`,
          fullPage: true,
        });
      }
      expect(said).toEqual([]);
    });
  }
}
