//! `prune`: what is in the store, and what its evidence is worth.

pub mod clean_up;
pub(crate) mod look;
pub(crate) mod trust;
