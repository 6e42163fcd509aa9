//! Requests that were edited since the last commit, so that their answers were given to other questions.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::miss::{self, Asked, KnownRecording};
use crate::recording::Recording;
use crate::recording::name::file_name;
use crate::report::RequestDifference;
use crate::store::{RecordingFile, Store};
use crate::vcs::Git;

/// The changes of requests since the last commit, for recordings at these paths whose name was right then. Changes of
/// the test and the url do not count.
pub(crate) fn since_head(store: &Store, paths: &[&str]) -> Result<BTreeMap<String, Vec<RequestDifference>>> {
    let mut edited = BTreeMap::new();
    if paths.is_empty() || !store.is_in_git() {
        return Ok(edited);
    }
    let git = Git::open(store.root())?;
    if !git.has_commits()? {
        return Ok(edited);
    }
    let blobs = git.tree("HEAD")?.into_iter().filter(|blob| paths.contains(&blob.file.path.as_str()));
    let contents: Vec<_> = blobs.map(|blob| (blob.file.path, blob.content)).collect();
    let read = git.read_each(contents.iter().map(|(_, content)| content.clone()))?;
    for (path, content) in contents {
        let was =
            read.get(&content).and_then(|bytes| bytes.as_ref().ok()).and_then(|bytes| Recording::parse(bytes).ok());
        let file = RecordingFile { path };
        let is = store.read(&file).ok().and_then(|bytes| Recording::parse(&bytes).ok());
        let (Some(was), Some(is)) = (was, is) else { continue };
        let had_its_name = [store.key_rules(), store.key_rules().other()]
            .into_iter()
            .any(|rules| file_name(&was, rules) == format!("{}.json", file.stem()));
        let asked = Asked::of(&is.request(), is.test_id(), store.key_rules());
        let known = KnownRecording::of(&file.path, &was, store.key_rules());
        let mut differences = miss::describe(&asked, &known).differences;
        // Parts outside the body are in brackets.
        differences.retain(|difference| !difference.pointer.starts_with("/("));
        if had_its_name && !differences.is_empty() {
            edited.insert(file.path, differences);
        }
    }
    Ok(edited)
}
