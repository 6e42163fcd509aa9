//! What is picked out of an answer.

use std::ops::Range;

use crate::recording::completeness;

/// Members of a delta, at any depth, that contain text.
pub(super) const TEXTS: [&[u8]; 5] = [b"content", b"arguments", b"reasoning", b"reasoning_content", b"refusal"];

/// What is picked out of `response.body`. Indices are those of a list; of an object they are `None`.
#[derive(Debug, Default)]
pub struct Answers {
    /// Elements of the list; 1 for an object.
    pub count: usize,
    /// The values of `__type__`, each where it differs from the one before.
    pub types: Vec<(Option<usize>, String)>,
    /// The ids of answers that are not models, each if it differs from the previous one.
    pub ids: Vec<(Option<usize>, String)>,
    /// The first time or duration that is not the recorder's constant, and its field.
    pub odd_time: Option<(Option<usize>, &'static str)>,
    /// The first chunk with padding against traffic analysis, and the member that holds it.
    pub obfuscated: Option<(Option<usize>, &'static str)>,
    /// Some choice has ended.
    pub finished: bool,
    /// Something is no choice of an answer, or may say that something failed: the answer is to be read in full.
    pub suspicious: bool,
    /// The texts and arguments of a list of chunks, joined, with the escapes of the file.
    pub text: Vec<u8>,
    /// The canonical bytes, without chunks that repeat most of an earlier one.
    pub whole: Vec<Range<usize>>,
    /// The lines of those chunks that differ from the earlier one's.
    pub changed_lines: Vec<u8>,
}

impl Answers {
    /// Takes the text of a `finish_reason`.
    pub(super) fn finish(&mut self, reason: &[u8]) {
        self.finished |= completeness::ends_text(reason);
        self.suspicious |= reason == completeness::FAILED.as_bytes();
    }
}

/// Keeps the place of the first padding.
pub(super) fn note_padding(answers: &mut Answers, index: Option<usize>, member: &'static str) {
    answers.obfuscated = answers.obfuscated.or(Some((index, member)));
}

/// Keeps a value that differs from the one before.
pub(super) fn note_change(seen: &mut Vec<(Option<usize>, String)>, index: Option<usize>, value: &[u8]) {
    if seen.last().is_none_or(|(_, last)| last.as_bytes() != value) {
        seen.push((index, String::from_utf8_lossy(value).into_owned()));
    }
}
