//! `verify-token`: what a token is and how long it lasts at most, without asking anyone.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use crate::client::bedrock::endpoint::{Region, Target};
use crate::client::bedrock::error::ErrorClass;
use crate::client::bedrock::probe::{self, ProbeAnswer, Probed};
use crate::error::{Error, Result};
use crate::report::{Online, OnlineResult, Report, TokenNote, TokenReport};
use crate::secret::Secret;
use crate::store;
use crate::token::parse::{Malformed, Token, parse, text_of};
use crate::token::verdict::{Conditions, Verdict, format_span, judge};
use crate::token::{KeyKind, forms};

use crate::context::Context;
use crate::context::environment::{DEFAULT, TOKEN_VARIABLES};
use crate::jobs::trust::trust;

/// How much the local clock may differ from the server's without a warning.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// The options of `verify-token`.
#[derive(Clone, Debug, Default)]
pub struct VerifyTokenOptions {
    /// `-` reads the token from standard input, instead of AWS_BEARER_TOKEN_BEDROCK, AWS_BEDROCK_BEARER_TOKEN or
    /// AWS_BEDROCK_API_KEY
    pub source: Vec<OsString>,
    /// Read the token from FILE
    pub token_file: Option<PathBuf>,
    /// A token that expires sooner than this is not usable
    pub min_remaining: SignedDuration,
    /// The region where the token must work, by default AWS_REGION or AWS_DEFAULT_REGION
    pub region: Option<String>,
    /// Use this time instead of now
    pub at: Option<Timestamp>,
    /// Ask the endpoint too, with one free call
    pub online: bool,
    /// The server for --online instead of AWS; plain http only to this machine
    pub endpoint_url: Option<String>,
}

/// The source of a token, and its value.
struct FoundToken {
    source: Option<String>,
    token: std::result::Result<Option<Secret>, Malformed>,
    /// The other sources, which were not used.
    notes: Vec<TokenNote>,
}

/// Judges the token.
pub fn run(context: &Context<'_>, options: &VerifyTokenOptions) -> Result<Report> {
    let now = options.at.unwrap_or(context.now);
    let (region, region_source) = context.environment.region(options.region.as_deref())?;
    let named = Some(region_source).filter(|source| *source != DEFAULT);
    let found = find(context, options)?;

    let mut report = TokenReport {
        source: found.source,
        kind: KeyKind::Absent.name(),
        verdict: Verdict::Absent.name(),
        region: None,
        wanted_region: region.to_string(),
        wanted_region_source: region_source,
        account: None,
        access_key: None,
        issued_at: None,
        expires_at: None,
        remaining_seconds: None,
        checked_at: seconds_of(now).to_string(),
        notes: vec![],
        online: None,
        usable: false,
    };
    let parsed = match &found.token {
        Ok(Some(secret)) => parse(secret).map(|token| Some((secret, token))),
        Ok(None) => Ok(None),
        Err(malformed) => Err(malformed.clone()),
    };
    match &parsed {
        Ok(Some((_, token))) => {
            let region = region.to_string();
            let conditions =
                Conditions { now, min_remaining: options.min_remaining, region: &region, region_source: named };
            describe(&mut report, token, &conditions);
        }
        Ok(None) => report.notes.push(reason(absent(report.source.as_deref()))),
        Err(malformed) => {
            report.kind = malformed.kind.name();
            report.verdict = Verdict::Malformed.name();
            report.notes.push(reason(malformed.to_string()));
        }
    }
    report.notes.extend(found.notes);
    if options.online {
        let target = options.endpoint_url.as_deref().or_else(|| context.endpoint_url().map(|(url, _)| url));
        let target = target.map_or(Ok(Target::Aws), Target::other)?;
        match &parsed {
            Ok(Some((secret, token))) => {
                let region = asked_region(token, region, named.is_some());
                ask(context, &mut report, &target, secret, token, &region)?;
            }
            _ => {
                let reason = Some("not sent: only a Bedrock API key is sent to AWS".to_owned());
                report.online = Some(Online { result: OnlineResult::Unasked, origin: String::new(), reason });
            }
        }
    }
    Ok(Report::VerifyToken(report))
}

