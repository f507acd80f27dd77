// Starts the program where no server is named, and stops it after the last test: on the demo world in local mode, as one
// person at one machine has it, and beside it on the same store for a team, with the people that the tests sign in as.
import { join } from "node:path";
import { PASSWORD } from "./password";
import { ask, folder, PROGRAM, serve, type Running } from "./program";

/** Who may sign in: name, name that others see, role. */
const PEOPLE = [
  ["amal", "Amal Haddad", "admin"],
  ["samir", "سمير النجّار", "supervisor"],
  ["lina", "Lina Sorour", "analyst"],
  ["omar", "عمر الكيلاني", "analyst"],
  ["vera", "Vera Lindqvist", "viewer"],
] as const;

export default async function start(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.ATHAR_URL) return undefined;
  if (!PROGRAM) throw new Error("set ATHAR_URL to a running server, or ATHAR_BIN to the program that starts one");
  const dir = folder("world");
  const started: Running[] = [];
  const stop = async () => {
    for (const each of started.reverse()) await each.stop();
    dir.remove();
  };
  try {
    const out = join(dir.path, "demo");
    const store = join(out, "store");
    const demo = await serve(PROGRAM, ["demo", "--serve", "--listen", "127.0.0.1:0", "--out", out]);
    started.push(demo.running);
    const team = await people(PROGRAM, store, join(dir.path, "team.sqlite"));
    started.push(team.running);
    process.env.ATHAR_URL = demo.url;
    process.env.ATHAR_TEAM_URL = team.url;
    process.env.ATHAR_DEMO_STORE = store;
    process.env.ATHAR_STARTED = "1";
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** A server for a team, with everybody in it. Tests sign in often, which the limit of logins would take for guessing. */
async function people(program: string, store: string, database: string): ReturnType<typeof serve> {
  const place = ["--store", store];
  const team = ["--team", database];
  for (const [name, display, role] of PEOPLE)
    await ask(
      program,
      [...place, "users", ...team, "add", name, "--role", role, "--display", display, "--password-stdin"],
      `${PASSWORD}\n`,
    );
  const words = ["--listen", "127.0.0.1:0", "--log", "error", "--no-deliver", "--no-rescreen", "--login-rate", "10000"];
  return serve(program, [...place, "serve", ...team, ...words]);
}
