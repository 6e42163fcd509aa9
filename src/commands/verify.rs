//! `verify`: nothing wrong in the store.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, TypedValueParser};

use crate::context::Context;
use crate::error::Result;
use crate::jobs::verify::check::{self, VerifyOptions};
use crate::report::{Report, RuleId};
use crate::rules::RULES;

/// Check recordings: format, file name, place, completeness, secrets
///
/// Use it before a commit and in CI. A recording's file name is a hash of its request, so an edit, a rename or a
/// search-and-replace silently makes it unreachable; verify shows which files, why, and what to do. It also finds
/// secrets, errors stored as answers, and content that only fills diffs.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "Examples:
  bedrock-fixtures verify
  bedrock-fixtures verify --staged --format github
  bedrock-fixtures verify --fix tests/integration/inference")]
pub struct VerifyArgs {
    /// Files or folders to check instead of every recording below the root
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Fail for warnings too, and also find untidy content
    #[arg(long)]
    strict: bool,
    /// Fix what is safe to fix: layout, rec- ids, times
    #[arg(long, conflicts_with = "staged")]
    fix: bool,
    /// Show for each wrong name which algorithm or edit explains it
    #[arg(long)]
    explain: bool,
    /// Print the table of rules and check nothing
    #[arg(long)]
    rules: bool,
    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = RuleParser, hide_possible_values = true)]
    select: Vec<RuleId>,
    /// All rules except these
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = RuleParser, hide_possible_values = true)]
    ignore: Vec<RuleId>,
    /// Not a secret: the id of a finding of the rule `secret`, which --format json and `record` show
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    allow_secret: Vec<String>,
    /// Leave out the findings that FILE lists
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the current findings to FILE, for --baseline
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Check the files of git's index that differ from HEAD, not the working tree
    #[arg(long)]
    staged: bool,
}

impl VerifyArgs {
    /// Whether it checks chosen files instead of the whole store.
    pub(crate) fn chooses(&self) -> bool {
        !self.paths.is_empty() || self.staged
    }

    /// Whether it reads all recordings of the root, and so tells which SDK they name.
    pub(crate) fn reads_all(&self) -> bool {
        !self.chooses() && !self.rules
    }
}

/// Reads the name of a rule, and tells a shell which there are.
#[derive(Clone)]
struct RuleParser;

impl TypedValueParser for RuleParser {
    type Value = RuleId;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> std::result::Result<Self::Value, clap::Error> {
        rule_id.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(RULES.iter().map(|rule| PossibleValue::new(rule.id.as_str()).help(rule.what))))
    }
}

fn rule_id(text: &str) -> std::result::Result<RuleId, String> {
    text.parse().map_err(|_| {
        format!("there is no rule of this name; choose from {}", RuleId::ALL.map(RuleId::as_str).join(" "))
    })
}

/// Checks the selected recordings on all cores.
pub fn run(context: &Context<'_>, args: &VerifyArgs) -> Result<Report> {
    let settings = &context.settings;
    let or = |flag: &[RuleId], file: &[RuleId]| if flag.is_empty() { file.to_vec() } else { flag.to_vec() };
    let mut ignore = or(&args.ignore, &settings.ignore);
    if args.ignore.is_empty() {
        // A rule that the command line asks for is not one that the file can leave out.
        ignore.retain(|rule| !args.select.contains(rule));
    }
    // A baseline that is written anew is not read.
    let baseline = match args.write_baseline {
        Some(_) => None,
        None => super::baseline(context, args.baseline.as_ref())?,
    };
    let options = VerifyOptions {
        paths: args.paths.clone(),
        strict: args.strict,
        fix: args.fix,
        explain: args.explain,
        rules: args.rules,
        select: or(&args.select, &settings.select),
        ignore,
        allow_secret: args.allow_secret.clone(),
        baseline,
        write_baseline: args.write_baseline.clone(),
        staged: args.staged,
    };
    check::run(context, &options)
}
