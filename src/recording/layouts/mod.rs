//! The layout of answers by version of the `openai` SDK, whose classes the recorder dumps.
//!
//! `table.rs` is the data. What differs between versions: the fields of an answer and their order, the text of an HTTP
//! error, and the exceptions that a broken stream raises.

mod failures;
pub(crate) mod kinds;
pub mod layout;
mod schema;
mod table;

pub use super::version::SdkVersion;
pub use layout::{AnswerType, Layout};
pub use schema::recording_schema;
