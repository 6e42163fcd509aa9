//! A list of tests, as `pytest --collect-only -q` prints it, or the output of a run, which also says what passed.
//!
//! pytest prints more than ids: warnings, errors, sums. What is read here is a line by itself that holds `::`; what is
//! known to be missing from a list is a [`Gap`], as a list with a hole in it proves nothing about what is not in it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The tests of one list, in its words: see [`super::Base`] for what they are relative to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestList {
    /// Every id once, in the order of the list.
    pub ids: Vec<String>,
    /// Those that passed, when the list is the output of a run.
    pub passed: BTreeSet<String>,
    /// Whether any line says how a test ended.
    pub has_results: bool,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

/// Why a list is not all there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It holds no test at all.
    Empty,
    /// It counts tests by file, or shows a tree, and names none.
    OtherForm,
    /// So many tests were left out by `-k`, `-m` or `--deselect`.
    Deselected(usize),
    /// Some files could not be collected; the first is named, if any is.
    Errors(Option<String>),
    /// It says it has so many, and has fewer.
    Fewer {
        /// What its last line says.
        said: usize,
        /// What there is.
        listed: usize,
    },
    /// Its last line ends within the parameters of a test.
    Torn,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::Empty => f.write_str("it names no test"),
            Gap::OtherForm => f.write_str("it names no test ids; pytest prints them with --collect-only and one -q"),
            Gap::Deselected(count) => write!(f, "{count} tests were deselected"),
            Gap::Errors(None) => f.write_str("pytest ended with errors"),
            Gap::Errors(Some(place)) => write!(f, "pytest could not collect {place}"),
            Gap::Fewer { said, listed } => write!(f, "it says that {said} tests were collected and lists {listed}"),
            Gap::Torn => f.write_str("its last line is cut"),
        }
    }
}

/// The patterns of the lines that mean something.
struct LinePatterns {
    colour: Regex,
    collected: Regex,
    ended: Regex,
    header: Regex,
    counted: Regex,
    result_after: Regex,
    result_before: Regex,
}

static LINES: LazyLock<LinePatterns> = LazyLock::new(|| {
    let regex = |pattern: &str| Regex::new(pattern).expect("the pattern is valid");
    let word = "(PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR|RERUN)";
    LinePatterns {
        colour: regex("\x1b\\[[0-9;]*[A-Za-z]"),
        // `3 tests collected in 0.01s`, `1/10 tests collected (9 deselected), 1 error in 0.07s`, `no tests collected`.
        collected: regex(r"^(no|\d+)(?:/\d+)? tests? (?:collected|ran)\b(.*)$"),
        // The last line of a run: `1 failed, 8 passed, 2 deselected in 0.02s`.
        ended: regex(r"^\d+ [a-z]+(?:, \d+ [a-z]+)* in [\d.]+m?s\b.*$"),
        header: regex(r"^(?:=|_|!|-){3,} .+? (?:=|_|!|-){3,}$"),
        counted: regex(r"^\S.*\.\w+: \d+$"),
        result_after: regex(&format!(r"^(.+?) {word}(?: \(.*\))?\s*(?:\[\s*\d+%\])?$")),
        result_before: regex(&format!(r"^(?:\[gw\d+\] \[\s*\d+%\] )?{word} (.+)$")),
    }
});

/// Where in the output a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListPart {
    /// Among ids.
    Ids,
    /// Below "short test summary info".
    Summary,
    /// Among warnings, tracebacks, captured output.
    Other,
}

impl TestList {
    /// Reads one list, or several after each other.
    pub fn parse(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = LINES.colour.replace_all(text, "");
        let mut reader =
            ListReader { list: TestList::default(), seen: BTreeSet::new(), said: None, lines: 0, other: false };
        let mut part = ListPart::Ids;
        for line in text.lines() {
            part = reader.line(line.trim_end(), part);
        }
        let last = text.lines().next_back().unwrap_or("");
        let is_torn = !text.ends_with('\n') && last.contains('[') && !last.ends_with(']') && is_id(last);
        reader.finish(is_torn)
    }

