//! Where the two sides come from: revisions, the index, the work tree, folders, files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::recording::name::FileName;
use crate::store::{self, RecordingFile, Store};
use crate::vcs::{Blob, Git, GitContent};

use crate::context::Context;

/// The options of a comparison.
#[derive(Clone, Debug, Default)]
pub struct DiffOptions {
    /// Two files, two folders, REV..REV, or REV (against the work tree); by default HEAD against the work tree
    pub sides: Vec<PathBuf>,
    /// Only below these folders, or these files
    pub paths: Vec<PathBuf>,
    /// Compare with the index instead of the work tree
    pub staged: bool,
    /// Exit with code 1 if there are changes other than noise
    pub exit_code: bool,
    /// List noise too
    pub all: bool,
    /// Print only counts and one line per change
    pub stat: bool,
    /// Print a recording as a short text without noise, for git's diff
    pub textconv: Option<PathBuf>,
    /// Write to this file instead of standard output
    pub output: Option<PathBuf>,
    /// Where the page of --format html can be read
    pub page_url: Option<String>,
}

/// What is compared: where the files are. Their content is read when it is needed, and then dropped.
pub(crate) struct Sides {
    /// What the sides are called.
    pub(crate) names: [String; 2],
    /// How two ambiguous names were read.
    pub(crate) taken_for: Option<&'static str>,
    /// How many files are known to be the same on both sides; they are not read.
    pub(crate) unchanged: usize,
    /// Pairs: files that both sides have at one path, or the only two files that were given.
    pub(crate) together: Vec<(Place, Place)>,
    /// The files that only one side has, for each side, by path.
    pub(crate) alone: [Vec<Place>; 2],
    /// Two files were given: they belong together whatever they hold.
    pub(crate) are_one_file: bool,
    reader: SideReader,
}

/// A file of one side.
pub(crate) struct Place {
    path: String,
    source: Source,
}

/// Where the bytes of a file are.
#[derive(Clone, PartialEq, Eq)]
enum Source {
    Blob(GitContent),
    InStore,
    Named(PathBuf),
}

/// A file as it was read.
pub(crate) struct SideBytes {
    pub(crate) path: String,
    pub(crate) bytes: std::result::Result<Vec<u8>, String>,
}

/// What git gave.
type Blobs = BTreeMap<GitContent, std::result::Result<Vec<u8>, String>>;

/// Reads the files of both sides.
#[derive(Default)]
struct SideReader {
    git: Option<Git>,
    stores: [Option<Store>; 2],
}

/// How many pairs git is asked for at once: each question costs a process, and its answer is held in memory.
const ASKED_OF_GIT: usize = 256;

/// What stands for a file or a folder that is not there; git gives it to its difftool.
const NOTHING: &str = "/dev/null";

/// Finds the files of both sides.
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
            in_git(context, store, git, before, after, &paths)
        }
    }
}

/// Notes that two names of files or folders are also names of revisions.
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

fn in_git(
    context: &Context<'_>,
    store: Store,
    git: Git,
    before: Side,
    after: Side,
    paths: &[PathBuf],
) -> Result<Sides> {
    let names = [before.shown(), after.shown()];
    let taken_for = matches!((&before, &after), (Side::Revision { .. }, Side::Revision { .. })).then_some("revisions");
    let narrow = narrowing(context, &store, paths)?;
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
                store.list(&context.cwd, &[])?.into_iter().map(|file| (file.path, Source::InStore)).collect()
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
        (Source::Blob(_), Some(Source::InStore)) => changed.as_ref().is_some_and(|changed| !changed.contains(path)),
        (source, other) => other == Some(source),
    };
    let unchanged: BTreeSet<String> =
        before_files.iter().filter(|(path, source)| same(path, source)).map(|(path, _)| path.clone()).collect();
    before_files.retain(|path, _| !unchanged.contains(path));
    after_files.retain(|path, _| !unchanged.contains(path));

    let reader = SideReader { git: Some(git), stores: [Some(store.clone()), Some(store)] };
    let sides = Sides::of(names, unchanged.len(), [before_files, after_files], reader);
    Ok(Sides { taken_for, ..sides })
}

