//! The forms of the lines that pytest prints around and beside the ids of tests.

use std::sync::LazyLock;

use regex::Regex;

pub(super) struct Patterns {
    pub(super) colour: Regex,
    pub(super) listed: Regex,
    pub(super) collected: Regex,
    pub(super) workers: Regex,
    pub(super) ended: Regex,
    pub(super) header: Regex,
    pub(super) title: Regex,
    pub(super) counted: Regex,
    pub(super) result_after: Regex,
    pub(super) result_before: Regex,
    pub(super) word_at_end: Regex,
    pub(super) ended_part: Regex,
}

pub(super) static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let regex = |pattern: &str| Regex::new(pattern).expect("the pattern is valid");
    let word = "(PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR|RERUN)";
    // What `console_output_style` puts at the end of the line of a result: `[ 10%]`, `[ 1/26]`, `238.0us`, `2m 3s`.
    let progress = r"(?: \(.*\))?\s*(?:\[\s*\d+(?:%|/\d+)\]|[\d.]+(?:us|ms|s)|\d+m \d+s|\d+h \d+m)?$";
    Patterns {
        colour: regex("\x1b\\[[0-9;]*[A-Za-z]"),
        // `3 tests collected in 0.01s`, `1/10 tests collected (9 deselected), 1 error in 0.07s`, `no tests collected`.
        listed: regex(r"^(no|\d+)(?:/\d+)? tests? (?:collected|ran)\b(.*)$"),
        // Of a run: `collecting ... collected 10 items / 3 deselected / 7 selected`.
        collected: regex(r"^(?:collecting \.\.\. )?collected (\d+) items?\b(.*)$"),
        // Of a run on several workers: `8 workers [1043 items]`.
        workers: regex(r"^\d+ workers? \[(\d+) items?\]$"),
        // The last line of a run: `1 failed, 8 passed, 2 subtests passed, 2 deselected in 0.02s`.
        ended: regex(r"^\d+ [a-z]+(?: [a-z]+)?(?:, \d+ [a-z]+(?: [a-z]+)?)* in [\d.]+m?s\b.*$"),
        header: regex(r"^(?:=|_|!|-){3,} (.+?) (?:=|_|!|-){3,}$"),
        // Sections that hold lines which could be taken for ids or results, at whatever width.
        title: regex(
            r"^(?:test session starts|short test summary info|ERRORS|FAILURES|PASSES|XFAILURES|XPASSES|RERUNS|warnings summary.*|ERROR (?:at|collecting) .+|Captured .+|live log .+|slowest .*durations)$",
        ),
        counted: regex(r"^\S.*\.\w+: \d+$"),
        result_after: regex(&format!(r"^(.+?) {word}{progress}")),
        result_before: regex(&format!(r"^(?:\[gw\d+\] (?:\[\s*\d+(?:%|/\d+)\] )?)?{word} (.+)$")),
        word_at_end: regex(&format!(r"(?:^|.*\s|.*[^A-Za-z]){word}{progress}")),
        // Of subtests: `tests/a.py::t SUBFAILED[part]`, `SUBSKIPPED[part] tests/a.py::t`, `[part] SUBFAIL tests/a.py::t - why`.
        ended_part: regex(r"\bSUB(?:FAIL|SKIP|XFAIL)"),
    }
});
