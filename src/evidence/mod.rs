//! Facts about test runs: the tests, the suites, which tests passed, which recordings were opened. Pure: texts in,
//! values out. The callers draw conclusions from the evidence.

pub mod base;
pub mod clients;
pub mod functions;
pub mod ids;
mod junit;
pub mod matrix;
pub mod misses;
mod output;
pub mod reads;
pub mod stack;
pub mod suites;
pub mod test_list;

pub use base::Base;
pub use reads::{ReadLog, Reads};
pub use test_list::{Gap, TestFailure, TestList};

/// Reads one list or the output of a run, or several after each other; or a report in JUnit's XML. The ids of recordings
/// decide where a line could be read in several ways.
pub fn read_tests(text: &str, known: &ids::KnownIds) -> TestList {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if is_report(text) { junit::parse(text, known) } else { output::parse(text, known) }
}

/// Whether a text is a report in JUnit's XML.
fn is_report(text: &str) -> bool {
    let start = text.trim_start();
    start.starts_with("<?xml") || start.starts_with("<testsuite") || start.starts_with("<!--")
}
