//! Facts of AWS that are no business of one service.

pub mod region;
