//! A text for people: help, a manual, a script.

use serde::Serialize;

/// A text that is printed unchanged.
#[derive(Debug, Serialize)]
pub struct PageReport {
    /// The command that makes it.
    #[serde(skip)]
    pub command: &'static str,
    /// The text.
    pub text: String,
    /// Whether it holds styles, which are for terminals only.
    #[serde(skip)]
    pub styled: bool,
}
