// How the application is built, served while it is written, and tested. The output must run under a policy without
// inline scripts, inline styles or other hosts: so no polyfill of preloading, and no asset inlined as a data URL.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backend = process.env.ATHAR_BACKEND ?? "http://127.0.0.1:8765";
const served = ["/v1", "/compat", "/problems", "/health", "/ready", "/metrics", "/openapi.json"];

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    outDir: "dist",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
  },
  server: {
    host: "127.0.0.1",
    port: Number(process.env.ATHAR_UI_PORT ?? 5173),
    // The service refuses a change that another origin asks for; the browser here is of the dev server's origin.
    proxy: Object.fromEntries(
      served.map((path) => [path, { target: backend, changeOrigin: true, headers: { origin: backend } }]),
    ),
  },
  // Looking at what was built, under the policy that the program sends with every page.
  preview: { host: "127.0.0.1", headers: { "Content-Security-Policy": policy } },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
  },
});
