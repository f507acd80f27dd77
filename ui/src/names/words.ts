// Shapes of name screening, and the order in which grades stand.
import type { components } from "../api/schema";

export type Hit = components["schemas"]["Hit"];
export type NameView = components["schemas"]["NameView"];
export type Why = components["schemas"]["Why"];
export type Grade = components["schemas"]["Grade"];

const GRADES: readonly Grade[] = ["unlikely", "possible", "likely", "strong"];

/** From what says least to what says most. */
export const gradeRank = (grade: Grade) => GRADES.indexOf(grade);

/** The hit that says most; equal ones by score. */
export function bestOf(hits: readonly Hit[]): Hit | null {
  return hits.reduce<Hit | null>(
    (best, hit) =>
      !best || gradeRank(hit.grade) > gradeRank(best.grade) || (hit.grade === best.grade && hit.score > best.score)
        ? hit
        : best,
    null,
  );
}

/** A score as it is read, three decimals; it is a measure and no money. */
export const scoreText = (score: number) => score.toFixed(3);
