//! The configuration: `bedrock-fixtures.toml`, or `[tool.bedrock-fixtures]` in `pyproject.toml`.

use crate::report::RuleId;
use std::ops::Range;

use globset::{Glob, GlobMatcher};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Result};
use crate::recording::version::Version;

/// The name of the configuration file at the root.
pub const FILE: &str = "bedrock-fixtures.toml";

/// The keys of the configuration, in the order of the documentation.
pub(super) const KEYS: [&str; 11] = [
    "ogx",
    "openai-sdk",
    "region",
    "endpoint-url",
    "allow-status",
    "select",
    "ignore",
    "per-path-ignores",
    "baseline",
    "concurrency",
    "reviewed-skips",
];

/// The settings of a configuration file. Other settings are `None` or empty.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The file, as errors and reports name it; empty if there is none.
    pub source: String,
    /// `ogx`: the version of the recorder.
    pub ogx: Option<Version>,
    /// `openai-sdk`: the version of the SDK whose layout new recordings have.
    pub openai_sdk: Option<Version>,
    /// `region`.
    pub region: Option<String>,
    /// `endpoint-url`.
    pub endpoint_url: Option<String>,
    /// `allow-status`: HTTP statuses from 300 to 599.
    pub allow_status: Vec<u16>,
    /// `select`: ids of rules.
    pub select: Vec<RuleId>,
    /// `ignore`: ids of rules.
    pub ignore: Vec<RuleId>,
    /// `[per-path-ignores]`: the rules to ignore in files whose path matches.
    pub per_path_ignores: Vec<(GlobMatcher, Vec<RuleId>)>,
    /// `baseline`: a file, relative to the root.
    pub baseline: Option<String>,
    /// `concurrency`: from 1 to 256.
    pub concurrency: Option<usize>,
    /// `reviewed-skips`: tests that may be skipped for Bedrock, as ids without parameters, files or folders.
    pub reviewed_skips: Vec<String>,
    /// What is set, as `key = value`, for people.
    pub shown: Vec<String>,
}

/// The place of the configuration in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigHome {
    /// The whole file is the configuration.
    Own,
    /// The configuration is the table `[tool.bedrock-fixtures]`.
    Pyproject,
}

impl Settings {
    /// Whether a finding of a rule is ignored in a file, by its path relative to the root.
    pub fn ignores(&self, path: &str, rule: RuleId) -> bool {
        self.per_path_ignores.iter().any(|(glob, rules)| rules.contains(&rule) && glob.is_match(path))
    }

    /// Reads a configuration. `name` is what errors call the file, and `rules` are the ids of all rules. `None` if a
    /// `pyproject.toml` has no table for this tool.
    pub fn read(name: &str, text: &str, form: ConfigHome) -> Result<Option<Settings>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let root = DeTable::parse(text).map_err(|error| {
            let line = line_of(text, error.span().map_or(0, |span| span.start));
            Error::new(format!("not valid TOML: {}", error.message().lines().next().unwrap_or_default()))
                .at(format!("{name}:{line}"))
        })?;
        let source = match form {
            ConfigHome::Own => name.to_owned(),
            ConfigHome::Pyproject => format!("{name} [tool.bedrock-fixtures]"),
        };
        let reader = ConfigReader { name, text };
        let root = root.into_inner();
        let table = match form {
            ConfigHome::Own => root,
            ConfigHome::Pyproject => {
                let tool = root.get("tool").and_then(|tool| tool.get_ref().as_table());
                let Some(own) = tool.and_then(|tool| tool.get("bedrock-fixtures")) else { return Ok(None) };
                match own.get_ref() {
                    DeValue::Table(table) => table.clone(),
                    _ => return Err(reader.wrong(own.span(), "tool.bedrock-fixtures", "a table")),
                }
            }
        };
        let mut settings = reader.settings(&table)?;
        settings.source = source;
        Ok(Some(settings))
    }
}

type TomlEntry<'a> = Spanned<DeValue<'a>>;

struct ConfigReader<'t> {
    name: &'t str,
    text: &'t str,
}

