//! Every error that Bedrock is known to answer with, as it answers: what is said of it, and how often it is asked.

use crate::record::answer;
use crate::support::screen::{Said, filtered};
use crate::support::server::{Piece, ScriptedServer, Step};
use crate::support::{TestEnv, case};

/// A reply, and how often the request is made.
struct Row {
    status: u16,
    error_type: &'static str,
    body: &'static str,
    asked: usize,
}

const fn row(status: u16, asked: usize, body: &'static str) -> Row {
    Row { status, error_type: "", body, asked }
}

const fn typed(error_type: &'static str, row: Row) -> Row {
    Row { error_type, ..row }
}

/// A model that cannot be asked by its id; the apostrophe is a typographic one.
const NEEDS_PROFILE: &str = "{\"message\":\"Invocation of model ID openai.gpt-5.6 with on-demand throughput isn\u{2019}t \
     supported. Retry your request with the ID or ARN of an inference profile that contains this model.\"}";

const NESTED: &str = r#"{"error":{"message":"{\"error\":{\"code\":\"validation_error\",\"message\":\"Model does not support image modality\",\"param\":null,\"type\":\"invalid_request_error\"}}","type":"invalid_request_error","param":null,"code":"validation_error"}}"#;

const IAM: &str = r#"{"Message":"User: arn:aws:iam::123456789012:user/alice is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-west-2::foundation-model/openai.gpt-oss-20b-1:0 because no identity-based policy allows the bedrock:InvokeModel action"}"#;

const UNKNOWN_PATH: &str =
    r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;

/// Envelope B with a code and a message.
macro_rules! b {
    ($code:literal, $message:literal) => {
        concat!(
            r#"{"error":{"code":""#,
            $code,
            r#"","message":""#,
            $message,
            r#"","param":null,"type":"permission_denied_error"}}"#
        )
    };
}

