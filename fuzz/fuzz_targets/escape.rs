//! A text from outside for a terminal: no control character is left, and what is shown is shown once and for all.
#![no_main]

use bedrock_fixtures::output::escape::clean;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let shown = clean(text);
    assert!(!shown.contains(char::is_control));
    assert_eq!(clean(&shown), shown);
});
