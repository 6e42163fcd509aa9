//! Writing: the three layouts of a value.

use std::io::Write as _;

use super::run::plain_run;
use super::value::Value;

impl Value {
    /// The bytes of a recording file: two spaces of indentation, ASCII, a line feed at the end.
    pub fn to_file_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4096);
        JsonStyle { indent: true, separators: (",", ": "), ascii: true, sort: false }.value(self, 0, &mut out);
        out.push(b'\n');
        out
    }

    /// The text that is hashed: `json.dumps(value, sort_keys=True)`.
    pub fn to_sorted_text(&self) -> String {
        self.one_line(SORTED)
    }

    /// Appends what [`Value::to_sorted_text`] gives.
    pub(in crate::recording) fn write_sorted(&self, out: &mut Vec<u8>) {
        SORTED.value(self, 0, out);
    }

    /// The text sent over the wire: no white space, characters as they are.
    pub fn to_wire_text(&self) -> String {
        self.one_line(JsonStyle { indent: false, separators: (",", ":"), ascii: false, sort: false })
    }

    fn one_line(&self, style: JsonStyle) -> String {
        let mut out = Vec::new();
        style.value(self, 0, &mut out);
        String::from_utf8(out).expect("the writer writes UTF-8")
    }
}

const SORTED: JsonStyle = JsonStyle { indent: false, separators: (", ", ": "), ascii: true, sort: true };

/// Appends a text with its quotes, as Python writes it.
pub(in crate::recording) fn write_text(text: &str, out: &mut Vec<u8>) {
    SORTED.string(text, out);
}

#[derive(Clone, Copy)]
struct JsonStyle {
    indent: bool,
    separators: (&'static str, &'static str),
    ascii: bool,
    sort: bool,
}

impl JsonStyle {
    fn value(self, value: &Value, level: usize, out: &mut Vec<u8>) {
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

    fn string(self, text: &str, out: &mut Vec<u8>) {
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
