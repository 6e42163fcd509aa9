//! The hooks in `.pre-commit-config.yaml`: added at the end of its list, in its own style of indentation. Pure.

/// The name that tells our hooks from others.
const OURS: &str = "bedrock-fixtures";

/// The hooks: what they are called after our name, and what they run.
const HOOKS: [&str; 2] = ["verify", "replay-check"];

/// What to do about a configuration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HooksPlan {
    /// It names our hooks already.
    Settled,
    /// This is the new text.
    Write(String),
    /// It is not written in a way in which a list can be added to safely.
    Unclear(&'static str),
}

/// How lists are indented.
#[derive(Clone, Copy)]
struct ListStyle {
    /// Before the dash.
    indent: usize,
    /// From the dash to what follows it.
    width: usize,
}

/// Adds the hooks to a configuration, or makes one.
pub(crate) fn plan(text: Option<&str>) -> HooksPlan {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return HooksPlan::Write(format!("repos:\n{}", entry(ListStyle { indent: 0, width: 2 })));
    };
    let lines: Vec<&str> = text.lines().collect();
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    if lines.iter().any(|line| !is_comment(line) && line.contains(OURS)) {
        return HooksPlan::Settled;
    }
    let mut lists = (0..lines.len()).filter(|&at| lines[at].starts_with("repos:"));
    let (Some(list), None) = (lists.next(), lists.next()) else {
        return HooksPlan::Unclear("it has no list `repos:`, or several");
    };
    let rest = lines[list]["repos:".len()..].split(" #").next().unwrap_or("").trim();
    let (mut head, end, style) = match rest {
        "[]" => (vec!["repos:"], list + 1, ListStyle { indent: 0, width: 2 }),
        "" => match block(&lines[list + 1..]) {
            Some((length, style)) => (vec![lines[list]], list + 1 + length, style),
            None => return HooksPlan::Unclear("the list `repos:` is not written with one dash a line"),
        },
        _ => return HooksPlan::Unclear("the list `repos:` is written in one line"),
    };
    let body = if rest == "[]" { &[][..] } else { &lines[list + 1..end] };
    head.extend(body);
    let entry = entry(style);
    let whole: Vec<&str> =
        lines[..list].iter().copied().chain(head).chain(entry.lines()).chain(lines[end..].iter().copied()).collect();
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    HooksPlan::Write(whole.join(ending) + ending)
}

/// How many lines belong to the list that begins here, up to its last item, and how it is indented.
fn block(lines: &[&str]) -> Option<(usize, ListStyle)> {
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
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
        if own < indent || (own == indent && !content.starts_with('-')) || content == "---" || content == "..." {
            break;
        }
        length = at + 1;
    }
    (length > 0).then_some((length, ListStyle { indent, width }))
}

fn entry(style: ListStyle) -> String {
    let ListStyle { indent, width } = style;
    let (dash, inside) = (" ".repeat(width - 1), " ".repeat(indent + width));
    let mut text = format!("{}-{dash}repo: local\n{inside}hooks:\n", " ".repeat(indent));
    for hook in HOOKS {
        let deeper = format!("{inside}{}", " ".repeat(width));
        text.push_str(&format!(
            "{inside}-{dash}id: {OURS}-{hook}\n{deeper}name: {OURS} {hook}\n{deeper}entry: {OURS} {hook}\n\
             {deeper}language: system\n{deeper}files: (^|/)recordings/[^/]+\\.json$\n{deeper}require_serial: true\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        match plan(Some(text)) {
            HooksPlan::Write(new) => new,
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
            assert_eq!(plan(Some(&new)), HooksPlan::Settled, "{new}");
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
            assert!(matches!(plan(Some(text)), HooksPlan::Unclear(_)), "{text}");
        }
        assert_eq!(plan(Some("repos:\n- repo: local\n  hooks: [{id: bedrock-fixtures-verify}]\n")), HooksPlan::Settled);
        assert!(matches!(plan(None), HooksPlan::Write(_)) && matches!(plan(Some("\n")), HooksPlan::Write(_)));
    }
}
