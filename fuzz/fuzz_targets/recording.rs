//! A file of a store: what is read of it is written and read again as the same, and has one key under each of the rules.
#![no_main]

use bedrock_fixtures::{KeyRules, Recording};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(recording) = Recording::parse(bytes) else { return };
    let again = Recording::parse(&recording.to_bytes()).expect("what is written can be read");
    assert_eq!(again, recording);
    for rules in KeyRules::ALL {
        assert_eq!(again.key(rules), recording.key(rules));
    }
});
