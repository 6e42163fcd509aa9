//! What `diff` means: which recordings of two sides belong together, and what became of each. Pure.

pub mod classify;
pub mod compare;
mod nearest;
pub mod outline;
pub mod pair;
mod side;
mod sketch;

pub use side::SideFile;
pub use sketch::Sketch;
