// The stand-in for the server of a team: users, sessions, cases and the audit log in memory, everything else passed on.

import { Cases } from "./cases";
import { People } from "./people";
import { type Answer, type Asked, Refusal } from "./wire";

/** Answers what is its own, and gives nothing for what is not. `backend` answers the questions of findings again. */
export function team(mode: "local" | "team", backend: string): (asked: Asked) => Promise<Answer | null> {
  const people = new People(mode);
  const cases = new Cases(people, async (path) => {
    const response = await fetch(new URL(path, backend));
    return (await response.json()) as Record<string, unknown>;
  });
  return async (asked) => {
    try {
      return people.handle(asked) ?? (await cases.handle(asked));
    } catch (error) {
      if (error instanceof Refusal) return error.answer();
      throw error;
    }
  };
}
