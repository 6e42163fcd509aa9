//! What git lists: the files of a tree or of the index, with their modes.

use std::collections::BTreeMap;

use super::blob::{Blob, GitContent};
use super::repository::Git;

impl Git {
    /// Reads a listing in which the words before the tab begin with the mode and have the object at `oid_field`. A link
    /// to a file of the same listing counts as that file, like in a work tree.
    pub(super) fn blobs_of(&self, listing: &[u8], oid_field: usize) -> Vec<Blob> {
        let mut entries = BTreeMap::new();
        let mut paths = Vec::new();
        for entry in listing.split(|byte| *byte == 0) {
            let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else { continue };
            let Ok(words) = std::str::from_utf8(&entry[..tab]) else { continue };
            let words: Vec<&str> = words.split(' ').collect();
            let (Some(mode), Some(oid)) = (words.first(), words.get(oid_field)) else { continue };
            // A submodule has no bytes here.
            if *mode == "160000" {
                continue;
            }
            let path = entry[tab + 1..].to_vec();
            let is_meant = self.file(&path).is_some_and(|file| self.is_recording(&file.path));
            if is_meant {
                paths.push((path.clone(), (*oid).to_owned(), *mode == "120000"));
            }
            entries.insert(path, ((*oid).to_owned(), *mode == "120000"));
        }
        let targets = self.targets(paths.iter().filter(|(_, _, is_link)| *is_link).map(|(_, oid, _)| oid.clone()));
        let content = |path: &[u8], oid: String, is_link: bool| {
            let mut content = GitContent { oid, path: path.to_vec(), is_link };
            // As many steps as a kernel would follow.
            for _ in 0..40 {
                if !content.is_link {
                    break;
                }
                let Some(target) = targets.get(&content.oid) else { break };
                let Some(place) = resolve(&content.path, target) else { break };
                let Some((oid, is_link)) = entries.get(&place) else { break };
                content = GitContent { oid: oid.clone(), path: place, is_link: *is_link };
            }
            content
        };
        let blob = |(path, oid, is_link): (Vec<u8>, String, bool)| {
            Some(Blob { file: self.file(&path)?, content: content(&path, oid, is_link) })
        };
        paths.into_iter().filter_map(blob).collect()
    }

    /// Where links lead, by object. One that cannot be read leads nowhere.
    fn targets(&self, links: impl Iterator<Item = String>) -> BTreeMap<String, Vec<u8>> {
        let read = self.raw_objects(links.collect()).unwrap_or_default();
        read.into_iter().filter_map(|(oid, bytes)| Some((oid, bytes.ok()?))).collect()
    }
}

/// The path to which a link at `path` leads, if that is below the top.
fn resolve(path: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    if target.starts_with(b"/") {
        return None;
    }
    let mut parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    parts.pop();
    for part in target.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn links_are_followed_below_the_top_only() {
        for (path, target, place) in [
            ("a/b/c.json", "d.json", Some("a/b/d.json")),
            ("a/b/c.json", "../../d.json", Some("d.json")),
            ("a/b/c.json", "./../x//d.json", Some("a/x/d.json")),
            ("a/b/c.json", "../../../d.json", None),
            ("a/b/c.json", "/d.json", None),
        ] {
            assert_eq!(resolve(path.as_bytes(), target.as_bytes()).as_deref(), place.map(str::as_bytes));
        }
    }
}
