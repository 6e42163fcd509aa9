//! What two test ids have in common, when a request was recorded under one and is asked for under the other.

/// A test id in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts<'a> {
    file: &'a str,
    test: &'a str,
    parameters: &'a str,
}

impl<'a> Parts<'a> {
    fn of(id: &'a str) -> Self {
        let (file, rest) = id.split_once("::").unwrap_or((id, ""));
        let (test, parameters) = rest.find('[').map_or((rest, ""), |bracket| rest.split_at(bracket));
        Parts { file, test, parameters }
    }
}

/// Says how the test of a recording differs from the one that asks.
pub(super) fn compare(asked: Option<&str>, recorded: Option<&str>) -> String {
    let (Some(asked_id), Some(recorded_id)) = (asked, recorded) else {
        return match recorded {
            None => "it was recorded without a test id, which is part of the key".to_owned(),
            Some(recorded) => format!("the request has no test id, and it was recorded by {recorded}"),
        };
    };
    let (asked, recorded) = (Parts::of(asked_id), Parts::of(recorded_id));
    let none = |parameters: &str| if parameters.is_empty() { "none".to_owned() } else { parameters.to_owned() };
    if (asked.file, asked.test) == (recorded.file, recorded.test) {
        let (now, then) = (none(asked.parameters), none(recorded.parameters));
        format!("it was recorded for other parameters of the same test: {then}, not {now}")
    } else if (asked.test, asked.parameters) == (recorded.test, recorded.parameters) {
        let (now, then) = (asked.file, recorded.file);
        format!("the test was in another file when it was recorded: {then}, not {now}; `rekey --test-id` renames it")
    } else if (asked.file, asked.parameters) == (recorded.file, recorded.parameters) {
        let (now, then) = (asked.test, recorded.test);
        format!("the test had another name when it was recorded: {then}, not {now}; `rekey --test-id` renames it")
    } else if asked.test == recorded.test {
        format!("the same test was recorded in another file and for other parameters: {recorded_id}")
    } else {
        format!("it was recorded by another test: {recorded_id}")
    }
}

/// Of the tests that have recordings, one that is probably the same under another id: other parameters, another file.
pub(super) fn alike<'a>(asked: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let asked = Parts::of(asked);
    let rank = |id: &str| {
        let id = Parts::of(id);
        match (id.file == asked.file, id.test == asked.test, id.parameters == asked.parameters) {
            (true, true, _) => Some(0),
            (false, true, true) => Some(1),
            (false, true, false) if !asked.test.is_empty() => Some(2),
            _ => None,
        }
    };
    known.filter_map(|id| Some((rank(id)?, id))).min().map(|(_, id)| id)
}
