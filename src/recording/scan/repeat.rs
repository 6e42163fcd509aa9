//! The chunks of a stream are nearly equal: thirty lines each, and one or two differ from the previous chunk.
//!
//! So a chunk is compared as a whole with one that was read in full, and only differing values are read. The equal part
//! is canonical because it was canonical there, and it has no other secrets.

use std::ops::Range;

use crate::recording::json::canonical::CanonicalPass;

use super::answers::{Answers, TEXTS, note_change, note_padding};
use crate::recording::noise::CONSTANT_TIMES;

/// A chunk that was read in full.
pub(super) struct Template {
    chunk: Range<usize>,
    leaves: Vec<Leaf>,
    /// Whether the chunk is a model, whose id is its own.
    is_model: bool,
    /// The parts of the current chunk that the rules use.
    seen: Vec<(Role, Range<usize>)>,
    /// The lines of it that differ.
    lines: Vec<Range<usize>>,
}

/// Room for the values of a usual chunk, and for those that differ. There are a few templates in a stream, and lists that
/// grow one by one took a twentieth of the time of reading it.
const LEAVES: usize = 32;
const DIFFERENCES: usize = 8;

/// A value in it that is neither an object nor a list.
struct Leaf {
    /// Where its line starts.
    line: usize,
    place: Range<usize>,
    role: Role,
}

/// The meaning of a value for the rules.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    /// Nothing.
    Plain,
    /// A `__type__`.
    Type,
    /// An `id`.
    Id,
    /// A `finish_reason`.
    Finish,
    /// A part of the text.
    Text,
    /// Padding against traffic analysis.
    Padding,
    /// Something that is the same in every chunk, or the chunk has to be read in full.
    Same,
}

impl Template {
    /// Of a chunk that the pass has read, whose members are indented by `indent` bytes.
    pub(super) fn of(bytes: &[u8], chunk: Range<usize>, indent: usize) -> Self {
        let mut template = Template {
            chunk: chunk.clone(),
            leaves: Vec::with_capacity(LEAVES),
            is_model: false,
            seen: Vec::with_capacity(DIFFERENCES),
            lines: Vec::with_capacity(DIFFERENCES),
        };
        // The keys on the way to a line; an element of a list has none.
        let mut path: Vec<&[u8]> = Vec::with_capacity(DIFFERENCES);
        let mut start = chunk.start;
        for end in memchr::memchr_iter(b'\n', &bytes[chunk.clone()]).map(|at| chunk.start + at).chain([chunk.end]) {
            let line = &bytes[start..end];
            let indented = spaces(line);
            path.truncate((indented.max(indent) - indent) / 2);
            let mut pass = CanonicalPass::new(&bytes[..start + line.len()], start + indented);
            let key = pass.key().unwrap_or_default();
            let end = start + line.strip_suffix(b",").unwrap_or(line).len();
            match &bytes[pass.at..end] {
                // The chunk itself is not a member.
                b"{" if pass.at == template.chunk.start => {}
                b"{" | b"[" => path.push(key),
                b"}" | b"]" | b"{}" | b"[]" => {}
                value => {
                    template.is_model |= path == [b"__data__"] && key == b"object" && value == b"\"model\"";
                    template.leaves.push(Leaf { line: start, place: pass.at..end, role: Role::of(&path, key) });
                }
            }
            start += line.len() + 1;
        }
        template
    }

    /// Reads only the differences of the current chunk, if it has the shape of this one. Otherwise the position does
    /// not change.
    pub(super) fn read(&mut self, pass: &mut CanonicalPass<'_>, index: usize, answers: &mut Answers) -> bool {
        let before = pass.at;
        // Kept until all of the chunk is known to be read.
        self.seen.clear();
        self.lines.clear();
        if self.compare(pass).is_none() {
            pass.at = before;
            return false;
        }
        for line in self.lines.drain(..) {
            answers.changed_lines.extend_from_slice(&pass.bytes[line]);
            answers.changed_lines.push(b'\n');
        }
        for (role, place) in self.seen.drain(..) {
            let value = &pass.bytes[place];
            let text = value.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
            match (role, text) {
                (Role::Type, Some(text)) => note_change(&mut answers.types, Some(index), text),
                (Role::Id, Some(text)) if !self.is_model => note_change(&mut answers.ids, Some(index), text),
                (Role::Text, Some(text)) => answers.text.extend_from_slice(text),
                (Role::Padding, Some(_)) => note_padding(answers, Some(index), "obfuscation"),
                (Role::Finish, Some(text)) => answers.finish(text),
                _ => {}
            }
        }
        true
    }

