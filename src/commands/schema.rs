//! `schema`: what an editor needs to complete and mark recordings and the configuration.

use clap::ValueEnum;

use crate::error::{Error, Result};
use crate::recording::layouts::{Layout, recording_schema};
use crate::report::{PageReport, Report};
use crate::settings::schema::config_schema;

/// Print the JSON Schema of recordings or of the configuration
///
/// Use it to let an editor complete and check these files. The schema of recordings has the fields of answers in the
/// newest known version of the openai SDK. It allows unknown fields, because other kinds of recordings have other
/// fields.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures schema recording > recording.schema.json
  bedrock-fixtures schema config")]
pub struct SchemaArgs {
    /// What the schema describes
    #[arg(value_enum)]
    of: SchemaOf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SchemaOf {
    /// A recording, one JSON file
    Recording,
    /// bedrock-fixtures.toml, or [tool.bedrock-fixtures] of pyproject.toml
    Config,
}

/// Prints a schema.
pub fn run(args: &SchemaArgs) -> Result<Report> {
    let schema = match args.of {
        SchemaOf::Recording => recording_schema(Layout::NEWEST),
        SchemaOf::Config => config_schema(),
    };
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Error::new(format!("cannot write the schema: {error}")))?;
    Ok(Report::Page(PageReport { command: "schema", text: text + "\n", styled: false }))
}
