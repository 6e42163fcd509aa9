//! `mint-token`: a short-term key from AWS credentials, so that nobody needs the console.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::client::bedrock::error::mask;
use crate::error::{Error, Result};
use crate::process::capture;
use crate::report::{MintReport, Report, Revealed, TokenNote};
use crate::secret::Secret;
use crate::store::output::{self, Readers};
use crate::token::forms::credential;
use crate::token::mint::{Credentials, Limit, mint};
use crate::token::verdict::words;

use super::span;
use crate::context::Context;
use crate::context::environment::TOKEN_VARIABLES;

/// How long the AWS CLI may take: it may ask a login service.
const AWS_LIMIT: Duration = Duration::from_secs(60);

const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

/// Make a short-term Bedrock API key from AWS credentials
///
/// Use it where there are AWS credentials, so that nobody has to copy a key from the console. Takes AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_CREDENTIAL_EXPIRATION, else what `aws configure export-credentials`
/// gives. Signs on this machine; nobody is asked. A key never outlives the credentials that made it, so its end is set
/// to theirs where that is sooner and known.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  eval \"$(bedrock-fixtures mint-token --region us-west-2 --export)\"
  bedrock-fixtures mint-token --region us-east-1 --output token
  bedrock-fixtures mint-token --profile dev --expires 2h --output token")]
pub struct MintTokenArgs {
    /// The region the key is to work in, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// How long it is to last: at most 12 hours, and no longer than the credentials
    #[arg(long, value_name = "SPAN", default_value = "12h", value_parser = span::parse)]
    expires: SignedDuration,
    /// The profile of the AWS CLI to take the credentials from, whatever the environment has
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Print the line that sets the key in a shell
    #[arg(long, conflicts_with = "output")]
    export: bool,
    /// Write the key to FILE, which nobody else may read, and print nothing of it
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the key even to a terminal
    #[arg(long)]
    show: bool,
    /// Date it at this moment instead of now
    #[arg(long, value_name = "RFC3339", value_parser = span::moment)]
    at: Option<Timestamp>,
}

/// Makes a key.
pub fn run(context: &Context<'_>, args: &MintTokenArgs) -> Result<Report> {
    if args.output.is_none() && !args.show && context.stdout_is_terminal {
        return Err(Error::new("the key would be shown on the terminal")
            .hint("use --output FILE, or eval \"$(bedrock-fixtures mint-token --export)\", or --show to see it"));
    }
    let (region, region_source) = context.environment.region(args.region.as_deref())?;
    let (credentials, source) = credentials(context, args)?;
    let minted = mint(&credentials, &region.to_string(), args.expires, args.at.unwrap_or(context.now))?;
    let says = &minted.says;
    let lasts = says.expires.duration_since(says.issued);
    context.progress.note(&format!("region {region} (from {region_source})"));
    context.progress.note(&format!("credentials {} from {source}", says.access_key.masked()));
    context.progress.note(&format!("valid at most until {} ({})", says.expires, words(lasts)));
    if let Some(path) = &args.output {
        let key = format!("{}\n", minted.token.expose());
        output::write(&context.cwd.join(path), key.as_bytes(), Readers::Owner)?;
    }
    let mut notes = Vec::new();
    let mut warn = |text: &str| notes.push(TokenNote { text: text.to_owned(), warning: true });
    match minted.limit {
        Some(Limit::Longest) => warn("no key lasts longer than 12 hours"),
        Some(Limit::Credentials) => warn("it lasts no longer than the credentials, which end sooner than was asked"),
        None => {}
    }
    if credentials.session_token.is_some() && credentials.expiration.is_none() {
        warn("the credentials are temporary and do not say when they end; the key ends with them, if that is sooner");
    }
    Ok(Report::MintToken(MintReport {
        region: region.to_string(),
        access_key: says.access_key.masked(),
        issued_at: says.issued.to_string(),
        expires_at: says.expires.to_string(),
        expires_seconds: lasts.as_secs(),
        output: args.output.as_ref().map(|path| path.display().to_string()),
        token: args.output.is_none().then(|| Revealed(minted.token.expose().to_owned())),
        notes,
        export: args.export.then_some(TOKEN_VARIABLES[0]),
    }))
}