    fn compare(&mut self, pass: &mut CanonicalPass<'_>) -> Option<()> {
        let mut leaves = self.leaves.iter().peekable();
        let mut at = self.chunk.start;
        loop {
            let same = common_start(&pass.bytes[at..self.chunk.end], &pass.bytes[pass.at..]);
            at += same;
            pass.at += same;
            while let Some(leaf) = leaves.next_if(|leaf| leaf.place.end < at || at == self.chunk.end) {
                if leaf.role != Role::Plain {
                    self.seen.push((leaf.role, leaf.place.clone()));
                }
            }
            if at == self.chunk.end {
                return Some(());
            }
            // They differ: inside a value, or at its end, if one value is longer.
            let leaf = leaves.next().filter(|leaf| leaf.role != Role::Same && leaf.place.start <= at)?;
            let start = pass.at - (at - leaf.place.start);
            pass.at = start;
            pass.scalar()?;
            at = leaf.place.end;
            if leaf.role != Role::Plain {
                self.seen.push((leaf.role, start..pass.at));
            }
            self.lines.push(start - (leaf.place.start - leaf.line)..pass.at);
        }
    }
}

impl Role {
    fn of(path: &[&[u8]], key: &[u8]) -> Self {
        match (path, key) {
            ([], b"__type__") => Role::Type,
            ([b"__data__"], b"id") => Role::Id,
            ([b"__data__"], b"object" | b"error") => Role::Same,
            ([b"__data__"], b"obfuscation") => Role::Padding,
            ([b"__data__", b"choices", b""], b"error") => Role::Same,
            ([b"__data__"], key) if CONSTANT_TIMES.iter().any(|(name, _)| name.as_bytes() == key) => Role::Same,
            ([b"__data__", b"choices", b""], b"finish_reason") => Role::Finish,
            ([b"__data__", b"choices", b"", b"delta", ..], key) if TEXTS.contains(&key) => Role::Text,
            _ => Role::Plain,
        }
    }
}

/// How many spaces are at the start, eight at a time: a third of a stream is indentation.
fn spaces(line: &[u8]) -> usize {
    let (eights, _) = line.as_chunks::<8>();
    let whole = 8 * eights.iter().take_while(|eight| **eight == [b' '; 8]).count();
    whole + line[whole..].iter().take_while(|byte| **byte == b' ').count()
}

