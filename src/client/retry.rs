//! How long to wait before a call is made again.

use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::HeaderMap;

use super::headers::header;

/// Full jitter: a random part of a span that doubles.
pub(super) fn backoff(base: Duration, attempt: u32) -> Duration {
    let span = base.saturating_mul(1 << (attempt - 1)).min(Duration::from_secs(20));
    span.mul_f64(fastrand::f64())
}

/// What the server asks to wait: `retry-after-ms`, else `retry-after` in seconds or as a date.
pub(super) fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = |text: &str| text.trim().parse::<f64>().ok();
    let in_ms = header(headers, "retry-after-ms").and_then(seconds).map(|ms| ms / 1000.0);
    let asked = in_ms.or_else(|| {
        let text = header(headers, "retry-after")?;
        seconds(text).or_else(|| {
            // Measured by the server's own clock, so that a wrong one here does no harm.
            let date = |text: &str| rfc2822::parse(text).ok();
            let span = date(text)?.timestamp().duration_since(date(header(headers, "date")?)?.timestamp());
            Some(span.as_secs_f64())
        })
    });
    asked.filter(|seconds| *seconds > 0.0).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}
