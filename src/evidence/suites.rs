//! The suites of OGX's `tests/integration/suites.py`, read without Python.
//!
//! Only literals are read: strings, lists of strings, and names of such a list in the same file. If a list has another
//! form, the suite counts as not fully known; nothing is guessed.

use super::matrix::MatrixEntry;

/// Where the suites are defined, relative to the root.
pub const FILE: &str = "tests/integration/suites.py";

/// Where suites without a definition are folders.
pub const FOLDER: &str = "tests/integration";

/// No file has as many suites as this.
const MOST: usize = 1000;

/// What a suite runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suite {
    /// The name that `--suite` takes.
    pub name: String,
    /// Test ids, files and folders, as far as they are written out.
    pub roots: Vec<String>,
    /// Whether these are all.
    pub complete: bool,
    /// The setup it runs with.
    pub setup: Option<String>,
}

/// What a setup asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// The name that `--setup` takes.
    pub name: String,
    /// The models it sets, by the option: `text_model`, `embedding_model` and others. Each has the name of its provider
    /// before a slash.
    pub models: Vec<(String, String)>,
}

impl Setup {
    /// The model of texts.
    pub fn text_model(&self) -> Option<&str> {
        self.models.iter().find(|(option, _)| option == "text_model").map(|(_, model)| model.as_str())
    }

    /// The providers of its models.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.models.iter().filter_map(|(_, model)| Some(model.split_once('/')?.0))
    }

    /// Whether its texts come from Bedrock.
    pub fn is_bedrock(&self) -> bool {
        match self.text_model() {
            Some(model) => model.starts_with("bedrock/"),
            None => self.name.contains("bedrock"),
        }
    }

    /// Whether a test id names a model of a provider that this setup does not use, as in `[txt=azure/gpt-4o]`. The
    /// providers are those of all setups, so that other texts with a slash do not match.
    pub fn excludes(&self, test_id: &str, all: &[Setup]) -> bool {
        let names = |provider: &str| test_id.contains(&format!("={provider}/"));
        let own: Vec<&str> = self.providers().collect();
        !own.is_empty()
            && all.iter().flat_map(Setup::providers).any(|provider| !own.contains(&provider) && names(provider))
    }
}

/// The suites of Bedrock: by name, by the setup they run with unless told otherwise, or by what CI runs them with.
pub fn of_bedrock(suites: Vec<Suite>, setups: &[Setup], entries: &[MatrixEntry]) -> Vec<Suite> {
    let is_bedrock =
        |name: &str| setups.iter().find(|setup| setup.name == name).map_or(name == "bedrock", Setup::is_bedrock);
    let is_ours = |suite: &Suite| {
        let in_ci = entries.iter().filter(|entry| entry.suite == suite.name);
        suite.name.contains("bedrock")
            || suite.setup.as_deref().is_some_and(is_bedrock)
            || in_ci.filter_map(|entry| entry.setup.as_deref()).any(is_bedrock)
    };
    suites.into_iter().filter(is_ours).collect()
}

/// Reads the suites in the order of the file.
pub fn suites(source: &str) -> Vec<Suite> {
    let tokens = tokens(source);
    let suite = |call: SuiteCall<'_>| {
        let (roots, complete) = call.value("roots", 1).map_or((vec![], false), |value| list(&tokens, value));
        Some(Suite { name: call.name()?, roots, complete, setup: call.text("default_setup", 2) })
    };
    calls(&tokens, "Suite").into_iter().filter_map(suite).collect()
}

/// Reads the setups in the order of the file.
pub fn setups(source: &str) -> Vec<Setup> {
    let tokens = tokens(source);
    let setup = |call: SuiteCall<'_>| {
        let model = |three: &[SyntaxToken]| match three {
            [SyntaxToken::Text(option), SyntaxToken::Sign(':'), SyntaxToken::Text(model)]
                if option.ends_with("_model") =>
            {
                Some((option.clone(), model.clone()))
            }
            _ => None,
        };
        Some(Setup { name: call.name()?, models: call.inside.windows(3).filter_map(model).collect() })
    };
    calls(&tokens, "Setup").into_iter().filter_map(setup).collect()
}

#[derive(Clone, Debug, PartialEq)]
enum SyntaxToken {
    Name(String),
    /// A string literal; adjacent ones are joined.
    Text(String),
    /// A text that Python fills in.
    Filled,
    Sign(char),
}

