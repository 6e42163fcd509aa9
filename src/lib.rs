//! Test fixtures for LLM APIs, starting with Amazon Bedrock's OpenAI-compatible one.
//!
//! The command `bedrock-fixtures` is a thin edge over this library: [`cli::run`] takes arguments, environment and current
//! folder, and gives an exit code. A test may call it as often as it likes.
//!
//! # What flows
//!
//! ```text
//! verify        path → bytes → Recording ─┬→ RequestKey ─┐
//!                                         └→ rules ──────┴→ Report → output → stdout, exit code
//! record        Case → RequestKey → Client<Live> → Reply → Recording → gate → staged → in place → Report
//! record --     every recording copied → the team's recorder → changed ones through the gate → good ones stay, others are restored → Report
//! replay-check -- the team's replay, watched by the kernel → what it read, what it did not, what it changed → Report
//! diff          two trees, folders or files → pairs → Answer against Answer → class → Report → output
//! verify-token  Secret → Token → Judgement at `now` → Report
//! mint-token    Credentials + `now` → Token → Report
//! replay-check  Recording or Case → Replay: RequestKey → Lookup → Reply → the answer a test would get → Report
//! explain       Request, key or path → RequestKey → store → nearest, cause → Report
//! rekey         path → Recording → renamed → RequestKey → Plan → confirmed → staged → in place → Report
//! prune         every Recording + test lists, read logs → Plan → confirmed → taken away → Report
//! serve         HTTP → wire request → catalogue of the store → the reply it holds, or upstream through the recorder and the gate
//! review        HEAD against the work tree → Change → a decision → git's index, or the last commit's bytes
//! init          the repository → files as they should be → shown as diffs → confirmed → written → Report
//! doctor        environment, repository, store → one check a trap → Report
//! ```
//!
//! # Who may import whom
//!
//! main → cli → {commands, output}; cli also settles the configuration by a job. commands → jobs and every room below, never output, and never each other but for
//! `demo`, which is three of them in a row. jobs → every room below, never output. output → report, looks. rules, review and
//! miss → recording, report. rekey → recording, error. prune → recording, evidence, aws. store, vcs and client → recording, secret, error,
//! and never each other: a job plugs the store into the [`client::call::Transport`]. token → aws, secret, error. settings → recording,
//! report, aws, error. context is what a command gets from the process; process starts other programs. recording, aws,
//! evidence, report, secret, looks, helper, later and error import nothing outside themselves; vcs, process and output ask helper
//! where programs are looked for.
//!
//! One room for each outside thing: files are the store's, processes are process's, git is vcs's, HTTP is client's and
//! `jobs/server`'s, the terminal is output's; the environment and the clock are read by main and passed down. `tests/it/tidy.rs` holds these
//! rules.
//!
//! # Which function answers which question
//!
//! | question | function |
//! |---|---|
//! | may this answer be stored? | `jobs::gate::admit` |
//! | is it an answer? | `recording::completeness::flaw` |
//! | has a choice ended? | `recording::completeness::ends` |
//! | do two recordings answer the same? | [`same_answer`] |
//! | what differs without saying anything? | `recording::noise` |
//! | was the answer edited since? | `recording::digest` |
//! | what is the key of a request? | [`Request::key`] |
//! | where is its recording? | `store::Store::find` |
//! | does any command look into a folder? | `store::Store::not_searched` |
//! | what do the rules say of a file? | [`verify()`] |
//! | which recorder and SDK are in force? | `jobs::in_force::settle` |
//! | may what is at a place be replaced? | `store::Store::hindrance` |
//! | what is a file that is not JSON? | `recording::sight::Sight::of` |
//! | is a list of tests whole? | `evidence::read_tests` |
//! | was a request edited since the last commit? | `jobs::edited::since_head` |
//! | which recording answers a request on the wire? | `jobs::server::catalog` |
//! | what does an error of Bedrock mean? | `client::bedrock::error::classify` |
//!
//! # Where to change what
//!
//! | what | file |
//! |---|---|
//! | the text of a rule | `rules/mod.rs` |
//! | the fields of an answer in a version of the SDK | `recording/layouts/table.rs` |
//! | what counts as noise | `recording/noise.rs` |
//! | when an answer is complete | `recording/completeness.rs` |
//! | the order of the token variables | `context/environment.rs` |
//! | what a command's environment loses | `process/child_env.rs` |
//! | a chapter of the manual | `../docs/`, in the order of `commands/topics.rs` |
//! | the text of a command's help | `commands/`, one file each |
//!
//! # For tests written in Rust
//!
//! What is listed below is the library; the rooms behind it are open to the tests of this crate and may change at any time.
//! `examples/replay.rs` answers a request from a store.

pub use client::call::{Call, CallOutcome, Client, Failure};
pub use client::replay::{Lookup, LookupError, Replay};
pub use error::Error;
pub use recording::Recording;
pub use recording::key::{Request, RequestKey};
pub use recording::recorder::KeyRules;
pub use recording::same_answer::same_answer;
pub use recording::turn::Turn;
pub use report::Finding;
pub use store::Store;

/// What the rules say of one file of a store.
pub fn verify(store: &Store, file: &store::RecordingFile) -> Vec<Finding> {
    match store.read(file) {
        Ok(bytes) => jobs::judge_bytes(store, file, &bytes, false).findings,
        Err(why) => vec![rules::unreadable(&file.path, &why)],
    }
}

// In reading order.
#[doc(hidden)]
pub mod recording;

#[doc(hidden)]
pub mod store;

#[doc(hidden)]
pub mod aws;

#[doc(hidden)]
pub mod client;

#[doc(hidden)]
pub mod process;

#[doc(hidden)]
pub mod vcs;

#[doc(hidden)]
pub mod token;

#[doc(hidden)]
pub mod settings;

#[doc(hidden)]
pub mod rules;

#[doc(hidden)]
pub mod review;

#[doc(hidden)]
pub mod rekey;

#[doc(hidden)]
pub mod evidence;

#[doc(hidden)]
pub mod miss;

#[doc(hidden)]
pub mod prune;

#[doc(hidden)]
pub mod context;

#[doc(hidden)]
pub mod jobs;

#[doc(hidden)]
pub mod commands;

#[doc(hidden)]
pub mod report;

#[doc(hidden)]
pub mod output;

#[doc(hidden)]
pub mod cli;

#[doc(hidden)]
pub mod error;

#[doc(hidden)]
pub mod looks;

#[doc(hidden)]
pub mod secret;

#[doc(hidden)]
pub mod helper;

#[doc(hidden)]
pub mod later;
