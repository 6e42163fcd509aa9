//! Server-sent events: bytes in any pieces give the events of the whole, and those that the standard says.

use bedrock_fixtures::client::sse::{Event, SseDecoder};

use super::{each, text};

const PARTS: [&str; 20] = [
    "data: ",
    "data:",
    "data",
    "event: x",
    "event",
    "id: 7",
    "retry: 3",
    ": note",
    "\n",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\r\n\r\n",
    "\u{feff}",
    " ",
    ":",
    "\u{2028}",
    "\u{85}",
    "{\"choices\":[]}",
];

/// The events of a whole stream, by the words of the standard: split into lines first, then into events.
fn events(stream: &str) -> Vec<Event> {
    let stream = stream.strip_prefix('\u{feff}').unwrap_or(stream);
    let stream = stream.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = stream.split('\n').collect();
    // What no line end follows is no line.
    lines.pop();
    let (mut events, mut kind, mut data) = (vec![], "", vec![]);
    for line in lines {
        if line.is_empty() {
            let joined = data.join("\n");
            if !joined.is_empty() {
                events.push(Event { kind: kind.into(), data: joined.into() });
            }
            (kind, data) = ("", vec![]);
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => kind = value,
            "data" => data.push(value),
            _ => {}
        }
    }
    events
}

#[test]
fn events_do_not_depend_on_how_the_bytes_arrive() {
    each("sse", 20_000, 4_000_000, |random| {
        let stream = text(random, &PARTS, 24);
        let mut decoder = SseDecoder::default();
        let mut found = vec![];
        let mut rest = stream.as_bytes();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(random.usize(..=rest.len().min(12)));
            decoder.feed(piece, |event| found.push(event));
            rest = after;
        }
        assert_eq!(found, events(&stream), "{stream:?}");
        let mut at_once = SseDecoder::default();
        at_once.feed(stream.as_bytes(), |_| {});
        assert_eq!(decoder.pending(), at_once.pending(), "{stream:?}");
    });
}
