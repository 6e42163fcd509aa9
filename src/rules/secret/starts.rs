//! The places in the bytes of a file where a secret of the table may start, in any form. Most files have no such place,
//! and are then done.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind, packed};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::bytes::Regex;

use super::forms::base64_decode;
use super::many::Many;
use super::patterns::{ACCOUNTS, KEY_RUN, Pattern, SECRETS};

/// Escapes of letters that need none, inside JSON that is a text of JSON.
const ESCAPED: &str = "\\\\u00";

/// Starts of at most so many letters count at the beginning of a word only: pictures are full of them. One with a tilde
/// is within a word, and pictures have no tilde.
const SHORT: usize = 4;

fn every_pattern() -> impl Iterator<Item = &'static Pattern> {
    SECRETS.iter().chain(&ACCOUNTS)
}

/// The starts that may occur anywhere, unchanged.
struct Plain {
    texts: Vec<&'static str>,
    search: Search,
}

/// A search for many short texts at once.
enum Search {
    /// With vector instructions.
    Fast(packed::Searcher),
    /// For machines without such instructions.
    General(AhoCorasick),
}

static PLAIN: LazyLock<Plain> = LazyLock::new(|| {
    let mut texts: Vec<&str> = every_pattern()
        .filter(|pattern| !pattern.is_key)
        .flat_map(|pattern| pattern.starts)
        .copied()
        .chain([ESCAPED])
        .collect();
    texts.sort_unstable();
    texts.dedup();
    let fast = packed::Config::new().builder().extend(&texts).build();
    let search = match fast {
        Some(fast) => Search::Fast(fast),
        None => Search::General(AhoCorasick::new(&texts).expect("the starts are valid")),
    };
    Plain { texts, search }
});

impl Plain {
    /// The first of them at or after `from`.
    fn find(&self, bytes: &[u8], mut from: usize) -> Option<usize> {
        loop {
            let hit = match &self.search {
                Search::Fast(fast) => fast.find_in(bytes, (from..bytes.len()).into()),
                Search::General(general) => general.find(Input::new(bytes).range(from..)),
            }?;
            if counts(self.texts[hit.pattern().as_usize()], bytes, hit.start()) {
                return Some(hit.start());
            }
            from = hit.start() + 1;
        }
    }
}

/// Whether a start counts where it was found.
fn counts(start: &str, bytes: &[u8], at: usize) -> bool {
    let is_short =
        start.len() <= SHORT && start.starts_with(|c: char| c.is_ascii_alphanumeric()) && !start.ends_with('~');
    !is_short || starts_a_word(bytes, at)
}

/// Whether the byte at `at` may be the first letter of a word. Some starts leave out their first letter, because its
/// case varies.
fn starts_a_word(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(6)..at];
    // The letter before may be the end of an escape.
    before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric())
        || before.iter().any(|byte| matches!(byte, b'\\' | b'%'))
}

/// The first percent sign at or after `from` before the digits of what a secret or the sign before it may hold.
fn percent(bytes: &[u8], from: usize) -> Option<usize> {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let is_escape = |at: &usize| {
        let code = digit(at + 1).zip(digit(at + 2)).map_or(0, |(high, low)| (high * 16 + low) as u8);
        matches!(code, b'-'..=b'z' | b'~')
    };
    memchr::memchr_iter(b'%', &bytes[from..]).map(|at| from + at).find(is_escape)
}

/// The role of a byte in a run.
const OTHER: u8 = 0;
/// A digit of hex in small letters, or a hyphen: digests are full of them, and no start has nothing else.
const PLAIN_HEX: u8 = 1;
/// A small letter or an underscore: names are full of them.
const NAME: u8 = 2;
const CAPITAL: u8 = 4;
const DIGIT: u8 = 8;

static KINDS: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'-' => PLAIN_HEX,
            b'g'..=b'z' | b'_' => NAME,
            b'A'..=b'Z' | b'+' | b'/' => CAPITAL,
            _ => OTHER,
        };
        byte += 1;
    }
    kinds
};