/// The text of a Python file without its comments and blanks.
fn tokens(source: &str) -> Vec<SyntaxToken> {
    let mut tokens: Vec<SyntaxToken> = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if c == '#' {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if c.is_whitespace() || c == '\\' {
            rest = &rest[c.len_utf8()..];
        } else if c == '"' || c == '\'' {
            // Letters right before a text say how to read it.
            let prefix = source[..source.len() - rest.len()].chars().next_back().filter(|c| c.is_ascii_alphabetic());
            let prefix = prefix.and_then(|_| match tokens.pop() {
                Some(SyntaxToken::Name(name)) => Some(name.to_ascii_lowercase()),
                other => {
                    tokens.extend(other);
                    None
                }
            });
            let prefix = prefix.unwrap_or_default();
            let (text, end) = text(rest, prefix.contains('r'));
            rest = &rest[end..];
            match (prefix.contains('f'), tokens.last_mut()) {
                (true, _) => tokens.push(SyntaxToken::Filled),
                (false, Some(SyntaxToken::Text(before))) => before.push_str(&text),
                (false, _) => tokens.push(SyntaxToken::Text(text)),
            }
        } else if c.is_alphanumeric() || c == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(SyntaxToken::Name(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            tokens.push(SyntaxToken::Sign(c));
            rest = &rest[c.len_utf8()..];
        }
    }
    tokens
}

/// The text that starts with a quote, and where it ends.
fn text(source: &str, raw: bool) -> (String, usize) {
    let quote = &source[..1];
    let triple = quote.repeat(3);
    let fence = if source.starts_with(&triple) { triple.as_str() } else { quote };
    let (mut text, mut place) = (String::new(), fence.len());
    while let Some(c) = source[place..].chars().next() {
        if source[place..].starts_with(fence) {
            return (text, place + fence.len());
        }
        place += c.len_utf8();
        match source[place..].chars().next() {
            Some(next) if c == '\\' => {
                place += next.len_utf8();
                match next {
                    '\n' if !raw => {}
                    _ if raw => text.extend([c, next]),
                    _ => text.push(next),
                }
            }
            // A line that ends within a text of one line is no Python; what follows may still be read.
            _ if c == '\n' && fence.len() == 1 => return (text, place),
            _ => text.push(c),
        }
    }
    (text, source.len())
}

/// A call like `"key": Suite(name="key", …)`.
struct SuiteCall<'a> {
    key: Option<&'a str>,
    inside: &'a [SyntaxToken],
}

/// The calls of `function`, not its definition.
fn calls<'a>(tokens: &'a [SyntaxToken], function: &str) -> Vec<SuiteCall<'a>> {
    let is = |token: Option<&SyntaxToken>, name: &str| matches!(token, Some(SyntaxToken::Name(word)) if word == name);
    let starts = (0..tokens.len()).filter(|&at| {
        let defines = at > 0 && (is(tokens.get(at - 1), "class") || is(tokens.get(at - 1), "def"));
        is(tokens.get(at), function) && tokens.get(at + 1) == Some(&SyntaxToken::Sign('(')) && !defines
    });
    starts
        .take(MOST)
        .map(|at| {
            let key = match at.checked_sub(2).map(|key| &tokens[key..at]) {
                Some([SyntaxToken::Text(key), SyntaxToken::Sign(':')]) => Some(key.as_str()),
                _ => None,
            };
            SuiteCall { key, inside: inside(&tokens[at + 1..]) }
        })
        .collect()
}

/// The tokens between the first bracket and its closing bracket.
fn inside(tokens: &[SyntaxToken]) -> &[SyntaxToken] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            SyntaxToken::Sign('(' | '[' | '{') => depth += 1,
            SyntaxToken::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return tokens.get(1..at).unwrap_or(&[]);
        }
    }
    tokens.get(1..).unwrap_or(&[])
}