    /// The test of an id without its parameters: `path::test`.
    pub fn function(id: &str) -> &str {
        // A bracket before the test is part of a path.
        let test = id.find("::").unwrap_or(0);
        id[test..].find('[').map_or(id, |bracket| &id[..test + bracket])
    }
}

struct ListReader {
    list: TestList,
    seen: BTreeSet<String>,
    /// How many tests the sums say that there are.
    said: Option<usize>,
    /// How many lines hold an id.
    lines: usize,
    /// Some line is of another form of the same list.
    other: bool,
}

impl ListReader {
    fn line(&mut self, line: &str, part: ListPart) -> ListPart {
        let lines = &*LINES;
        let bare = line.trim_matches(|c| c == '=' || c == ' ');
        if let Some(sum) = lines.collected.captures(bare) {
            self.collected(&sum);
            return ListPart::Ids;
        }
        if lines.ended.is_match(bare) {
            self.left_out(bare);
            return ListPart::Ids;
        }
        if line.starts_with("INTERNALERROR>") || line.starts_with("ERROR: ") || line.starts_with("!!!") {
            self.error(line.strip_prefix("ERROR: "));
            return part;
        }
        if lines.header.is_match(line) {
            return match bare {
                "short test summary info" => ListPart::Summary,
                "test session starts" => ListPart::Ids,
                _ => ListPart::Other,
            };
        }
        match part {
            ListPart::Other if line.starts_with("-- Docs: ") => ListPart::Ids,
            ListPart::Other => ListPart::Other,
            ListPart::Summary => {
                self.summary(line);
                ListPart::Summary
            }
            ListPart::Ids => {
                self.id_line(line);
                ListPart::Ids
            }
        }
    }

    fn id_line(&mut self, line: &str) {
        let trimmed = line.trim_start();
        self.other |= LINES.counted.is_match(line) || (trimmed != line && trimmed.starts_with("<Module "));
        if let Some(result) = LINES.result_after.captures(line).filter(|result| is_id(&result[1])) {
            self.result(&result[1], &result[2]);
        } else if LINES
            .result_before
            .captures(line)
            .is_some_and(|result| result[2].contains("::") || &result[1] == "ERROR")
        {
            self.summary(line);
        } else if is_id(line) {
            self.lines += 1;
            self.id(line);
        }
    }

    /// `PASSED id`, `FAILED id - why`, `ERROR path`.
    fn summary(&mut self, line: &str) {
        let Some(result) = LINES.result_before.captures(line) else { return };
        let (word, rest) = (&result[1], &result[2]);
        // What follows a test that passed is all its id.
        let id = if word == "PASSED" { rest } else { rest.rsplit_once(" - ").map_or(rest, |(id, _)| id) };
        match (word, is_id(id)) {
            (_, true) => self.result(id, word),
            ("ERROR", false) => self.error(Some(id)),
            _ => {}
        }
    }

    fn result(&mut self, id: &str, word: &str) {
        self.list.has_results = true;
        if word == "PASSED" {
            self.list.passed.insert(id.to_owned());
        }
        self.id(id);
    }

    fn id(&mut self, id: &str) {
        if self.seen.insert(id.to_owned()) {
            self.list.ids.push(id.to_owned());
        }
    }

    fn collected(&mut self, sum: &Captures<'_>) {
        let count: usize = sum[1].parse().unwrap_or(0);
        self.said = Some(self.said.unwrap_or(0).saturating_add(count));
        self.left_out(&sum[2]);
    }

    /// What a sum says was deselected, or failed to be collected.
    fn left_out(&mut self, sum: &str) {
        let words: Vec<&str> = sum.split([' ', ',', '(', ')']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            match (pair[0].parse::<usize>(), pair[1]) {
                (Ok(count), "deselected") if count > 0 => self.list.gaps.push(Gap::Deselected(count)),
                (Ok(count), "error" | "errors") if count > 0 => self.error(None),
                _ => {}
            }
        }
    }

