//! `explain`: requests and keys that somebody asks about.

pub(crate) mod key;
pub(crate) mod reported;
pub(crate) mod request;
pub mod subject;
