//! The hooks in `.pre-commit-config.yaml`: they are added at the end of its list, with its indentation, and no existing
//! byte changes. Pure.

use serde_json::Value;

use super::files::{ending_before, unreadable};
use super::hooks::{HookForm, HookSetting, OURS, is_our_repository};

/// What to do about a configuration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HooksPlan {
    /// It runs our hooks already.
    Settled,
    /// These are the new bytes.
    Write(Vec<u8>),
    /// It is not written in a way in which a list can be added to safely.
    Unclear(String),
}

/// How lists are indented.
#[derive(Clone, Copy)]
struct ListStyle {
    /// Before the dash.
    indent: usize,
    /// From the dash to what follows it.
    width: usize,
}

/// Reads a configuration, or says why it cannot be read.
fn read(bytes: &[u8]) -> Result<Value, String> {
    if let Some(why) = unreadable(bytes) {
        return Err(why.to_owned());
    }
    // Bytes that are not UTF-8 are harmless only in comments; this does not change the bytes themselves.
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Value::Null);
    }
    serde_saphyr::from_str(text).map_err(|error| {
        let said = error.to_string();
        format!("it cannot be read as YAML: {}", said.lines().next().unwrap_or_default())
    })
}

/// Whether pre-commit runs one of our hooks by this configuration.
pub(crate) fn runs_ours(bytes: &[u8]) -> Result<bool, String> {
    read(bytes).map(|config| has_ours(&config))
}

fn has_ours(config: &Value) -> bool {
    let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_our_program = |word: &str| {
        let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
        name.trim_end_matches(".exe") == OURS
    };
    let is_hook = |repo: &Value, hook: &Value| {
        let is_our_repo = is_our_repository(&text(repo, "repo"));
        let of_ours = |id: &str| HookSetting::HOOKS.contains(&id);
        let entry = text(hook, "entry");
        let mut words = entry.split(|c: char| c.is_whitespace() || "'\"`;&|()".contains(c));
        let id = text(hook, "id");
        let is_ours_by_id = id.strip_prefix(OURS).and_then(|rest| rest.strip_prefix('-')).is_some_and(of_ours);
        is_ours_by_id || (is_our_repo && of_ours(&id)) || words.any(is_our_program)
    };
    list(config, "repos").iter().any(|repo| list(repo, "hooks").iter().any(|hook| is_hook(repo, hook)))
}

/// Adds the hooks to a configuration, or makes one.
pub(crate) fn plan(bytes: Option<&[u8]>, setting: &HookSetting) -> HooksPlan {
    let bytes = bytes.unwrap_or_default();
    let config = match read(bytes) {
        Ok(config) => config,
        Err(why) => return HooksPlan::Unclear(why),
    };
    if has_ours(&config) {
        return HooksPlan::Settled;
    }
    let new = match with_hooks(bytes, config == Value::Null, &|style| entry(style, setting)) {
        Ok(new) => new,
        Err(why) => return HooksPlan::Unclear(why.to_owned()),
    };
    // The old content must keep its meaning.
    if read(&new).is_ok_and(|new| has_ours(&new) && without_last(new) == with_list(config)) {
        HooksPlan::Write(new)
    } else {
        HooksPlan::Unclear("its list `repos:` has a form that cannot be extended safely".to_owned())
    }
}

fn with_list(mut config: Value) -> Value {
    if config.is_null() {
        config = serde_json::json!({ "repos": [] });
    }
    config
}

fn without_last(mut config: Value) -> Value {
    if let Some(repos) = config.get_mut("repos").and_then(Value::as_array_mut) {
        repos.pop();
    }
    config
}