/// How many bytes are the same at the start of both.
fn common_start(a: &[u8], b: &[u8]) -> usize {
    let ((blocks_a, _), (blocks_b, _)) = (a.as_chunks::<32>(), b.as_chunks::<32>());
    let mut same = 32 * blocks_a.iter().zip(blocks_b).take_while(|(a, b)| a == b).count();
    // The first difference within a block: eight bytes at a time, as every line of a stream that differs comes here.
    let ((eights_a, _), (eights_b, _)) = (a[same..].as_chunks::<8>(), b[same..].as_chunks::<8>());
    for (a, b) in eights_a.iter().zip(eights_b) {
        let difference = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if difference != 0 {
            return same + (difference.trailing_zeros() / 8) as usize;
        }
        same += 8;
    }
    same + a[same..].iter().zip(&b[same..]).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::json::Value;

    /// A recording whose stream has chunks of several shapes, many alike.
    fn stream(random: &mut fastrand::Rng) -> Vec<u8> {
        let one_of = |random: &mut fastrand::Rng, values: &[&str]| values[random.usize(..values.len())].to_owned();
        let mut chunks = Vec::new();
        for _ in 0..random.usize(..12) {
            let content =
                one_of(random, &["null", "\"\"", "\"a\"", "\"é \\n\"", "{\"content\": \"deep\"}", "[\"b\"]", "1.5"]);
            let calls = one_of(
                random,
                &["null", "null", "[]", "[{\"function\": {\"arguments\": \"{\\\"x\\\"\", \"name\": null}}]"],
            );
            let finish = one_of(random, &["null", "null", "\"stop\"", "\"\"", "\"error\"", "{}"]);
            let id = one_of(random, &["\"rec-1\"", "\"rec-1\"", "\"rec-2\"", "null", "3"]);
            let created = one_of(random, &["0", "0", "0", "17", "null"]);
            let object = one_of(random, &["\"chunk\"", "\"chunk\"", "\"chunk\"", "\"model\""]);
            let kind = one_of(random, &["\"a.B\"", "\"a.B\"", "\"a.C\"", "null"]);
            let padding =
                one_of(random, &["", "", ", \"obfuscation\": \"x\"", ", \"error\": null", ", \"error\": \"x\""]);
            let outer = one_of(random, &["", "", ", \"obfuscation\": null", ", \"obfuscation\": \"xy\""]);
            let choice = format!(
                "{{\"delta\": {{\"content\": {content}, \"tool_calls\": {calls}}}, \"finish_reason\": {finish}{padding}}}"
            );
            let choices = one_of(
                random,
                &[&format!("[{choice}]"), &format!("[{choice}]"), "[]", &format!("[{choice},{choice}]")],
            );
            let chunk = format!(
                "{{\"__type__\": {kind}, \"__data__\": {{\"id\": {id}, \"choices\": {choices}, \"created\": {created}, \
                 \"object\": {object}{outer}}}}}"
            );
            chunks.push(one_of(random, &[&chunk, &chunk, &chunk, &chunk, "\"data: x\"", "[1]", "{}"]));
        }
        let document = format!("{{\"response\": {{\"body\": [{}], \"is_streaming\": true}}}}", chunks.join(","));
        Value::parse(document.as_bytes()).unwrap().to_file_bytes()
    }

    #[test]
    fn chunks_read_by_their_differences_say_what_chunks_read_in_full_say() {
        let mut random = fastrand::Rng::with_seed(7);
        let (mut canonical, mut repeated) = (0, 0);
        for _ in 0..6_000 {
            let mut bytes = stream(&mut random);
            let start = bytes.windows(7).position(|window| window == b"body\": ").unwrap() + 7;
            for _ in 0..random.usize(..3) {
                let at = random.usize(start..bytes.len());
                match random.u8(..4) {
                    0 => drop(bytes.remove(at)),
                    1 => bytes.insert(at, *random.choice(b" \n,\"0a\\{}[]").unwrap()),
                    2 => bytes[at] = *random.choice(b" \n,\"0a\\{}[]").unwrap(),
                    _ => {
                        let end = (at + random.usize(..60)).min(bytes.len());
                        bytes.extend_from_within(at..end);
                    }
                }
            }
            let (mut by_difference, mut in_full) = (Answers::default(), Answers::default());
            let mut pass = CanonicalPass::new(&bytes, start);
            let read = pass.body(&mut by_difference).map(|_| pass.at);
            let mut pass = CanonicalPass::new(&bytes, start);
            let expected = match pass.peek() {
                Some(b'[') => pass.array(2, |pass, index| {
                    in_full.count = index + 1;
                    pass.answer(3, Some(index), &mut in_full)
                }),
                _ => pass.body(&mut in_full).map(drop),
            };
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(read, expected.map(|()| pass.at), "{text}");
            let changed = String::from_utf8_lossy(&std::mem::take(&mut by_difference.changed_lines)).into_owned();
            let whole = std::mem::take(&mut by_difference.whole);
            let Some(end) = read else { continue };
            assert_eq!(format!("{by_difference:?}"), format!("{in_full:?}"), "{text}");
            canonical += 1;
            repeated += usize::from(whole.len() > 1);
            // The part that is left out is equal to an earlier line.
            let kept = whole.iter().flat_map(|place| text[place.start.min(end)..place.end.min(end)].lines());
            let value = |line: &'_ str| line.trim().trim_end_matches(',').to_owned();
            let kept: std::collections::HashSet<String> = kept.chain(changed.lines()).map(value).collect();
            let is_kept =
                |line: &str| value(line).trim_matches(['[', ']', '{', '}']).is_empty() || kept.contains(&value(line));
            assert!(text[..end].lines().all(is_kept), "{text}");
        }
        assert!(canonical > 1_500 && repeated > 600, "{canonical} {repeated}");
    }
}
