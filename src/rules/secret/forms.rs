//! The forms in which a text may contain a secret.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Shorter runs of its letters hold no secret in base64.
pub(super) const SHORTEST_BASE64: usize = 24;

/// Undoes the escapes of JSON in a text; other characters stay.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let mut chars = rest.chars();
        match chars.next() {
            Some('u') => {
                let digits = rest.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                match digits.and_then(char::from_u32) {
                    Some(c) => {
                        out.push(c);
                        rest = &rest[5..];
                    }
                    None => out.push('\\'),
                }
            }
            // A token that was wrapped is one token.
            Some('n' | 'r' | 't' | 'b' | 'f') => rest = &rest[1..],
            Some(c @ ('"' | '\\' | '/')) => {
                out.push(c);
                rest = &rest[1..];
            }
            _ => out.push('\\'),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

pub(super) fn percent_decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// The runs of letters of base64 in a text that are long enough to hold a secret.
pub(super) fn base64_runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut at = 0;
    std::iter::from_fn(move || {
        at += bytes[at..].iter().position(is_letter)?;
        let length = bytes[at..].iter().position(|byte| !is_letter(byte)).unwrap_or(bytes.len() - at);
        at += length;
        Some(at - length..at)
    })
    .filter(|run| run.len() >= SHORTEST_BASE64)
}

/// Decodes base64 of either alphabet; letters at the end that no encoder gives are left out.
pub(super) fn base64_decode(text: &[u8]) -> Vec<u8> {
    let letter = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => *byte,
    };
    let mut standard: Vec<u8> = text.iter().filter(|byte| **byte != b'=').map(letter).collect();
    if standard.len() % 4 == 1 {
        standard.pop();
    }
    let forgiving = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone);
    GeneralPurpose::new(&STANDARD, forgiving).decode(standard).unwrap_or_default()
}
