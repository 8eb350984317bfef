//! Cuts delimited text at record boundaries, so that every core parses a piece. A text whose quotes are not tidy is not cut.

use memchr::memchr_iter;

/// Smaller pieces are not worth a thread.
const LEAST_BYTES: usize = 4 << 20;

/// Ranges of whole records that cover `text[from..]`, each with the number of line ends before it, counted from `from`.
pub(super) fn cut(
    text: &[u8],
    from: usize,
    delimiter: u8,
    quote: Option<u8>,
    pieces: usize,
) -> Vec<(std::ops::Range<usize>, u32)> {
    let whole = vec![(from..text.len(), 0)];
    let length = text.len() - from;
    let pieces = pieces.min(length / LEAST_BYTES);
    if pieces < 2 || has_lone_returns(&text[from..]) {
        return whole;
    }
    let quotes = quote.map_or(Some(Vec::new()), |quote| tidy_quotes(text, from, delimiter, quote));
    let Some(quotes) = quotes else { return whole };
    let mut cuts = vec![from];
    for piece in 1..pieces {
        let wish = from + length / pieces * piece;
        match next_record(text, wish, &quotes) {
            Some(cut) if cut > cuts[cuts.len() - 1] && cut < text.len() => cuts.push(cut),
            _ => {}
        }
    }
    cuts.push(text.len());
    let mut lines = 0;
    let mut ranges = Vec::new();
    for pair in cuts.windows(2) {
        ranges.push((pair[0]..pair[1], lines));
        // No return stands alone, and behind the last piece nobody counts.
        if pair[1] < text.len() {
            lines += memchr_iter(b'\n', &text[pair[0]..pair[1]]).count() as u32;
        }
    }
    ranges
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

fn has_lone_returns(text: &[u8]) -> bool {
    lone_returns(text) > 0
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
/// nothing about where a record ends.
fn tidy_quotes(text: &[u8], from: usize, delimiter: u8, quote: u8) -> Option<Vec<usize>> {
    let places: Vec<usize> = memchr_iter(quote, &text[from..]).map(|at| at + from).collect();
    let edge = |byte: u8| byte == delimiter || byte == b'\n' || byte == b'\r';
    let mut next = places.iter().copied().peekable();
    while let Some(open) = next.next() {
        if open > from && !edge(text[open - 1]) {
            return None;
        }
        loop {
            let close = next.next()?;
            match text.get(close + 1) {
                Some(byte) if *byte == quote => next.next(),
                Some(byte) if !edge(*byte) => return None,
                _ => break,
            };
        }
    }
    Some(places)
}

/// The start of the first record at or after `wish`.
fn next_record(text: &[u8], wish: usize, quotes: &[usize]) -> Option<usize> {
    let mut at = wish;
    loop {
        let feed = at + text[at..].iter().position(|byte| *byte == b'\n')?;
        let before = quotes.partition_point(|quote| *quote < feed);
        if before.is_multiple_of(2) {
            return Some(feed + 1);
        }
        at = quotes[before..].first()? + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_tidy_or_not() {
        let places = |text: &str| tidy_quotes(text.as_bytes(), 0, b';', b'"').map(|places| places.len());
        assert_eq!(places("a;\"b;\"\"c\"\nd;\"\"\n"), Some(6));
        assert_eq!(places("a;5\" pipe\n"), None);
        assert_eq!(places("a;\"b\"c\n"), None);
        assert_eq!(places("a;\"b\n"), None);
    }

    #[test]
    fn a_cut_never_lies_within_quotes() {
        let text = b"a;b\nc;\"x\ny\nz\"\nd;e\n";
        let quotes = tidy_quotes(text, 0, b';', b'"').unwrap();
        // a wish inside the quoted field moves behind its record
        assert_eq!(next_record(text, 8, &quotes), Some(14));
        assert_eq!(next_record(text, 1, &quotes), Some(4));
    }

    #[test]
    fn pieces_cover_the_text_and_count_its_lines() {
        let row = "12345;\"a\nb\";text\r\n";
        let text = row.repeat(1_200_000);
        let pieces = cut(text.as_bytes(), 0, b';', Some(b'"'), 3);
        assert_eq!(pieces.len(), 3);
        assert_eq!(pieces[0].0.start, 0);
        assert_eq!(pieces[2].0.end, text.len());
        for pair in pieces.windows(2) {
            assert_eq!(pair[0].0.end, pair[1].0.start);
            assert!(text[pair[1].0.start..].starts_with("12345"));
            assert_eq!(pair[1].1, line_ends(&text.as_bytes()[..pair[1].0.start]));
        }
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
