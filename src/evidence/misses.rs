//! The requests that a replay did not find, from the recorder's errors in the output of pytest or in a JUnit report.
//!
//! The error has the key, the model, the method and the url, but not the body. The test of the request is near it: in
//! the heading of the failure, or in the line of the summary.

use std::collections::BTreeMap;

use super::ids::{self, KnownIds};
use super::{TestFailure, is_report, junit};

/// What the recorder writes before the key.
const MARKS: [&str; 2] = ["Recording not found for request hash: ", "Recording not found for genai request hash: "];

/// The word with which both begin.
const FIRST_WORD: &str = "Recording";

/// The most lines over which a console breaks the message up to the url.
const MOST_LINES: usize = 6;

/// A request that was not found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportedMiss {
    /// The test that made it, if that is said.
    pub test_id: Option<String>,
    /// Its key, in 64 hexadecimal digits, or as many as the line has.
    pub key: String,
    /// The model it asks for.
    pub model: Option<String>,
    /// Its method and url.
    pub request: Option<(String, String)>,
}

/// The misses of an output or a report, each once for a test, in order.
pub fn misses(text: &str, known: &KnownIds) -> Vec<ReportedMiss> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let found = match is_report(text) {
        true => of_failures(&junit::parse(text, known).failures),
        false => of_output(text, known),
    };
    unique(found)
}

/// Each miss of a test once, with all that is said of it.
pub fn unique(found: Vec<ReportedMiss>) -> Vec<ReportedMiss> {
    let mut misses: Vec<ReportedMiss> = Vec::new();
    for miss in found {
        // A key is said several times: in the traceback, and cut in the summary.
        let is_same = |one: &&mut ReportedMiss| {
            one.test_id == miss.test_id && (one.key.starts_with(&miss.key) || miss.key.starts_with(&one.key))
        };
        match misses.iter_mut().find(is_same) {
            Some(one) if one.key.len() < miss.key.len() => *one = miss,
            Some(one) => {
                one.model = one.model.take().or(miss.model);
                one.request = one.request.take().or(miss.request);
            }
            None => misses.push(miss),
        }
    }
    misses
}

/// The misses that the failures of a report name.
pub fn of_failures(failures: &[TestFailure]) -> Vec<ReportedMiss> {
    let of = |failure: &TestFailure| {
        let lines: Vec<&str> = failure.detail.lines().collect();
        let test_id = Some(failure.test_id.clone());
        (0..lines.len()).filter_map(|at| at_line(&lines[at..], test_id.clone())).collect::<Vec<_>>()
    };
    failures.iter().flat_map(of).collect()
}

/// The miss that the first of these lines names; the next ones tell the rest. A log that is as wide as a console breaks
/// the message between two words.
fn at_line(lines: &[&str], test_id: Option<String>) -> Option<ReportedMiss> {
    let first = lines.first().filter(|line| line.contains(FIRST_WORD))?;
    let words = |line: &&str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let own = words(first).join(" ").len();
    let text = lines.iter().take(MOST_LINES).flat_map(words).collect::<Vec<_>>().join(" ");
    let (_, rest) = MARKS.iter().find_map(|mark| text.split_once(mark)).filter(|(before, _)| before.len() < own)?;
    let digits = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
    // Fewer could be the beginning of many.
    let key = rest.get(..digits.min(64)).filter(|key| key.len() >= 8)?.to_ascii_lowercase();
    // pytest puts its mark of an error before the line.
    let detail = rest[digits..].trim_start().trim_start_matches("E ").strip_prefix("Model: ");
    let (model, request) = detail.and_then(|detail| detail.split_once(" | Request: ")).unzip();
    let request = request.and_then(|request| {
        let mut words = request.split(' ');
        words.next().zip(words.next())
    });
    Some(ReportedMiss {
        test_id,
        key,
        model: model.map(str::to_owned),
        request: request.map(|(method, url)| (method.to_owned(), url.to_owned())),
    })
}

fn of_output(text: &str, known: &KnownIds) -> Vec<ReportedMiss> {
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    let names = names(&lines);
    let (mut heading, mut misses) = (None, Vec::new());
    for (at, line) in lines.iter().enumerate() {
        if let Some(name) = heading_of(line) {
            heading = Some(name);
        } else if is_rule(line) {
            heading = None;
        }
        let in_summary = summary_id(line);
        let test_id = in_summary.map(str::to_owned).or_else(|| {
            let name = heading?;
            names.get(name).cloned().or_else(|| known.with_name(name).map(str::to_owned))
        });
        misses.extend(at_line(&lines[at..], test_id));
    }
    misses
}

/// The name in the heading of a failure: `____ TestC.test_a[x] ____`, also `____ ERROR at setup of test_a ____`.
fn heading_of(line: &str) -> Option<&str> {
    let inside = line.strip_prefix("__")?.strip_suffix("__")?.trim_matches('_');
    let name = inside.strip_prefix(' ')?.strip_suffix(' ')?.trim();
    let of_error = ["ERROR at setup of ", "ERROR at teardown of ", "ERROR collecting "];
    Some(of_error.iter().find_map(|start| name.strip_prefix(start)).unwrap_or(name)).filter(|name| !name.is_empty())
}

/// A line that ends a section: `==== short test summary info ====`.
fn is_rule(line: &str) -> bool {
    line.starts_with("===") && line.ends_with("===")
}

