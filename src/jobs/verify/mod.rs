//! `verify`: findings that are known already.

pub(crate) mod baseline;
pub mod check;
mod fix;
