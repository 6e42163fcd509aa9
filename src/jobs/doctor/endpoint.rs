//! Where requests go, and whether that endpoint has the model.

use crate::client::bedrock::endpoint::{Endpoint, Host, Region, Target};
use crate::context::environment::ENDPOINT_VARIABLE;
use crate::evidence::stack::{self, Stack};
use crate::jobs::cases;
use crate::jobs::project::LOCAL_STACK;
use crate::report::doctor::Check;
use crate::token::parse::holds_key;

use super::case::{DoctorCase, counted_first};

/// The case file that `init` writes.
const CASES: &str = "cases.jsonl";

pub(crate) fn checks(case: &DoctorCase<'_>) -> Vec<Check> {
    vec![variable(case), base_url(case), model_ids(case), model_access(case)]
}

/// Whether an OpenAI client can append `/chat/completions` to a url.
fn ends_in_v1(url: &str) -> bool {
    let path = url.trim_end_matches('/');
    path.ends_with("/v1") || path.ends_with("/v1/chat/completions")
}

fn variable(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "endpoint-url";
    const HELP: &str = "write it like https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1, or unset it";
    let Some((url, source)) = case.context.endpoint_url() else {
        return Check::pass(NAME, format!("{ENDPOINT_VARIABLE} is not set: requests go to AWS"));
    };
    let shown = |url: &str| if holds_key(url) { "a server".to_owned() } else { url.to_owned() };
    match Target::other(url) {
        // The url itself is not shown: it may hold a password.
        Err(_) => Check::fail(NAME, format!("a token must not be sent to {source}"), HELP),
        Ok(Target::Other(parsed)) if parsed.path() == "/" => {
            let message = format!("requests go to {}; this tool adds the path", shown(url));
            Check::pass(NAME, format!("{message}; a client that does not add it needs a url that ends in /openai/v1"))
        }
        Ok(_) if ends_in_v1(url) => Check::pass(NAME, format!("requests go to {}", shown(url))),
        Ok(_) => Check::fail(
            NAME,
            format!("{source} has a path that does not end in /v1: AWS answers UnknownOperationException"),
            HELP,
        ),
    }
}

/// The configurations that are there, with their paths.
fn stacks<'a>(case: &'a DoctorCase<'_>) -> impl Iterator<Item = (&'a str, &'a Stack)> {
    let local = case.local.iter().map(|stack| (LOCAL_STACK, stack));
    local.chain(case.ci.iter().map(|(path, stack)| (path.as_str(), stack)))
}

fn base(case: &DoctorCase<'_>, stack: &Stack) -> Option<String> {
    let url = stack.provider.as_ref()?.get("base_url")?;
    Some(stack::resolve(url, |name| case.variable(name))).filter(|url| !url.is_empty())
}

fn base_url(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "base-url";
    let with_provider: Vec<_> = stacks(case).filter(|(_, stack)| stack.provider.is_some()).collect();
    if with_provider.is_empty() {
        return Check::skipped(NAME, "no stack configuration uses Bedrock");
    }
    // The url itself is not shown: it may come from a variable, which may hold anything.
    match with_provider.iter().find(|(_, stack)| base(case, stack).is_some()) {
        Some((path, _)) => Check::fail(
            NAME,
            format!(
                "{path} sets base_url, which the provider ignores: it sends requests to bedrock-runtime in its \
                     region_name"
            ),
            "remove base_url and set region_name; to record from another endpoint, use `bedrock-fixtures record \
             --endpoint-url`",
        ),
        None => Check::pass(NAME, "the stack builds it from its region"),
    }
}

/// What is wrong with a model at a host: the two name gpt-oss differently.
fn wrong_id(host: Host, model: &str) -> Option<String> {
    let model = model.trim_start_matches("bedrock/");
    let family = model.strip_prefix("openai.gpt-oss-")?;
    let has_version = family.contains(':');
    match host {
        Host::Runtime if !has_version => {
            Some(format!("{model} is the name on bedrock-mantle; on bedrock-runtime it is {model}-1:0"))
        }
        Host::Mantle if has_version => {
            let short = model.rsplit_once('-').map_or(model, |(short, _)| short);
            Some(format!("{model} is the name on bedrock-runtime; on bedrock-mantle it is {short}"))
        }
        _ => None,
    }
}

fn model_ids(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "model-id";
    const HELP: &str =
        "use the id of the host: openai.gpt-oss-20b-1:0 on bedrock-runtime, openai.gpt-oss-20b on bedrock-mantle";
    let mut seen = 0;
    for (path, stack) in stacks(case) {
        seen += stack.models.len();
        // The provider of a stack asks bedrock-runtime, whatever its base_url says.
        if let Some(why) = stack.models.iter().find_map(|model| wrong_id(Host::Runtime, model)) {
            return Check::fail(NAME, format!("{path}: {why}"), HELP);
        }
    }
    // The region is of no importance here.
    let default = Region::parse("us-west-2").map(|region| Endpoint::public(Host::Runtime, region).recorded_url());
    let bytes = case.place.text(CASES).ok().flatten().unwrap_or_default();
    match cases::parse(CASES, bytes.as_bytes(), &default.unwrap_or_default(), case.place.store.key_rules())
        .and_then(cases::Cases::all)
    {
        Err(_) if bytes.trim().is_empty() => {}
        Err(error) => return Check::fail(NAME, error.to_string(), "see `bedrock-fixtures record --help`"),
        Ok(cases) => {
            seen += cases.len();
            let wrong = cases.iter().find_map(|case| {
                let host = Endpoint::of_recorded_url(&case.call.url)?.host;
                let model = case.call.body.get("model")?.as_str()?;
                Some(format!("{}: {}", case.source, wrong_id(host, model)?))
            });
            if let Some(wrong) = wrong {
                return Check::fail(NAME, wrong, HELP);
            }
        }
    }
    let recorded = &case.survey.recorded;
    seen += recorded.iter().filter(|recorded| recorded.host.is_some()).count();
    let wrong: Vec<_> = recorded
        .iter()
        .filter_map(|recorded| Some((recorded, wrong_id(recorded.host?, recorded.model.as_deref()?)?)))
        .collect();
    if let Some((first, why)) = wrong.first() {
        return Check::fail(NAME, format!("{}: {why}", counted_first(wrong.len(), "recording", &first.path)), HELP);
    }
    match seen {
        0 => Check::skipped(NAME, "no configuration, case or recording uses a model of Bedrock"),
        _ => Check::pass(NAME, "each model id fits its host"),
    }
}

fn model_access(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "model-access";
    if case.context.environment.token().is_none() {
        return Check::skipped(NAME, "no token is set");
    }
    let message = "only AWS knows whether the account may use the model";
    Check::unknown(NAME, message, "`Model not found`: ask for access in the Bedrock console, in the token's region")
}
