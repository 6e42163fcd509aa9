//! `rekey`: what is stored gets the name its request has today.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::rekey::{self, RekeyOptions};
use crate::rekey::TextRename;
use crate::report::Report;

/// Give recordings the names that their requests have: after a rename, an edit, a change of the key
///
/// Use it instead of a search-and-replace, which leaves files that no request finds, and to mend one. Without a
/// renaming, every selected recording whose file name is not the key of its request gets that name. With renamings,
/// only the recordings they are about are changed. A renamed recording moves to the folder of its test, the ids of its
/// answer follow its name, and the answer stays. What is to be done is shown first; --yes does it, all or nothing. A
/// recording whose new name is taken by one with the same answer goes; if the answers differ, nothing is done.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "OLD is a whole value or the beginning of one, and only that part is replaced. Of a test id it may \
also be the beginning of its `::name` or of its `[parameters]`: --test-id '[llama_stack_client=[ogx_client'. Of several \
that fit, the longest counts. When NEW begins with OLD, what begins with NEW already is left. A `=` inside a name may be \
written `\\=`, and must be where it is open which one parts OLD and NEW. An answer that repeats the model of its request \
follows --model.

Examples:
  bedrock-fixtures rekey
  bedrock-fixtures rekey --test-id tests/integration/=tests/it/ --yes
  bedrock-fixtures rekey --url https://old.example=https://new.example tests/integration/responses"
)]
pub struct RekeyArgs {
    /// Files or folders to look at instead of every recording below the root
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Rename a test, a file or a folder of tests
    #[arg(long, value_name = "OLD=NEW")]
    test_id: Vec<TextRename>,
    /// Rename a url, a host or a path of an endpoint
    #[arg(long, value_name = "OLD=NEW")]
    url: Vec<TextRename>,
    /// Rename a model
    #[arg(long, value_name = "OLD=NEW")]
    model: Vec<TextRename>,
    /// Do what is planned
    #[arg(long)]
    yes: bool,
    /// Also change files that git has not committed
    #[arg(long)]
    force: bool,
    /// Also name requests that were edited since the last commit, whose answers were given to other questions
    #[arg(long)]
    edited: bool,
}

/// Plans, and with consent does, the renaming of the selected recordings.
pub fn run(context: &Context<'_>, args: &RekeyArgs) -> Result<Report> {
    let options = RekeyOptions {
        paths: args.paths.clone(),
        test_id: args.test_id.clone(),
        url: args.url.clone(),
        model: args.model.clone(),
        yes: args.yes,
        force: args.force,
        edited: args.edited,
    };
    rekey::run(context, &options)
}
