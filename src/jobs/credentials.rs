//! AWS credentials: from the environment, else from the AWS CLI, which knows profiles, SSO, roles and containers.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use crate::client::bedrock::error::mask;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::process::capture;
use crate::secret::Secret;
use crate::token::forms::credential;
use crate::token::mint::Credentials;

/// How long the AWS CLI may take: it may ask a login service.
const AWS_LIMIT: Duration = Duration::from_secs(60);

/// How long it may take to say its version.
const VERSION_LIMIT: Duration = Duration::from_secs(10);

const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

/// The credentials as they are now, and where they are from. A profile that is given comes before the environment.
///
/// # Errors
///
/// When there are none, or they cannot be used.
pub(crate) fn find(context: &Context<'_>, profile: Option<&str>) -> Result<(Credentials, String)> {
    if profile.is_none()
        && let Some(credentials) = of_environment(context)?
    {
        return Ok((credentials, "the environment".to_owned()));
    }
    of_aws_cli(context, profile)
}

/// Whether the environment names credentials: keys, or a profile.
pub(crate) fn are_named(context: &Context<'_>) -> bool {
    [KEY_ID, SECRET_KEY, "AWS_PROFILE"].iter().any(|name| context.environment.get(name).is_some())
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
        .map_err(|error| error.context("no AWS credentials in the environment").hint(&hint))?;
    if !printed.success {
        if let Some(version) = old_version(context) {
            let what = format!("the AWS CLI on the PATH is version {version}, which cannot export credentials");
            return Err(
                Error::new(what).hint(format!("install AWS CLI 2 (2.9 or newer), or set {KEY_ID} and {SECRET_KEY}"))
            );
        }
        let said = String::from_utf8_lossy(&printed.stderr);
        let said = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it failed and did not say why");
        return Err(Error::new(mask(said)).at(COMMAND).hint(hint));
    }
    // The error does not quote the text, because it is secret.
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
    text.parse().map_err(|_| Error::new("not a time").at(name).hint("give a time like 2026-01-15T08:30:00Z"))
}

/// The version of an AWS CLI before 2, which cannot export credentials.
fn old_version(context: &Context<'_>) -> Option<String> {
    let printed = capture::run("aws", &["--version"], &context.cwd, VERSION_LIMIT).ok()?;
    // Old ones print it on standard error.
    let printed = [printed.stdout, printed.stderr].concat();
    let text = String::from_utf8_lossy(&printed);
    let version = text.split_once("aws-cli/")?.1.split_whitespace().next()?;
    let is_plain = version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    (is_plain && version.starts_with("1.")).then(|| version.to_owned())
}
