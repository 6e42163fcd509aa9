//! `replay-check`: the replay of a team, watched, and which tests it covered.

pub mod check;
pub(crate) mod coverage;
pub mod options;
pub(crate) mod watched;
