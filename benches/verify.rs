//! How long `verify` takes, beside a plain read of the same files and beside skipping through them with serde_json; and
//! `replay-check` beside `verify`, and the check of one file beside the start of the program.
//!
//! `BEDROCK_FIXTURES_CORPUS=DIR cargo bench --bench verify`; without the variable, copies of the shipped recordings are
//! taken. Machines differ and are noisy: the ratios of one run are what counts.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rayon::prelude::*;

const RUNS: usize = 15;

fn main() {
    let copies = tempfile::tempdir().unwrap();
    let root = match std::env::var_os("BEDROCK_FIXTURES_CORPUS") {
        Some(corpus) => Path::new(env!("CARGO_MANIFEST_DIR")).join(corpus),
        None => copy_shipped(copies.path()),
    };
    let files: Vec<PathBuf> = walkdir::WalkDir::new(&root)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    let bytes: usize = files.iter().map(|file| std::fs::read(file).unwrap().len()).sum();

    let read = || {
        let total: usize = files.par_iter().map(|file| std::fs::read(file).unwrap().len()).sum();
        assert_eq!(total, bytes);
    };
    let skip = || {
        files.par_iter().for_each(|file| {
            serde_json::from_slice::<serde::de::IgnoredAny>(&std::fs::read(file).unwrap()).unwrap();
        });
    };
    let verify = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
        command.args(["verify", "--quiet", "--root"]).arg(&root).stdout(Stdio::null());
        assert!(command.status().unwrap().code().is_some_and(|code| code < 2));
    };
    let replay_check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
        command.args(["replay-check", "--quiet", "--root"]).arg(&root).stdout(Stdio::null());
        assert!(command.status().unwrap().code().is_some_and(|code| code < 2));
    };
    let nothing = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
        assert!(command.arg("--version").stdout(Stdio::null()).status().unwrap().success());
    };
    let one_file = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
        command.args(["verify", "--quiet", "--root"]).arg(&root).arg(&files[0]).stdout(Stdio::null());
        assert!(command.status().unwrap().code().is_some_and(|code| code < 2));
    };
    // In turn, so that a machine that slows down slows all of them.
    let mut times: [Vec<Duration>; 6] = Default::default();
    for _ in 0..RUNS {
        times[0].push(time(read));
        times[1].push(time(skip));
        times[2].push(time(verify));
        times[3].push(time(one_file));
        times[4].push(time(replay_check));
        times[5].push(time(nothing));
    }
    let [read, skip, verify, one_file, replay_check, nothing] = times.map(|mut times| {
        times.sort();
        times[RUNS / 2].as_secs_f64() * 1000.0
    });
    println!(
        "{} files, {:.1} MB, {} cores, median of {RUNS}",
        files.len(),
        bytes as f64 / 1e6,
        rayon::current_num_threads()
    );
    println!("read them                        {read:8.1} ms");
    println!("read and skip with serde_json    {skip:8.1} ms  {:5.2} x reading", skip / read);
    println!(
        "verify, as a whole process       {verify:8.1} ms  {:5.2} x reading, {:.2} x skipping",
        verify / read,
        verify / skip
    );
    println!("replay-check                     {replay_check:8.1} ms  {:5.2} x verify", replay_check / verify);
    println!("--version                        {nothing:8.1} ms");
    println!("verify of one file               {one_file:8.1} ms  {:5.2} x --version", one_file / nothing);
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn copy_shipped(root: &Path) -> PathBuf {
    let shipped = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings")).unwrap();
    let shipped: Vec<PathBuf> = shipped
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    for copy in 0..50 {
        let folder = root.join(format!("copy{copy}/recordings"));
        std::fs::create_dir_all(&folder).unwrap();
        for file in &shipped {
            std::fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
        }
    }
    root.to_owned()
}
