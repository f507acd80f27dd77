//! Cases of a team.
