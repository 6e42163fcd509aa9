//! The token, its names, its region, and keys that are not Bedrock's.

use jiff::SignedDuration;

use crate::client::bedrock::endpoint::{Endpoint, Region, Target};
use crate::client::bedrock::error::ErrorClass;
use crate::client::bedrock::probe::{self, ProbeAnswer};
use crate::context::environment::{DEFAULT, ENDPOINT_VARIABLE, REGION_VARIABLES, TOKEN_VARIABLES, ogx_token_variables};
use crate::error::{Error, Result};
use crate::evidence::stack;
use crate::jobs::project::{LOCAL_STACK, ProjectKind};
use crate::jobs::trust::trust;
use crate::process::child_env::other_providers as other_providers_of;
use crate::report::doctor::Check;
use crate::secret::Secret;
use crate::token::parse::{Token, parse};
use crate::token::verdict::{Conditions, NEAR, Verdict, format_span, judge};

use super::case::DoctorCase;

/// The region of OGX's provider when nothing names one.
const STACK_DEFAULT: &str = "us-east-2";

const MAKE: &str = "make a key with `bedrock-fixtures mint-token`, or in the Bedrock console of the region";

pub(crate) fn checks(case: &DoctorCase<'_>) -> Result<Vec<Check>> {
    let (region, source) = match case.context.environment.region(case.options.region.as_deref()) {
        Ok(found) => found,
        Err(error) => {
            let region = Check::fail("region", error.to_string(), "set it to a region such as us-west-2, or unset it");
            return Ok(vec![names(case), region, other_providers(case)]);
        }
    };
    let token = case.context.environment.token();
    let parsed = token.as_ref().map(|(name, secret)| (*name, parse(secret)));
    let mut checks = vec![names(case)];
    checks.push(match &parsed {
        None => Check::skipped("token", "there is none"),
        Some((name, Err(malformed))) => Check::fail("token", format!("{name}: {malformed}"), MAKE),
        Some((_, Ok(token))) => judged(case, token, &region, source),
    });
    checks.push(regions(case, &region, source, parsed.as_ref().and_then(|(_, token)| token.as_ref().ok())));
    checks.push(other_providers(case));
    checks.push(match (&token, &parsed) {
        _ if !case.options.online => Check::skipped("online", "not checked with the server; --online checks it"),
        (Some((_, secret)), Some((_, Ok(token)))) => online(case, secret, token, &region, source)?,
        _ => Check::fail("online", "not sent: only a Bedrock API key is sent to AWS", MAKE),
    });
    Ok(checks)
}

/// Which of the three names is set, which one wins, and which one the stack reads.
fn names(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "token-variables";
    let environment = &case.context.environment;
    let set: Vec<&str> = TOKEN_VARIABLES.into_iter().filter(|name| environment.get(name).is_some()).collect();
    if let Some(blank) = TOKEN_VARIABLES.into_iter().find(|name| environment.is_blank(name)) {
        let message = format!("{blank} is empty, and the AWS SDKs use it as a token");
        return Check::fail(NAME, message, format!("unset {blank}"));
    }
    let Some(first) = set.first() else {
        let message = format!("none of {} is set; {}", TOKEN_VARIABLES.join(", "), ogx_order(case));
        let help = format!("replaying, checking and reviewing do not need one; to record, {MAKE}");
        return if case.options.online {
            Check::fail(NAME, message, help)
        } else {
            Check::unknown(NAME, message, help)
        };
    };
    let differs = |name: &&&str| environment.get(name) != environment.get(first);
    if let Some(other) = set.iter().find(differs) {
        let message = format!("{first} and {other} hold different values; this tool takes {first}");
        return Check::fail(NAME, message, format!("unset the old one, perhaps {other}"));
    }
    let read = |(path, stack): (&str, &stack::Stack)| {
        let provider = stack.provider.as_ref()?;
        let name = provider.values().find_map(|value| {
            let name = stack::variable(value)?;
            TOKEN_VARIABLES.into_iter().find(|known| *known == name)
        })?;
        Some((path.to_owned(), name))
    };
    let local = case.local.as_ref().map(|stack| (LOCAL_STACK, stack));
    let stack = local.or_else(|| case.ci.as_ref().map(|(path, stack)| (path.as_str(), stack))).and_then(read);
    match stack {
        Some((path, name)) if !set.contains(&name) => Check::fail(
            NAME,
            format!("{first} is set, but {path} reads {name}"),
            format!("export {name}=\"${first}\" before a run of the stack, or change {path}"),
        ),
        _ => Check::pass(NAME, format!("{} is set; {}", set.join(" and "), ogx_order(case))),
    }
}

