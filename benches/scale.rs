//! What each command takes a recording, in memory and processor time, with 3,000 recordings and with 100,000.
//!
//! `cargo bench --bench scale`; it writes 6 GB to the temporary folder and removes them. The long form of `tests/it/scale.rs`,
//! whose code this is.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)]

#[cfg(target_os = "linux")]
#[path = "../tests/it/scale.rs"]
mod scale;
#[path = "../tests/it/support/mod.rs"]
mod support;

fn main() {
    #[cfg(target_os = "linux")]
    scale::compare(scale::LARGE, 50);
}
