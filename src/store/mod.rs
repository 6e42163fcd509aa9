//! Where recordings live. This room alone touches the file system.
//!
//! A store is a tree of folders named `recordings`, each beside its tests, or one flat folder.

pub mod copies;
mod folder;
mod hindrance;
mod input;
mod layout;
mod leftovers;
pub mod lock;
pub mod log;
pub mod output;
pub mod owned;
mod paths;
mod read;
pub mod relocate;
pub mod remove;
pub mod snapshot;
pub mod stage;
mod system;
mod text;
pub mod watch;

pub use crate::recording::file::{RECORDINGS, RecordingFile, is_recording_path};
pub use folder::Store;
pub use input::{read_any, read_away_stdin, read_input, read_stdin};
pub use layout::StoreLayout;
pub use owned::scratch_folder;
pub use paths::{absolute, folder_names, is_file, is_folder, is_there, make_root, without_links};
pub use text::{read_text, read_text_bytes, site_folders, site_packages};
