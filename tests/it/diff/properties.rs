//! What holds for every tree, tried on many.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{Trees, adds_up, count, file, pieces};
use crate::support::{TestEnv, corpus};

/// So many random trees are tried of each property.
const ROUNDS: u64 = 12;

/// Something in the answer that is noise by definition.
fn add_noise(document: &mut Value, rng: &mut Rng) {
    for data in pieces(document) {
        data["id"] = json!(format!("rec-{:012x}", rng.u64(..1 << 48)));
        data["created"] = json!(rng.u32(..));
        data["service_tier"] = json!("flex");
        data["system_fingerprint"] = json!(format!("fp_{}", rng.u32(..)));
        data.insert("metadata".into(), json!({"request": rng.u32(..)}));
        data.insert("obfuscation".into(), json!("x".repeat(rng.usize(1..20))));
        if !data["usage"].is_null() {
            data["usage"]["completion_tokens"] = json!(rng.u32(1..1000));
        }
    }
    document["request"]["provider_metadata"] = json!({"recorder": rng.u32(..)});
}

/// Cuts texts of a stream in two, at any character.
fn rechunk(document: &mut Value, rng: &mut Rng) {
    let Some(chunks) = document["response"]["body"].as_array_mut() else { return };
    let mut cut = Vec::new();
    for chunk in chunks.drain(..) {
        let text = chunk.pointer("/__data__/choices/0/delta/content").and_then(Value::as_str).unwrap_or("").to_owned();
        let length = text.chars().count();
        if length < 2 || rng.bool() {
            cut.push(chunk);
            continue;
        }
        let at = rng.usize(1..length);
        let (mut first, mut second) = (chunk.clone(), chunk);
        let content = "/__data__/choices/0/delta/content";
        *first.pointer_mut(content).unwrap() = json!(text.chars().take(at).collect::<String>());
        *second.pointer_mut(content).unwrap() = json!(text.chars().skip(at).collect::<String>());
        // The end comes with the last piece.
        *first.pointer_mut("/__data__/choices/0/finish_reason").unwrap() = Value::Null;
        first.pointer_mut("/__data__/usage").map(Value::take);
        cut.extend([first, second]);
    }
    *chunks = cut;
}

/// Puts all of an object's keys in another order, at every depth.
fn permute(value: &mut Value, rng: &mut Rng) {
    match value {
        Value::Object(object) => {
            let mut pairs: Vec<(String, Value)> = std::mem::take(object).into_iter().collect();
            rng.shuffle(&mut pairs);
            *object = pairs.into_iter().collect::<Map<_, _>>();
            object.values_mut().for_each(|item| permute(item, rng));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| permute(item, rng)),
        _ => {}
    }
}

#[test]
fn noise_in_any_amount_stays_noise() {
    for seed in 0..ROUNDS {
        let mut rng = Rng::with_seed(seed);
        let trees = Trees::new();
        for name in &trees.files {
            trees.edit(name, |document| {
                if document["response"]["body"].is_null() {
                    return document["request"]["provider_metadata"] = json!({});
                }
                if rng.bool() {
                    // A field that no one knows, on both sides in its own order.
                    let before = format!("before/recordings/{name}");
                    let mut old: Value = serde_json::from_str(&trees.env.read(&before)).unwrap();
                    for data in pieces(&mut old).into_iter().chain(pieces(document)) {
                        data.insert("future".into(), json!({"a": 1, "b": [{"c": 2, "d": 3}]}));
                    }
                    trees.env.write(&before, file(&old));
                }
                add_noise(document, &mut rng);
                rechunk(document, &mut rng);
                permute(document, &mut rng);
            });
        }
        let report = trees.json(&["--all"]);
        assert_eq!(count(&report, "noise"), trees.files.len() as u64, "seed {seed}: {report:#}");
        for name in &trees.files {
            let outline = |side: &str| trees.env.run(&["diff", "--textconv", &format!("{side}/recordings/{name}")]);
            assert_eq!(outline("before").stdout, outline("after").stdout, "seed {seed}: git sees no noise either");
        }
    }
}

/// The reasoning of every chunk stands in a tag of its own, so where a stream is cut shows in its raw text.
#[test]
fn reasoning_tags_follow_the_chunks_and_are_noise_too() {
    let stream = |texts: &[&str]| {
        let chunk = |text: &&str| {
            let choice = json!({"index": 0, "delta": {"content": text}, "finish_reason": null});
            json!({"__type__": "c", "__data__": {"choices": [choice]}})
        };
        let request = json!({"method": "POST", "url": "https://h/v1/chat/completions", "body": {}, "endpoint": "/v1/chat/completions"});
        let response = json!({"is_streaming": true, "body": texts.iter().map(chunk).collect::<Vec<_>>()});
        file(&json!({"test_id": "t.py::t", "request": request, "response": response}))
    };
    let thought =
        |parts: &[&str]| parts.iter().map(|part| format!("<reasoning>{part}</reasoning>")).collect::<Vec<_>>();
    let class = |before: &[&str], after: &[&str]| {
        let env = TestEnv::new();
        env.write("before.json", stream(before));
        env.write("after.json", stream(after));
        env.run(&["diff", "before.json", "after.json", "--format", "json", "--all"]).exits(0).json()["changes"][0]["class"].clone()
    };
    let (one, two) = (thought(&["I think"]), thought(&["I", " think"]));
    assert_eq!(class(&["", &one[0], "So."], &[&two[0], &two[1], "So", "."]), "noise");
    assert_eq!(class(&[&one[0], "So."], &[&two[0], "So."]), "text");
}

