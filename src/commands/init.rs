//! `init`: what a repository needs so that its recordings are checked, diffed and made easily.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};

use crate::context::Context;
use crate::error::Result;
use crate::jobs::setup::changes::{self, InitOptions};
use crate::jobs::setup::hooks::HookForm;
use crate::jobs::setup::part::Part;
use crate::report::Report;

/// Set up a repository: hooks, git attributes, a stack configuration, a case file
///
/// Use it once in each clone; running it again changes nothing. It detects the kind of repository (a tree of OGX, a
/// project with pytest, anything else) and shows each change first. On a terminal it asks about each change; without a
/// terminal it makes them only with --yes. It adds to existing files and never replaces them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit codes: 0 everything is set up; 1 a change is left to do, or was skipped.

Examples:
  bedrock-fixtures init --dry-run
  bedrock-fixtures init --yes --region us-west-2
  bedrock-fixtures init --only hooks,attributes,textconv
  bedrock-fixtures init --only hooks --hooks local")]
pub struct InitArgs {
    /// Make all changes without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Only show the changes
    #[arg(long)]
    dry_run: bool,
    /// Only these changes
    #[arg(long, value_name = "CHANGE", value_delimiter = ',', value_parser = PartName)]
    only: Vec<Part>,
    /// How the hooks are installed: system (the program on the PATH), wheel (pre-commit installs the program from a package
    /// index, without Rust), the url of a mirror of the hooks, or local (a hook of git in this clone only). The default is
    /// wheel if this program was installed from a package index, else system
    #[arg(long, value_name = "FORM", value_parser = HookForm::parse)]
    hooks: Option<HookForm>,
    /// Region of the stack configuration, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Model of the stack configuration and the case file
    #[arg(long, value_name = "MODEL", default_value = "openai.gpt-oss-20b-1:0", value_parser = model)]
    model: String,
}

/// What is written into a configuration goes there as it is.
fn model(text: &str) -> std::result::Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._:/-".contains(c);
    let fits =
        text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(is_plain) && !text.ends_with(':');
    if fits { Ok(text.to_owned()) } else { Err("give a model id like openai.gpt-oss-20b-1:0".to_owned()) }
}

/// Reads the name of a change, and tells a shell which there are.
#[derive(Clone)]
struct PartName;

impl TypedValueParser for PartName {
    type Value = Part;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> std::result::Result<Self::Value, clap::Error> {
        let names = clap::builder::PossibleValuesParser::new(Part::ALL.map(|(_, name, _)| name));
        let name = names.parse_ref(command, arg, value)?;
        let part = Part::ALL.into_iter().find(|(_, known, _)| *known == name);
        part.map(|(part, ..)| part).ok_or_else(|| clap::Error::new(clap::error::ErrorKind::InvalidValue))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Part::ALL.into_iter().map(|(_, name, what)| PossibleValue::new(name).help(what))))
    }
}

/// Plans the changes, and makes those that are agreed to.
pub fn run(context: &Context<'_>, args: &InitArgs) -> Result<Report> {
    let options = InitOptions {
        yes: args.yes,
        dry_run: args.dry_run,
        only: args.only.clone(),
        region: args.region.clone(),
        model: args.model.clone(),
        hooks: args.hooks.clone(),
    };
    changes::run(context, &options)
}
