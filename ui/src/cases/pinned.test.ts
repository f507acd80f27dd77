import { readFileSync } from "node:fs";
import i18next from "i18next";
import { describe, expect, it } from "vitest";
import { bytesOf, fieldName, isPath, lines, snapshotOf } from "./pinned";

it("says a text that is in both languages in the one of the page", () => {
  const answer = {
    notes: [{ en: "a page", ar: "\u2068صفحة\u2069" }],
    reason: { code: "x", says: { en: "no", ar: "لا" } },
  };
  expect(lines(answer, "ar").lines).toEqual([
    { depth: 0, name: "notes", value: "صفحة" },
    {
      depth: 0,
      name: "reason",
      parts: [
        { name: "code", value: "x" },
        { name: "says", value: "لا" },
      ],
    },
  ]);
  expect(lines(answer, "fr").lines[0]?.value).toBe("a page");
});

it("tells every field, plain ones of a thing beside its name, others below it", () => {
  const steps = [{ txid: "t0" }, { txid: "t1" }];
  const answer = {
    snapshot: "ab",
    amount_units: "54488121",
    entity: { addresses: 2, is_service: false },
    path: { steps, hops: 2 },
  };
  expect(lines(answer).lines).toEqual([
    { depth: 0, name: "amount units", value: "54488121" },
    {
      depth: 0,
      name: "entity",
      parts: [
        { name: "addresses", value: 2 },
        { name: "is service", value: false },
      ],
    },
    { depth: 0, name: "path", parts: [{ name: "hops", value: 2 }] },
    { depth: 1, name: "steps" },
    { depth: 2, name: "1", parts: [{ name: "txid", value: "t0" }] },
    { depth: 2, name: "2", parts: [{ name: "txid", value: "t1" }] },
    { depth: 0, name: "snapshot", value: "ab" },
  ]);
});

it("reads a list of one as the one", () => {
  expect(lines([{ risk: "severe" }]).lines).toEqual([{ depth: 0, name: "risk", value: "severe" }]);
});

it("counts what it does not show of a list", () => {
  const [head, ...rest] = lines({ txids: Array.from({ length: 9 }, (_, at) => `t${at}`) }).lines;
  expect(head).toEqual({ depth: 0, name: "txids", more: 4 });
  expect(rest.map((l) => l.value)).toEqual(["t0", "t1", "t2", "t3", "t4"]);
});

it("stops at its bound and says so", () => {
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`f${at}`, at]));
  const { lines: found, cut } = lines(wide);
  expect(found).toHaveLength(200);
  expect(cut).toBe(true);
});

it("reads an answer that is no object", () => {
  expect(lines(null).lines).toEqual([{ depth: 0, name: "", value: null }]);
  expect(lines([]).lines).toEqual([{ depth: 0, name: "", value: null }]);
});

it("finds the snapshot where the answer has it", () => {
  expect(snapshotOf({ snapshot: "ab" })).toBe("ab");
  expect(snapshotOf({ snapshot: { id: "cd", tip: 1 } })).toBe("cd");
  expect(snapshotOf([{ snapshot: "ab" }, { snapshot: "ab" }])).toBe("ab");
  expect(snapshotOf([{ snapshot: "ab" }, { snapshot: "cd" }])).toBe("");
  expect(snapshotOf([])).toBe("");
  expect(snapshotOf({})).toBe("");
  expect(snapshotOf("ab")).toBe("");
});

it("counts bytes and not letters, and takes only paths of the service", () => {
  expect(bytesOf("قضية")).toBe(10);
  expect(isPath("/v1/screen?target=2Mx98")).toBe(true);
  expect(isPath("https://example.org/v1/screen")).toBe(false);
  expect(isPath("/v1/names?q=قضية")).toBe(false);
});

// A report in Arabic goes to people who read no English: whatever a figure's answer may hold has a name there.
describe("names of fields", () => {
  type Schema = { [key: string]: unknown };
  const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Schema;
  const spec = read("../openapi.json");
  const at = (of: unknown, ...keys: string[]): unknown =>
    keys.reduce<unknown>((inner, key) => (inner as Schema | undefined)?.[key], of);

  /** Every name of a field that an answer of the route may have. */
  function fields(route: string): Set<string> {
    const names = new Set<string>();
    const seen = new Set<string>();
    const walk = (schema: unknown): void => {
      if (Array.isArray(schema)) schema.forEach(walk);
      if (typeof schema !== "object" || schema === null) return;
      const { $ref, properties, items, anyOf, oneOf, allOf, additionalProperties } = schema as Schema;
      // of a text in both languages only one is shown, without a name of its own
      if (typeof $ref === "string" && $ref !== "#/components/schemas/Bilingual" && !seen.has($ref)) {
        seen.add($ref);
        walk(at(spec, ...$ref.slice(2).split("/")));
      }
      for (const [name, inner] of Object.entries((properties ?? {}) as Schema)) {
        names.add(name);
        walk(inner);
      }
      [items, anyOf, oneOf, allOf, additionalProperties].forEach(walk);
    };
    walk(at(spec, "paths", route, "get", "responses", "200", "content", "application/json", "schema"));
    return names;
  }

  it.each([
    "/v1/screen",
    "/v1/trace/{target}",
    "/v1/exposure/{target}",
    "/v1/counterparties/{subject}",
    "/v1/activity/{subject}",
    "/v1/address/{address}",
    "/v1/entity/{address}",
    "/v1/coinjoin/{txid}",
    "/v1/tx/{txid}",
    "/v1/block/{block}",
    "/v1/campaigns/{id}",
    "/v1/labels",
    "/v1/patterns/hits",
    "/v1/sightings",
    "/v1/paths",
    "/v1/totals",
    "/v1/lists/{list}/entries/{id}",
  ])("in Arabic: %s", async (route) => {
    const arabic = i18next.createInstance();
    await arabic.init({ lng: "ar", ns: ["cases"], resources: { ar: { cases: read("src/i18n/ar/cases.json") } } });
    const names = [...fields(route)];
    expect(names.length).toBeGreaterThan(2);
    // SegWit and Bitcoin's `nonce` are called so in Arabic too.
    expect(names.filter((name) => !/[\u0600-\u06ff]/.test(fieldName(arabic, name)) && name !== "segwit")).toEqual([]);
  });

  it("have their unit beside them", async () => {
    const english = i18next.createInstance();
    await english.init({ lng: "en", ns: ["cases"], resources: { en: { cases: read("src/i18n/en/cases.json") } } });
    expect(fieldName(english, "stopped sat")).toBe("stopped (satoshi)");
    expect(fieldName(english, "edges_truncated")).toBe("movements, cut");
    expect(fieldName(english, "of nothing known")).toBe("of nothing known");
  });
});
