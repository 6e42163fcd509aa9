//! What only Bedrock has: its endpoints, what its errors mean, and a call that costs nothing.

pub mod endpoint;
pub mod error;
pub mod error_class;
mod error_table;
pub mod probe;
