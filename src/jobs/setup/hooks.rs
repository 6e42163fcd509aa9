//! How the checks come to run before a commit: by pre-commit, for the whole team, or by a hook of this clone alone.

use std::path::Path;

use crate::error;
use crate::store;

/// The name that tells our hooks from others.
pub(crate) const OURS: &str = "bedrock-fixtures";

/// How the hooks are installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HookForm {
    /// pre-commit runs the program that is on the PATH.
    #[default]
    System,
    /// pre-commit installs the program from its wheel: nobody needs Rust, and CI has nothing to prepare.
    Wheel,
    /// pre-commit takes the hooks from a repository at this url that mirrors the releases.
    Mirror(String),
    /// A hook of git in this clone, which changes nothing for others.
    Local,
}

impl HookForm {
    /// Reads what somebody wrote on the command line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || "'\"#{}[],&*!|>%@`".contains(c));
        match text {
            "wheel" => Ok(HookForm::Wheel),
            "system" => Ok(HookForm::System),
            "local" => Ok(HookForm::Local),
            // What is written into a configuration goes there as it is.
            url if url.contains('/') && is_plain && is_our_repository(url) => Ok(HookForm::Mirror(url.to_owned())),
            _ => Err("give wheel, system, local, or the url of a mirror such as \
                      https://github.com/TEAM/bedrock-fixtures-pre-commit"
                .to_owned()),
        }
    }
}

/// Why the hooks do not run the program that is on the PATH.
pub(crate) const FROM_INDEX: &str =
    "this program was installed from a package index, so pre-commit installs it from there";

/// The form that fits how this program was installed. A team whose index has the wheel needs no program on the PATH, so
/// pre-commit installs the wheel, by way of the mirror if the package names its repository.
pub(crate) fn form_by_install(program: Option<&Path>) -> error::Result<HookForm> {
    // `uv tool` puts a link on the PATH.
    let program = program.and_then(store::without_links);
    Ok(match program {
        Some(program) if came_from_index(&program)? => {
            mirror_of(env!("CARGO_PKG_REPOSITORY")).map_or(HookForm::Wheel, HookForm::Mirror)
        }
        _ => HookForm::System,
    })
}

/// Whether the program belongs to a wheel of its version that came from an index. For a wheel that came from a file, a folder
/// or a repository, pip and uv write `direct_url.json` beside its metadata, as Python's packaging standard says.
fn came_from_index(program: &Path) -> error::Result<bool> {
    let Some(environment) = program.parent().and_then(Path::parent) else { return Ok(false) };
    let metadata = concat!("bedrock_fixtures-", env!("CARGO_PKG_VERSION"), ".dist-info");
    // `pip install --target` puts packages beside the folder of programs.
    let folders = store::site_folders(environment)?.into_iter().chain([environment.to_owned()]);
    let mut installed = folders.map(|folder| folder.join(metadata)).filter(|folder| store::is_folder(folder));
    Ok(installed.next().is_some_and(|folder| !store::is_there(&folder.join("direct_url.json"))))
}

/// Where the mirror of a repository is: beside it, under its name and `-pre-commit`.
fn mirror_of(repository: &str) -> Option<String> {
    let name = repository.trim_end_matches('/').trim_end_matches(".git");
    (!name.is_empty()).then(|| format!("{name}-pre-commit"))
}

/// What is written of the hooks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HookSetting {
    pub(crate) form: HookForm,
    /// The file that lists findings that are known, if there are any.
    pub(crate) baseline: Option<String>,
}

impl HookSetting {
    /// What the hooks are called, and what they run.
    pub(crate) const HOOKS: [&'static str; 2] = ["verify", "replay-check"];

    /// The hooks that are set up. Recordings with known findings do not replay, so beside a baseline there is only one.
    pub(crate) fn hooks(&self) -> &'static [&'static str] {
        if self.baseline.is_some() { &Self::HOOKS[..1] } else { &Self::HOOKS }
    }
}

/// Whether a repository of hooks is this one or a mirror of it, by its name.
pub(crate) fn is_our_repository(url: &str) -> bool {
    let name = url.trim_end_matches('/').trim_end_matches(".git").rsplit(['/', '\\', ':']).next().unwrap_or_default();
    name.strip_prefix(OURS).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The hook of git in this clone. Only what is staged is checked, so findings of before are none of it.
pub(crate) const SCRIPT: &str = "#!/bin/sh
# Checks the staged recordings. Written by `bedrock-fixtures init --hooks local`; delete this file to undo that.
command -v bedrock-fixtures >/dev/null || {
  echo 'bedrock-fixtures is not on the PATH, so the staged recordings were not checked' >&2
  exit 1
}
exec bedrock-fixtures verify --staged
";

/// Whether a hook of git runs our program.
pub(crate) fn runs_ours(hook: &str) -> bool {
    hook.lines().any(|line| !line.trim_start().starts_with('#') && line.contains("bedrock-fixtures verify"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_a_word_or_the_url_of_a_mirror() {
        assert_eq!(HookForm::parse("local"), Ok(HookForm::Local));
        let url = "https://h.example/bedrock-fixtures-pre-commit.git";
        assert_eq!(HookForm::parse(url), Ok(HookForm::Mirror(url.to_owned())));
        for text in ["", "mirror", "https://h.example/other", "https://h.example/bedrock-fixtures\nx: y"] {
            assert!(HookForm::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_mirror_lies_beside_its_repository() {
        assert_eq!(mirror_of(""), None);
        for url in ["https://h.example/t/bedrock-fixtures", "https://h.example/t/bedrock-fixtures.git"] {
            let mirror = mirror_of(url).unwrap();
            assert_eq!(mirror, "https://h.example/t/bedrock-fixtures-pre-commit");
            assert_eq!(HookForm::parse(&mirror), Ok(HookForm::Mirror(mirror.clone())));
        }
    }

    #[test]
    fn a_comment_runs_nothing() {
        assert!(runs_ours(SCRIPT) && !runs_ours("#!/bin/sh\n# bedrock-fixtures verify\n"));
    }
}
