//! Answers a request from the shipped recordings, as a test written in Rust would.
//!
//! ```text
//! cargo run --example replay
//! ```

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use bedrock_fixtures::{Call, KeyRules, Recording, Replay, Store, same_answer};

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let store = Store::open(Path::new(env!("CARGO_MANIFEST_DIR")))?;
    let file = store.walk().next().ok_or("the store is empty")??;
    let recording = Recording::parse(&store.read(&file)?)?;

    // The request of a recording is the one that it answers.
    let call = Call {
        test_id: recording.test_id().map(str::to_owned),
        url: recording.url().unwrap_or_default().to_owned(),
        body: recording.body().cloned().unwrap_or_default(),
    };
    let mut out = std::io::stdout();
    match Replay::new(&store).ask(&call)? {
        Ok(turn) => writeln!(out, "{} answers: {:?}", recording.key(KeyRules::NEWEST), turn.choices[&0].text)?,
        Err(raised) => {
            writeln!(out, "{} raises {}: {}", recording.key(KeyRules::NEWEST), raised.type_name, raised.message)?
        }
    }
    assert!(same_answer(&recording, &recording));
    Ok(())
}