fn with_hooks(bytes: &[u8], is_empty: bool, entry: &dyn Fn(ListStyle) -> String) -> Result<Vec<u8>, &'static str> {
    let whole = ListStyle { indent: 0, width: 2 };
    if is_empty {
        return Ok(inserted(bytes, bytes.len(), &format!("repos:\n{}", entry(whole))));
    }
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let offset = |line: usize| lines[..line].iter().map(|line| line.len()).sum::<usize>();
    let texts: Vec<String> = lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    let is_list = |text: &String| text.trim_start_matches('\u{feff}').starts_with("repos:");
    let mut lists = (0..texts.len()).filter(|at| is_list(&texts[*at]));
    let (Some(list), None) = (lists.next(), lists.next()) else {
        return Err("it does not have exactly one list `repos:`");
    };
    let after = texts[list].split_once("repos:").map_or("", |(_, after)| after);
    match after.split(" #").next().unwrap_or("").trim() {
        "[]" => {
            // The empty list is removed, with the space before it; a comment after it stays.
            let line = lines[list];
            let end = line.windows(2).position(|two| two == b"[]").unwrap_or_default();
            let begin = line[..end].iter().rposition(|byte| *byte == b':').map_or(end, |colon| colon + 1);
            let cut = |at: usize| offset(list) + at;
            let new = [&bytes[..cut(begin)], &bytes[cut(end + 2)..]].concat();
            Ok(inserted(&new, offset(list + 1) - (end + 2 - begin), &entry(whole)))
        }
        "" => match block(&texts[list + 1..]) {
            Some((length, style)) => Ok(inserted(bytes, offset(list + 1 + length), &entry(style))),
            None => Err("the list `repos:` is not written with one dash a line"),
        },
        _ => Err("the list `repos:` is written in one line"),
    }
}

/// The bytes with a text of lines at an offset where a line begins, or after a last line without an end.
fn inserted(bytes: &[u8], at: usize, text: &str) -> Vec<u8> {
    let ending = ending_before(bytes, at);
    let mut new = bytes[..at].to_vec();
    let is_open = new.last().is_some_and(|byte| *byte != b'\n') && new != b"\xef\xbb\xbf";
    new.extend(if is_open { ending } else { "" }.bytes());
    new.extend(text.replace('\n', ending).bytes());
    new.extend(&bytes[at..]);
    new
}

/// How many lines belong to the list that begins here, up to its last item, and how it is indented.
fn block(lines: &[String]) -> Option<(usize, ListStyle)> {
    let is_blank = |line: &String| line.trim().is_empty() || line.trim_start().starts_with('#');
    let first = lines.iter().find(|line| !is_blank(line))?;
    let content = first.trim_start();
    let indent = first.len() - content.len();
    let after = content.strip_prefix('-')?;
    let width = 1 + after.len() - after.trim_start().len();
    if after.trim().is_empty() || !after.starts_with(' ') || first.contains('\t') {
        return None;
    }
    let mut length = 0;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !is_blank(line)) {
        let content = line.trim_start();
        let own = line.len() - content.len();
        if own < indent || (own == indent && !content.starts_with('-')) || matches!(content.trim_end(), "---" | "...") {
            break;
        }
        length = at + 1;
    }
    (length > 0).then_some((length, ListStyle { indent, width }))
}

