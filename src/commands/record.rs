//! `record`: ask an endpoint and store what the Python recorder would have stored.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::client::sandbox::SandboxFault;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::jobs::recorder::session::{self, RecordOptions};
use crate::jobs::server::{self, ServeMode, ServeOptions};
use crate::report::Report;

use super::number;

/// Ask Bedrock and store the answers as recordings
///
/// Use it to make recordings for new tests and to renew old ones. It sends each request of the given cases and of the
/// given recordings, and writes one JSON file per request, exactly as the OGX recorder does. Incomplete answers are
/// refused, and the old file stays: an error status, a cut stream, a page of HTML. An answer that differs from the
/// stored one only in noise does not change the file.
///
/// Before the first paid call it checks the token, its region and its expiry, and refuses requests that Bedrock is known
/// to reject. --plan shows this, and the expected tokens and time. When the token expires during a run, it asks for
/// another one on a terminal; without a terminal the run ends and prints the command that resumes it.
///
/// Without a token but with AWS credentials (from the environment, from --profile or AWS_PROFILE, or from `aws configure
/// export-credentials`) it mints a short-term key in memory, and the next one when that expires, so that a long run can
/// be left alone.
///
/// With a command after `--`, your own recorder runs instead. Every file that it changed is checked by the same rules:
/// a file that holds an error, a cut answer, a secret or only noise is restored byte for byte.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "A case file has one JSON object per line:
  {\"test_id\": \"tests/test_chat.py::test_hello\", \"body\": {\"model\": \"openai.gpt-oss-20b-1:0\", \"messages\": [...]}}
It may have a \"url\"; the default is the public url of the region.

Examples:
  bedrock-fixtures record --cases cases.jsonl --missing
  bedrock-fixtures record tests/integration/inference --test '*streaming*' --plan
  bedrock-fixtures record --sandbox --cases cases.jsonl --root /tmp/try
  bedrock-fixtures record -- uv run pytest test_chat.py --inference-mode=record")]
pub struct RecordArgs {
    /// Recordings, or folders of recordings, to record again
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Requests to record, JSON Lines; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub cases: Vec<PathBuf>,
    /// Only requests whose test id contains PATTERN, or matches it if it has a `*`
    #[arg(long, value_name = "PATTERN")]
    pub test: Option<String>,
    /// Only requests that have no recording yet, or one with a transient failure such as 401 or 429
    #[arg(long)]
    pub missing: bool,
    /// Only requests whose key starts with KEY; resumes a run that ended early
    #[arg(long, value_name = "KEY", value_delimiter = ',', value_parser = key_start)]
    pub key: Vec<String>,
    /// Send nothing; print the planned requests, the expected tokens and time, and what would stop the run
    #[arg(long)]
    pub plan: bool,
    /// Send the requests to this server instead of AWS; plain http only to this machine
    #[arg(long, value_name = "URL", conflicts_with = "sandbox")]
    pub endpoint_url: Option<String>,
    /// Region of the endpoint, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2; an existing recording uses its
    /// own region
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Use bedrock-mantle instead of bedrock-runtime
    #[arg(long)]
    pub mantle: bool,
    /// Record from the built-in stand-in on this machine: no account, no token, no model. Without cases and PATHs it
    /// records the built-in cases, which are those of the shipped recordings/; one of them stores a status 400
    #[arg(long)]
    pub sandbox: bool,
    /// Errors of the sandbox, one word per request in order of arrival, such as ok,throttle,cut
    #[arg(long, value_name = "FAULTS", requires = "sandbox", value_delimiter = ',', hide = true)]
    pub sandbox_faults: Vec<SandboxFault>,
    /// Send also requests that Bedrock is known to reject, such as an image for a model that takes none
    #[arg(long)]
    pub ask_anyway: bool,
    /// Store replies with this HTTP status as the exception they raise
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = number::status)]
    pub allow_status: Vec<u16>,
    /// Store answers although they contain this text, which looks like a secret; the message about the answer names ID
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub allow_secret: Vec<String>,
    /// Maximum concurrent requests [default: 4]
    #[arg(long, value_name = "N", value_parser = number::concurrency)]
    pub concurrency: Option<usize>,
    /// Longest wait for the first byte of a reply, and between two parts of it [default: 120 and 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<Duration>,
    /// Mint the token from the credentials of this profile of the AWS CLI, even if the environment has a token
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sandbox", "no_mint"])]
    pub profile: Option<String>,
    /// Without a token, do not mint one from AWS credentials
    #[arg(long)]
    pub no_mint: bool,
    /// Do not ask before paid calls; with --sandbox, replace real answers too
    #[arg(long)]
    pub yes: bool,
    /// Serve COMMAND over HTTP instead: its requests go upstream and are recorded; for any language
    #[arg(long, requires = "command")]
    pub serve: bool,
    /// Keep recordings of tests that failed in pytest's JUnit report; by default they are restored
    #[arg(long, requires = "command", conflicts_with = "serve")]
    pub keep_failed: bool,
    /// Your own recorder, to run instead: its environment has the token and the region, but no keys of other providers.
    /// All recordings below the root are guarded
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = [
        "paths", "cases", "test", "key", "plan", "ask_anyway", "concurrency",
    ])]
    pub command: Vec<OsString>,
}

fn key_start(text: &str) -> std::result::Result<String, String> {
    let text = text.to_ascii_lowercase();
    let is_hex = (4..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex { Ok(text) } else { Err("give the first 4 to 64 hex digits of a key".to_owned()) }
}

fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "give a number of seconds such as 120".to_owned())?;
    let valid = seconds > 0.0 && seconds <= 600.0;
    if valid {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("give a number of seconds, more than 0 and at most 600".to_owned())
    }
}

/// Records the selected requests.
pub fn run(context: &Context<'_>, args: &RecordArgs) -> Result<Report> {
    let is_own_recorder = !args.command.is_empty() && !args.serve;
    if is_own_recorder
        && (args.missing || args.mantle || args.sandbox || args.endpoint_url.is_some() || args.timeout.is_some())
    {
        let what = "--missing, --mantle, --sandbox, --endpoint-url and --timeout are for requests that this tool makes";
        return Err(Error::new(what).hint("the command sends its own requests; with --serve they go through this tool"));
    }
    let options = RecordOptions {
        paths: args.paths.clone(),
        cases: args.cases.clone(),
        test: args.test.clone(),
        missing: args.missing,
        key: args.key.clone(),
        plan: args.plan,
        endpoint_url: args.endpoint_url.clone(),
        region: args.region.clone(),
        mantle: args.mantle,
        sandbox: args.sandbox,
        sandbox_faults: args.sandbox_faults.clone(),
        ask_anyway: args.ask_anyway,
        allow_status: if args.allow_status.is_empty() { &context.settings.allow_status } else { &args.allow_status }
            .clone(),
        allow_secret: args.allow_secret.clone(),
        concurrency: args.concurrency.or(context.settings.concurrency).unwrap_or(4),
        timeout: args.timeout,
        profile: args.profile.clone(),
        no_mint: args.no_mint,
        yes: args.yes,
        keep_failed: args.keep_failed,
        command: if args.serve { vec![] } else { args.command.clone() },
    };
    if args.serve {
        let mode = if args.missing { ServeMode::Missing } else { ServeMode::Record };
        let options = ServeOptions { mode, record: options, command: args.command.clone(), ..ServeOptions::default() };
        return server::run(context, &options);
    }
    session::run(context, &options)
}
