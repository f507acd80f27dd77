//! Which addresses act as one: heuristics and the merge forest.
