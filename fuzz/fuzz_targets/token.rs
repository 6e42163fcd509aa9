//! A text given for a key: it is a key or there is a reason, of one line.
#![no_main]

use bedrock_fixtures::token::{forms, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(secret) = forms::secret(text) else { return };
    if let Err(malformed) = parse::parse(&secret) {
        assert!(!malformed.to_string().contains('\n'));
    }
});
