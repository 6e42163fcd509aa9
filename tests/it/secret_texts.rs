//! What the rule `secret` finds and what it leaves alone, on texts as models and tools write them: every kind of key in
//! every form, and the examples, placeholders, addresses and prose that look like keys. Everything that looks like a key
//! is put together here, so that scanners of this repository find nothing.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case};

const URL: &str = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions";

/// Letters as a machine makes them; the same for the same seed.
fn random(seed: u64, letters: &str, length: usize) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let mut random = fastrand::Rng::with_seed(seed);
    (0..length).map(|_| letters[random.usize(..letters.len())]).collect()
}

const ALL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &str = "0123456789abcdef";

/// A key of every kind, and how it is called.
fn keys() -> Vec<(&'static str, String)> {
    let all = |seed: u64, n: usize| random(seed, ALL, n);
    let hex = |seed: u64, n: usize| random(seed, HEX, n);
    let url = |n: usize| random(99, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", n);
    let join = |parts: &[&str]| parts.concat();
    vec![
        ("Bedrock short-term", join(&["bedrock-api", "-key-", &all(1, 160)])),
        ("Bedrock long-term", join(&["AB", "SK", &all(2, 128)])),
        ("Claude Platform", join(&["AE", "AA", &all(3, 60)])),
        ("AWS key id", join(&["AK", "IA", &random(4, UPPER, 16)])),
        ("AWS temporary key id", join(&["AS", "IA", &random(5, UPPER, 16)])),
        ("AWS session token", join(&["IQoJb3Jp", "Z2luX2Vj", &all(6, 300)])),
        ("AWS secret", join(&["AWS_SECRET_", "ACCESS_KEY=", &all(7, 40)])),
        ("AWS presigned", join(&["https://b.s3.amazonaws.com/k?X-Amz-", "Signature=", &hex(8, 64)])),
        ("GCS presigned", join(&["https://storage.googleapis.com/b/o?X-Goog-", "Signature=", &hex(9, 256)])),
        (
            "Azure SAS",
            join(&[
                "https://a.blob.core.windows.net/c/b?sv=2024-11-04&se=2026-01-01&sp=r&s",
                "ig=",
                &all(10, 43),
                "%3D",
            ]),
        ),
        ("Azure storage", join(&["AccountName=a;Account", "Key=", &all(11, 86), "==;EndpointSuffix=core.windows.net"])),
        ("Azure OpenAI", join(&[&all(12, 52), "JQ", "QJ99", &all(13, 20)])),
        ("Authorization", join(&["Authorization: Bear", "er ", &all(14, 40)])),
        ("Basic", join(&["Authorization: Ba", "sic ", &STANDARD.encode(format!("user:{}", all(15, 20)))])),
        ("bearer", join(&["bear", "er ", &all(16, 32)])),
        ("API key header", join(&["x-api", "-key: ", &hex(17, 32)])),
        ("cookie", join(&["Set-Coo", "kie: session=", &all(18, 40), "; Path=/"])),
        ("OpenAI project", join(&["s", "k-proj-", &url(120)])),
        ("OpenAI", join(&["s", "k-", &all(19, 20), "T3Blbk", "FJ", &all(20, 20)])),
        ("Anthropic", join(&["s", "k-ant-", "api03-", &url(93), "AA"])),
        ("OpenRouter", join(&["s", "k-or-", "v1-", &hex(21, 64)])),
        ("Groq", join(&["gs", "k_", &all(22, 52)])),
        ("NVIDIA", join(&["nv", "api-", &url(64)])),
        ("Google", join(&["AI", "za", &url(35)])),
        ("Google client", join(&["GOC", "SPX-", &all(23, 28)])),
        ("Hugging Face", join(&["h", "f_", &random(24, &ALL[..52], 34)])),
        ("GitHub", join(&["gh", "p_", &all(25, 36)])),
        ("GitHub server", join(&["gh", "s_", &all(26, 36)])),
        ("GitHub fine-grained", join(&["github", "_pat_", &all(27, 22), "_", &all(28, 59)])),
        ("GitLab", join(&["gl", "pat-", &all(29, 20)])),
        (
            "Slack bot",
            join(&["xo", "xb-", &random(30, "0123456789", 12), "-", &random(31, "0123456789", 13), "-", &all(32, 24)]),
        ),
        (
            "Slack webhook",
            join(&[
                "https://hooks.sl",
                "ack.com/services/T",
                &random(33, UPPER, 8),
                "/B",
                &random(34, UPPER, 10),
                "/",
                &all(35, 24),
            ]),
        ),
        ("Google key of 2025", join(&["AQ", ".Ab8RN6", &url(44)])),
        ("Google refresh", join(&["1/", "/0", &url(98)])),
        ("Azure client", join(&["a1B", "8Q", "~", &all(47, 34)])),
        ("Hugging Face OAuth", join(&["h", "f_oauth_", &all(48, 60)])),
        ("GitLab feed", join(&["gl", "ft-5m_yFOiytylExqq-3TSr"])),
        ("GitLab agent", join(&["gl", "agent-", &all(49, 50)])),
        ("GitLab application", join(&["gl", "oas-", &hex(50, 64)])),
        ("Slack cookie", join(&["xo", "xd-", &all(51, 90)])),
        ("Slack client", join(&["xo", "xc-", &random(52, "0123456789", 12), "-", &hex(53, 64)])),
        ("Tavily", join(&["tv", "ly-dev-", &all(36, 32)])),
        ("Brave", join(&["B", "SA", &all(37, 28)])),
        ("xAI", join(&["x", "ai-", &all(38, 80)])),
        ("Perplexity", join(&["pp", "lx-", &all(39, 48)])),
        ("Fireworks", join(&["f", "w_", &all(40, 24)])),
        ("Replicate", join(&["r", "8_", &all(41, 37)])),
        ("Pinecone", join(&["pc", "sk_", &all(42, 60)])),
        ("Databricks", join(&["da", "pi", &hex(43, 32)])),
        ("Stripe", join(&["sk_", "live_", &all(44, 24)])),
        ("npm", join(&["np", "m_", &all(45, 36)])),
        ("JSON web token", join(&["e", "yJhbGciOiJIUzI1NiJ9.e", "yJzdWIiOiJ1c2VyLTQyIiwiaWF0Ij.", &url(43)])),
        ("private key", join(&["-----BEGIN ", "RSA PRIVATE KEY-----\n", "MIIEpAIBAAKCAQEA", &all(46, 48)])),
    ]
}

/// The ways in which a text may be written.
fn forms(secret: &str) -> Vec<(&'static str, Value)> {
    let whole = |content: String| json!({"content": content});
    let json_in_json = json!({"result": {"output": secret}}).to_string();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let reserved: String = secret
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || byte == b'-' {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let escaped: String = secret.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let base64 = |before: &str| format!("see {}.", STANDARD.encode(format!("{before}{secret} end")));
    vec![
        ("as it is", whole(format!("it is {secret} indeed"))),
        ("JSON in JSON", whole(json_in_json.clone())),
        ("JSON in JSON in JSON", whole(json!({"again": json_in_json}).to_string())),
        ("escaped", whole(format!("{{\"k\": \"{escaped}\"}}"))),
        ("every letter percent-encoded", whole(format!("/x?y={percent}"))),
        ("percent-encoded", whole(format!("/x?y={reserved}"))),
        ("base64", whole(base64(" "))),
        ("base64, one further", whole(base64("a "))),
        ("base64, two further", whole(base64("ab "))),
        ("base64 without a sign before it", whole(base64("/x/ "))),
    ]
}

fn answer(message: &Value) -> Value {
    json!({"__type__": "openai.types.chat.chat_completion.ChatCompletion", "__data__": {
        "id": "rec-000000000000", "choices": [{"finish_reason": "stop", "index": 0, "logprobs": null, "message": message}],
        "created": 0, "model": "m", "object": "chat.completion"}})
}

fn stream(texts: &[&str]) -> Value {
    let chunk = |text: &&str| {
        json!({"__type__": "openai.types.chat.chat_completion_chunk.ChatCompletionChunk", "__data__": {
            "id": "rec-000000000000", "choices": [{"delta": {"content": text, "role": "assistant"}, "finish_reason": null, "index": 0}],
            "created": 0, "model": "m", "object": "chat.completion.chunk"}})
    };
    texts.iter().map(chunk).collect()
}

/// Many texts, each in a recording of its own, looked at in one run.
struct Texts {
    env: TestEnv,
    names: Vec<String>,
}

impl Texts {
    fn new() -> Self {
        Texts { env: TestEnv::new(), names: vec![] }
    }

    fn add(&mut self, name: String, body: &Value) {
        let document = json!({"test_id": "tests/t.py::t", "request": {"method": "POST", "url": URL, "headers": {},
            "body": {"model": "m", "messages": []}, "endpoint": "/v1/chat/completions", "model": "m"},
            "response": {"body": body, "is_streaming": body.is_array()}, "id_normalization_mapping": {}});
        let mut bytes = serde_json::to_vec_pretty(&document).unwrap();
        bytes.push(b'\n');
        self.env.write(&format!("tests/recordings/{:064x}.json", self.names.len()), bytes);
        self.names.push(name);
    }

    /// By name how many secrets are found.
    fn found(&self) -> BTreeMap<String, usize> {
        let run = self.env.run(&["verify", "--select", "secret", "--format", "json"]);
        let mut found: BTreeMap<String, usize> = self.names.iter().map(|name| (name.clone(), 0)).collect();
        for finding in run.json()["findings"].as_array().unwrap() {
            let path = finding["path"].as_str().unwrap();
            let place = usize::from_str_radix(&path["tests/recordings/".len()..path.len() - 5], 16).unwrap();
            *found.get_mut(&self.names[place]).unwrap() += 1;
            assert!(finding["id"].as_str().is_some_and(|id| id.len() == 16), "{finding}");
        }
        found
    }
}

#[test]
fn every_kind_of_key_is_found_once_in_every_form() {
    let mut texts = Texts::new();
    for (name, key) in keys() {
        for (form, message) in forms(&key) {
            texts.add(format!("{name}: {form}"), &answer(&message));
        }
        let arguments = json!([{"id": "c", "type": "function", "function": {"name": "f", "arguments": json!({"q": key}).to_string()}}]);
        texts.add(format!("{name}: arguments"), &answer(&json!({"tool_calls": arguments})));
        // A third in, and at a letter: where it is cut is chance.
        let at = key.len() / 3;
        texts.add(format!("{name}: two chunks"), &stream(&["it is ", &key[..at], &key[at..], " indeed"]));
        let (a, b) = (&key[..2], &key[2..]);
        texts.add(format!("{name}: two chunks, early"), &stream(&["it is ", a, b, " indeed"]));
    }
    assert!(texts.names.len() > 400, "{}", texts.names.len());
    let wrong: BTreeMap<String, usize> = texts.found().into_iter().filter(|(_, count)| *count != 1).collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), texts.names.len());
}

