//! The suites of OGX, as far as `tests/integration/suites.py` spells them out: `Suite(name="…", roots=["…", …])`.

/// Where the suites are defined, relative to the root.
pub const FILE: &str = "tests/integration/suites.py";

/// Where suites without a definition are folders.
pub const FOLDER: &str = "tests/integration";

/// A suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// Folders, files and tests; nothing if they are computed, so that only Python knows them.
    pub roots: Option<Vec<String>>,
}

/// A token of Python, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// Reads the definitions.
pub fn parse(source: &str) -> Vec<Suite> {
    let tokens = tokens(source);
    let mut suites = Vec::new();
    for at in 0..tokens.len() {
        let is_call = tokens[at] == Token::Word("Suite".to_owned()) && tokens.get(at + 1) == Some(&Token::Mark('('));
        // `class Suite(BaseModel)` is none.
        let is_class = at > 0 && tokens[at - 1] == Token::Word("class".to_owned());
        if is_call && !is_class {
            suites.extend(suite(arguments(&tokens[at + 2..])));
        }
    }
    suites
}

/// The arguments of a call whose bracket is open: the tokens of each up to its comma.
fn arguments(tokens: &[Token]) -> Vec<&[Token]> {
    let mut arguments = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') if depth == 0 => {
                arguments.push(&tokens[start..at]);
                return arguments;
            }
            Token::Mark(')' | ']' | '}') => depth -= 1,
            Token::Mark(',') if depth == 0 => {
                arguments.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    // The bracket is never closed.
    vec![]
}

fn suite(arguments: Vec<&[Token]>) -> Option<Suite> {
    let named = |name: &str| {
        arguments.iter().find_map(|argument| match argument {
            [Token::Word(word), Token::Mark('='), value @ ..] if word == name => Some(value),
            _ => None,
        })
    };
    let name = match named("name")? {
        [Token::Text(name)] => name.clone(),
        _ => return None,
    };
    let roots = named("roots").and_then(|roots| match roots {
        [Token::Mark('['), items @ .., Token::Mark(']')] => texts(items),
        _ => None,
    });
    Some(Suite { name, roots })
}

/// The texts of a list; nothing if it holds anything else. Texts beside each other are one.
fn texts(items: &[Token]) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    for item in items.split(|token| *token == Token::Mark(',')).filter(|item| !item.is_empty()) {
        let parts = item.iter().map(|token| if let Token::Text(text) = token { Some(text.as_str()) } else { None });
        texts.push(parts.collect::<Option<Vec<&str>>>()?.concat());
    }
    Some(texts)
}

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if first == '#' {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if matches!(first, '"' | '\'') {
            let (text, after) = text(rest, first);
            // `f"…"`, `b"…"`: not a plain text.
            if let Some(Token::Word(prefix)) = tokens.last()
                && prefix.eq_ignore_ascii_case("r")
            {
                tokens.pop();
            }
            tokens.push(Token::Text(text));
            rest = after;
        } else if is_word(first) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Mark(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

/// The text that begins with a quote, and what comes after it.
fn text(source: &str, quote: char) -> (String, &str) {
    let triple = quote.to_string().repeat(3);
    let end = if source.starts_with(&triple) { triple.as_str() } else { &triple[..1] };
    let mut text = String::new();
    let mut rest = &source[end.len()..];
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(end) {
            return (text, after);
        }
        let mut chars = rest.chars();
        match chars.next() {
            // Paths hold no other escapes.
            Some('\\') => text.extend(chars.next()),
            Some(c) => text.push(c),
            None => {}
        }
        rest = chars.as_str();
    }
    (text, "")
}

/// Whether a test is in a suite: below a folder, in a file, or one of the tests with a name.
pub fn holds_test(root: &str, test_id: &str) -> bool {
    let root = root.trim_start_matches("./").trim_end_matches('/');
    match test_id.strip_prefix(root) {
        Some(rest) => {
            rest.is_empty()
                || rest.starts_with("::")
                || (rest.starts_with('/'))
                || (root.contains("::") && rest.starts_with('['))
        }
        None => false,
    }
}

/// Whether a recording without a test is in a suite: its folder is below one of the suite.
pub fn holds_path(root: &str, path: &str) -> bool {
    let root = root.trim_start_matches("./").trim_end_matches('/');
    !root.contains("::") && path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelled_out_is_read() {
        let source = r#"
from pathlib import Path
class Suite(BaseModel):
    """A "Suite(name='no')"."""
    name: str
    roots: list[str]
base_roots = [str(p) for p in Path(__file__).parent.glob("*")]
SUITE_DEFINITIONS: dict[str, Suite] = {
    "base": Suite(name="base", roots=base_roots, default_setup="ollama"),
    'responses': Suite(
        name='responses',  # Suite(name="comment", roots=[])
        roots=["tests/integration/responses",],
        default_setup="gpt",
    ),
    "bedrock": Suite(
        default_setup="bedrock",
        roots=[
            "tests/integration/inference/test_openai_completion.py::test_a",  # ADD HERE
            "tests/integration/inference/"
            "test_openai_completion.py::test_b",
        ],
        name="bedrock",
    ),
    "f": Suite(name="f", roots=[f"{x}/a", "b"]),
    "none": Suite(name="none"),
    "open": Suite(name="open", roots=["
"#;
        let suites = parse(source);
        let roots = |name: &str| suites.iter().find(|suite| suite.name == name).map(|suite| suite.roots.clone());
        let file = "tests/integration/inference/test_openai_completion.py";
        assert_eq!(roots("base"), Some(None));
        assert_eq!(roots("responses"), Some(Some(vec!["tests/integration/responses".into()])));
        assert_eq!(roots("bedrock"), Some(Some(vec![format!("{file}::test_a"), format!("{file}::test_b")])));
        assert_eq!(roots("f"), Some(None));
        assert_eq!(roots("none"), Some(None));
        assert_eq!((roots("open"), roots("comment"), roots("no")), (None, None, None));
    }

    #[test]
    fn what_is_in_a_suite() {
        for (root, test_id, holds) in [
            ("t/a", "t/a/test_x.py::f", true),
            ("./t/a/", "t/a/test_x.py::f", true),
            ("t/a", "t/ab/test_x.py::f", false),
            ("t/a/test_x.py", "t/a/test_x.py::f[1]", true),
            ("t/a/test_x.py::f", "t/a/test_x.py::f[1]", true),
            ("t/a/test_x.py::f", "t/a/test_x.py::f", true),
            ("t/a/test_x.py::f", "t/a/test_x.py::fg", false),
            ("t/a/test_x.py::C", "t/a/test_x.py::C::f", true),
        ] {
            assert_eq!(holds_test(root, test_id), holds, "{root} {test_id}");
        }
        assert!(holds_path("t/a", "t/a/recordings/x.json"));
        assert!(!holds_path("t/a/test_x.py::f", "t/a/recordings/x.json"));
    }
}
