//! Commands that a person copies.

/// A word as a POSIX shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    // Only a NUL cannot be quoted, and no word of a command line has one.
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_words_back() {
        for word in ["tests/a.jsonl", "http://127.0.0.1:80/v1", "", "a b", "*::t[x]", "it's", "$HOME", "~", "a\"b`c`"] {
            assert_eq!(shlex::split(&quoted(word)), Some(vec![word.to_owned()]));
        }
        assert_eq!((quoted("tests/a.jsonl"), quoted("*::t[x]")), ("tests/a.jsonl".into(), "'*::t[x]'".into()));
    }
}
