//! Recordings that are no chats: they are compared too.

use serde_json::{Value, json};

use super::{count, file};
use crate::support::TestEnv;

/// Compares two answers to one request, which is of any kind.
#[track_caller]
fn check(request: &Value, before: Value, after: Value, class: &str) {
    let env = TestEnv::new();
    for (side, response) in [("before", before), ("after", after)] {
        let document = json!({"test_id": "tests/t.py::t", "request": request, "response": response});
        env.write(&format!("{side}/recordings/1.json"), file(&document));
    }
    let report = env.run(&["diff", "before", "after", "--all", "--format", "json"]).exits(0).json();
    assert_eq!(count(&report, class), 1, "{report:#}");
    if class == "noise" {
        let outline =
            |side: &str| env.run(&["diff", "--textconv", &format!("{side}/recordings/1.json")]).exits(0).stdout;
        assert_eq!(outline("before"), outline("after"));
    }
}

fn inference(endpoint: &str) -> Value {
    json!({"method": "POST", "url": format!("https://h{endpoint}"), "body": {"model": "m"}, "endpoint": endpoint})
}

fn whole(body: Value) -> Value {
    json!({"body": body, "is_streaming": false})
}

#[test]
fn embeddings() {
    let answer = |numbers: Value, tokens: u32| {
        let data = json!([{"embedding": numbers, "index": 0, "object": "embedding"}]);
        whole(json!({"__type__": "e", "__data__": {"data": data, "usage": {"total_tokens": tokens}, "model": "m"}}))
    };
    let request = inference("/v1/embeddings");
    check(&request, answer(json!([0.5, 1.0]), 3), answer(json!([0.5, 1.0]), 4), "noise");
    check(&request, answer(json!([0.5, 1.0]), 3), answer(json!([0.5, 1.25]), 3), "behaviour");
    check(&request, answer(json!([0.5, 1.0]), 3), answer(json!([0.5]), 3), "behaviour");
}

#[test]
fn lists_of_models() {
    let model = |id: &str, created: u32| json!({"__type__": "m", "__data__": {"id": id, "created": created, "object": "model", "owned_by": "system"}});
    let request = inference("/v1/models");
    check(
        &request,
        whole(json!([model("a", 1), model("b", 2)])),
        whole(json!([model("b", 3), model("a", 4)])),
        "noise",
    );
    check(
        &request,
        whole(json!([model("a", 1), model("b", 2)])),
        whole(json!([model("a", 1), model("c", 2)])),
        "behaviour",
    );
}

#[test]
fn text_completions() {
    let answer = |text: &str, reason: &str| {
        let choices = json!([{"finish_reason": reason, "index": 0, "logprobs": null, "text": text}]);
        whole(json!({"__type__": "t", "__data__": {"id": text, "choices": choices, "created": 5}}))
    };
    let request = inference("/v1/completions");
    check(&request, answer("a", "stop"), answer("b", "stop"), "text");
    check(&request, answer("a", "stop"), answer("a", "length"), "behaviour");
}

#[test]
fn messages_over_plain_http() {
    let request = json!({"method": "POST", "url": "http://h/v1/messages", "payload": {"stream": true}});
    let answer = |id: &str, text: &str, reason: &str| {
        let content =
            json!([{"type": "text", "text": text}, {"type": "tool_use", "id": id, "name": "f", "input": {"x": 1}}]);
        json!({"status": 200, "is_streaming": false, "body": {
            "id": id, "type": "message", "content": content, "stop_reason": reason, "usage": {"input_tokens": id.len()},
        }})
    };
    check(&request, answer("a", "x", "end_turn"), answer("bb", "x", "end_turn"), "noise");
    check(&request, answer("a", "x", "end_turn"), answer("a", "y", "end_turn"), "text");
    check(&request, answer("a", "x", "end_turn"), answer("a", "x", "max_tokens"), "behaviour");
    let mut failed = answer("a", "x", "end_turn");
    failed["status"] = json!(400);
    check(&request, answer("a", "x", "end_turn"), failed, "behaviour");

    let stream = |texts: &[&str], id: &str| {
        let event = |event: Value| json!(format!("data: {event}"));
        let mut lines = vec![
            json!("event: message_start"),
            event(json!({"type": "message_start", "message": {"id": id}})),
            json!(""),
        ];
        for text in texts {
            let delta = json!({"type": "text_delta", "text": text});
            lines.push(event(json!({"type": "content_block_delta", "index": 0, "delta": delta})));
        }
        lines.push(json!("data: [DONE]"));
        json!({"status": 200, "is_streaming": true, "body": lines})
    };
    check(&request, stream(&["a ", "b"], "1"), stream(&["a", " ", "b"], "2"), "noise");
    check(&request, stream(&["a ", "b"], "1"), stream(&["a ", "c"], "1"), "text");
}

