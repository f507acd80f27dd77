// The words of the application in a language, from the files that it is built with: a test that goes the same way in
// both languages names a text by its key.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Language = "en" | "ar";

type Texts = { [key: string]: string | Texts };

/** `say("cases:notes.write")` in that language, as it stands in the file, values and all. */
export function words(language: Language): (key: string) => string {
  const read = new Map<string, Texts>();
  return (key) => {
    const [space = "", path = ""] = key.split(":");
    let texts = read.get(space);
    if (texts === undefined) {
      const file = join("src", "i18n", language, `${space}.json`);
      texts = JSON.parse(readFileSync(file, "utf8")) as Texts;
      read.set(space, texts);
    }
    let at: string | Texts | undefined = texts;
    for (const part of path.split(".")) at = typeof at === "object" ? at[part] : undefined;
    if (typeof at !== "string") throw new Error(`${language} has no text ${key}`);
    return at;
  };
}

/** A pattern that matches the text whatever its values are; isolates around values are part of them. */
export function filled(text: string): RegExp {
  const parts = text.split(/\{\{[^}]*\}\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(parts.join("[\\s\\S]*"));
}
