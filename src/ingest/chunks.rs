//! Cuts delimited text at record boundaries, so that every core parses a piece.

use std::ops::Range;

use memchr::{memchr_iter, memrchr};

use crate::ingest::line_ends::line_ends;
use crate::ingest::text_record::{self, Cut, Marks};

/// A piece holds about so many bytes: it stays in the cache of a core while its rows are read.
pub(super) const PIECE: usize = 512 << 10;

/// A range of whole records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) range: Range<usize>,
    /// Line ends before it, from the beginning of the first piece.
    pub(super) line: u32,
    /// Where more text follows: line ends behind it, up to the proof that a record which is open at its end is malformed.
    pub(super) follows: Option<u32>,
}

/// Pieces that cover `text[from..]`.
pub(super) fn cut(text: &[u8], from: usize, marks: Marks) -> Vec<Piece> {
    let (mut at, mut line) = (from, 0);
    let mut pieces = Vec::new();
    while at < text.len() {
        let cut = piece_end(text, at, marks);
        let end = cut.map_or(text.len(), |cut| cut.end);
        let follows = cut.filter(|cut| cut.end < text.len()).map(|cut| cut.lines);
        pieces.push(Piece { range: at..end, line, follows });
        line += line_ends(&text[at..end]);
        at = end;
    }
    pieces
}

/// The end of the piece that begins at `at`; `None`: the text is its end.
fn piece_end(text: &[u8], at: usize, marks: Marks) -> Option<Cut> {
    let mut size = PIECE;
    while size < text.len() - at {
        if let Some(cut) = last_end(&text[at..at + size], marks) {
            return Some(Cut { end: at + cut.end, ..cut });
        }
        size *= 2;
    }
    None
}

/// The end of the last record that ends within a text which begins with a record, or of the blank lines above its only one; `None`
/// where none ends for certain.
pub(super) fn last_end(text: &[u8], marks: Marks) -> Option<Cut> {
    let quotes = match marks.quote {
        Some(quote) => tidy_quotes(text, marks.delimiter, quote),
        None => Some(Vec::new()),
    };
    let cut = |end| Cut { end, lines: 0 };
    let by_feed = quotes.and_then(|quotes| last_feed(text, &quotes)).map(|feed| cut(feed + 1));
    by_feed.or_else(|| text_record::last_end(text, marks)).or_else(|| blank_lines(text).map(cut))
}

/// The end of the blank lines with which a text begins.
fn blank_lines(text: &[u8]) -> Option<usize> {
    let blank = text.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    // A return at the end may be half of a line end.
    let half = blank == text.len() && text.ends_with(b"\r");
    Some(blank - usize::from(half)).filter(|end| *end > 0)
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

    const MARKS: Marks = Marks { delimiter: b';', quote: Some(b'"'), most: usize::MAX };

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
        let end = |text: &str| last_end(text.as_bytes(), MARKS).map(|cut| cut.end);
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
        let cut = last_end(b"a;\"b\nc", Marks { quote: None, ..MARKS });
        assert_eq!(cut, Some(Cut { end: 5, lines: 0 }));
        // text behind a closing quote: cut behind its line, and two lines on the proof
        let cut = last_end(b"a;b\n1;\"x\"\"\n2;y\n3;\"z\"\n", MARKS);
        assert_eq!(cut, Some(Cut { end: 21, lines: 0 }));
        assert_eq!(last_end(b"1;\"x\"\"\n2;y\n3;\"z;", MARKS), Some(Cut { end: 11, lines: 0 }));
    }

    #[test]
    fn pieces_cover_the_text_and_count_its_lines() {
        for row in ["12345;\"a\nb\";text\r\n", "12345;5\" pipe\n", "12345;text\r"] {
            let text = row.repeat(3 * PIECE / row.len());
            let pieces = cut(text.as_bytes(), 0, MARKS);
            assert!(pieces.len() > 2);
            assert_eq!(pieces[0].range.start, 0);
            assert_eq!(pieces[pieces.len() - 1].range.end, text.len());
            assert_eq!(pieces[pieces.len() - 1].follows, None);
            for pair in pieces.windows(2) {
                assert_eq!(pair[0].range.end, pair[1].range.start);
                assert!(pair[0].follows.is_some());
                assert!(text[pair[1].range.start..].starts_with("12345"));
                assert_eq!(pair[1].line, line_ends(&text.as_bytes()[..pair[1].range.start]));
            }
        }
        let record = format!("\"{}\"\n", "a\n".repeat(PIECE));
        assert_eq!(cut(record.repeat(2).as_bytes(), 0, MARKS).len(), 2);
    }
}