/// The selected paths, relative to the root. They may have been deleted.
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
            let place = |path: PathBuf, given: &Path, name: &String| -> Option<Place> {
                (!is_nothing(given)).then(|| Place { path: name.clone(), source: Source::Named(path) })
            };
            let (left, right) = (place(left, before, &names[0]), place(right, after, &names[1]));
            let (together, alone) = match (left, right) {
                (Some(left), Some(right)) => (vec![(left, right)], [vec![], vec![]]),
                (left, right) => (vec![], [left, right].map(Vec::from_iter)),
            };
            let (taken_for, reader) = (Some("files"), SideReader::default());
            Ok(Sides { names, taken_for, unchanged: 0, together, alone, are_one_file: true, reader })
        }
        (is_folder, other) if (is_folder || is_nothing(before)) && (other || is_nothing(after)) => {
            folders(names, [(&left, is_folder), (&right, other)])
        }
        _ => Err(Error::new("a file cannot be compared with a folder")
            .at(format!("{} and {}", names[0], names[1]))
            .hint("give two files or two folders")),
    }
}

/// The files of two folders.
fn folders(names: [String; 2], sides: [(&PathBuf, bool); 2]) -> Result<Sides> {
    let mut stores = [None, None];
    let mut lists: [Vec<RecordingFile>; 2] = [vec![], vec![]];
    for (side, (folder, is_folder)) in sides.into_iter().enumerate() {
        if is_folder {
            let store = Store::open(folder)?;
            lists[side] = store.list(folder, &[])?;
            stores[side] = Some(store);
        }
    }
    // A folder of files that does not have the name of a recordings folder: its files are compared.
    if lists.iter().all(Vec::is_empty) {
        for (list, store) in lists.iter_mut().zip(stores.iter().flatten()) {
            *list = store.list_plain()?;
        }
    }
    // A copy of a recordings folder has another name: the files in it that are named as recordings are compared.
    for (list, store) in lists.iter_mut().zip(&stores).filter(|(list, _)| list.is_empty()) {
        let mut plain = store.as_ref().map(Store::list_plain).transpose()?.unwrap_or_default();
        plain.retain(|file| FileName::parse(file.stem()).key().is_some());
        *list = plain;
    }
    let files = lists.map(|files| files.into_iter().map(|file| (file.path, Source::InStore)).collect());
    let sides = Sides::of(names, 0, files, SideReader { git: None, stores });
    Ok(Sides { taken_for: Some("folders"), ..sides })
}

impl Sides {
    fn of(names: [String; 2], unchanged: usize, files: [BTreeMap<String, Source>; 2], reader: SideReader) -> Self {
        let [before, mut after] = files;
        let (mut together, mut alone) = (vec![], vec![]);
        for (path, source) in before {
            let place = Place { path, source };
            match after.remove_entry(&place.path) {
                Some((path, source)) => together.push((place, Place { path, source })),
                None => alone.push(place),
            }
        }
        let rest = after.into_iter().map(|(path, source)| Place { path, source }).collect();
        Sides { names, taken_for: None, unchanged, together, alone: [alone, rest], are_one_file: false, reader }
    }

    /// Reads pairs, of which one side may be missing, makes something of each on all cores, and drops its bytes.
    pub(crate) fn each<T: Send>(
        &self,
        pairs: &[[Option<&Place>; 2]],
        make: impl Fn([Option<SideBytes>; 2]) -> T + Sync,
    ) -> Result<Vec<T>> {
        let at_once = if self.reader.git.is_some() { ASKED_OF_GIT } else { pairs.len().max(1) };
        let mut made = Vec::with_capacity(pairs.len());
        for pairs in pairs.chunks(at_once) {
            let blobs = self.reader.blobs(pairs)?;
            let read = |pair: &[Option<&Place>; 2]| {
                let [before, after] = *pair;
                let of = |side: usize, place: Option<&Place>| place.map(|place| self.reader.read(side, place, &blobs));
                make([of(0, before), of(1, after)])
            };
            made.extend(pairs.par_iter().map(read).collect::<Vec<T>>());
        }
        Ok(made)
    }
}

impl SideReader {
    fn blobs(&self, pairs: &[[Option<&Place>; 2]]) -> Result<Blobs> {
        let Some(git) = &self.git else { return Ok(Blobs::new()) };
        let content =
            |place: &&Place| if let Source::Blob(content) = &place.source { Some(content.clone()) } else { None };
        git.read_each(pairs.iter().flatten().flatten().filter_map(content))
    }

    fn read(&self, side: usize, place: &Place, blobs: &Blobs) -> SideBytes {
        let path = place.path.clone();
        let bytes = match &place.source {
            Source::Blob(content) => {
                blobs.get(content).cloned().unwrap_or_else(|| Err("git did not give it".to_owned()))
            }
            Source::Named(path) => store::read_any(path),
            Source::InStore => {
                let file = RecordingFile { path: path.clone() };
                self.stores[side].as_ref().map_or_else(
                    || Err("no such folder".to_owned()),
                    |store| store.read(&file).map_err(|why| format!("cannot be read: {why}")),
                )
            }
        };
        SideBytes { path, bytes }
    }
}
