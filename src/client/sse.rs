//! Server-sent events: bytes in, events out, for every way the bytes may be split. No input or output here.
//!
//! The framing is that of the WHATWG (HTML standard, "Interpreting an event stream"). Two things differ, because the
//! answer is stored: texts are kept as bytes, so that bad UTF-8 is an error later instead of being replaced, and an event whose
//! data is empty is dropped also when it had a `data` line.

use crate::recording::sight::without_mark;

/// One dispatched event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The value of the last `event` field; empty when there was none.
    pub kind: Vec<u8>,
    /// The `data` lines joined with line feeds. Never empty.
    pub data: Vec<u8>,
}

/// Decodes one stream.
#[derive(Debug, Default)]
pub struct SseDecoder {
    line: Vec<u8>,
    kind: Vec<u8>,
    data: Option<Vec<u8>>,
    /// The last byte was a carriage return: a line feed that follows belongs to it.
    after_return: bool,
    /// The first line was seen, so a byte order mark is no longer special.
    started: bool,
}

impl SseDecoder {
    /// Takes the next bytes and gives each event that they complete to `emit`.
    pub fn feed(&mut self, bytes: &[u8], mut emit: impl FnMut(Event)) {
        for &byte in bytes {
            let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => {
                    if let Some(event) = self.end_line() {
                        emit(event);
                    }
                }
                _ => self.line.push(byte),
            }
        }
    }

    /// Bytes held back because their line or event is not complete. At the end of a stream they are lost.
    pub fn pending(&self) -> usize {
        self.line.len() + self.data.as_ref().map_or(0, Vec::len)
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !std::mem::replace(&mut self.started, true) {
            line = without_mark(line);
        }
        if line.is_empty() {
            let kind = std::mem::take(&mut self.kind);
            let data = self.data.take().filter(|data| !data.is_empty())?;
            return Some(Event { kind, data });
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, [].as_slice()),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"event" => self.kind = value.to_vec(),
            // `id` and `retry` serve reconnection, which a recording does not do; a comment has no name.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut decoder = SseDecoder::default();
        let mut events = Vec::new();
        for piece in pieces {
            decoder.feed(piece, |event| {
                events.push((String::from_utf8(event.kind).unwrap(), String::from_utf8(event.data).unwrap()));
            });
        }
        events
    }

    fn data(events: &[(String, String)]) -> Vec<&str> {
        events.iter().map(|(_, data)| data.as_str()).collect()
    }

    const STREAM: &str = "\u{feff}data: a\r\n\r\nevent: x\ndata:b\rdata:  c\n\r\n: note\n\nid: 7\n\n\nretry: 3\n\ndata\n\n\
        data: é\u{2028}\u{85}😀\nfoo: bar\n\nevent: ping\n\ndata: last\r\rdata: lost\n";

    #[test]
    fn follows_the_standard() {
        let events = decode(&[STREAM.as_bytes()]);
        assert_eq!(data(&events), ["a", "b\n c", "é\u{2028}\u{85}😀", "last"]);
        assert_eq!(events[1].0, "x");
        assert_eq!(events[2].0, "", "the kind of an event does not outlive it");
    }

    #[test]
    fn every_split_gives_the_same_events() {
        let bytes = STREAM.as_bytes();
        let whole = decode(&[bytes]);
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                assert_eq!(decode(&[&bytes[..first], &bytes[first..second], &bytes[second..]]), whole);
            }
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decode(&single), whole);
    }

    #[test]
    fn a_byte_order_mark_counts_only_at_the_start() {
        let events = decode(&["data: a\n\n\u{feff}data: b\n\n".as_bytes()]);
        assert_eq!(data(&events), ["a"]);
    }
}
