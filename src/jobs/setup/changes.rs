//! `init`: what a repository needs so that its recordings are checked, diffed and made easily.

use crate::error::Result;
use crate::evidence::stack::{self, Stack};
use crate::report::init::{ChangeStatus, InitReport, SetupChange};
use crate::report::{Report, Severity};

use crate::context::Context;
use crate::jobs::in_force;
use crate::jobs::project::{LOCAL_STACK, PRE_COMMIT, Project, ProjectKind};
use crate::jobs::setup::hooks::{self, HookForm, HookSetting};
use crate::jobs::setup::part::Part;
use crate::jobs::setup::planned::{Act, Planned, refused, settled, skipped, written};
use crate::jobs::setup::{files, pre_commit, stack_file};
use crate::jobs::verify::check::{self, VerifyOptions};
use crate::recording::version::Version;
use crate::settings::file::FILE;
use crate::store::{self, output};

const ATTRIBUTES: &str = ".gitattributes";
const IGNORED: &str = ".gitignore";
const CASES: &str = "cases.jsonl";

/// Where the findings of today are listed, so that the hook fails on new ones only.
const BASELINE: &str = "bedrock-fixtures-baseline.json";

/// The setting by which git shows recordings without their noise.
const TEXTCONV: [&str; 2] = [
    "diff.bedrock-fixtures.textconv",
    // If the program is not installed, git shows the raw file.
    "f() { command -v bedrock-fixtures >/dev/null && exec bedrock-fixtures diff --textconv \"$1\"; cat \"$1\"; }; f",
];

/// What this tool set before: it fails where the program is not installed.
const OLD_TEXTCONV: &str = "bedrock-fixtures diff --textconv";

/// The options of `init`.
#[derive(Clone, Debug, Default)]
pub struct InitOptions {
    /// Make all changes without asking
    pub yes: bool,
    /// Only show the changes
    pub dry_run: bool,
    /// Only these changes
    pub only: Vec<Part>,
    /// Region of the stack configuration, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2
    pub region: Option<String>,
    /// Model of the stack configuration and the case file
    pub model: String,
    /// How the hooks are installed, by default as the program itself was
    pub hooks: Option<HookForm>,
}

/// What makes a pytest project replay without the plugin.
const CONFTEST: &str = include_str!("conftest.py");

/// Plans the changes, and makes those that are confirmed.
pub fn run(context: &Context<'_>, options: &InitOptions) -> Result<Report> {
    let place = Project::of(context)?;
    let (region, _) = context.environment.region(options.region.as_deref())?;
    let configured = context.settings.source.clone();
    let has_torch = in_force::has_package(&context.environment, &context.cwd, &place.store, "torch");
    let form = match &options.hooks {
        Some(form) => form.clone(),
        None => hooks::form_by_install(context.program.as_deref())?,
    };
    let init = Init {
        context,
        place: &place,
        options,
        form,
        region: region.to_string(),
        configured,
        ogx: context.in_force.get().ogx,
        has_torch,
    };
    // The plugin does not need a conftest, so it is written only on request.
    let wanted = |part: Part| match options.only.is_empty() {
        true => part != Part::Conftest,
        false => options.only.contains(&part),
    };
    let parts = Part::ALL.map(|(part, ..)| part);
    let mut planned = Vec::new();
    for part in parts.into_iter().filter(|part| wanted(*part)) {
        let more = init.plan(part, &planned)?;
        planned.extend(more);
    }
    let kind = match place.kind {
        ProjectKind::Ogx(_) => "ogx",
        ProjectKind::Pytest => "pytest",
        ProjectKind::Plain => "plain",
    };
    if !options.dry_run {
        place.store.remove_leftovers();
    }
    let mut report = InitReport { kind, changes: vec![], next: vec![], shown: false };
    let mut takes_hooks = true;
    for mut one in planned {
        // Without the hooks nothing needs the baseline, and no configuration may name it.
        if !takes_hooks && one.change.name == "config" {
            one = init.config(None)?;
        }
        let Planned { mut change, act } = one;
        if change.status == ChangeStatus::Planned && !options.dry_run {
            let answer = match change.name {
                _ if options.yes => Some(true),
                // It goes with the hooks.
                "baseline" if report.shown => Some(takes_hooks),
                _ => ask(context, kind, &change, &mut report.shown),
            };
            match answer {
                Some(true) => {
                    init.make(&act)?;
                    change.status = ChangeStatus::Written;
                }
                Some(false) => change.status = ChangeStatus::Declined,
                None => {}
            }
            takes_hooks &= change.name != "hooks" || change.status != ChangeStatus::Declined;
        }
        report.changes.push(change);
    }
    let hooks = report.changes.iter().any(|change| change.name == "hooks" && change.status != ChangeStatus::Declined);
    if hooks
        && init.form != HookForm::Local
        && place.git.as_ref().is_some_and(|git| git.hook_path("pre-commit").is_ok_and(|path| !store::is_file(&path)))
    {
        report.next.push("pre-commit install".to_owned());
    }
    if report.count(ChangeStatus::Written) > 0 {
        report.next.push("bedrock-fixtures doctor".to_owned());
    }
    Ok(Report::Init(report))
}

