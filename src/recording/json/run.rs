//! The bytes of a text that mean themselves, many at a time. Most of a recording is such bytes.

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// Most texts are shorter.
const NEAR: usize = 64;

/// How many bytes at the start need no second look inside a text: printable ASCII but quote and backslash.
#[inline]
pub fn plain_run(bytes: &[u8]) -> usize {
    let near = by_eights(&bytes[..bytes.len().min(NEAR)]);
    if near < NEAR { near } else { NEAR + of_long(&bytes[NEAR..]) }
}

/// The same for the rest of a picture or a page: the compiler makes vector instructions of it, which take half of the
/// time, but are not worth it for a short text.
fn of_long(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let is_special = |byte: &u8| u8::from((byte.wrapping_sub(b' ') > b'~' - b' ') | (*byte == b'"') | (*byte == b'\\'));
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let plain = blocks.iter().take_while(|block| block.iter().map(is_special).sum::<u8>() == 0).count();
    BLOCK * plain + by_eights(&bytes[BLOCK * plain..])
}

/// The same, eight bytes at a time.
#[inline]
fn by_eights(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    // The usual trick: a byte of the result has its high bit set if it was zero, and the lowest such is exact.
    let zeros = |x: u64| x.wrapping_sub(ONES) & !x & HIGHS;
    let all = |byte: u8| u64::from_ne_bytes([byte; 8]);
    let (eights, rest) = bytes.as_chunks::<8>();
    for (i, eight) in eights.iter().enumerate() {
        let x = u64::from_le_bytes(*eight);
        let control = x.wrapping_sub(all(0x20)) & !x & HIGHS;
        let special = zeros(x ^ all(b'"')) | zeros(x ^ all(b'\\')) | zeros(x ^ all(0x7f)) | control | (x & HIGHS);
        if special != 0 {
            return 8 * i + (special.trailing_zeros() / 8) as usize;
        }
    }
    let ends = rest.iter().position(|byte| !is_plain(*byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_runs_end_at_the_first_special_byte() {
        for special in 0..=255_u8 {
            for at in (0..20).chain(60..70).chain([95, 96, 97, 139]) {
                let mut bytes = vec![b'a'; 140];
                bytes[at] = special;
                let expected = if is_plain(special) { 140 } else { at };
                assert_eq!(plain_run(&bytes), expected, "{special:#x} at {at}");
            }
        }
    }
}
