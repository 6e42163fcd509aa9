//! Why a name is not the key: real recordings, and one of each cause.

use std::collections::BTreeMap;

use bedrock_fixtures::recording::Recording;
use bedrock_fixtures::recording::epochs::{explain, explain_among};
use bedrock_fixtures::recording::key::RequestKey;
use bedrock_fixtures::recording::recorder::KeyRules;
use serde_json::{Value, json};

use crate::support::corpus;

/// The rules of the recorders that made what is explained here.
const RULES: KeyRules = KeyRules::ThreePaths;

/// The recordings of the corpus, with the stems of their names.
fn recordings() -> Option<Vec<(String, Recording)>> {
    let entries = walkdir::WalkDir::new(corpus()?).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"));
    let recordings = files.filter_map(|file| {
        let recording = Recording::parse(&std::fs::read(file.path()).unwrap()).ok()?;
        Some((file.path().file_stem().unwrap().to_str().unwrap().to_owned(), recording))
    });
    Some(recordings.collect())
}

#[test]
fn the_names_of_the_corpus_are_explained() {
    let Some(recordings) = recordings() else { return };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (stem, recording) in &recordings {
        *counts.entry(explain(recording, stem, RULES).id()).or_default() += 1;
    }
    let expected = [
        ("right", 516),
        ("before-5173", 56),
        ("before-3403", 2),
        ("during-5173", 9),
        ("renamed-5613", 7),
        ("before-5173+renamed-5613", 2),
        ("during-5173+renamed-5613", 2),
        // Recorded under keys without a test id, then given names that hold one which is not in the file.
        ("file-renamed+before-3681", 2),
        ("request-changed", 2),
        ("foreign-answer", 1),
    ];
    assert_eq!(counts, BTreeMap::from(expected.map(|(id, count)| (id.to_owned(), count))));
}

#[test]
fn taken_apart_a_request_has_the_same_key() {
    let Some(recordings) = recordings() else { return };
    for (stem, recording) in &recordings {
        assert_eq!(explain(recording, &recording.key(RULES).to_string(), RULES).id(), "right", "{stem}");
        let decorated = format!("{} (1)", recording.key(RULES));
        assert_eq!(explain(recording, &decorated, RULES).id(), "decorated-name", "{stem}");
    }
}

const CHAT: &str = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions";
const TEST: &str = "tests/test_a.py::test[ogx_client]";

fn recording(request: Value, answer_id: &str) -> Recording {
    let response =
        json!({"body": {"__type__": "x", "__data__": {"id": answer_id, "object": "chat"}}, "is_streaming": false});
    let document = json!({"test_id": TEST, "request": request, "response": response});
    Recording::parse(document.to_string().as_bytes()).unwrap()
}

fn chat(body: Value) -> Value {
    json!({"method": "post", "url": CHAT, "endpoint": "/v1/chat/completions", "body": body})
}

/// Checks what is said of a file whose name is the key of `hashed`, which is written out as Python hashed it.
#[track_caller]
fn check(request: Value, hashed: &str, id: &str, sentence: &str) {
    let stem = RequestKey::of(hashed).to_string();
    let explanation = explain(&recording(request, "chatcmpl-1"), &stem, RULES);
    assert_eq!((explanation.id().as_str(), explanation.to_string().as_str()), (id, sentence));
}

/// The hashed text of a chat of the test.
fn hashed(body: &str) -> String {
    format!(
        r#"{{"body": {body}, "endpoint": "/openai/v1/v1/chat/completions", "method": "POST", "test_id": "{TEST}"}}"#
    )
}