impl ConfigReader<'_> {
    fn at(&self, span: Range<usize>, what: String) -> Error {
        Error::new(what).at(format!("{}:{}", self.name, line_of(self.text, span.start)))
    }

    fn wrong(&self, span: Range<usize>, key: &str, wanted: &str) -> Error {
        self.at(span, format!("{key} must be {wanted}"))
    }

    fn settings(&self, table: &DeTable<'_>) -> Result<Settings> {
        let mut settings = Settings::default();
        for (key, value) in table {
            let name: &str = key.get_ref();
            match name {
                "ogx" => settings.ogx = Some(self.version(name, value)?),
                "openai-sdk" => settings.openai_sdk = Some(self.version(name, value)?),
                "region" => {
                    let region = self.text(name, value, "a string like \"us-west-2\"")?;
                    if crate::aws::region::Region::parse(region).is_none() {
                        return Err(self.wrong(value.span(), name, "an AWS region like \"us-west-2\""));
                    }
                    settings.region = Some(region.to_owned());
                }
                "endpoint-url" => {
                    let wanted = "a url like \"http://127.0.0.1:8000/openai/v1\"";
                    let url = self.text(name, value, wanted)?;
                    if !url.starts_with("http://") && !url.starts_with("https://") {
                        return Err(self.wrong(value.span(), name, wanted));
                    }
                    settings.endpoint_url = Some(url.to_owned());
                }
                "allow-status" => {
                    let status = |item: &TomlEntry<'_>| self.number(name, item, 300..=599);
                    settings.allow_status = self.list(name, value, "a list of HTTP statuses like [400]", status)?;
                }
                "select" => settings.select = self.rule_list(name, value)?,
                "ignore" => settings.ignore = self.rule_list(name, value)?,
                "per-path-ignores" => settings.per_path_ignores = self.per_path(name, value)?,
                "baseline" => settings.baseline = Some(self.text(name, value, "the path of a file")?.to_owned()),
                "concurrency" => settings.concurrency = Some(usize::from(self.number(name, value, 1..=256)?)),
                "reviewed-skips" => {
                    const WANTED: &str = "a list of tests like [\"tests/test_chat.py::test_hello\"]";
                    let test = |item: &TomlEntry<'_>| self.text(name, item, WANTED).map(str::to_owned);
                    settings.reviewed_skips = self.list(name, value, WANTED, test)?;
                }
                _ => return Err(self.unknown(key.span(), "key", name, &KEYS)),
            }
            // A url may hold a password, so its value is not shown.
            settings.shown.push(match name {
                "endpoint-url" => name.to_owned(),
                _ => {
                    let value = self.text.get(value.span()).unwrap_or_default();
                    format!("{name} = {}", value.split_whitespace().collect::<Vec<_>>().join(" "))
                }
            });
        }
        Ok(settings)
    }

    fn text<'v>(&self, key: &str, value: &'v TomlEntry<'_>, wanted: &str) -> Result<&'v str> {
        let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| self.wrong(value.span(), key, wanted))
    }

    fn version(&self, key: &str, value: &TomlEntry<'_>) -> Result<Version> {
        const WANTED: &str = "a version in quotes like \"1.5.0\"";
        self.text(key, value, WANTED)?.parse().map_err(|_| self.wrong(value.span(), key, WANTED))
    }

    fn number(&self, key: &str, value: &TomlEntry<'_>, range: std::ops::RangeInclusive<u16>) -> Result<u16> {
        let digits = value.get_ref().as_integer().filter(|integer| integer.radix() == 10);
        let number = digits.and_then(|integer| integer.as_str().parse().ok()).filter(|number| range.contains(number));
        let wanted = || format!("a whole number from {} to {}", range.start(), range.end());
        number.ok_or_else(|| self.wrong(value.span(), key, &wanted()))
    }

    fn list<T>(
        &self,
        key: &str,
        value: &TomlEntry<'_>,
        wanted: &str,
        read: impl Fn(&TomlEntry<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let DeValue::Array(items) = value.get_ref() else { return Err(self.wrong(value.span(), key, wanted)) };
        items.iter().map(read).collect()
    }

    fn rule_list(&self, key: &str, value: &TomlEntry<'_>) -> Result<Vec<RuleId>> {
        const WANTED: &str = "a list of rules like [\"oversize\"]";
        self.list(key, value, WANTED, |item| {
            let name = self.text(key, item, WANTED)?;
            name.parse().map_err(|_| self.unknown(item.span(), "rule", name, &RuleId::ALL.map(RuleId::as_str)))
        })
    }

    fn per_path(&self, key: &str, value: &TomlEntry<'_>) -> Result<Vec<(GlobMatcher, Vec<RuleId>)>> {
        let DeValue::Table(table) = value.get_ref() else {
            return Err(self.wrong(value.span(), key, "a table of globs with lists of rules"));
        };
        let entry = |(pattern, rules): (&Spanned<std::borrow::Cow<'_, str>>, &TomlEntry<'_>)| {
            let glob = Glob::new(pattern.get_ref())
                .map_err(|error| self.at(pattern.span(), format!("{:?} is not a glob: {error}", pattern.get_ref())))?;
            Ok((glob.compile_matcher(), self.rule_list(key, rules)?))
        };
        table.iter().map(entry).collect()
    }

    fn unknown(&self, span: Range<usize>, what: &str, name: &str, known: &[&str]) -> Error {
        let error = self.at(span, format!("unknown {what} {name:?}"));
        match nearest(name, known) {
            Some(near) => error.hint(format!("the nearest {what} is {near:?}")),
            None => error.hint(format!("there are {}", known.join(", "))),
        }
    }
}

