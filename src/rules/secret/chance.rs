//! Whether a text is random, like a secret, or written by a person to be read.

/// Placeholders for a secret in examples and templates.
const PLACEHOLDERS: [&str; 22] = [
    "your",
    "yours",
    "example",
    "examples",
    "sample",
    "placeholder",
    "redacted",
    "dummy",
    "fake",
    "changeme",
    "insert",
    "replace",
    "here",
    "masked",
    "hidden",
    "removed",
    "mock",
    "xxx",
    "todo",
    "goes",
    "invalid",
    "not",
];

/// Long enough that no secret contains it by chance.
const LONG_PLACEHOLDERS: [&str; 6] = ["example", "placeholder", "redacted", "changeme", "your_", "your-"];

/// What documentation shows: the payload of a JSON web token ("John Doe", 1516239022), the keys of Stripe's test mode,
/// a token of GitHub's.
const KNOWN: [&str; 5] = [
    concat!("IkpvaG4g", "RG9l"),
    concat!("MTUxNjIz", "OTAyMg"),
    concat!("4eC39HqLyj", "WDarjtT1zdp7dc"),
    concat!("BQokikJOvB", "iI2HlWgH4olfQ2"),
    concat!("16C7e42F292c6912", "E7710c838347Ae178B4a"),
];

/// Whether a text is a placeholder for a secret.
pub(super) fn is_placeholder(text: &str) -> bool {
    let start: String = text.chars().take(400).collect();
    let lower = start.to_ascii_lowercase();
    let body = body(&start);
    LONG_PLACEHOLDERS.iter().any(|word| lower.contains(word))
        || words(&start).iter().any(|word| PLACEHOLDERS.contains(&word.to_ascii_lowercase().as_str()))
        || KNOWN.iter().any(|known| start.contains(known))
        || is_repeated(body)
        || is_sequence(body)
}

/// What comes after the readable start of a key.
fn body(text: &str) -> &str {
    let prefix = text.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit())).unwrap_or(0);
    let is_separator = |c: char| matches!(c, '-' | '_' | '.');
    if prefix < 12 && text[prefix..].starts_with(is_separator) { &text[prefix + 1..] } else { text }
}

/// Whether it is one character again and again, or hardly more.
fn is_repeated(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    // Zeros of binary data are many A in base64.
    let run = letters.chunk_by(|a, b| a == b).filter(|run| run[0] != 'a').map(<[char]>::len).max().unwrap_or(0);
    let mut distinct = letters.clone();
    distinct.sort_unstable();
    distinct.dedup();
    run >= 7 || (letters.len() >= 8 && distinct.len() <= 3)
}

/// Whether most of it is counted: `1234567890abcdef`.
fn is_sequence(text: &str) -> bool {
    let letters: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).take(64).map(|b| b.to_ascii_lowercase()).collect();
    let follows =
        |pair: &[u8]| pair[1] == pair[0] + 1 || pair == b"90" || pair == b"0a" || pair == b"z0" || pair == b"9a";
    let following = letters.windows(2).filter(|pair| follows(pair)).count();
    letters.len() >= 8 && following * 100 >= (letters.len() - 1) * 65
}

/// The letters that often follow each letter in English, from A on: 97 % of all pairs in words.
const FOLLOWERS: [&str; 26] = [
    "BCDGIKLMNPRSTUVY",
    "AEIJLORSUY",
    "ACEHIKLORTU",
    "ADEILOSU",
    "ABCDEFGHILMNPQRSTVWXY",
    "AEFILORTU",
    "AEHILNORSU",
    "AEIORT",
    "ABCDEFGLMNOPRSTVXZ",
    "E",
    "EIS",
    "ADEFILOSTUY",
    "ABEIMOPSU",
    "ACDEFGILNOSTUVY",
    "ABCDFGIKLMNOPRSTUVW",
    "AEHILOPRSTUY",
    "U",
    "ACDEFGIKLMNOPRSTUVY",
    "ACEHILOPSTUY",
    "ACEHILORSTUWY",
    "ABCDEGILMNPRST",
    "AEIO",
    "AEHIOR",
    "CEIPT",
    "INOPST",
    "E",
];

/// Whether an id of a pair of keys, in its 20 capitals and digits, was written by a person.
///
/// One id in 28 has no digit, so that cannot decide. Words have pairs of letters that are frequent; of ids without a
/// digit 1.4 % have as many, which is one id in 2,000. A filler, or so few different letters, is rarer still.
pub(super) fn is_no_key_id(id: &str) -> bool {
    /// Of the 19 pairs.
    const FREQUENT: usize = 15;
    let bytes = id.as_bytes();
    let follows = |pair: &&[u8]| FOLLOWERS[usize::from(pair[0] - b'A')].as_bytes().contains(&pair[1]);
    let is_words = bytes.iter().all(u8::is_ascii_uppercase) && bytes.windows(2).filter(follows).count() >= FREQUENT;
    let body = &bytes[4.min(bytes.len())..];
    let longest = body.chunk_by(|a, b| a + 1 == *b).map(<[u8]>::len).max().unwrap_or(0);
    let mut distinct = body.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    is_words || longest >= 8 || id.contains("XXXXX") || distinct.len() <= 5
}

