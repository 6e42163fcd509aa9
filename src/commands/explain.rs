//! `explain`: the key of a request, where its recording is looked up, what is there, and why not.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::explain::subject::{self, ExplainOptions};
use crate::report::Report;

/// Say what key a request has, where its recording is looked up, what is there, and why there is none
///
/// Use it when a test says "Recording not found". Give what you have: the request as JSON, the hash from that message, or
/// the file of a recording. If nothing is found, the recordings that come nearest are shown with the places in which they
/// differ after normalisation, those of the same test first, and the cause where it is known. Exit code 1 if the request
/// has no answer. Of a folder it lists what there is.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "REQUEST is {\"test_id\": …, \"body\": {…}}, and optionally \"url\", \"method\" and \"endpoint\"; \
without a url it is a chat completion of Bedrock. Other kinds have \"payload\" for the body, or \"provider\", \"tool_name\" \
and \"kwargs\". A whole recording will do. KEY is a key, the beginning of one, or the name of a recording.

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
    /// A JSON file with a request, `-` for standard input; a key or the beginning of one; or the path of a recording, or of
    /// a folder, whose recordings are listed
    #[arg(value_name = "REQUEST|KEY|PATH", required_unless_present_any = ["test", "from"])]
    subject: Option<PathBuf>,
    /// The test that missed the recording, or a pattern with `*`; alone it lists the recordings of the test
    #[arg(long, value_name = "ID", conflicts_with = "hashed")]
    test: Option<String>,
    /// Explain every "Recording not found" in FILE: the output of pytest, or a JUnit report; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["subject", "test", "hashed"])]
    from: Option<PathBuf>,
    /// A case file in which the request of the key may stand; then every difference is shown
    #[arg(long, value_name = "FILE")]
    cases: Vec<PathBuf>,
    /// Print only the exact text whose SHA-256 is the key
    #[arg(long)]
    hashed: bool,
    /// Region of the url of a request that names none
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
