//! Where the two sides come from: revisions, the index, the work tree, folders, files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::review::SideFile;
use crate::store::{self, RecordingFile, Store};
use crate::vcs::{Blob, Git, GitContent};

use crate::context::Context;

/// What is wanted of a comparison.
#[derive(Clone, Debug, Default)]
pub struct DiffOptions {
    /// Two files, two folders, REV..REV, or REV (with the work tree); by default HEAD with the work tree
    pub sides: Vec<PathBuf>,
    /// Only below these folders, or these files
    pub paths: Vec<PathBuf>,
    /// Compare with the index instead of the work tree
    pub staged: bool,
    /// Exit with 1 when there is anything but noise
    pub exit_code: bool,
    /// List noise too
    pub all: bool,
    /// Only counts and a line a change
    pub stat: bool,
    /// Print a recording as a short text without noise, for git's diff
    pub textconv: Option<PathBuf>,
    /// Write to this file instead of standard output
    pub output: Option<PathBuf>,
    /// Where the page of --format html can be read
    pub page_url: Option<String>,
}

/// What is compared.
pub(crate) struct Sides {
    /// What the sides are called.
    pub(crate) names: [String; 2],
    /// What two names that somebody gave were taken for.
    pub(crate) taken_for: Option<&'static str>,
    /// Files that are known to be the same on both sides; they are not read.
    pub(crate) unchanged: usize,
    /// The other files before, by path.
    pub(crate) before: Vec<SideFile>,
    /// The other files after, by path.
    pub(crate) after: Vec<SideFile>,
    /// Two files were given: they belong together whatever they hold.
    pub(crate) are_one_file: bool,
}

/// What stands for a file or a folder that is not there; git gives it to its difftool.
const NOTHING: &str = "/dev/null";

/// Reads both sides.
pub(crate) fn open(context: &Context<'_>, options: &DiffOptions) -> Result<Sides> {
    let exists = |path: &Path| path == Path::new(NOTHING) || store::is_there(&context.cwd.join(path));
    match options.sides.as_slice() {
        [before, after] if exists(before) || exists(after) => {
            if let Some(missing) = [before, after].into_iter().find(|path| !exists(path)) {
                let hint = "give two files, two folders or two revisions; paths go behind --";
                return Err(Error::new("no such file or folder").at(missing.display()).hint(hint));
            }
            if options.staged || !options.paths.is_empty() {
                return Err(
                    Error::new("--staged and -- PATH are for git").hint("leave them out with files and folders")
                );
            }
            note_revisions(context, before, after);
            in_folders(context, before, after)
        }
        given => {
            let store = context.store(&[])?;
            let git = Git::open(store.root()).map_err(|error| error.hint("or give two files or two folders"))?;
            let mut revisions = Vec::new();
            let mut paths = options.paths.clone();
            for given in given {
                let text = given.to_str().unwrap_or("");
                if options.sides.len() == 1 && exists(given) && !git.knows(text)? {
                    // As with git, a path alone narrows.
                    paths.push(given.clone());
                } else {
                    revisions.push(text);
                }
            }
            let (before, after) = range(&git, &revisions, options.staged)?;
            in_git(context, &store, &git, before, after, &paths)
        }
    }
}

/// Says it where two names of files or folders are names of revisions too.
fn note_revisions(context: &Context<'_>, before: &Path, after: &Path) {
    let git = context.store(&[]).and_then(|store| Git::open(store.root()));
    let Ok(git) = git else { return };
    let is_revision = |path: &Path| path.to_str().is_some_and(|name| git.knows(name).unwrap_or(false));
    if is_revision(before) && is_revision(after) {
        let (before, after) = (before.display(), after.display());
        context.progress.note(&format!(
            "{before} and {after} are read from disk; give {before}..{after} to compare the revisions of these names"
        ));
    }
}

/// A side that git knows.
enum Side {
    Revision {
        name: String,
        shown: String,
    },
    Index,
    WorkTree,
    /// `HEAD` before the first commit.
    Empty,
}

impl Side {
    fn shown(&self) -> String {
        match self {
            Side::Revision { shown, .. } => shown.clone(),
            Side::Index => "the index".to_owned(),
            Side::WorkTree => "the work tree".to_owned(),
            Side::Empty => "nothing".to_owned(),
        }
    }
}

