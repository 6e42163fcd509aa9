//! `explain`: the key of a request, where its recording is looked up, and why it is not found.

use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::client::bedrock::endpoint::{Endpoint, Host};
use crate::error::{Error, Result};
use crate::miss::Asked;
use crate::recording::Recording;
use crate::recording::exception::is_transient;
use crate::recording::key::RequestKey;
use crate::recording::name::model_ids;
use crate::recording::test_id::TestId;
use crate::rekey;
use crate::report::Report;
use crate::report::explain::{ExplainReport, Listed};
use crate::store::{self, RECORDINGS, RecordingFile, Store};

use crate::context::Context;
use crate::evidence::misses::ReportedMiss;
use crate::jobs::cases::{self, selects};
use crate::jobs::explain::{key, reported, request};
use crate::jobs::index::{self, Entry};
use crate::jobs::nearest;
use key::Meant;
use request::Question;

/// The options of `explain`.
#[derive(Clone, Debug, Default)]
pub struct ExplainOptions {
    /// A JSON file with a request (`-` is standard input), a key or its start, the path of a recording, or a folder,
    /// whose recordings are listed
    pub subject: PathBuf,
    /// The test that missed it; with no subject, the recordings of this test are listed
    pub test: Option<String>,
    /// The output of pytest, or a JUnit report, whose misses are explained instead of a subject
    pub from: Option<PathBuf>,
    /// Case files that may contain the request of a key
    pub cases: Vec<PathBuf>,
    /// Print only the exact text whose SHA-256 is the key
    pub hashed: bool,
    /// Region for a request without a url
    pub region: Option<String>,
}

/// Explains one request.
pub fn run(context: &Context<'_>, options: &ExplainOptions) -> Result<Report> {
    let report = explain(context, options)?;
    if !options.hashed {
        return Ok(Report::Explain(report));
    }
    report.hashed.map(Report::Hashed).ok_or_else(|| {
        Error::new("no recording has this key, so the hashed text is not known")
            .at(options.subject.display())
            .hint("give the request")
    })
}

fn explain(context: &Context<'_>, options: &ExplainOptions) -> Result<ExplainReport> {
    let subject = &options.subject;
    let (region, _) = context.environment.region(options.region.as_deref())?;
    let url = Endpoint::public(Host::Runtime, region).recorded_url();
    if let Some(file) = &options.from {
        return reported::of_log(context, file, &options.cases, &url);
    }
    if let Some(test) = options.test.as_ref().filter(|_| subject.as_os_str().is_empty()) {
        let mut report = of_folder(context, &PathBuf::from("."))?;
        if let Some(recordings) = &mut report.recordings {
            recordings.retain(|listed| listed.test_id.as_deref().is_some_and(|test_id| selects(test, test_id)));
            if recordings.is_empty() {
                return Err(Error::new("no recording belongs to this test").at(test).hint("check --test and --root"));
            }
        }
        return Ok(report);
    }
    if subject.as_os_str() == "-" {
        let question = Question::parse("standard input", &store::read_stdin()?, &url)?;
        return of_request(context, &context.store(&[])?, &question);
    }
    match store::read_any(&context.cwd.join(subject)) {
        _ if store::is_folder(&context.cwd.join(subject)) => of_folder(context, subject),
        Ok(bytes) => {
            let name = subject.display().to_string();
            let whole = store::absolute(&context.cwd.join(subject));
            let is_json = whole.extension().is_some_and(|extension| extension == "json");
            if !is_json || !whole.parent().is_some_and(|folder| folder.ends_with(RECORDINGS)) {
                return of_request(context, &context.store(&[])?, &Question::parse(&name, &bytes, &url)?);
            }
            let store = context.store(std::slice::from_ref(subject))?;
            match store.list(&context.cwd, std::slice::from_ref(subject)) {
                Ok(files) if files.len() == 1 => of_file(context, &store, &files[0], options.hashed),
                // A recording outside the store: only its request can be looked up.
                _ => of_request(context, &store, &Question::parse(&name, &bytes, &url)?),
            }
        }
        Err(why) => {
            let text = subject.to_string_lossy();
            // The path in an error message leads to where the recording is not.
            let name = Path::new(&*text).file_name().and_then(|name| name.to_str()).unwrap_or(&text);
            let Some(meant) = Meant::parse(name).or_else(|| Meant::within(&text)) else {
                let no_key = Error::new(format!("neither a file nor a key: {why}")).at(subject.display());
                return Err(no_key.hint("give a JSON file, a key, the first digits of one, or a recording"));
            };
            let store = context.store(&[])?;
            let cases = cases::read(&context.cwd, &options.cases, &url, store.key_rules())?.good;
            let of_case: Vec<_> = cases.iter().filter(|case| meant.is_key(case.key)).collect();
            meant.is_one(of_case.iter().map(|case| case.key.to_string()))?;
            match of_case.first() {
                Some(case) => of_request(context, &store, &Question::of_case(case)),
                None => of_key(context, &store, &meant, options),
            }
        }
    }
}

