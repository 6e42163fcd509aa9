//! A pager for long reports, chosen as git chooses it.

use crate::helper::program;
use std::io::{self, Write as _};
use std::process::{Child, Command, Stdio};

/// A pager that is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pager {
    /// The command, for a shell; the default one is run without.
    command: Option<String>,
    /// Variables it gets where there are none.
    variables: Vec<(&'static str, &'static str)>,
}

/// What `less` does for git: leave when a page is enough, show colours, leave the page on the screen.
const DEFAULTS: [(&str, &str); 2] = [("LESS", "FRX"), ("LV", "-c")];

impl Pager {
    /// The pager that the environment asks for: `GIT_PAGER`, `PAGER`, else `less`. `cat` is none.
    pub fn of<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let command = ["GIT_PAGER", "PAGER"].into_iter().find_map(&variable);
        if command == Some("cat") || (command.is_none() && variable("TERM") == Some("dumb")) {
            return None;
        }
        let variables = DEFAULTS.into_iter().filter(|(name, _)| variable(name).is_none()).collect();
        Some(Pager { command: command.map(str::to_owned), variables })
    }

    /// Shows a page and waits until the reader leaves. False when there is no such pager.
    pub fn show(&self, page: &[u8]) -> io::Result<bool> {
        let Ok(mut child) = self.start() else { return Ok(false) };
        if let Some(mut input) = child.stdin.take() {
            // Who leaves early has seen enough.
            let _ = input.write_all(page);
        }
        // What a shell says of a command that it cannot find or run.
        Ok(!matches!(child.wait()?.code(), Some(126 | 127)))
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = match &self.command {
            None => program("less"),
            Some(line) => shell(line),
        };
        command.envs(self.variables.iter().copied()).stdin(Stdio::piped()).spawn()
    }
}

#[cfg(unix)]
fn shell(line: &str) -> Command {
    let mut command = program("sh");
    command.args(["-c", line]);
    command
}

/// No shell is sure to be there: words are separated by spaces.
#[cfg(not(unix))]
fn shell(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let mut command = program(words.next().unwrap_or("less"));
    command.args(words);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_pager_goes_before_pager_and_cat_is_none() {
        for (variables, command) in [
            (&[][..], Some(None)),
            (&[("PAGER", "more")], Some(Some("more"))),
            (&[("PAGER", "more"), ("GIT_PAGER", "less -S")], Some(Some("less -S"))),
            (&[("PAGER", "more"), ("GIT_PAGER", "cat")], None),
            (&[("PAGER", "cat")], None),
            (&[("TERM", "dumb")], None),
            (&[("TERM", "dumb"), ("PAGER", "more")], Some(Some("more"))),
        ] {
            let get = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
            let pager = Pager::of(get);
            assert_eq!(pager.as_ref().map(|pager| pager.command.as_deref()), command, "{variables:?}");
        }
        let pager = Pager::of(|name| (name == "LESS").then_some("R")).unwrap();
        assert_eq!(pager.variables, [("LV", "-c")], "what the user set stays");
    }

    #[cfg(unix)]
    #[test]
    fn a_pager_that_is_not_there_shows_nothing_and_says_so() {
        let pager = |command: &str| Pager { command: Some(command.to_owned()), variables: vec![] };
        assert!(!pager("no-such-pager-anywhere 2>/dev/null").show(b"page").unwrap());
        assert!(pager("cat >/dev/null").show(b"page").unwrap());
        assert!(pager("exec <&-").show(&vec![b'x'; 1 << 20]).unwrap(), "a pager that does not read is not an error");
    }
}
