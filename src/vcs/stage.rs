//! Staged and unstaged changes.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::recording::file::RecordingFile;

use super::repository::Git;

impl Git {
    /// The recordings in the work tree that are not as the index has them: changed, deleted, or not in it.
    pub fn unstaged(&self) -> Result<BTreeSet<String>> {
        // The times of files may be newer than the index knows.
        let _ = self.run(&["update-index", "-q", "--refresh"]);
        let changed = self.run(&["diff-files", "--name-only", "--no-renames", "-z"])?;
        let mut paths: BTreeSet<String> = self.files_of(&changed).into_iter().map(|file| file.path).collect();
        let others = self.run(&["ls-files", "--others", "--exclude-standard", "-z", "--full-name"])?;
        paths.extend(self.files_of(&others).into_iter().map(|file: RecordingFile| file.path));
        Ok(paths)
    }

    /// Puts files into the index as they are in the work tree; those that are gone go from it.
    pub fn stage(&self, paths: &[String]) -> Result<()> {
        self.each_part(&["add", "--all", "--"], paths)
    }

    /// Puts files back, in the index alone, as the last commit has them.
    pub fn restore_in_index(&self, paths: &[String]) -> Result<()> {
        self.each_part(&["reset", "--quiet", "HEAD", "--"], paths)
    }

    /// Puts files back, in the index and in the work tree, as the last commit has them. What is so stays untouched.
    pub fn restore(&self, paths: &[String]) -> Result<()> {
        // By the time of a file alone, git would write it again.
        let _ = self.run(&["update-index", "-q", "--refresh"]);
        self.each_part(&["checkout", "--quiet", "HEAD", "--"], paths)
    }

    /// Takes files out of the index; the work tree stays.
    pub fn unstage_new(&self, paths: &[String]) -> Result<()> {
        self.each_part(&["rm", "--cached", "--quiet", "--ignore-unmatch", "--force", "--"], paths)
    }

    fn each_part(&self, args: &[&str], paths: &[String]) -> Result<()> {
        // A command line has an end.
        for part in paths.chunks(200) {
            // No character of a path is a pattern.
            let literal: Vec<String> = part.iter().map(|path| format!(":(literal){path}")).collect();
            let paths: Vec<&str> = literal.iter().map(String::as_str).collect();
            self.run(&[args, &paths].concat())?;
        }
        Ok(())
    }
}
