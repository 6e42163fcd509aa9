//! The edge of the process: everything ambient is read here, once.

use std::process::ExitCode;

fn main() -> ExitCode {
    bedrock_fixtures::process::forbid_core_dumps();
    look_for_helpers();
    // Variables that are not UTF-8 are not read.
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    ExitCode::from(bedrock_fixtures::cli::run(
        std::env::args_os(),
        variables,
        std::env::current_dir(),
        std::env::current_exe().ok(),
        jiff::Timestamp::now(),
    ))
}

/// Helpers are searched for in the absolute entries of PATH only.
fn look_for_helpers() {
    let Some(path) = std::env::var_os("PATH") else { return };
    let (whole, others): (Vec<_>, Vec<_>) = std::env::split_paths(&path).partition(|entry| entry.is_absolute());
    if let (false, Ok(whole)) = (others.is_empty(), std::env::join_paths(whole)) {
        let others = others.into_iter().map(|entry| entry.to_string_lossy().into_owned()).collect();
        bedrock_fixtures::helper::search_only(whole, others);
    }
}
