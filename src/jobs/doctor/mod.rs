//! `doctor`: checks the setup for recording and replaying, without doing either.

mod case;
mod checkout;
mod configuration;
mod credentials;
mod endpoint;
mod file_cache;
mod matrix;
mod options;
mod recordings;
mod suite;
mod survey;

use crate::error::Result;
use crate::evidence::stack;
use crate::report::doctor::DoctorReport;

use crate::context::Context;
use crate::jobs::project::{LOCAL_STACK, Project, ProjectKind};
use case::DoctorCase;
pub use options::DoctorOptions;
use survey::Survey;

/// Runs every check.
pub fn run(context: &Context<'_>, options: &DoctorOptions) -> Result<DoctorReport> {
    let place = Project::of(context)?;
    let survey = Survey::of(context, options, &place)?;
    let local = place.text(LOCAL_STACK).ok().flatten().map(|text| stack::read(&text));
    let ci = match place.kind {
        ProjectKind::Ogx(package) => {
            let path = format!("src/{package}/distributions/ci-tests/config.yaml");
            place.text(&path).ok().flatten().map(|text| (path, stack::read(&text)))
        }
        _ => None,
    };
    let case = DoctorCase { context, options, place, survey, local, ci };
    let mut checks = credentials::checks(&case)?;
    checks.extend(configuration::checks(context));
    checks.extend(endpoint::checks(&case));
    checks.extend(recordings::checks(&case));
    checks.extend(suite::checks(&case));
    checks.extend(checkout::checks(&case));
    Ok(DoctorReport { checks })
}
