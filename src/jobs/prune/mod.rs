//! `prune`: reads the store and checks its evidence.

pub mod clean_up;
pub(crate) mod look;
mod sources;
pub(crate) mod trust;
