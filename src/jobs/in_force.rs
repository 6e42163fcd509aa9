//! Reads the configuration of the root, and finds which recorder and SDK are in force there.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rayon::prelude::*;

use crate::context::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::jobs::index;
use crate::later::Later;
use crate::recording::Recording;
use crate::recording::version::Version;
use crate::report::RecorderRow;
use crate::settings::detect::{InForce, RecordedSdk, RecorderEvidence, Unread};
use crate::settings::file::{self, ConfigHome, Settings};
use crate::settings::lock::{self, Versions};
use crate::store::{self, RecordingFile, Store};

const PYPROJECT: &str = "pyproject.toml";

/// The lock files, in the order in which they are asked.
const LOCK_FILES: [&str; 3] = ["uv.lock", "poetry.lock", "pdm.lock"];

/// Which configuration is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// That of the root, if there is one.
    #[default]
    OfRoot,
    /// This file.
    File(PathBuf),
    /// None.
    Nothing,
}

/// The facts that are settled before a command runs.
#[derive(Clone, Copy, Debug)]
pub struct RecorderQuery<'a> {
    /// `--root`.
    pub root: Option<&'a Path>,
    /// The current folder.
    pub cwd: &'a Path,
    /// The environment.
    pub environment: &'a Environment,
    /// The configuration.
    pub which: &'a Which,
    /// `--ogx`.
    pub ogx: Option<Version>,
    /// `--openai-sdk`.
    pub openai_sdk: Option<Version>,
    /// Whether recordings may be read for what they name, which takes time in a large store.
    pub ask_recordings: bool,
}

/// What holds for a command.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The configuration.
    pub settings: Settings,
    /// The recorder and the SDK. What recordings name is read when somebody asks.
    pub in_force: Later<InForce>,
    /// What recordings name. A command that reads all of them anyway gives it, and they are read once.
    pub recorded: Later<RecordedSdk>,
    /// What was found but not used, such as a range of versions.
    pub notes: Vec<String>,
}

/// Reads the configuration and finds the recorder.
pub fn settle(question: &RecorderQuery<'_>) -> Result<Settled> {
    // A root that does not exist yet has no configuration.
    let store = match Store::for_command(question.root, question.cwd, &[]) {
        Err(error) if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Io(io::ErrorKind::NotFound)) => None,
        other => Some(other?),
    };
    let settings = configuration(question, store.as_ref())?;
    recorder(question, store.as_ref(), settings)
}

/// The defaults, for help and completions, which a bad configuration file must not stop.
pub fn settle_without_file(question: &RecorderQuery<'_>) -> Settled {
    let store = Store::for_command(question.root, question.cwd, &[]).ok();
    recorder(question, store.as_ref(), Settings::default()).unwrap_or_else(|_| Settled {
        settings: Settings::default(),
        in_force: Later::now(InForce::newest()),
        recorded: Later::now(RecordedSdk::default()),
        notes: vec![],
    })
}

fn configuration(question: &RecorderQuery<'_>, store: Option<&Store>) -> Result<Settings> {
    match (question.which, store) {
        (Which::File(path), _) => {
            let bytes = store::read_input(&question.cwd.join(path))?;
            let is_pyproject = path.file_name().is_some_and(|name| name == PYPROJECT);
            let form = if is_pyproject { ConfigHome::Pyproject } else { ConfigHome::Own };
            let name = path.display().to_string();
            let settings = Settings::read(&name, &text(&name, bytes)?, form)?;
            settings.ok_or_else(|| Error::new("no table [tool.bedrock-fixtures]").at(name))
        }
        (Which::OfRoot, Some(store)) => {
            let read = |name: &str, form| -> Result<Option<Settings>> {
                if !store.exists(name) {
                    return Ok(None);
                }
                let bytes = read(store, name).map_err(|error| Error::new(error).at(name))?;
                Settings::read(name, &text(name, bytes)?, form)
            };
            let own = read(file::FILE, ConfigHome::Own)?;
            // Other tools report a pyproject.toml that is not valid TOML, unless it configures this tool too.
            let other = match read(PYPROJECT, ConfigHome::Pyproject) {
                Err(error) if !mentions_this_tool(store) => {
                    drop(error);
                    None
                }
                other => other?,
            };
            match (own, other) {
                (Some(_), Some(other)) => Err(Error::new("the root has two configurations")
                    .at(format!("{} and {}", file::FILE, other.source))
                    .hint("keep one of them")),
                (own, other) => Ok(own.or(other).unwrap_or_default()),
            }
        }
        _ => Ok(Settings::default()),
    }
}

fn mentions_this_tool(store: &Store) -> bool {
    let bytes = read(store, PYPROJECT).unwrap_or_default();
    String::from_utf8_lossy(&bytes).contains("bedrock-fixtures")
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| Error::new("not UTF-8").at(name))
}

fn read(store: &Store, name: &str) -> std::result::Result<Vec<u8>, String> {
    store.read(&RecordingFile { path: name.to_owned() })
}

