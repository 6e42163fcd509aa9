//! Runners whose output names tests in a way that proves nothing: without their files, or without a count. Each of them
//! can write a JUnit report, which does.

use std::fmt;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

/// A runner, known by lines that only its output has.
#[derive(Debug)]
pub struct Runner {
    /// What the text is.
    name: &'static str,
    /// How to get a JUnit report of it.
    report: &'static str,
    line: Regex,
}

impl Runner {
    /// The runner that wrote a text, unless that is pytest or nobody known.
    pub(super) fn of(text: &str) -> Option<&'static Runner> {
        RUNNERS.iter().find(|runner| runner.line.is_match(text))
    }

    /// What to give instead.
    pub fn hint(&self) -> String {
        format!("give its JUnit report, of a whole run: {}", self.report)
    }
}

/// There is one of each name.
impl PartialEq for Runner {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Runner {}

impl fmt::Display for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is {}, which cannot be read as a list", self.name)
    }
}

/// The first one that fits counts, so those whose lines others print too come last.
static RUNNERS: LazyLock<Vec<Runner>> = LazyLock::new(|| {
    let runner = |name, line: &str, report| {
        let line = RegexBuilder::new(line).multi_line(true).crlf(true).build().expect("the pattern is valid");
        Runner { name, report, line }
    };
    vec![
        runner(
            "a JUnit report with other text before it",
            r#"^(?:<\?xml |<testsuites?[ >])"#,
            "have the runner write it to a file, not among what the tests print",
        ),
        runner(
            "the output of `go test -json`",
            r#"^\{.*"Action":"(?:start|run|output|pass|fail|skip|build-output)".*"Package":"#,
            "`gotestsum --junitfile FILE`, or `go-junit-report -parser gojson`",
        ),
        runner(
            "the output of cargo nextest",
            r"^\s*(?:Nextest run ID |Starting \d+ tests? across \d+ binar|(?:PASS|FAIL|SIG[A-Z]+|TIMEOUT) \[ *[\d.]+s\] )",
            "`junit = { path = \"junit.xml\" }` in its profile (`[profile.ci.junit]` of .config/nextest.toml)",
        ),
        runner(
            "the output of `cargo test`",
            r"^(?:test \S.* \.\.\. (?:ok|FAILED|ignored)|test result: |\d+ tests?, \d+ benchmarks?$)",
            "run the tests by cargo nextest with `[profile.ci.junit]`",
        ),
        runner(
            "the output of `go test`",
            r"^(?:=== RUN\s+\S|\s*--- (?:PASS|FAIL|SKIP): |(?:ok|FAIL)\s*\t\S+\t)",
            "`gotestsum --junitfile FILE`, or `go test -v 2>&1 | go-junit-report`",
        ),
        runner(
            "the JSON of vitest or jest",
            r#"^\{.*"numTotalTestSuites":|^\[\s*\{\s*"name": .*,\s*"file": "#,
            "`vitest --reporter=junit --outputFile=FILE`, or jest-junit",
        ),
        runner("the JSON of mocha", r#"^  "stats": \{\s*"suites": "#, "`mocha --reporter mocha-junit-reporter`"),
        runner(
            "the output of vitest",
            r"^(?: RUN  v\d| Test Files  \d|\s*⎯+ Failed Tests)",
            "`vitest --reporter=junit --outputFile=FILE`",
        ),
        runner(
            "the output of jest",
            r"^(?:Test Suites: .* total$|Ran all test suites|(?:PASS|FAIL) \S+\.[cm]?[jt]sx?(?: \(|$))",
            "jest-junit (`jest --reporters=jest-junit`)",
        ),
        runner(
            "the output of Playwright",
            r"^Running \d+ tests? using \d+ workers?",
            "`playwright test --reporter=junit`",
        ),
        runner("the output of mocha", r"^  \d+ passing \(", "`mocha --reporter mocha-junit-reporter`"),
        runner("the output of `node --test`", r"^ℹ tests \d+$", "`node --test --test-reporter=junit`"),
        runner(
            "TAP",
            r"^(?:TAP version \d+|(?:not )?ok \d+\b.*)$",
            "that of the runner itself, or one that tap-xunit makes of TAP",
        ),
        runner(
            "the output of unittest",
            r"^Ran \d+ tests? in [\d.]+s$",
            "`python -m xmlrunner` (unittest-xml-reporting), or `pytest --junitxml=FILE`",
        ),
        runner(
            "the output of RSpec",
            r"^\d+ examples?, \d+ failures?",
            "`rspec --format RspecJunitFormatter` (rspec_junit_formatter)",
        ),
        runner(
            "the output of Maven or Gradle",
            r"^(?:\[\w+\] )?(?:Tests run: \d+, Failures: |> Task :)",
            "target/surefire-reports/*.xml, or build/test-results/test/*.xml",
        ),
        runner(
            "the output of `dotnet test`",
            r"^(?:Total tests: \d+|(?:Passed|Failed)!  - Failed: )",
            "`dotnet test --logger junit` (JunitXml.TestLogger)",
        ),
        runner("the output of PHPUnit", r"^PHPUnit \d", "`phpunit --log-junit FILE`"),
    ]
});

#[cfg(test)]
mod tests {
    use crate::evidence::{Gap, ids::KnownIds, read_tests};

    /// As the runners print it, cut to the lines that count.
    #[test]
    fn the_output_of_each_runner_is_called_by_its_name() {
        let known =
            KnownIds::new(["tests/talk.test.js > greetings > says hello", "TestTalk", "tests::says_hello"].into_iter());
        for (name, text) in [
            (
                "go test -json",
                "{\"Time\":\"2026-11-29T12:00:00Z\",\"Action\":\"run\",\"Package\":\"example.com/chat\",\"Test\":\"TestTalk\"}\n",
            ),
            ("`go test`", "=== RUN   TestTalk\n--- PASS: TestTalk (0.01s)\nPASS\nok  \texample.com/chat\t0.012s\n"),
            ("`go test`", "TestTalk\nTestSkip\nok  \texample.com/chat\t0.002s\n"),
            ("`go test`", "ok  \texample.com/chat\t(cached)\n"),
            (
                "nextest",
                "    Starting 2 tests across 1 binary\n        PASS [   0.004s] (1/2) mycrate tests::says_hello\n     Summary [   0.010s] 2 tests run: 2 passed\n",
            ),
            ("`cargo test`", "running 2 tests\ntest tests::says_hello ... ok\ntest tests::says_bye ... FAILED\n"),
            ("`cargo test`", "tests::says_hello: test\ntests::says_bye: test\n\n2 tests, 0 benchmarks\n"),
            (
                "vitest",
                "\n RUN  v4.1.12 /x\n\nstdout | tests/talk.test.js > greetings > says hello\nasking\n\n \u{2713} tests/talk.test.js > greetings > says hello 15ms\n\n Test Files  1 passed (1)\n      Tests  1 passed (1)\n",
            ),
            (
                "vitest",
                "\x1b[1m\x1b[46m RUN \x1b[49m\x1b[22m \x1b[36mv4.1.12\x1b[39m\r\n\r\n\x1b[2m Test Files \x1b[22m 1 passed\r\n",
            ),
            ("JSON of vitest or jest", "{\"numFailedTestSuites\":1,\"numTotalTestSuites\":2}"),
            ("JSON of vitest or jest", "[\n  {\n    \"name\": \"a > b\",\n    \"file\": \"/x/a.test.js\"\n  }\n]\n"),
            (
                "jest",
                "PASS tests/talk.test.js\n  greetings\n    \u{2713} says hello (88 ms)\n\nTest Suites: 1 passed, 1 total\nTests:       1 passed, 1 total\n",
            ),
            ("mocha", "\n  greetings\n    \u{2714} says hello\n\n\n  1 passing (13ms)\n"),
            ("JSON of mocha", "{\n  \"stats\": {\n    \"suites\": 2,\n    \"tests\": 7\n  }\n}\n"),
            ("node --test", "\u{25b6} greetings\n  \u{2714} says hello (0.78ms)\n\u{2139} tests 2\n"),
            ("TAP", "TAP version 13\n1..2\nok 1 - says hello\nnot ok 2 - says bye\n"),
            ("TAP", "1..1\nok 1 - says hello\n"),
            ("unittest", "test_a (test_u.TestC.test_a) ... ok\n\n-----\nRan 1 test in 0.001s\n\nOK\n"),
            ("RSpec", "\nChat\n  says hello\n\nFinished in 0.005 seconds\n1 example, 0 failures\n"),
            ("Maven", "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0\n"),
            ("dotnet test", "  Passed Acme.TalkTests.SaysHello [12 ms]\nTotal tests: 1\n"),
            ("PHPUnit", "PHPUnit 11.0.0 by Sebastian Bergmann and contributors.\n\n...\n"),
            ("Playwright", "\nRunning 2 tests using 1 worker\n\n  1 passed (2.3s)\n"),
            (
                "a JUnit report with other text",
                "asking the model\n<testsuite name=\"Mocha Tests\" tests=\"1\">\n</testsuite>\n",
            ),
        ] {
            let list = read_tests(text, &known);
            assert_eq!(list.ids, [""; 0], "{text}");
            let [Gap::OtherRunner(runner)] = list.gaps[..] else { panic!("{:?} {text}", list.gaps) };
            assert!(runner.to_string().contains(name), "{runner} {text}");
            assert_eq!((runner.hint().lines().count(), runner.hint().contains("JUnit")), (1, true));
        }
    }

    #[test]
    fn lists_and_runs_of_pytest_stay_what_they_are() {
        for text in [
            "tests/a.py::t\n",
            "tests/talk.test.js > greetings > says hello\n",
            "===== test session starts =====\ncollected 2 items\n\ntests/a.py::t ok 1 - x\n=== RUN   X\nPASSED [ 50%]\n",
            "tests/a.py::t\n\n3 tests collected in 0.1s\nRan 3 tests in 0.1s\n",
        ] {
            let list = read_tests(text, &KnownIds::default());
            assert!(!list.gaps.iter().any(|gap| matches!(gap, Gap::OtherRunner(_))), "{text}");
            assert!(!list.ids.is_empty(), "{text}");
        }
    }
}
