// Isolates for text that is put inside a sentence as plain text, where no element can be put around it.

/**
 * Reads from left to right whatever is around it: identifiers, figures with units. Arabic digits would put the parts of a
 * date in the other order even so; they are overridden.
 */
export const ltr = (text: string) => (/[٠-٩]/.test(text) ? `\u2066\u202d${text}\u202c\u2069` : `\u2066${text}\u2069`);

/** Takes the direction of its own first letter: names, labels. */
export const isolate = (text: string) => `\u2068${text}\u2069`;

/** An identifier with its middle cut out, both ends kept: `2Mx98FrU…Dvr4mu`. */
export function middleCut(text: string, start = 8, end = 6): string {
  return text.length <= start + end + 1 ? text : `${text.slice(0, start)}…${text.slice(-end)}`;
}
