//! A disk that is full: nothing more is paid for than what is in flight.

#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::process::Command;

use crate::record::answer;
use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case, skipped};

/// A small file system of its own, unmounted when the value is dropped.
struct Small(PathBuf);

impl Small {
    fn mount(folder: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&folder).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "none"]).arg(&folder).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Small(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn the_first_write_without_space_ends_the_run() {
    let env = TestEnv::new();
    let Some(small) = Small::mount(env.root().join("small")) else {
        skipped("a tmpfs cannot be mounted here");
        return;
    };
    env.write(
        "cases.jsonl",
        (0..40).map(|i| case(&format!("tests/test_a.py::t{i}"), &format!("{i}"))).collect::<String>(),
    );
    // Fails for want of space once all of it is used.
    std::fs::create_dir_all(small.0.join("tests/recordings")).unwrap();
    let _ = std::fs::write(small.0.join("filler"), vec![0; 1 << 20]);
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let args =
        ["record", "--cases", "cases.jsonl", "--root", "small", "--format", "json", "--endpoint-url", &server.url()];
    let run = env.run(&args).exits(1);
    let asked = server.requests().len();
    assert!((1..=8).contains(&asked), "{asked} of 40 were asked: {run:#?}");
    let report = run.json();
    let results = report["results"].as_array().unwrap();
    let refused: Vec<_> = results.iter().filter(|result| result["status"] == "refused").collect();
    assert!(refused.iter().all(|result| result["reason"].as_str().unwrap().contains("No space left")), "{report}");
    assert_eq!((refused.len(), results.len()), (asked, 40));
    assert!(report["next"].as_str().unwrap().contains("--missing"), "{report}");
    // With space again, the command that is printed asks for all of it.
    std::fs::remove_file(small.0.join("filler")).unwrap();
    env.run(&["record", "--cases", "cases.jsonl", "--missing", "--root", "small", "--endpoint-url", &server.url()])
        .exits(0);
}
