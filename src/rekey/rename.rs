//! `OLD=NEW`: which part of a value is replaced, and by what.

use crate::error::{Error, Result};
use crate::recording::Recording;
use crate::recording::recorder::KeyRules;
use crate::recording::test_id::TestId;

/// One renaming, as given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRename {
    old: String,
    new: String,
}

impl std::str::FromStr for TextRename {
    type Err = String;

    /// Reads `OLD=NEW`. Names may contain `=`: `\=` is always part of a name. Of the others, the one that leaves OLD
    /// and NEW with the same open brackets separates them; if there are several, the one in the middle.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let bare: Vec<usize> =
            text.match_indices('=').map(|(at, _)| at).filter(|at| !text[..*at].ends_with('\\')).collect();
        // What follows OLD follows NEW, so either both leave a bracket open or none does.
        let open = |part: &str| part.matches('[').count() as i64 - part.matches(']').count() as i64;
        let fitting: Vec<usize> =
            bare.iter().copied().filter(|at| open(&text[..*at]) == open(&text[at + 1..])).collect();
        let middle = match (fitting.as_slice(), bare.len()) {
            ([], _) => return Err("expected OLD=NEW, with the same brackets open in both".to_owned()),
            ([one], _) => *one,
            (_, count) if !count.is_multiple_of(2) && fitting.contains(&bare[count / 2]) => bare[count / 2],
            (_, count) => {
                return Err(format!(
                    "has {count} `=`, so OLD and NEW are ambiguous; write `\\=` for one that belongs to a name"
                ));
            }
        };
        let name = |part: &str| part.replace("\\=", "=");
        let (old, new) = (name(&text[..middle]), name(&text[middle + 1..]));
        match old.as_str() {
            "" => Err("OLD is empty".to_owned()),
            _ if old == new => Err("OLD and NEW are the same".to_owned()),
            _ => Ok(TextRename { old, new }),
        }
    }
}

impl TextRename {
    /// The value with OLD replaced, if it is OLD or begins with it. If NEW starts with OLD, a value that starts with
    /// NEW does not change: it has been renamed already.
    fn apply(&self, value: &str) -> Option<String> {
        let rest = value.strip_prefix(&self.old)?;
        let is_done = self.new.starts_with(&self.old) && value.starts_with(&self.new);
        (!is_done).then(|| format!("{}{rest}", self.new))
    }
}

/// All renamings of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    /// Of test ids.
    pub test_id: Vec<TextRename>,
    /// Of urls.
    pub url: Vec<TextRename>,
    /// Of models.
    pub model: Vec<TextRename>,
}

impl Renames {
    /// Whether nothing is renamed, so that every recording is looked at.
    pub fn is_empty(&self) -> bool {
        self.test_id.is_empty() && self.url.is_empty() && self.model.is_empty()
    }

    /// The recording under its new names, with the ids that follow from them; `None` when none of the renamings is about
    /// it.
    pub fn apply(&self, recording: &Recording, rules: KeyRules) -> Result<Option<Recording>> {
        let mut renamed = recording.clone();
        renamed.rewrite_test_id(&|test_id| rename_test_id(&self.test_id, test_id));
        renamed.rewrite_url(&|url| longest(&self.url, url));
        renamed.rewrite_model(&|model| longest(&self.model, model));
        if !self.is_empty() {
            if renamed == *recording {
                return Ok(None);
            }
            self.check(recording, &renamed)?;
        }
        renamed.rewrite_ids(renamed.key(rules));
        Ok(Some(renamed))
    }

    /// A second run must find nothing to rename, or one that was cut short could not be run again.
    fn check(&self, recording: &Recording, renamed: &Recording) -> Result<()> {
        let mut again = renamed.clone();
        again.rewrite_test_id(&|test_id| rename_test_id(&self.test_id, test_id));
        again.rewrite_url(&|url| longest(&self.url, url));
        again.rewrite_model(&|model| longest(&self.model, model));
        if again != *renamed {
            let place = renamed.test_id().or(renamed.url()).unwrap_or("a recording");
            return Err(Error::new("the result of one renaming is renamed by another one")
                .at(place)
                .hint("do it in two runs, one after the other"));
        }
        match renamed.test_id().map(TestId::parse) {
            Some(Err(why)) if renamed.test_id() != recording.test_id() => {
                let old = recording.test_id().unwrap_or_default().to_owned();
                Err(Error::new(why.to_string()).at(old).hint("give --test-id another NEW"))
            }
            _ => Ok(()),
        }
    }
}

