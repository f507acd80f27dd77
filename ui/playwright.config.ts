// Tests in a browser: Debian's Chromium (or that of ATHAR_CHROMIUM) against a running program (ATHAR_URL). Nothing is
// downloaded. `npm run e2e` expects the address of a server that serves the application and the demo world.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "e2e",
  fullyParallel: false,
  workers: 1,
  retries: 0,
  timeout: 60_000,
  reporter: [["list"]],
  use: {
    baseURL: process.env.ATHAR_URL ?? "http://127.0.0.1:5173",
    viewport: { width: 1280, height: 860 },
    launchOptions: {
      executablePath: process.env.ATHAR_CHROMIUM ?? "/usr/bin/chromium",
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
});