#[test]
fn every_epoch_is_recognised() {
    let file_search = "score: 0.123456, attributes: {} document_id: 0a0a0a0a-0b0b-0c0c-0d0d-0e0e0e0e0e0e";
    check(
        chat(json!({"input": file_search})),
        &hashed(&format!(r#"{{"input": "{}"}}"#, file_search.replace("0.123456", "0.12346"))),
        "before-5173",
        "recorded before file_search strings were normalised (2026-04-09)",
    );
    check(
        chat(json!({"input": file_search})),
        &hashed(r#"{"input": "score: __NORMALIZED__ document_id: 0a0a0a0a-0b0b-0c0c-0d0d-0e0e0e0e0e0e"}"#),
        "during-5173",
        "recorded before file_search strings were normalised (2026-04-09), with a draft of that change: \
         score and attributes done, document_id not yet",
    );
    check(
        chat(json!({"extra_body": {"project_id": "p"}})),
        &hashed(r#"{"extra_body": {"project_id": "p"}}"#),
        "before-5120",
        "recorded before project_id was left out (2026-03-18)",
    );
    check(
        chat(json!({"stream_options": {"include_usage": true}, "model": "m"})),
        &hashed(r#"{"model": "m", "stream_options": {"include_usage": true}}"#),
        "before-4292",
        "recorded before stream_options was left out for Bedrock (2026-01-21)",
    );
    let list = "/v1/openai/v1/models";
    check(
        json!({"method": "GET", "url": format!("http://h{list}"), "endpoint": list, "body": {}}),
        &format!(r#"{{"body": {{}}, "endpoint": "{list}", "method": "GET", "test_id": "{TEST}"}}"#),
        "before-4053",
        "recorded before all tests shared the lists of /v1/openai/v1/models (2025-11-03)",
    );
    let floats = json!({"temperature": 0.1234567, "input": "1.23456789"});
    check(
        chat(floats.clone()),
        &hashed(r#"{"input": "1.23456789", "temperature": 0.1234567}"#),
        "before-3403",
        "recorded before floats were rounded (2025-10-09)",
    );
    check(
        chat(floats.clone()),
        &hashed(r#"{"input": "1.23456789", "temperature": 0.12346}"#),
        "during-3403",
        "recorded before floats were rounded (2025-10-09), with a draft of that change: \
         floats done, decimals in texts not yet",
    );
    let first = r#"{"body": {"input": "1.23456789", "temperature": 0.1234567}, "endpoint": "/openai/v1/v1/chat/completions", "method": "POST"}"#;
    let sentence = "recorded before test ids were part of the key (2025-10-04)";
    check(chat(floats.clone()), first, "before-3681", sentence);
    let short = &RequestKey::of(first).to_string()[..12];
    let explanation = explain(&recording(chat(floats), "rec-000000000000"), short, RULES);
    assert_eq!(explanation.to_string(), format!("{sentence}, its name has 12 digits"));
}

#[test]
fn known_edits_are_undone() {
    let original = hashed(r#"{"input": "LlamaStack: score: 0.12346 X-LlamaStack-Provider-Data, aOGXb"}"#);
    let body = json!({"input": "OGX: score: 0.123456 X-OGX-Provider-Data, aOGXb"});
    check(
        chat(body),
        &original.replace("ogx_client", "llama_stack_client"),
        "before-5173+renamed-5613",
        "recorded before file_search strings were normalised (2026-04-09) and edited since: \
         the rename llama_stack -> ogx (2026-04-24) undone, the name is right",
    );
    check(
        chat(json!({})),
        &hashed("{}").replace("ogx_client", "llama_stack_client"),
        "renamed-5613",
        "edited after it was recorded: the rename llama_stack -> ogx (2026-04-24) undone, the name is right",
    );
    check(
        chat(json!({})),
        &hashed("{}").replace(&format!("{TEST:?}"), "null"),
        "test-id-edited",
        "edited after it was recorded: without its test id, the name is right",
    );
    check(
        chat(json!({})),
        &hashed("{}").replace("/openai/v1/v1", "/v1/v1"),
        "url-edited",
        "edited after it was recorded: with the path /v1/v1/chat/completions, the name is right",
    );
    let other = "tests/test_b.py::test";
    let stem = RequestKey::of(hashed("{}").replace(TEST, other)).to_string();
    let chat = recording(chat(json!({})), "chatcmpl-1");
    assert_eq!(explain(&chat, &stem, RULES).id(), "unexplained");
    let explanation = explain_among(&chat, &stem, RULES, &["tests/test_c.py::test", other]);
    assert_eq!(
        explanation.to_string(),
        "edited after it was recorded: with the test id tests/test_b.py::test, the name is right"
    );
}

#[test]
fn other_kinds_are_explained_too() {
    let payload = json!({"method": "POST", "url": "https://h/x?y", "payload": {"q": "score: 1"}});
    check(
        payload.clone(),
        &format!(
            r#"{{"method": "POST", "payload": {{"q": "score: 1"}}, "test_id": "{TEST}", "url": "https://h/x?y"}}"#
        ),
        "before-5173",
        "recorded before file_search strings were normalised (2026-04-09)",
    );
    check(
        payload,
        r#"{"method": "POST", "payload": {"q": "score: __NORMALIZED__"}, "test_id": null, "url": "https://h/x?y"}"#,
        "test-id-edited",
        "edited after it was recorded: without its test id, the name is right",
    );
    check(
        json!({"provider": "p", "tool_name": "t", "kwargs": {"x": 0.1234567}}),
        &format!(r#"{{"kwargs": {{"x": 0.1234567}}, "provider": "p", "test_id": "{TEST}", "tool_name": "t"}}"#),
        "tool-with-test-id",
        "recorded when the keys of tool calls contained the test id",
    );
}

#[test]
fn the_answer_says_what_the_hash_does_not() {
    let key = recording(chat(json!({})), "").key(RULES).to_string();
    let (own, stray) = (format!("rec-{}", &key[..12]), "rec-0123456789ab");
    // Seven paths, each with the test id, three ways back from its rename, null, and without one.
    let nothing = "none of 42 keys gives the name: older algorithms and parts of them, other test ids and paths, \
                   the rename llama_stack -> ogx";
    let name = "0123456789ab".repeat(5) + "0123";
    for (stem, answer_id, id, sentence) in [
        (key.as_str(), "", "right", "the name is the key of the request".to_owned()),
        (&key[..20], "", "short-name", "the name has only the first 20 digits of the key".to_owned()),
        (
            &key.to_uppercase(),
            "",
            "decorated-name",
            "the name contains the key, but with other characters or capital letters".into(),
        ),
        (
            &format!("copy_{key}"),
            &own,
            "decorated-name",
            "the name contains the key, but with other characters or capital letters".into(),
        ),
        (
            &name,
            &own,
            "file-renamed",
            format!("the file was renamed: the ids of its answer are of {key}, the key of the request"),
        ),
        (
            &name,
            stray,
            "request-changed",
            format!("recorded under this name, by the ids of its answer, and edited since: {nothing}"),
        ),
        (
            "é",
            stray,
            "foreign-answer",
            format!("renamed or edited after it was recorded, because the ids of its answer are {stray}: {nothing}"),
        ),
        ("", "chatcmpl-1", "unexplained", nothing.to_owned()),
        (&name, "rec-0123456789AB", "unexplained", nothing.to_owned()),
    ] {
        let explanation = explain(&recording(chat(json!({})), answer_id), stem, RULES);
        assert_eq!((explanation.id().as_str(), explanation.to_string()), (id, sentence), "{stem}");
    }
}
