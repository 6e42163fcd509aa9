//! `record`: ask an endpoint and store what the Python recorder would have stored.

pub(crate) mod estimate;
pub(crate) mod judge;
pub(crate) mod keep;
pub(crate) mod minter;
pub mod options;
pub(crate) mod preflight;
pub(crate) mod queue;
pub(crate) mod rerecord;
pub(crate) mod resume;
pub(crate) mod run;
pub mod session;
pub(crate) mod target;
