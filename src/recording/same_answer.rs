//! Whether two recordings answer the same, but for noise.

use super::answer::Answer;
use super::document::Recording;

/// Whether a test could not tell the two answers apart. [`super::noise`] says what it cannot rely on.
pub fn same_answer(a: &Recording, b: &Recording) -> bool {
    a.kind() == b.kind() && (a == b || Answer::of(a) == Answer::of(b))
}
