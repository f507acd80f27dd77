// The size of a node, apart from the layout: what draws nodes must not carry the layout's library, which is the worker's.
/** Size of a node on the drawing board, in its units. */
export const NODE_W = 200;
export const NODE_H = 64;