/// The parts between commas.
fn parts(tokens: &[SyntaxToken]) -> Vec<&[SyntaxToken]> {
    let mut depth = 0_usize;
    let parts = tokens.split(|token| {
        match token {
            SyntaxToken::Sign('(' | '[' | '{') => depth += 1,
            SyntaxToken::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == SyntaxToken::Sign(',')
    });
    parts.filter(|part| !part.is_empty()).collect()
}

impl<'a> SuiteCall<'a> {
    /// An argument by its name, or by its place where it has none.
    fn value(&self, name: &str, place: usize) -> Option<&'a [SyntaxToken]> {
        let parts = parts(self.inside);
        let named = parts.iter().find_map(|part| match part {
            [SyntaxToken::Name(word), SyntaxToken::Sign('='), value @ ..] if word == name => Some(value),
            _ => None,
        });
        let is_named = |part: &&[SyntaxToken]| matches!(part, [SyntaxToken::Name(_), SyntaxToken::Sign('='), ..]);
        named.or_else(|| parts.iter().take_while(|part| !is_named(part)).nth(place).copied())
    }

    fn text(&self, name: &str, place: usize) -> Option<String> {
        match self.value(name, place) {
            Some([SyntaxToken::Text(text)]) => Some(text.clone()),
            _ => None,
        }
    }

    /// What it is known by: its key in the table, else its own name.
    fn name(&self) -> Option<String> {
        self.key.map(str::to_owned).or_else(|| self.text("name", 0))
    }
}

/// The strings of a list, or of the list with a name, and whether these are all.
fn list(tokens: &[SyntaxToken], value: &[SyntaxToken]) -> (Vec<String>, bool) {
    let value = match value {
        [SyntaxToken::Name(name)] => match definition(tokens, name) {
            Some(value) => value,
            None => return (vec![], false),
        },
        value => value,
    };
    // A sum of lists, a call or a comprehension is more than a list.
    if value.first() != Some(&SyntaxToken::Sign('[')) {
        return (vec![], false);
    }
    let inner = inside(value);
    let is_whole = inner.len() + 2 == value.len() && value.last() == Some(&SyntaxToken::Sign(']'));
    let parts = parts(inner);
    let texts: Vec<String> = parts
        .iter()
        .filter_map(|part| if let [SyntaxToken::Text(text)] = part { Some(text.clone()) } else { None })
        .collect();
    let complete = is_whole && texts.len() == parts.len();
    (texts, complete)
}

/// The list that a name is given at the margin of the file.
fn definition<'a>(tokens: &'a [SyntaxToken], name: &str) -> Option<&'a [SyntaxToken]> {
    let at = tokens.windows(3).rposition(|three| {
        matches!(&three[0], SyntaxToken::Name(word) if word == name)
            && three[1] == SyntaxToken::Sign('=')
            && three[2] == SyntaxToken::Sign('[')
    })?;
    let list = &tokens[at + 2..];
    list.get(..inside(list).len() + 2)
}

/// The file or folder of a root.
pub fn file_of(root: &str) -> &str {
    root.split("::").next().unwrap_or(root)
}

/// The name of the test function that a root names.
pub fn function_of(root: &str) -> Option<&str> {
    let (_, rest) = root.split_once("::")?;
    rest.split('[').next()?.rsplit("::").next()
}

/// Whether a test is in a suite: below a folder, in a file, or one of the tests with a name. As OGX has it, a function
/// that is named without its class is one of any class of the file.
pub fn holds_test(root: &str, test_id: &str) -> bool {
    let root = root.trim_start_matches("./").trim_end_matches('/');
    let is_below = test_id.strip_prefix(root).is_some_and(|rest| {
        let is_of_name = root.contains("::") && rest.starts_with('[');
        rest.is_empty() || rest.starts_with("::") || rest.starts_with('/') || is_of_name
    });
    let is_function = || {
        root.matches("::").count() == 1
            && file_of(root) == file_of(test_id)
            && function_of(root) == function_of(test_id)
    };
    is_below || is_function()
}