    /// One error is enough to know; the one that names a place says most.
    fn error(&mut self, place: Option<&str>) {
        match self.list.gaps.iter_mut().find(|gap| matches!(gap, Gap::Errors(_))) {
            Some(Gap::Errors(known)) => *known = known.take().or_else(|| place.map(str::to_owned)),
            _ => self.list.gaps.push(Gap::Errors(place.map(str::to_owned))),
        }
    }

    fn finish(self, is_torn: bool) -> TestList {
        let ListReader { mut list, said, lines, other, .. } = self;
        match said {
            Some(said) if lines < said && !list.has_results => list.gaps.push(Gap::Fewer { said, listed: lines }),
            _ => {}
        }
        if list.ids.is_empty() {
            list.gaps.retain(|gap| !matches!(gap, Gap::Fewer { .. }));
            list.gaps.push(if other { Gap::OtherForm } else { Gap::Empty });
        }
        if is_torn {
            list.gaps.push(Gap::Torn);
        }
        list
    }
}

/// Whether a line is the id of a test: a path, `::`, and a name.
fn is_id(line: &str) -> bool {
    let Some((file, test)) = line.split_once("::") else { return false };
    let name = file.rsplit(['/', '\\']).next().unwrap_or("");
    let has_extension = name.rsplit_once('.').is_some_and(|(_, extension)| {
        (1..=6).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    let is_path = has_extension || !file.contains(char::is_whitespace);
    !line.starts_with(char::is_whitespace) && is_path && !test.is_empty()
}

#[cfg(test)]
mod cases {
    use super::*;

    fn parse(text: &str) -> TestList {
        TestList::parse(text)
    }

    #[test]
    fn what_pytest_prints_beside_ids_is_none() {
        let text = "tests/sub/test_b.py::test_p[txt=bedrock/openai.gpt-oss-20b-1:0]\n\
            tests/test_a.py::TestC::test_m[a b]\n\
            tests/test_a.py::TestC::test_m[x::y[z]]\n\
            tests/test_a.py::TestC::test_m[tail ] PASSED]\n\
            tests/test_é.py::test_f\n\
            \n\
            =============================== warnings summary ===============================\n\
            tests/test_a.py:2\n  /x/tests/test_a.py:2: UserWarning: tests/x.py::no\n    warnings.warn(\"at import\")\n\n\
            tests/test_a.py::test_only_warned_about\n  /x/tests/test_a.py:3: UserWarning: y\n\n\
            -- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html\n\
            5 tests collected in 0.01s\n";
        let ids = [
            "tests/sub/test_b.py::test_p[txt=bedrock/openai.gpt-oss-20b-1:0]",
            "tests/test_a.py::TestC::test_m[a b]",
            "tests/test_a.py::TestC::test_m[x::y[z]]",
            "tests/test_a.py::TestC::test_m[tail ] PASSED]",
            "tests/test_é.py::test_f",
        ];
        let list = parse(text);
        assert_eq!((list.ids, list.gaps, list.has_results), (ids.map(str::to_owned).to_vec(), vec![], false));
        // Two lists one after the other, the second with Windows line ends and colours.
        let coloured = "\x1b[33mtests/z.py::t\x1b[0m\r\n\r\n\x1b[32m1 test collected\x1b[0m\x1b[32m in 0.0s\x1b[0m\r\n";
        let list = parse(&format!("{text}{coloured}"));
        assert_eq!((list.ids.len(), list.gaps), (6, vec![]));
        assert_eq!(parse("a.py::t\nb.py::u").gaps, [], "ids alone are a list too");
    }

    #[test]
    fn gaps() {
        for (text, gaps) in [
            ("", vec![Gap::Empty]),
            ("\nno tests collected in 0.00s\n", vec![Gap::Empty]),
            ("\nno tests collected (5 deselected) in 0.0s", vec![Gap::Deselected(5), Gap::Empty]),
            ("a.py::t\n\n1/10 tests collected (9 deselected) in 0.0s\n", vec![Gap::Deselected(9)]),
            ("a.py::t\n\n3 tests collected in 0.0s\n", vec![Gap::Fewer { said: 3, listed: 1 }]),
            ("a.py: 3\nb.py: 1\n", vec![Gap::OtherForm]),
            (
                "<Dir x>\n  <Module test_a.py>\n    <Function test>\n==== 1 test collected in 0s ====\n",
                vec![Gap::OtherForm],
            ),
            ("a.py::t[x", vec![Gap::Torn]),
            ("a.py::t[Interrupted: 1 error]\na.py::t[5 deselected]\n", vec![]),
            ("ERROR: usage: pytest [options]\n", vec![Gap::Errors(Some("usage: pytest [options]".into())), Gap::Empty]),
            (
                "a.py::t\n\n==================== ERRORS ====================\n____ ERROR collecting tests/test_err.py ____\n\
                 E   ModuleNotFoundError: No module named 'x::y'\n=========== short test summary info ============\n\
                 ERROR tests/test_err.py\n!!!!!! Interrupted: 1 error during collection !!!!!!\n1 test collected, 1 error in 0.07s\n",
                vec![Gap::Errors(Some("tests/test_err.py".into()))],
            ),
        ] {
            assert_eq!(parse(text).gaps, gaps, "{text}");
        }
    }

    #[test]
    fn a_run_says_what_passed() {
        let verbose = "============================= test session starts ==============================\n\
            platform linux -- Python 3.11.7, pytest-9.2.0\ncollected 4 items\n\n\
            tests/a.py::test_m[a b] PASSED                     [ 10%]\n\
            tests/a.py::test_m[tail ] PASSED] PASSED           [ 70%]\n\
            tests/a.py::test_s SKIPPED (unconditional skip)    [ 90%]\n\
            tests/a.py::test_bad FAILED                        [100%]\n\n\
            =================================== FAILURES ===================================\n\
            ___________________________________ test_bad ___________________________________\nx::y\n\
            =========================== short test summary info ============================\n\
            FAILED tests/a.py::test_bad - assert 0\n\
            ============== 1 failed, 2 passed, 1 skipped, 2 warnings in 0.02s ==============\n";
        let list = parse(verbose);
        assert_eq!(
            list.passed,
            BTreeSet::from(["tests/a.py::test_m[a b]", "tests/a.py::test_m[tail ] PASSED]"].map(str::to_owned))
        );
        assert_eq!((list.ids.len(), list.gaps, list.has_results), (4, vec![], true));
        let summary = "..F [100%]\n=========================== short test summary info ============================\n\
            PASSED tests/a.py::test - with a dash\nFAILED tests/a.py::u - why\nSKIPPED [1] tests/a.py:8: no\n1 failed, 1 passed, 3 deselected in 0.02s\n";
        let list = parse(summary);
        assert_eq!(list.ids, ["tests/a.py::test - with a dash", "tests/a.py::u"]);
        assert_eq!((list.passed.len(), list.gaps), (1, vec![Gap::Deselected(3)]));
        let parallel = parse("[gw0] [ 50%] PASSED tests/a.py::test[x] \n[gw1] [100%] FAILED tests/a.py::u \n");
        assert_eq!(parallel.ids, ["tests/a.py::test[x]", "tests/a.py::u"]);
        assert_eq!(parallel.passed.len(), 1);
    }

    #[test]
    fn functions() {
        for (id, function) in [
            ("a.py::t[x]", "a.py::t"),
            ("a[1]/b.py::C::t[x::y[z]]", "a[1]/b.py::C::t"),
            ("a.py::t", "a.py::t"),
            ("a", "a"),
        ] {
            assert_eq!(TestList::function(id), function);
        }
    }
}
