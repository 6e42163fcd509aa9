//! The rules of `verify`: one function each, one table.

mod answer;
mod duplicates;
mod format;
mod place;
mod request;
mod secret;
mod subject;
mod table;

pub use duplicates::duplicates;
pub use place::{Suspect, suspect};
pub use request::{Limitation, Prospects, prospects};
pub use subject::Subject;
pub use table::{RULES, Rule, check, rule, unreadable};