/// The words of a text: parts between signs, and those that capitals begin.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for part in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        words.push(part);
        let bytes = part.as_bytes();
        let mut start = 0;
        for at in 1..bytes.len() {
            if bytes[at - 1].is_ascii_lowercase() && bytes[at].is_ascii_uppercase() {
                words.push(&part[start..at]);
                start = at;
            }
        }
        if start > 0 {
            words.push(&part[start..]);
        }
    }
    words
}

/// So many characters that belong to no word were made by a machine.
const NO_WORDS: usize = 8;

/// Whether a text was made by a machine: enough of it is neither a word nor a number that a person writes.
pub(super) fn is_random(text: &str) -> bool {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| part.len() >= 3 && !is_word(part));
    parts.map(str::len).sum::<usize>() >= NO_WORDS
}

/// Whether a key has letters of both cases and digits. Of keys with 20 letters, one in 25 has so many signs that its parts
/// could be words.
pub(super) fn is_mixed(key: &str) -> bool {
    let has = |is: fn(&u8) -> bool| body(key).bytes().any(|byte| is(&byte));
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// Whether a part without signs may be a word, a few words put together, a number or a version.
fn is_word(part: &str) -> bool {
    /// Longer ones are rare.
    const LONGEST: usize = 18;
    let bytes = part.as_bytes();
    let changes = |differ: fn(u8, u8) -> bool| bytes.windows(2).filter(|pair| differ(pair[0], pair[1])).count();
    let to_capital = changes(|a, b| a.is_ascii_lowercase() && b.is_ascii_uppercase());
    let to_digit = changes(|a, b| a.is_ascii_digit() != b.is_ascii_digit());
    let has_digits = bytes.iter().any(u8::is_ascii_digit);
    let has_letters = bytes.iter().any(u8::is_ascii_alphabetic);
    match (has_letters, has_digits) {
        (_, false) => {
            let is_long = bytes.len() > LONGEST * (to_capital + 1);
            bytes.len() >= 3 * (to_capital + 1) && (!is_long || (bytes.len() <= 40 && can_be_said(bytes)))
        }
        (false, true) => true,
        // `hbm4`, `sha256`, `gpt4o`.
        (true, true) => to_digit <= 2 && to_capital == 0 && bytes.len() <= 14,
    }
}

/// Whether no run of consonants is longer than those of long words.
fn can_be_said(letters: &[u8]) -> bool {
    let is_consonant = |byte: &u8| !matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    letters.chunk_by(|a, b| is_consonant(a) == is_consonant(b)).all(|run| run.len() <= 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_what_machines_make() {
        for text in [
            "authentication/authorization",
            "responsibilities",
            "hynix-announces-new-hbm4-memory",
            "folding-cube-wrapper-large",
            "AuthenticationTokenProvider",
            "Authentifizierungsmechanismus",
            "anticonstitutionnellement",
            "YOUR_ACCESS_TOKEN",
            "application-settings-2024",
            "gpt4o-mini-transcribe",
        ] {
            assert!(!is_random(text), "{text}");
        }
        for text in [
            "q7Rt2LmZq7Rt2LmZ",
            "a1B2c3D4e5F6",
            "0a1b2c3d0a1b2c3d",
            "qRtLmZqRtLmZvX",
            "QWERTYUIOPASDFGHJKLZ",
            "x-9f8e7d6c5b4a",
        ] {
            assert!(is_random(text), "{text}");
        }
    }

    #[test]
    fn words_in_capitals_are_no_key_ids() {
        for text in [
            "ASIANDEVELOPMENTBANK",
            "ABIAKAINAKAINAKAINAK",
            "ASIAPACIFICECONOMICS",
            "ACCADEMIANAZIONALEDI",
            "AKIAHABARAELECTRICTO",
            "AKIA1234567890XXXXXX",
            "ASIAABCDEFGHIJKLMNOP",
            "AKIAQ7RTXXXXXXXXXXXX",
        ] {
            assert!(is_no_key_id(text), "{text}");
        }
        // Ids without a digit, which are one in 28, and all others.
        let mut random = fastrand::Rng::with_seed(1);
        let mut id = |letters: &[u8]| -> String {
            "AKIA".chars().chain((0..16).map(|_| letters[random.usize(..letters.len())] as char)).collect()
        };
        let missed = |ids: Vec<String>| ids.iter().filter(|id| is_no_key_id(id)).count();
        assert!(missed((0..10_000).map(|_| id(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")).collect()) < 200);
        assert!(missed((0..10_000).map(|_| id(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")).collect()) < 20);
    }

    #[test]
    fn placeholders_stand_for_secrets() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "sk-your-key-here-1a2b3c4d5e6f",
            "xxxxxxxxxxxxxxxxxxxx",
            "AKIAXXXXXXXXXXXXXXXX",
            "1234567890abcdef1234567890abcdef",
            "sk-abcdefghijklmnopqrstuvwxyz123456",
            "MyFakeToken1a2b3c",
            "00000000-0000-0000",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in
            ["q7Rt2LmZq7Rt2LmZ", "QWERTYUIOPASDFGH", "aB3dE5gH7jK9mN1pQrStUvWxYz", "IQoJAAAAAAAAAAb7Kx/////////wEa"]
        {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
