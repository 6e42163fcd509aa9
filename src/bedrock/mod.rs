//! The minimal Bedrock client: chat completions, streamed or not, live or replayed.
//!
//! This room alone speaks HTTP. It does not know the store: a replay gets its recordings through a function.

pub mod answer;
pub mod charset;
pub mod class;
pub mod client;
pub mod endpoint;
pub mod error;
pub mod live;
pub mod probe;
pub mod sandbox;
pub mod sse;
