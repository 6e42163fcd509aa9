//! Reports in JUnit's XML, as pytest (`--junitxml`), vitest, jest-junit, go-junit-report and gotestsum write them.
//!
//! A report names every test that ran with its result, and how many there were. It does not show what `-k` or a plugin
//! left out, so a missing test may still exist: see [`TestList::is_report`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::ids::{KnownIds, is_file_name};
use super::test_list::{Gap, TestFailure, TestList};

/// One `<testcase>`.
#[derive(Default)]
struct TestCase {
    classname: String,
    name: String,
    file: Option<String>,
    /// A result other than that it passed.
    ended: Option<&'static str>,
    /// What its failure says.
    detail: String,
}

/// Reads a report.
pub(super) fn parse(text: &str, known: &KnownIds) -> TestList {
    let mut list = TestList { has_results: true, is_report: true, ..TestList::default() };
    let mut seen = BTreeSet::new();
    let (mut said, mut read, mut depth) = (Some(0usize), 0, 0usize);
    let mut suites: Vec<String> = Vec::new();
    let mut case: Option<TestCase> = None;
    let mut is_whole = false;
    let mut reader = Reader::from_str(text);
    let mut add = |list: &mut TestList, case: TestCase, suite: Option<&String>| {
        if case.classname.is_empty() && case.ended == Some("error") {
            // How pytest reports a file that could not be collected.
            list.gaps.push(Gap::Errors(Some(case.name)));
            return;
        }
        let id = id_of(&case, suite.map(String::as_str), known);
        match case.ended {
            None => list.end(&id, true),
            Some("skipped") => {}
            Some(_) => {
                list.end(&id, false);
                list.failures.push(TestFailure { test_id: id.clone(), detail: case.detail });
            }
        }
        if seen.insert(id.clone()) {
            list.ids.push(id);
        }
    };
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                list.gaps.push(Gap::Xml(error.to_string()));
                break;
            }
        };
        match &event {
            Event::Start(element) | Event::Empty(element) => {
                let is_empty = matches!(event, Event::Empty(_));
                match element.local_name().as_ref() {
                    "testsuites" => depth += usize::from(!is_empty),
                    "testsuite" => {
                        let tests = attribute(element, "tests").and_then(|tests| tests.trim().parse::<usize>().ok());
                        // Suites within suites are counted in the sum of the outer one by some writers.
                        if suites.is_empty() {
                            said = said.zip(tests).map(|(said, tests)| said.saturating_add(tests));
                        }
                        depth += usize::from(!is_empty);
                        if !is_empty {
                            suites.push(attribute(element, "name").unwrap_or_default());
                        }
                    }
                    "testcase" => {
                        read += 1;
                        let of = |name| attribute(element, name);
                        let started = TestCase {
                            classname: of("classname").unwrap_or_default(),
                            name: of("name").unwrap_or_default(),
                            file: of("file"),
                            ended: None,
                            detail: String::new(),
                        };
                        if is_empty {
                            add(&mut list, started, suites.last());
                        } else {
                            case = Some(started);
                        }
                    }
                    "failure" => end(&mut case, "failure", element),
                    "error" => end(&mut case, "error", element),
                    "skipped" => end(&mut case, "skipped", element),
                    _ => {}
                }
            }
            Event::Text(text) => {
                if let Some(case) = case.as_mut().filter(|case| case.ended.is_some_and(|how| how != "skipped")) {
                    case.detail.push_str(text);
                }
            }
            Event::End(element) => match element.local_name().as_ref() {
                "testcase" => {
                    if let Some(case) = case.take() {
                        add(&mut list, case, suites.last());
                    }
                }
                "testsuite" => {
                    suites.pop();
                    depth = depth.saturating_sub(1);
                    is_whole = depth == 0;
                }
                "testsuites" => {
                    depth = depth.saturating_sub(1);
                    is_whole = depth == 0;
                }
                _ => {}
            },
            Event::Eof => {
                if !is_whole {
                    list.gaps.push(Gap::Xml("its last element is not closed, or it has no test suite".to_owned()));
                }
                break;
            }
            _ => {}
        }
    }
    match said {
        // A test that ran again has several cases, and is counted once.
        Some(said) if said != read && said != seen.len() && list.gaps.is_empty() => {
            list.gaps.push(Gap::Results { said, read })
        }
        None => list.gaps.push(Gap::NoCount),
        _ => {}
    }
    if list.ids.is_empty() && list.gaps.is_empty() {
        list.gaps.push(Gap::Empty);
    }
    list
}

