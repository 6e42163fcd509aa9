//! What a run of the binary takes: its largest memory and its processor time, as the kernel counts them.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a process took.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) code: i32,
    /// The most memory that it had at once, in bytes.
    pub(crate) peak: u64,
    /// Processor time of all its threads, in seconds. A busy machine does not change it much, as it does the time of day.
    pub(crate) cpu: f64,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The kernel counts processor time in hundredths of a second for whoever reads it.
const TICKS: f64 = 100.0;

/// Runs a command to its end, and ends it itself after `most`: then the code is -1.
///
/// The memory is read while it runs, so the last moments of it may be missed; its processor time is read after its end.
#[track_caller]
pub(crate) fn measure(command: &mut Command, most: Duration) -> Measured {
    // Files, as nobody would empty two pipes here.
    let (stdout, stderr) = (tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap());
    command.stdout(Stdio::from(stdout.reopen().unwrap())).stderr(Stdio::from(stderr.reopen().unwrap()));
    let mut child = command.spawn().unwrap();
    let (start, id) = (Instant::now(), child.id());
    let (mut peak, mut is_late) = (0, false);
    let cpu = loop {
        peak = peak.max(high_water(id).unwrap_or(0));
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        // Behind the name of the program, which may have anything in it.
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        // Ended, and not yet waited for.
        if fields[0] == "Z" {
            break fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS;
        }
        if start.elapsed() > most && !is_late {
            is_late = true;
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let code = child.wait().unwrap().code().unwrap_or(-1);
    let text = |file: &tempfile::NamedTempFile| String::from_utf8(std::fs::read(file.path()).unwrap()).unwrap();
    Measured { code, peak, cpu, stdout: text(&stdout), stderr: text(&stderr) }
}

/// The most memory that a process had so far.
pub(crate) fn high_water(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}