/// The id in a line of the summary: `FAILED tests/a.py::test - RuntimeError: …`.
fn summary_id(line: &str) -> Option<&str> {
    let rest = ["FAILED ", "ERROR "].iter().find_map(|word| line.strip_prefix(word))?;
    let id = rest.split_once(" - ").map_or(rest, |(id, _)| id).trim();
    // Parameters may hold the sign that separates.
    let id = match (id.contains('['), rest.find("] - ")) {
        (true, Some(end)) => &rest[..=end],
        _ => id,
    };
    ids::is_id(id).then_some(id)
}

/// What a heading calls the tests that the output names elsewhere: the id by `TestC.test_a[x]`.
fn names(lines: &[&str]) -> BTreeMap<String, String> {
    let ids = lines.iter().filter_map(|line| summary_id(line).or_else(|| progress_id(line)));
    let ids = ids.map(str::to_owned);
    ids.filter_map(|id| Some((id.split_once("::")?.1.replace("::", "."), id))).collect()
}

/// The id of a line like `tests/a.py::test_a[x y] FAILED  [ 50%]`.
fn progress_id(line: &str) -> Option<&str> {
    let at = [" FAILED", " ERROR"].iter().filter_map(|word| line.rfind(word)).max()?;
    Some(line[..at].trim_end()).filter(|id| ids::is_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "5a88cdf51c546e4eaf9bb80ad8c1d2a79cd5dd0be1b1dbb6a0d6c1b8d2ad49aa";
    const OTHER: &str = "6b88cdf51c546e4eaf9bb80ad8c1d2a79cd5dd0be1b1dbb6a0d6c1b8d2ad49aa";

    fn known() -> KnownIds {
        KnownIds::new(["tests/a.py::test_known[x]", "tests/b.py::TestC::test_c"].into_iter())
    }

    #[test]
    fn misses_of_a_terminal_have_their_tests() {
        let text = format!(
            "tests/a.py::test_a[p q] FAILED        [ 50%]\n\
             ================= FAILURES =================\n\
             ______ test_a[p q] ______\n\
             tests/a.py:3: in test_a\n\
             E   RuntimeError: Recording not found for request hash: {KEY}\n\
             E   Model: openai.gpt-oss-20b-1:0 | Request: POST https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions\n\
             ______ ERROR at setup of test_known[x] ______\n\
             E   RuntimeError: Recording not found for request hash: {OTHER}\n\
             ______ TestC.test_c ______\n\
             E   RuntimeError: Recording not found for request hash: {OTHER}\n\
             ============ short test summary info ============\n\
             FAILED tests/a.py::test_a[p q] - RuntimeError: Recording not found for request hash: {}...\n\
             FAILED tests/z.py::test_z[a - b] - RuntimeError: Recording not found for request hash: {}...\n\
             FAILED tests/z.py::test_other - AssertionError\n",
            &KEY[..20],
            &KEY[..20],
        );
        let found = misses(&text, &known());
        let short: Vec<_> =
            found.iter().map(|miss| (miss.test_id.as_deref().unwrap_or(""), miss.key.as_str())).collect();
        assert_eq!(
            short,
            [
                ("tests/a.py::test_a[p q]", KEY),
                ("tests/a.py::test_known[x]", OTHER),
                ("tests/b.py::TestC::test_c", OTHER),
                ("tests/z.py::test_z[a - b]", &KEY[..20]),
            ]
        );
        assert_eq!(found[0].model.as_deref(), Some("openai.gpt-oss-20b-1:0"));
        let (method, url) = found[0].request.clone().unwrap();
        assert_eq!((method.as_str(), url.ends_with("/v1/v1/chat/completions")), ("POST", true));
    }

    #[test]
    fn misses_of_a_report_have_their_tests() {
        let text = format!(
            "<testsuites><testsuite tests=\"3\"><testcase classname=\"tests.a\" name=\"test_known[x]\">\
             <failure message=\"RuntimeError: Recording not found for request hash: {KEY}&#10;Model: m | Request: POST http://h/v1\">tests/a.py:3\n\
             E RuntimeError: Recording not found for request hash: {KEY}\nE Model: m | Request: POST http://h/v1</failure></testcase>\
             <testcase classname=\"tests.a\" name=\"test_ok\"/>\
             <testcase classname=\"tests.a\" name=\"test_no\"><skipped message=\"Recording not found for request hash: {OTHER}\"/></testcase>\
             </testsuite></testsuites>"
        );
        let miss = ReportedMiss {
            test_id: Some("tests/a.py::test_known[x]".into()),
            key: KEY.into(),
            model: Some("m".into()),
            request: Some(("POST".into(), "http://h/v1".into())),
        };
        assert_eq!(misses(&text, &known()), [miss]);
        assert_eq!(misses("", &known()), []);
        assert_eq!(misses("Recording not found for request hash: zz\n", &known()), []);
        let broken = format!(
            "ERROR    list failed category=utils error=Recording not found for request hash:   \n         {KEY}  \n\
             \x20        Model: unknown | Request: POST https://h/v1/models \n  \n         Run './scripts/x' to generate. \n\
             \x20        error=Recording not found for\n      request hash: {OTHER}\n"
        );
        let broken = misses(&broken, &known());
        assert_eq!(broken.iter().map(|miss| miss.key.as_str()).collect::<Vec<_>>(), [KEY, OTHER]);
        assert_eq!(broken[0].request, Some(("POST".into(), "https://h/v1/models".into())));
        let alone = misses(&format!("RuntimeError: Recording not found for request hash: {KEY}"), &known());
        assert_eq!((alone[0].test_id.clone(), alone[0].key.as_str()), (None, KEY));
    }
}