/// Of the renamings that fit, the one that says most.
fn longest(renames: &[TextRename], value: &str) -> Option<String> {
    let fitting = renames.iter().filter(|rename| rename.apply(value).is_some());
    fitting.max_by_key(|rename| rename.old.len())?.apply(value)
}

/// A test id is renamed from its beginning; by an OLD that begins with `::` from the name of its test, and by one that
/// begins with `[` from its parameters.
fn rename_test_id(renames: &[TextRename], test_id: &str) -> Option<String> {
    let of =
        |place: fn(&str) -> bool| -> Vec<TextRename> { renames.iter().filter(|r| place(&r.old)).cloned().collect() };
    let mut renamed = test_id.to_owned();
    let is_name = |old: &str| old.starts_with("::");
    let is_parameters = |old: &str| old.starts_with('[');
    let parts: [(Vec<TextRename>, Option<usize>); 3] = [
        (of(is_parameters), test_id.find("::").and_then(|name| Some(name + test_id[name..].find('[')?))),
        (of(is_name), test_id.find("::")),
        (of(|old| !old.starts_with("::") && !old.starts_with('[')), Some(0)),
    ];
    // From the back, so that the places stay right.
    for (renames, start) in parts {
        if let Some(start) = start
            && let Some(part) = longest(&renames, &renamed[start..])
        {
            renamed.replace_range(start.., &part);
        }
    }
    (renamed != test_id).then_some(renamed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renames(texts: &[&str]) -> Vec<TextRename> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn old_and_new_are_parted_where_it_is_clear() {
        for (text, old, new) in [
            ("a=b", "a", "b"),
            ("a=", "a", ""),
            ("t[m=x]=t[m=y]", "t[m=x]", "t[m=y]"),
            (r"t=t[m\=y]", "t", "t[m=y]"),
            (r"t[m\=y]=t", "t[m=y]", "t"),
            ("t[m=y]=t", "t[m=y]", "t"),
            ("t=t[m=x-n=y]", "t", "t[m=x-n=y]"),
            ("[m=x=[m=y", "[m=x", "[m=y"),
            ("h?a=b=h?a=c", "h?a=b", "h?a=c"),
        ] {
            assert_eq!(text.parse(), Ok(TextRename { old: old.into(), new: new.into() }), "{text}");
        }
        for text in ["", "a", "=b", "a=b=c", "a=a", r"a\=b", "t[m=x]", "[m=x=[n"] {
            assert!(text.parse::<TextRename>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_prefix_is_replaced_once() {
        for (given, value, expected) in [
            (&["a=b"][..], "a/a", Some("b/a")),
            (&["a=b"], "b/a", None),
            (&["a=b", "a/x=c"], "a/x/y", Some("c/y")),
            (&["a/x=c", "a=b"], "a/x/y", Some("c/y")),
            (&["gpt=gpt-4o"], "gpt", Some("gpt-4o")),
            (&["gpt=gpt-4o"], "gpt-4o", None),
            (&["whole="], "whole", Some("")),
        ] {
            assert_eq!(longest(&renames(given), value).as_deref(), expected, "{given:?} {value}");
        }
    }

    #[test]
    fn a_test_id_is_renamed_by_its_parts() {
        let id = "tests/a[b.py::Test::test_x[client-m=1]";
        for (given, expected) in [
            (&["tests/=t/"][..], Some("t/a[b.py::Test::test_x[client-m=1]")),
            (&["::Test::=::"], Some("tests/a[b.py::test_x[client-m=1]")),
            (&["[client=[new"], Some("tests/a[b.py::Test::test_x[new-m=1]")),
            (&["[client=[new", "tests/=t/", "::Test=::T"], Some("t/a[b.py::T::test_x[new-m=1]")),
            (&["client=new", "[b=[c", "test_x=y"], None),
        ] {
            assert_eq!(rename_test_id(&renames(given), id).as_deref(), expected, "{given:?}");
        }
        assert_eq!(rename_test_id(&renames(&["[a=[b"]), "tests/a.py"), None);
    }
}
