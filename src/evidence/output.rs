//! What `pytest --collect-only -q` and runs of pytest print. A line that is only an id counts as an id; in the output
//! of a run, an id counts if its result was read. The totals of pytest show whether everything was read.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

use super::ids::{KnownIds, before_reason, is_id, leading};
use super::output_patterns::PATTERNS;
use super::runner::Runner;
use super::test_list::{Gap, TestList};

/// The place of a line in the output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListPart {
    /// Among ids.
    Ids,
    /// Below "short test summary info".
    Summary,
    /// Among warnings, tracebacks, captured output.
    Other,
}

/// Reads lists and runs that follow one another.
pub(super) fn parse(text: &str, known: &KnownIds) -> TestList {
    let text = PATTERNS.colour.replace_all(text, "");
    let mut reader = ListReader::new(known);
    let mut part = ListPart::Ids;
    for (index, line) in text.lines().enumerate() {
        part = reader.line(index + 1, line.trim_end(), part);
    }
    let is_pytest = reader.is_pytest;
    let last = text.lines().next_back().unwrap_or("");
    let is_torn = !text.ends_with('\n') && last.contains("::") && last.contains('[') && !last.ends_with(']');
    let list = reader.finish(is_torn);
    match Runner::of(&text) {
        Some(runner) if !is_pytest && !list.gaps.is_empty() => {
            TestList { gaps: vec![Gap::OtherRunner(runner)], ..TestList::default() }
        }
        _ => list,
    }
}

struct ListReader<'k> {
    known: &'k KnownIds,
    list: TestList,
    seen: BTreeSet<String>,
    /// How many tests the sums of lists say that there are.
    listed: Option<usize>,
    /// How many lines are an id without a result.
    lines: usize,
    /// How many tests the run says that it collected, and how many its last line counts.
    collected: Option<usize>,
    counted: Option<usize>,
    /// The tests of this run that are named with a result.
    results: BTreeSet<String>,
    /// What the runs before this one said and named.
    before: (usize, usize),
    /// Some run did not say how many tests it had.
    uncounted: bool,
    /// A test whose result comes on a later line, after what it prints, and the last word that may be it.
    started: Option<(String, Option<String>)>,
    /// The lines of subtests that did not run to their end.
    ended_parts: Vec<String>,
    /// The first line that is not understood.
    unclear: Option<(usize, String)>,
    /// Some line is of another form of the same list.
    other: bool,
    /// Some line is one that pytest prints around ids.
    is_pytest: bool,
}

impl<'k> ListReader<'k> {
    fn new(known: &'k KnownIds) -> Self {
        ListReader {
            known,
            list: TestList::default(),
            seen: BTreeSet::new(),
            listed: None,
            lines: 0,
            collected: None,
            counted: None,
            results: BTreeSet::new(),
            before: (0, 0),
            uncounted: false,
            started: None,
            ended_parts: vec![],
            unclear: None,
            other: false,
            is_pytest: false,
        }
    }

    fn line(&mut self, number: usize, line: &str, part: ListPart) -> ListPart {
        let patterns = &*PATTERNS;
        let bare = line.trim_matches(|c| c == '=' || c == ' ');
        self.is_pytest |= bare == "test session starts"
            || [&patterns.listed, &patterns.collected, &patterns.workers, &patterns.ended]
                .iter()
                .any(|pattern| pattern.is_match(bare));
        if let Some(sum) = patterns.listed.captures(bare) {
            let count: usize = sum[1].parse().unwrap_or(0);
            self.listed = Some(self.listed.unwrap_or(0).saturating_add(count));
            self.left_out(&sum[2]);
            return ListPart::Ids;
        }
        if let Some(sum) = patterns.collected.captures(bare) {
            self.end_run();
            self.collected = sum[1].parse().ok();
            self.left_out(&sum[2]);
            return ListPart::Ids;
        }
        if let Some(sum) = patterns.workers.captures(bare) {
            self.collected = self.collected.or(sum[1].parse().ok());
            return ListPart::Ids;
        }
        if patterns.ended.is_match(bare) {
            self.left_out(bare);
            self.counted = Some(count_results(bare));
            self.end_run();
            return ListPart::Ids;
        }
        if line.starts_with("INTERNALERROR>") || line.starts_with("ERROR: ") || line.starts_with("!!!") {
            self.error(line.strip_prefix("ERROR: "));
            return part;
        }
        if let Some(header) = patterns.header.captures(line).filter(|header| is_pytests(&header[1], line)) {
            return match &header[1] {
                "short test summary info" => ListPart::Summary,
                "test session starts" => ListPart::Ids,
                // What a test logs while it runs.
                "live log setup" | "live log call" | "live log teardown" | "live log collection" => part,
                _ => {
                    self.settle();
                    ListPart::Other
                }
            };
        }
        if part != ListPart::Other && patterns.ended_part.is_match(line) {
            self.ended_parts.push(line.to_owned());
        }
        match part {
            ListPart::Other if line.starts_with("-- Docs: ") => ListPart::Ids,
            ListPart::Other => ListPart::Other,
            ListPart::Summary => {
                self.summary(line);
                ListPart::Summary
            }
            ListPart::Ids => {
                self.id_line(number, line);
                ListPart::Ids
            }
        }
    }

