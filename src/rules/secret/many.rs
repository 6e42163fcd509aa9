//! A search for many short texts among the letters of base64. Building it takes a tenth of the time of an automaton,
//! which would take longer than most runs of the program; it searches as fast.

use std::ops::Range;

/// How many letters of a text are looked up at once.
const LETTERS: usize = 3;

/// The bits of a letter.
const BITS: usize = 6;

/// All codes of so many letters.
const CODES: usize = 1 << (LETTERS * BITS);

/// Texts of at least [`LETTERS`] letters of base64.
pub(super) struct Many {
    texts: Vec<String>,
    /// A bit for each code with which a text starts.
    is_start: Box<[u64; CODES / 64]>,
    /// The codes with which texts start, each with the place of one, sorted.
    starts: Vec<(usize, usize)>,
}

/// The letters of the two alphabets of base64; their signs count as the same.
static LETTER: [u8; 256] = {
    let mut letters = [63; 256];
    let mut byte = 0;
    while byte < 256 {
        letters[byte] = match byte as u8 {
            b @ b'A'..=b'Z' => b - b'A',
            b @ b'a'..=b'z' => b - b'a' + 26,
            b @ b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        byte += 1;
    }
    letters
};

impl Many {
    pub(super) fn of(texts: Vec<String>) -> Self {
        let mut is_start = Box::new([0_u64; CODES / 64]);
        let mut starts = Vec::with_capacity(texts.len());
        for (place, text) in texts.iter().enumerate() {
            debug_assert!(text.len() >= LETTERS, "{text}");
            let code = text.bytes().take(LETTERS).fold(0, code_after);
            is_start[code / 64] |= 1 << (code % 64);
            starts.push((code, place));
        }
        starts.sort_unstable();
        Many { texts, is_start, starts }
    }

    /// Where texts stand in a part of the bytes, in order: which text, and its place.
    pub(super) fn hits<'a>(&'a self, bytes: &'a [u8], part: Range<usize>) -> impl Iterator<Item = (usize, usize)> + 'a {
        let (start, bytes) = (part.start, &bytes[part]);
        let mut code = bytes.iter().take(LETTERS - 1).copied().fold(0, code_after);
        let mut ends = bytes.get(LETTERS - 1..).unwrap_or_default().iter();
        let mut at = 0;
        // One tight loop for all that starts nothing: most of a picture.
        let places = std::iter::from_fn(move || {
            at += ends.position(|byte| {
                code = code_after(code, *byte);
                self.is_start[code / 64] >> (code % 64) & 1 == 1
            })?;
            at += 1;
            Some((at - 1, code))
        });
        places.flat_map(move |(at, code)| {
            let first = self.starts.partition_point(|(other, _)| *other < code);
            let same = self.starts[first..].iter().take_while(move |(other, _)| *other == code);
            let stands = move |place: &usize| bytes[at..].starts_with(self.texts[*place].as_bytes());
            same.map(|(_, place)| *place).filter(stands).map(move |place| (place, start + at))
        })
    }
}

fn code_after(code: usize, byte: u8) -> usize {
    (code << BITS | usize::from(LETTER[usize::from(byte)])) % CODES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_where_they_stand_and_nowhere_else() {
        let texts = ["AKIA", "QUtJQ", "abc", "abcd", "a-c", "a+c"].map(str::to_owned).to_vec();
        let many = Many::of(texts.clone());
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..500 {
            let piece = |random: &mut fastrand::Rng| match random.u8(..3) {
                0 => texts[random.usize(..texts.len())].clone(),
                1 => char::from(b"abcQUtJA+-_/ "[random.usize(..13)]).to_string(),
                _ => random.alphanumeric().to_string(),
            };
            let text: String = (0..random.usize(..20)).map(|_| piece(&mut random)).collect();
            let part = random.usize(..=text.len() / 2)..text.len();
            let found: Vec<_> = many.hits(text.as_bytes(), part.clone()).collect();
            let stands = |at: usize, place: usize| text.as_bytes()[at..].starts_with(texts[place].as_bytes());
            let mut expected: Vec<_> = part
                .flat_map(|at| (0..texts.len()).map(move |place| (place, at)))
                .filter(|(place, at)| stands(*at, *place))
                .collect();
            expected.sort_unstable_by_key(|(place, at)| (*at, many.starts.iter().position(|one| one.1 == *place)));
            assert_eq!(found, expected, "{text}");
        }
    }
}
