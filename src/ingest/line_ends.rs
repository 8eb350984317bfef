//! Line ends and other bytes of a text, counted many at a time.

use memchr::memchr_iter;

/// Line ends of a text: `\n`, `\r\n`, or a lone `\r`.
pub(super) fn line_ends(text: &[u8]) -> u32 {
    (memchr_iter(b'\n', text).count() + lone_returns(text)) as u32
}

fn lone_returns(text: &[u8]) -> usize {
    let returns = memchr_iter(b'\r', text).count();
    // Most records hold none, or the one of their own line end.
    if returns == 0 || (returns == 1 && text.ends_with(b"\r\n")) {
        return 0;
    }
    returns - count_pairs(text, |first, second| (first == b'\r') & (second == b'\n'))
}

/// So many bytes are counted in one byte, which the compiler does for many at a time.
const COUNTED: usize = 255;

/// How many bytes are wanted ones.
pub(super) fn count(text: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    let count = |piece: &[u8]| piece.iter().fold(0_u8, |count, byte| count.wrapping_add(u8::from(wanted(*byte))));
    text.chunks(COUNTED).map(|piece| usize::from(count(piece))).sum()
}

/// How many neighbours are wanted ones.
pub(super) fn count_pairs(text: &[u8], wanted: impl Fn(u8, u8) -> bool) -> usize {
    let Some(second) = text.get(1..) else { return 0 };
    let count = |first: &[u8], second: &[u8]| {
        first.iter().zip(second).fold(0_u8, |count, (a, b)| count.wrapping_add(u8::from(wanted(*a, *b))))
    };
    text.chunks(COUNTED).zip(second.chunks(COUNTED)).map(|(first, second)| usize::from(count(first, second))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_all_kinds() {
        assert_eq!(line_ends(b"a\nb\r\nc\rd"), 3);
        assert_eq!(line_ends(b"a\r"), 1);
        assert_eq!(line_ends(b""), 0);
        assert_eq!(line_ends(b"a\rb\r\n"), 2);
        assert_eq!(line_ends("ab\r\n\r\r\nc\n".repeat(300).as_bytes()), 1_200);
    }
}
