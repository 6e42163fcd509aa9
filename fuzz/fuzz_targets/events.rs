//! Server-sent events: bytes one at a time give the events of the whole.
#![no_main]

use bedrock_fixtures::client::sse::SseDecoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|stream: &[u8]| {
    let (mut at_once, mut by_bytes) = (vec![], vec![]);
    SseDecoder::default().feed(stream, |event| at_once.push(event));
    let mut decoder = SseDecoder::default();
    stream.chunks(1).for_each(|byte| decoder.feed(byte, |event| by_bytes.push(event)));
    assert_eq!(at_once, by_bytes);
});
