//! Recordings as git has them: in a revision, in the index.
//!
//! git is run below the root. A hook runs with an index of its own, which the environment names.

mod blob;
mod command;
mod listing;
mod objects;
mod repository;
mod setup;
mod stage;

pub use blob::{Blob, GitContent};
pub use repository::Git;
