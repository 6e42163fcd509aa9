//! `explain`: the key of a request, where its recording is looked up, and why it is not found.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::explain::subject::{self, ExplainOptions};
use crate::report::Report;

/// Explain what key a request has, where its recording is looked up, and why it is not found
///
/// Use it when a test says "Recording not found". Give what you have: the request as JSON, the hash from that message,
/// or the file of a recording. If there is no recording, it shows the most similar ones, those of the same test first,
/// with the differences after normalisation, and the cause if it is known. Exit code 1 if the request has no answer.
/// For a folder it lists the recordings.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "REQUEST is {\"test_id\": …, \"body\": {…}}, and optionally \"url\", \"method\" and \"endpoint\"; \
without a url it is a chat completion of Bedrock. Other kinds have \"payload\" for the body, or \"provider\", \"tool_name\" \
and \"kwargs\". A whole recording works too. KEY is a key, the start of a key, or the file name of a recording.

Examples:
  bedrock-fixtures explain request.json
  bedrock-fixtures explain 5a88cdf51c54
  bedrock-fixtures explain tests/integration/inference/recordings/b38c99d1….json
  bedrock-fixtures explain 5a88cdf51c54 --test tests/test_chat.py::test_hello
  bedrock-fixtures explain --test tests/test_chat.py::test_hello
  pytest | tee pytest.log; bedrock-fixtures explain --from pytest.log
  bedrock-fixtures explain tests/integration/inference
  bedrock-fixtures explain --hashed request.json | sha256sum"
)]
pub struct ExplainArgs {
    /// A JSON file with a request (`-` is standard input), a key or its start, the path of a recording, or a folder,
    /// whose recordings are listed
    #[arg(value_name = "REQUEST|KEY|PATH", required_unless_present_any = ["test", "from"])]
    subject: Option<PathBuf>,
    /// The test that did not find the recording, or a pattern with `*`; alone it lists the recordings of the test
    #[arg(long, value_name = "ID", conflicts_with = "hashed")]
    test: Option<String>,
    /// Explain every "Recording not found" in FILE: the output of pytest, or a JUnit report; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["subject", "test", "hashed"])]
    from: Option<PathBuf>,
    /// A case file that may contain the request of the key; then every difference is shown
    #[arg(long, value_name = "FILE")]
    cases: Vec<PathBuf>,
    /// Print only the exact text whose SHA-256 is the key
    #[arg(long)]
    hashed: bool,
    /// Region for a request without a url
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
}

/// Explains one request.
pub fn run(context: &Context<'_>, args: &ExplainArgs) -> Result<Report> {
    let options = ExplainOptions {
        subject: args.subject.clone().unwrap_or_default(),
        test: args.test.clone(),
        from: args.from.clone(),
        cases: args.cases.clone(),
        hashed: args.hashed,
        region: args.region.clone(),
    };
    subject::run(context, &options)
}