/// What each error of Bedrock is said to mean, in the order of the table.
const ROWS: [Row; 60] = [
    // The code decides, whatever the status.
    typed("ThrottlingException", row(400, 3, r#"{"message":"slow down"}"#)),
    typed("ThrottlingException", row(403, 3, r#"{"message":"slow down"}"#)),
    typed("ThrottlingException:http://internal.amazon.com/", row(200, 3, r#"{"message":"slow down"}"#)),
    row(200, 3, r#"{"error":{"code":null,"type":"ThrottlingException","message":"slow down"}}"#),
    row(400, 3, r#"{"error":{"code":400,"type":"ThrottlingException","message":"slow down"}}"#),
    row(400, 3, r#"{"Code":"ThrottlingException","Message":"slow down"}"#),
    typed("InternalServerException", row(503, 3, r#"{"message":"oops"}"#)),
    typed("InternalServerException", row(200, 3, r#"{"message":"oops"}"#)),
    typed(
        "ExpiredTokenException",
        row(200, 1, r#"{"message":"The security token included in the request is expired"}"#),
    ),
    typed("AccessDeniedException", row(403, 1, r#"{"message":"The free session of this model has expired."}"#)),
    row(403, 1, r#"{"message":"Something new about one model."}"#),
    typed(
        "AccessDeniedException",
        row(
            403,
            1,
            r#"{"message":"Model access is denied due to INVALID_PAYMENT_INSTRUMENT: A valid payment instrument must be provided."}"#,
        ),
    ),
    typed("ExpiredTokenException", row(403, 1, r#"{"Message":"Bearer Token has expired"}"#)),
    row(403, 1, r#"{"Message":"Authentication failed: Please make sure your API Key is valid."}"#),
    row(403, 1, r#"{"Message":"Invalid API Key format: Must start with pre-defined prefix"}"#),
    row(403, 1, IAM),
    row(403, 1, r#"{"message":"The security token included in the request is expired"}"#),
    row(401, 1, b!("invalid_api_key", "Missing 'authorization' or 'x-api-key' header")),
    row(401, 1, b!("invalid_api_key", "Invalid bearer token")),
    row(401, 1, b!("access_denied", "openai.gpt-5.5 is not available for this account. You can explore other models.")),
    row(
        401,
        1,
        b!(
            "access_denied",
            "User: arn:aws:sts::123456789012:assumed-role/a/b is not authorized to perform: bedrock:InvokeModel"
        ),
    ),
    row(
        403,
        1,
        b!(
            "access_denied",
            "User: arn:aws:iam::123456789012:user/a is not authorized to perform: bedrock-mantle:CreateInference"
        ),
    ),
    row(401, 1, b!("access_denied", "User: x is not authorized to perform: bedrock:CallWithBearerToken")),
    row(401, 1, b!("invalid_api_key", "Credential should be scoped to correct service: 'bedrock-mantle'.")),
    row(403, 1, r#"{"message":"Credential should be scoped to a valid region."}"#),
    row(200, 1, r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#),
    row(404, 1, r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#),
    row(404, 1, "<UnknownOperationException/>"),
    row(404, 1, ""),
    row(404, 1, r#"{"detail":"Not Found"}"#),
    typed("ValidationException", row(400, 1, r#"{"message":"The provided model identifier is invalid."}"#)),
    typed(
        "AccessDeniedException",
        row(403, 1, r#"{"message":"You don't have access to the model with the specified model ID."}"#),
    ),
    typed(
        "ResourceNotFoundException",
        row(404, 1, r#"{"message":"Could not resolve the foundation model from the provided model identifier."}"#),
    ),
    row(404, 1, r#"{"message":"This model version has reached the end of its life."}"#),
    row(400, 1, NEEDS_PROFILE),
    row(404, 1, b!("not_found_error", "The model 'X' does not exist")),
    row(404, 1, r#"{"message":"Model not found"}"#),
    row(400, 1, b!("validation_error", "The model 'X' does not support the '/v1/chat/completions' API")),
    row(400, 1, b!("validation_error", "model `X` isn't supported on this route")),
    row(400, 1, NESTED),
    row(400, 1, b!("integer_below_min_value", "max_tokens is too small")),
    row(400, 1, b!("missing_required_parameter", "no messages")),
    row(400, 1, b!("unsupported_parameter", "no seed")),
    row(400, 1, b!("unsupported_value", "no such effort")),
    row(400, 1, b!("unknown_parameter", "thinking")),
    row(
        400,
        1,
        r#"{"message":"Failed to deserialize the JSON body into the target type: thinking: unknown field `thinking`, expected one of `messages`"}"#,
    ),
    typed(
        "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/",
        row(429, 3, r#"{"message":"Too many tokens, please wait before trying again."}"#),
    ),
    row(429, 3, r#"{"message":"Too many requests, please wait before trying again."}"#),
    row(429, 3, r#"{"message":"Your request rate is too high. Reduce the frequency of requests."}"#),
    row(429, 1, r#"{"message":"Too many tokens per day, please wait before trying again."}"#),
    typed("ModelNotReadyException", row(429, 3, r#"{"message":"Model is not ready"}"#)),
    typed("ModelTimeoutException", row(408, 3, r#"{"message":"timed out"}"#)),
    typed("ModelStreamErrorException", row(424, 2, r#"{"message":"stream"}"#)),
    typed("ModelErrorException", row(424, 2, r#"{"message":"model"}"#)),
    typed("ServiceUnavailableException", row(503, 3, r#"{"message":"busy"}"#)),
    row(529, 3, b!("overloaded_error", "Overloaded")),
    typed("InternalServerException", row(500, 3, r#"{"message":"oops"}"#)),
    row(500, 3, b!("internal_server_error", "oops")),
    typed("ServiceQuotaExceededException", row(400, 1, r#"{"message":"exceeded"}"#)),
    row(403, 1, "<html><body>Blocked by the proxy</body></html>"),
];

/// What is refused without an error status.
fn others() -> Vec<Step> {
    let elsewhere = "http://127.0.0.1:9/elsewhere";
    vec![
        Step::json(200, "<html></html>"),
        Step::json(307, "").header("location", elsewhere),
        Step::json(301, "<html></html>"),
        Step::json(200, r#"{"message":"hm"}"#),
        Step::json(200, ""),
    ]
}

#[test]
fn every_error_says_what_to_do_and_is_asked_as_often_as_it_is_worth() {
    let rows = ROWS.iter().map(|row| {
        let step = Step::json(row.status, row.body);
        let step = if row.error_type.is_empty() { step } else { step.header("x-amzn-ErrorType", row.error_type) };
        (step, row.asked)
    });
    let others = others().into_iter().map(|step| (step, 1));
    let all: Vec<(Step, usize)> = rows.chain(others).collect();
    // Some wait before they are asked again: many at a time.
    let reasons: Vec<String> = std::thread::scope(|scope| {
        let reasons =
            |part: &[(Step, usize)]| part.iter().map(|(step, asked)| reason(step, *asked)).collect::<Vec<_>>();
        let parts: Vec<_> = all.chunks(2).map(|part| scope.spawn(move || reasons(part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    let mut said = Said::default();
    all.iter().zip(reasons).for_each(|((step, _), reason)| said.add(step.name(), reason));
    said.hold("record_errors");
}

/// What is said of a reply that is not stored.
fn reason(step: &Step, asked: usize) -> String {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("a.py::t", "hello"));
    let record = |step: Step| {
        let server = ScriptedServer::start(vec![step]);
        let args = ["record", "--cases", "cases.jsonl", "--format", "json", "--endpoint-url", &server.url()];
        (env.run(&args), server.requests().len())
    };
    record(Step::json(200, &answer("the old answer"))).0.exits(0);
    let before = env.tree();
    let (run, requests) = record(step.clone());
    let result = run.exits(1).json()["results"][0].clone();
    let reason = result["reason"].as_str().unwrap();
    assert_eq!((reason.lines().count(), reason.find("123456789012")), (1, None), "{reason:?}");
    assert_eq!(requests, asked, "{reason}");
    assert_eq!((&result["status"], env.tree()), (&"refused".into(), before), "{reason}");
    filtered(&env, reason)
}

/// A whole answer as a stream.
const STREAM: [&str; 3] = [
    r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}"#,
    r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    "[DONE]",
];

/// The stream up to an event, and how the connection ends.
fn stream(events: usize, end: &str, pause: f64) -> Step {
    let mut pieces: Vec<Piece> =
        STREAM[..events].iter().map(|data| Piece::Bytes(format!("data: {data}\n\n").into())).collect();
    pieces.push(Piece::Sleep(pause));
    Step {
        headers: vec![("content-type".into(), "text/event-stream".into())],
        framing: "chunked".into(),
        pieces,
        end: end.into(),
        ..Step::json(200, "")
    }
}

#[test]
fn whatever_happens_to_an_answer_the_store_is_the_old_one_or_the_new_one() {
    let other = ScriptedServer::start(vec![Step::json(200, &answer("from elsewhere"))]);
    let elsewhere = format!("{}/openai/v1/chat/completions", other.url());
    let whole = || Step::json(200, &answer("hi"));
    let throttle = || Step::json(429, r#"{"message":"slow down"}"#);
    let cut = |end: &str| Step { end: end.into(), ..whole() };
    let late = Step { delay: 6.0, ..whole() };
    let slow = Step { delay: 0.5, ..whole() };
    let object: Vec<(Vec<Step>, usize, &str)> = vec![
        (vec![throttle().header("retry-after", "0.01"), whole()], 2, ""),
        (vec![throttle(), whole()], 2, ""),
        (vec![throttle(), throttle(), whole()], 3, ""),
        (vec![Step::json(503, ""), whole()], 2, ""),
        (vec![slow], 1, ""),
        (vec![late, whole()], 1, "no answer within 2 s"),
        (vec![cut("short"), whole()], 1, "cut off"),
        (vec![cut("reset"), whole()], 1, "cut off"),
        (vec![Step::json(302, "").header("location", &elsewhere), whole()], 1, "a redirect"),
        (vec![Step::json(308, "").header("location", &elsewhere), whole()], 1, "a redirect"),
        (vec![Step::json(200, "<!doctype html>"), whole()], 1, "an HTML or XML page"),
        (vec![Step::json(404, ""), whole()], 1, "HTTP 404"),
    ];
    let streamed = vec![
        (vec![throttle(), stream(3, "clean", 0.0)], 2, ""),
        (vec![stream(1, "clean", 0.0), whole()], 1, "without finish_reason"),
        (vec![stream(1, "cut", 0.0), whole()], 1, ""),
        (vec![stream(1, "clean", 6.0), whole()], 1, "stalled for 2 s"),
        (vec![Step::json(200, "<html>"), whole()], 1, "not an event stream"),
        (vec![Step::json(200, UNKNOWN_PATH), whole()], 1, ""),
    ];
    let all = object.into_iter().map(|row| (row, false)).chain(streamed.into_iter().map(|row| (row, true)));
    let all: Vec<_> = all.collect();
    std::thread::scope(|scope| {
        for ((steps, asked, refused), streaming) in &all {
            scope.spawn(move || {
                let env = TestEnv::new();
                let line = case("tests/test_a.py::t", "hello");
                let streaming = if *streaming { r#""stream":true,"messages""# } else { r#""messages""# };
                env.write("cases.jsonl", line.replace("\"messages\"", streaming));
                let record = |steps: &[Step]| {
                    let server = ScriptedServer::start(steps.to_vec());
                    let args = ["record", "--cases", "cases.jsonl", "--timeout", "2", "--format", "json"];
                    (env.run(&[&args[..], &["--endpoint-url", &server.url()]].concat()), server.requests().len())
                };
                let good = steps.last().filter(|_| *asked > 1 || steps.len() == 1).cloned();
                // What the store is to be in the end: written from the good answer alone, or what was there.
                let new = good.map(|good| {
                    record(&[good]).0.exits(0);
                    env.tree()
                });
                let path = env.tree().into_iter().find(|(path, _)| path.ends_with(".json"));
                if let Some((path, _)) = path {
                    std::fs::remove_file(env.root().join(path)).unwrap();
                }
                let before = env.tree();
                let (run, requests) = record(steps);
                assert_eq!(requests, *asked, "{run:#?}");
                let is_new = run.code == 0;
                assert!(env.tree() == new.unwrap_or(before), "{refused}: {run:#?}");
                assert!(is_new || run.json()["results"][0]["reason"].as_str().unwrap().contains(refused), "{run:#?}");
            });
        }
    });
    assert!(other.requests().is_empty(), "no redirect was followed");
}

#[test]
fn a_refusal_about_one_model_ends_that_request_and_not_the_run() {
    let env = TestEnv::new();
    env.write("cases.jsonl", ["one", "two", "three"].map(|text| case(&format!("a.py::{text}"), text)).concat());
    let denied = |message: &str| {
        let body = serde_json::json!({ "message": message }).to_string();
        Step::json(403, &body).header("x-amzn-errortype", "AccessDeniedException:http://internal.amazon.com/")
    };
    let server = ScriptedServer::start(vec![
        denied("Access to this vendor's models is not allowed from unsupported countries, regions, or territories."),
        denied("Something that nobody has seen yet."),
        Step::json(200, &answer("hi")),
    ]);
    let args = ["record", "--cases", "cases.jsonl", "--concurrency", "1", "--format", "json"];
    let run = env.run(&[&args[..], &["--endpoint-url", &server.url()]].concat()).exits(1);
    let report = run.json();
    let statuses: Vec<_> = report["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, ["refused", "refused", "written"], "{run:#?}");
    run.hides("whole key");
    // One about the key ends it.
    let server = ScriptedServer::start(vec![denied("Bearer Token has expired")]);
    let run = env.run(&[&args[..], &["--endpoint-url", &server.url()]].concat()).exits(1);
    assert_eq!(server.requests().len(), 1, "{run:#?}");
}

#[test]
fn an_error_about_the_key_ends_the_run_whatever_its_status_and_wherever_it_is() {
    let expired = r#"{"message":"x","__type":"com.amazon.coral.service#ExpiredTokenException"}"#;
    let event = |event: &str, data: &str| Step {
        headers: vec![("content-type".into(), "text/event-stream".into())],
        ..Step::json(200, &format!("data: {}\n\nevent: {event}\ndata: {data}\n\n", STREAM[0]))
    };
    let header = |step: Step| step.header("x-amzn-errortype", "ExpiredTokenException:http://internal.amazon.com/");
    let rows = [
        (Step::json(200, expired), false),
        (Step::json(200, expired), true),
        (Step::json(429, expired), false),
        (header(Step::json(200, r#"{"message":"x"}"#)), true),
        // The text cannot be read, but the header can.
        (header(Step::json(403, "?").header("content-encoding", "br")), false),
        (event("error", r#"{"code":"ExpiredTokenException","message":"x"}"#), true),
        (event("message", r#"{"error":{"type":"ExpiredTokenException","code":null,"message":"x"}}"#), true),
        (event("expiredTokenException", r#"{"message":"x"}"#), true),
    ];
    for (step, streaming) in rows {
        let env = TestEnv::new();
        let body = if streaming { r#""stream":true,"messages""# } else { r#""messages""# };
        let cases = ["one", "two"].map(|text| case(&format!("a.py::{text}"), text)).concat();
        env.write("cases.jsonl", cases.replace("\"messages\"", body));
        let server = ScriptedServer::start(vec![step, Step::json(200, &answer("hi"))]);
        let args = ["record", "--cases", "cases.jsonl", "--concurrency", "1", "--format", "json"];
        let run = env.run(&[&args[..], &["--endpoint-url", &server.url()]].concat()).exits(1);
        assert_eq!(server.requests().len(), 1, "{run:#?}");
        assert_eq!(run.json()["results"][1]["status"], "skipped", "{run:#?}");
    }
}

#[test]
fn a_throttled_request_is_not_stored_under_an_allowed_status() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("a.py::t", "hello"));
    let server = ScriptedServer::start(vec![
        Step::json(400, r#"{"message":"slow down"}"#).header("x-amzn-errortype", "ThrottlingException"),
    ]);
    let args = ["record", "--cases", "cases.jsonl", "--allow-status", "400", "--endpoint-url", &server.url()];
    env.run(&args).exits(1);
    assert!(env.tree().iter().all(|(path, _)| path == "cases.jsonl"));
}

#[test]
fn a_query_is_sent_as_the_sdk_sends_it() {
    let env = TestEnv::new();
    let body = r#"{"model":"m","messages":[],"extra_query":{"a":null,"l":[1,"b c",null],"d":{"k":true,"e":[{"x":0.5}]},"s":"&"}}"#;
    env.write("cases.jsonl", format!("{{\"test_id\":\"a.py::t\",\"body\":{body}}}"));
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    env.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url()]).exits(0);
    let head = server.requests()[0].clone();
    let target = head.split(' ').nth(1).unwrap();
    let query = "l%5B%5D=1&l%5B%5D=b+c&d%5Bk%5D=true&d%5Be%5D%5B%5D%5Bx%5D=0.5&s=%26";
    assert_eq!(target, format!("/openai/v1/chat/completions?{query}"));
}

#[test]
fn a_compressed_answer_is_read_whatever_the_case_of_its_encoding() {
    use std::io::Write as _;
    let mut zlib = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::default());
    zlib.write_all(answer("hi").as_bytes()).unwrap();
    let zlib = zlib.finish().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::default());
    gzip.write_all(answer("hi").as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let plain = TestEnv::new();
    plain.write("cases.jsonl", case("a.py::t", "hello"));
    let record = |env: &TestEnv, step: Step| {
        let server = ScriptedServer::start(vec![step]);
        env.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url(), "--format", "json"])
    };
    record(&plain, Step::json(200, &answer("hi"))).exits(0);
    for (encoding, body) in [("GZip", &gzip), ("Deflate", &zlib)] {
        let env = TestEnv::new();
        env.write("cases.jsonl", case("a.py::t", "hello"));
        let step = Step { pieces: vec![Piece::Bytes(body.clone())], ..Step::json(200, "") };
        record(&env, step.header("Content-Encoding", encoding)).exits(0);
        assert_eq!(env.tree(), plain.tree(), "{encoding}");
    }
    let env = TestEnv::new();
    env.write("cases.jsonl", case("a.py::t", "hello"));
    let run = record(&env, Step::json(200, &answer("hi")).header("content-encoding", "br")).exits(1);
    let reason = run.json()["results"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.starts_with("the reply has the content encoding \"br\", which was not asked for; "), "{reason}");
}
