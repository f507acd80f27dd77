import { expect, it } from "vitest";
import { actorOf, cell, csv } from "./audit";

it("tells users, keys, names and nobody apart", () => {
  expect(actorOf("user-7")).toEqual({ kind: "user", id: 7 });
  expect(actorOf("7")).toEqual({ kind: "user", id: 7 });
  expect(actorOf(7)).toEqual({ kind: "user", id: 7 });
  expect(actorOf("key-ab12")).toEqual({ kind: "key", id: "ab12" });
  expect(actorOf("local")).toEqual({ kind: "other", name: "local" });
  expect(actorOf(null)).toEqual({ kind: "nobody" });
  expect(actorOf("-")).toEqual({ kind: "nobody" });
});

it("quotes cells, and lets none be a formula", () => {
  expect(cell('a "b", c')).toBe('"a ""b"", c"');
  expect(cell("=HYPERLINK(1)")).toBe("'=HYPERLINK(1)");
  expect(cell("@x")).toBe("'@x");
  expect(cell(-3)).toBe("-3");
  expect(cell("case:4")).toBe("case:4");
});

it("writes a head, one line an entry, times in UTC", () => {
  const entry = {
    seq: 1,
    at_s: 0,
    actor: "user-2",
    action: "case.read",
    target: "case:4",
    outcome: "done",
    hash: "ab",
  };
  expect(csv([entry])).toBe(
    "seq,at,actor,action,target,outcome,hash\r\n1,1970-01-01T00:00:00.000Z,user-2,case.read,case:4,done,ab\r\n",
  );
});
