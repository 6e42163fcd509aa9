//! The configuration of an OGX stack, as far as it is about Bedrock, read line by line.
//!
//! The file is YAML. What is looked for (the provider, its settings, the registered models) is written by every tool as
//! items of lists with one `key: value` a line; other forms are not read, and do not count as missing.

use std::collections::{BTreeMap, BTreeSet};

/// What a configuration says about Bedrock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// The settings of the provider, if there is one: `provider_id`, `region_name`, `base_url` and others.
    pub provider: Option<BTreeMap<String, String>>,
    /// The ids of all providers.
    pub provider_ids: BTreeSet<String>,
    /// The registered models of the provider, by what the endpoint calls them.
    pub models: Vec<String>,
}

/// Reads a configuration.
pub fn read(text: &str) -> Stack {
    let mut stack = Stack::default();
    for item in items(text) {
        let is = |key: &str, part: &str| item.get(key).is_some_and(|value| value.contains(part));
        if let (Some(id), true) = (item.get("provider_id"), item.contains_key("provider_type")) {
            // `${env.NAME:+id}` is the id when the variable is set.
            let id = id.rsplit_once(":+").map_or(id.as_str(), |(_, id)| id.trim_end_matches('}'));
            stack.provider_ids.insert(id.to_owned());
        }
        if is("provider_type", "remote::bedrock") && !item.contains_key("model_id") {
            stack.provider.get_or_insert(item);
        } else if let Some(id) = item.get("model_id")
            && (is("provider_id", "bedrock") || id.starts_with("bedrock/"))
        {
            let named = ["provider_model_id", "provider_resource_id"].iter().find_map(|key| item.get(*key));
            stack.models.push(named.unwrap_or(id).trim_start_matches("bedrock/").to_owned());
        }
    }
    stack
}

/// The variable that a value is taken from: `${env.NAME:=default}`.
pub fn variable(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("${env.")?;
    rest.split(['}', ':']).next()
}

/// A value with its variables put in, as the stack does it.
pub fn resolve<'a>(value: &str, get: impl Fn(&str) -> Option<&'a str>) -> String {
    let (mut text, mut rest) = (String::new(), value);
    while let Some((before, after)) = rest.split_once("${env.") {
        text.push_str(before);
        let Some((inside, after)) = after.split_once('}') else { return text };
        let (name, operator) = inside.split_at(inside.find(':').unwrap_or(inside.len()));
        let set = get(name);
        if let Some(default) = operator.strip_prefix(":=") {
            text.push_str(set.unwrap_or(default));
        } else if let Some(other) = operator.strip_prefix(":+") {
            text.push_str(if set.is_some() { other } else { "" });
        } else {
            text.push_str(set.unwrap_or(""));
        }
        rest = after;
    }
    text + rest
}

/// The items of all lists, each with its keys and those below them; the first of a name counts.
fn items(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut done = Vec::new();
    // Items that are open, by how far their dash is indented.
    let mut open: Vec<(usize, BTreeMap<String, String>)> = Vec::new();
    for line in text.lines() {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - content.len();
        while open.last().is_some_and(|(dash, _)| indent <= *dash) {
            done.extend(open.pop().map(|(_, item)| item));
        }
        let content = match content.strip_prefix("- ") {
            Some(rest) => {
                open.push((indent, BTreeMap::new()));
                rest.trim_start()
            }
            None => content,
        };
        if let (Some((_, item)), Some((key, value))) = (open.last_mut(), content.split_once(':')) {
            let value = plain(value);
            if !value.is_empty() {
                item.entry(plain(key)).or_insert(value);
            }
        }
    }
    done.extend(open.into_iter().map(|(_, item)| item));
    done
}

/// A value without its comment and quotes.
fn plain(value: &str) -> String {
    let value = value.trim();
    let value = if value.starts_with('#') { "" } else { value.split(" #").next().unwrap_or("").trim_end() };
    let quoted = |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(value).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_and_models_are_found_in_both_styles() {
        for dash in ["- ", "    - "] {
            let more = " ".repeat(dash.len());
            let text = format!(
                "providers:\n  inference:\n{dash}provider_id: openai\n{more}provider_type: remote::openai\n{more}config:\n\
                 {more}  base_url: https://api.openai.com/v1\n\
                 {dash}provider_id: bedrock\n{more}provider_type: remote::bedrock # ours\n{more}config:\n\
                 {more}  region_name: ${{env.AWS_DEFAULT_REGION:=us-east-2}}\n\
                 registered_resources:\n  models:\n{dash}metadata: {{}}\n{more}model_id: bedrock/a-1:0\n\
                 {more}provider_id: ${{env.X:+bedrock}}\n{more}provider_model_id: 'a-1:0'\n\
                 {dash}model_id: azure/b\n{more}provider_id: azure\nserver:\n  port: 1\n"
            );
            let stack = read(&text);
            assert_eq!(stack.models, ["a-1:0"], "{text}");
            assert_eq!(stack.provider_ids.iter().collect::<Vec<_>>(), ["bedrock", "openai"]);
            let provider = stack.provider.unwrap();
            assert_eq!(provider["region_name"], "${env.AWS_DEFAULT_REGION:=us-east-2}");
            assert!(!provider.contains_key("base_url"));
        }
        assert_eq!(read("- - :\n-\n: :\n\t- a: b"), Stack::default());
    }

    #[test]
    fn values_are_resolved_as_the_stack_does() {
        let get = |name: &str| (name == "SET").then_some("value");
        for (text, resolved, name) in [
            ("plain", "plain", None),
            ("${env.SET:=other}", "value", Some("SET")),
            ("${env.NOT:=other}/x", "other/x", Some("NOT")),
            ("${env.NOT:=}", "", Some("NOT")),
            ("a${env.SET:+b}${env.NOT:+c}", "ab", Some("SET")),
            ("${env.SET}", "value", Some("SET")),
            ("${env.SET", "", Some("SET")),
        ] {
            assert_eq!((resolve(text, get).as_str(), variable(text)), (resolved, name), "{text}");
        }
    }
}
