// The case that a page is about, for all its parts: what it is, whether the reader writes in it, what people are
// called, and how to say that something was done.
import { createContext, use } from "react";
import type { WholeCase } from "./data";

export interface One {
  one: WholeCase;
  isWriter: boolean;
  /** What a person is called who is known by number. */
  nameOf: (user: number | string) => string;
  /** Asks for the case and its parts again. */
  changed: () => Promise<void>;
  /** Tells the reader, also one who hears the page, that something was done. */
  say: (text: string) => void;
}

export const OneContext = createContext<One | null>(null);

/** The case around this component. */
export function useOne(): One {
  const one = use(OneContext);
  if (!one) throw new Error("no case around this component");
  return one;
}