/// A tree with random changes of every sort. Gives how many files it has after.
fn disturb(trees: &Trees, rng: &mut Rng) -> usize {
    let mut count = trees.files.len();
    for (place, name) in trees.files.iter().enumerate() {
        let to = format!("{place}.json");
        match rng.u8(..8) {
            0 => {
                std::fs::remove_file(trees.env.root().join("after/recordings").join(name)).unwrap();
                count -= 1;
            }
            1 => trees.edit(name, |document| add_noise_if_answered(document, rng)),
            2 => trees
                .rename(name, &to, |document| document["request"]["url"] = json!("https://other/v1/chat/completions")),
            3 => trees.rename(name, &to, |document| {
                document["request"]["body"]["messages"][0]["content"] = json!(format!("question {}", rng.u8(..4)));
            }),
            4 => trees.edit(name, |document| document["response"]["is_streaming"] = json!(true)),
            5 => {
                trees.env.write(&format!("after/recordings/{name}"), "broken");
            }
            6 => {
                let original = trees.env.read(&format!("before/recordings/{name}"));
                trees.env.write(&format!("after/recordings/copy{place}.json"), original);
                count += 1;
            }
            _ => {}
        }
    }
    count
}

fn add_noise_if_answered(document: &mut Value, rng: &mut Rng) {
    if !document["response"]["body"].is_null() {
        add_noise(document, rng);
    }
}

/// Each change as one line, with the sides the other way round if asked.
fn lines(report: &Value, swapped: bool) -> Vec<String> {
    let other = |class: &Value| match (class.as_str().unwrap_or(""), swapped) {
        ("added", true) => "removed".to_owned(),
        ("removed", true) => "added".to_owned(),
        (class, _) => class.to_owned(),
    };
    let turn = |both: &Value| if swapped { json!([both[1], both[0]]) } else { both.clone() };
    let mut lines: Vec<String> = report["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let mut answer: Vec<String> = change["answer"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, both)| format!("{name} {}", turn(both)))
                .collect();
            answer.sort_unstable();
            let mut request: Vec<String> = change["request"]
                .as_array()
                .unwrap()
                .iter()
                .map(|change| {
                    let both = json!([change.get("before"), change.get("after")]);
                    format!("{} {}", change["pointer"], turn(&both))
                })
                .collect();
            request.sort_unstable();
            let paths = turn(&json!([change["before"], change["after"]]));
            format!("{} {} {paths} {answer:?} {request:?}", other(&change["class"]), change["answer_class"])
        })
        .collect();
    lines.sort_unstable();
    lines
}

#[test]
fn swapping_the_sides_swaps_before_and_after() {
    for seed in 0..ROUNDS {
        let mut rng = Rng::with_seed(seed);
        let trees = Trees::new();
        let after = disturb(&trees, &mut rng);
        let there = trees.json(&["--all"]);
        let back = trees.env.run(&["diff", "after", "before", "--all", "--format", "json"]).exits(0).json();
        assert_eq!(lines(&there, false), lines(&back, true), "seed {seed}");
        adds_up(&there, trees.files.len(), after);
        adds_up(&back, after, trees.files.len());
    }
}

#[test]
fn a_tree_is_the_same_as_itself() {
    for seed in 0..ROUNDS {
        let trees = Trees::new();
        disturb(&trees, &mut Rng::with_seed(seed));
        let report =
            trees.env.run(&["diff", "after", "after", "--all", "--format", "json", "--exit-code"]).exits(0).json();
        assert_eq!(report["changes"], json!([]), "seed {seed}");
        assert!(count(&report, "identical") > 0);
    }
}

#[test]
fn the_corpus_is_the_same_as_itself_and_all_of_it_is_compared() {
    let Some(corpus) = corpus() else { return };
    let corpus = corpus.to_str().unwrap();
    let env = TestEnv::new();
    let report = env.run(&["diff", corpus, corpus, "--all", "--format", "json"]).exits(0).json();
    assert_eq!((count(&report, "identical"), &report["changes"]), (600, &json!([])));
}

/// As a re-record through another path does it: every url changes, and with it every key and every name.
#[test]
fn a_corpus_that_was_re_keyed_is_found_as_that() {
    let Some(corpus) = corpus() else { return };
    let env = TestEnv::new();
    let mut rng = Rng::with_seed(5);
    let mut planted = 0;
    let entries = walkdir::WalkDir::new(&corpus).sort_by_file_name().into_iter().map(Result::unwrap);
    for entry in entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json")) {
        let mut document: Value = serde_json::from_slice(&std::fs::read(entry.path()).unwrap()).unwrap();
        let is_chat = document["request"]["endpoint"] == "/v1/chat/completions" && document["test_id"].is_string();
        if !is_chat || document["response"]["is_exception"] == true {
            continue;
        }
        let folder = entry.path().strip_prefix(&corpus).unwrap().parent().unwrap().to_str().unwrap().to_owned();
        env.write(&format!("before/{folder}/{}", entry.file_name().to_str().unwrap()), file(&document));
        let url = document["request"]["url"].as_str().unwrap().replace("/chat/completions", "/other/chat/completions");
        document["request"]["url"] = json!(url);
        add_noise(&mut document, &mut rng);
        env.write(&format!("after/{folder}/{:064x}.json", rng.u128(..)), file(&document));
        planted += 1;
    }
    let report = env.run(&["diff", "before", "after", "--format", "json"]).exits(0).json();
    assert!(planted > 300);
    assert_eq!(count(&report, "rekeyed"), planted, "{}", report["counts"]);
}
