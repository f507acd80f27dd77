// How closely the board is looked at. Three steps, not the zoom itself: cards and lines are drawn again when a step is passed, not
// at every turn of the wheel.

import { createContext, useContext } from "react";

export type Detail = "far" | "mid" | "near";

export const DetailContext = createContext<Detail>("near");

export function useDetail(): Detail {
  return useContext(DetailContext);
}

/** Words are legible from `near` on; from `far` a node is but a box. */
export function detailOf(zoom: number): Detail {
  return zoom < 0.42 ? "far" : zoom < 0.62 ? "mid" : "near";
}
