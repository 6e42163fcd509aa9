//! What a repository says about itself: its configuration file, and the recorder and SDK that it uses.
//!
//! Texts come in and values go out. The files are read by [`crate::jobs::in_force`].

pub mod detect;
pub mod file;
pub mod lock;
pub mod requires;
pub mod schema;

pub use file::Settings;
