//! Headers of a reply.

use reqwest::header::HeaderMap;

/// The value of a header, if it is a text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
