//! Evidence from files: lists of tests, read logs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::evidence::base::NoBase;
use crate::evidence::ids::{KnownIds, file_of};
use crate::evidence::reads::Names;
use crate::evidence::suites::{self, Suite};
use crate::evidence::{Base, Gap, ReadLog, Reads, TestList, read_tests, text_of};
use crate::store::{self, Store};

use crate::context::Context;

/// The content of each file.
#[derive(Debug, Default)]
pub struct EvidenceFiles {
    /// Lists of tests, output of runs, and reports, with the names of their files. How they read depends on the recordings.
    pub lists: Vec<(String, String)>,
    /// Read logs, with the names of their files.
    pub logs: Vec<(String, ReadLog)>,
    /// The lists that `evidence collect` made: nobody searched or cut what pytest printed.
    pub as_printed: BTreeSet<PathBuf>,
}

/// The tests of all lists, by the ids that recordings have.
#[derive(Debug, Default)]
pub struct Collected {
    /// Every id once, in the order of the lists.
    pub ids: Vec<String>,
    /// Those that passed in some run.
    pub passed: BTreeSet<String>,
    /// Those that passed while a read log was written.
    pub passed_in_logs: BTreeSet<String>,
    /// Those that failed in some run: what they read before is not all that they need.
    pub failed: BTreeSet<String>,
    /// Whether any list or log says what passed.
    pub has_results: bool,
    /// The files of lists with pytest's total. Reports, output of runs, and ids without a total do not show what their
    /// arguments left out or where they were cut.
    whole: BTreeSet<String>,
    /// Those of them whose lists `evidence collect` made, without arguments that name tests.
    as_printed: BTreeSet<String>,
    /// Files of which only some functions were collected: those that these roots name, as a suite of OGX leaves the others
    /// out.
    pub filtered: BTreeMap<String, Vec<String>>,
    /// Those of them whose list somebody gave. Pytest's sum does not tell whether such a list was cut, so it proves only
    /// that a function is gone.
    given: BTreeSet<String>,
    /// What each incomplete list lacks.
    pub gaps: Vec<(String, Gap)>,
    /// Lists without a test file that has a recording.
    pub strange: Vec<String>,
}

impl Collected {
    /// Whether a test that is not listed may still exist, because its file defines it. `lacks_functions` says whether a
    /// file defines tests that are not listed: then somebody listed a part of it.
    pub fn may_lack(&self, id: &str, lacks_functions: impl FnOnce(&str) -> bool) -> bool {
        let file = file_of(id);
        !self.whole.contains(file)
            || self.leaves_out(id)
            || self.given.contains(file)
            || (!self.as_printed.contains(file) && lacks_functions(file))
    }

    /// Whether the suites leave out a test of a file that was collected.
    pub fn leaves_out(&self, id: &str) -> bool {
        self.filtered.get(file_of(id)).is_some_and(|roots| !roots.iter().any(|root| suites::holds_test(root, id)))
    }
}

/// The suites of OGX whose roots are known.
fn suites_of(store: &Store) -> Result<Vec<Suite>> {
    let source = store.text_of_file(suites::FILE)?.unwrap_or_default();
    let all = suites::suites(&source).into_iter();
    Ok(all.filter(|suite| suite.complete && suite.roots.iter().any(|root| root.contains("::"))).collect())
}

/// The suite whose filter explains why a list has fewer tests than pytest's total: OGX removes the other tests of the
/// files without telling pytest. Every listed test must belong to one of its roots, and every root must have a listed
/// test, so that a cut or filtered list does not match.
fn filter_of<'s>(suites: &'s [Suite], list: &TestList, ids: &[String]) -> Option<&'s Suite> {
    let has_fewer = list.gaps.iter().any(|gap| matches!(gap, Gap::Count { said, listed } if said > listed));
    suites.iter().filter(|_| has_fewer).find(|suite| {
        let holds = |root: &String, id: &String| suites::holds_test(root, id);
        ids.iter().all(|id| suite.roots.iter().any(|root| holds(root, id)))
            && suite.roots.iter().all(|root| ids.iter().any(|id| holds(root, id)))
    })
}

impl EvidenceFiles {
    /// Reads the files; `-` is standard input.
    pub fn read(context: &Context<'_>, lists: &[PathBuf], logs: &[PathBuf]) -> Result<Self> {
        let read = |file: &PathBuf| {
            if file.as_os_str() == "-" {
                return Ok(("standard input".to_owned(), store::read_stdin()?));
            }
            Ok((file.display().to_string(), store::read_input(&context.cwd.join(file))?))
        };
        let list = |file| read(file).map(|(name, bytes)| (name, text_of(&bytes)));
        let log = |file| read(file).map(|(name, bytes)| (name, ReadLog::parse(&bytes)));
        Ok(EvidenceFiles {
            lists: lists.iter().map(list).collect::<Result<_>>()?,
            logs: logs.iter().map(log).collect::<Result<_>>()?,
            as_printed: BTreeSet::new(),
        })
    }

