//! `mint-token`: a short-term key from AWS credentials, so that nobody needs the console.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use crate::error::{Error, Result};
use crate::jobs::credentials;
use crate::report::{MintReport, Report, Revealed, TokenNote};
use crate::store::output::{self, Readers};
use crate::token::mint::{Limit, mint};
use crate::token::verdict::format_span;

use super::span;
use crate::context::Context;
use crate::context::environment::TOKEN_VARIABLES;

/// Make a short-term Bedrock API key from AWS credentials
///
/// Use it if you have AWS credentials, instead of copying a key from the console. Reads AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_CREDENTIAL_EXPIRATION, or without them the output of `aws configure
/// export-credentials`. It signs on this machine, without a network. A key expires with the credentials that made it,
/// so its expiry time is never later than theirs, if that is known.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  eval \"$(bedrock-fixtures mint-token --region us-west-2 --export)\"
  bedrock-fixtures mint-token --region us-east-1 --output token
  bedrock-fixtures mint-token --profile dev --expires 2h --output token")]
pub struct MintTokenArgs {
    /// The region where the key works, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// How long the key is valid: at most 12 hours, and not longer than the credentials
    #[arg(long, value_name = "SPAN", default_value = "12h", value_parser = span::parse)]
    expires: SignedDuration,
    /// The profile of the AWS CLI whose credentials are used, even if the environment has some
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Print the line that sets the key in a shell
    #[arg(long, conflicts_with = "output")]
    export: bool,
    /// Write the key to FILE, which only its owner can read, and do not print it
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the key even to a terminal
    #[arg(long)]
    show: bool,
    /// Use this time instead of now
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
    let (credentials, source) = credentials::find(context, args.profile.as_deref())?;
    let minted = mint(&credentials, &region.to_string(), args.expires, args.at.unwrap_or(context.now))?;
    let says = &minted.says;
    let lasts = says.expires.duration_since(says.issued);
    context.progress.note(&format!("region {region} (from {region_source})"));
    context.progress.note(&format!("credentials {} from {source}", says.access_key.masked()));
    context.progress.note(&format!("valid at most until {} ({})", says.expires, format_span(lasts)));
    if let Some(path) = &args.output {
        let key = format!("{}\n", minted.token.expose());
        output::write(&context.cwd.join(path), key.as_bytes(), Readers::Owner)?;
    }
    let mut notes = Vec::new();
    let mut warn = |text: &str| notes.push(TokenNote { text: text.to_owned(), warning: true });
    match minted.limit {
        Some(Limit::Longest) => warn("a key is valid for at most 12 hours"),
        Some(Limit::Credentials) => warn(
            "the key is valid only as long as the credentials, which expire earlier than \
                                          --expires",
        ),
        None => {}
    }
    if credentials.session_token.is_some() && credentials.expiration.is_none() {
        warn(
            "the credentials are temporary and do not say when they expire; the key expires with them, if that is \
              earlier",
        );
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
