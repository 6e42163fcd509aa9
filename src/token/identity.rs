//! Whose credentials are in a key, as far as it says: the access key id and the session token.
//!
//! The account in an access key id and the fields of a session token are known, but AWS does not document them: the
//! output calls them hints.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// Length of the access key ids that name an account.
const LENGTH: usize = 20;

/// First byte of the session tokens whose fields are known.
const SESSION_TYPE: u8 = 0x21;

/// The id of an AWS access key, checked for form. It is shown masked only.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey(String);

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl AccessKey {
    /// Takes 16 to 128 capitals and digits.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = (16..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        valid.then(|| AccessKey(text.to_owned()))
    }

    /// What may be shown: the first and the last four characters.
    pub fn masked(&self) -> String {
        format!("{}…{}", &self.0[..4], &self.0[self.0.len() - 4..])
    }

    /// What its first letters say about it; `None` for letters that AWS does not list.
    pub fn type_name(&self) -> Option<&'static str> {
        Some(match &self.0[..4] {
            "AKIA" => "long-term user key",
            "ASIA" => "temporary credentials",
            "ABIA" => "STS service bearer token",
            "ACCA" => "context-specific credential",
            _ => return None,
        })
    }

    /// Whether it belongs to temporary credentials, which are nothing without their session token.
    pub fn is_temporary(&self) -> bool {
        self.0.starts_with("ASIA")
    }

    /// Whether it belongs to a user, whose credentials have no session token.
    pub fn is_of_user(&self) -> bool {
        self.0.starts_with("AKIA")
    }

    /// The account, which is packed into all but the oldest ids.
    pub fn account(&self) -> Option<String> {
        let packed = self.0.get(4..).filter(|_| self.0.len() == LENGTH)?;
        // The generation before the account was packed in.
        if packed.starts_with(['I', 'J']) {
            return None;
        }
        let mut bits: u128 = 0;
        for byte in packed.bytes() {
            let five = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'2'..=b'7' => byte - b'2' + 26,
                _ => return None,
            };
            bits = bits << 5 | u128::from(five);
        }
        // Sixteen characters are ten bytes; the account is in the first six, between the first bit and the last seven.
        let account = (bits >> 32 & 0x7fff_ffff_ff80) >> 7;
        (account <= 999_999_999_999).then(|| format!("{account:012}"))
    }
}

/// The facts in a session token. They are hints, because the form is not documented.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionHints {
    /// The account of the session.
    pub account: Option<String>,
    /// When it began, by AWS's clock.
    pub created: Option<Timestamp>,
}

impl SessionHints {
    /// Reads a session token of the type that is given out today; of another there are no hints.
    pub fn read(session_token: &str) -> Self {
        Self::fields(session_token).unwrap_or_default()
    }

    fn fields(session_token: &str) -> Option<Self> {
        let bytes = STANDARD.decode(session_token).ok()?;
        let fields = fields(bytes.strip_prefix(&[SESSION_TYPE])?)?;
        let bytes_of = |fields: &[(u64, WireField<'_>)], number| {
            fields.iter().find_map(|(of, field)| match field {
                WireField::Bytes(bytes) if *of == number => Some(bytes.to_vec()),
                _ => None,
            })
        };
        if bytes_of(&fields, 1)? != b"origin_ec" {
            return None;
        }
        let account = bytes_of(&fields, 5).and_then(|inner| bytes_of(&self::fields(&inner)?, 3));
        let account = account.and_then(|account| String::from_utf8(account).ok());
        let created = fields.iter().find_map(|(number, field)| match field {
            WireField::Number(seconds) if *number == 6 => Timestamp::from_second(i64::try_from(*seconds).ok()?).ok(),
            _ => None,
        });
        Some(SessionHints {
            account: account.filter(|account| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())),
            created,
        })
    }
}

/// A field of a protocol buffer, of the two types that occur.
enum WireField<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn fields(mut rest: &[u8]) -> Option<Vec<(u64, WireField<'_>)>> {
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let tag = varint(&mut rest)?;
        let field = match tag & 7 {
            0 => WireField::Number(varint(&mut rest)?),
            2 => {
                let length = usize::try_from(varint(&mut rest)?).ok()?;
                let (bytes, after) = rest.split_at_checked(length)?;
                rest = after;
                WireField::Bytes(bytes)
            }
            _ => return None,
        };
        fields.push((tag >> 3, field));
    }
    Some(fields)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
