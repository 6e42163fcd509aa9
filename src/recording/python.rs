//! The pieces of Python that decide bytes: which characters are digits, spaces or printable, `repr`, `urlparse`.
//!
//! The recorder ran on Python 3.12, whose tables are Unicode 15.0; characters assigned later are unknown to it.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::json::{Number, Value, python_float};

/// `\s` of Python's `re`, as a class of the regex crate: Unicode white space and the four information separators.
pub const SPACE: &str = r"[\s\x1c-\x1f]";

/// `\d` of Python's `re`: decimal digits of every script.
pub const DIGIT: &str = r"[\p{Nd}&&\p{age=15.0}]";

/// The zeros of all decimal digits of Unicode 15.0; the other nine follow each of them.
const ZEROS: [u32; 68] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50,
    0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950,
    0x1fbf0,
];

/// The value of a decimal digit of any script.
fn digit(c: char) -> Option<u8> {
    let index = ZEROS.partition_point(|zero| *zero <= u32::from(c));
    let value = u32::from(c) - ZEROS.get(index.checked_sub(1)?)?;
    u8::try_from(value).ok().filter(|value| *value < 10)
}

/// Python's `float(text)` for a text that matched `-?\d+\.\d+`; a number too large is an infinity.
pub fn float(text: &str) -> f64 {
    let ascii: String = text.chars().map(|c| digit(c).map_or(c, |value| char::from(b'0' + value))).collect();
    ascii.parse().unwrap_or(f64::NAN)
}

/// Python's `round(x, 5)`: correctly rounded on the exact value, ties to even, as Rust's formatting does.
pub fn round5(x: f64) -> f64 {
    if x.is_finite() { format!("{x:.5}").parse().unwrap_or(x) } else { x }
}

/// Python's `text.strip()`.
pub fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// Python's truth of a JSON value: empty, zero, null and false are false.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != 0.0,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
    }
}

/// Python's `repr` of a parsed JSON value.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(value, &mut out);
    out
}

fn write_repr(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(Number::Float(x)) if !x.is_finite() => {
            out.push_str(match python_float(*x).as_str() {
                "NaN" => "nan",
                "Infinity" => "inf",
                _ => "-inf",
            });
        }
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => repr_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write_repr(item, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (i, (key, item)) in object.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                repr_text(key, out);
                out.push_str(": ");
                write_repr(item, out);
            }
            out.push('}');
        }
    }
}

fn repr_text(text: &str, out: &mut String) {
    static PRINTABLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[\p{age=15.0}&&[^\p{C}\p{Z}]]$").expect("the class is valid"));
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        let code = u32::from(c);
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if c == quote => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ if PRINTABLE.is_match(c.encode_utf8(&mut [0; 4])) => out.push(c),
            _ if code < 0x100 => out.push_str(&format!("\\x{code:02x}")),
            _ if code < 0x1_0000 => out.push_str(&format!("\\u{code:04x}")),
            _ => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out.push(quote);
}

/// The two parts of a url that the key looks at, as `urllib.parse.urlparse` splits it.
#[derive(Debug, PartialEq)]
pub struct Url {
    /// Host, and port and user if there are any.
    pub netloc: String,
    /// The path without `;params`, query and fragment.
    pub path: String,
}

impl Url {
    /// The host in small letters, without user and port, as Python's `urlparse(url).hostname` has it. `None` where there is
    /// none.
    pub fn hostname(&self) -> Option<String> {
        let host = self.netloc.rsplit('@').next().unwrap_or("");
        let host = match host.split_once('[') {
            Some((_, bracketed)) => bracketed.split(']').next().unwrap_or(""),
            None => host.split(':').next().unwrap_or(""),
        };
        // The zone of an IPv6 address keeps its case.
        let (name, zone) = host.split_at(host.find('%').unwrap_or(host.len()));
        (!host.is_empty()).then(|| format!("{}{zone}", name.to_lowercase()))
    }

    /// Splits `url`. There are no errors: an unknown part counts as path.
    pub fn parse(url: &str) -> Url {
        let url = url.trim_start_matches(|c: char| c <= ' ');
        let dropped = ['\t', '\r', '\n'];
        let url = if url.contains(dropped) { Cow::Owned(url.replace(dropped, "")) } else { Cow::Borrowed(url) };
        let (scheme, rest) = match url.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
            _ => (String::new(), &*url),
        };
        let (netloc, rest) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
            None => ("", rest),
        };
        let mut path = rest.split(['#', '?']).next().unwrap_or("");
        // The schemes of `urllib.parse.uses_params`.
        if matches!(
            scheme.as_str(),
            "" | "ftp"
                | "hdl"
                | "prospero"
                | "http"
                | "imap"
                | "https"
                | "shttp"
                | "rtsp"
                | "rtsps"
                | "rtspu"
                | "sip"
                | "sips"
                | "mms"
                | "sftp"
                | "tel"
        ) {
            let last_segment = path.rfind('/').unwrap_or(0);
            if let Some(semicolon) = path[last_segment..].find(';') {
                path = &path[..last_segment + semicolon];
            }
        }
        Url { netloc: netloc.to_owned(), path: path.to_owned() }
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_round_on_the_exact_value() {
        for (x, rounded) in
            [(0.015625, "0.01562"), (0.046875, "0.04688"), (-0.0, "-0.0"), (2.675, "2.675"), (1e300, "1e+300")]
        {
            assert_eq!(python_float(round5(x)), rounded);
        }
        assert_eq!(float("١٢.٣٤٥٦"), 12.3456);
        assert_eq!(float("-１.２"), -1.2);
        assert_eq!(float(&("9".repeat(400) + ".0")), f64::INFINITY);
    }

    #[test]
    fn repr_is_pythons() {
        for (json, expected) in [
            (
                r#"{"it's": "k", "q\"": [1.0, 1e16, null, true, false, {}]}"#,
                r#"{"it's": 'k', 'q"': [1.0, 1e+16, None, True, False, {}]}"#,
            ),
            (r#""both' \"""#, r#"'both\' "'"#),
            (
                r#""\u0000\u007f\u00a0\u00ad\u2028\u0378é😀\udb40\udc01""#,
                r#"'\x00\x7f\xa0\xad\u2028\u0378é😀\U000e0001'"#,
            ),
            ("[NaN, -Infinity, -0.0]", "[nan, -inf, -0.0]"),
        ] {
            assert_eq!(repr(&Value::parse(json.as_bytes()).unwrap()), expected);
        }
        // U+1C80 block additions of Unicode 16 are unassigned to Python 3.12.
        assert_eq!(repr(&Value::from("\u{1c89}")), r"'\u1c89'");
    }

    #[test]
    fn urls_are_split_as_urlparse_does() {
        for (url, netloc, path) in [
            ("https://h:1/a/b;p/c;d?e#f", "h:1", "/a/b;p/c"),
            ("http://h", "h", ""),
            ("vertexai:///generate_content;x", "", "/generate_content;x"),
            ("__databricks__/serving", "", "__databricks__/serving"),
            ("//h/p", "h", "/p"),
            (" https://h/p\n", "h", "/p"),
            ("https://h?q=/x", "h", ""),
        ] {
            assert_eq!(Url::parse(url), Url { netloc: netloc.into(), path: path.into() }, "{url}");
        }
    }

    #[test]
    fn strip_takes_what_python_calls_space() {
        assert_eq!(strip("\u{3000}\u{1c}\n {} \u{85}\u{a0}"), "{}");
        assert_eq!(strip("\u{feff}x\u{200b}"), "\u{feff}x\u{200b}");
    }
}
