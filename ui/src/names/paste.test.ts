// What is pasted as names: lines, tables, CSV; every refusal has its line, and a name with a comma stays one name.
import { describe, expect, it } from "vitest";
import { NAMES_MOST, csvCell, readPaste } from "./paste";

describe("a paste", () => {
  it("is a name a line, in any script, commas and all", () => {
    const read = readPaste("Amin, Muhammad\n\n# a remark\nأسامة بن لادن\r\n");
    expect(read.hasHead).toBe(false);
    expect(read.questions).toEqual([
      { line: 1, name: "Amin, Muhammad" },
      { line: 4, name: "أسامة بن لادن" },
    ]);
    expect(read.refused).toEqual([]);
  });

  it("is a table where its head says so, in either language", () => {
    expect(readPaste('name,born,country\n"Amin, ""M.""",1970,EG\n,1980,\n').questions).toEqual([
      { line: 2, name: 'Amin, "M."', born: "1970", country: "EG" },
    ]);
    expect(readPaste('name,born,country\n"Amin",1970,EG\n,1980,\n').refused).toEqual([{ line: 3, why: "empty" }]);
    expect(readPaste("الاسم\tالبلد\nمحمد أمين\tمصر").questions).toEqual([
      { line: 2, name: "محمد أمين", country: "مصر" },
    ]);
  });

  it("tells a quote that is not closed by its line, and a line break within quotes keeps the count", () => {
    expect(readPaste('name,id\n"A\nB",1\n"C,2\n').refused).toContainEqual({ line: 4, why: "quote" });
    expect(readPaste('name,id\n"A\nB",1\nC,2\n').questions[1]).toEqual({ line: 4, name: "C", id: "2" });
  });

  it("is bounded", () => {
    const read = readPaste(Array.from({ length: NAMES_MOST + 2 }, (_, at) => `Name ${at}`).join("\n"));
    expect(read.questions).toHaveLength(NAMES_MOST);
    expect(read.refused).toEqual([
      { line: NAMES_MOST + 1, why: "many" },
      { line: NAMES_MOST + 2, why: "many" },
    ]);
    expect(readPaste("x".repeat(1001)).refused).toEqual([{ line: 1, why: "long" }]);
  });
});

it("guards cells against formulas", () => {
  expect(csvCell("=1+1")).toBe("'=1+1");
  expect(csvCell('a,"b"')).toBe('"a,""b"""');
});
