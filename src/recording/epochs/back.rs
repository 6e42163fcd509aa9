//! Undoing a search-and-replace.

use super::super::json::Value;

/// A value before it, `None` when it left the value alone.
pub(super) fn value_back(value: &Value, way: &[(&str, &str)]) -> Option<Value> {
    match value {
        Value::String(text) => text_back(text, way).map(Value::String),
        Value::Array(items) => {
            let back: Vec<Option<Value>> = items.iter().map(|item| value_back(item, way)).collect();
            back.iter().any(Option::is_some).then(|| {
                let items = back.into_iter().zip(items);
                Value::Array(items.map(|(back, item)| back.unwrap_or_else(|| item.clone())).collect())
            })
        }
        Value::Object(object) => {
            let back: Vec<(Option<String>, Option<Value>)> =
                object.iter().map(|(key, item)| (text_back(key, way), value_back(item, way))).collect();
            back.iter().any(|(key, item)| key.is_some() || item.is_some()).then(|| {
                let pairs = back.into_iter().zip(object.iter()).map(|((key_back, item_back), (key, item))| {
                    (key_back.unwrap_or_else(|| key.to_owned()), item_back.unwrap_or_else(|| item.clone()))
                });
                Value::Object(pairs.collect())
            })
        }
        _ => None,
    }
}

/// A text before it, `None` when it left the text alone.
pub(super) fn text_back(text: &str, way: &[(&str, &str)]) -> Option<String> {
    way.iter().fold(None, |back: Option<String>, (now, then)| {
        replace_word(back.as_deref().unwrap_or(text), now, then).or(back)
    })
}

/// Replaces a word where no letter or digit touches it: base64 holds every short word somewhere.
fn replace_word(text: &str, word: &str, with: &str) -> Option<String> {
    let touches = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut replaced = String::new();
    let mut done = 0;
    for (start, _) in text.match_indices(word) {
        let end = start + word.len();
        let goes_on = !word.ends_with('_') && touches(text[end..].chars().next());
        if !goes_on && !touches(text[..start].chars().next_back()) {
            replaced.push_str(&text[done..start]);
            replaced.push_str(with);
            done = end;
        }
    }
    (done > 0).then(|| replaced + &text[done..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_go_back() {
        let way = [("X-OGX", "X-LlamaStack"), ("OGX_", "LLAMA_STACK_"), ("OGX", "Llama Stack"), ("ogx", "llama_stack")];
        for (now, then) in [
            ("OGX", Some("Llama Stack")),
            ("in OGX, ogx_client and ogx.pdf", Some("in Llama Stack, llama_stack_client and llama_stack.pdf")),
            ("X-OGX-Provider-Data OGX_URL", Some("X-LlamaStack-Provider-Data LLAMA_STACK_URL")),
            ("éOGXé", Some("éLlama Stacké")),
            ("aOGX OGX4 dogx ogxen Ogx", None),
            ("", None),
        ] {
            assert_eq!(text_back(now, &way).as_deref(), then, "{now}");
        }
    }
}
