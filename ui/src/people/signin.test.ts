import { expect, it } from "vitest";
import { Problem } from "../api/problem";
import { lockedFor, safeTarget } from "./signin";

it("goes only to pages of this application", () => {
  expect(safeTarget("/cases/7?tab=notes#note-3")).toBe("/cases/7?tab=notes#note-3");
  for (const to of [
    null,
    "",
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "/login",
  ]) {
    expect(safeTarget(to), String(to)).toBe("/");
  }
});

it("waits as long as the service says, and at least a second", () => {
  const locked = (after: number | null) => new Problem({ code: "login_locked", title: "", status: 429 }, after);
  expect(lockedFor(locked(42))).toBe(42);
  expect(lockedFor(locked(0.2))).toBe(1);
  expect(lockedFor(locked(null))).toBe(60);
  expect(lockedFor(new Problem({ code: "login_refused", title: "", status: 401 }))).toBeNull();
  expect(lockedFor(new Error("no"))).toBeNull();
});
