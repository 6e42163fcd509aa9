//! The text of evidence, whichever shell wrote it.

use encoding_rs::UTF_8;

/// The text of a file that a shell wrote: UTF-8, or what its byte order mark says. The `>` of Windows PowerShell writes
/// UTF-16.
pub fn text_of(bytes: &[u8]) -> String {
    UTF_8.decode(bytes).0.into_owned()
}
