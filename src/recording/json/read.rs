//! Reading: a recursive descent over the bytes that accepts what Python's `json` accepts.

use std::fmt;

use super::limits::{MAX_DEPTH, MAX_INT_DIGITS, MAX_PARTS};
use super::run::plain_run;
use super::value::{Number, Object, Value};

/// What is wrong with a text that should be JSON, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
}

/// The kinds of [`ParseError`] that callers tell apart.
#[derive(Clone, Debug, PartialEq)]
pub enum ParseErrorKind {
    /// Not JSON: what was expected.
    Syntax(&'static str),
    /// Not UTF-8.
    Encoding,
    /// Deeper than [`MAX_DEPTH`].
    TooDeep,
    /// More members and items than [`MAX_PARTS`].
    TooMany,
    /// An integer of more than [`MAX_INT_DIGITS`] digits, which Python does not read.
    LongInteger,
    /// `\ud800`–`\udfff` without its other half.
    LoneSurrogate,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ParseErrorKind::Syntax(expected) => write!(f, "expected {expected}")?,
            ParseErrorKind::Encoding => f.write_str("not UTF-8")?,
            ParseErrorKind::TooDeep => write!(f, "nested deeper than {MAX_DEPTH} levels")?,
            ParseErrorKind::TooMany => write!(f, "more than {MAX_PARTS} members and items")?,
            ParseErrorKind::LongInteger => write!(f, "integer of more than {MAX_INT_DIGITS} digits")?,
            ParseErrorKind::LoneSurrogate => f.write_str("lone surrogate escape")?,
        }
        write!(f, " at line {} column {}", self.line, self.column)
    }
}

impl std::error::Error for ParseError {}

impl Value {
    /// Parses a text as Python's `json.loads(text)` does: no byte order mark, `NaN` and the infinities allowed.
    pub fn parse(text: &[u8]) -> Result<Value, ParseError> {
        JsonReader::new(text)?.document()
    }
}

struct JsonReader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    parts: usize,
}

