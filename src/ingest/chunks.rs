//! Cuts delimited text at record boundaries, so that every core parses a piece.

use std::ops::Range;

use memchr::{memchr_iter, memrchr};

use crate::ingest::text_record::{self, Marks};

/// A piece holds about so many bytes: it stays in the cache of a core while its rows are read.
pub(super) const PIECE: usize = 512 << 10;

/// Ranges of whole records that cover `text[from..]`, each with the number of line ends before it, counted from `from`.
pub(super) fn cut(text: &[u8], from: usize, marks: Marks) -> Vec<(Range<usize>, u32)> {
    let (mut at, mut lines) = (from, 0);
    let mut pieces = Vec::new();
    while at < text.len() {
        let end = piece_end(text, at, marks);
        pieces.push((at..end, lines));
        lines += line_ends(&text[at..end]);
        at = end;
    }
    pieces
}

fn piece_end(text: &[u8], at: usize, marks: Marks) -> usize {
    let mut size = PIECE;
    while size < text.len() - at {
        if let Some(end) = last_end(&text[at..at + size], marks) {
            return at + end;
        }
        size *= 2;
    }
    text.len()
}

/// The end of the last record that ends within a text which begins with a record, or of the blank lines above its only one; `None`
/// where none ends for certain.
pub(super) fn last_end(text: &[u8], marks: Marks) -> Option<usize> {
    let quotes = match marks.quote {
        Some(quote) => tidy_quotes(text, marks.delimiter, quote),
        None => Some(Vec::new()),
    };
    let by_feed = quotes.and_then(|quotes| last_feed(text, &quotes));
    by_feed.map(|feed| feed + 1).or_else(|| text_record::last_end(text, marks)).or_else(|| blank_lines(text))
}

/// The end of the blank lines with which a text begins.
fn blank_lines(text: &[u8]) -> Option<usize> {
    let blank = text.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    // A return at the end may be half of a line end.
    let half = blank == text.len() && text.ends_with(b"\r");
    Some(blank - usize::from(half)).filter(|end| *end > 0)
}

/// Whether a record ends inside a quoted field: its quote opens and nothing closes it.
pub(super) fn leaves_quote_open(record: &[u8], delimiter: u8, quote: u8) -> bool {
    let (mut quoted, mut at_start, mut at) = (false, true, 0);
    while at < record.len() {
        let byte = record[at];
        if quoted {
            let doubled = byte == quote && record.get(at + 1) == Some(&quote);
            at += usize::from(doubled);
            quoted = byte != quote || doubled;
        } else {
            quoted = at_start && byte == quote;
            at_start = byte == delimiter;
        }
        at += 1;
    }
    quoted
}

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

/// Places of all quotes; `None` when one opens in the middle of a field or closes before its end, because then a quote mark says
/// nothing about where a record ends. The last one may be left open.
fn tidy_quotes(text: &[u8], delimiter: u8, quote: u8) -> Option<Vec<usize>> {
    let places: Vec<usize> = memchr_iter(quote, text).collect();
    let edge = |byte: u8| byte == delimiter || byte == b'\n' || byte == b'\r';
    let mut next = places.iter().copied();
    while let Some(open) = next.next() {
        if open > 0 && !edge(text[open - 1]) {
            return None;
        }
        while let Some(close) = next.next() {
            match text.get(close + 1) {
                Some(byte) if *byte == quote => next.next(),
                Some(byte) if !edge(*byte) => return None,
                _ => break,
            };
        }
    }
    Some(places)
}

/// The last line feed outside of quotes.
fn last_feed(text: &[u8], quotes: &[usize]) -> Option<usize> {
    let mut end = text.len();
    loop {
        let feed = memrchr(b'\n', &text[..end])?;
        let before = quotes.partition_point(|quote| *quote < feed);
        if before.is_multiple_of(2) {
            return Some(feed);
        }
        end = quotes[before - 1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: Marks = Marks { delimiter: b';', quote: Some(b'"') };

    #[test]
    fn quotes_are_tidy_or_not() {
        let places = |text: &str| tidy_quotes(text.as_bytes(), b';', b'"').map(|places| places.len());
        assert_eq!(places("a;\"b;\"\"c\"\nd;\"\"\n"), Some(6));
        assert_eq!(places("a;\"b\n"), Some(1));
        assert_eq!(places("a;5\" pipe\n"), None);
        assert_eq!(places("a;\"b\"c\n"), None);
    }

    #[test]
    fn a_cut_never_lies_within_quotes() {
        let end = |text: &str| last_end(text.as_bytes(), MARKS);
        assert_eq!(end("a;b\nc;\"x\ny\nz\"\nd;e"), Some(14));
        assert_eq!(end("a;b\nc;\"x\ny\nz"), Some(4));
        assert_eq!(end("c;\"x\ny\nz\""), None);
        // quotes that say nothing, and line ends that are no line feeds
        assert_eq!(end("a;5\" pipe\nc;\"x\ny\"\nd"), Some(18));
        assert_eq!(end("a;b\rc;d\re"), Some(8));
        // the line feed may follow
        assert_eq!(end("a;b\rc;d\r"), Some(4));
        // blank lines are rows of their own
        assert_eq!(end("\r\r\rc;d"), Some(3));
        assert_eq!(end("\n\nc;5\" pipe"), Some(2));
        assert_eq!(end("\r\r\r"), Some(2));
        assert_eq!(last_end(b"a;\"b\nc", Marks { quote: None, ..MARKS }), Some(5));
    }

    #[test]
    fn pieces_cover_the_text_and_count_its_lines() {
        for row in ["12345;\"a\nb\";text\r\n", "12345;5\" pipe\n", "12345;text\r"] {
            let text = row.repeat(3 * PIECE / row.len());
            let pieces = cut(text.as_bytes(), 0, MARKS);
            assert!(pieces.len() > 2);
            assert_eq!(pieces[0].0.start, 0);
            assert_eq!(pieces[pieces.len() - 1].0.end, text.len());
            for pair in pieces.windows(2) {
                assert_eq!(pair[0].0.end, pair[1].0.start);
                assert!(text[pair[1].0.start..].starts_with("12345"));
                assert_eq!(pair[1].1, line_ends(&text.as_bytes()[..pair[1].0.start]));
            }
        }
        let record = format!("\"{}\"\n", "a\n".repeat(PIECE));
        assert_eq!(cut(record.repeat(2).as_bytes(), 0, MARKS).len(), 2);
    }

    #[test]
    fn line_ends_of_all_kinds() {
        assert_eq!(line_ends(b"a\nb\r\nc\rd"), 3);
        assert_eq!(line_ends(b"a\r"), 1);
        assert_eq!(line_ends(b""), 0);
        assert_eq!(line_ends(b"a\rb\r\n"), 2);
        assert_eq!(line_ends("ab\r\n\r\r\nc\n".repeat(300).as_bytes()), 1_200);
    }

    #[test]
    fn a_quote_that_nothing_closes() {
        let open = |record: &str| leaves_quote_open(record.as_bytes(), b';', b'"');
        for record in ["\"", "a;\"b", "a;\"b;c\nd", "a;\"b\"\"", "\"a\";\"", "a;\"\"\""] {
            assert!(open(record), "{record}");
        }
        for record in ["", "a", "a;\"b\"", "a;b\"", "a;\"b\"\"c\"", "\"a\"b\"c", "a;\"\"", "a; \"b"] {
            assert!(!open(record), "{record}");
        }
    }
}
