// What every card and line of the board needs to know and that seldom changes.

import { createContext, useContext } from "react";
import type { Asset } from "./document";

export interface Board {
  readonly isRtl: boolean;
  readonly chain: string;
  readonly assets: Readonly<Record<string, Asset>>;
}

export const BoardContext = createContext<Board>({ isRtl: false, chain: "bitcoin", assets: {} });

export function useBoard(): Board {
  return useContext(BoardContext);
}
