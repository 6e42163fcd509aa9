//! Percent coding, as the signed urls of AWS have it.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Keeps the unreserved characters and writes every other byte as `%XX`.
pub(super) fn percent_encode(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Undoes `%XX`; a `+` is a plus. `None` where a `%` starts no escape.
pub(super) fn percent_decode(text: &str) -> Option<String> {
    let is_escape =
        |part: &str| part.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let decode = || percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned);
    if text.split('%').skip(1).all(is_escape) { decode() } else { None }
}
