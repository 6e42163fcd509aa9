//! Random input to what reads input: readers, writers and escapes, each against a second opinion of what it should do.
//!
//! Input `n` of a test is made from the seed `n` alone. A test that fails says which seed made it fail, and
//! `BEDROCK_FIXTURES_SEED=n` tries that one alone. `BEDROCK_FIXTURES_LONG=1` takes ten million inputs in all, which wants an
//! optimised build: `BEDROCK_FIXTURES_LONG=1 cargo test --release --test it -- fuzz`. Whatever was found stands in a test
//! of its own.

mod escapes;
// The recorders of OGX run on Unix only.
#[cfg(unix)]
mod json;
mod keys;
#[cfg(unix)]
mod python;
mod recordings;
mod sse;
mod tokens;

use fastrand::Rng;

/// Names the input at work when a test fails.
struct Culprit<'a> {
    test: &'a str,
    seed: u64,
}

impl Drop for Culprit<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("fuzz {}: found with BEDROCK_FIXTURES_SEED={}", self.test, self.seed);
        }
    }
}

/// The seeds of a run: one, a few, or as many as the long form takes.
fn seeds(short: u64, long: u64) -> std::ops::Range<u64> {
    if let Ok(seed) = std::env::var("BEDROCK_FIXTURES_SEED") {
        let seed = seed.parse().expect("BEDROCK_FIXTURES_SEED is a number");
        return seed..seed + 1;
    }
    0..if std::env::var_os("BEDROCK_FIXTURES_LONG").is_some() { long } else { short }
}

/// Tries a check with every seed of a run.
fn each(test: &str, short: u64, long: u64, mut check: impl FnMut(&mut Rng)) {
    for seed in seeds(short, long) {
        let _culprit = Culprit { test, seed };
        check(&mut Rng::with_seed(seed));
    }
}

/// One of some.
fn one<'a, T: ?Sized>(random: &mut Rng, some: &[&'a T]) -> &'a T {
    some[random.usize(..some.len())]
}

/// Up to `most` parts in a row, now and then with a random character between them.
fn text(random: &mut Rng, parts: &[&str], most: usize) -> String {
    let mut text = String::new();
    for _ in 0..random.usize(..=most) {
        match random.u8(..8) {
            0 => text.push(random.char(..)),
            1 => text.push(random.char(' '..='~')),
            _ => text.push_str(one(random, parts)),
        }
    }
    text
}

/// Changes bytes: flips, takes out, puts in, repeats and moves some, here and there.
fn mutate(random: &mut Rng, bytes: &mut Vec<u8>, parts: &[&str]) {
    for _ in 0..random.usize(1..=3) {
        let start = random.usize(..=bytes.len());
        let size = if random.bool() { 1 } else { random.usize(..64) };
        let end = (start + size).min(bytes.len());
        match random.u8(..7) {
            0 if start < bytes.len() => bytes[start] ^= 1 << random.u8(..8),
            1 if start < bytes.len() => bytes[start] = random.u8(..),
            2 => drop(bytes.drain(start..end)),
            3 => drop(bytes.splice(start..start, bytes[start..end].to_vec())),
            4 => {
                let at = random.usize(..=bytes.len());
                drop(bytes.splice(at..at, bytes[start..end].to_vec()));
            }
            5 => drop(bytes.splice(start..end, one(random, parts).bytes())),
            _ => drop(bytes.splice(start..start, one(random, parts).bytes())),
        }
    }
}
