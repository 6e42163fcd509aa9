//! What to think of a key at a moment.

use jiff::{SignedDuration, Timestamp};

use super::parse::Token;
use super::presigned::ShortTerm;

/// A key with at least this much time left gets no warning, even if less is allowed.
pub const NEAR: SignedDuration = SignedDuration::from_mins(30);

/// Clocks may differ this much; AWS allows for it too.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Longest session of a role.
const ROLE_SESSION: SignedDuration = SignedDuration::from_hours(12);

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Of the right form, for this region, and not at its end.
    WellFormed,
    /// The same, with little time left.
    NearExpiry,
    /// Past its end.
    Expired,
    /// From the future, by this clock.
    NotYetValid,
    /// Of the right form; it does not contain its expiry time.
    ExpiryUnknown,
    /// Made for another region than the one that was asked for.
    WrongRegion,
    /// The text is not a usable key.
    Malformed,
    /// There is no key.
    Absent,
}

impl Verdict {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::WellFormed => "well-formed",
            Verdict::NearExpiry => "near-expiry",
            Verdict::Expired => "expired",
            Verdict::NotYetValid => "not-yet-valid",
            Verdict::ExpiryUnknown => "expiry-unknown",
            Verdict::WrongRegion => "wrong-region",
            Verdict::Malformed => "malformed",
            Verdict::Absent => "absent",
        }
    }
}

/// The requirements for a key.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// The moment.
    pub now: Timestamp,
    /// A key with less time left than this is not usable.
    pub min_remaining: SignedDuration,
    /// The region it is to work in.
    pub region: &'a str,
    /// The source of that region, if one is given: only then another region is an error.
    pub region_source: Option<&'a str>,
}

/// Something to know about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// It may make the key fail.
    pub warning: bool,
    /// One line.
    pub text: String,
}

/// A verdict, and the facts behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the key meets the requirements, as far as it shows.
    pub usable: bool,
    /// Seconds until its end, at least zero.
    pub remaining: Option<i64>,
    /// What else there is to know.
    pub notes: Vec<Note>,
}

/// Judges a key.
pub fn judge(token: &Token, conditions: &Conditions<'_>) -> Judgement {
    match token {
        Token::ShortTerm(token) => judge_short_term(token, conditions),
        Token::LongTerm { .. } => Judgement {
            verdict: Verdict::ExpiryUnknown,
            usable: true,
            remaining: None,
            notes: vec![note(
                "a long-term key does not contain its region or its expiry time; `aws iam \
                 list-service-specific-credentials` shows the expiry time",
            )],
        },
    }
}

fn judge_short_term(token: &ShortTerm, conditions: &Conditions<'_>) -> Judgement {
    let Conditions { now, min_remaining, .. } = *conditions;
    let left = token.expires.duration_since(now);
    let ahead = token.issued.duration_since(now);
    let other_region = token.region != conditions.region;
    let verdict = if left <= SignedDuration::ZERO {
        Verdict::Expired
    } else if ahead > SKEW {
        Verdict::NotYetValid
    } else if other_region && conditions.region_source.is_some() {
        Verdict::WrongRegion
    } else if left < NEAR.max(min_remaining) {
        Verdict::NearExpiry
    } else {
        Verdict::WellFormed
    };
    let usable = match verdict {
        Verdict::WellFormed => true,
        Verdict::NearExpiry => left >= min_remaining,
        _ => false,
    };
    let mut notes = time_notes(token, conditions, verdict, usable);
    if other_region {
        notes.push(region_note(token, conditions));
    }
    notes.extend(session_notes(token, now));
    notes.extend(identity_notes(token));
    Judgement { verdict, usable, remaining: Some(left.as_secs().max(0)), notes }
}

