//! Spans and moments as arguments: `30m`, `2026-01-15T08:30:00Z`.

use jiff::{SignedDuration, Timestamp};

/// Reads a span that is not negative: `30m`, `1h30m`, `90s`; a number alone is seconds.
pub fn parse(text: &str) -> Result<SignedDuration, String> {
    let span = match text.parse::<u32>() {
        Ok(seconds) => Ok(SignedDuration::from_secs(i64::from(seconds))),
        Err(_) => text.parse::<SignedDuration>(),
    };
    match span {
        Ok(span) if span.is_negative() => Err("give a duration that is not negative".to_owned()),
        Ok(span) => Ok(span),
        Err(_) => Err("give a duration like 30m, 12h or 90s".to_owned()),
    }
}

/// Reads a span that is not negative and names its unit; only zero needs none.
pub fn with_unit(text: &str) -> Result<SignedDuration, String> {
    match text.parse::<u32>() {
        Ok(number) if number > 0 => Err(format!("give the unit: {number}s, {number}m or {number}h")),
        _ => parse(text),
    }
}

/// Reads a moment as RFC 3339 has it.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "give a time like 2026-01-15T08:30:00Z".to_owned())
}
