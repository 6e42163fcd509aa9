//! The estimate of a run: calls, tokens and time, from the counts in the stored recordings.

use jiff::SignedDuration;

use crate::jobs::cases::Case;
use crate::recording::turn::{Turn, Usage};
use crate::report::Expected;
use crate::store::Store;

/// How long a call takes before the model writes. Like the next two, it is a rough measure of gpt-oss on Bedrock, and a
/// plan prints it: the estimate must tell a minute from an hour.
const SECONDS_A_CALL: f64 = 1.0;

/// How fast the model writes.
const TOKENS_A_SECOND: f64 = 100.0;

/// How much it writes when no stored answer says.
const USUAL_TOKENS: f64 = 300.0;

/// The expected cost of the cases.
pub(crate) fn expected<'a>(store: &Store, cases: impl Iterator<Item = &'a Case>, concurrency: usize) -> Expected {
    let counts: Vec<Option<Usage>> =
        cases.map(|case| count(&Turn::of_recording(case.slot(store).old.as_ref()?).ok()?)).collect();
    expect(&counts, concurrency)
}

/// The tokens that were counted; an error has none.
fn count(turn: &Turn) -> Option<Usage> {
    (turn.error.is_some() || turn.usage != Usage::default()).then_some(turn.usage)
}

fn expect(counts: &[Option<Usage>], concurrency: usize) -> Expected {
    let calls = counts.len();
    let counted = counts.iter().flatten().count();
    let mut sum = Usage::default();
    counts.iter().flatten().for_each(|usage| sum += *usage);
    // A call without a known answer counts like the average of the others.
    let whole = |tokens: u64| (counted > 0).then(|| (tokens as f64 * calls as f64 / counted as f64).round() as u64);
    let mean = if counted > 0 { sum.completion_tokens as f64 / counted as f64 } else { USUAL_TOKENS };
    let seconds = |count: &Option<Usage>| {
        SECONDS_A_CALL + count.map_or(mean, |usage| usage.completion_tokens as f64) / TOKENS_A_SECOND
    };
    let longest = counts.iter().map(seconds).fold(0.0, f64::max);
    let together = counts.iter().map(seconds).sum::<f64>() / concurrency.clamp(1, calls.max(1)) as f64;
    let seconds = longest.max(together).ceil() as u64;
    Expected {
        calls,
        concurrency,
        counted,
        prompt_tokens: whole(sum.prompt_tokens),
        completion_tokens: whole(sum.completion_tokens),
        seconds,
        minutes: (seconds as f64 / 6.0).ceil() / 10.0,
        assumption: format!("{SECONDS_A_CALL} s per call, {TOKENS_A_SECOND} tokens per second"),
    }
}

/// The time as a span.
pub(crate) fn span(expected: &Expected) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(expected.seconds).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_like_the_rest() {
        let of = |completion_tokens| Some(Usage { prompt_tokens: 10, completion_tokens });
        for (counts, concurrency, tokens, seconds) in [
            (vec![], 4, None, 0),
            (vec![None; 8], 4, None, 8),
            (vec![of(100), of(300), None, None], 1, Some((40, 800)), 12),
            (vec![of(100), of(300), None, None], 256, Some((40, 800)), 4),
            // One answer takes longer than all others together.
            (vec![of(9900), of(0), of(0)], 3, Some((30, 9900)), 100),
        ] {
            let expected = expect(&counts, concurrency);
            let found = expected.prompt_tokens.zip(expected.completion_tokens);
            assert_eq!((found, expected.seconds), (tokens, seconds), "{counts:?} {concurrency}");
        }
    }
}
