//! The body of an error reply as text, decoded as Python's HTTP client does it.

use crate::recording::sight::without_mark;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Decodes `body` by the charset of a `content-type`, if Python knows it, or else as UTF-8. Invalid bytes become
/// U+FFFD.
pub fn decode(body: &[u8], content_type: &str) -> String {
    let charset = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    // Python takes these for one and the same name.
    let label = charset.unwrap_or("").to_ascii_lowercase().replace(['_', ' '], "-");
    match label.as_str() {
        // The web reads these as Windows-1252; Python means what the names say.
        "iso-8859-1" | "iso8859-1" | "latin-1" | "latin1" | "l1" => body.iter().copied().map(char::from).collect(),
        "us-ascii" | "ascii" => body
            .iter()
            .map(|byte| if byte.is_ascii() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER })
            .collect(),
        // Only under this name is a byte order mark taken off UTF-8.
        "utf-8-sig" => String::from_utf8_lossy(without_mark(body)).into_owned(),
        "utf-16-le" | "utf-16le" => decode_with(UTF_16LE, body),
        "utf-16-be" | "utf-16be" => decode_with(UTF_16BE, body),
        "utf-16" | "utf16" => match body {
            [0xfe, 0xff, rest @ ..] => decode_with(UTF_16BE, rest),
            [0xff, 0xfe, rest @ ..] => decode_with(UTF_16LE, rest),
            _ => decode_with(UTF_16LE, body),
        },
        "utf-32-le" | "utf-32le" => utf32(body, u32::from_le_bytes),
        "utf-32-be" | "utf-32be" => utf32(body, u32::from_be_bytes),
        "utf-32" | "utf32" => match body {
            [0, 0, 0xfe, 0xff, rest @ ..] => utf32(rest, u32::from_be_bytes),
            [0xff, 0xfe, 0, 0, rest @ ..] => utf32(rest, u32::from_le_bytes),
            _ => utf32(body, u32::from_le_bytes),
        },
        label => match Encoding::for_label_no_replacement(label.as_bytes()) {
            Some(encoding) if encoding != encoding_rs::UTF_8 => decode_with(encoding, body),
            _ => String::from_utf8_lossy(body).into_owned(),
        },
    }
}

fn decode_with(encoding: &'static Encoding, body: &[u8]) -> String {
    encoding.decode_without_bom_handling(body).0.into_owned()
}

fn utf32(body: &[u8], number: fn([u8; 4]) -> u32) -> String {
    let decode = |unit: &[u8]| match unit {
        [a, b, c, d] => char::from_u32(number([*a, *b, *c, *d])).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::REPLACEMENT_CHARACTER,
    };
    body.chunks(4).map(decode).collect()
}