#[test]
fn ids_of_calls_are_noise_in_every_kind_until_two_share_one_or_one_is_missing() {
    let messages = json!({"method": "POST", "url": "http://h/v1/messages", "payload": {}});
    let uses = |ids: [Value; 2]| {
        let use_of = |id: &Value| json!({"type": "tool_use", "id": id, "name": "f", "input": {}});
        json!({"status": 200, "is_streaming": false, "body": {"id": "m", "content": ids.each_ref().map(use_of)}})
    };
    let responses = inference("/v1/responses");
    // The second call has the item id and the call id; its result refers to a call.
    let items = |item: Value, call: Value, result: &str| {
        let of = |id: Value, call: Value| json!({"type": "function_call", "id": id, "call_id": call, "name": "f", "arguments": "{}"});
        let result = json!({"type": "function_call_output", "id": "o", "call_id": result, "output": "x"});
        whole(
            json!({"__type__": "r", "__data__": {"id": "r", "output": [of(json!("i1"), json!("c1")), of(item, call), result]}}),
        )
    };
    check(&messages, uses([json!("a"), json!("b")]), uses([json!("b"), json!("c")]), "noise");
    for second in [json!("c"), json!(""), json!(null), json!(" ")] {
        check(&messages, uses([json!("a"), json!("b")]), uses([json!("c"), second]), "behaviour");
    }
    let good = || items(json!("i2"), json!("c2"), "c1");
    check(&responses, good(), items(json!("i3"), json!("c3"), "c1"), "noise");
    for (item, call, result) in [
        (json!("i2"), json!("c1"), "c1"),
        (json!("i2"), json!(null), "c1"),
        (json!("i2"), json!(""), "c1"),
        (json!("i1"), json!("c2"), "c1"),
        (json!(null), json!("c2"), "c1"),
        (json!("i2"), json!("c2"), "c2"),
        (json!("i2"), json!("c2"), "nothing"),
    ] {
        check(&responses, good(), items(item, call, result), "behaviour");
    }
}

#[test]
fn streams_of_other_shapes() {
    let request = inference("/generate_content_stream");
    let stream = |texts: &[&str], time: &str| {
        let chunk =
            |text: &&str| json!({"candidates": [{"content": {"parts": [{"text": text}]}}], "create_time": time});
        json!({"is_streaming": true, "body": texts.iter().map(chunk).collect::<Vec<_>>()})
    };
    check(&request, stream(&["one ", "two"], "1"), stream(&["one two"], "2"), "noise");
    check(&request, stream(&["one ", "two"], "1"), stream(&["one three"], "1"), "text");
}

#[test]
fn tools() {
    let request = json!({"provider": "p", "tool_name": "web_search", "kwargs": {"query": "q"}});
    let answer = |content: &str, metadata: u32| {
        whole(json!({"__type__": "t", "__data__": {"content": content, "metadata": metadata}}))
    };
    check(&request, answer("found", 1), answer("found", 2), "noise");
    check(&request, answer("found", 1), answer("lost", 1), "behaviour");
}