impl<'a> JsonReader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, ParseError> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(JsonReader { text, at: 0, depth: 0, parts: 0 }),
            Err(error) => Err(position(bytes, error.valid_up_to(), ParseErrorKind::Encoding)),
        }
    }

    fn document(mut self) -> Result<Value, ParseError> {
        self.white_space();
        let value = self.value()?;
        self.white_space();
        if self.at < self.text.len() {
            return Err(self.expected("the end of the text"));
        }
        Ok(value)
    }

    fn error(&self, kind: ParseErrorKind) -> ParseError {
        position(self.text.as_bytes(), self.at, kind)
    }

    fn expected(&self, what: &'static str) -> ParseError {
        self.error(ParseErrorKind::Syntax(what))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn white_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<Value, ParseError> {
        match self.peek() {
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'n') => self.literal("null", Value::Null),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'N') => self.literal("NaN", Value::Number(Number::Float(f64::NAN))),
            Some(b'I') => self.literal("Infinity", Value::Number(Number::Float(f64::INFINITY))),
            Some(b'-') if self.text.as_bytes().get(self.at + 1) == Some(&b'I') => {
                self.literal("-Infinity", Value::Number(Number::Float(f64::NEG_INFINITY)))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.expected("a value")),
        }
    }

    fn literal(&mut self, word: &'static str, value: Value) -> Result<Value, ParseError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.expected("a value"))
        }
    }

    /// Counts a member or an item.
    fn part(&mut self) -> Result<(), ParseError> {
        self.parts += 1;
        if self.parts > MAX_PARTS { Err(self.error(ParseErrorKind::TooMany)) } else { Ok(()) }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, ParseError>) -> Result<Value, ParseError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(ParseErrorKind::TooDeep));
        }
        self.depth += 1;
        self.at += 1;
        self.white_space();
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Value, ParseError> {
        let mut pairs = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Object::new()));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in double quotes"));
            }
            let key = self.string()?;
            self.white_space();
            if self.peek() != Some(b':') {
                return Err(self.expected("`:`"));
            }
            self.at += 1;
            self.white_space();
            self.part()?;
            let value = self.value()?;
            pairs.push((key, value));
            self.white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.expected("`,` or `}`")),
            }
            self.white_space();
        }
        self.at += 1;
        Ok(Value::Object(Object::from_pairs(pairs)))
    }

    fn array(&mut self) -> Result<Value, ParseError> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            self.part()?;
            items.push(self.value()?);
            self.white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.expected("`,` or `]`")),
            }
            self.white_space();
        }
        self.at += 1;
        Ok(Value::Array(items))
    }

    fn number(&mut self) -> Result<Value, ParseError> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let mut end = start + usize::from(bytes[start] == b'-');
        match bytes.get(end) {
            Some(b'0') => end += 1,
            Some(b'1'..=b'9') => end = digits(end),
            _ => {
                self.at = end;
                return Err(self.expected("a digit"));
            }
        }
        let integer_end = end;
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent > end + 1 + sign {
                end = exponent;
            }
        }
        let text = &self.text[start..end];
        let number = if end > integer_end {
            // Every text that gets here is in the grammar of `f64::from_str`, which rounds correctly as Python does.
            Number::Float(text.parse().map_err(|_| self.expected("a number"))?)
        } else if let Ok(small) = text.parse::<i64>() {
            Number::Int(small)
        } else if text.len() - usize::from(text.starts_with('-')) > MAX_INT_DIGITS {
            return Err(self.error(ParseErrorKind::LongInteger));
        } else {
            Number::BigInt(text.into())
        };
        self.at = end;
        Ok(Value::Number(number))
    }

    fn string(&mut self) -> Result<String, ParseError> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            loop {
                self.at += plain_run(&bytes[self.at..]);
                match self.peek() {
                    // Outside ASCII, and the one control character that JSON allows unescaped.
                    Some(0x7f..) => self.at += 1,
                    _ => break,
                }
            }
            let run = &self.text[start..self.at];
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    if out.is_empty() {
                        return Ok(run.to_owned());
                    }
                    out.push_str(run);
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(run);
                    let simple = match bytes.get(self.at + 1) {
                        Some(b'"') => '"',
                        Some(b'\\') => '\\',
                        Some(b'/') => '/',
                        Some(b'b') => '\u{8}',
                        Some(b'f') => '\u{c}',
                        Some(b'n') => '\n',
                        Some(b'r') => '\r',
                        Some(b't') => '\t',
                        Some(b'u') => {
                            out.push(self.unicode_escape()?);
                            continue;
                        }
                        _ => return Err(self.expected("an escape JSON knows")),
                    };
                    out.push(simple);
                    self.at += 2;
                }
                Some(_) => return Err(self.expected("control characters in a text to be escaped")),
                None => return Err(self.expected("`\"` at the end of a text")),
            }
        }
    }

    /// Reads `\uXXXX`, or two of them that make a pair.
    fn unicode_escape(&mut self) -> Result<char, ParseError> {
        let first = self.code_unit(self.at).ok_or_else(|| self.expected("four hex digits after `\\u`"))?;
        if let Some(plain) = char::from_u32(first) {
            self.at += 6;
            return Ok(plain);
        }
        let second = self.code_unit(self.at + 6);
        match second.map(|second| char::decode_utf16([first as u16, second as u16]).next()) {
            Some(Some(Ok(pair))) => {
                self.at += 12;
                Ok(pair)
            }
            _ => Err(self.error(ParseErrorKind::LoneSurrogate)),
        }
    }

    fn code_unit(&self, at: usize) -> Option<u32> {
        let escape = self.text.as_bytes().get(at..at + 6)?;
        if !escape.starts_with(b"\\u") || !escape[2..].iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        u32::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
    }
}

fn position(bytes: &[u8], at: usize, kind: ParseErrorKind) -> ParseError {
    let before = &bytes[..at.min(bytes.len())];
    let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    ParseError { kind, line: before.iter().filter(|b| **b == b'\n').count() + 1, column: before.len() - line_start + 1 }
}
