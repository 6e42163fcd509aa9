//! Whether two recordings of one request answer the same.

use std::borrow::Cow;

use crate::recording::Recording;
use crate::recording::recorder::KeyRules;
use crate::recording::same_answer::same_answer;
use crate::recording::turn::Turn;

/// Longest text that is shown of an answer, in characters.
const WIDTH: usize = 60;

/// Whether both have the same request and, except for noise, the same answer.
pub fn is_twin(a: &Recording, b: &Recording) -> bool {
    // Whichever rules: both are read by the same.
    a == b || (a.key(KeyRules::NEWEST) == b.key(KeyRules::NEWEST) && same_answer(a, b))
}

/// An answer in one line, for a person who must choose.
pub fn describe(recording: &Recording) -> String {
    let response = recording.response();
    if let Some(exception) = response.exception {
        return format!("raises {}: {}", exception.type_name(), shortened(exception.message));
    }
    let Some(turn) = turn(recording) else {
        return shortened(&response.body.to_wire_text()).into_owned();
    };
    let choice = |choice: &crate::recording::turn::Choice| {
        let text = choice.text.as_deref().map(|text| format!("{:?}", shortened(text)));
        let tools = choice.tool_calls.values().map(|call| format!("{}({})", call.name, shortened(&call.arguments)));
        let said: Vec<String> = text.into_iter().chain(tools).collect();
        let end = choice.finish_reason.as_deref().map_or(String::new(), |reason| format!(" ({reason})"));
        format!("{}{end}", if said.is_empty() { "nothing".to_owned() } else { said.join(", ") })
    };
    turn.choices.values().map(choice).collect::<Vec<_>>().join("; ")
}

fn turn(recording: &Recording) -> Option<Turn> {
    if recording.is_chat() { Turn::of_recording(recording).ok() } else { None }
}

fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(WIDTH) {
        Some((cut, _)) => Cow::Owned(format!("{}…", &text[..cut])),
        None => Cow::Borrowed(text),
    }
}
