//! `serve`: the store behind a loopback server.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::recorder::options::RecordOptions;
use crate::jobs::server::{self, FaultList, ServeMode, ServeOptions, ServePace};
use crate::report::Report;

use super::number;

/// Answer requests of any program from the store, over HTTP on this machine
///
/// Use it to replay recordings in any language and any test runner: point the SDK at the server and run the tests. It
/// speaks the OpenAI-compatible API: chat completions, streamed or not, and every other kind of request in the store.
/// With --mode missing it sends requests without a recording upstream; with --mode record it sends every request
/// upstream once. Answers pass the same checks as those of `record`. --mode live sends each request upstream and stores
/// nothing. Streams are passed on as they arrive. A request without a recording gets status 404 and a message that
/// names the most similar recording.
///
/// A request names its test with the header x-test-id (the openai SDKs send it with OPENAI_CUSTOM_HEADERS) or with the
/// path /t/ID/openai/v1; otherwise `PUT /-/test` or --test-id names it. A request without a test is answered if exactly
/// one recording fits.
///
/// The first line on standard output is a JSON object with `base_url`; the last one, after Ctrl-C or SIGTERM, is the
/// receipt: hits, misses, recordings read. Exit code 1 if a request was missed or not recorded.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures serve --port 4010
  bedrock-fixtures serve --mode missing --sandbox --port-file port
  OPENAI_BASE_URL=http://127.0.0.1:4010/openai/v1 OPENAI_API_KEY=x npm test")]
pub struct ServeArgs {
    /// Where answers come from
    #[arg(long, value_enum, default_value = "replay", hide_possible_values = false)]
    mode: Mode,
    /// Port to listen on; 0 selects a free one
    #[arg(long, value_name = "PORT", default_value = "0", value_parser = number::port)]
    port: u16,
    /// Address to listen on instead of 127.0.0.1; others can then reach the recordings
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<IpAddr>,
    /// Write the port to FILE once the server listens
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
    /// The test of requests that do not name one
    #[arg(long, value_name = "ID")]
    test_id: Option<String>,
    /// Append the recordings that were read to FILE, one path per line
    #[arg(long, value_name = "FILE")]
    reads_out: Option<PathBuf>,
    /// Stop when standard input ends, so that the server ends with the program that started it
    #[arg(long)]
    stdin_ends: bool,
    /// Milliseconds between the events of a stream
    #[arg(long, value_name = "MS", default_value = "0", value_parser = number::milliseconds)]
    pace: Duration,
    /// Milliseconds before the first byte of an answer
    #[arg(long, value_name = "MS", default_value = "0", value_parser = number::milliseconds)]
    first_byte: Duration,
    /// Errors for the first answers, in order of arrival: throttle, unavailable, expired, daily-quota, cut, stall,
    /// slow, html, wrong-path or ok; with TEST= only for the requests of that test
    #[arg(long, value_name = "[TEST=]FAULTS")]
    fault: Vec<FaultList>,
    /// Upstream server instead of AWS; plain http only to this machine
    #[arg(long, value_name = "URL", conflicts_with = "sandbox")]
    endpoint_url: Option<String>,
    /// Use the built-in stand-in as upstream: no account, no token, no model
    #[arg(long)]
    sandbox: bool,
    /// Region of the upstream endpoint
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Use bedrock-mantle as upstream instead of bedrock-runtime
    #[arg(long)]
    mantle: bool,
    /// Store upstream replies with this HTTP status as the exception they raise
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = number::status)]
    allow_status: Vec<u16>,
    /// Store answers although they contain this text, which looks like a secret
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    allow_secret: Vec<String>,
    /// Profile of the AWS CLI whose credentials make the upstream token
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Without a token, stop instead of minting one from AWS credentials
    #[arg(long)]
    no_mint: bool,
    /// With --sandbox, replace real answers too
    #[arg(short, long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// Recordings alone; nothing is ever asked
    Replay,
    /// Recordings, and upstream for requests that have none
    Missing,
    /// Upstream, once for each request of the run
    Record,
    /// Upstream, each time; nothing is stored
    Live,
}

/// Serves until it is stopped.
pub fn run(context: &Context<'_>, args: &ServeArgs) -> Result<Report> {
    let record = RecordOptions {
        endpoint_url: args.endpoint_url.clone(),
        sandbox: args.sandbox,
        region: args.region.clone(),
        mantle: args.mantle,
        allow_status: args.allow_status.clone(),
        allow_secret: args.allow_secret.clone(),
        profile: args.profile.clone(),
        no_mint: args.no_mint,
        yes: args.yes,
        ..RecordOptions::default()
    };
    let options = ServeOptions {
        mode: match args.mode {
            Mode::Replay => ServeMode::Replay,
            Mode::Missing => ServeMode::Missing,
            Mode::Record => ServeMode::Record,
            Mode::Live => ServeMode::Live,
        },
        listen: args.listen,
        port: args.port,
        port_file: args.port_file.clone(),
        test_id: args.test_id.clone(),
        reads_out: args.reads_out.clone(),
        stdin_ends: args.stdin_ends,
        faults: args.fault.clone(),
        pace: ServePace { first_byte: args.first_byte, between: args.pace },
        record,
        command: vec![],
    };
    server::run(context, &options)
}
