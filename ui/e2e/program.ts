// The program as tests start it: a child process of its own folder and port, stopped by its own pid. What it says is
// kept, so that a test that fails can tell why.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A first start makes the world of the demo, on a machine that does other things beside. */
const START_MS = 300_000;
const STOP_MS = 60_000;
/** Characters of output that are kept. */
const KEPT = 20_000;

/** The program under test; undefined where tests run against a server that somebody else started. */
export const PROGRAM = process.env.ATHAR_BIN;

export interface Running {
  child: ChildProcess;
  /** Everything said so far, the latest of it. */
  said: () => string;
  /** Waits until a line matches, and gives the match. */
  line: (wanted: RegExp, what: string) => Promise<RegExpExecArray>;
  /** Ends it as Ctrl-C does, by its pid; kills it where it does not end. */
  stop: () => Promise<void>;
}

/** Starts a program; `input` is what it reads from its standard input. */
export function run(program: string, args: string[], input = "", env: Record<string, string> = {}): Running {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  let text = "";
  let ended = false;
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const each of waiting) each();
  };
  const hear = (bytes: Buffer) => {
    text = (text + bytes.toString("utf8")).slice(-KEPT);
    tell();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const gone = new Promise<void>((resolve) => {
    const end = () => {
      ended = true;
      tell();
      resolve();
    };
    child.once("exit", end);
    child.once("error", (error) => {
      text += String(error);
      end();
    });
  });
  const told = () => `${program} ${args.join(" ")}\n${text}`;
  return {
    child,
    said: () => text,
    line: (wanted, what) =>
      new Promise((resolve, reject) => {
        const finish = (end: () => void) => {
          clearTimeout(timer);
          waiting.delete(look);
          end();
        };
        const look = () => {
          const found = wanted.exec(text);
          if (found) finish(() => resolve(found));
          else if (ended)
            finish(() => reject(new Error(`${what}: the program ended with ${String(child.exitCode)}\n${told()}`)));
        };
        const timer = setTimeout(
          () => finish(() => reject(new Error(`${what}: not within ${START_MS} ms\n${told()}`))),
          START_MS,
        );
        waiting.add(look);
        look();
      }),
    stop: async () => {
      if (ended) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** Runs a program to its end; fails with what it said where it fails. */
export async function ask(program: string, args: string[], input = ""): Promise<string> {
  const running = run(program, args, input);
  const code = await new Promise<number | null>((resolve) => {
    if (running.child.exitCode !== null) resolve(running.child.exitCode);
    running.child.once("close", resolve);
    running.child.once("error", () => resolve(null));
  });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ended with ${String(code)}\n${running.said()}`);
  return running.said();
}

/** Starts a service and gives the address it listens on. */
export async function serve(program: string, args: string[]): Promise<{ url: string; running: Running }> {
  const running = run(program, args);
  try {
    const found = await running.line(/^\s*(http:\/\/\S+?)\/?\s*$/m, "the service's address");
    return { url: found[1] ?? "", running };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** A folder of its own for a test, and its removal. */
export function folder(name: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `athar-e2e-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