#[test]
fn the_secret_half_of_a_pair_is_found_by_the_name_beside_it() {
    let key = random(50, &format!("{ALL}+/"), 40);
    let name = ["SECRET_", "ACCESS_KEY"].concat();
    let mut texts = Texts::new();
    for (place, text) in [
        format!("AWS_{name}={key}"),
        format!("export AWS_{name}='{key}'"),
        format!("aws_{} = {key}", name.to_lowercase()),
        format!("{{\"SecretAccess{}\": \"{key}\"}}", "Key"),
        format!("<SecretAccessKey>{key}</SecretAccessKey>"),
        format!("$env:AWS_{name} = \"{key}\""),
        format!("Secret access key: `{key}`"),
        format!("| secret access key | {key} |"),
        format!("the secret access key is {key}, keep it"),
        format!("--secret-access-key {key}"),
        format!("secretAccessKey: '{key}',"),
        format!("aws.secretKey={key}"),
        format!("{{\\\"SecretAccessKey\\\": \\\"{key}\\\"}}"),
        format!("[{{\"name\": \"AWS_{name}\", \"value\": \"{key}\"}}]"),
    ]
    .into_iter()
    .enumerate()
    {
        texts.add(format!("{place}: {}", text.replace(&key, "KEY")), &answer(&json!({"content": text})));
    }
    let beside =
        json!({"content": null, "env": [{"name": format!("AWS_{name}"), "value": key}], "SecretAccessKey": "short"});
    texts.add("fields of an object".to_owned(), &answer(&beside));
    texts.add("a key of an object".to_owned(), &answer(&json!({"SecretAccessKey": key})));
    let wrong: BTreeMap<String, usize> = texts.found().into_iter().filter(|(_, count)| *count != 1).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Texts that hold no secret.
fn harmless() -> Vec<String> {
    let example = |parts: &[&str]| parts.concat();
    let key_id = example(&["AK", "IAIOSFODNN7", "EXAMPLE"]);
    let secret = example(&["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCY", "EXAMPLEKEY"]);
    let jwt = example(&[
        "e",
        "yJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e",
        "yJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.",
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    ]);
    let x = |n: usize| "x".repeat(n);
    let mut texts: Vec<String> = vec![
        format!("aws_access_key_id = {key_id}"),
        format!("export AWS_SECRET_ACCESS_KEY={secret}"),
        format!("{{\"AccessKeyId\": \"{key_id}\", \"SecretAccessKey\": \"{secret}\"}}"),
        example(&["AK", "IAI44QH8DHB", "EXAMPLE is the second one of the documentation"]),
        example(&["AS", "IAXXXXXXXXXXXXXXXX"]),
        format!("https://s3.amazonaws.com/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key_id}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Signature={}", random(60, HEX, 64)),
        format!("Authorization: AWS4-HMAC-SHA256 Credential={key_id}/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range, Signature={}", random(61, HEX, 64)),
        format!("Authorization: Bearer {jwt}"),
        format!("the token {jwt} of the documentation"),
        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned(),
        "Authorization: Basic dXNlcjpwYXNzd29yZA==".to_owned(),
        "curl -H 'Authorization: Bearer YOUR_ACCESS_TOKEN' https://api.example.com".to_owned(),
        "Authorization: Bearer $AWS_BEARER_TOKEN_BEDROCK".to_owned(),
        "Authorization: Bearer ${{ secrets.BEDROCK_TOKEN_OF_THE_RUN }}".to_owned(),
        "\"Authorization\": f\"Bearer {os.environ['OPENAI_API_KEY']}\"".to_owned(),
        "headers = {'Authorization': 'Bearer ' + token}".to_owned(),
        "Authorization: Bearer <your-access-token-goes-here>".to_owned(),
        "Authorization: Bearer [REDACTED-BY-THE-PROXY]".to_owned(),
        "Authorization: Bearer ****************************".to_owned(),
        "the ?X-Amz-Signature=<signature> parameter".to_owned(),
        "X-Amz-Signature={signature}&X-Amz-Credential={credential}".to_owned(),
        "X-Amz-Credential=YOUR_ACCESS_KEY_ID/20240101/REGION/s3/aws4_request".to_owned(),
        "append ?sv=...&sig=<signature> to the address of the blob".to_owned(),
        "sig=signature-of-the-string-to-sign-with-the-account-key".to_owned(),
        "The X-Goog-Signature parameter holds the signature in hex.".to_owned(),
        "Use Bearer authentication/authorization for every request.".to_owned(),
        "The ring-bearer responsibilities are shared among cousins.".to_owned(),
        "a standard-bearer counterrevolutionary of the nineteenth century".to_owned(),
        "The bearer characteristically carries the lantern.".to_owned(),
        "Bearer token_of_the_service_account".to_owned(),
        "https://news.example/tech/sk-hynix-announces-new-hbm4-memory".to_owned(),
        "https://shop.example/sk-1970s-vintage-leather-armchair-cushion".to_owned(),
        "class=\"sk-folding-cube-wrapper-large\"".to_owned(),
        "class=\"sk-loading-indicator-container-dark sk-circle-fade-dot-12\"".to_owned(),
        "#sk-container-id-1 div.sk-parallel-item::after".to_owned(),
        "the locale sk-SK-bratislava-region-standard".to_owned(),
        "risk-assessment-and-mitigation-plan-2024".to_owned(),
        "task-based-parallelism-with-work-stealing-queues".to_owned(),
        format!("OPENAI_API_KEY=sk-{}", x(48)),
        "OPENAI_API_KEY=sk-your-key-goes-here-please".to_owned(),
        "OPENAI_API_KEY=\"sk-...\"".to_owned(),
        "api_key=\"YOUR_API_KEY_GOES_HERE\"".to_owned(),
        "api_key=\"<insert your key here>\"".to_owned(),
        "api_key=os.environ[\"OPENAI_API_KEY\"]".to_owned(),
        "api_key: ${OPENAI_API_KEY}".to_owned(),
        "api-key: application-configuration-value".to_owned(),
        "x-api-key: {{ apiKeyFromTheVault }}".to_owned(),
        "The header x-api-key is required, the header Authorization is not.".to_owned(),
        example(&["gh", "p_", &x(36)]),
        example(&["gh", "p_", "1234567890abcdefghijklmnopqrstuvwxyz"]),
        example(&["glpat", "-", &x(20)]),
        example(&["xo", "xb-", "your-bot-token-goes-here"]),
        example(&["xo", "xb-", "not-a-real-token-this-will-not-work"]),
        example(&["AI", "zaSy", &"X".repeat(33)]),
        example(&["h", "f_", &x(34)]),
        example(&["nvapi", "-your-nvidia-api-key-here"]),
        "gsk_your_groq_api_key_here_please".to_owned(),
        "hf_hub_download(repo_id, filename)".to_owned(),
        "hf_transfer and hf_xet make downloads faster".to_owned(),
        "npm_config_registry=https://registry.example".to_owned(),
        "fw_update_available_for_this_device_now".to_owned(),
        "dapi stands for data application programming interface".to_owned(),
        "tvly-your-tavily-search-api-key".to_owned(),
        "pplx-api-reference-chat-completions-endpoint".to_owned(),
        "xai-explainable-artificial-intelligence-methods-overview".to_owned(),
        "A PEM file begins with -----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\n<contents of the key>\n-----END RSA PRIVATE KEY-----".to_owned(),
        "-----BEGIN CERTIFICATE----- is harmless".to_owned(),
        "The file must start with -----BEGIN PRIVATE KEY-----".to_owned(),
        "A PEM file starts with `-----BEGIN PRIVATE KEY-----` and ends with `-----END PRIVATE KEY-----`.".to_owned(),
        "If the first line is \"-----BEGIN RSA PRIVATE KEY-----\", convert it to PKCS 8 before you use it.".to_owned(),
        "-----BEGIN OPENSSH PRIVATE KEY----- responsibilities are described in chapter 4".to_owned(),
        "assert pem.startswith('-----BEGIN EC PRIVATE KEY-----')".to_owned(),
        "if line == \"-----BEGIN PRIVATE KEY-----\":".to_owned(),
        "One of -----BEGIN PRIVATE KEY-----, -----BEGIN RSA PRIVATE KEY-----, -----BEGIN EC PRIVATE KEY-----".to_owned(),
        "| PKCS 8 | `-----BEGIN PRIVATE KEY-----` |\n| PKCS 1 | `-----BEGIN RSA PRIVATE KEY-----` |".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----".to_owned(),
        example(&["STRIPE_KEY=sk_", "test_4eC39HqLyj", "WDarjtT1zdp7dc"]),
        example(&["AK", "IA1234567890XXXXXX"]),
        "THE ASIANDEVELOPMENTBANK IN MANILA".to_owned(),
        "ABIAKAINAKAINAKAINAK".to_owned(),
        "-----BEGIN PUBLIC KEY----- as well".to_owned(),
        "Cookie: session=<session id>; theme=dark".to_owned(),
        "Set-Cookie: theme=dark-mode-with-high-contrast; Path=/".to_owned(),
        "cookie: consent=accepted-all-categories-of-cookies".to_owned(),
        "Cookies = flour + butter + chocolate chips".to_owned(),
        "AWS_SECRET_ACCESS_KEY=your-secret-access-key".to_owned(),
        "AWS_SECRET_ACCESS_KEY=$(vault read -field=secret aws/creds/deploy)".to_owned(),
        "Rotate the secret access key every ninety days.".to_owned(),
        format!("the secret key of commit {}", random(62, HEX, 40)),
        format!("commit {} changes nothing", random(63, HEX, 40)),
        format!("sha256:{}", random(64, HEX, 64)),
        "AKIAINDUSTRIES is a company in a novel".to_owned(),
        "ASIA-PACIFIC REGIONAL HEADQUARTERS".to_owned(),
        "BSA stands for Business Software Alliance".to_owned(),
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==".to_owned(),
        STANDARD.encode("The quick brown fox jumps over the lazy dog, bearer of bad news and cookies."),
        STANDARD.encode("Authorization: Bearer YOUR_ACCESS_TOKEN"),
        STANDARD.encode(format!("aws_access_key_id = {key_id}")),
        format!("%41%4B%49%41 is {} in letters", key_id),
        "eyJ is how every JSON web token begins".to_owned(),
        "AccountKey=<your account key>;EndpointSuffix=core.windows.net".to_owned(),
        "DefaultEndpointsProtocol=https;AccountName=devstoreaccount;AccountKey=YOUR_ACCOUNT_KEY_YOUR_ACCOUNT_KEY_YOUR_ACCOUNT".to_owned(),
        "ya29.a0 is the start of Google's access tokens".to_owned(),
        "hooks.slack.com/services/YOUR/WEBHOOK/ADDRESS-GOES-HERE".to_owned(),
        "sk_live_ and pk_live_ are the prefixes of Stripe".to_owned(),
        "Das ist der Bearer Authentifizierungsmechanismus der Schnittstelle.".to_owned(),
        "Le jeton bearer anticonstitutionnellement.".to_owned(),
    ];
    // What templates write in the place of a secret, under every name of one.
    let places = [
        "YOUR_TOKEN_GOES_HERE_1234",
        "<token-of-your-account>",
        "$TOKEN_OF_THE_ACCOUNT",
        "${TOKEN_OF_THE_ACCOUNT}",
        "{{ token }}",
        "%TOKEN%",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "...",
        "[redacted by the proxy]",
        "example-token-example-token",
    ];
    for name in [
        "Authorization: Bearer ",
        "x-api-key: ",
        "api_key=",
        "OPENAI_API_KEY=sk-",
        "AWS_SECRET_ACCESS_KEY=",
        "?X-Amz-Signature=",
        "&sig=",
        "Cookie: session=",
        "GITHUB_TOKEN=ghp_",
        "GROQ_API_KEY=gsk_",
        "NVIDIA_API_KEY=nvapi-",
    ] {
        texts.extend(places.iter().map(|place| format!("{name}{place}")));
    }
    texts
}

#[test]
fn examples_placeholders_addresses_and_prose_are_left_alone() {
    let mut texts = Texts::new();
    let harmless = harmless();
    assert!(harmless.len() > 150, "{}", harmless.len());
    for (place, text) in harmless.iter().enumerate() {
        texts.add(format!("{place}: {text}"), &answer(&json!({"content": text})));
        texts
            .add(format!("{place} in JSON: {text}"), &answer(&json!({"content": json!({"output": text}).to_string()})));
    }
    let wrong: BTreeMap<String, usize> = texts.found().into_iter().filter(|(_, count)| *count != 0).collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), texts.names.len());
}

