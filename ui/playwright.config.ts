// Tests in a browser: Debian's Chromium (or that of ATHAR_CHROMIUM), nothing downloaded. They run against the server at
// ATHAR_URL where that is set, and else against `$ATHAR_BIN demo --serve`.
// Beside that desk of one person, `team` is a server that people sign in to (ATHAR_TEAM_URL where it runs already).
import { defineConfig } from "@playwright/test";

// Asked the same way in every process of a run, whatever the set-up has added to the environment meanwhile.
const hasTeam = Boolean(process.env.ATHAR_TEAM_URL) || !process.env.ATHAR_URL;
/** Of a team: signing in, rights, and the cases that several people work on. */
const OF_A_TEAM = /\/(people|cases)\.spec\.ts$/;

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/server.ts",
  fullyParallel: false,
  workers: 1,
  // shared machines stall now and then; what fails twice is broken
  retries: process.env.CI ? 1 : 0,
  // axe over every part of a case takes the better part of a minute, and CI is slower
  timeout: 240_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    viewport: { width: 1280, height: 860 },
    // A click that cannot be made says so, long before the test is out of time.
    actionTimeout: 20_000,
    navigationTimeout: 60_000,
    launchOptions: {
      executablePath: process.env.ATHAR_CHROMIUM ?? "/usr/bin/chromium",
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
  projects: [
    {
      name: "desk",
      use: { baseURL: process.env.ATHAR_URL },
      ...(hasTeam ? { testIgnore: OF_A_TEAM } : {}),
    },
    ...(hasTeam ? [{ name: "team", use: { baseURL: process.env.ATHAR_TEAM_URL }, testMatch: OF_A_TEAM }] : []),
  ],
});
