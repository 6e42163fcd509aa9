//! A secret that a text repeats in another form: in hex, reversed, in other capitals, split by spaces, percent-encoded.
//!
//! Both are compared by their letters and digits alone, without case, so that nothing between them counts.

use std::collections::HashSet;

/// An answer that repeats this many letters in a row is refused.
const PIECE: usize = 24;

/// So many in a row are not shown. Fewer occur by chance in words.
const SHOWN_RUN: usize = 12;

/// A form with fewer letters is not looked for.
const SHORTEST: usize = 16;

/// The readable start of a key of Bedrock, which is not secret.
const READABLE: &[u8] = b"bedrockapikey";

/// The letters of the forms of a secret, and of the secret itself backwards and in hex.
#[derive(Clone)]
pub(super) struct Echo {
    forms: Vec<Vec<u8>>,
    /// What is not shown.
    runs: HashSet<[u8; SHOWN_RUN]>,
}

impl Echo {
    pub(super) fn of(text: &str, forms: &[String]) -> Self {
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let reversed: String = text.chars().rev().collect();
        // Hex of the reversed text is not the reversed hex.
        let dresses = [hex(text), hex(text).chars().rev().collect(), hex(&reversed), reversed];
        let mut letters: Vec<Vec<u8>> = forms.iter().chain(&dresses).map(|text| letters_of(text, false)).collect();
        letters.push(letters_of(text, false));
        letters.retain(|letters| letters.len() >= SHORTEST);
        letters.sort_unstable();
        letters.dedup();
        let windows = letters
            .iter()
            .flat_map(|form| form.windows(SHOWN_RUN).filter_map(|window| window.first_chunk::<SHOWN_RUN>()));
        let readable = |window: &&[u8; SHOWN_RUN]| READABLE.windows(SHOWN_RUN).any(|part| part == *window);
        let runs = windows.filter(|window| !readable(window)).copied().collect();
        Echo { forms: letters, runs }
    }

    /// Whether a text repeats the secret, or a long piece of it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let sizes: HashSet<usize> = self.forms.iter().map(|form| form.len().min(PIECE)).collect();
        let views = [false, true].into_iter().filter(|decode| !decode || text.contains('%'));
        views.map(|decode| letters_of(text, decode)).any(|letters| {
            sizes.iter().any(|size| {
                // Pieces that overlap by half: every run of one and a half lengths holds one of them.
                let forms = self.forms.iter().filter(|form| form.len().min(PIECE) == *size);
                let pieces: HashSet<&[u8]> = forms.flat_map(|form| form.windows(*size).step_by(PIECE / 2)).collect();
                letters.windows(*size).any(|window| pieces.contains(window))
            })
        })
    }

    /// Marks the bytes of a text that repeat a part of the secret.
    pub(super) fn mark(&self, text: &str, marked: &mut [bool]) {
        for decode in [false, true] {
            let mut letters = Vec::new();
            let mut places = Vec::new();
            each_letter(text, decode, |letter, start, end| {
                letters.push(letter);
                places.push((start, end));
            });
            for (at, window) in letters.windows(SHOWN_RUN).enumerate() {
                if self.runs.contains(window) {
                    marked[places[at].0..places[at + SHOWN_RUN - 1].1].fill(true);
                }
            }
        }
    }
}

fn letters_of(text: &str, decode: bool) -> Vec<u8> {
    let mut letters = Vec::with_capacity(text.len());
    each_letter(text, decode, |letter, _, _| letters.push(letter));
    letters
}

/// Gives every letter and digit of a text in lower case with its place; with `decode`, those that are percent-encoded too.
fn each_letter(text: &str, decode: bool, mut give: impl FnMut(u8, usize, usize)) {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut at = 0;
    while at < bytes.len() {
        let escape = if decode && bytes[at] == b'%' { digit(at + 1).zip(digit(at + 2)) } else { None };
        let (byte, end) = match escape {
            Some((high, low)) => ((high * 16 + low) as u8, at + 3),
            None => (bytes[at], at + 1),
        };
        if byte.is_ascii_alphanumeric() {
            give(byte.to_ascii_lowercase(), at, end);
        }
        at = end;
    }
}
