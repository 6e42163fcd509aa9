//! What is accepted of untrusted input.

/// The deepest allowed nesting. Python's encoder fails near its recursion limit of 1,000, so no recording is deeper.
pub const MAX_DEPTH: usize = 1000;

/// The stack that a thread needs, in bytes, to read the deepest text, also in a build without optimisation.
pub const STACK: usize = 16 << 20;

/// The most members and items of one text, which limits its memory. A file of 64 MiB in the layout of the recorder,
/// with each number on its own line, has fewer.
pub const MAX_PARTS: usize = 4 << 20;

/// Longest integer, in digits, that Python converts (`sys.int_info.default_max_str_digits`).
pub const MAX_INT_DIGITS: usize = 4300;