fn credentials(context: &Context<'_>, args: &MintTokenArgs) -> Result<(Credentials, String)> {
    if args.profile.is_none()
        && let Some(credentials) = of_environment(context)?
    {
        return Ok((credentials, "the environment".to_owned()));
    }
    of_aws_cli(context, args.profile.as_deref())
}

fn of_environment(context: &Context<'_>) -> Result<Option<Credentials>> {
    let get = |name| context.environment.get(name);
    let (access_key, secret_key) = match (get(KEY_ID), get(SECRET_KEY)) {
        (None, None) => return Ok(None),
        (Some(access_key), Some(secret_key)) => (access_key, secret_key),
        (found, _) => {
            let (set, missing) = if found.is_some() { (KEY_ID, SECRET_KEY) } else { (SECRET_KEY, KEY_ID) };
            return Err(Error::new(format!("{set} is set, but {missing} is not"))
                .hint("set both, or neither to take the credentials of the AWS CLI"));
        }
    };
    let expiration = get(EXPIRATION).map(|text| moment(text, EXPIRATION)).transpose()?;
    assemble(access_key, secret_key, get(SESSION_TOKEN), expiration).map(Some)
}

/// What `aws configure export-credentials --format process` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Exported {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<String>,
}

fn of_aws_cli(context: &Context<'_>, profile: Option<&str>) -> Result<(Credentials, String)> {
    const COMMAND: &str = "aws configure export-credentials";
    let hint = format!("set {KEY_ID} and {SECRET_KEY}, or log in with the AWS CLI, for example by `aws sso login`");
    let mut args = vec!["configure", "export-credentials", "--format", "process"];
    args.extend(profile.into_iter().flat_map(|profile| ["--profile", profile]));
    let printed = capture::run("aws", &args, &context.cwd, AWS_LIMIT)
        .map_err(|error| Error::new(format!("no AWS credentials in the environment, and {error}")).hint(&hint))?;
    if !printed.success {
        let said = String::from_utf8_lossy(&printed.stderr);
        let said = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it failed and did not say why");
        return Err(Error::new(mask(said)).at(COMMAND).hint(hint));
    }
    // What is wrong with the text is not said in detail: it is secret.
    let exported: Exported = serde_json::from_slice(&printed.stdout).map_err(|_| {
        Error::new("it printed no credentials").at(COMMAND).hint("update the AWS CLI: version 2 prints them")
    })?;
    let Exported { access_key_id, secret_access_key, session_token, expiration } = exported;
    let expiration = expiration.as_deref().map(|text| moment(text, "Expiration")).transpose()?;
    let credentials = assemble(&access_key_id, &secret_access_key, session_token.as_deref(), expiration)?;
    let source = profile.map_or_else(|| COMMAND.to_owned(), |profile| format!("{COMMAND} --profile {profile}"));
    Ok((credentials, source))
}

fn assemble(
    access_key: &str,
    secret_key: &str,
    session_token: Option<&str>,
    expiration: Option<Timestamp>,
) -> Result<Credentials> {
    let part = |text: &str, what: &str| -> Result<Secret> {
        credential(text).ok_or_else(|| Error::new(format!("the AWS credentials have no {what}")))
    };
    Ok(Credentials {
        access_key: part(access_key, "access key id")?,
        secret_key: part(secret_key, "secret access key")?,
        session_token: session_token.and_then(credential),
        expiration,
    })
}

fn moment(text: &str, name: &str) -> Result<Timestamp> {
    span::moment(text).map_err(|hint| Error::new("no time").at(name).hint(hint))
}