/// Where OGX itself looks for a token.
fn ogx_order(case: &DoctorCase<'_>) -> String {
    let version = case.context.in_force.get().ogx;
    let names = ogx_token_variables(version.major()).join(", then ");
    format!("OGX {version} reads {names}; without them it signs with AWS credentials")
}

fn judged(case: &DoctorCase<'_>, token: &Token, region: &Region, source: &'static str) -> Check {
    let region = region.to_string();
    let conditions = Conditions {
        now: case.context.now,
        min_remaining: NEAR,
        region: &region,
        region_source: Some(source).filter(|source| *source != DEFAULT),
    };
    let judgement = judge(token, &conditions);
    // Another region is a matter of `region`, where all that name one are compared.
    let reason = judgement.notes.iter().find(|note| note.warning).or(judgement.notes.first());
    let reason = reason.map_or_else(|| judgement.verdict.name().to_owned(), |note| note.text.clone());
    match (token, judgement.verdict) {
        (Token::LongTerm { .. }, _) => {
            Check::unknown("token", reason, "a short-term key is safer on a machine that records")
        }
        (Token::ShortTerm(token), Verdict::WellFormed | Verdict::WrongRegion) => {
            let left = format_span(SignedDuration::from_secs(judgement.remaining.unwrap_or(0)));
            let (made, until) = (&token.region, token.expires);
            Check::pass("token", format!("a short-term key of {made}, valid at most until {until} ({left} left)"))
        }
        _ => Check::fail("token", reason, MAKE),
    }
}

/// Whether all that name a region name the same one.
fn regions(case: &DoctorCase<'_>, region: &Region, source: &'static str, token: Option<&Token>) -> Check {
    const NAME: &str = "region";
    let mut said: Vec<(String, String)> = Vec::new();
    let shown = |text: &str| Region::parse(text).map_or_else(|| "no region".to_owned(), |region| region.to_string());
    if source != DEFAULT {
        said.push((source.to_owned(), region.to_string()));
    }
    for name in REGION_VARIABLES {
        if let Some(value) = case.variable(name).filter(|_| name != source) {
            said.push((name.to_owned(), shown(value)));
        }
    }
    if let Some(Token::ShortTerm(token)) = token {
        said.push(("the token".to_owned(), token.region.clone()));
    }
    if let Some(url) = case.variable(ENDPOINT_VARIABLE)
        && let Some(Endpoint { region, .. }) = Endpoint::of_base_url(url)
    {
        said.push((ENDPOINT_VARIABLE.to_owned(), region.to_string()));
    }
    if let Some(provider) = case.local.as_ref().and_then(|stack| stack.provider.as_ref()) {
        let named = provider.get("region_name").map(|value| stack::resolve(value, |name| case.variable(name)));
        let url = provider.get("base_url").and_then(|url| Endpoint::of_base_url(url));
        // It may come from a variable, and that may hold anything.
        let named = named.filter(|name| !name.is_empty()).map(|name| shown(&name));
        if let Some(region) = named.or(url.map(|endpoint| endpoint.region.to_string())) {
            said.push((LOCAL_STACK.to_owned(), region));
        }
    }
    let both = "set AWS_REGION and AWS_DEFAULT_REGION to the region of the token";
    let Some((first, wanted)) = said.first().cloned() else {
        let message = match case.place.kind {
            ProjectKind::Ogx(_) => format!(
                "no region is set: this tool uses {region}, and the OGX stack uses {STACK_DEFAULT} unless its \
                 configuration names another"
            ),
            _ => format!("no region is set: this tool uses {region}"),
        };
        return Check::unknown(NAME, message, both);
    };
    if let Some((other, found)) = said.iter().find(|(_, found)| *found != wanted) {
        let message = format!("{first} is {wanted}, {other} is {found}; a token works in one region only");
        return Check::fail(NAME, message, format!("{both}, or make a token in {wanted}"));
    }
    // The stack does not read AWS_REGION.
    let names = |name: &str| said.iter().any(|(who, _)| who == name);
    let silent = !names(LOCAL_STACK) && !names("AWS_DEFAULT_REGION") && wanted != STACK_DEFAULT;
    if matches!(case.place.kind, ProjectKind::Ogx(_)) && silent {
        let message = format!(
            "{first} is {wanted}, but the OGX stack reads AWS_DEFAULT_REGION, which is not set, and may use \
             {STACK_DEFAULT}"
        );
        return Check::fail(NAME, message, format!("export AWS_DEFAULT_REGION={wanted}"));
    }
    let asked = region.to_string();
    if asked != wanted {
        let message = format!("{first} is {wanted}, but this tool uses {asked}, {source}");
        return Check::fail(NAME, message, format!("export AWS_REGION={wanted}"));
    }
    let who: Vec<&str> = said.iter().map(|(who, _)| who.as_str()).collect();
    Check::pass(NAME, format!("{wanted}, says {}", who.join(", ")))
}