/// Shows one change and asks about it.
fn ask(context: &Context<'_>, kind: &'static str, change: &SetupChange, shown: &mut bool) -> Option<bool> {
    let one = InitReport { kind, changes: vec![change.clone()], next: vec![], shown: false };
    let answer = context.progress.confirm_plan(&Report::Init(one), "Make this change?");
    *shown |= answer.is_some();
    answer
}

struct Init<'a> {
    context: &'a Context<'a>,
    place: &'a Project,
    options: &'a InitOptions,
    /// How the hooks are installed.
    form: HookForm,
    region: String,
    /// Which configuration there is; empty if there is none.
    configured: String,
    /// The version of OGX in force.
    ogx: Version,
    /// Whether torch is installed where tests run.
    has_torch: bool,
}

impl Init<'_> {
    fn plan(&self, part: Part, before: &[Planned]) -> Result<Vec<Planned>> {
        match part {
            Part::Hooks => self.hooks(),
            Part::Attributes => self.attributes(),
            Part::Textconv => Ok(vec![self.textconv()]),
            Part::Stack => self.stack(),
            Part::Cases => self.cases(),
            Part::Config => {
                let has_baseline = before.iter().any(|planned| planned.change.name == "baseline");
                Ok(vec![self.config(has_baseline.then_some(BASELINE))?])
            }
            Part::Conftest => Ok(vec![self.conftest()?]),
        }
    }

    fn make(&self, act: &Act) -> Result<()> {
        match (act, &self.place.git) {
            (Act::Write { path, old, new }, _) => self.place.store.write_text(path, old.as_deref(), new),
            (Act::Set, Some(git)) => git.set(TEXTCONV[0], TEXTCONV[1]),
            (Act::Hook(path), _) => output::write(path, hooks::SCRIPT.as_bytes(), output::Readers::Program),
            (Act::Baseline, _) => {
                let file = self.place.store.root().join(BASELINE);
                let options = VerifyOptions { write_baseline: Some(file), ..VerifyOptions::default() };
                check::run(self.context, &options).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn hooks(&self) -> Result<Vec<Planned>> {
        if self.form == HookForm::Local {
            return Ok(vec![self.hook_of_clone()?]);
        }
        if !self.place.store.is_there(".git")? {
            return Ok(vec![match self.place.git {
                Some(_) => skipped("hooks", Some(PRE_COMMIT), "not the top of the git work tree", "run init there"),
                None => self.without_git("hooks", Some(PRE_COMMIT)),
            }]);
        }
        let old = self.place.bytes(PRE_COMMIT)?;
        let known = self.baseline()?;
        let baseline = known.as_ref().and_then(|known| known.change.path.clone());
        let setting = HookSetting { form: self.form.clone(), baseline };
        let hooks = match pre_commit::plan(old.as_deref(), &setting) {
            pre_commit::HooksPlan::Settled => {
                return Ok(vec![settled("hooks", Some(PRE_COMMIT), "it runs bedrock-fixtures already")]);
            }
            pre_commit::HooksPlan::Write(new) => {
                let mut planned = written("hooks", PRE_COMMIT, old, new);
                let is_chosen = self.options.hooks.is_none() && self.form != HookForm::System;
                planned.change.reason = is_chosen.then(|| hooks::FROM_INDEX.to_owned());
                planned
            }
            pre_commit::HooksPlan::Unclear(why) => {
                let add = "add the hooks by hand: a `local` repo with the entries `bedrock-fixtures verify` and \
                           `bedrock-fixtures replay-check`";
                return Ok(vec![refused("hooks", PRE_COMMIT, &format!("{why}; {add}"))]);
            }
        };
        Ok([hooks].into_iter().chain(known).collect())
    }

    /// The list of the current errors, which would fail the hook. A configured baseline applies to it anyway.
    fn baseline(&self) -> Result<Option<Planned>> {
        if self.context.settings.baseline.is_some() || self.place.store.walk().next().is_none() {
            return Ok(None);
        }
        if self.place.store.is_there(BASELINE)? {
            return Ok(Some(settled("baseline", Some(BASELINE), "it is there, and left as it is")));
        }
        let Report::Verify(report) = check::run(self.context, &VerifyOptions::default())? else { return Ok(None) };
        let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let mut planned = settled(
            "baseline",
            Some(BASELINE),
            &format!("it lists the errors of today ({errors}), so that the hook fails on new ones only"),
        );
        (planned.change.status, planned.act) = (ChangeStatus::Planned, Act::Baseline);
        Ok((errors > 0).then_some(planned))
    }

    /// The hook of git that changes nothing for others.
    fn hook_of_clone(&self) -> Result<Planned> {
        let Some(git) = &self.place.git else { return Ok(self.without_git("hooks", None)) };
        let path = git.hook_path("pre-commit")?;
        let shown = path.strip_prefix(self.place.store.root()).unwrap_or(&path).display().to_string();
        let is_shared = !path.starts_with(git.own_folder()) && !shown.starts_with(".git/");
        let old = store::read_text(&path)?;
        let mut planned = match old {
            Some(text) if hooks::runs_ours(&text) => settled("hooks", None, "it runs bedrock-fixtures already"),
            Some(_) => refused(
                "hooks",
                PRE_COMMIT,
                "git has a hook already; add the line `bedrock-fixtures verify --staged` to it",
            ),
            None if is_shared => refused(
                "hooks",
                PRE_COMMIT,
                "core.hooksPath names a folder that others share; add a hook there by hand",
            ),
            None => {
                let mut planned = written("hooks", PRE_COMMIT, None, hooks::SCRIPT.as_bytes().to_vec());
                planned.act = Act::Hook(path);
                planned
            }
        };
        planned.change.diff = planned.change.diff.map(|diff| diff.replace(PRE_COMMIT, &shown));
        planned.change.path = Some(shown);
        Ok(planned)
    }

    /// The change that adds a line to a file.
    fn with_line(&self, name: &'static str, path: &'static str, line: &str) -> Result<Planned> {
        let old = self.place.bytes(path)?;
        Ok(match files::with_line(old.as_deref(), line) {
            Ok(new) => written(name, path, old, new),
            Err(why) => refused(name, path, &format!("{why}; then add the line `{line}`")),
        })
    }

    fn config(&self, baseline: Option<&str>) -> Result<Planned> {
        let there = if self.place.store.is_there(FILE)? { FILE } else { &self.configured };
        Ok(if there.is_empty() {
            written("config", FILE, None, files::config(self.options.region.as_deref(), baseline).into_bytes())
        } else {
            settled("config", Some(FILE), &format!("{there} exists already"))
        })
    }

    fn conftest(&self) -> Result<Planned> {
        const PATH: &str = "conftest.py";
        Ok(match self.place.store.is_there(PATH)? {
            false => written("conftest", PATH, None, CONFTEST.as_bytes().to_vec()),
            true => {
                settled("conftest", Some(PATH), "conftest.py exists already; the plugin of the wheel does not need it")
            }
        })
    }

    /// A change that needs git where there is none, or where git says that it cannot be asked.
    fn without_git(&self, name: &'static str, path: Option<&str>) -> Planned {
        match &self.place.git_error {
            Some(error) => skipped(name, path, &error.to_string(), "run init again when git works here"),
            None => skipped(name, path, "not a git work tree", "run `git init`, then init again"),
        }
    }

    fn attributes(&self) -> Result<Vec<Planned>> {
        let Some(git) = &self.place.git else {
            return Ok(vec![self.without_git("attributes", Some(ATTRIBUTES))]);
        };
        let found = git.attributes(&self.place.some_recording(), &["diff", "linguist-generated", "text"])?;
        let is = |name: &str| found.get(name).map_or("unspecified", String::as_str);
        let missing: Vec<&str> = [
            (is("diff") != "bedrock-fixtures", "diff=bedrock-fixtures"),
            (is("linguist-generated") == "unspecified", "linguist-generated"),
            // Not `text`: the bytes are as they should be, on every system and in both directions.
            (is("text") != "unset", "-text"),
        ]
        .into_iter()
        .filter_map(|(is_missing, word)| is_missing.then_some(word))
        .collect();
        if missing.is_empty() {
            return Ok(vec![settled("attributes", Some(ATTRIBUTES), "recordings have their attributes already")]);
        }
        let line = format!("**/recordings/*.json {}", missing.join(" "));
        Ok(vec![self.with_line("attributes", ATTRIBUTES, &line)?])
    }

    fn textconv(&self) -> Planned {
        let [name, value] = TEXTCONV;
        let command = Some(format!("git config {name} '{value}'"));
        let (status, reason, act) = match self.place.git.as_ref().map(|git| git.setting(name)) {
            None => return self.without_git("textconv", None),
            Some(Err(error)) => (ChangeStatus::Refused, Some(error.to_string()), Act::Nothing),
            Some(Ok(Some(found))) if found == value => {
                (ChangeStatus::Unchanged, Some("set already".to_owned()), Act::Nothing)
            }
            Some(Ok(Some(found))) if found == OLD_TEXTCONV => (ChangeStatus::Planned, None, Act::Set),
            Some(Ok(Some(_))) => {
                (ChangeStatus::Unchanged, Some(format!("{name} is set to something else")), Act::Nothing)
            }
            Some(Ok(None)) => (ChangeStatus::Planned, None, Act::Set),
        };
        Planned { change: SetupChange { name: "textconv", path: None, command, status, reason, diff: None }, act }
    }

    fn stack(&self) -> Result<Vec<Planned>> {
        let ProjectKind::Ogx(package) = self.place.kind else { return Ok(vec![]) };
        let mut planned = Vec::new();
        if self.place.store.is_there(LOCAL_STACK)? {
            planned.push(settled("stack", Some(LOCAL_STACK), "the file exists already, and is not changed"));
        } else {
            let ci = self.place.text(&format!("src/{package}/distributions/ci-tests/config.yaml"))?;
            let ci: Option<Stack> = ci.map(|text| stack::read(&text));
            let new = stack_file::text(&stack_file::Setting {
                region: &self.region,
                model: &self.options.model,
                ogx: self.ogx,
                ci: ci.as_ref(),
                has_torch: self.has_torch,
            });
            planned.push(written("stack", LOCAL_STACK, None, new.into_bytes()));
        }
        if let Some(git) = &self.place.git {
            if git.tracks(LOCAL_STACK)? || git.ignores(LOCAL_STACK)? {
                planned.push(settled("ignore", Some(IGNORED), "nothing to add"));
            } else {
                planned.push(self.with_line("ignore", IGNORED, &format!("/{LOCAL_STACK}"))?);
            }
        }
        Ok(planned)
    }

    fn cases(&self) -> Result<Vec<Planned>> {
        if self.place.store.is_there(CASES)? {
            return Ok(vec![settled("cases", Some(CASES), "the file exists already, and is not changed")]);
        }
        let folder =
            if matches!(self.place.kind, ProjectKind::Ogx(_)) { "tests/integration/inference" } else { "tests" };
        Ok(vec![written("cases", CASES, None, files::cases(folder, &self.options.model).into_bytes())])
    }
}
