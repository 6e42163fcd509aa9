//! What can be wrong with the text of a key, and what to do about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What to do when a copy went wrong.
pub(super) const COPY: &str = "copy the whole key again, in one line";
/// What to do if the key itself is invalid.
pub(super) const ANOTHER: &str = "make a new key";

/// What is wrong, and what to do.
pub(super) type TokenFlaw = (String, &'static str);

/// A flaw as a result.
pub(super) fn flaw<T>(what: impl Into<String>, hint: &'static str) -> Result<T, TokenFlaw> {
    Err((what.into(), hint))
}

/// Decodes base64 that is exactly what an encoder writes.
pub(super) fn decode(body: &str, prefix: &str) -> Result<Vec<u8>, TokenFlaw> {
    let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let bare = body.trim_end_matches('=');
    if let Some(stray) = bare.bytes().find(|byte| !in_alphabet(*byte)) {
        return match stray {
            b'=' => flaw("the base64 has a = inside: text was added after the key, or two keys were joined", COPY),
            b'-' | b'_' => {
                flaw("the base64 is the variant for urls, with - and _", "use the key exactly as it was made")
            }
            b'%' => flaw("the base64 is percent-encoded", "use the key exactly as it was made"),
            _ => flaw("it contains a character that is not base64", COPY),
        };
    }
    if !body.len().is_multiple_of(4) {
        return flaw(format!("truncated: the length is not a multiple of 4 after {prefix}"), COPY);
    }
    match STANDARD.decode(body) {
        Ok(bytes) if STANDARD.encode(&bytes) == body => Ok(bytes),
        _ => flaw("the base64 has an invalid end: it was changed or truncated", COPY),
    }
}
