//! Texts for a script of Python's, and what it says of them: each after its size in four bytes.

use crate::recorder::Recorder;
use crate::support::TestEnv;

/// So many texts at a time.
pub(super) const BATCH: usize = 100_000;

/// What a script of `tests/fixtures/recorder` writes of some texts.
pub(super) fn asked(recorder: &Recorder, script: &str, texts: &[Vec<u8>]) -> Vec<u8> {
    let env = TestEnv::new();
    let mut framed = vec![];
    for text in texts {
        framed.extend_from_slice(&u32::try_from(text.len()).unwrap().to_le_bytes());
        framed.extend_from_slice(text);
    }
    let (asked, answered) = (env.write("texts", framed), env.root().join("answers"));
    recorder.script(script, &[asked.to_str().unwrap(), answered.to_str().unwrap()], &[]);
    std::fs::read(answered).unwrap()
}

/// Takes so many bytes off the front.
pub(super) fn take<'a>(rest: &mut &'a [u8], size: usize) -> &'a [u8] {
    let (taken, after) = rest.split_at(size);
    *rest = after;
    taken
}

/// Takes a text after its size.
pub(super) fn sized(rest: &mut &[u8]) -> String {
    let size = u32::from_le_bytes(take(rest, 4).try_into().unwrap());
    String::from_utf8(take(rest, size as usize).to_vec()).unwrap()
}
