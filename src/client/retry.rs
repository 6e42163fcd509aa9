//! How long to wait before a call is made again.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use reqwest::header::HeaderMap;

use super::headers::header;

/// Full jitter: a random part of a span that doubles.
pub(super) fn backoff(base: Duration, attempt: u32) -> Duration {
    let span = base.saturating_mul(1 << (attempt - 1)).min(Duration::from_secs(20));
    span.mul_f64(fastrand::f64())
}

/// What the server asks to wait: `retry-after-ms` or AWS's `x-amz-retry-after`, else `retry-after` in seconds or as a
/// date.
pub(super) fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = |text: &str| text.trim().parse::<f64>().ok();
    let in_ms = ["retry-after-ms", "x-amz-retry-after"].into_iter().find_map(|name| seconds(header(headers, name)?));
    let asked = in_ms.map(|ms| ms / 1000.0).or_else(|| {
        let text = header(headers, "retry-after")?;
        seconds(text).or_else(|| {
            // Measured by the server's own clock, so that a wrong one here does no harm.
            let span = date(text)?.duration_since(date(header(headers, "date")?)?);
            Some(span.as_secs_f64())
        })
    });
    // More than there are seconds is longer than anybody waits.
    asked
        .filter(|seconds| *seconds > 0.0)
        .map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_secs(u64::from(u32::MAX))))
}

/// A date of HTTP, in any of the three forms that a client must take (RFC 9110, 5.6.7).
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(date) = rfc2822::parse(text) {
        return Some(date.timestamp());
    }
    let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let local = forms.iter().find_map(|form| strtime::parse(form, text).ok()?.to_datetime().ok())?;
    local.to_zoned(TimeZone::UTC).ok().map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_server_may_ask_to_wait_in_every_form() {
        let now = "Sun, 29 Nov 2026 12:00:00 GMT";
        for (name, text, wait) in [
            ("retry-after", "2", Some(2.0)),
            ("retry-after", "1.5", Some(1.5)),
            ("retry-after", "Sun, 29 Nov 2026 12:00:30 GMT", Some(30.0)),
            ("retry-after", "Sunday, 29-Nov-26 12:00:30 GMT", Some(30.0)),
            ("retry-after", "Sun Nov 29 13:00:00 2026", Some(3600.0)),
            ("retry-after", "Wed Dec  2 12:00:00 2026", Some(3.0 * 86400.0)),
            ("retry-after", "Sun, 29 Nov 2026 11:00:00 GMT", None),
            ("retry-after", "99999999999999999999", Some(f64::from(u32::MAX))),
            ("retry-after", "1e400", Some(f64::from(u32::MAX))),
            ("retry-after", "NaN", None),
            ("retry-after", "0", None),
            ("retry-after", "-5", None),
            ("retry-after", "soon", None),
            ("retry-after-ms", "700", Some(0.7)),
            ("x-amz-retry-after", "900", Some(0.9)),
        ] {
            let named = |name, text| (HeaderName::from_static(name), HeaderValue::from_static(text));
            let headers = HeaderMap::from_iter([named("date", now), named(name, text)]);
            assert_eq!(asked_wait(&headers).map(|wait| wait.as_secs_f64()), wait, "{name}: {text}");
        }
    }
}
