//! What the commands do, callable without a command line.

pub mod cases;
pub mod check_token;
pub mod collect;
pub mod compare;
pub(crate) mod credentials;
pub mod decide;
pub mod doctor;
pub(crate) mod edited;
pub mod evidence;
pub mod explain;
pub mod files;
pub(crate) mod gate;
pub mod guard;
pub mod in_force;
pub mod index;
pub mod judged;
mod lookup;
pub mod nearest;
pub mod project;
pub mod prune;
pub mod recorder;
pub mod rekey;
pub mod replay;
pub(crate) mod run_report;
pub mod server;
pub mod setup;
pub mod sides;
pub(crate) mod slot;
pub(crate) mod suites;
pub(crate) mod trust;
pub mod verify;

pub(crate) use judged::{FileFindings, judge_bytes, judge_early};
