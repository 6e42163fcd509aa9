//! `rekey`: recordings get the names that their requests have today.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::rekey::{self, RekeyOptions};
use crate::rekey::TextRename;
use crate::report::Report;

/// Rename recordings to the keys of their requests: after a rename, an edit, a change of the key
///
/// Use it instead of a search-and-replace, which leaves files that no request finds, or to repair the result of one.
/// Without a renaming, every selected recording whose file name is not the key of its request gets that name. With
/// renamings, only the affected recordings change. A renamed recording moves to the folder of its test; the ids of its
/// answer follow its name, and the answer stays. The plan is shown first; --yes carries it out, all or nothing. If the
/// new name exists already with the same answer, the old file is deleted; if the answers differ, nothing changes.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "OLD is a whole value or the start of one, and only that part is replaced. In a test id, OLD may \
                  also be the start of `::name` or of `[parameters]`: --test-id '[llama_stack_client=[ogx_client'. If several renamings match, the longest OLD wins. If NEW starts with OLD, values that start with NEW already do not change. Write a `=` inside a name as `\\=` if it could be taken for the one between OLD and NEW. An answer that repeats the model of its request follows --model.

Examples:
  bedrock-fixtures rekey
  bedrock-fixtures rekey --test-id tests/integration/=tests/it/ --yes
  bedrock-fixtures rekey --url https://old.example=https://new.example tests/integration/responses"
)]
pub struct RekeyArgs {
    /// Files or folders to rename instead of every recording below the root
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
    /// Carry out the plan
    #[arg(long)]
    yes: bool,
    /// Also change uncommitted files
    #[arg(long)]
    force: bool,
    /// Also rename recordings whose request was edited since the last commit, so that the answer belongs to another
    /// request
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
