use bedrock_fixtures::recording::json::Value;
use bedrock_fixtures::recording::key::Request;

fn lines(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| Value::parse(line.as_bytes()).unwrap()).collect()
}

#[test]
fn keys() {
    let cases = lines("keys.jsonl");
    assert_eq!(cases.len(), 161);
    for case in cases {
        let text = |name: &str| case.get(name).unwrap().as_str().unwrap();
        let request = Request::Inference {
            test_id: case.get("test_id").unwrap().as_str(),
            method: text("method"),
            url: text("url"),
            body: case.get("body").unwrap(),
        };
        assert_eq!(request.hashed_text(), text("normalized"), "{}", text("id"));
        assert_eq!(request.key().to_string(), text("hash"), "{}", text("id"));
    }
}
