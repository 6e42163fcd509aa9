//! Writing: the three layouts of a value, and number text as Python prints it.

use std::io::Write as _;

use super::{Value, plain_run};

#[derive(Clone, Copy)]
pub(super) struct JsonStyle {
    pub(super) indent: bool,
    pub(super) separators: (&'static str, &'static str),
    pub(super) ascii: bool,
    pub(super) sort: bool,
}

impl JsonStyle {
    pub(super) fn value(self, value: &Value, level: usize, out: &mut Vec<u8>) {
        match value {
            Value::Null => out.extend_from_slice(b"null"),
            Value::Bool(true) => out.extend_from_slice(b"true"),
            Value::Bool(false) => out.extend_from_slice(b"false"),
            Value::Number(number) => write!(out, "{number}").expect("a vector takes every byte"),
            Value::String(text) => self.string(text, out),
            Value::Array(items) => self.sequence(b"[]", items.iter(), level, out, |item, out| {
                self.value(item, level + 1, out);
            }),
            Value::Object(object) => {
                let pair = |(key, value): &(String, Value), out: &mut Vec<u8>| {
                    self.string(key, out);
                    out.extend_from_slice(self.separators.1.as_bytes());
                    self.value(value, level + 1, out);
                };
                if self.sort {
                    // UTF-8 sorts as code points do, which is how Python sorts.
                    let mut sorted: Vec<_> = object.pairs().iter().collect();
                    sorted.sort_by(|a, b| a.0.cmp(&b.0));
                    self.sequence(b"{}", sorted.into_iter(), level, out, pair);
                } else {
                    self.sequence(b"{}", object.pairs().iter(), level, out, pair);
                }
            }
        }
    }

    fn sequence<T>(
        self,
        brackets: &[u8; 2],
        items: impl ExactSizeIterator<Item = T>,
        level: usize,
        out: &mut Vec<u8>,
        mut write: impl FnMut(T, &mut Vec<u8>),
    ) {
        out.push(brackets[0]);
        let empty = items.len() == 0;
        for (i, item) in items.enumerate() {
            if i > 0 {
                out.extend_from_slice(self.separators.0.as_bytes());
            }
            self.new_line(level + 1, out);
            write(item, out);
        }
        if !empty {
            self.new_line(level, out);
        }
        out.push(brackets[1]);
    }

    fn new_line(self, level: usize, out: &mut Vec<u8>) {
        if self.indent {
            out.push(b'\n');
            out.resize(out.len() + 2 * level, b' ');
        }
    }

    pub(super) fn string(self, text: &str, out: &mut Vec<u8>) {
        let bytes = text.as_bytes();
        out.push(b'"');
        let mut written = 0;
        let mut seen = 0;
        loop {
            seen += plain_run(&bytes[seen..]);
            match bytes.get(seen) {
                None => break,
                // Characters as they are.
                Some(0x7f..) if !self.ascii => seen += 1,
                Some(_) => {
                    out.extend_from_slice(&bytes[written..seen]);
                    let c = text[seen..].chars().next().expect("a byte starts a character");
                    escape(c, out);
                    seen += c.len_utf8();
                    written = seen;
                }
            }
        }
        out.extend_from_slice(&bytes[written..]);
        out.push(b'"');
    }
}

fn escape(c: char, out: &mut Vec<u8>) {
    let short = match c {
        '"' => b"\\\"",
        '\\' => b"\\\\",
        '\n' => b"\\n",
        '\r' => b"\\r",
        '\t' => b"\\t",
        '\u{8}' => b"\\b",
        '\u{c}' => b"\\f",
        _ => {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}").expect("a vector takes every byte");
            }
            return;
        }
    };
    out.extend_from_slice(short);
}

/// A double as Python's `json` writes it: `repr` for finite ones, else `NaN`, `Infinity`, `-Infinity`.
pub fn python_float(x: f64) -> String {
    if x.is_nan() {
        return "NaN".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = shortest(x);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let digits = mantissa.replace('.', "");
    match usize::try_from(exponent) {
        Ok(whole) if digits.len() > whole + 1 => format!("{sign}{}.{}", &digits[..=whole], &digits[whole + 1..]),
        Ok(whole) => format!("{sign}{digits:0<width$}.0", width = whole + 1),
        Err(_) => format!("{sign}0.{:0>width$}", digits, width = digits.len() + exponent.unsigned_abs() as usize - 1),
    }
}

/// The shortest decimal that reads back as the same double, and of those the nearest, in `1.5e-7` form.
///
/// Where two are equally near, Python takes the even one and Rust does not. Rounding the exact value to as many digits
/// settles that; a tie needs nearly all the digits a double has.
fn shortest(x: f64) -> String {
    let shortest = format!("{x:e}");
    let digits = shortest.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    if digits >= 12 {
        let nearest = format!("{x:.*e}", digits - 1);
        if nearest.parse() == Ok(x) {
            return nearest;
        }
    }
    shortest
}
