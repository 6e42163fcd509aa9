//! `doctor`: what stands in the way of recording and replaying, without trying either.

mod checkout;
mod credentials;
mod endpoint;
mod recordings;
mod suite;

use crate::error::Result;
use crate::evidence::stack::{self, Stack};
use crate::report::Report;
use crate::report::doctor::{Check, DoctorReport};

use super::Context;
use super::place::{Kind, LOCAL_STACK, Place};
use recordings::Survey;

/// Check what stands in the way: token, region, endpoint, recordings, suites, hooks
///
/// Use it in a fresh clone, when recording or replaying fails without a good reason, and after adding a test: it sees
/// what was left out. Each check passes, fails, or cannot be told from here, and says what to do. Nobody is asked but git,
/// unless --online is given; nothing of a token is shown.
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit codes: 0 no check fails; 1 some do.

Examples:
  bedrock-fixtures doctor
  bedrock-fixtures doctor --online --region us-west-2
  bedrock-fixtures doctor -q")]
pub struct DoctorArgs {
    /// The region that is to be asked, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Ask the endpoint whether it takes the token, by one call that costs nothing
    #[arg(long)]
    online: bool,
}

/// What the checks look at.
struct Case<'a> {
    context: &'a Context<'a>,
    args: &'a DoctorArgs,
    place: Place,
    survey: Survey,
    /// The stack configuration for local recording.
    local: Option<Stack>,
    /// The stack configuration of the continuous integration, and its path.
    ci: Option<(String, Stack)>,
}

impl Case<'_> {
    /// What git says, or that it says nothing, as a check.
    fn ask_git(&self, name: &'static str, ask: impl FnOnce(&crate::store::git::Git) -> Result<Check>) -> Check {
        match &self.place.git {
            None if self.place.store.is_in_git() => Check::unknown(
                name,
                "git cannot be asked about this work tree",
                "see that git is installed and works here",
            ),
            None => Check::skipped(name, "this is no git work tree"),
            Some(git) => ask(git)
                .unwrap_or_else(|error| Check::unknown(name, error.to_string(), "see that git works in this folder")),
        }
    }

    /// A variable that is not blank.
    fn variable(&self, name: &str) -> Option<&str> {
        self.context.environment.get(name)
    }
}

/// Runs every check.
pub fn run(context: &Context<'_>, args: &DoctorArgs) -> Result<Report> {
    let place = Place::of(context)?;
    let survey = Survey::of(context, &place.store);
    let local = place.text(LOCAL_STACK).ok().flatten().map(|text| stack::read(&text));
    let ci = match place.kind {
        Kind::Ogx(package) => {
            let path = format!("src/{package}/distributions/ci-tests/config.yaml");
            place.text(&path).ok().flatten().map(|text| (path, stack::read(&text)))
        }
        _ => None,
    };
    let case = Case { context, args, place, survey, local, ci };
    let mut checks = credentials::checks(&case)?;
    checks.extend(endpoint::checks(&case));
    checks.extend(recordings::checks(&case));
    checks.extend(suite::checks(&case));
    checks.extend(checkout::checks(&case));
    Ok(Report::Doctor(DoctorReport { checks }))
}

/// A count and the first of its things.
fn some(count: usize, what: &str, first: &str) -> String {
    match count {
        1 => format!("1 {what} ({first})"),
        _ => format!("{count} {what}s (the first: {first})"),
    }
}
