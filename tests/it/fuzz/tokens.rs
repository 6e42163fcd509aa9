//! Keys of Bedrock: whatever is given for one, what is said of it repeats nothing of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedrock_fixtures::secret::Secret;
use bedrock_fixtures::token::{forms, lookalike, parse};
use fastrand::Rng;

use super::{each, mutate, one, text};
use crate::support::token::{presigned, short};

const PARTS: [&str; 34] = [
    "bedrock-api-key-",
    "ABSK",
    "Bearer ",
    "bearer:",
    "export ",
    "AWS_BEARER_TOKEN_BEDROCK=",
    "Authorization: ",
    "\"",
    "'",
    "`",
    "\n",
    " ",
    "\u{feff}",
    "=",
    "==",
    "%3D",
    "&Version=1",
    "-at-",
    ":",
    "...",
    "…",
    "<your key>",
    "xxxx",
    "sk-",
    "AKIA",
    "ASIA",
    "é",
    "\0",
    "/",
    "+",
    "_",
    "?",
    "&",
    "https://",
];

/// Only in base64, so that a half of a letter never is a part of a word.
fn marked(random: &mut Rng, length: usize) -> String {
    (0..length).map(|_| random.alphanumeric()).collect()
}

/// A short-term key with a signature, credential and session of its own, well-formed or nearly so.
fn short_term(random: &mut Rng, marks: &mut Vec<String>) -> String {
    let signature: String = (0..64).map(|_| char::from_digit(random.u32(..16), 16).unwrap()).collect();
    let session = marked(random, 40);
    let id: String = (0..16).map(|_| char::from(random.u8(b'A'..=b'Z'))).collect();
    let mut text = format!(
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}{id}%2F20261128%2F\
         us-west-2%2Fbedrock%2Faws4_request&X-Amz-Date=20261128T{:02}0000Z&X-Amz-Expires={}&X-Amz-SignedHeaders=host&{}\
         X-Amz-Signature={signature}&Version=1",
        one(random, &["AKIA", "ASIA", "AXYZ"]),
        random.u8(..30),
        one(random, &["43200", "1", "0", "x", "999999"]),
        if random.bool() { format!("X-Amz-Security-Token={session}&") } else { String::new() },
    )
    .into_bytes();
    if random.bool() {
        mutate(random, &mut text, &PARTS);
    }
    marks.extend([signature, session]);
    format!("bedrock-api-key-{}", STANDARD.encode(text))
}

fn long_term(random: &mut Rng, marks: &mut Vec<String>) -> String {
    let (user, secret) = (marked(random, 20), marked(random, 40));
    let mut text = format!("BedrockAPIKey-{user}-at-123456789012:{secret}").into_bytes();
    if random.bool() {
        mutate(random, &mut text, &PARTS);
    }
    marks.extend([user, secret]);
    format!("ABSK{}", STANDARD.encode(text))
}

/// So much of a secret in a row is a part of it. Less occurs by chance.
const PIECE: usize = 10;

fn check(text: &str, marks: &[String]) {
    let Some(secret) = forms::secret(text) else { return };
    let said = match parse::parse(&secret) {
        Err(malformed) => format!("{malformed} {malformed:?}"),
        // What is known of a key is its region, its times, its account and, for a reader with reason, its access key.
        Ok(token) => format!("{token:?}"),
    };
    let mut all = marks.to_vec();
    all.extend(text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() > 40).map(str::to_owned));
    for mark in &all {
        let pieces = mark.as_bytes().windows(PIECE).map(|piece| std::str::from_utf8(piece).unwrap());
        pieces.for_each(|piece| assert!(!said.contains(piece), "{piece} of {text:?} in {said:?}"));
    }
    let told = format!("{:?} {:?} {}", lookalike::name(text), secret, lookalike::is_placeholder(text));
    assert!(all.iter().all(|mark| !told.contains(&mark[..PIECE])), "{text:?} in {told:?}");
    let _ = parse::holds_key(text);
    let _ = parse::text_of(text.as_bytes().to_vec());
}

#[test]
fn what_is_said_of_a_key_repeats_nothing_of_it() {
    each("tokens", 1_500, 250_000, |random| {
        let mut marks = vec![];
        let mut given = match random.u8(..4) {
            0 => long_term(random, &mut marks),
            1 => {
                let body = marked(random, 60);
                let given = text(random, &PARTS, 3) + &body + &text(random, &PARTS, 3);
                marks.push(body);
                given
            }
            _ => short_term(random, &mut marks),
        };
        if random.u8(..3) == 0 {
            let mut bytes = given.into_bytes();
            mutate(random, &mut bytes, &PARTS);
            given = String::from_utf8_lossy(&bytes).into_owned();
        }
        if random.u8(..6) == 0 {
            given = text(random, &PARTS, 2) + &given + &text(random, &PARTS, 2);
        }
        check(&given, &marks);
    });
}

#[test]
fn a_secret_is_masked_in_any_text() {
    each("secrets", 500, 150_000, |random| {
        let length = random.usize(20..60);
        let token = marked(random, length);
        let secret = Secret::new(&token).unwrap();
        let mut said = text(random, &PARTS, 5);
        for _ in 0..random.usize(1..3) {
            let start = random.usize(..token.len() - 8);
            let end = random.usize(start + 8..=token.len());
            said += &token[start..end];
            said += &text(random, &PARTS, 3);
        }
        let shown = secret.scrub(&said);
        assert!(
            !token.as_bytes().windows(8).any(|run| shown.as_bytes().windows(8).any(|other| other == run)),
            "{said:?}: {shown:?}"
        );
        assert!(!secret.is_in(shown.as_bytes()), "{said:?}: {shown:?}");
    });
}

/// Found by the test above: a key whose scope held a piece of its signature was well-formed, and its region was shown.
#[test]
fn a_signature_that_slipped_into_the_region_is_not_shown() {
    let signature = "2d6a390ef1c59eeb3759efb7bf3f8af7200af14b8fe";
    let region = format!("us-w{signature}est-2");
    let key = presigned("AKIAIOSFODNN7EXAMPLE", &region, "20261128T130000Z", "43200", None);
    assert!(key.starts_with("bedrock.amazonaws.com"), "{key}");
    check(&short(&key), &[signature.to_owned()]);
}