/// Whether a recording without a test is in a suite: its folder is below one of the suite.
pub fn holds_path(root: &str, path: &str) -> bool {
    let root = root.trim_start_matches("./").trim_end_matches('/');
    !root.contains("::") && path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::matrix::entries;

    fn roots(source: &str) -> (Vec<String>, bool) {
        let suite = suites(source).pop().unwrap();
        (suite.roots, suite.complete)
    }

    #[test]
    fn what_is_written_out_is_read() {
        let source = r#"
class Suite(BaseModel):
    roots: list[str]
here = ["a.py", "b.py"]
# "not": Suite(name="not", roots=[])
ALL: dict[str, Suite] = {
    "plain": Suite(name="other", roots=["tests/a.py::test_x[p=1,(2)]",  # ADD HERE
        'tests/' "b.py",], default_setup="bedrock"),
    "named": Suite(roots=here),
    "none": Suite(name="none", roots=[]),
}
"#;
        let all = suites(source);
        let names: Vec<&str> = all.iter().map(|suite| suite.name.as_str()).collect();
        assert_eq!(names, ["plain", "named", "none"]);
        assert_eq!(all[0].roots, ["tests/a.py::test_x[p=1,(2)]", "tests/b.py"]);
        assert_eq!((all[0].setup.as_deref(), all[0].complete), (Some("bedrock"), true));
        assert_eq!(
            (all[1].roots.as_slice(), all[1].complete),
            (["a.py".to_owned(), "b.py".to_owned()].as_slice(), true)
        );
        assert_eq!((all[2].roots.len(), all[2].complete), (0, true));
        assert_eq!(suites("x = Suite('s', ['r'], 'd')")[0].roots, ["r"]);
    }

    #[test]
    fn what_is_computed_is_not_guessed() {
        let known = |texts: &[&str]| (texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>(), false);
        for (value, expected) in [
            ("base_roots", known(&[])),
            ("[str(p) for p in here]", known(&[])),
            ("['a', *more]", known(&["a"])),
            ("['a'] + more", known(&["a"])),
            ("[f'{here}/a', 'b']", known(&["b"])),
            ("glob('*')", known(&[])),
            ("['a'", (vec!["a".into()], false)),
        ] {
            assert_eq!(roots(&format!("base_roots = glob()\nSuite(name='s', roots={value})")), expected, "{value}");
        }
    }

    #[test]
    fn setups_say_their_model() {
        let all = setups(r#"S = {"bedrock": Setup(name="b", defaults={"text_model": "bedrock/m:0", "x": 1})}"#);
        assert_eq!(all, [Setup { name: "bedrock".into(), models: vec![("text_model".into(), "bedrock/m:0".into())] }]);
        assert!(all[0].is_bedrock());
    }

    #[test]
    fn a_setup_excludes_the_models_of_other_providers() {
        let all = setups(
            r#"S = {"bedrock": Setup(name="b", defaults={"text_model": "bedrock/m:0", "embedding_model": "st/e"}),
                "azure": Setup(name="a", defaults={"text_model": "azure/gpt", "embedding_model": "st/e"})}"#,
        );
        for (test_id, excluded) in [
            ("t.py::t[txt=azure/gpt-x]", true),
            ("t.py::t[txt=azure/gpt:emb=st/e]", true),
            ("t.py::t[txt=bedrock/m:0:emb=st/e]", false),
            ("t.py::t[emb=st/e]", false),
            ("t.py::t[path=azur/e]", false),
            ("t.py::t", false),
        ] {
            assert_eq!(all[0].excludes(test_id, &all), excluded, "{test_id}");
        }
    }

    #[test]
    fn suites_of_bedrock_by_name_setup_or_matrix() {
        let source = r#"{"bedrock": Setup(name="bedrock", defaults={"text_model": "bedrock/m"}),
            "br2": Setup(name="br2", defaults={"text_model": "bedrock/n"}), "o": Setup(name="o", defaults={"text_model": "o/n"})}
            {"a": Suite(name="a", roots=[], default_setup="br2"), "b": Suite(name="b", roots=[], default_setup="o"),
             "c": Suite(name="c", roots=[], default_setup="o"), "my-bedrock": Suite(name="m", roots=[])}"#;
        let entries = entries(r#"{"x": [{"suite": "c", "setup": "br2"}, {"suite": "b", "setup": "o"}]}"#).unwrap();
        let ours = of_bedrock(suites(source), &setups(source), &entries);
        assert_eq!(ours.iter().map(|suite| suite.name.as_str()).collect::<Vec<_>>(), ["a", "c", "my-bedrock"]);
    }

    #[test]
    fn broken_files_are_read_to_their_end() {
        for source in
            ["Suite(", "Suite(name='", "Suite(name=)", "\"\"\"Suite(", "Suite(name='a\nroots=[", "]]]Suite(a)", "'\\"]
        {
            suites(source);
            setups(source);
        }
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
            ("t/a/test_x.py::f", "t/a/test_x.py::C::f[x::y]", true),
            ("t/a/test_x.py::f", "t/a/test_x.py::C::fg", false),
            ("t/a/test_x.py::f", "t/b/test_x.py::C::f", false),
            ("t/a/test_x.py::C::f", "t/a/test_x.py::D::f", false),
            ("t/a", "t/b/test_x.py::a", false),
        ] {
            assert_eq!(holds_test(root, test_id), holds, "{root} {test_id}");
        }
        assert!(holds_path("t/a", "t/a/recordings/x.json"));
        assert!(!holds_path("t/a/test_x.py::f", "t/a/recordings/x.json"));
    }
}
