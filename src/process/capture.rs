//! Another program, run for what it prints.

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::helper;

/// No more of what a program prints is read.
const MAX_OUTPUT: u64 = 1 << 20;

/// How many hundredths of a second a program may take to end once its output has.
const ENDS_WITHIN: usize = 1000;

/// The output of a program. It may be secret, so it has no `Debug`.
#[derive(Clone)]
pub struct Printed {
    /// Whether it says that all went well.
    pub success: bool,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

/// Runs `program` in `folder`, with the same environment and no input, for at most `limit`.
pub fn run(program: &str, args: &[&str], folder: &Path, limit: Duration) -> Result<Printed> {
    let failed = |error: std::io::Error| Error::io("cannot run", format!("{program}{}", helper::note()), &error);
    let mut child = helper::program(program)
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let (sender, receiver) = mpsc::channel();
    // Both pipes are read beside each other, so that the program never waits for the one that is not read.
    read(child.stdout.take(), &sender, 0);
    read(child.stderr.take(), &sender, 1);
    drop(sender);
    let mut printed = [vec![], vec![]];
    for _ in 0..printed.len() {
        match receiver.recv_timeout(limit) {
            Ok((stream, bytes)) => printed[stream] = bytes,
            Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(Error::new(format!("no answer within {} s", limit.as_secs())).at(program));
            }
        }
    }
    let [stdout, stderr] = printed;
    // Its output has ended; a program that does not exit then is killed.
    for _ in 0..ENDS_WITHIN {
        if let Some(status) = child.try_wait().map_err(failed)? {
            return Ok(Printed { success: status.success(), stdout, stderr });
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(Error::new("it does not end").at(program))
}

fn read(pipe: Option<impl std::io::Read + Send + 'static>, sender: &mpsc::Sender<(usize, Vec<u8>)>, stream: usize) {
    let sender = sender.clone();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could be read before an error counts.
        let _ = pipe.map(|pipe| pipe.take(MAX_OUTPUT).read_to_end(&mut bytes));
        let _ = sender.send((stream, bytes));
    });
}
