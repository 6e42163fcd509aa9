//! What is known of test runs: which tests there are and are to be run, which of them passed, which recordings were
//! opened. Pure: texts in, values out. Nothing here decides; what follows from evidence is the business of who asks.

pub mod base;
pub mod functions;
pub mod reads;
pub mod stack;
pub mod suites;
pub mod test_list;

pub use base::Base;
pub use reads::{ReadLog, Reads};
pub use test_list::{Gap, TestList};
