//! Rules about what was answered.

use crate::recording::exception::is_transient;
use crate::recording::{Kind, Recording, completeness, digest};
use crate::report::Severity;

use super::place::pointer;
use super::subject::{Subject, Violation};

/// The SDK packages whose answers the recorder dumps, and their classes. A replay imports the named class, so it must
/// be one of these.
const KNOWN_TYPES: [(&str, &[&str]); 10] = [
    ("openai.types.chat.chat_completion", &["ChatCompletion"]),
    ("openai.types.chat.chat_completion_chunk", &["ChatCompletionChunk"]),
    ("openai.types.completion", &["Completion"]),
    ("openai.types.create_embedding_response", &["CreateEmbeddingResponse"]),
    ("openai.types.model", &["Model"]),
    (
        "ollama._types",
        &["ChatResponse", "EmbedResponse", "GenerateResponse", "ListResponse", "ProcessResponse", "ShowResponse"],
    ),
    ("ogx_api.tools", &["ToolInvocationResult"]),
    ("llama_stack_api.tools", &["ToolInvocationResult"]),
    ("llama_stack.apis.tools.tools", &["ToolInvocationResult"]),
    ("llama_stack_api.file_processors.models", &["ProcessFileResponse"]),
];

pub(super) fn unknown_type(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts() else { return vec![] };
    let is_known = |name: &str| {
        name.rsplit_once('.').is_some_and(|(module, class)| {
            KNOWN_TYPES.iter().any(|(known, classes)| *known == module && classes.contains(&class))
        })
    };
    let unknown = facts.answers.types.iter().find(|(_, name)| !is_known(name));
    let fault = |(index, name): &(Option<usize>, String)| {
        let item = index.map_or(String::new(), |index| format!("/{index}"));
        Violation::new(format!("/response/body{item}/__type__"), format!("{name} is not a type that a recorder writes"))
    };
    unknown.map(fault).into_iter().collect()
}

/// The answer is read in full only where the pass over the bytes saw something that an answer need not have.
pub(super) fn no_answer(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts().filter(|facts| facts.answers.suspicious && facts.outline.is_completion()) else {
        return vec![];
    };
    let response = facts.outline.response();
    if response.exception.is_some() || (response.is_streaming && facts.answers.count == 0) {
        return vec![];
    }
    let flaw = Recording::parse(subject.canonical()).ok().and_then(|recording| completeness::flaw(&recording));
    flaw.map(|(pointer, flaw)| Violation::new(pointer, flaw.to_string())).into_iter().collect()
}

/// Only what this tool wrote says which answer it was.
pub(super) fn edited_answer(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts() else { return vec![] };
    let is_edited =
        |noted: &str| facts.outline.is_ours() && digest::of_lines(facts.response(subject.canonical())) != noted;
    match facts.outline.noted_digest().filter(|noted| is_edited(noted)) {
        Some(_) => vec![Violation::new("/response", "the answer differs from the recorded one")],
        None => vec![],
    }
}

pub(super) fn truncated_stream(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts() else { return vec![] };
    let response = facts.outline.response();
    if !response.is_streaming {
        return vec![];
    }
    let fault = |message: String| vec![Violation::new("/response/body", message)];
    let count = facts.answers.count;
    if let Some(exception) = response.exception {
        return fault(format!("the stream broke off after {count} chunks with {}", exception.type_name()));
    }
    if count == 0 {
        return fault("the stream holds no chunk".to_owned());
    }
    let types = &facts.answers.types;
    let is_completion = |(_, name): &(_, String)| {
        name.ends_with(".ChatCompletionChunk") || name == "openai.types.completion.Completion"
    };
    if facts.answers.finished || types.is_empty() || !types.iter().all(is_completion) {
        return vec![];
    }
    let mut faults = fault(format!("none of the {count} chunks has a finish_reason"));
    if facts.outline.is_ours() {
        // This tool stores a stream without finish_reason only after [DONE], which is not recorded.
        faults[0].severity = Some(Severity::Warning);
    }
    faults
}

pub(super) fn transient_error(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts() else { return vec![] };
    let response = facts.outline.response();
    let (pointer, status, name) = match (response.exception, response.status) {
        (Some(exception), _) => ("/response/exception_data", exception.status(), exception.type_name()),
        (None, Some(status)) => ("/response/status", Some(status), "an HTTP error"),
        (None, None) => return vec![],
    };
    match status {
        Some(status) if is_transient(status) => vec![Violation::new(pointer, format!("{name} with status {status}"))],
        None => {
            let what = facts.outline.layout().explain_failure(name);
            let what = what.unwrap_or("the call failed without a reply");
            vec![Violation::new(pointer, format!("{name}: {what}"))]
        }
        Some(_) => vec![],
    }
}

pub(super) fn noise(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts().filter(|facts| facts.outline.kind() == Kind::Inference) else { return vec![] };
    let mut faults = Vec::new();
    if let Some((index, id)) = facts.answers.ids.iter().find(|(_, id)| !id.starts_with("rec-")) {
        faults.push(Violation::new(pointer(*index, "id"), format!("the id {id} is not replaced")));
    }
    if let Some((index, field)) = facts.answers.odd_time {
        faults.push(Violation::new(pointer(index, field), format!("{field} is not replaced")));
    }
    if let Some((index, member)) = facts.answers.obfuscated.filter(|_| subject.strict) {
        faults.push(Violation::new(
            pointer(index, member),
            "the answer contains obfuscation, which is random".to_owned(),
        ));
    }
    faults
}