fn entry(style: ListStyle, setting: &HookSetting) -> String {
    let ListStyle { indent, width } = style;
    let (dash, inside) = (" ".repeat(width - 1), " ".repeat(indent + width));
    let item = |text: &str| format!("{inside}-{dash}{text}\n");
    let deeper = format!("{inside}{}", " ".repeat(width));
    let (mut text, version) = (" ".repeat(indent), env!("CARGO_PKG_VERSION"));
    let known = setting.baseline.as_deref();
    let language = match &setting.form {
        HookForm::Mirror(url) => {
            text.push_str(&format!("-{dash}repo: {url}\n{inside}rev: v{version}\n{inside}hooks:\n"));
            for hook in setting.hooks() {
                text.push_str(&item(&format!("id: {hook}")));
                text.extend(known.map(|file| format!("{deeper}args: [--baseline, {file}]\n")));
            }
            return text;
        }
        HookForm::Wheel => {
            format!("language: python\n{deeper}additional_dependencies: [{OURS}=={version}]")
        }
        HookForm::System | HookForm::Local => "language: system".to_owned(),
    };
    text.push_str(&format!("-{dash}repo: local\n{inside}hooks:\n"));
    for hook in setting.hooks() {
        let args = known.map(|file| format!(" --baseline {file}")).unwrap_or_default();
        text.push_str(&item(&format!("id: {OURS}-{hook}")));
        text.push_str(&format!(
            "{deeper}name: {OURS} {hook}\n{deeper}entry: {OURS} {hook}{args}\n{deeper}{language}\n\
             {deeper}files: (^|/)recordings/[^/]+\\.json$\n{deeper}require_serial: true\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTING: HookSetting = HookSetting { form: HookForm::System, baseline: None };

    fn written(text: &str) -> String {
        match plan(Some(text.as_bytes()), &SETTING) {
            HooksPlan::Write(new) => String::from_utf8(new).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn hooks_go_to_the_end_of_the_list_in_its_own_style() {
        for (text, dash, before, after) in [
            ("repos:\n- repo: a\n  hooks:\n  - id: b\n", "- repo: local\n  hooks:\n  - id: ", "  - id: b\n", ""),
            (
                "repos:\n  - repo: a\n    hooks:\n      - id: b\n",
                "  - repo: local\n    hooks:\n    - id: ",
                "- id: b\n",
                "",
            ),
            (
                "x: 1\nrepos:\n-   repo: a\n    hooks:\n    -   id: b\n\n# - repo: c\n\nci:\n    skip: [d]\n",
                "-   repo: local\n    hooks:\n    -   id: ",
                "    -   id: b\n",
                "\n# - repo: c\n\nci:\n    skip: [d]\n",
            ),
            ("repos: []\nci: {}\n", "- repo: local\n", "repos:\n", "ci: {}\n"),
            ("repos: # ours\n- repo: a\n  x: |\n    y\n\n    z", "- repo: local\n", "\n\n    z\n", ""),
        ] {
            let new = written(text);
            let at = new.find(dash).unwrap_or_else(|| panic!("{new}"));
            assert!(new[..at].ends_with(before), "{new}");
            assert!(new.ends_with(&format!("require_serial: true\n{after}")), "{new}");
            assert_eq!(plan(Some(new.as_bytes()), &SETTING), HooksPlan::Settled, "{new}");
        }
    }

    #[test]
    fn each_form_is_known_again() {
        let mirror = "https://h.example/team/bedrock-fixtures-pre-commit";
        for (form, holds) in [
            (HookForm::Wheel, "    additional_dependencies: [bedrock-fixtures==".to_owned()),
            (HookForm::System, "    language: system\n".to_owned()),
            (HookForm::Mirror(mirror.to_owned()), format!("- repo: {mirror}\n  rev: v")),
        ] {
            for baseline in [None, Some("known.json".to_owned())] {
                let setting = HookSetting { form: form.clone(), baseline };
                let HooksPlan::Write(new) = plan(None, &setting) else { panic!("{form:?}") };
                let text = String::from_utf8_lossy(&new);
                assert!(text.contains(&holds), "{text}");
                // What is known to be wrong is not replayed either.
                assert_eq!(text.contains("replay-check"), setting.baseline.is_none(), "{text}");
                assert_eq!(text.contains("--baseline"), setting.baseline.is_some(), "{text}");
                assert_eq!(plan(Some(&new), &SETTING), HooksPlan::Settled, "{text}");
            }
        }
    }

    #[test]
    fn endings_of_lines_are_kept() {
        let new = written("repos:\r\n- repo: a\r\n");
        assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    }

    #[test]
    fn what_cannot_be_added_to_safely_is_left() {
        for text in [
            "a: b\n",
            "repos: [{repo: a}]\n",
            "repos:\n  a: b\n",
            "repos:\nrepos:\n",
            "repos:\n",
            "repos:\n-\n  repo: a\n",
        ] {
            assert!(matches!(plan(Some(text.as_bytes()), &SETTING), HooksPlan::Unclear(_)), "{text}");
        }
        assert_eq!(
            plan(Some(b"repos:\n- repo: local\n  hooks: [{id: bedrock-fixtures-verify}]\n"), &SETTING),
            HooksPlan::Settled
        );
        assert!(
            matches!(plan(None, &SETTING), HooksPlan::Write(_))
                && matches!(plan(Some(b"\n"), &SETTING), HooksPlan::Write(_))
        );
    }

    #[test]
    fn a_mention_is_not_a_hook() {
        let hook = "- repo: a\n  hooks:\n  - id: b\n";
        for (config, runs) in [
            (format!("exclude: ^vendor/bedrock-fixtures/\nrepos:\n{hook}"), false),
            (format!("repos:\n{hook} # bedrock-fixtures verify\n"), false),
            (format!("repos:\n{hook}    name: like bedrock-fixtures verify\n"), false),
            (format!("repos:\n{hook}    exclude: bedrock-fixtures\n"), false),
            (format!("repos:\n{hook}    entry: bedrock-fixtures-lint x\n"), false),
            ("repos:\n- repo: https://h.example/bedrock-fixtures\n  hooks:\n  - id: other\n".to_owned(), false),
            ("repos:\n- repo: https://h.example/bedrock-fixtures.git\n  hooks:\n  - id: verify\n".to_owned(), true),
            (format!("repos:\n{hook}    entry: bash -c 'uvx bedrock-fixtures verify --staged'\n"), true),
            (format!("repos:\n{hook}    entry: ./target/release/bedrock-fixtures verify\n"), true),
            ("repos: [{repo: local, hooks: [{id: x, entry: bedrock-fixtures verify}]}]\n".to_owned(), true),
        ] {
            assert_eq!(runs_ours(config.as_bytes()), Ok(runs), "{config}");
            assert_eq!(plan(Some(config.as_bytes()), &SETTING) == HooksPlan::Settled, runs, "{config}");
        }
    }

    #[test]
    fn old_bytes_stay_as_they_are() {
        for old in [
            &b"# d\xe9j\xe0\nrepos:\n- repo: a\n  hooks:\n  - id: b\n"[..],
            b"\xef\xbb\xbfrepos:\n- repo: a\n  hooks:\n  - id: b\n",
            b"repos:\r\n- repo: a\n  hooks:\r\n  - id: b\n",
            b"repos:\n- repo: a\n  hooks:\n  - id: b",
            b"# nothing yet\n",
            b"\xef\xbb\xbf",
        ] {
            let HooksPlan::Write(new) = plan(Some(old), &SETTING) else { panic!("{old:?}") };
            assert!(new.starts_with(old), "{}", String::from_utf8_lossy(&new));
        }
        let middle = b"repos:\r\n- repo: a\r\n  hooks:\r\n  - id: b\r\nci: {}\n";
        let HooksPlan::Write(new) = plan(Some(middle), &SETTING) else { panic!() };
        assert!(new.starts_with(&middle[..middle.len() - 7]) && new.ends_with(b"require_serial: true\r\nci: {}\n"));
    }

    #[test]
    fn files_that_are_not_text_or_not_yaml_are_named_as_such() {
        for (bytes, says) in [
            (&b"\xff\xfer\0"[..], "UTF-16"),
            (b"repos:\0", "NUL"),
            (b"repos: [\n", "YAML"),
            (b"repos:\n- repo: a\n  hooks: &x\n  - id: b\nother: *y\n", "YAML"),
        ] {
            let HooksPlan::Unclear(why) = plan(Some(bytes), &SETTING) else { panic!("{bytes:?}") };
            assert!(why.contains(says), "{why}");
        }
    }
}
