// A paste of names, or a CSV file of them, as questions. A name a line; with a head line that names columns, CSV (RFC 4180) or tab-separated as
// tables are copied from a spreadsheet. What cannot be read is told by line, never guessed.

/** One name that is asked about. */
export interface Question {
  /** Line in what was pasted, from 1. */
  line: number;
  name: string;
  born?: string;
  country?: string;
  id?: string;
}

export interface Refusal {
  line: number;
  why: "empty" | "long" | "many" | "quote";
}

export interface Paste {
  questions: Question[];
  refused: Refusal[];
  /** Whether a head line was understood. */
  hasHead: boolean;
}

/** Names in one go. Each is a question of its own to the service, so that one bad name does not lose the others. */
export const NAMES_MOST = 500;
/** Characters of a name, as the service takes. */
export const NAME_LONGEST = 1000;

const COLUMNS: Record<string, keyof Omit<Question, "line">> = {
  name: "name",
  الاسم: "name",
  nom: "name",
  born: "born",
  "date of birth": "born",
  dob: "born",
  الميلاد: "born",
  "تاريخ الميلاد": "born",
  country: "country",
  nationality: "country",
  البلد: "country",
  الجنسية: "country",
  id: "id",
  identifier: "id",
  passport: "id",
  المعرّف: "id",
  "رقم الجواز": "id",
};

/** Rows of cells, each with the line where it begins. A quote that is not closed is told by its line. */
export function readCells(
  text: string,
  delimiter: string,
): { rows: { line: number; cells: string[] }[]; openQuote: number | null } {
  const rows: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let cell = "";
  let line = 1;
  let begun = 1;
  let quoted = false;
  let quotedAt = 0;
  const end = () => {
    cells.push(cell);
    rows.push({ line: begun, cells });
    cells = [];
    cell = "";
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (quoted) {
      if (char === '"' && text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else if (char === '"') quoted = false;
      else {
        if (char === "\n") line += 1;
        cell += char;
      }
    } else if (char === '"' && cell === "") {
      quoted = true;
      quotedAt = line;
    } else if (char === delimiter) {
      cells.push(cell);
      cell = "";
    } else if (char === "\n") {
      end();
      line += 1;
      begun = line;
    } else if (char !== "\r") cell += char;
  }
  if (cell !== "" || cells.length > 0) end();
  return { rows, openQuote: quoted ? quotedAt : null };
}

function headOf(cells: readonly string[]): (keyof Omit<Question, "line"> | null)[] | null {
  const columns = cells.map((cell) => COLUMNS[cell.trim().toLowerCase()] ?? null);
  return columns.includes("name") ? columns : null;
}

/** Reads what was pasted. Lines that begin with `#` and empty lines at the end are no names. */
export function readPaste(text: string): Paste {
  const clean = text.replace(/^\uFEFF/, "");
  const first = clean.slice(0, clean.indexOf("\n") < 0 ? clean.length : clean.indexOf("\n"));
  const delimiter = first.includes("\t") ? "\t" : first.includes(";") && !first.includes(",") ? ";" : ",";
  const { rows, openQuote } = readCells(clean, delimiter);
  const head = rows[0] ? headOf(rows[0].cells) : null;
  const refused: Refusal[] = openQuote === null ? [] : [{ line: openQuote, why: "quote" }];
  const questions: Question[] = [];
  const add = (question: Question) => {
    if (question.name === "") refused.push({ line: question.line, why: "empty" });
    else if (question.name.length > NAME_LONGEST) refused.push({ line: question.line, why: "long" });
    else if (questions.length >= NAMES_MOST) refused.push({ line: question.line, why: "many" });
    else questions.push(question);
  };
  if (head) {
    for (const { line, cells } of rows.slice(1)) {
      if (cells.every((cell) => cell.trim() === "")) continue;
      const question: Question = { line, name: "" };
      head.forEach((column, at) => {
        const value = cells[at]?.trim() ?? "";
        if (column && value !== "") question[column] = value;
      });
      add(question);
    }
  } else {
    // Without a head line a line is a name as it stands: "Amin, Muhammad" has a comma in it and is one name.
    clean.split(/\r?\n/).forEach((raw, at) => {
      const name = raw.trim();
      if (name !== "" && !name.startsWith("#")) add({ line: at + 1, name });
    });
    return { questions, refused: refused.filter((each) => each.why !== "quote"), hasHead: false };
  }
  return { questions, refused, hasHead: true };
}

/** A cell of CSV that no spreadsheet takes for a formula. */
export function csvCell(value: string): string {
  const guarded = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