fn find(context: &Context<'_>, options: &VerifyTokenOptions) -> Result<FoundToken> {
    let of_bytes = |source: String, bytes: Vec<u8>| {
        let token = text_of(bytes).map(|text| forms::secret(&text));
        FoundToken { source: Some(source), token, notes: vec![] }
    };
    let stdin = || Ok(of_bytes("standard input".to_owned(), store::read_stdin()?));
    if let Some(file) = &options.token_file {
        return if file == Path::new("-") {
            stdin()
        } else {
            Ok(of_bytes(file.display().to_string(), store::read_input(&context.cwd.join(file))?))
        };
    }
    match options.source.as_slice() {
        [] => {}
        [source] if source == "-" => return stdin(),
        // Not repeated here: it may be the token.
        _ => {
            return Err(Error::new("the argument is not `-`; a token is never taken from the command line")
                .hint("give it in AWS_BEARER_TOKEN_BEDROCK, with --token-file, or on standard input"));
        }
    }
    let Some((source, token)) = context.environment.token() else {
        return Ok(FoundToken { source: None, token: Ok(None), notes: vec![] });
    };
    let differs = |name: &&str| context.environment.get(name).is_some_and(|text| text != token.expose());
    let notes = TOKEN_VARIABLES
        .into_iter()
        .filter(differs)
        .map(|name| TokenNote { text: format!("{name} holds another value; {source} comes first"), warning: true });
    let notes = notes.collect();
    Ok(FoundToken { source: Some(source.to_owned()), token: Ok(Some(token)), notes })
}

fn absent(source: Option<&str>) -> String {
    let hint = "make a key with `bedrock-fixtures mint-token` or in the Bedrock console; replaying does not need one";
    match source {
        Some(source) => format!("{source} is empty; {hint}"),
        None => format!("none of {} is set; {hint}", TOKEN_VARIABLES.join(", ")),
    }
}

fn describe(report: &mut TokenReport, token: &Token, conditions: &Conditions<'_>) {
    let judgement = judge(token, conditions);
    report.verdict = judgement.verdict.name();
    report.usable = judgement.usable;
    report.remaining_seconds = judgement.remaining;
    let notes = judgement.notes.into_iter().map(|note| TokenNote { text: note.text, warning: note.warning });
    report.notes.extend(notes);
    match token {
        Token::ShortTerm(token) => {
            report.kind = KeyKind::ShortTerm.name();
            report.region = Some(token.region.clone());
            report.account = token.account();
            report.access_key = Some(token.access_key.masked());
            report.issued_at = Some(token.issued.to_string());
            report.expires_at = Some(token.expires.to_string());
        }
        Token::LongTerm { account } => {
            report.kind = KeyKind::LongTerm.name();
            report.account = Some(account.clone());
        }
    }
}

/// The region to use: the given one, or else the region of the token.
fn asked_region(token: &Token, region: Region, named: bool) -> Region {
    match token {
        Token::ShortTerm(token) if !named => Region::parse(&token.region).unwrap_or(region),
        _ => region,
    }
}

fn ask(
    context: &Context<'_>,
    report: &mut TokenReport,
    target: &Target,
    secret: &Secret,
    token: &Token,
    region: &Region,
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::io("cannot start", "the event loop", &error))?;
    let Probed { answer, origin, date } = runtime.block_on(probe::probe(target, &trust(context)?, secret, region))?;
    let of_other_region = matches!(token, Token::ShortTerm(token) if token.region != region.to_string());
    let (result, reason) = match answer {
        ProbeAnswer::Accepted => (OnlineResult::Accepted, None),
        ProbeAnswer::Genuine(error) => {
            (OnlineResult::Accepted, Some(format!("the token is genuine, but it may not list models ({error})")))
        }
        ProbeAnswer::Rejected(error) => {
            let hint = error.class.hint().map_or(String::new(), |hint| format!("; {hint}"));
            // AWS says the same of a wrong key and of one of another region.
            let other = error.class == ErrorClass::WrongRegion || (error.class.may_be_region() && of_other_region);
            let result = if other { OnlineResult::WrongRegion } else { OnlineResult::Rejected };
            (result, Some(format!("{error}{hint}")))
        }
        ProbeAnswer::Unasked(why) => (OnlineResult::Unasked, Some(why)),
    };
    report.online = Some(Online { result, origin, reason });
    let skew = date.map(|date| context.now.duration_since(date)).filter(|skew| skew.abs() > SKEW);
    if let Some(skew) = skew {
        let direction = if skew.is_positive() { "ahead of" } else { "behind" };
        let text = format!("the local clock is {} {direction} the server's", format_span(skew.abs()));
        report.notes.push(TokenNote { text, warning: true });
    }
    Ok(())
}

fn reason(text: String) -> TokenNote {
    TokenNote { text, warning: false }
}

fn seconds_of(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
