// What is typed and not yet sent. It is kept while the application is open, so that looking at another part of a case,
// or at another page, loses nothing. It is never stored in the browser: a case's text stays off the disk.
import { useCallback, useEffect, useState } from "react";

const drafts = new Map<string, unknown>();

/** Like `useState`, but the value outlives the component until `forget` is called. */
export function useDraft<T>(key: string, start: T): [T, (value: T) => void, () => void] {
  const [value, setValue] = useState<T>(() => (drafts.has(key) ? (drafts.get(key) as T) : start));
  const set = useCallback(
    (next: T) => {
      drafts.set(key, next);
      setValue(next);
    },
    [key],
  );
  const forget = useCallback(() => {
    drafts.delete(key);
    setValue(start);
    // The start value is a constant of the caller; a new object each time is the same start.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  return [value, set, forget];
}

/** Whether anything is typed and not sent. */
export const hasDrafts = (): boolean => [...drafts.values()].some((value) => JSON.stringify(value).length > 2);

/** Forgets everything: another person has signed in. */
export const forgetDrafts = (): void => drafts.clear();

/** Warns before the window is closed while something is typed and not sent. */
export function useWarnOfDrafts(): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (hasDrafts()) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, []);
}
