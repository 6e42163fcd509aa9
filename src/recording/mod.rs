//! What a recording is: bytes in, a checked document out. Pure; files are the business of [`crate::store`].

pub mod answer;
mod coerce;
pub mod completeness;
pub mod difference;
pub mod digest;
mod document;
pub mod dump;
pub mod epochs;
pub mod error_text;
pub mod exception;
pub mod file;
pub mod json;
pub mod key;
pub mod layouts;
pub mod name;
pub mod noise;
mod normalise;
pub mod pointer;
pub mod python;
pub mod recorder;
pub mod rewrite;
pub mod same_answer;
pub mod scan;
pub mod sight;
pub mod test_id;
pub mod turn;
pub mod version;

pub use document::{Exception, Flaw, Kind, MAX_FILE_BYTES, RECORDER, Recording, Response};