/// Explains a request.
fn of_request(context: &Context<'_>, store: &Store, question: &Question) -> Result<ExplainReport> {
    let request = question.request();
    let asked = Asked::of(&request, question.test_id.as_deref(), store.key_rules());
    let mut report = ExplainReport { hashed: Some(request.hashed_text(store.key_rules())), ..ExplainReport::default() };
    look_up(store, &mut report, asked.key, asked.test_id.as_deref(), question.is_list(store.key_rules()))?;
    if report.found.is_empty() {
        miss(context, store, &mut report, asked)?;
    }
    Ok(report)
}

/// Lists the recordings of a folder.
fn of_folder(context: &Context<'_>, folder: &PathBuf) -> Result<ExplainReport> {
    let store = context.store(std::slice::from_ref(folder))?;
    let files = context.recordings(&store, std::slice::from_ref(folder))?;
    let share = files.len().div_ceil(4 * rayon::current_num_threads()).clamp(1, BATCH);
    let recordings = Some(files.par_chunks(share).flat_map_iter(|files| list(&store, files)).collect());
    Ok(ExplainReport { recordings, is_answered: true, ..ExplainReport::default() })
}

/// How many recordings are listed together.
const BATCH: usize = 256;

/// What is said of a recording: its key, and places in the text of all.
struct ListedPlaces {
    test_id: Option<Range<usize>>,
    key: Option<RequestKey>,
    answer: Range<usize>,
}

/// Lists recordings. What is said of each is held in one text until all are read: small texts that stay, among trees that go,
/// leave memory in pieces, and the more recordings there are the longer each takes to find room.
fn list(store: &Store, files: &[RecordingFile]) -> Vec<Listed> {
    let mut texts = String::new();
    let mut add = |text: &str| {
        let start = texts.len();
        texts.push_str(text);
        start..texts.len()
    };
    let mut said = Vec::with_capacity(files.len());
    for file in files {
        let whole = store.read(file).and_then(|bytes| Recording::parse(&bytes).map_err(|flaw| flaw.to_string()));
        said.push(match whole {
            Ok(recording) => {
                let test_id = recording.test_id().map(&mut add);
                let key = Some(recording.key(store.key_rules()));
                ListedPlaces { test_id, key, answer: add(&rekey::describe(&recording)) }
            }
            Err(why) => ListedPlaces { test_id: None, key: None, answer: add(&why) },
        });
    }
    let listed = |(file, said): (&RecordingFile, ListedPlaces)| Listed {
        path: file.path.clone(),
        test_id: said.test_id.map(|place| texts[place].to_owned()),
        key: said.key.map(|key| key.to_string()),
        answer: texts[said.answer].to_owned(),
    };
    files.iter().zip(said).map(listed).collect()
}

/// Explains a recording: its request, and whether a replay of that finds it.
fn of_file(context: &Context<'_>, store: &Store, file: &RecordingFile, only_hashed: bool) -> Result<ExplainReport> {
    let entry = index::read(context, store, std::slice::from_ref(file)).into_iter().next();
    let entry = match entry {
        Some(Ok(entry)) => entry,
        Some(Err(unreadable)) => {
            let hint = "`bedrock-fixtures verify` says more";
            return Err(Error::new(unreadable.reason).at(&file.path).hint(hint));
        }
        None => return Err(Error::new("no recording").at(&file.path)),
    };
    of_entry(store, &entry, only_hashed)
}

fn of_entry(store: &Store, entry: &Entry, only_hashed: bool) -> Result<ExplainReport> {
    let request = entry.outline().request();
    let asked = Asked::of(&request, entry.test_id(), store.key_rules());
    let mut report = ExplainReport {
        path: Some(entry.file.path.clone()),
        hashed: Some(request.hashed_text(store.key_rules())),
        ..ExplainReport::default()
    };
    if only_hashed {
        return Ok(report);
    }
    look_up(store, &mut report, asked.key, asked.test_id.as_deref(), entry.is_list())?;
    if !report.found.contains(&entry.file.path) {
        report.is_answered = false;
        let shadowed = || report.found.first().map(|other| format!("{other} answers its request"));
        report.cause = nearest::out_of_reach(store, entry).or_else(shadowed).or(report.cause);
        if entry.test_id().is_none() && report.cause.is_none() {
            let folder = entry.file.folder();
            report.cause = Some(format!(
                "a recording without a test id is looked up in the common folder, but this one is in {folder}"
            ));
        }
    }
    Ok(report)
}

