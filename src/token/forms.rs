//! The forms in which a key may occur: itself, its parts, and both encoded once more.
//!
//! All written or shown text is searched for them, so parsing is lenient here: a key that AWS rejects is still a
//! secret.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD_NO_PAD};

use crate::secret::Secret;

use super::percent::{percent_decode, percent_encode};
use super::{LONG_PREFIX, SHORT_PREFIX};

/// Takes any base64, with or without padding, whatever its end.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A bearer token with its forms; `None` if the text is blank.
pub fn secret(text: &str) -> Option<Secret> {
    let secret = Secret::new(text)?;
    // A wrapped copy is the same secret.
    let unwrapped: String = secret.expose().split_whitespace().collect();
    let forms = [forms_of(secret.expose()), forms_of(&unwrapped)].concat();
    Some(secret.with_forms(forms))
}

/// A credential of AWS: its own text, percent-encoded, and in base64.
pub fn credential(text: &str) -> Option<Secret> {
    let secret = Secret::new(text)?;
    let forms = encodings(secret.expose());
    Some(secret.with_forms(forms))
}

fn forms_of(text: &str) -> Vec<String> {
    let after = |prefix: &str| text.find(prefix).map(|at| &text[at + prefix.len()..]);
    let body = after(SHORT_PREFIX).or_else(|| text.strip_prefix(LONG_PREFIX)).unwrap_or(text);
    // The part after the base64, such as `&Version=1`, is not secret.
    let end = body.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/')).unwrap_or(body.len());
    let mut parts = vec![if end >= 16 { body[..end].to_owned() } else { body.to_owned() }];
    let decoded = LENIENT.decode(&body[..end - usize::from(end % 4 == 1)]).unwrap_or_default();
    let decoded = String::from_utf8_lossy(&decoded);
    let before = parts.len();
    for (name, value) in decoded.split(['?', '&']).filter_map(|part| part.split_once('=')) {
        let value = percent_decode(value).unwrap_or_else(|| value.to_owned());
        match name {
            "X-Amz-Signature" | "X-Amz-Security-Token" => parts.push(value),
            "X-Amz-Credential" => parts.push(value.split('/').next().unwrap_or("").to_owned()),
            _ => {}
        }
    }
    if let Some((at, _)) = decoded.rmatch_indices("-at-").find(|(at, _)| decoded[*at..].contains(':')) {
        // The user and the account, and the secret.
        let colon = decoded[at..].find(':').map_or(decoded.len(), |colon| at + colon);
        parts.extend([decoded[..colon].to_owned(), decoded.get(colon + 1..).unwrap_or("").to_owned()]);
    }
    // A text that cannot be taken apart is searched for as a whole.
    if parts.len() == before && decoded.chars().filter(|c| !c.is_control() && *c != '\u{fffd}').count() >= 16 {
        parts.push(decoded.into_owned());
    }
    parts.iter().flat_map(|part| encodings(part)).collect()
}

/// A text, percent-encoded, with the alphabet of urls, and in base64 wherever it begins.
fn encodings(part: &str) -> Vec<String> {
    let plain = [part.to_owned(), percent_encode(part), part.replace('+', "-").replace('/', "_")];
    let mut forms = plain.to_vec();
    for text in plain {
        // Inside a longer text the first and the last character depend on their neighbours.
        for shift in 0..3 {
            let encoded = STANDARD_NO_PAD.encode([&b"   "[..shift], text.as_bytes()].concat());
            let first = [0, 2, 3][shift];
            let last = encoded.len() - usize::from((shift + text.len()) % 3 != 0);
            let encoded = encoded.get(first..last).unwrap_or("").to_owned();
            forms.push(encoded.replace('+', "-").replace('/', "_"));
            forms.push(encoded);
        }
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}
