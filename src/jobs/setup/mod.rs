//! `init`: the files that a repository gets.

pub(crate) mod files;
pub(crate) mod pre_commit;
