//! `explain`: requests and keys.

pub(crate) mod key;
pub(crate) mod reported;
pub(crate) mod request;
pub mod subject;