fn range(git: &Git, revisions: &[&str], staged: bool) -> Result<(Side, Side)> {
    let revision = |name: &str| {
        let name = if name.is_empty() { "HEAD" } else { name };
        Side::Revision { name: name.to_owned(), shown: name.to_owned() }
    };
    let second = || if staged { Side::Index } else { Side::WorkTree };
    let (before, after) = match *revisions {
        [] if git.has_commits()? => (revision("HEAD"), second()),
        [] => (Side::Empty, second()),
        [one] => match (one.split_once("..."), one.split_once("..")) {
            (Some((before, after)), _) => {
                let (Side::Revision { name: a, shown }, after) = (revision(before), revision(after)) else {
                    return Err(Error::new("no range"));
                };
                let b = after.shown();
                (Side::Revision { name: git.merge_base(&a, &b)?, shown: format!("{shown} (where it parted)") }, after)
            }
            (None, Some((before, after))) => (revision(before), revision(after)),
            (None, None) => return Ok((revision(one), second())),
        },
        [before, after] => (revision(before), revision(after)),
        _ => return Err(Error::new("more than two sides")),
    };
    if staged && matches!(after, Side::Revision { .. }) {
        return Err(Error::new("--staged compares one revision with the index").hint("give one revision or none"));
    }
    Ok((before, after))
}

/// Where the bytes of a file are.
#[derive(Clone, PartialEq, Eq)]
enum Source {
    Blob(GitContent),
    Disk,
}

fn in_git(
    context: &Context<'_>,
    store: &Store,
    git: &Git,
    before: Side,
    after: Side,
    paths: &[PathBuf],
) -> Result<Sides> {
    let names = [before.shown(), after.shown()];
    let taken_for = matches!((&before, &after), (Side::Revision { .. }, Side::Revision { .. })).then_some("revisions");
    let narrow = narrowing(context, store, paths)?;
    let is_meant = |path: &str| {
        let below = |folder: &String| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
        narrow.is_empty() || narrow.iter().any(|one| one.is_empty() || one == path || below(one))
    };
    let blobs = |blobs: Vec<Blob>| -> BTreeMap<String, Source> {
        blobs.into_iter().map(|blob| (blob.file.path, Source::Blob(blob.content))).collect()
    };
    let list = |tree: &Side| -> Result<BTreeMap<String, Source>> {
        let mut files = match tree {
            Side::Revision { name, .. } => blobs(git.tree(name)?),
            Side::Index => blobs(git.index()?),
            Side::WorkTree => {
                store.list(&context.cwd, &[])?.into_iter().map(|file| (file.path, Source::Disk)).collect()
            }
            Side::Empty => BTreeMap::new(),
        };
        files.retain(|path, _| is_meant(path));
        Ok(files)
    };
    let (mut before_files, mut after_files) = (list(&before)?, list(&after)?);

    // What git knows to be the same need not be read.
    let changed = match (&before, &after) {
        (Side::Revision { name, .. }, Side::WorkTree) => Some(git.changed_since(name)?),
        _ => None,
    };
    let same = |path: &String, source: &Source| match (source, after_files.get(path)) {
        (Source::Blob(_), Some(Source::Disk)) => changed.as_ref().is_some_and(|changed| !changed.contains(path)),
        (source, other) => other == Some(source),
    };
    let unchanged: BTreeSet<String> =
        before_files.iter().filter(|(path, source)| same(path, source)).map(|(path, _)| path.clone()).collect();
    before_files.retain(|path, _| !unchanged.contains(path));
    after_files.retain(|path, _| !unchanged.contains(path));

    let content = |source: &Source| if let Source::Blob(content) = source { Some(content.clone()) } else { None };
    let blobs = git.read_each(before_files.values().chain(after_files.values()).filter_map(content))?;
    let read = |files: BTreeMap<String, Source>| -> Vec<SideFile> {
        let file = |(path, source): (String, Source)| {
            let bytes = match source {
                Source::Blob(content) => {
                    blobs.get(&content).cloned().unwrap_or_else(|| Err("git did not give it".to_owned()))
                }
                Source::Disk => store.read(&RecordingFile { path: path.clone() }),
            };
            SideFile::new(path, bytes)
        };
        files.into_par_iter().map(file).collect()
    };
    let (before, after) = rayon::join(|| read(before_files), || read(after_files));
    Ok(Sides { names, taken_for, unchanged: unchanged.len(), before, after, are_one_file: false })
}

