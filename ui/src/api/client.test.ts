// @vitest-environment jsdom
// Speaking to the service: paths, the token of changes, and failures as problems.
import { afterEach, expect, test, vi } from "vitest";
import { call, pathOf, setCsrf } from "./client";
import { Problem } from "./problem";

afterEach(() => {
  setCsrf(null);
  vi.unstubAllGlobals();
});

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(request);
    return Promise.resolve(new Response(body === null ? null : JSON.stringify(body), { status, headers }));
  });
  return asked;
}

test("a path is filled and its query written; what cannot be in a path is escaped", () => {
  expect(pathOf("/v1/address/{address}", { address: "../../etc" }, { limit: 3, chain: undefined, q: "" })).toBe(
    "/v1/address/..%2F..%2Fetc?limit=3",
  );
  expect(pathOf("/v1/screen", undefined, { target: ["a", "b"] })).toBe("/v1/screen?target=a&target=b");
});

test("only changes carry the token", async () => {
  const asked = answer(200, {});
  setCsrf("t-1");
  await call("GET", "/v1/cases");
  await call("POST", "/v1/cases", { body: { title: "x" } });
  expect(asked.map((request) => request.headers.get("X-Athar-CSRF"))).toEqual([null, "t-1"]);
  expect(asked[1]?.headers.get("content-type")).toBe("application/json");
});

test("a refusal is a problem with its code, its present state and how long to wait", async () => {
  answer(
    409,
    { code: "version_conflict", title: "Changed.", status: 409, current: { version: 3 } },
    { "retry-after": "7" },
  );
  const error = await call("PUT", "/v1/cases/1", { body: {} }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Problem);
  expect(error).toMatchObject({ code: "version_conflict", status: 409, current: { version: 3 }, retryAfter: 7 });
});

test("a page of a proxy in between is a problem too, and so is a service that is away", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>502</html>", { status: 502 })));
  await expect(call("GET", "/v1/status")).rejects.toMatchObject({ code: "unreadable", status: 502 });
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  await expect(call("GET", "/v1/status")).rejects.toMatchObject({ code: "unreachable", status: 0 });
});

test("an answer without a body is no error", async () => {
  answer(200, null);
  await expect(call("DELETE", "/v1/cases/1")).resolves.toBeUndefined();
});
