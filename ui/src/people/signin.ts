// Signing in: sending name and password, and where to go afterwards.
import { call } from "../api/client";
import type { Session } from "../api/contract";
import { Problem } from "../api/problem";

/** Logs in; throws a [`Problem`] with `login_refused` or `login_locked`. */
export function signIn(name: string, password: string): Promise<Session> {
  return call("POST", "/v1/session", { body: { name, password } });
}

/** Seconds to wait where a sign-in was locked; nothing for any other problem. */
export function lockedFor(problem: unknown): number | null {
  if (!(problem instanceof Problem) || problem.status !== 429) return null;
  return Math.max(1, Math.ceil(problem.retryAfter ?? 60));
}

/** A page of this application to go to after signing in. Anything that leads elsewhere leads to the start. */
export function safeTarget(to: string | null): string {
  if (!to || !to.startsWith("/") || to.startsWith("//") || to.includes("\\")) return "/";
  try {
    const url = new URL(to, "http://here.invalid");
    if (url.host !== "here.invalid" || url.pathname === "/login") return "/";
    return url.pathname + url.search + url.hash;
  } catch {
    return "/";
  }
}
