//! What is set up around the recordings: configurations, hooks, git.

use crate::evidence::stack::{self, Stack};
use crate::evidence::suites::{Setup, setups};
use crate::jobs::project::{LOCAL_STACK, PRE_COMMIT, ProjectKind, SUITES};
use crate::jobs::setup::hooks::runs_ours;
use crate::jobs::setup::pre_commit;
use crate::report::doctor::Check;
use crate::store;
use crate::token::parse::holds_key;

use super::case::DoctorCase;

const INIT: &str = "`bedrock-fixtures init` does it";

pub(crate) fn checks(case: &DoctorCase<'_>) -> Vec<Check> {
    vec![local_stack(case), ci_stack(case), hooks(case), attributes(case), textconv(case)]
}

/// The configuration for local recording: there, ignored by git, and without a key.
fn local_stack(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "local-stack";
    if !matches!(case.place.kind, ProjectKind::Ogx(_)) {
        return Check::skipped(NAME, "this is not a checkout of OGX");
    }
    let Some(local) = &case.local else {
        let message = format!("there is no {LOCAL_STACK}, which OGX needs to record locally");
        return Check::unknown(NAME, message, format!("{INIT}; this tool itself does not need it"));
    };
    if local.provider.is_none() {
        let message = format!("{LOCAL_STACK} has no provider remote::bedrock");
        return Check::fail(NAME, message, "move it away, then run `bedrock-fixtures init`");
    }
    if matches!(case.place.text(LOCAL_STACK), Ok(Some(text)) if holds_key(&text)) {
        let help = "write api_key: ${env.AWS_BEARER_TOKEN_BEDROCK:=replay-mode-dummy-key} there, and make a new key";
        return Check::fail(NAME, format!("{LOCAL_STACK} contains a Bedrock key"), help);
    }
    if let Some(check) = missing_provider(case, NAME, LOCAL_STACK, local) {
        return check;
    }
    case.ask_git(NAME, |git| {
        Ok(if git.tracks(LOCAL_STACK)? {
            Check::fail(NAME, format!("{LOCAL_STACK} is in git"), format!("git rm --cached {LOCAL_STACK}"))
        } else if git.ignores(LOCAL_STACK)? {
            Check::pass(NAME, format!("{LOCAL_STACK} exists, and git ignores it"))
        } else {
            Check::fail(NAME, format!("git does not ignore {LOCAL_STACK}"), INIT)
        })
    })
}

/// The setup of OGX that runs the tests of Bedrock.
fn bedrock_setup(case: &DoctorCase<'_>) -> Option<Setup> {
    let suites = case.place.text(SUITES).ok().flatten()?;
    let mut setups = setups(&suites);
    let at =
        setups.iter().position(|setup| setup.name == "bedrock").or_else(|| setups.iter().position(Setup::is_bedrock));
    at.map(|at| setups.swap_remove(at))
}

/// The setup's models must have their providers, or every test ends in an error before it starts.
fn missing_provider(case: &DoctorCase<'_>, name: &'static str, path: &str, stack: &Stack) -> Option<Check> {
    let setup = bedrock_setup(case)?;
    let is_missing = |(_, model): &&(String, String)| {
        model.split_once('/').is_some_and(|(provider, _)| !stack.provider_ids.contains(provider))
    };
    let (option, model) = setup.models.iter().find(is_missing)?;
    let provider = model.split('/').next().unwrap_or(model);
    let message = format!(
        "{path} has no provider {provider}, but the setup {} sets {option} {model}: its tests fail with an error",
        setup.name
    );
    let help = format!(
        "add the provider {provider} below providers: inference (sentence-transformers is inline::sentence-transformers and \
         needs torch), or give pytest another --{}",
        option.replace('_', "-")
    );
    Some(Check::fail(name, message, help))
}

