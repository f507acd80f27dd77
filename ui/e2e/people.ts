// Signing in for tests in a browser: the people that `server.ts` makes, or of another server that has the same.
import type { Page } from "@playwright/test";
import { PASSWORD } from "./password";

export { PASSWORD };

interface Session {
  mode: "local" | "team";
  csrf: string | null;
  user: { id: number; name: string } | null;
}

/** The session of the page's context. */
export async function session(page: Page): Promise<Session> {
  return (await (await page.request.get("/v1/session")).json()) as Session;
}

/** Signs in without the form; in local mode there is nothing to do. */
export async function enter(page: Page, name = "lina", password = PASSWORD): Promise<Session> {
  const now = await session(page);
  if (now.mode === "local" || now.user?.name === name) return now;
  const answer = await page.request.post("/v1/session", { data: { name, password } });
  if (!answer.ok()) throw new Error(`${name} could not sign in: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as Session;
}

/** A request that changes something, with the session's token. */
export async function put<T>(page: Page, method: string, path: string, data?: unknown): Promise<T> {
  const { csrf } = await session(page);
  const answer = await page.request.fetch(path, {
    method,
    headers: csrf ? { "X-Athar-CSRF": csrf } : {},
    ...(data === undefined ? {} : { data }),
  });
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}
