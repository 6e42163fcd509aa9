//! Hints for how the command ended, from the troubleshooting table of OGX's guide.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;

/// Whether the command asks its recorder to record.
pub(crate) fn wants_recording(line: &[OsString]) -> bool {
    line.iter().any(|word| word.to_string_lossy().contains("record"))
}

/// The hint for a command that ended like this. `recorded` tells whether it wrote any recording below the root.
pub(crate) fn hints(line: &[OsString], code: u8, recorded: bool, root: &Path) -> Vec<String> {
    let words = || line.iter().map(|word| word.to_string_lossy());
    let is_pytest = words().any(|word| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or("");
        matches!(name.trim_end_matches(".exe"), "pytest" | "py.test")
    });
    let below = || format!("nothing was recorded below {}", root.display());
    let hint = match code {
        4 if is_pytest => Cow::Borrowed(
            "exit code 4 of pytest means wrong arguments; for `unrecognized arguments`, run it from the folder whose \
             conftest.py defines them, such as tests/integration/inference",
        ),
        5 if is_pytest => Cow::Borrowed(
            "exit code 5 of pytest means that no test was selected; check the test ids and -k, and that the provider \
             is not in the skip list of the test file",
        ),
        126 | 127 => Cow::Borrowed("exit code 126 or 127 of a shell means that it could not run the program"),
        0 if !recorded && is_pytest && !wants_recording(line) => {
            Cow::Owned(format!("{}: does the command have --inference-mode=record?", below()))
        }
        0 if !recorded => Cow::Owned(format!(
            "{}: the tests may have been skipped (is the provider in the skip list of the test file?), or the command does \
             not record there (--root)",
            below()
        )),
        _ => return vec![],
    };
    vec![hint.into_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_command_says_what_to_try() {
        for (line, code, recorded, says) in [
            ("uv run pytest --setup=bedrock", 4, false, "unrecognized arguments"),
            ("/venv/bin/pytest -k x", 5, false, "skip list"),
            ("python -m pytest a.py", 0, false, "--inference-mode=record"),
            ("python -m pytest a.py --inference-mode=record", 0, false, "skipped"),
            ("sh -c x", 127, false, "could not run"),
            ("go test ./...", 0, false, "does not record"),
            ("go test ./...", 4, false, ""),
            ("pytest", 0, true, ""),
            ("pytest", 1, false, ""),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let hints = hints(&words, code, recorded, Path::new("r")).join("\n");
            assert!(if says.is_empty() { hints.is_empty() } else { hints.contains(says) }, "{line} {code}: {hints}");
        }
    }
}