/// The number of the line that holds a byte, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The known name that takes the fewest edits, if the names have something in common.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name = name.to_lowercase().replace('_', "-");
    let (distance, near) = known.iter().map(|known| (edits(&name, known), *known)).min()?;
    (distance < name.chars().count().max(near.len())).then_some(near)
}

/// How many insertions, deletions and replacements make one text another.
fn edits(a: &str, b: &str) -> usize {
    // A longer name is not a typing error, and the work grows with its length.
    let a: Vec<char> = a.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.chars().enumerate() {
            let replaced = diagonal + usize::from(*x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[row.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Settings, String> {
        let settings = Settings::read(FILE, text, ConfigHome::Own).map_err(|error| error.to_string())?;
        Ok(settings.expect("a file of its own is always there"))
    }

    #[test]
    fn every_key_is_read() {
        let settings = read(
            "ogx = \"0.8.0\"\nopenai-sdk = '2.30'\nregion = \"us-east-1\"\nendpoint-url = \"http://127.0.0.1:9/v1\"\n\
             allow-status = [400, 404]\nselect = [\"secret\"]\nignore = [\"oversize\"]\nbaseline = \"b.json\"\n\
             concurrency = 8\nreviewed-skips = ['t.py::t']\n[per-path-ignores]\n\"tests/old/**\" = [\"key-mismatch\"]\n",
        )
        .expect("valid");
        assert_eq!(settings.ogx, Some(Version::new(0, 8, 0)));
        assert_eq!(settings.openai_sdk, Some(Version::new(2, 30, 0)));
        assert_eq!(settings.region.as_deref(), Some("us-east-1"));
        assert_eq!(settings.endpoint_url.as_deref(), Some("http://127.0.0.1:9/v1"));
        assert_eq!(settings.allow_status, [400, 404]);
        assert_eq!((&settings.select[..], &settings.ignore[..]), (&[RuleId::Secret][..], &[RuleId::Oversize][..]));
        assert_eq!(settings.baseline.as_deref(), Some("b.json"));
        assert_eq!(settings.concurrency, Some(8));
        assert_eq!(settings.reviewed_skips, ["t.py::t"]);
        assert!(settings.ignores("tests/old/recordings/a.json", RuleId::KeyMismatch));
        assert!(!settings.ignores("tests/old/recordings/a.json", RuleId::Secret));
        assert!(!settings.ignores("tests/new/recordings/a.json", RuleId::KeyMismatch));
        assert_eq!(settings.shown.len(), KEYS.len());
    }

    #[test]
    fn mistakes_name_file_line_and_what_to_write() {
        for (text, message) in [
            (
                "\nconcurency = 3",
                "bedrock-fixtures.toml:2: unknown key \"concurency\"; the nearest key is \"concurrency\"",
            ),
            (
                "openai_sdk = '3.1.0'",
                "bedrock-fixtures.toml:1: unknown key \"openai_sdk\"; the nearest key is \"openai-sdk\"",
            ),
            ("ogx = 1.5", "bedrock-fixtures.toml:1: ogx must be a version in quotes like \"1.5.0\""),
            ("ogx = 'new'", "bedrock-fixtures.toml:1: ogx must be a version in quotes like \"1.5.0\""),
            ("concurrency = 0", "bedrock-fixtures.toml:1: concurrency must be a whole number from 1 to 256"),
            ("allow-status = 400", "bedrock-fixtures.toml:1: allow-status must be a list of HTTP statuses like [400]"),
            (
                "allow-status = [\n400,\n200]",
                "bedrock-fixtures.toml:3: allow-status must be a whole number from 300 to 599",
            ),
            (
                "ignore = ['oversized']",
                "bedrock-fixtures.toml:1: unknown rule \"oversized\"; the nearest rule is \"oversize\"",
            ),
            ("region = 'here'", "bedrock-fixtures.toml:1: region must be an AWS region like \"us-west-2\""),
        ] {
            assert_eq!(read(text).expect_err(text), message);
        }
        for text in ["\n[", "a = 1\na = 2", "[per-path-ignores]\n'[' = ['secret']", "per-path-ignores = 3"] {
            let error = read(text).expect_err(text);
            assert!(error.starts_with("bedrock-fixtures.toml:"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    #[test]
    fn a_pyproject_may_hold_it() {
        let read = |text| Settings::read("pyproject.toml", text, ConfigHome::Pyproject);
        assert!(read("[tool.other]\nogx = 1\n").expect("valid").is_none());
        let settings = read("[tool.bedrock-fixtures]\nogx = '1.5.0'\n").expect("valid").expect("there");
        assert_eq!(settings.ogx, Some(Version::new(1, 5, 0)));
        assert_eq!(settings.source, "pyproject.toml [tool.bedrock-fixtures]");
        let error = read("[tool]\nbedrock-fixtures = 3\n").expect_err("not a table");
        assert_eq!(error.to_string(), "pyproject.toml:2: tool.bedrock-fixtures must be a table");
    }
}
