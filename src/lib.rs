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
//! record        Case → RequestKey → Client<Live> → Reply → judged → Recording → rules → staged → in place → Report
//! record --     every recording copied → the team's recorder → changed ones judged → good ones stay, others put back → Report
//! replay-check -- the team's replay, watched by the kernel → what it read, what it did not, what it changed → Report
//! diff          two trees, folders or files → pairs → Answer against Answer → class → Report → output
//! verify-token  Secret → Token → Judgement at `now` → Report
//! mint-token    Credentials + `now` → Token → Report
//! replay-check  Recording or Case → RequestKey → store → Client<Replay> → the answer a test would get → Report
//! explain       Request, key or path → RequestKey → store → nearest, cause → Report
//! rekey         path → Recording → renamed → RequestKey → Plan → confirmed → staged → in place → Report
//! prune         every Recording + test lists, read logs → Plan → confirmed → taken away → Report
//! init          the repository → files as they should be → shown as diffs → confirmed → written → Report
//! doctor        environment, repository, store → one check a trap → Report
//! ```
//!
//! # Who may import whom
//!
//! main → cli → {commands, output}. commands → jobs and every room below, never output, and never each other but for
//! `demo`, which is three of them in a row. jobs → every room below, never output. output → report, looks. rules, review and
//! miss → recording, report. rekey → recording, error. prune → recording. store, vcs and client → recording, secret, error,
//! and never each other: a job plugs the store into the [`client::call::Transport`]. token → aws, secret, error. context is
//! what a command gets from the process; process starts other programs. recording, aws, evidence, report, secret, looks and
//! error
//! import nothing outside themselves.
//!
//! One room for each outside thing: files are the store's, processes are process's, git is vcs's, HTTP is client's, the
//! terminal is output's; the environment and the clock are read by main and passed down. `tests/it/tidy.rs` holds these
//! rules.

// In reading order.
pub mod recording;

pub mod store;

pub mod aws;

pub mod client;

pub mod process;

pub mod vcs;

pub mod token;

pub mod rules;

pub mod review;

pub mod rekey;

pub mod evidence;

pub mod miss;

pub mod prune;

pub mod context;

pub mod jobs;

pub mod commands;

pub mod report;

pub mod output;

pub mod cli;

pub mod error;

pub mod looks;

pub mod secret;
