//! The functions of a Python test file: which there are, and whom they call or name. By lines and indentation.

/// A function or a method, with its decorators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its text, decorators included.
    pub text: &'a str,
    /// Whether it is in another function, where no runner finds it.
    pub is_inner: bool,
}

impl Function<'_> {
    /// The text before its definition.
    pub fn decorators(&self) -> &str {
        &self.text[..self.definition()]
    }

    /// Whether it has a parameter of this name, or a decorator names it as a fixture.
    pub fn asks_for(&self, name: &str) -> bool {
        self.parameters().any(|parameter| parameter == name)
            || self.decorators().split("usefixtures").skip(1).any(|marked| has_word(marked, name))
    }

    /// The place of `def`.
    fn definition(&self) -> usize {
        let is_definition = |line: &str| {
            let line = line.trim_start();
            line.strip_prefix("async ").map_or(line, str::trim_start).starts_with("def ")
        };
        let mut place = 0;
        for line in self.text.split_inclusive('\n') {
            if is_definition(line) {
                return place;
            }
            place += line.len();
        }
        place
    }

    /// The names of its parameters.
    fn parameters(&self) -> impl Iterator<Item = &str> {
        let rest = self.text[self.definition()..].split_once('(').map_or("", |(_, rest)| rest);
        let mut depth = 0_i32;
        let end = rest.find(|c| {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            depth < 0
        });
        let mut depth = 0_i32;
        let parts = rest[..end.unwrap_or(rest.len())].split(move |c| {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0
        });
        parts.map(|part| {
            // A comment may be before a parameter, on its own lines.
            let code = part.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with('#'));
            let code = code.unwrap_or("").trim_start_matches('*');
            code.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("")
        })
    }
}

/// The functions of a file, methods included, in order.
pub fn functions(source: &str) -> Vec<Function<'_>> {
    // Where the text of the next function begins: at its first decorator.
    let (mut begin, mut place) = (None, 0);
    let mut starts: Vec<(usize, &str, bool)> = Vec::new();
    // The margins of the functions and classes around a line; of a class, `false`.
    let mut around: Vec<(usize, bool)> = Vec::new();
    for line in source.split_inclusive('\n') {
        let content = line.trim_start();
        let define = content.strip_prefix("async ").map_or(content, str::trim_start).strip_prefix("def ");
        if !content.is_empty() && !content.starts_with(['#', ')', ']', '}']) {
            let margin = line.len() - content.len();
            around.retain(|(outer, _)| *outer < margin);
        }
        if let Some(define) = define {
            let name = define.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
            let is_inner = around.iter().any(|(_, is_function)| *is_function);
            starts.push((begin.take().unwrap_or(place), name, is_inner));
        } else if content.starts_with('@') {
            begin.get_or_insert(place);
        } else if !content.is_empty() && !line.starts_with([' ', '\t', ')', ']']) {
            begin = None;
        }
        if define.is_some() || content.starts_with("class ") {
            around.push((line.len() - content.len(), define.is_some()));
        }
        place += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, ..)| *start).chain([source.len()]).collect::<Vec<_>>();
    starts
        .iter()
        .zip(ends)
        .map(|(&(start, name, is_inner), end)| Function { name, text: &source[start..end.max(start)], is_inner })
        .collect()
}

/// Whether a text has a word that is not part of a longer one.
pub fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, found)| {
        !is_part(text[..at].chars().next_back()) && !is_part(text[at + found.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_their_decorators() {
        let source = "import x\n\ndef helper(a):\n    pass\n\n@mark(\n  'test_b'\n)\nasync def test_a(x):\n    helper(x)\n\nclass T:\n    @mark\n    def test_b(self): ...\n";
        let all = functions(source);
        assert_eq!(all.iter().map(|one| one.name).collect::<Vec<_>>(), ["helper", "test_a", "test_b"]);
        assert!(all[1].text.starts_with("@mark(") && all[1].text.contains("helper(x)"));
        assert!(!all[0].text.contains('@'));
        assert!(has_word(all[1].text, "helper") && !has_word("my_helper(x)", "helper"));
        let inner = "def test_a():\n    def test_b(): ...\n\n    class C:\n        def test_c(): ...\n\n    x(\n)\n    def test_d(): ...\nclass T:\n    def test_e(): ...\n";
        let outer = functions(inner).into_iter().filter(|one| !one.is_inner).map(|one| one.name);
        assert_eq!(outer.collect::<Vec<_>>(), ["test_a", "test_e"]);
        assert!(functions("@\ndef").iter().all(|one| one.name.is_empty()));
    }
}
