//! Which recorder is in force, and what the configuration sets.

use crate::context::Context;
use crate::report::doctor::Check;
use crate::settings::file::FILE;

pub(crate) fn checks(context: &Context<'_>) -> Vec<Check> {
    let settings = &context.settings;
    let configuration = match (settings.source.as_str(), settings.shown.as_slice()) {
        ("", _) => {
            Check::skipped("configuration", format!("neither {FILE} nor [tool.bedrock-fixtures] in pyproject.toml"))
        }
        (source, []) => Check::pass("configuration", format!("{source} has no settings")),
        (source, shown) => Check::pass("configuration", format!("{source} sets {}", shown.join("; "))),
    };
    let in_force = context.in_force.get();
    let mut recorder = in_force.to_string();
    for newer in in_force.newer_than_known() {
        recorder = format!("{recorder}; {newer}");
    }
    vec![Check::pass("recorder", recorder), configuration]
}
