//! A reader of delimited text that is plain to see: byte by byte, from the beginning of the text, by the strict rules. What the
//! program reads in slices, pieces and windows must be what this one reads.

use proptest::prelude::*;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ingest) struct Plain {
    /// First byte.
    pub(in crate::ingest) start: usize,
    /// First byte behind its line end.
    pub(in crate::ingest) end: usize,
    pub(in crate::ingest) cells: Vec<Vec<u8>>,
    /// The cell behind whose closing quote other text stands, and the line ends before that text.
    pub(in crate::ingest) malformed: Option<(usize, u32)>,
    /// The text ends within quotes.
    pub(in crate::ingest) open: bool,
}

/// Texts with stray quotes, in pieces.
pub(in crate::ingest) fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
    let pieces = vec![
        ";",
        ";",
        ";",
        "\"",
        "\"\"",
        ";\"",
        "\";",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "a",
        "bc",
        " ",
        "ř",
        "\"x;\ny\"",
        "\"x\";",
        "24\"",
        "long enough\n",
        ",",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..32)
}

/// Line ends of a text.
pub(in crate::ingest) fn line_ends(text: &[u8]) -> u32 {
    let ends =
        (0..text.len()).filter(|at| text[*at] == b'\n' || text[*at] == b'\r' && text.get(at + 1) != Some(&b'\n'));
    ends.count() as u32
}

/// All records; blank lines are none.
pub(in crate::ingest) fn records(text: &[u8], delimiter: u8, quote: Option<u8>) -> Vec<Plain> {
    let byte = |at: usize| text.get(at).copied();
    let is_end = |at: usize| matches!(byte(at), None | Some(b'\n' | b'\r'));
    let (mut at, mut found) = (0, Vec::new());
    while at < text.len() {
        if is_end(at) {
            at += 1;
            continue;
        }
        let mut record = Plain { start: at, end: 0, cells: Vec::new(), malformed: None, open: false };
        loop {
            let (begin, mut cell) = (at, Vec::new());
            if quote.is_some() && byte(at) == quote {
                at += 1;
                record.open = true;
                while let (true, Some(letter)) = (record.open, byte(at)) {
                    at += 1;
                    if Some(letter) != quote {
                        cell.push(letter);
                    } else if byte(at) == quote {
                        cell.push(letter);
                        at += 1;
                    } else {
                        record.open = false;
                    }
                }
                if !is_end(at) && byte(at) != Some(delimiter) {
                    record.malformed = Some((record.cells.len(), line_ends(&text[record.start..at])));
                    at = begin;
                    cell.clear();
                }
            }
            while !is_end(at) && (record.malformed.is_some() || byte(at) != Some(delimiter)) {
                cell.extend(byte(at));
                at += 1;
            }
            record.cells.push(cell);
            if is_end(at) {
                break;
            }
            at += 1;
        }
        at += usize::from(byte(at) == Some(b'\r') && byte(at + 1) == Some(b'\n'));
        at = text.len().min(at + 1);
        record.end = at;
        found.push(record);
    }
    found
}
