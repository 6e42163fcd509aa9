//! `verify-token`: what a token is and how long it lasts at most, without asking anyone.

use std::ffi::OsString;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::span;
use crate::context::Context;
use crate::error::Result;
use crate::jobs::check_token::{self, VerifyTokenOptions};
use crate::report::Report;

/// Read a Bedrock API key: its kind, its region, and until when it is valid at most
///
/// Use it before a long recording run, and when Bedrock rejects the key. It reads the key itself: kind, region,
/// account, issue time and expiry time. Without a network it can say that the key is well-formed and valid at most
/// until then; only AWS knows whether it is valid, and --online asks with one free call. It reads the key from the
/// environment, a file or standard input, never from the command line, and shows only four letters at each end of its
/// access key id.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "Exit codes: 0 well-formed, or the expiry time is unknown; 1 otherwise; 2 --online could not \
                        reach AWS.

Examples:
  bedrock-fixtures verify-token --min-remaining 2h
  bedrock-fixtures verify-token --token-file token --format json
  pass show bedrock | bedrock-fixtures verify-token -")]
pub struct VerifyTokenArgs {
    /// `-` reads the token from standard input, instead of AWS_BEARER_TOKEN_BEDROCK, AWS_BEDROCK_BEARER_TOKEN or
    /// AWS_BEDROCK_API_KEY
    #[arg(value_name = "-", conflicts_with = "token_file")]
    source: Vec<OsString>,
    /// Read the token from FILE
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A token that expires sooner than this is not usable
    #[arg(long, value_name = "SPAN", default_value = "30m", value_parser = span::with_unit)]
    min_remaining: SignedDuration,
    /// The region where the token must work, by default AWS_REGION or AWS_DEFAULT_REGION
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Use this time instead of now
    #[arg(long, value_name = "RFC3339", value_parser = span::moment)]
    at: Option<Timestamp>,
    /// Ask the endpoint too, with one free call
    #[arg(long)]
    online: bool,
    /// The server for --online instead of AWS; plain http only to this machine
    #[arg(long, value_name = "URL", requires = "online")]
    endpoint_url: Option<String>,
}

/// Judges the token.
pub fn run(context: &Context<'_>, args: &VerifyTokenArgs) -> Result<Report> {
    let options = VerifyTokenOptions {
        source: args.source.clone(),
        token_file: args.token_file.clone(),
        min_remaining: args.min_remaining,
        region: args.region.clone(),
        at: args.at,
        online: args.online,
        endpoint_url: args.endpoint_url.clone(),
    };
    check_token::run(context, &options)
}
