//! The tests of one list, output of a run, or report, and its known [`Gap`]: an incomplete list is not evidence about
//! tests that are not in it.

use std::collections::BTreeSet;
use std::fmt;

use super::runner::Runner;

/// The tests of one list, in its words: see [`super::Base`] for what they are relative to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestList {
    /// Every id once, in the order of the list.
    pub ids: Vec<String>,
    /// Those that passed, when the list is the output of a run.
    pub passed: BTreeSet<String>,
    /// Those that failed, and did not pass when they ran again.
    pub failed: BTreeSet<String>,
    /// Whether it is a list with pytest's total, so that a cut shows.
    pub has_total: bool,
    /// Whether it says how any test ended.
    pub has_results: bool,
    /// Whether it is a report in JUnit's XML, which does not say what was left out by `-k` and the like.
    pub is_report: bool,
    /// Those that failed, or ended in an error, of a report in JUnit's XML.
    pub failures: Vec<TestFailure>,
    /// What is missing.
    pub gaps: Vec<Gap>,
}

/// A test that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFailure {
    /// Its id.
    pub test_id: String,
    /// What the report says of it: the message, and then the text.
    pub detail: String,
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
    /// It says it has so many, and has another number.
    Count {
        /// What it says.
        said: usize,
        /// What there is.
        listed: usize,
    },
    /// It is the output of a run of so many tests, and names the results of another number.
    Results {
        /// What it says.
        said: usize,
        /// How many tests are named with a result.
        read: usize,
    },
    /// It is the output of a run that does not say how many tests there were.
    NoCount,
    /// A line, counted from 1, is neither the id of a test nor anything that pytest prints around ids.
    Unclear(usize, String),
    /// Its last line ends within the parameters of a test.
    Torn,
    /// It is XML that cannot be read.
    Xml(String),
    /// It is the output of another runner.
    OtherRunner(&'static Runner),
}

impl Gap {
    /// What to give instead.
    pub fn hint(&self) -> String {
        match self {
            Gap::OtherRunner(runner) => runner.hint(),
            _ => "list all tests with `pytest --collect-only -q`, without -k and -m, or give the JUnit report of a whole \
                  run (`pytest --junitxml=FILE`, `vitest --reporter=junit`, or that of another runner)"
                .to_owned(),
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::Empty => f.write_str("it does not contain a test"),
            Gap::OtherForm => {
                f.write_str("it does not contain test ids; pytest prints them with --collect-only and one -q")
            }
            Gap::Deselected(count) => write!(f, "{} deselected", were(*count)),
            Gap::Errors(None) => f.write_str("pytest ended with errors"),
            Gap::Errors(Some(place)) => write!(f, "pytest could not collect {place}"),
            Gap::Count { said, listed } => write!(f, "it says that {} collected and lists {listed}", were(*said)),
            Gap::Results { said, read } => {
                let noun = if *said == 1 { "test" } else { "tests" };
                write!(f, "it is the output of a run of {said} {noun} and has the results of {read}")
            }
            Gap::NoCount => f.write_str("it is the output of a run and does not say how many tests were collected"),
            Gap::Unclear(line, text) => write!(f, "line {line} is not a test id: {text:?}"),
            Gap::Torn => f.write_str("its last line is cut"),
            Gap::Xml(why) => write!(f, "not a complete JUnit report: {why}"),
            Gap::OtherRunner(runner) => runner.fmt(f),
        }
    }
}

/// A count of tests with the verb that fits it.
fn were(count: usize) -> String {
    if count == 1 { "1 test was".to_owned() } else { format!("{count} tests were") }
}

impl TestList {
    /// Takes the result of a test. The last one counts, as a test may run again, or fail at its end after it passed.
    pub(super) fn end(&mut self, id: &str, has_passed: bool) {
        let (now, before) =
            if has_passed { (&mut self.passed, &mut self.failed) } else { (&mut self.failed, &mut self.passed) };
        now.insert(id.to_owned());
        before.remove(id);
    }

    /// Whether it is a report that ends too early, so that results may be missing.
    pub fn is_cut(&self) -> bool {
        self.gaps.iter().any(|gap| matches!(gap, Gap::Xml(_)))
    }

    /// The test of an id without its parameters: `path::test`.
    pub fn function(id: &str) -> &str {
        // A bracket before the test is part of a path.
        let test = id.find("::").unwrap_or(0);
        id[test..].find('[').map_or(id, |bracket| &id[..test + bracket])
    }
}
