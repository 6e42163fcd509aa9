//! What git is told about a work tree: hooks, attributes, ignored files, settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::error::Result;

use super::command::{self, failure, no_git};
use super::repository::Git;

impl Git {
    /// Where git looks for a hook of this name, by its settings too.
    pub fn hook_path(&self, name: &str) -> Result<PathBuf> {
        let hook = format!("hooks/{name}");
        let command = command::command(Some(&self.root), &self.way, false, &["rev-parse", "--git-path", &hook]);
        let path = command::output(command, "rev-parse", &self.root)?;
        let path = String::from_utf8_lossy(&path).trim_end_matches(['\n', '\r']).to_owned();
        Ok(self.root.join(path))
    }

    /// The attributes of a path below the root, which need not be there: `set`, `unset`, a value, or `unspecified`.
    pub fn attributes(&self, path: &str, names: &[&str]) -> Result<BTreeMap<String, String>> {
        let mut args = vec!["check-attr", "-z"];
        args.extend(names);
        args.extend(["--", path]);
        let printed = self.run(&args)?;
        // `<path> NUL <attribute> NUL <value> NUL`
        let words: Vec<String> =
            printed.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        Ok(words.chunks_exact(3).map(|three| (three[1].clone(), three[2].clone())).collect())
    }

    /// Whether git ignores a path below the root.
    pub fn ignores(&self, path: &str) -> Result<bool> {
        Ok(self.answer(&["check-ignore", "-q", "--", path])?.is_some())
    }

    /// Whether a path below the root is in the index.
    pub fn tracks(&self, path: &str) -> Result<bool> {
        Ok(!self.run(&["ls-files", "-z", "--", path])?.is_empty())
    }

    /// A setting, wherever it is made.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        let value = self.answer(&["config", "--get", name])?;
        Ok(value.map(|value| String::from_utf8_lossy(&value).trim_end_matches(['\n', '\r']).to_owned()))
    }

    /// Makes a setting of this clone.
    pub fn set(&self, name: &str, value: &str) -> Result<()> {
        self.run(&["config", "--local", name, value]).map(drop)
    }

    /// What a call printed that says yes with 0 and no with 1; anything else is an error.
    fn answer(&self, args: &[&str]) -> Result<Option<Vec<u8>>> {
        let output = self.command(args).output().map_err(|error| no_git(&error))?;
        match output.status.code() {
            Some(0) => Ok(Some(output.stdout)),
            Some(1) => Ok(None),
            _ => Err(failure(&output, args[0], &self.root)),
        }
    }
}