    /// The tests, by the ids that the recordings of a store have. Each list is matched as a whole.
    pub fn collected<'a>(
        &self,
        context: &Context<'_>,
        store: &Store,
        recorded: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Collected> {
        let suites = suites_of(store)?;
        let mut unfiltered: BTreeSet<String> = BTreeSet::new();
        let mut collected = Collected::default();
        let mut seen = BTreeSet::new();
        // The output of a run completes a list; alone it counts as a list.
        let known = KnownIds::new(recorded.clone());
        let lists: Vec<(&String, TestList)> =
            self.lists.iter().map(|(name, text)| (name, read_tests(text, &known))).collect();
        let mut gaps_of_runs = Vec::new();
        let mut listed: BTreeSet<String> = BTreeSet::new();
        for (name, list) in &lists {
            let base = find_base(name, list.ids.iter().map(String::as_str), recorded.clone())?;
            if base.is_none() && !list.ids.is_empty() {
                collected.strange.push((*name).clone());
            }
            let base = base.unwrap_or(Base::Same);
            let ids: Vec<String> = list.ids.iter().map(|id| base.apply(id)).collect();
            let filter = filter_of(&suites, list, &ids);
            let is_printed = self.as_printed.iter().any(|path| path.display().to_string() == **name);
            let files: BTreeSet<String> = ids.iter().map(|id| file_of(id).to_owned()).collect();
            match &filter {
                Some(suite) => {
                    context.progress.note(&format!(
                        "{name}: the suite {} leaves out the other tests of its files, which pytest counts in its \
                         total",
                        suite.name
                    ));
                    for root in &suite.roots {
                        collected.filtered.entry(file_of(root).to_owned()).or_default().push(root.clone());
                        if !is_printed {
                            collected.given.insert(file_of(root).to_owned());
                        }
                    }
                }
                None => unfiltered.extend(files.iter().cloned()),
            }
            if list.has_total {
                collected.whole.extend(files.iter().cloned());
            }
            if list.has_total && is_printed {
                collected.as_printed.extend(files.iter().cloned());
            }
            collected.ids.extend(ids.into_iter().filter(|id| seen.insert(id.clone())));
            collected.passed.extend(list.passed.iter().map(|id| base.apply(id)));
            collected.failed.extend(list.failed.iter().map(|id| base.apply(id)));
            collected.has_results |= list.has_results;
            let is_explained = |gap: &&Gap| filter.is_some() && matches!(gap, Gap::Count { .. });
            let gaps = list.gaps.iter().filter(|gap| !is_explained(gap));
            let gaps = gaps.map(|gap| ((*name).clone(), gap.clone()));
            if list.has_results {
                gaps_of_runs.extend(gaps.map(|gap| (files.clone(), gap)));
            } else {
                collected.gaps.extend(gaps);
                listed.extend(files);
            }
        }
        // What a run lacks does not matter where a list has its files.
        let mattering = gaps_of_runs.into_iter().filter(|(files, _)| files.is_empty() || !files.is_subset(&listed));
        collected.gaps.extend(mattering.map(|(_, gap)| gap));
        // What another list has whole is not left out.
        collected.filtered.retain(|file, _| !unfiltered.contains(file));
        collected.given.retain(|file| !unfiltered.contains(file));
        for (name, log) in self.logs.iter().filter(|(_, log)| log.has_results) {
            let ids = log.passed.iter().chain(&log.failed).map(String::as_str);
            let base = find_base(name, ids, recorded.clone())?.unwrap_or(Base::Same);
            collected.passed_in_logs.extend(log.passed.iter().map(|id| base.apply(id)));
            collected.failed.extend(log.failed.iter().map(|id| base.apply(id)));
            collected.has_results = true;
        }
        Ok(collected)
    }

    /// Fails for logs that are empty or from another store, and for a cut log if it `must_be_whole`. `paths` are all
    /// recordings of the store.
    pub fn check_logs<'a>(
        &self,
        context: &Context<'_>,
        paths: impl IntoIterator<Item = &'a str>,
        cwd: &str,
        must_be_whole: bool,
    ) -> Result<()> {
        let names = Names::of(paths);
        let invalid = |name: &str, what: &str| Err(Error::new(what).at(name).hint("run the whole replay again"));
        let mut strange = Vec::new();
        for (name, log) in &self.logs {
            if log.lines.is_empty() && log.passed.is_empty() {
                return invalid(name, "the read log is empty");
            }
            if must_be_whole && log.unended.as_ref().is_some_and(|last| names.named(last, cwd).is_empty()) {
                return invalid(name, "the read log is incomplete: its last line is cut");
            }
            if log.lines.iter().all(|line| names.named(line, cwd).is_empty()) {
                strange.push(name);
            }
        }
        if strange.len() == self.logs.len()
            && let Some(name) = strange.first()
        {
            return invalid(name, "the read log does not name a recording of this store");
        }
        // Beside other logs, one that names no recording of this store does not prove that a test ran.
        for name in strange {
            context.progress.note(&format!("{name}: does not name a recording of this store"));
        }
        Ok(())
    }

    /// What the logs say of recordings, given by their paths.
    pub fn reads<'a>(&self, paths: impl IntoIterator<Item = &'a str>, cwd: &str) -> Reads {
        Names::of(paths).reads(self.logs.iter().map(|(_, log)| log), cwd)
    }
}

/// What the ids of a file are relative to, if any of them has a recording.
fn find_base<'a, 'b>(
    name: &str,
    listed: impl Iterator<Item = &'a str>,
    recorded: impl Iterator<Item = &'b str>,
) -> Result<Option<Base>> {
    match Base::find(listed, recorded) {
        Ok(base) => Ok(Some(base)),
        Err(NoBase::Nothing) => Ok(None),
        Err(NoBase::Several(bases)) => {
            let folders = bases.iter().take(3).map(|base| match base {
                Base::Below(folder) | Base::Above(folder) => folder.as_str(),
                Base::Same => ".",
            });
            let folders = folders.collect::<Vec<_>>().join(" or ");
            Err(Error::new(format!("its tests could be below {folders}"))
                .at(name)
                .hint("list them with pytest's --rootdir set to the root"))
        }
    }
}
