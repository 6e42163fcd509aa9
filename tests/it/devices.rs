//! A link to a device at the place of a recording: nothing of it is read, and nobody waits for it.
#![cfg(target_os = "linux")]

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::TestEnv;

/// Far more than any of these commands takes, and less than a person waits.
const MOST: Duration = Duration::from_secs(20);

#[test]
fn a_link_to_standard_input_or_a_device_is_not_waited_for() {
    let name = format!("{}.json", "a".repeat(64));
    for target in ["/dev/stdin", "/dev/zero"] {
        for folder in ["recordings", "tests/recordings"] {
            let env = TestEnv::new();
            std::fs::create_dir_all(env.root().join(folder)).unwrap();
            let place = format!("{folder}/{name}");
            std::os::unix::fs::symlink(target, env.root().join(&place)).unwrap();
            for args in [&["verify"][..], &["verify", &place], &["replay-check"], &["rekey"], &["prune"]] {
                // Standard input stays open and says nothing.
                let mut command = env.command(args);
                command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
                let mut child = command.spawn().unwrap();
                let start = Instant::now();
                while child.try_wait().unwrap().is_none() {
                    if start.elapsed() > MOST {
                        child.kill().unwrap();
                        panic!("{args:?} waits for {target} at {place}");
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }
}
