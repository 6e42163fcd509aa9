//! JSON against Python: the same texts are taken, and what is taken is written with the same bytes.

use bedrock_fixtures::recording::json::{ParseErrorKind, Value};
use fastrand::Rng;

use super::{Culprit, mutate, one, python, seeds, text};

const TEXTS: [&str; 26] = [
    "a",
    "é",
    "😀",
    "\u{7f}",
    "\u{2028}",
    "\u{feff}",
    "\u{80}",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\t",
    "\\u0041",
    "\\u0000",
    "\\u2028",
    "\\ud83d\\ude00",
    "\\uDBFF\\uDFFF",
    "\\u007F",
    "\\u00e9",
    "'",
    "/",
    "<",
    "{}",
    "plain words ",
];

/// What belongs nowhere, or only somewhere.
const ODD: [&str; 40] = [
    "\\ud83d",
    "\\ude00",
    "\\u12",
    "\\x41",
    "\\u+123",
    "\n",
    "\t",
    "\r",
    " ",
    "\u{a0}",
    "\u{feff}",
    "\u{c}",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "-",
    "+",
    ".",
    "e",
    "E",
    "0",
    "1",
    "00",
    "NaN",
    "Infinity",
    "-Infinity",
    "-NaN",
    "null",
    "true",
    "fals",
    "/**/",
    "'",
    "1.",
    ".5",
    "1e400",
];

const NUMBERS: [&str; 22] = [
    "0",
    "-0",
    "-0.0",
    "1e-7",
    "1e16",
    "1e15",
    "123456789012345678",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551616",
    "5e-324",
    "2.2250738585072011e-308",
    "1.7976931348623157e308",
    "1e309",
    "-1e400",
    "1e-400",
    "9007199254740993.0",
    "0.1",
    "1E+2",
    "NaN",
    "Infinity",
    "-Infinity",
];

fn number(random: &mut Rng, out: &mut String) {
    match random.u8(..7) {
        0 => out.push_str(one(random, &NUMBERS)),
        // Whole numbers about as exact as a double is, where two texts may be as near as each other.
        6 => {
            let double = random.u64(1 << 52..1 << 54) as f64 * f64::from(random.i32(-20..20)).exp2();
            out.push_str(&format!("{double:?}"));
        }
        1 => out.push_str(&random.i64(-100_000..100_000).to_string()),
        2 => out.push_str(&random.i128(..).to_string()),
        3 => {
            // Any double: its bits are random, its text Rust's or Python's.
            let double = f64::from_bits(random.u64(..));
            let double = if double.is_finite() { double } else { 0.5 };
            out.push_str(&if random.bool() { format!("{double:e}") } else { format!("{double:?}") });
        }
        4 => out.push_str(&format!("{}.{}", random.i64(..), random.u64(..))),
        _ => out.push_str(&format!("{}.{:03}e{}", random.i32(..), random.u32(..100_000), random.i32(-330..330))),
    }
}

fn string(random: &mut Rng, out: &mut String) {
    out.push('"');
    let inner = text(random, &TEXTS, 4);
    // Random characters may be those that have to be escaped.
    let escaped = inner.replace(|c: char| c < ' ', " ");
    out.push_str(&if escaped.contains('"') { escaped.replace("\\\"", "'").replace('"', "'") } else { escaped });
    out.push('"');
}

fn blank(random: &mut Rng, out: &mut String) {
    out.push_str(one(random, &["", "", "", " ", "\n  ", "\t", "\r\n"]));
}

