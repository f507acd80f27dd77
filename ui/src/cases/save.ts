// Saving something that others may change too. A save names the version it saw; where another version is stored the
// service refuses and tells the present state, and the person chooses. What they typed stays in the form throughout.
import { useState } from "react";
import { Problem } from "../api/problem";

export interface Stored {
  version: number;
}

export interface Clash<T, S> {
  mine: T;
  stored: S;
}

export interface Saving<T, S extends Stored> {
  isBusy: boolean;
  error: unknown;
  /** Set while the person has to choose between two versions. */
  clash: Clash<T, S> | null;
  /** Sends it. True where it is stored. */
  save: (mine: T, version: number) => Promise<boolean>;
  /** Sends mine again, over the version that is stored. */
  keepMine: () => Promise<boolean>;
  /** Closes the choice; the form keeps what was typed, on top of the version that is stored. */
  goOn: () => void;
}

/** `send` changes the thing as seen at a version. */
export function useSave<T, S extends Stored>(send: (mine: T, version: number) => Promise<unknown>): Saving<T, S> {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [clash, setClash] = useState<Clash<T, S> | null>(null);

  const save = async (mine: T, version: number): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await send(mine, version);
      setClash(null);
      return true;
    } catch (problem) {
      const stored = storedOf<S>(problem);
      if (stored) setClash({ mine, stored });
      else setError(problem);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return {
    isBusy,
    error,
    clash,
    save,
    keepMine: () => (clash ? save(clash.mine, clash.stored.version) : Promise.resolve(false)),
    goOn: () => setClash(null),
  };
}

/** The state that the service tells beside `version_conflict`; nothing for any other problem. */
export function storedOf<S extends Stored>(problem: unknown): S | null {
  if (!(problem instanceof Problem) || problem.code !== "version_conflict") return null;
  const { current } = problem;
  if (typeof current !== "object" || current === null) return null;
  return typeof (current as { version?: unknown }).version === "number" ? (current as S) : null;
}
