// Isolates for text that is put inside a sentence as plain text, where no element can be put around it. In a page that
// is written from left to right, text without letters of the other direction needs none, and stays free of marks that
// would go along into what is copied.

const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

const needsMarks = (text: string) => document.documentElement.dir === "rtl" || RTL.test(text);

/**
 * Reads from left to right whatever is around it: identifiers, figures with units. Arabic digits would put the parts of a
 * date in the other order even so; they are overridden.
 */
export function ltr(text: string): string {
  if (!needsMarks(text)) return text;
  return /[٠-٩]/.test(text) ? `\u2066\u202d${text}\u202c\u2069` : `\u2066${text}\u2069`;
}

/** Takes the direction of its own first letter: names, labels. */
export const isolate = (text: string) => (needsMarks(text) ? `\u2068${text}\u2069` : text);

/** An identifier with its middle cut out, both ends kept: `2Mx98FrU…Dvr4mu`. */
export function middleCut(text: string, start = 8, end = 6): string {
  return text.length <= start + end + 1 ? text : `${text.slice(0, start)}…${text.slice(-end)}`;
}