fn value(random: &mut Rng, depth: usize, out: &mut String) {
    blank(random, out);
    let kinds = if depth > 4 { 6 } else { 10 };
    match random.u8(..kinds) {
        0 => out.push_str(one(random, &["null", "true", "false"])),
        1..=3 => number(random, out),
        4 | 5 => string(random, out),
        6 | 7 => {
            out.push('[');
            for index in 0..random.usize(..4) {
                out.push_str(if index > 0 { "," } else { "" });
                value(random, depth + 1, out);
            }
            out.push(']');
        }
        _ => {
            out.push('{');
            for index in 0..random.usize(..5) {
                out.push_str(if index > 0 { "," } else { "" });
                blank(random, out);
                // Few, so that some are repeated.
                if random.bool() {
                    out.push_str(one(random, &["\"a\"", "\"\"", "\"é\""]))
                } else {
                    string(random, out)
                }
                blank(random, out);
                out.push(':');
                value(random, depth + 1, out);
            }
            out.push('}');
        }
    }
    blank(random, out);
}

/// A text that is JSON, or was before something happened to it.
fn document(random: &mut Rng) -> Vec<u8> {
    let mut document = String::new();
    value(random, 0, &mut document);
    let mut document = document.into_bytes();
    if random.u8(..3) == 0 {
        mutate(random, &mut document, &ODD);
    }
    if random.u16(..500) == 0 {
        // A number as long as Python takes it, or by a digit longer.
        document = "9".repeat(4299 + random.usize(..3)).into_bytes();
    }
    document
}

/// What Python makes of a text, by `tests/fixtures/recorder/json_texts.py`.
enum Python {
    Refused,
    /// Somewhere in the text is half a surrogate pair, which Python takes.
    LoneSurrogate,
    Taken {
        file: String,
        sorted: String,
        wire: String,
    },
}

fn answers(mut rest: &[u8]) -> Vec<Python> {
    let mut answers = vec![];
    while !rest.is_empty() {
        answers.push(match python::take(&mut rest, 1) {
            b"r" => Python::Refused,
            b"s" => Python::LoneSurrogate,
            _ => Python::Taken {
                file: python::sized(&mut rest),
                sorted: python::sized(&mut rest),
                wire: python::sized(&mut rest),
            },
        });
    }
    answers
}

#[cfg(unix)]
#[test]
fn python_reads_and_writes_the_same() {
    let recorders = crate::recorder::recorders();
    let Some(recorder) = recorders.last() else { return };
    let all: Vec<u64> = seeds(6_000, 1_500_000).collect();
    let mut counts = [0; 3];
    for batch in all.chunks(python::BATCH) {
        let texts: Vec<Vec<u8>> = batch.iter().map(|seed| document(&mut Rng::with_seed(*seed))).collect();
        let answers = answers(&python::asked(recorder, "json_texts.py", &texts));
        assert_eq!(answers.len(), texts.len());
        for ((seed, text), answer) in batch.iter().zip(&texts).zip(answers) {
            let _culprit = Culprit { test: "json", seed: *seed };
            let shown = String::from_utf8_lossy(text);
            match (Value::parse(text), answer) {
                (Err(_), Python::Refused) => counts[0] += 1,
                (Err(error), Python::LoneSurrogate) if error.kind == ParseErrorKind::LoneSurrogate => counts[1] += 1,
                (Ok(value), Python::Taken { file, sorted, wire }) => {
                    assert_eq!(String::from_utf8(value.to_file_bytes()).unwrap(), file, "{shown}");
                    assert_eq!(value.to_sorted_text(), sorted, "{shown}");
                    assert_eq!(value.to_wire_text(), wire, "{shown}");
                    assert_eq!(Value::parse(file.as_bytes()), Ok(value), "{shown}");
                    counts[2] += 1;
                }
                (Err(error), Python::Taken { .. }) => panic!("Python takes {shown:?}: {error}"),
                (ours, Python::Refused) => panic!("Python refuses {shown:?}: {ours:?}"),
                (ours, Python::LoneSurrogate) => panic!("half a pair in {shown:?}: {ours:?}"),
            }
        }
    }
    assert!(all.len() < 1000 || counts.iter().all(|count| count * 2000 > all.len()), "of every kind some: {counts:?}");
}