fn recorder(question: &RecorderQuery<'_>, store: Option<&Store>, settings: Settings) -> Result<Settled> {
    let mut notes = vec![];
    let mut evidence = vec![
        RecorderEvidence { source: "--ogx".to_owned(), versions: Versions { ogx: question.ogx, openai: None } },
        RecorderEvidence {
            source: "--openai-sdk".to_owned(),
            versions: Versions { ogx: None, openai: question.openai_sdk },
        },
        RecorderEvidence {
            source: settings.source.clone(),
            versions: Versions { ogx: settings.ogx, openai: settings.openai_sdk },
        },
    ];
    let mut add = |source: &str, versions| evidence.push(RecorderEvidence { source: source.to_owned(), versions });
    if let Some(store) = store {
        // A source that cannot be read may name another version than the next one.
        let text = |name: &str| store.text_of_file(name);
        let project = text(PYPROJECT)?.map(|text| lock::project(&text)).unwrap_or_default();
        // The tree of OGX itself: its lock file has the SDK, and may have an older version of the project.
        add(PYPROJECT, Versions { ogx: project.own, openai: None });
        for name in LOCK_FILES {
            if let Some(text) = text(name)? {
                add(name, lock::packages(&text));
            }
        }
        let names = store::folder_names(store.root())?;
        for name in names.iter().filter(|name| name.starts_with("requirements") && name.ends_with(".txt")) {
            if let Some(text) = text(name)? {
                add(name, lock::requirements(&text));
            }
        }
        add(PYPROJECT, project.pinned);
        notes.extend(
            project.ranges.iter().map(|range| format!("{PYPROJECT} requires {range}, which is not one version")),
        );
    }
    for (name, folder) in python_environments(question.environment, question.cwd, store) {
        let packages = store::site_packages(&folder)?;
        add(&name, lock::installed(packages.iter().map(String::as_str)));
    }
    let asked = store.filter(|_| question.ask_recordings).cloned();
    let recorded = Later::of(move || asked.as_ref().map(newest_recorded).unwrap_or_default());
    let names_sdk = evidence.iter().any(|one| one.versions.openai.is_some());
    let of_store = recorded.clone();
    let find = move || {
        let mut unread = Unread::default();
        let newest = || {
            let recorded = of_store.get();
            unread = recorded.unread.clone();
            recorded.newest
        };
        let in_force = InForce::of(&evidence, newest);
        InForce { unread, ..in_force }
    };
    let in_force = Later::of(find);
    if names_sdk {
        // Known without the recordings, so nobody has to wait for them.
        in_force.get();
    }
    Ok(Settled { settings, in_force, recorded, notes })
}

/// What reports say of the recorder.
pub fn recorder_row(in_force: &InForce) -> RecorderRow {
    let differ = in_force.ogx_source != in_force.openai_source;
    RecorderRow {
        ogx: in_force.ogx.to_string(),
        openai_sdk: in_force.openai.to_string(),
        source: in_force.source().to_owned(),
        ogx_source: differ.then(|| in_force.ogx_source.clone()),
        openai_sdk_source: differ.then(|| in_force.openai_source.clone()),
    }
}

/// The Python environments that tests may run in, each with its name: the active ones, then that of the root.
fn python_environments(environment: &Environment, cwd: &Path, store: Option<&Store>) -> Vec<(String, PathBuf)> {
    let variable = |name: &str| Some((name.to_owned(), cwd.join(environment.get(name)?)));
    let own = store.map(|store| (".venv".to_owned(), store.root().join(".venv")));
    [variable("VIRTUAL_ENV"), variable("CONDA_PREFIX"), own].into_iter().flatten().collect()
}

/// Whether a Python package is known to be installed where tests run.
pub(crate) fn has_package(environment: &Environment, cwd: &Path, store: &Store, package: &str) -> bool {
    let is_it = |name: &String| {
        name.strip_prefix(package).is_some_and(|rest| rest.starts_with('-') && name.ends_with(".dist-info"))
    };
    python_environments(environment, cwd, Some(store))
        .iter()
        .any(|(_, folder)| store::site_packages(folder).unwrap_or_default().iter().any(is_it))
}

/// The newest SDK that the recordings name. The time of a file is that of the checkout, so the version itself decides.
///
/// Few files have to be parsed for it: a file can name none that is newer than the newest in its text.
fn newest_recorded(store: &Store) -> RecordedSdk {
    index::make_threads();
    let (unlisted, unread) = (OnceLock::new(), OnceLock::new());
    let failed = |file: &RecordingFile, why: String| {
        drop(unread.set(Error::new(format!("cannot be read: {why}")).at(&file.path)))
    };
    let bound = |buffer: &mut Vec<u8>, file: RecordingFile| {
        let bytes = store.read_into(&file, buffer).map_err(|why| failed(&file, why)).ok()?;
        Some((newest_in_text(bytes)?, file))
    };
    let listed = store.walk().filter_map(|file| file.map_err(|error| drop(unlisted.set(error))).ok());
    let mut files: Vec<(Version, RecordingFile)> = listed.par_bridge().map_init(Vec::new, bound).flatten().collect();
    files.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
    let mut newest = None;
    for (bound, file) in files {
        if newest >= Some(bound) {
            break;
        }
        let bytes = store.read(&file).map_err(|why| failed(&file, why)).ok();
        let named = bytes.and_then(|bytes| Recording::parse(&bytes).ok()?.sdk_version());
        newest = newest.max(named);
    }
    // Of those that could be read, one is as good as another; a list that ended early may lack all of them.
    let unread = unread.into_inner().filter(|_| newest.is_none());
    RecordedSdk { newest, unread: Unread { unlisted: unlisted.into_inner(), unread } }
}

/// The newest version that stands anywhere in a text under a name that recorders give to that of the SDK.
fn newest_in_text(bytes: &[u8]) -> Option<Version> {
    let names = memchr::memmem::find_iter(bytes, b"\"openai_sdk_");
    let value = |at: usize| {
        let mut quoted = bytes[at + 1..].split(|byte| *byte == b'"').skip(2);
        std::str::from_utf8(quoted.next()?).ok()?.parse().ok()
    };
    names.filter_map(value).max()
}
