// The subjects that were looked at last in this browser. They stay in the browser: the service keeps no list of what
// somebody looked at beyond its audit log.

export interface Recent {
  chain: string;
  value: string;
  title: string | null;
  level: string;
}

const KEY = "athar.recent";
const MAX = 12;

/** The last ones, newest first. */
export function recent(): Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isRecent).slice(0, MAX) : [];
  } catch {
    return [];
  }
}

function isRecent(value: unknown): value is Recent {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Recent).value === "string" &&
    typeof (value as Recent).chain === "string"
  );
}

/** Puts one in front. */
export function remember(one: Recent): void {
  const rest = recent().filter((other) => other.value !== one.value || other.chain !== one.chain);
  try {
    localStorage.setItem(KEY, JSON.stringify([one, ...rest].slice(0, MAX)));
  } catch {
    // Storage that is full or closed: the list is a convenience.
  }
}

/** Forgets them all: a shared machine should not tell what was looked at. */
export function forget(): void {
  localStorage.removeItem(KEY);
}
