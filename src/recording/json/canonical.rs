//! The bytes of canonical JSON, value by value: layout, escapes and numbers compared with what Python writes.

use std::collections::HashSet;

use super::float::python_float;
use super::limits::{MAX_DEPTH, MAX_INT_DIGITS, MAX_PARTS};
use super::run::plain_run;
use super::value::Value;

/// How far the pass has come. Every method gives `None` at the first byte that is not canonical.
pub(in crate::recording) struct CanonicalPass<'a> {
    pub(in crate::recording) bytes: &'a [u8],
    pub(in crate::recording) at: usize,
    /// The keys so far of the objects in which the pass is, the innermost last.
    keys: Vec<&'a [u8]>,
    /// The members and items so far.
    parts: usize,
}

/// From so many keys on, a set finds repeated ones; comparing a few is cheaper than hashing one.
const MANY_KEYS: usize = 16;

/// What a byte means inside a text.
const PLAIN: u8 = 0;
const QUOTE: u8 = 1;
const ESCAPE: u8 = 2;
const NEVER: u8 = 3;

const IN_TEXT: [u8; 256] = {
    let mut table = [PLAIN; 256];
    let mut byte = 0;
    while byte < 256 {
        if byte < 0x20 || byte >= 0x7f {
            table[byte] = NEVER;
        }
        byte += 1;
    }
    table[b'"' as usize] = QUOTE;
    table[b'\\' as usize] = ESCAPE;
    table
};

impl<'a> CanonicalPass<'a> {
    pub(in crate::recording) fn new(bytes: &'a [u8], at: usize) -> Self {
        CanonicalPass { bytes, at, keys: Vec::new(), parts: 0 }
    }

