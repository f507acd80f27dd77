// Starts the program on the demo world where no server is named, and stops it after the last test. Its address is the
// first line on its standard output that begins with http://.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const START_MS = 300_000;

export default async function start(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.ATHAR_URL) return undefined;
  const program = process.env.ATHAR_BIN;
  if (!program) throw new Error("set ATHAR_URL to a running server, or ATHAR_BIN to the program that starts one");
  const dir = mkdtempSync(join(tmpdir(), "athar-e2e-"));
  const child = spawn(program, ["demo", "--serve", "--listen", "127.0.0.1:0", "--out", join(dir, "demo")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stopped = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the program printed no address in time")), START_MS);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /^\s*(http:\/\/\S+)/.exec(line);
      if (!found?.[1]) return;
      clearTimeout(timer);
      resolve(found[1].replace(/\/$/, ""));
    });
    child.once("exit", (code) =>
      reject(new Error(`the program ended with ${String(code)} before it printed an address`)),
    );
  });
  process.env.ATHAR_URL = url;
  process.env.ATHAR_STARTED = "1";
  return async () => {
    child.kill("SIGTERM");
    await stopped;
    rmSync(dir, { recursive: true, force: true });
  };
}