    fn id_line(&mut self, number: usize, line: &str) {
        let patterns = &*PATTERNS;
        let trimmed = line.trim_start();
        self.other |= patterns.counted.is_match(line) || (trimmed != line && trimmed.starts_with("<Module "));
        if self.known.has(line) && !line.is_empty() {
            self.start(line);
        } else if let Some(result) = patterns.result_after.captures(line).filter(|result| is_id(&result[1])) {
            self.settle();
            self.result(&result[1], &result[2]);
        } else if patterns
            .result_before
            .captures(line)
            .is_some_and(|result| result[2].contains("::") || (&result[1] == "ERROR" && is_path(&result[2])))
        {
            self.settle();
            self.summary(line);
        } else if is_id(line) {
            self.start(line);
        } else if let Some((id, rest)) = leading(line, self.known) {
            self.settle();
            self.list.has_results = true;
            self.id(id);
            // `SUBPASSED[part]` is the result of a part; anything else is what the test prints.
            if !rest.starts_with("SUB") {
                self.started = Some((id.to_owned(), result_word(rest)));
            }
        } else if let Some((word, (_, result))) = result_word(line).zip(self.started.as_mut()) {
            *result = Some(word);
            self.list.has_results = true;
        } else if !trimmed.is_empty() && !trimmed.starts_with('#') {
            self.unclear.get_or_insert_with(|| (number, line.chars().take(80).collect()));
        }
    }

    /// An id alone: of a list, or of a test whose result comes later.
    fn start(&mut self, id: &str) {
        self.settle();
        self.lines += 1;
        self.id(id);
        self.started = Some((id.to_owned(), None));
    }

    /// Takes the last word that could be the result of the test that was started.
    fn settle(&mut self) {
        if let Some((id, Some(word))) = self.started.take() {
            self.result(&id, &word);
        }
    }

    /// `PASSED id`, `FAILED id - why`, `ERROR path`, `SUBFAILED[part] id - why`.
    fn summary(&mut self, line: &str) {
        let Some(result) = PATTERNS.result_before.captures(line) else { return };
        let (word, rest) = (&result[1], &result[2]);
        // What follows a test that passed is all its id.
        let id = if word == "PASSED" { rest } else { before_reason(rest, self.known) };
        match (word, is_id(id) || self.known.has(id)) {
            (_, true) => self.result(id, word),
            ("ERROR", false) => self.error(Some(id)),
            _ => {}
        }
    }

    fn result(&mut self, id: &str, word: &str) {
        self.list.has_results = true;
        match word {
            "PASSED" => self.list.end(id, true),
            // Whatever it printed before, or an error after it passed.
            "FAILED" | "ERROR" => self.list.end(id, false),
            _ => {}
        }
        if word != "RERUN" {
            self.results.insert(id.to_owned());
        }
        self.id(id);
    }

    fn id(&mut self, id: &str) {
        if self.seen.insert(id.to_owned()) {
            self.list.ids.push(id.to_owned());
        }
    }