/// Whether a byte belongs to a run.
fn is_base64(byte: u8) -> bool {
    KINDS[usize::from(byte)] != OTHER
}

/// Starts inside a run of base64 letters: keys, and every start in base64 at any position: one part for each of the
/// three alignments.
struct InRuns {
    /// Those of keys; the others count wherever they are.
    keys: Vec<&'static str>,
    search: Many,
}

static IN_RUNS: LazyLock<InRuns> = LazyLock::new(|| {
    let keys: Vec<&str> =
        every_pattern().filter(|pattern| pattern.is_key).flat_map(|pattern| pattern.starts).copied().collect();
    let mut encoded: Vec<String> =
        every_pattern().flat_map(|pattern| pattern.starts).flat_map(|start| in_base64(start)).collect();
    encoded.sort_unstable();
    encoded.dedup();
    let search = Many::of(keys.iter().map(|key| (*key).to_owned()).chain(encoded).collect());
    InRuns { keys, search }
});

impl InRuns {
    fn find(&self, bytes: &[u8], run: Range<usize>) -> Option<usize> {
        let run_end = run.end;
        let counts = |(text, at): &(usize, usize)| match self.keys.get(*text) {
            Some(key) => counts(key, bytes, *at),
            None => encodes_text(&bytes[..run_end], *at),
        };
        self.search.hits(bytes, run).find(counts).map(|(_, at)| at)
    }
}

fn in_base64(text: &str) -> impl Iterator<Item = String> {
    (0..6).map(move |way| {
        let before = way % 3;
        let plain = [&vec![0; before], text.as_bytes()].concat();
        let encoded = if way < 3 { STANDARD_NO_PAD.encode(plain) } else { URL_SAFE_NO_PAD.encode(plain) };
        // Characters that share bits with what stands before or after differ from case to case.
        let from = (before * 8).div_ceil(6);
        let to = (before + text.len()) * 8 / 6;
        encoded[from..to].to_owned()
    })
}

/// Whether what base64 holds from `at` on is text, as secrets are: pictures hold every short start somewhere.
fn encodes_text(bytes: &[u8], at: usize) -> bool {
    const LOOK: usize = 32;
    // Where a group of four letters begins is not known.
    (at.saturating_sub(3)..=at).any(|start| {
        let decoded = base64_decode(&bytes[start..(start + LOOK).min(bytes.len())]);
        // The first group may begin before the text does.
        let text = decoded.get(3..).unwrap_or_default();
        !text.is_empty() && text.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'))
    })
}

/// Whether a run may hold a secret in base64.
pub(super) fn may_encode(run: &[u8]) -> bool {
    let hits = IN_RUNS.search.hits(run, 0..run.len());
    hits.filter(|(text, _)| *text >= IN_RUNS.keys.len()).any(|(_, at)| encodes_text(run, at))
}

/// The first place at or after `from` where something starts within a run.
fn in_run(bytes: &[u8], from: usize) -> Option<usize> {
    // A run that is long enough covers one of the places at this distance; most of them hold a space.
    const STRIDE: usize = KEY_RUN;
    let mut at = from;
    while at < bytes.len() {
        if !is_base64(bytes[at]) {
            at += STRIDE;
            continue;
        }
        let before = bytes[from..at].iter().rev().take_while(|byte| is_base64(**byte)).count();
        let run = at - before..at + length_of_run(&bytes[at..]);
        at = run.end + STRIDE;
        if run.len() >= KEY_RUN
            && is_worth_it(&bytes[run.clone()])
            && let Some(hit) = IN_RUNS.find(bytes, run)
        {
            return Some(hit);
        }
    }
    None
}

