//! JSON exactly as Python reads and writes it.
//!
//! The recorder's files are `json.dump(obj, f, indent=2)` plus a line feed, its keys are hashes of `json.dumps(obj,
//! sort_keys=True)`. General JSON crates differ from Python in number text (`1e-07`, integers of any size), in escapes
//! (everything outside printable ASCII is `\uXXXX`), and in what they accept (`NaN`), so this room has its own reader
//! and writer. Everything here is pure.
//!
//! Defined behaviour for untrusted input: at most [`MAX_DEPTH`] levels, integers of at most [`MAX_INT_DIGITS`] digits
//! (Python's own limit), a repeated key keeps the last value at the place of the first, a lone surrogate is an error.

pub(super) mod canonical;
mod float;
mod limits;
mod object;
mod read;
mod run;
mod value;
mod write;

pub use float::python_float;
pub use limits::{MAX_DEPTH, MAX_INT_DIGITS, MAX_PARTS, STACK};
pub use read::{ParseError, ParseErrorKind};
pub use run::plain_run;
pub use value::{Number, Object, Value};
pub(super) use write::write_text;

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> String {
        Value::parse(text.as_bytes()).unwrap().to_sorted_text()
    }

    #[test]
    fn numbers_keep_their_meaning_to_the_digit() {
        for (text, written) in [
            ("1e-7", "1e-07"),
            ("1e16", "1e+16"),
            ("1e15", "1000000000000000.0"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("12345678901234567.8", "1.2345678901234568e+16"),
            ("5e-324", "5e-324"),
            ("1e-400", "0.0"),
            ("-0.0", "-0.0"),
            ("-0", "0"),
            ("100.000", "100.0"),
            ("1E22", "1e+22"),
            ("18446744073709551617", "18446744073709551617"),
            ("-123456789012345678901234567890", "-123456789012345678901234567890"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("1e400", "Infinity"),
            ("-11.125015258789062", "-11.125015258789062"),
            ("9007199254740993.0", "9007199254740992.0"),
            ("123456.789", "123456.789"),
            ("-0.00012", "-0.00012"),
            ("-120.0", "-120.0"),
            ("[NaN, -Infinity]", "[NaN, -Infinity]"),
        ] {
            assert_eq!(round_trip(text), written, "{text}");
        }
    }

    #[test]
    fn what_python_does_not_read_is_an_error() {
        for text in [
            "",
            " ",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "-",
            "--1",
            "-NaN",
            "nul",
            "[1,]",
            "{\"a\":1,}",
            "{,}",
            "{1:2}",
            "'a'",
            "\"\\q\"",
            "\"\\u12\"",
            "\"\\u+123\"",
            "\"a\nb\"",
            "\"a",
            "[1",
            "{\"a\"",
            "1 2",
            "\u{feff}1",
            "\u{a0}1",
        ] {
            assert!(Value::parse(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(matches!(Value::parse(b"\"\xff\"").unwrap_err().kind, ParseErrorKind::Encoding));
    }

    #[test]
    fn lone_surrogates_are_their_own_error_and_pairs_are_not() {
        for text in [r#""\ud83d""#, r#""\ud83dx""#, r#""\ude00""#, r#""\ud83d\u0041""#, r#""\ud83d\ud83d""#] {
            assert_eq!(Value::parse(text.as_bytes()).unwrap_err().kind, ParseErrorKind::LoneSurrogate, "{text}");
        }
        assert_eq!(Value::parse(br#""\ud83d\uDE00""#).unwrap(), Value::from("😀"));
    }

    #[test]
    fn a_repeated_key_keeps_the_last_value_at_the_first_place() {
        assert_eq!(Value::parse(br#"{"a":1,"b":2,"a":3}"#).unwrap().to_wire_text(), r#"{"a":3,"b":2}"#);
        let many: String = (0..40).map(|i| format!("\"k{}\":{i},", i % 20)).collect();
        let object = Value::parse(format!("{{{}}}", many.trim_end_matches(',')).as_bytes()).unwrap();
        assert_eq!(object.as_object().unwrap().len(), 20);
        assert_eq!(object.as_object().unwrap().iter().next(), Some(("k0", &Value::from(20))));
    }

    #[test]
    fn members_and_items_have_a_limit() {
        let list = |n: usize| format!("[{}1]", "1,".repeat(n - 1));
        assert!(Value::parse(list(MAX_PARTS).as_bytes()).is_ok());
        assert_eq!(Value::parse(list(MAX_PARTS + 1).as_bytes()).unwrap_err().kind, ParseErrorKind::TooMany);
    }

    #[test]
    fn depth_and_integer_length_have_limits_and_do_not_overflow_the_stack() {
        // A test thread has two megabytes of stack, as a rayon worker has.
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(Value::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(Value::parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err().kind, ParseErrorKind::TooDeep);
        assert_eq!(Value::parse("[".repeat(1 << 20).as_bytes()).unwrap_err().kind, ParseErrorKind::TooDeep);
        let deep = Value::parse(("{\"a\":".repeat(MAX_DEPTH) + "1" + &"}".repeat(MAX_DEPTH)).as_bytes()).unwrap();
        assert!(deep.clone().to_file_bytes().len() > MAX_DEPTH * MAX_DEPTH);
        assert!(Value::parse("9".repeat(MAX_INT_DIGITS).as_bytes()).is_ok());
        let long = "-".to_owned() + &"9".repeat(MAX_INT_DIGITS + 1);
        assert_eq!(Value::parse(long.as_bytes()).unwrap_err().kind, ParseErrorKind::LongInteger);
    }

    #[test]
    fn file_bytes_are_those_of_json_dump_with_indent() {
        let value = Value::parse("{\"a\":[],\"b\":{},\"c\":[1,{\"é\":\"\\u007f😀/\\b\"}]}".as_bytes()).unwrap();
        let expected = "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"\\u00e9\": \"\\u007f\\ud83d\\ude00/\\b\"\n    }\n  ]\n}\n";
        assert_eq!(String::from_utf8(value.to_file_bytes()).unwrap(), expected);
    }

    #[test]
    fn errors_say_where() {
        let error = Value::parse(b"{\n  \"a\": 1\n  \"b\": 2\n}").unwrap_err();
        assert_eq!(error.to_string(), "expected `,` or `}` at line 3 column 3");
    }
}
