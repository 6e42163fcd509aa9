//! The minimal client: chat completions, streamed or not, live or replayed.
//!
//! This room alone speaks HTTP. It does not know the store: a replay gets its recordings through a function.

pub mod answer;
mod attempt;
pub mod bedrock;
pub mod call;
pub mod charset;
pub mod encoding;
mod headers;
pub mod http;
pub mod query;
pub mod replay;
mod retry;
pub mod sandbox;
pub mod sse;
pub mod tap;
pub mod timeouts;
pub mod trust;