/// How many bytes at the start belong to a run. A picture is a run of half a megabyte, so of a long one many bytes are
/// looked at at once: the compiler makes vector instructions of it, which take a quarter of the time.
fn length_of_run(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let is_between = |byte: u8, first: u8, last: u8| byte.wrapping_sub(first) <= last - first;
    // The same as `is_base64`, without a table and without jumps. The slash is before the digits.
    let belongs = |byte: &u8| {
        let is_letter = is_between(*byte | 0x20, b'a', b'z');
        u8::from(is_letter | is_between(*byte, b'/', b'9') | (*byte == b'+') | (*byte == b'-') | (*byte == b'_'))
    };
    let count = |bytes: &[u8]| bytes.iter().take_while(|byte| is_base64(**byte)).count();
    let near = count(&bytes[..bytes.len().min(BLOCK)]);
    if near < BLOCK {
        return near;
    }
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let whole = blocks.iter().take_while(|block| usize::from(block.iter().map(belongs).sum::<u8>()) == BLOCK);
    let whole = BLOCK * whole.count();
    whole + count(&bytes[whole..])
}

/// Whether a run may hold a start. Names in small letters do not, nor digests. A run with a capital letter does, so that
/// the rest of a picture is not looked at for it.
fn is_worth_it(run: &[u8]) -> bool {
    let mut kinds = 0;
    run.iter().any(|byte| {
        kinds |= KINDS[usize::from(*byte)];
        kinds & CAPITAL != 0 || kinds & (DIGIT | NAME) == DIGIT | NAME
    })
}

/// The places of starts in a part of the bytes, in order; each with the rest after it that the previous one does not
/// cover.
pub(super) struct Hits<'a> {
    bytes: &'a [u8],
    /// By the three ways to find one: how far each looked, and what it saw.
    seen: [Option<Option<usize>>; 3],
}

/// Finds the first start at or after a place.
type Finder = fn(&[u8], usize) -> Option<usize>;

impl<'a> Hits<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Hits { bytes, seen: [None; 3] }
    }

    /// The first one at or after `from`, which never decreases.
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        let ways: [Finder; 3] = [|bytes, from| PLAIN.find(bytes, from), percent, in_run];
        for (seen, way) in self.seen.iter_mut().zip(ways) {
            if seen.is_none_or(|seen| seen.is_some_and(|at| at < from)) {
                *seen = Some(if from < self.bytes.len() { way(self.bytes, from) } else { None });
            }
        }
        self.seen.iter().filter_map(|seen| seen.flatten()).min()
    }
}

/// Whether something starts in a part of the bytes.
pub(super) fn any(bytes: &[u8], part: Range<usize>) -> bool {
    Hits::of(&bytes[part]).next(0).is_some()
}

/// The patterns that a text may hold, by their place in the table: those of which it has a start.
pub(super) fn possible(text: &[u8]) -> u128 {
    static EVERY: LazyLock<(AhoCorasick, Vec<u8>)> = LazyLock::new(|| {
        let starts = every_pattern()
            .zip(0_u8..)
            .flat_map(|(pattern, place)| pattern.starts.iter().map(move |start| (*start, place)));
        let (texts, places): (Vec<&str>, Vec<u8>) = starts.unzip();
        let mut builder = AhoCorasick::builder();
        let search = builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(texts);
        (search.expect("the starts are valid"), places)
    });
    let (search, places) = &*EVERY;
    let bit = |hit: aho_corasick::Match| 1_u128 << places[hit.pattern().as_usize()];
    search.find_overlapping_iter(text).map(bit).fold(0, |found, bit| found | bit)
}

/// Whether a text is only the name of a secret, whose value is next to it.
pub(super) fn is_name(text: &str) -> bool {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i-u)^[a-z0-9_.-]{0,20}secret[\s_.-]?(access[\s_.-]?)?key$").expect("the pattern is valid")
    });
    NAME.is_match(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_the_first_byte_that_does_not_belong_to_it() {
        for byte in 0..=255_u8 {
            for at in [0, 5, 31, 32, 33, 63, 64, 70, 99] {
                let mut bytes = vec![b'Q'; 100];
                bytes[at] = byte;
                assert_eq!(length_of_run(&bytes), if is_base64(byte) { 100 } else { at }, "{byte:#x} at {at}");
            }
        }
    }
}