/// The configuration of CI: it has the provider, a dummy key, and the model of the suites.
fn ci_stack(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "ci-stack";
    let ProjectKind::Ogx(package) = case.place.kind else {
        return Check::skipped(NAME, "this is not a checkout of OGX");
    };
    let Some((path, ci)) = &case.ci else {
        let path = format!("src/{package}/distributions/ci-tests/config.yaml");
        return Check::unknown(NAME, format!("there is no {path}"), "check which configuration CI replays with");
    };
    let Some(provider) = &ci.provider else {
        return Check::fail(NAME, format!("{path} has no provider remote::bedrock"), "add it, or CI cannot replay");
    };
    let key =
        ["api_key", "aws_bedrock_bearer_token", "aws_bearer_token_bedrock"].iter().find_map(|key| provider.get(*key));
    if key.is_some_and(|key| holds_key(&stack::resolve(key, |_| None))) {
        return Check::fail(NAME, format!("{path} contains a Bedrock key"), "remove it, and make a new one");
    }
    if let Some(check) = missing_provider(case, NAME, path, ci) {
        return check;
    }
    // The model is what the setup of the suites asks for.
    let setup = bedrock_setup(case);
    let wanted = setup.as_ref().and_then(|setup| setup.text_model()).map(|model| model.trim_start_matches("bedrock/"));
    match wanted {
        _ if ci.models.is_empty() => Check::fail(
            NAME,
            format!("{path} does not register a model of Bedrock, and OGX does not list Bedrock's models itself"),
            "add it below registered_resources: models",
        ),
        Some(wanted) if !ci.models.iter().any(|model| model == wanted) => Check::fail(
            NAME,
            format!("{path} registers {}, but the setup of the suites asks for {wanted}", ci.models.join(", ")),
            "register the model that the setup asks for",
        ),
        _ => Check::pass(NAME, format!("{path} registers {}; replay does not need a key", ci.models.join(", "))),
    }
}

fn hooks(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "hooks";
    case.ask_git(NAME, |git| {
        let own = store::read_text(&git.hook_path("pre-commit")?)?;
        if own.is_some_and(|hook| runs_ours(&hook)) {
            return Ok(Check::pass(NAME, "a hook of this clone checks recordings before each commit"));
        }
        let named = match pre_commit::runs_ours(&case.place.bytes(PRE_COMMIT)?.unwrap_or_default()) {
            Ok(named) => named,
            Err(why) => return Ok(Check::unknown(NAME, format!("{PRE_COMMIT}: {why}"), "correct the file")),
        };
        Ok(if !named {
            Check::fail(NAME, format!("{PRE_COMMIT} does not run bedrock-fixtures"), INIT)
        } else if !store::is_file(&git.hook_path("pre-commit")?) {
            let message = format!("{PRE_COMMIT} names the hooks, but they are not installed in this clone");
            Check::fail(NAME, message, "run `pre-commit install`, once in each clone")
        } else {
            Check::pass(NAME, "recordings are checked before each commit")
        })
    })
}

fn attributes(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "git-attributes";
    case.ask_git(NAME, |git| {
        let path = case.place.some_recording();
        let found = git.attributes(&path, &["diff", "text", "eol"])?;
        let is = |name: &str, value: &str| found.get(name).is_some_and(|found| found == value);
        Ok(if !is("text", "unset") && !is("eol", "lf") {
            let message = "git may turn the line feeds of recordings into CRLF, which no recorder writes";
            Check::fail(NAME, message, format!("write `**/recordings/*.json -text` to .gitattributes; {INIT}"))
        } else if !is("diff", "bedrock-fixtures") {
            let message = "git diff shows recordings as raw JSON, with all noise";
            Check::fail(NAME, message, format!("write `**/recordings/*.json diff=bedrock-fixtures`; {INIT}"))
        } else {
            Check::pass(NAME, "recordings keep their line feeds and have a diff driver")
        })
    })
}

fn textconv(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "git-textconv";
    const SETTING: &str = "diff.bedrock-fixtures.textconv";
    case.ask_git(NAME, |git| {
        Ok(match git.setting(SETTING)? {
            Some(value) if value.contains("bedrock-fixtures") => Check::pass(NAME, format!("{SETTING} is set")),
            Some(_) => Check::unknown(NAME, format!("{SETTING} names another program"), "check what it prints"),
            None => Check::fail(NAME, format!("{SETTING} is not set in this clone"), INIT),
        })
    })
}