fn time_notes(token: &ShortTerm, conditions: &Conditions<'_>, verdict: Verdict, usable: bool) -> Vec<Note> {
    let Conditions { now, min_remaining, .. } = *conditions;
    let shown = |time: Timestamp| Timestamp::from_second(time.as_second()).unwrap_or(time);
    let ahead = token.issued.duration_since(now);
    let mut notes = Vec::new();
    match verdict {
        Verdict::Expired => notes.push(warning(format!(
            "it expired at {}, {} ago (the local clock is at {}); make a new key with `bedrock-fixtures mint-token` \
             or in the console",
            token.expires,
            format_span(now.duration_since(token.expires)),
            shown(now)
        ))),
        Verdict::NotYetValid => notes.push(warning(format!(
            "it was issued at {}, but the local clock is at {}: the key is not yet valid, or a clock is wrong",
            token.issued,
            shown(now)
        ))),
        Verdict::NearExpiry if usable => {
            notes
                .push(warning(format!("less than {} left; make a new key soon", format_span(NEAR.max(min_remaining)))));
        }
        Verdict::NearExpiry => notes.push(warning(format!(
            "less than {} left, which --min-remaining requires; make a new key",
            format_span(min_remaining)
        ))),
        _ => {}
    }
    if ahead > SignedDuration::ZERO && verdict != Verdict::NotYetValid {
        notes.push(warning(format!(
            "it was issued {} after the time of the local clock: this clock is wrong, or the clock of the machine \
             that made it",
            format_span(ahead)
        )));
    }
    notes
}

fn region_note(token: &ShortTerm, conditions: &Conditions<'_>) -> Note {
    let (made, wanted) = (&token.region, conditions.region);
    match conditions.region_source {
        Some(source) => warning(format!(
            "it works only in {made}, where it was made, but {source} is {wanted}: make a key in {wanted}, or set the \
             region to {made}"
        )),
        None => note(format!(
            "it works only in {made}, but without --region or AWS_REGION this tool uses {wanted}: set AWS_REGION={made}"
        )),
    }
}

fn session_notes(token: &ShortTerm, now: Timestamp) -> Vec<Note> {
    let Some(session) = &token.session else { return vec![] };
    let mut notes = vec![];
    let mut text = "temporary credentials made it: it expires with their session, which may be earlier".to_owned();
    if let Some(created) = session.created {
        text.push_str(&format!("; the session began at {created} (a hint: AWS does not document this field)"));
        let end = created.checked_add(ROLE_SESSION).unwrap_or(created);
        if end <= now {
            text.push_str(&format!(", and that of a role was over by {end}"));
        } else if end < token.expires {
            text.push_str(&format!(", and that of a role is over by {end}"));
        }
    }
    notes.push(warning(text));
    // The session was dated by AWS, the key by the clock of its maker.
    if session.created.is_some_and(|created| created.duration_since(token.issued) > SKEW) {
        notes.push(warning(
            "its date is before the start of its session: the clock of the machine that made it is wrong",
        ));
    }
    notes
}

fn identity_notes(token: &ShortTerm) -> Vec<Note> {
    let mut notes = Vec::new();
    let of_session = token.session.as_ref().and_then(|session| session.account.as_ref());
    match (token.access_key.account(), of_session) {
        (Some(of_key), Some(of_session)) if of_key != *of_session => {
            notes.push(warning("its access key and its session name different accounts (a hint)"));
        }
        (Some(_), _) => {
            notes.push(note("the account is read from the access key id (a hint: AWS does not document it)"))
        }
        (None, Some(_)) => notes.push(note("the account is read from the session (a hint: AWS does not document it)")),
        (None, None) => {}
    }
    if token.access_key.type_name().is_none() {
        notes.push(note("its access key id has a type that this tool does not know"));
    }
    match token.unknown_parameters {
        0 => {}
        1 => notes.push(warning("it holds a parameter that this tool does not know")),
        many => notes.push(warning(format!("it holds {many} parameters that this tool does not know"))),
    }
    notes
}

fn note(text: impl Into<String>) -> Note {
    Note { warning: false, text: text.into() }
}

fn warning(text: impl Into<String>) -> Note {
    Note { warning: true, text: text.into() }
}

/// A span in words: `11 h 30 min`, `45 s`.
pub fn format_span(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let part = |count, unit| if count > 0 { Some(format!("{count} {unit}")) } else { None };
    let parts: Vec<String> = [part(hours, "h"), part(minutes, "min"), part(if hours > 0 { 0 } else { seconds }, "s")]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}
