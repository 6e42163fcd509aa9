//! `prune`: what is in the store, and what its evidence is worth.

pub(crate) mod look;
pub(crate) mod trust;