/// Keys of other providers, which a recording run could ask instead of Bedrock.
fn other_providers(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "other-providers";
    let set = other_providers_of(&case.context.environment).filter(|name| case.variable(name).is_some());
    let set: Vec<&str> = set.collect();
    if set.is_empty() {
        return Check::pass(NAME, "the environment has no key of another provider");
    }
    let message = format!("{} set together with Bedrock's token: a run may record other providers", verb(&set));
    let help = format!("unset them before a recording run: unset {}", set.join(" "));
    if case.context.environment.token().is_some() {
        Check::fail(NAME, message, help)
    } else {
        let message = format!("{} set; without Bedrock's token nothing is recorded", verb(&set));
        Check::unknown(NAME, message, help)
    }
}

fn verb(names: &[&str]) -> String {
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}

fn online(
    case: &DoctorCase<'_>,
    secret: &Secret,
    token: &Token,
    region: &Region,
    source: &'static str,
) -> Result<Check> {
    const NAME: &str = "online";
    let target = match case.context.endpoint_url().map_or(Ok(Target::Aws), |(url, _)| Target::other(url)) {
        Ok(target) => target,
        Err(_) => return Ok(Check::fail(NAME, "not checked: the endpoint's url is invalid", "see endpoint-url")),
    };
    // In the given region, or else in the region of the token.
    let own = if let Token::ShortTerm(token) = token { Region::parse(&token.region) } else { None };
    let region = own.filter(|_| source == DEFAULT).unwrap_or_else(|| region.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::io("cannot start", "the event loop", &error))?;
    let probed = runtime.block_on(probe::probe(&target, &trust(case.context)?, secret, &region))?;
    let origin = probed.origin;
    Ok(match probed.answer {
        ProbeAnswer::Accepted => Check::pass(NAME, format!("{origin} accepts the token")),
        ProbeAnswer::Genuine(error) => Check::unknown(
            NAME,
            format!("{origin} knows the token, but the token may not list models ({error})"),
            "it may still be allowed to call models: record one case to find out",
        ),
        ProbeAnswer::Rejected(error) => {
            let hint = if error.class == ErrorClass::ExpiredKey { MAKE } else { error.class.hint().unwrap_or(MAKE) };
            Check::fail(NAME, format!("{origin} rejects the token: {error}"), hint)
        }
        ProbeAnswer::Unasked(why) => {
            Check::fail(NAME, format!("{origin}: {why}"), "check the network, the proxy and the endpoint")
        }
    })
}