    pub(in crate::recording) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    pub(in crate::recording) fn literal(&mut self, word: &[u8]) -> Option<()> {
        self.bytes[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    /// A line feed and the indentation of a level.
    pub(in crate::recording) fn new_line(&mut self, level: usize) -> Option<()> {
        self.expect(b'\n')?;
        let indent = self.bytes.get(self.at..self.at + 2 * level)?;
        // Eight at a time: a third of a recording is indentation.
        let (eights, rest) = indent.as_chunks::<8>();
        let blank = eights.iter().all(|eight| u64::from_ne_bytes(*eight) == u64::from_ne_bytes([b' '; 8]));
        (blank && rest.iter().all(|byte| *byte == b' ')).then(|| self.at += 2 * level)
    }

    /// Counts a member or an item. The reader reports too many.
    fn part(&mut self) -> Option<()> {
        self.parts += 1;
        (self.parts <= MAX_PARTS).then_some(())
    }

    /// Any value, seen but not kept.
    pub(in crate::recording) fn value(&mut self, level: usize) -> Option<()> {
        match self.peek()? {
            b'{' => self.object(level, |pass, _| pass.value(level + 1)),
            b'[' => self.array(level, |pass, _| pass.value(level + 1)),
            _ => self.scalar(),
        }
    }

    /// A value that is neither object nor list.
    pub(in crate::recording) fn scalar(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'n' => self.literal(b"null"),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            _ => self.number(),
        }
    }

    /// The key of a member, and what separates it from its value; `None`, and nothing read, where there is none.
    pub(in crate::recording) fn key(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        let key = if self.peek() == Some(b'"') { self.string() } else { None };
        let key = key.filter(|_| self.literal(b": ").is_some());
        if key.is_none() {
            self.at = start;
        }
        key
    }

    /// Any value, kept.
    pub(in crate::recording) fn parsed(&mut self, level: usize) -> Option<Value> {
        let start = self.at;
        self.value(level)?;
        Value::parse(&self.bytes[start..self.at]).ok()
    }

    pub(in crate::recording) fn object(
        &mut self,
        level: usize,
        mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>,
    ) -> Option<()> {
        if level >= MAX_DEPTH {
            return None;
        }
        self.expect(b'{')?;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        let outer = self.keys.len();
        // A bit for each key seen, by its length and ends: a bit seen twice asks for a closer look.
        let mut seen = 0_u64;
        let mut many: Option<HashSet<&[u8]>> = None;
        loop {
            self.new_line(level + 1)?;
            let key = self.string()?;
            let ends = key.first().zip(key.last()).map_or(0, |(a, b)| usize::from(*a) + 3 * usize::from(*b));
            let bit = 1 << ((key.len() * 7 + ends) % 64);
            let is_repeated = match &mut many {
                Some(many) => !many.insert(key),
                None => seen & bit != 0 && self.keys[outer..].contains(&key),
            };
            if is_repeated {
                return None;
            }
            seen |= bit;
            if many.is_none() {
                self.keys.push(key);
                if self.keys.len() - outer == MANY_KEYS {
                    many = Some(self.keys[outer..].iter().copied().collect());
                }
            }
            self.literal(b": ")?;
            self.part()?;
            member(self, key)?;
            match self.peek()? {
                b',' => self.at += 1,
                _ => break,
            }
        }
        self.keys.truncate(outer);
        self.new_line(level)?;
        self.expect(b'}')
    }

    pub(in crate::recording) fn array(
        &mut self,
        level: usize,
        mut item: impl FnMut(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        if level >= MAX_DEPTH {
            return None;
        }
        self.expect(b'[')?;
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        for index in 0.. {
            self.new_line(level + 1)?;
            self.part()?;
            item(self, index)?;
            match self.peek()? {
                b',' => self.at += 1,
                _ => break,
            }
        }
        self.new_line(level)?;
        self.expect(b']')
    }

    /// A string as Python escapes it; returns the part between the quotes.
    pub(in crate::recording) fn string(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            self.at += plain_run(&self.bytes[self.at..]);
            match IN_TEXT[usize::from(self.peek()?)] {
                QUOTE => {
                    self.at += 1;
                    return Some(&self.bytes[start..self.at - 1]);
                }
                ESCAPE => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.bytes.get(self.at + 1)? {
            b'"' | b'\\' | b'n' | b'r' | b't' | b'b' | b'f' => self.at += 2,
            b'u' => {
                let unit = self.code_unit(self.at)?;
                self.at += 6;
                match unit {
                    // These have a short escape.
                    0x08 | 0x09 | 0x0a | 0x0c | 0x0d => return None,
                    0x00..0x20 | 0x7f..0xd800 | 0xe000.. => {}
                    0xd800..0xdc00 => {
                        let low = self.code_unit(self.at)?;
                        self.at += 6;
                        return (0xdc00..0xe000).contains(&low).then_some(());
                    }
                    _ => return None,
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// The number of a `\uXXXX` in lower case.
    fn code_unit(&self, at: usize) -> Option<u16> {
        let escape = self.bytes.get(at..at + 6)?;
        let digits = escape.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |unit, digit| {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            Some(unit << 4 | u16::from(value))
        })
    }

    fn number(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| matches!(byte, b',' | b'\n')).unwrap_or(rest.len());
        let digits = rest[..length].strip_prefix(b"-").unwrap_or(&rest[..length]);
        let is_integer = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        let canonical = if is_integer {
            digits.len() <= MAX_INT_DIGITS && (digits[0] != b'0' || length == 1)
        } else {
            is_short_decimal(digits) || std::str::from_utf8(&rest[..length]).is_ok_and(is_python_float)
        };
        canonical.then(|| self.at += length)
    }
}

/// Whether an unsigned decimal is certainly what Python prints: up to 15 digits survive a double unchanged, so only the
/// layout can be wrong.
fn is_short_decimal(digits: &[u8]) -> bool {
    let Some(point) = digits.iter().position(|byte| *byte == b'.') else { return false };
    let (whole, fraction) = (&digits[..point], &digits[point + 1..]);
    let all_digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let zeros = fraction.iter().take_while(|byte| **byte == b'0').count();
    digits.len() <= 16
        && all_digits(whole)
        && all_digits(fraction)
        && (whole == b"0" || !whole.starts_with(b"0"))
        && (fraction == b"0" || !fraction.ends_with(b"0"))
        && (whole != b"0" || zeros <= 3)
}

fn is_python_float(text: &str) -> bool {
    let parsed = match text {
        "NaN" | "Infinity" | "-Infinity" => return true,
        // Rust reads more than JSON has: `inf`, `1.`, `+1`.
        _ if text.ends_with(|c: char| c.is_ascii_digit()) => text.parse::<f64>().ok(),
        _ => None,
    };
    parsed.is_some_and(|x| x.is_finite() && python_float(x) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_canonical(value: &str) -> bool {
        let mut pass = CanonicalPass::new(value.as_bytes(), 0);
        pass.value(0).is_some() && pass.at == value.len()
    }

    #[test]
    fn the_pass_takes_exactly_what_the_writer_writes() {
        for value in [
            "0",
            "-0",
            "-1",
            "01",
            "1.0",
            "1.50",
            "0.0001",
            "0.00001",
            "1e-05",
            "1e5",
            "100000.0",
            "1e+16",
            "-0.0",
            "00.1",
            "1234567890123456.7",
            "-11.125015258789062",
            "-11.125015258789063",
            "12345678901234567890",
            "NaN",
            "-NaN",
            "Infinity",
            "inf",
            "1.",
            ".5",
            "5e-324",
            "1e400",
            "123456789012345.6",
            "true",
            "nul",
            "\"a\"",
            "\"\\/\"",
            "\"\\u00e9\"",
            "\"\\u00E9\"",
            "\"\\u0041\"",
            "\"\\u000a\"",
            "\"\\n\"",
            "\"\\u001f\"",
            "\"\\u007f\"",
            "\"é\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83d\\u0041\"",
            "\"a",
            "[]",
            "[ ]",
            "{}",
            "[\n  1\n]",
            "[1]",
            "[\n  1,\n  2\n]",
            "[\n 1\n]",
            "[\n  1,\n]",
            "{\n  \"a\": 1\n}",
            "{\n  \"a\":1\n}",
            "{\n  \"a\": 1,\n  \"a\": 2\n}",
            "{\n  \"a\": 1,\n  \"b\": {\n    \"a\": []\n  }\n}",
            "{\n  \"a\": 1,\n  \"b\": 2,\n  \"a\": 3\n}",
        ] {
            let written = Value::parse(value.as_bytes()).map(|value| value.to_file_bytes());
            let same = written.is_ok_and(|written| written == format!("{value}\n").into_bytes());
            assert_eq!(is_canonical(value), same, "{value}");
        }
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(!is_canonical(&deep(100_000)));
    }
}
