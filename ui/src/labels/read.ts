// A label's state in a word, and which labels words are found in. A label may be disputed and in use, corrected and in use; what ends its use wins.
import type { components } from "../api/schema";

export type Label = components["schemas"]["LabelView"];
export type State = "quarantine" | "retracted" | "superseded" | "disputed" | "corrected" | "in_use";

/** What has to be told first of a label. */
export function stateOf(label: Pick<Label, "quarantine" | "retracted" | "known_to" | "disputed" | "corrected">): State {
  if (label.quarantine !== null) return "quarantine";
  if (label.retracted !== null) return "retracted";
  if (label.known_to !== null) return "superseded";
  if (label.disputed !== null) return "disputed";
  return label.corrected.length > 0 ? "corrected" : "in_use";
}

const fold = (text: string) => text.normalize("NFKC").toLowerCase();

/** Labels with all of the words in subject, name, source, file, actor, note or context. */
export function withWords(labels: readonly Label[], words: string): Label[] {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...labels];
  return labels.filter((label) => {
    const text = fold(
      [label.subject, label.label, label.source, label.pack, label.actor, label.note, label.context]
        .filter(Boolean)
        .join("\n"),
    );
    return wanted.every((word) => text.includes(word));
  });
}

/** What can be decided about a label in its state. */
export function decisionsOf(label: Label): ("dispute" | "undispute" | "correct" | "retract" | "restore")[] {
  const state = stateOf(label);
  if (state === "quarantine" || state === "superseded") return [];
  if (state === "retracted") return ["restore"];
  return [label.disputed === null ? "dispute" : "undispute", "correct", "retract"];
}

/** Fields that a correction may replace; null means "unknown from now on". */
export const CORRECTABLE = [
  "name",
  "category",
  "actor",
  "country",
  "valid_from",
  "valid_to",
  "source",
  "confidence",
] as const;
export type Field = (typeof CORRECTABLE)[number];

/** The value of a field as the form shows it. */
export function valueOf(label: Label, field: Field): string {
  const value = field === "name" ? label.label : label[field];
  return value === null ? "" : String(value);
}

/** What a correction changes; an emptied field becomes null. */
export function changesOf(label: Label, draft: Record<Field, string>): Partial<Record<Field, string | null>> {
  const changes: Partial<Record<Field, string | null>> = {};
  for (const field of CORRECTABLE) {
    const value = draft[field].trim();
    if (value !== valueOf(label, field)) changes[field] = value === "" ? null : value;
  }
  return changes;
}