/// The paths that are meant, relative to the root. They need not be there any more.
fn narrowing(context: &Context<'_>, store: &Store, paths: &[PathBuf]) -> Result<Vec<String>> {
    let relative = |path: &PathBuf| {
        let absolute = store::absolute(&context.cwd.join(path));
        let parts: Option<Vec<&str>> = absolute.strip_prefix(store.root()).ok().and_then(|path| {
            path.components()
                .map(|part| if let Component::Normal(part) = part { part.to_str() } else { None })
                .collect()
        });
        let outside = || {
            Error::new(format!("the path is outside the root {}", store.root().display()))
                .at(path.display())
                .hint("give the folder that test ids are relative to with --root")
        };
        parts.map(|parts| parts.join("/")).ok_or_else(outside)
    };
    paths.iter().map(relative).collect()
}

fn in_folders(context: &Context<'_>, before: &Path, after: &Path) -> Result<Sides> {
    let names = [before, after].map(|path| path.to_string_lossy().replace('\\', "/"));
    let [left, right] = [before, after].map(|path| context.cwd.join(path));
    let is_nothing = |path: &Path| path == Path::new(NOTHING);
    match (store::is_folder(&left), store::is_folder(&right)) {
        (false, false) => {
            let read = |path: &Path, given: &Path, name: &str| -> Vec<SideFile> {
                if is_nothing(given) { vec![] } else { vec![SideFile::new(name.to_owned(), store::read_any(path))] }
            };
            let (before, after) = (read(&left, before, &names[0]), read(&right, after, &names[1]));
            Ok(Sides { names, taken_for: Some("files"), unchanged: 0, before, after, are_one_file: true })
        }
        (is_folder, other) if (is_folder || is_nothing(before)) && (other || is_nothing(after)) => {
            let (unchanged, [before, after]) = folders([(&left, is_folder), (&right, other)])?;
            Ok(Sides { names, taken_for: Some("folders"), unchanged, before, after, are_one_file: false })
        }
        _ => Err(Error::new("a file cannot be compared with a folder")
            .at(format!("{} and {}", names[0], names[1]))
            .hint("give two files or two folders")),
    }
}

/// The files of two folders that differ, and how many do not. Files of one name are read together and let go if they are
/// equal, so that what is held is what changed.
fn folders(sides: [(&PathBuf, bool); 2]) -> Result<(usize, [Vec<SideFile>; 2])> {
    let mut stores = HashMap::new();
    let mut lists: [Vec<RecordingFile>; 2] = [vec![], vec![]];
    for (side, (folder, is_folder)) in sides.into_iter().enumerate() {
        if is_folder {
            let store = Store::open(folder)?;
            lists[side] = store.list(folder, &[])?;
            stores.insert(side, store);
        }
    }
    // Folders that hold no recordings by the rule, but files: they are meant.
    if lists.iter().all(Vec::is_empty) {
        for (side, store) in &stores {
            lists[*side] = store.list_plain()?;
        }
    }
    let bytes = |side: usize, file: &RecordingFile| {
        stores.get(&side).map_or_else(|| Err("no such folder".to_owned()), |store| store.read(file))
    };
    let [before, after] = lists.map(|files| files.into_iter().collect::<BTreeSet<RecordingFile>>());
    let pair = |file: &RecordingFile| -> Option<[Option<SideFile>; 2]> {
        let sides = [before.contains(file).then(|| bytes(0, file)), after.contains(file).then(|| bytes(1, file))];
        if let [Some(Ok(before)), Some(Ok(after))] = &sides
            && before == after
        {
            return None;
        }
        Some(sides.map(|bytes| bytes.map(|bytes| SideFile::new(file.path.clone(), bytes))))
    };
    let all: Vec<&RecordingFile> = before.union(&after).collect();
    let pairs: Vec<Option<[Option<SideFile>; 2]>> = all.into_par_iter().map(pair).collect();
    let unchanged = pairs.iter().filter(|pair| pair.is_none()).count();
    let (before, after): (Vec<_>, Vec<_>) = pairs.into_iter().flatten().map(|[before, after]| (before, after)).unzip();
    Ok((unchanged, [before, after].map(|side| side.into_iter().flatten().collect())))
}
