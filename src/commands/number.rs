//! Whole numbers as arguments, with errors that name the range.

use std::time::Duration;

/// Reads a number of concurrent requests.
pub fn concurrency(text: &str) -> Result<usize, String> {
    within(text, 1, 256)
}

/// Reads an HTTP status of an answer that is not a success.
pub fn status(text: &str) -> Result<u16, String> {
    within(text, 300, 599).map_err(|wanted| format!("{wanted}: an HTTP status such as 400"))
}

/// Reads a port to listen on.
pub fn port(text: &str) -> Result<u16, String> {
    within(text, 0, u16::MAX)
}

/// Reads a span in milliseconds, up to an hour.
pub fn milliseconds(text: &str) -> Result<Duration, String> {
    within(text, 0, 3_600_000).map(Duration::from_millis)
}

fn within<N: std::str::FromStr + PartialOrd + std::fmt::Display>(text: &str, least: N, most: N) -> Result<N, String> {
    match text.trim().parse() {
        Ok(number) if least <= number && number <= most => Ok(number),
        _ => Err(format!("give a whole number from {least} to {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_and_within_their_limits() {
        assert_eq!(
            (concurrency("1"), concurrency("256"), status("300"), status("599")),
            (Ok(1), Ok(256), Ok(300), Ok(599))
        );
        for text in ["", "0", "257", "-1", "1.5", "foo", "99999999999999999999"] {
            assert!(concurrency(text).unwrap_err().contains("from 1 to 256"), "{text}");
            assert!(port(text).is_ok() == matches!(text, "0" | "257"), "{text}");
            assert!(status(text).unwrap_err().contains("from 300 to 599: an HTTP status"), "{text}");
        }
    }
}