fn end(case: &mut Option<TestCase>, how: &'static str, element: &BytesStart<'_>) {
    if let Some(case) = case {
        // A test of which one part failed and another one was skipped has failed.
        if how != "skipped" || case.ended.is_none() {
            case.ended = Some(how);
        }
        case.detail.push_str(&attribute(element, "message").unwrap_or_default());
        case.detail.push('\n');
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
}

/// The id of a test case: the one of its spellings that a recording has, else the one that its runner would print.
fn id_of(case: &TestCase, suite: Option<&str>, known: &KnownIds) -> String {
    let TestCase { classname, name, file, .. } = case;
    let mut python = python_ids(classname, name, file.as_deref());
    if file.as_deref().is_some_and(|file| file.ends_with(".py")) {
        // pytest's old form names the file of the function, which an inherited or imported test has elsewhere.
        python.extend(python_ids(classname, name, None));
    }
    let of_file = |file: &str| {
        let rest = name.strip_prefix(file).and_then(|rest| rest.strip_prefix(" > ")).unwrap_or(name);
        [format!("{file} > {rest}"), format!("{file} > {classname} > {name}"), format!("{file}#{name}")]
    };
    let files =
        [file.as_deref(), Some(classname.as_str()), suite].into_iter().flatten().filter(|file| is_file_name(file));
    let of_files = files.flat_map(of_file);
    let joined = ["::", " > ", "#", "/", ".", " "].map(|sign| format!("{classname}{sign}{name}"));
    let spellings: Vec<String> = python.iter().cloned().chain(of_files).chain(joined).chain([name.clone()]).collect();
    let best = spellings.iter().find(|id| known.has_exactly(id)).or_else(|| spellings.iter().find(|id| known.has(id)));
    // vitest names the file as the class; Go has packages, whose tests have no file.
    best.or_else(|| spellings.first()).cloned().unwrap_or_default()
}

/// The node ids of pytest that a class name with dots stands for, the likeliest first: `tests.test_a.TestC` and `test_m[x]` are
/// `tests/test_a.py::TestC::test_m[x]`.
fn python_ids(classname: &str, name: &str, file: Option<&str>) -> Vec<String> {
    let parts: Vec<&str> = classname.split('.').collect();
    let is_word = |part: &&str| !part.is_empty() && !part.contains(['/', ' ', ':']);
    if classname.is_empty() || !parts.iter().all(is_word) {
        return vec![];
    }
    let is_python_file = file.is_none_or(|file| file.ends_with(".py"));
    if !is_python_file || is_file_name(classname) && file.is_none() && has_foreign_extension(classname) {
        return vec![];
    }
    // The module ends at the last part that may be one; classes follow it.
    let is_class = |part: &&&str| part.starts_with(|c: char| c.is_ascii_uppercase());
    let classes = parts.iter().rev().take_while(is_class).count().min(parts.len() - 1);
    let mut counts: Vec<usize> = vec![classes];
    counts.extend((0..parts.len()).filter(|count| *count != classes));
    let id = |classes: usize| {
        let (module, classes) = parts.split_at(parts.len() - classes);
        let file = file.map_or_else(|| format!("{}.py", module.join("/")), str::to_owned);
        [&[file.as_str()][..], classes, &[name]].concat().join("::")
    };
    counts.into_iter().map(id).collect()
}

/// Whether a dotted name ends like a source file of another language.
fn has_foreign_extension(name: &str) -> bool {
    let extension = name.rsplit('.').next().unwrap_or("");
    matches!(
        extension,
        "ts" | "tsx" | "js" | "jsx" | "mjs" | "cjs" | "mts" | "cts" | "go" | "rb" | "java" | "kt" | "cs" | "rs"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, known: &[&str]) -> TestList {
        super::parse(text, &KnownIds::new(known.iter().copied()))
    }

    #[test]
    fn what_each_runner_writes_is_read() {
        let pytest = r#"<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="4" time="0.1">
            <testcase classname="tests.it.test_a.TestC" name="test_m[a &quot;b&quot; - c]" time="0.001"/>
            <testcase classname="tests.it.test_a" name="test_f" time="0.001"><failure message="x &#10; y">no</failure></testcase>
            <testcase classname="tests.it.test_a" name="test_s"><skipped type="pytest.skip" message="m">x</skipped></testcase>
            <testcase classname="tests.it.test_b" name="test_p"><system-out>testcase</system-out></testcase>
            </testsuite></testsuites>"#;
        let list = parse(pytest, &[]);
        assert_eq!(
            list.ids,
            [
                "tests/it/test_a.py::TestC::test_m[a \"b\" - c]",
                "tests/it/test_a.py::test_f",
                "tests/it/test_a.py::test_s",
                "tests/it/test_b.py::test_p",
            ]
        );
        assert_eq!(list.passed.len(), 2);
        assert!(list.has_results && list.is_report && list.gaps.is_empty(), "{list:?}");

        let vitest = r#"<testsuites name="vitest tests" tests="2"><testsuite name="tests/talk.test.ts" tests="2" failures="0">
            <testcase classname="tests/talk.test.ts" name="greetings &gt; says hello" time="0.0"></testcase>
            <testcase classname="tests/talk.test.ts" name="greetings &gt; says bye"><failure/></testcase></testsuite></testsuites>"#;
        let list = parse(vitest, &[]);
        assert_eq!(
            list.ids,
            ["tests/talk.test.ts > greetings > says hello", "tests/talk.test.ts > greetings > says bye"]
        );
        assert_eq!((list.passed.len(), list.gaps), (1, vec![]));

        let jest = r#"<testsuites name="jest tests" tests="1"><testsuite name="greetings" tests="1">
            <testcase classname="greetings says hello" name="greetings says hello" file="tests/talk.test.js"/></testsuite></testsuites>"#;
        assert_eq!(
            parse(jest, &["tests/talk.test.js > greetings says hello"]).ids,
            ["tests/talk.test.js > greetings says hello"]
        );

        let go = r#"<testsuites tests="2"><testsuite name="example.com/chat" tests="2">
            <testcase classname="example.com/chat" name="TestTalk/hello"/><testcase classname="chat" name="TestTalk"/></testsuite></testsuites>"#;
        assert_eq!(parse(go, &["TestTalk/hello", "chat.TestTalk"]).ids, ["TestTalk/hello", "chat.TestTalk"]);
    }

    #[test]
    fn a_report_with_a_hole_says_so() {
        let case = r#"<testcase classname="t.test_a" name="test_f"/>"#;
        for (text, gap) in [
            (format!(r#"<testsuite tests="2">{case}</testsuite>"#), Gap::Results { said: 2, read: 1 }),
            (format!(r#"<testsuite>{case}</testsuite>"#), Gap::NoCount),
            (r#"<testsuite tests="0"></testsuite>"#.to_owned(), Gap::Empty),
            (
                format!(
                    r#"<testsuite tests="2">{case}<testcase classname="" name="t.test_err"><error/></testcase></testsuite>"#
                ),
                Gap::Errors(Some("t.test_err".to_owned())),
            ),
        ] {
            assert_eq!(parse(&text, &[]).gaps, [gap], "{text}");
        }
        for text in [
            format!(r#"<testsuite tests="1">{case}"#),
            format!(r#"<testsuite tests="1">{case}</wrong>"#),
            "<a/>".to_owned(),
        ] {
            assert!(matches!(parse(&text, &[]).gaps[..], [Gap::Xml(_), ..]), "{text}");
        }
    }
}
