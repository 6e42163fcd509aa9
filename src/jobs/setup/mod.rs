//! `init`: the files that a repository gets.

pub mod changes;
pub(crate) mod files;
pub mod hooks;
pub mod part;
pub(crate) mod planned;
pub(crate) mod pre_commit;
pub(crate) mod stack_file;
