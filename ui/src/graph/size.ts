// The size of a node on the drawing board, apart from the layout, which what only draws need not know.
/** Size of a node on the drawing board, in its units. */
export const NODE_W = 200;
export const NODE_H = 64;
