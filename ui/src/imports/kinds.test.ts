// What a file seems to be, and what is read of the end of an import.
import { describe, expect, it } from "vitest";
import { guess, readOutcome } from "./kinds";

describe("a guess", () => {
  it("goes by the head line, the markup and the name", () => {
    expect(guess("x.csv", "day,asset,usd,source\n2020-01-01,BTC,1,a")).toBe("prices");
    expect(guess("books.csv", "serial,outlet,amount,currency")).toBe("records");
    expect(guess("mine.csv", "address,label,category")).toBe("labels");
    expect(guess("un.xml", '<?xml version="1.0"?><CONSOLIDATED_LIST dateGenerated="x">')).toBe("lists");
    expect(guess("page.HTML", "<html>")).toBe("documents");
  });
  it("is none where nothing speaks for one", () => expect(guess("a.csv", "a,b,c")).toBeNull());
});

describe("an outcome", () => {
  it("has refusals with their line", () => {
    const read = readOutcome({
      what: "labels",
      name: "m.csv",
      taken: 41,
      refused: 1,
      refusals: [{ line: 7, what: { en: "no match", ar: "غير مطابق" }, kind: "checksum", text: "1abc" }],
      refusals_truncated: true,
    });
    expect(read.refusals).toEqual([
      { line: 7, place: "", what: { en: "no match", ar: "غير مطابق" }, kind: "checksum", text: "1abc" },
    ]);
    expect(read.refusalsTruncated).toBe(true);
    expect(read.already).toBe(false);
  });
  it("is nothing where nothing can be read", () =>
    expect(readOutcome("x")).toMatchObject({ taken: 0, refused: 0, refusals: [] }));
});
