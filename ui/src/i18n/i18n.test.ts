// Both languages are whole: what English says, Arabic says, with the same places to fill and every plural form.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const dir = new URL(`file://${process.cwd()}/src/i18n/`);
const PLURAL = /_(zero|one|two|few|many|other)$/;
const FORMS = { en: ["one", "other"], ar: ["zero", "one", "two", "few", "many", "other"] };

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ""): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (typeof value === "string") all.set(path, value);
    else for (const [k, v] of flat(value, path)) all.set(k, v);
  }
  return all;
}

const read = (language: string, file: string) =>
  flat(JSON.parse(readFileSync(new URL(`${language}/${file}`, dir), "utf8")) as Tree);
const bases = (texts: Map<string, string>) => new Set([...texts.keys()].map((key) => key.replace(PLURAL, "")));
const places = (text: string) => new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((m) => m[1]));

const files = readdirSync(new URL("en", dir));

test.each(files)("Arabic says all that English says: %s", (file) => {
  const en = read("en", file);
  const ar = read("ar", file);
  expect([...bases(ar)].sort()).toEqual([...bases(en)].sort());
  for (const [key, text] of ar) expect(text.trim(), `${file}: ${key}`).not.toBe("");
});

test.each(files)("counted texts have every form of their language: %s", (file) => {
  for (const [language, forms] of Object.entries(FORMS)) {
    const texts = read(language, file);
    for (const key of texts.keys()) {
      // codes of errors are no counted texts, though some end alike
      if (!PLURAL.test(key) || key.startsWith("problem.")) continue;
      const base = key.replace(PLURAL, "");
      for (const form of forms) expect(texts.has(`${base}_${form}`), `${language}/${file}: ${base}_${form}`).toBe(true);
    }
  }
});

test.each(files)("no text of Arabic asks for a value that English does not give: %s", (file) => {
  const en = read("en", file);
  const ar = read("ar", file);
  const given = new Map<string, Set<string | undefined>>();
  for (const [key, text] of en) {
    const base = key.replace(PLURAL, "");
    given.set(base, new Set([...(given.get(base) ?? []), ...places(text)]));
  }
  for (const [key, text] of ar) {
    const base = key.replace(PLURAL, "");
    for (const place of places(text)) {
      expect(place === "count" || given.get(base)?.has(place), `${file}: ${key} asks for ${String(place)}`).toBe(true);
    }
  }
});

test("French has every file, and no key that English lacks", () => {
  expect(readdirSync(new URL("fr", dir))).toEqual(files);
  for (const file of readdirSync(new URL("fr", dir))) {
    const en = bases(read("en", file));
    for (const key of bases(read("fr", file))) expect(en.has(key), `fr/${file}: ${key}`).toBe(true);
  }
});

test("every error of the service has words in both languages", () => {
  const errors = readFileSync("../docs/reference/errors.md", "utf8");
  const codes = [...errors.matchAll(/^### ([a-z_]+)$/gm)].map((found) => found[1]);
  expect(codes.length).toBeGreaterThan(60);
  for (const language of ["en", "ar"]) {
    const texts = read(language, "common.json");
    expect(codes.filter((code) => !texts.has(`problem.${code ?? ""}`))).toEqual([]);
  }
});
