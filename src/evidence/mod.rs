//! Facts about test runs: the tests, the suites, which tests passed, which recordings were opened. Pure: texts in,
//! values out. The callers draw conclusions from the evidence.

pub mod base;
pub mod clients;
pub mod defines;
pub mod functions;
pub mod ids;
mod junit;
pub mod matrix;
pub mod misses;
mod output;
mod output_patterns;
pub mod reads;
pub mod runner;
pub mod stack;
pub mod suites;
pub mod test_list;
mod text;

pub use base::Base;
pub use reads::{ReadLog, Reads};
pub use test_list::{Gap, TestFailure, TestList};
pub use text::text_of;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_may_have_written_a_list() {
        let text = "tests/a.py::t\r\n";
        let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(order).collect()
        };
        let marked = format!("\u{feff}{text}").into_bytes();
        for bytes in [text.as_bytes().to_vec(), marked, wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
            assert_eq!(text_of(&bytes), text);
            assert_eq!(read_tests(&text_of(&bytes), &ids::KnownIds::default()).ids, ["tests/a.py::t"]);
            assert_eq!(ReadLog::parse(&bytes).lines.len(), 1);
            assert!(ReadLog::parse(&bytes).lines.contains("tests/a.py::t"));
        }
    }
}
