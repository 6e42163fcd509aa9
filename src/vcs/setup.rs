//! What git is told about a work tree: hooks, attributes, ignored files, settings.

use std::collections::BTreeMap;

use crate::error::Result;

use super::{Git, no_git};

impl Git {
    /// Whether a hook of this name is there.
    pub fn has_hook(&self, name: &str) -> Result<bool> {
        let path = self.run(&["rev-parse", "--git-path", &format!("hooks/{name}")])?;
        let path = String::from_utf8_lossy(&path).trim_end_matches(['\n', '\r']).to_owned();
        Ok(self.root.join(path).is_file())
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
        self.succeeds(&["check-ignore", "-q", "--", path])
    }

    /// Whether a path below the root is in the index.
    pub fn tracks(&self, path: &str) -> Result<bool> {
        Ok(!self.run(&["ls-files", "-z", "--", path])?.is_empty())
    }

    /// A setting, wherever it is made.
    pub fn setting(&self, name: &str) -> Option<String> {
        let value = self.run(&["config", "--get", name]).ok()?;
        Some(String::from_utf8_lossy(&value).trim_end_matches(['\n', '\r']).to_owned())
    }

    /// Makes a setting of this clone.
    pub fn set(&self, name: &str, value: &str) -> Result<()> {
        self.run(&["config", "--local", name, value]).map(drop)
    }

    fn succeeds(&self, args: &[&str]) -> Result<bool> {
        self.command(args).status().map(|status| status.success()).map_err(|error| no_git(&error))
    }
}
