//! The edge of the process: everything ambient is read here, once.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A variable that is no UTF-8 is none that this tool reads.
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    ExitCode::from(bedrock_fixtures::cli::run(
        std::env::args_os(),
        variables,
        std::env::current_dir(),
        jiff::Timestamp::now(),
    ))
}