    /// What a sum says was deselected, or failed to be collected.
    fn left_out(&mut self, sum: &str) {
        let words: Vec<&str> = sum.split([' ', ',', '(', ')', '/']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            match (pair[0].parse::<usize>(), pair[1]) {
                (Ok(count), "deselected") if count > 0 => {
                    let gap = Gap::Deselected(count);
                    if !self.list.gaps.contains(&gap) {
                        self.list.gaps.push(gap);
                    }
                }
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

    /// Counts the run that ends here, if there is one.
    fn end_run(&mut self) {
        self.settle();
        let read = std::mem::take(&mut self.results).len();
        match self.collected.take().or(self.counted) {
            Some(said) => self.before = (self.before.0.saturating_add(said), self.before.1 + read),
            None => self.uncounted |= read > 0,
        }
        self.counted = None;
    }

    /// A test of which a part did not run to its end passes in some versions of pytest, before or after that part. Its id
    /// stands anywhere in the line of the part, so all ids are searched for at once.
    fn settle_parts(&mut self) {
        if self.ended_parts.is_empty() {
            return;
        }
        let passed: Vec<String> = self.list.passed.iter().cloned().collect();
        let Ok(search) = AhoCorasick::new(&passed) else {
            // More ids than it can take: none of them is known to have passed.
            passed.iter().for_each(|id| self.list.end(id, false));
            return;
        };
        for line in &self.ended_parts {
            let hits = search.find_overlapping_iter(line);
            let hits = hits.filter(|hit| line[hit.end()..].chars().next().is_none_or(char::is_whitespace));
            hits.for_each(|hit| self.list.end(&passed[hit.pattern().as_usize()], false));
        }
    }

    fn finish(mut self, is_torn: bool) -> TestList {
        self.end_run();
        self.settle_parts();
        let ListReader { mut list, listed, lines, before: (said, read), uncounted, unclear, other, .. } = self;
        let is_run = list.has_results;
        list.has_total = listed.is_some() && !is_run;
        match listed {
            _ if is_run && said != read => list.gaps.push(Gap::Results { said, read }),
            _ if is_run && uncounted => list.gaps.push(Gap::NoCount),
            _ if is_run => {}
            Some(said) if lines != said => list.gaps.push(Gap::Count { said, listed: lines }),
            Some(_) => {}
            // Nothing but ids is a list too.
            None if is_torn => {}
            None => list.gaps.extend(unclear.map(|(line, text)| Gap::Unclear(line, text))),
        }
        if list.ids.is_empty() && !is_torn {
            list.gaps.retain(|gap| matches!(gap, Gap::Deselected(_) | Gap::Errors(_)));
            list.gaps.push(if other { Gap::OtherForm } else { Gap::Empty });
        }
        if is_torn {
            list.gaps.push(Gap::Torn);
        }
        list
    }
}

/// Whether the error is one of collection, which names a file or a folder. What a program logs begins with the word too.
fn is_path(error: &str) -> bool {
    let place = error.split(" - ").next().unwrap_or(error);
    !place.starts_with(' ') && (place.ends_with(".py") || (place.contains('/') && !place.contains(' ')))
}

/// Whether pytest wrote this header. It fills the line to the width of the terminal, of 80 columns in a pipe. A script
/// around pytest writes headers such as `=== Running tests ===`, below which ids may stand.
fn is_pytests(title: &str, line: &str) -> bool {
    const WIDTH: usize = 79;
    line.chars().count() >= WIDTH || PATTERNS.title.is_match(title)
}

/// The word for a result with which a line ends.
fn result_word(line: &str) -> Option<String> {
    PATTERNS.word_at_end.captures(line).map(|found| found[1].to_owned())
}

/// How many tests the last line of a run counts.
fn count_results(sum: &str) -> usize {
    let parts = sum.split(" in ").next().unwrap_or(sum).split(", ");
    let count = |part: &str| {
        let (count, word) = part.split_once(' ')?;
        let is_test = matches!(word, "passed" | "failed" | "skipped" | "xfailed" | "xpassed");
        count.parse::<usize>().ok().filter(|_| is_test)
    };
    parts.filter_map(count).fold(0, usize::saturating_add)
}

#[cfg(test)]
mod cases {
    use super::*;

    fn parse(text: &str) -> TestList {
        super::parse(text, &KnownIds::default())
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
    fn errors_that_a_program_logs_are_none_of_collection() {
        let run = |log: &str| {
            let start = format!("{:=^80}\ncollected 1 item\n\ntests/a.py::t \n", " test session starts ");
            parse(&format!("{start}{log}\nPASSED [100%]\n\n{:=^80}\n", " 1 passed in 0.1s ")).gaps
        };
        for log in ["ERROR    2026-11-29T15:59:13Z  ogx.mixin:530 list() failed", "ERROR cannot reach a/b: no route"] {
            assert_eq!(run(log), [], "{log}");
        }
        for error in ["ERROR tests/b.py - ImportError: no a / b", "ERROR tests/sub"] {
            assert!(run(error).iter().any(|gap| matches!(gap, Gap::Errors(Some(_)))), "{error}");
        }
    }

    #[test]
    fn headers_of_a_script_hide_no_ids() {
        let text = "=== OGX Integration Test Runner ===\nSetup: bedrock\nexport X='a'\n=== Running Integration Tests ===\n\
            tests/a.py::t[x]\ntests/b.py::u\n\n2 tests collected in 0.1s\n=== Integration Tests Complete ===\n";
        let list = parse(text);
        assert_eq!((list.ids.len(), list.gaps, list.has_total), (2, vec![], true));
        // A section of a plugin has the width of the terminal; what it quotes is no id.
        let section = format!("{:=^80}", " what was quoted ");
        let list = parse(&format!("tests/a.py::t\n{section}\ntests/b.py::u\n{:=^80}\n", " 1 test collected in 0.1s "));
        assert_eq!((list.ids, list.gaps), (vec!["tests/a.py::t".to_owned()], vec![]));
    }

    #[test]
    fn gaps() {
        for (text, gaps) in [
            ("", vec![Gap::Empty]),
            ("\nno tests collected in 0.00s\n", vec![Gap::Empty]),
            ("\nno tests collected (5 deselected) in 0.0s", vec![Gap::Deselected(5), Gap::Empty]),
            ("a.py::t\n\n1/10 tests collected (9 deselected) in 0.0s\n", vec![Gap::Deselected(9)]),
            ("a.py::t\n\n3 tests collected in 0.0s\n", vec![Gap::Count { said: 3, listed: 1 }]),
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
            PASSED tests/a.py::test[a - dash]\nFAILED tests/a.py::u - why\nSKIPPED [1] tests/a.py:8: no\n1 failed, 1 passed, 3 deselected in 0.02s\n";
        let list = parse(summary);
        assert_eq!(list.ids, ["tests/a.py::test[a - dash]", "tests/a.py::u"]);
        assert_eq!(
            (list.passed.len(), list.gaps),
            (1, vec![Gap::Deselected(3)]),
            "what is skipped by place is not in the sum"
        );
        for end in ["[ 1/26]", "238.0us", "1.000ms", "59.999s", "2m 3s", "1h 2m", ""] {
            let list = parse(&format!("collected 1 item\n\na.py::t[x] PASSED {end}\n== 1 passed in 0.1s ==\n"));
            assert_eq!((list.ids, list.gaps), (vec!["a.py::t[x]".to_owned()], vec![]), "{end}");
        }
        let known = KnownIds::new(["tests/sub/a.py::t"].into_iter());
        let text = "2 workers [1 item]\n\ntests/sub/a.py::t \n[gw0] [100%] PASSED tests/sub/a.py::t \n\n== 1 passed in 0.1s ==\n";
        let list = super::parse(text, &known);
        assert_eq!((list.ids, list.passed.len(), list.gaps), (vec!["tests/sub/a.py::t".to_owned()], 1, vec![]));
        let parallel = parse("[gw0] [ 50%] PASSED tests/a.py::test[x] \n[gw1] [100%] FAILED tests/a.py::u \n");
        assert_eq!(parallel.ids, ["tests/a.py::test[x]", "tests/a.py::u"]);
        assert_eq!(parallel.passed.len(), 1);
    }

    #[test]
    fn a_run_proves_something_only_if_all_its_results_were_read() {
        let session = "===== test session starts =====\nplatform linux\ncollecting ... collected 2 items\n\n";
        let of = |body: &str| parse(&format!("{session}{body}"));
        // With -s, the output of a test is on the line of its id and below it.
        let loud = of(
            "tests/a.py::test_loud asking the model\nanswer\nPASSED\ntests/a.py::test_still hello PASSED [100%]\n\n==== 2 passed in 0.1s ====\n",
        );
        assert_eq!(loud.ids, ["tests/a.py::test_loud", "tests/a.py::test_still"]);
        assert_eq!((loud.passed.len(), loud.gaps), (2, vec![]));
        let logged = of(
            "tests/a.py::t \n-------- live log call --------\nINFO root:a.py:3 x\nPASSED [ 50%]\ntests/a.py::u FAILED [100%]\n== 1 failed, 1 passed in 0.1s ==\n",
        );
        assert_eq!((logged.ids.len(), logged.passed.len(), logged.gaps), (2, 1, vec![]));
        let parts = parse(
            "collected 1 item\n\ntests/a.py::t SUBPASSED[p] (i=0) [100%]\ntests/a.py::t SUBPASSED[p] (i=1) [100%]\ntests/a.py::t PASSED [100%]\n== 1 passed, 2 subtests passed in 0.02s ==\n",
        );
        assert_eq!((parts.ids, parts.passed.len(), parts.gaps), (vec!["tests/a.py::t".to_owned()], 1, vec![]));
        // Whichever comes first, and however the version of pytest spells it.
        for part in [
            "tests/a.py::t SUBFAILED[p] (i=0) [100%]",
            "tests/a.py::t [p] SUBSKIP [100%]",
            "[gw0] [ 50%] SUBFAILED(i=0) tests/a.py::t ",
        ] {
            for lines in [[part, "tests/a.py::t PASSED [100%]"], ["tests/a.py::t PASSED [100%]", part]] {
                let text = format!("collected 1 item\n\n{}\n== 1 failed, 1 passed in 0.02s ==\n", lines.join("\n"));
                assert_eq!(parse(&text).passed.len(), 0, "{text}");
            }
        }
        let text = "collected 2 items\n\ntests/a.py::t PASSED\ntests/a.py::t_two SUBFAILED[p] \ntests/a.py::t_two FAILED\n== 2 failed, 1 passed in 0.02s ==\n";
        assert_eq!(parse(text).passed, BTreeSet::from(["tests/a.py::t".to_owned()]));
        // Skipped tests have no id in the summary, and a run that stopped early lists fewer tests; without totals it is
        // unknown.
        for (body, gap) in [
            (
                "tests/a.py .s [100%]\n=== short test summary info ===\nPASSED tests/a.py::t\nSKIPPED [1] tests/a.py:3: no\n== 1 passed, 1 skipped in 0.1s ==\n",
                Gap::Results { said: 2, read: 1 },
            ),
            ("tests/a.py::t PASSED\n", Gap::Results { said: 2, read: 1 }),
            ("tests/a.py::t PASSED\ntests/a.py::u still running\n", Gap::Results { said: 2, read: 1 }),
        ] {
            assert_eq!(of(body).gaps, [gap], "{body}");
        }
        assert_eq!(parse("tests/a.py::t PASSED\ntests/a.py::u PASSED\n").gaps, [Gap::NoCount]);
        let quiet = "..\n=== short test summary info ===\nPASSED tests/a.py::t\nFAILED tests/a.py::u - E: 403 - {'m': 'x'}\n1 failed, 1 passed in 0.02s\n";
        assert_eq!((parse(quiet).ids.len(), parse(quiet).gaps), (2, vec![]));
        assert_eq!(parse("tests/a.py::t\nwhat is this\n").gaps, [Gap::Unclear(2, "what is this".to_owned())]);
        assert_eq!(parse("plugin: x\ntests/a.py::t\n\n1 test collected in 0.1s\n").gaps, []);
        let known = KnownIds::new(["lib/talk > says hello"].into_iter());
        assert_eq!(super::parse("talk > says hello\n", &known).ids, ["talk > says hello"], "word for word");
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