#[test]
fn accounts_of_documentation_are_no_findings() {
    let env = TestEnv::new();
    let folder = format!("tests/recordings/{:064x}.json", 1);
    let examples = [
        "111122223333",
        "444455556666",
        "777788889999",
        "000000000000",
        "999999999999",
        "123456789012",
        "210987654321",
        "987654321098",
        "112233445566",
    ];
    // As many equal or counted digits as those of an example, and no example.
    let others = ["739204816355", "123456789013", "111122223334", "112233445567", "123456123456"];
    for (account, count) in examples.map(|account| (account, 0)).into_iter().chain(others.map(|account| (account, 1))) {
        let text = format!("arn:aws:bedrock:us-west-2:{account}:inference-profile/x, user-at-{account}");
        env.write(&folder, answer(&json!({"content": text})).to_string());
        let run = env.run(&["verify", "--select", "account-id", "--format", "json"]).json();
        let found = run["findings"].as_array().unwrap().len();
        assert_eq!(found.min(1), count, "{account}: {run:#}");
    }
}

#[test]
fn a_private_key_is_known_by_its_header_and_what_follows() {
    let header = ["-----BEGIN ", "PRIVATE KEY-----"].concat();
    let key = ["MIIEvQIBADANBgkqhkiG9w0", &random(70, ALL, 40)].concat();
    let mut texts = Texts::new();
    for (place, text) in [
        header.clone(),
        format!("The key is\n{header}\n{key}\nand must not be shown."),
        format!("the key {header} {key} in one line"),
        format!("pem = \"{header}\\n\"\n      \"{key}\\n\""),
        format!("// {header}\r\n// {key}"),
        format!("'{header}\\n' +\n'{key}'"),
        format!("{}\nProc-Type: 4,ENCRYPTED\n", header.replace("PRIVATE", "RSA PRIVATE")),
        json!([header, key]).to_string(),
        json!({"pem": header}).to_string(),
    ]
    .iter()
    .enumerate()
    {
        texts.add(format!("{place}: {text}"), &answer(&json!({"content": text})));
    }
    texts.add("lines".to_owned(), &answer(&json!({"content": "x", "lines": [header, key]})));
    let wrong: BTreeMap<String, usize> = texts.found().into_iter().filter(|(_, count)| *count != 1).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_secret_of_a_text_is_a_finding_and_known_by_its_id() {
    let mut texts = Texts::new();
    let keys = keys();
    let text: Vec<&str> = keys.iter().map(|(_, key)| key.as_str()).collect();
    texts.add("all".to_owned(), &answer(&json!({"content": text.join(" \n ")})));
    assert_eq!(texts.found()["all"], keys.len());
    let run = texts.env.run(&["verify", "--select", "secret", "--format", "json"]).exits(1);
    let ids: BTreeSet<String> = run.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), keys.len());
    let mut allowed: Vec<String> = ids.into_iter().collect();
    texts.env.run(&["verify", "--select", "secret", "--allow-secret", &allowed.join(",")]).exits(0);
    allowed.pop();
    let run = texts
        .env
        .run(&["verify", "--select", "secret", "--format", "json", "--allow-secret", &allowed.join(",")])
        .exits(1);
    assert_eq!(run.json()["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_baseline_covers_the_secrets_it_was_written_for_and_no_other() {
    let keys = keys();
    let texts = |texts: &[&str]| {
        let mut env = Texts::new();
        env.add("one".to_owned(), &answer(&json!({"content": texts.join(" and ")})));
        env.env
    };
    let key = |name: &str| keys.iter().find(|(n, _)| *n == name).unwrap().1.as_str();
    let other = ["gh", "p_", &random(70, ALL, 36)].concat();
    let known = texts(&[key("GitHub")]);
    let select = ["verify", "--select", "secret"];
    known.run(&[&select[..], &["--write-baseline", "known.json"]].concat()).exits(0);
    let baseline = known.read("known.json");
    assert!(!baseline.contains(&key("GitHub")[8..]), "{baseline}");
    for (content, code) in [
        (vec![key("GitHub")], 0),
        (vec![other.as_str()], 1),
        (vec![key("GitHub"), other.as_str()], 1),
        (vec![key("GitHub"), key("Google")], 1),
        (vec!["nothing"], 0),
    ] {
        let env = texts(&content);
        env.write("known.json", &baseline);
        env.run(&[&select[..], &["--baseline", "known.json"]].concat()).exits(code);
    }
    // The hash is another in every file, and one without hashes covers nothing.
    known.run(&[&select[..], &["--write-baseline", "again.json"]].concat()).exits(0);
    let hash = |text: &str| serde_json::from_str::<Value>(text).unwrap()["findings"][0]["content"].clone();
    assert_ne!(hash(&baseline), hash(&known.read("again.json")));
    let mut old: Value = serde_json::from_str(&baseline).unwrap();
    old["findings"][0].as_object_mut().unwrap().remove("content");
    known.write("old.json", old.to_string());
    // What an editor adds is no reason to refuse it; what is no baseline is called by its name.
    known.write("marked.json", format!("\u{feff}{}", baseline.replace('\n', "\r\n")));
    known.run(&[&select[..], &["--baseline", "marked.json"]].concat()).exits(0);
    let merged = format!("<<<<<<< HEAD\n{baseline}=======\n{baseline}>>>>>>> other\n");
    for (text, what) in [
        ("", "is empty"),
        (&*merged, "merge conflict"),
        ("[]", "an object"),
        (r#"{"schema":0,"findings":[]}"#, "schema 0"),
    ] {
        known.write("bad.json", text);
        known.run(&[&select[..], &["--baseline", "bad.json"]].concat()).exits(2).one_error(&["bad.json", what]);
    }
    let run = known.run(&[&select[..], &["--baseline", "old.json"]].concat()).exits(1);
    assert!(run.stderr.contains("have no hash") && run.stderr.contains("--write-baseline"), "{}", run.stderr);
}

#[test]
fn record_can_be_told_that_a_text_is_no_secret() {
    let key = ["gh", "p_", &random(80, ALL, 36)].concat();
    let reply = json!({"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": format!("such as {key}")}}]});
    let server = ScriptedServer::start(vec![Step::json(200, &reply.to_string()); 3]);
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", "bench-token-of-this-run");
    env.write("cases.jsonl", case("tests/t.py::t", "what does one look like?"));
    let url = server.url();
    let args = ["record", "--cases", "cases.jsonl", "--endpoint-url", &url, "--format", "json"];
    let run = env.run(&args).exits(1);
    let reason = run.json()["results"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("the rule secret: GitHub token") && !reason.contains(&key[4..]), "{reason}");
    let id = &reason.rsplit("--allow-secret ").next().unwrap()[..16];
    env.run(&[&args[..], &["--allow-secret", "0123456789abcdef"]].concat()).exits(1);
    env.run(&[&args[..], &["--allow-secret", id]].concat()).exits(0);
    env.run(&["verify"]).exits(1);
    env.run(&["verify", "--allow-secret", id]).exits(0);
}
