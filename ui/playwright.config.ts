// Tests in a browser: Debian's Chromium (or that of ATHAR_CHROMIUM), nothing downloaded. They run against the server at
// ATHAR_URL where that is set — a server that is being written, so tests that need a real one (`@real`) are left out
// unless ATHAR_REAL=1 — and else against `$ATHAR_BIN demo --serve`, where those for the mock (`@mock`) are left out.
import { defineConfig } from "@playwright/test";

const isReal = process.env.ATHAR_STARTED === "1" || !process.env.ATHAR_URL || process.env.ATHAR_REAL === "1";

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/server.ts",
  fullyParallel: false,
  workers: 1,
  retries: 0,
  timeout: 60_000,
  grepInvert: isReal ? /@mock/ : /@real/,
  reporter: [["list"]],
  use: {
    baseURL: process.env.ATHAR_URL,
    viewport: { width: 1280, height: 860 },
    launchOptions: {
      executablePath: process.env.ATHAR_CHROMIUM ?? "/usr/bin/chromium",
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
});