/// Explains a key, or its first digits.
fn of_key(context: &Context<'_>, store: &Store, meant: &Meant, options: &ExplainOptions) -> Result<ExplainReport> {
    let only_hashed = options.hashed;
    let files = store.list(&context.cwd, &[])?;
    let named = files.iter().filter(|file| meant.is_name(file.stem())).collect::<Vec<_>>();
    meant.is_one(named.iter().map(|file| key::digits(file.stem()).to_owned()))?;
    if let Some(file) = named.first() {
        return of_file(context, store, file, only_hashed);
    }
    // A recording under another name may still be of this request.
    let entries: Vec<Entry> = index::read(context, store, &files).into_iter().flatten().collect();
    let same: Vec<&Entry> = entries.iter().filter(|entry| meant.is_key(entry.key())).collect();
    meant.is_one(same.iter().map(|entry| entry.key().to_string()))?;
    if let Some(entry) = same.first() {
        return of_entry(store, entry, only_hashed);
    }
    let mut folders: Vec<&str> = files.iter().map(RecordingFile::folder).collect();
    folders.dedup();
    let looked_up = folders.iter().map(|folder| format!("{folder}/{}", meant.file_name())).collect();
    // A key does not tell what was asked; the recordings of the test that asked are what it should have found.
    let unknown = ReportedMiss::default();
    let of_test = options.test.as_deref().map_or(vec![], |test| reported::of_test(&entries, test, store, &unknown));
    let cause = meant
        .older(&entries, store.key_rules())
        .unwrap_or_else(|| reported::missing_cause(options.test.is_some(), of_test.len()));
    let (test_id, key) = (options.test.clone(), meant.to_string());
    Ok(ExplainReport { test_id, key, looked_up, nearest: of_test, cause: Some(cause), ..ExplainReport::default() })
}

/// Fills in where a replay looks, and what it finds.
fn look_up(
    store: &Store,
    report: &mut ExplainReport,
    key: RequestKey,
    test_id: Option<&str>,
    is_list: bool,
) -> Result<()> {
    let place = test_id.map(TestId::parse).transpose();
    let place = place.map_err(|why| Error::new(why.to_string()).hint("give a pytest node id, or null"))?;
    report.key = key.to_string();
    report.test_id = test_id.map(str::to_owned);
    report.looked_up = store.looked_up(key, place.as_ref(), is_list);
    let found = store.find(key, place.as_ref(), is_list)?;
    report.is_answered = !found.is_empty();
    for file in found {
        let whole = store.read(&file).and_then(|bytes| Recording::parse(&bytes).map_err(|flaw| flaw.to_string()));
        let answer = match &whole {
            Ok(recording) if is_list => match model_ids(recording).len() {
                1 => "lists 1 model".to_owned(),
                count => format!("lists {count} models"),
            },
            Ok(recording) => rekey::describe(recording),
            Err(why) => why.clone(),
        };
        let status = whole.as_ref().ok().and_then(|recording| recording.response().exception?.status());
        let fault = match (&whole, status) {
            (Err(why), _) => Some(format!("{} cannot be replayed: {why}", file.path)),
            (_, Some(status)) if is_transient(status) => Some(format!(
                "the recording contains HTTP {status}, which is a transient error and not an answer to the request; \
                 record it again"
            )),
            _ => None,
        };
        if let Some(fault) = fault {
            report.is_answered = false;
            report.cause.get_or_insert(fault);
        } else if whole.is_ok_and(|recording| recording.key(store.key_rules()) != key) {
            let edited = format!("{} has the right name, but its request was edited since", file.path);
            report.cause.get_or_insert(edited);
        }
        report.found.push(file.path);
        report.answers.push(answer);
    }
    Ok(())
}

/// Fills in what comes nearest.
fn miss(context: &Context<'_>, store: &Store, report: &mut ExplainReport, asked: Asked) -> Result<()> {
    for missing in nearest::explain(context, store, &[asked])? {
        report.nearest = missing.nearest;
        report.cause = missing.cause;
    }
    Ok(())
}
