// What two versions of the same thing disagree about, so that a person can choose without losing what they typed.

export interface Difference {
  field: string;
  mine: unknown;
  stored: unknown;
}

/** The same JSON, whatever the order of its fields. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => same(left[name], right[name]));
}

/** Fields of `mine` that the stored state has otherwise. Fields that `mine` does not change are no conflict. */
export function differences(mine: object, stored: object): Difference[] {
  const theirs = stored as Record<string, unknown>;
  return Object.entries(mine)
    .filter(([field, value]) => !same(value, theirs[field]))
    .map(([field, value]) => ({ field, mine: value, stored: theirs[field] }));
}

/** Only the fields that were changed from what was first seen, so that a save touches nothing else. */
export function changed<T extends object>(first: T, now: T): Partial<T> {
  const before = first as Record<string, unknown>;
  const fields = Object.entries(now).filter(([field, value]) => !same(value, before[field]));
  return Object.fromEntries(fields) as Partial<T>;
}
