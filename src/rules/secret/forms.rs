//! The forms in which a secret may stand in a text.

use std::borrow::Cow;

use base64::Engine as _;

/// Undoes the escapes of JSON in a text that may hold some; what is no escape stays.
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
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// The texts that are hidden in base64 inside a text.
pub(super) fn base64_texts(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')))
        .filter(|run| run.len() >= 24)
        .filter_map(|run| {
            let standard: String = run
                .chars()
                .map(|c| {
                    if c == '-' {
                        '+'
                    } else if c == '_' {
                        '/'
                    } else {
                        c
                    }
                })
                .collect();
            // A length that no encoder gives loses its last character.
            let whole = if standard.len() % 4 == 1 { &standard[..standard.len() - 1] } else { &standard };
            let forgiving = base64::engine::GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
            let forgiving = forgiving.with_encode_padding(false);
            let engine = base64::engine::GeneralPurpose::new(
                &base64::alphabet::STANDARD,
                forgiving.with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
            );
            String::from_utf8(engine.decode(whole).ok()?).ok()
        })
}
