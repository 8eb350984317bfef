//! One record of delimited text, cut by the strict rules of RFC 4180: a quoted field ends where a delimiter or a line end follows its
//! closing quote. Cells are slices of the text: nothing is copied, and the next delimiter, quote or line end is searched for many
//! bytes at a time. Text behind a closing quote makes a record malformed: it ends with the line on which that field begins, so that
//! no line below it is swallowed (decision 0027).

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use crate::ingest::line_ends::line_ends;
use crate::ingest::record::{Raw, Record};
use crate::pipeline::limits::Limits;
use crate::pipeline::source::CsvFormat;

/// What takes a text apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub(super) delimiter: u8,
    /// `None`: quotes are letters.
    pub(super) quote: Option<u8>,
    /// Bytes that a record may have, its line end not counted.
    pub(super) most: usize,
}

/// A record without an end within the limit: an unclosed quote cannot swallow the file.
#[derive(Debug)]
pub(super) struct TooLong;

/// A record whose cells cannot be told apart from one of them on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed {
    /// The quoted cell, from 0; it holds the rest of its line.
    pub(super) cell: usize,
    /// Line ends between the beginning of the record and the closing quote that other text follows.
    pub(super) lines: u32,
}

/// A record, and the room for the next one.
#[derive(Debug)]
pub(super) struct TextRecord<'t> {
    text: &'t str,
    marks: Marks,
    cells: Vec<Slice>,
    /// Cells in which a quote stands, written twice in the text.
    single: String,
    /// A cell was in quotes, so that line ends may stand within the record.
    quoted: bool,
    /// The text ends within the quotes of the last cell.
    open: bool,
    malformed: Option<Malformed>,
}

/// Begin and end of a cell, in the text or in [`TextRecord::single`].
#[derive(Debug, Clone, Copy)]
struct Slice {
    from: usize,
    to: usize,
    in_text: bool,
}

/// Where a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// In front of a line end, or where the text ends.
    Sound(usize),
    /// The quote that opens at one place is closed in front of other text at the other.
    Malformed { opened: usize, behind: usize },
    /// The text ends within the quotes that open here.
    Open { opened: usize },
}

impl<'t> TextRecord<'t> {
    /// No record yet.
    pub(super) fn new(text: &'t str, marks: Marks) -> TextRecord<'t> {
        let (cells, single) = (Vec::new(), String::new());
        TextRecord { text, marks, cells, single, quoted: false, open: false, malformed: None }
    }

    /// Reads the record that begins at `start`, which is no line end, and says where the next one begins. Nothing beyond `end`
    /// belongs to it. `follows`: the text was cut at `end`, where a record ends, and so many line ends lie between there and the
    /// proof that a record which is open there is malformed.
    ///
    /// # Errors
    /// No end within the limit.
    pub(super) fn read(&mut self, start: usize, end: usize, follows: Option<u32>) -> Result<usize, TooLong> {
        self.cells.clear();
        self.single.clear();
        (self.quoted, self.open, self.malformed) = (false, false, None);
        let text = self.text;
        let until = self.marks.until(&text.as_bytes()[..end], start);
        let (cells, single, quoted) = (&mut self.cells, &mut self.single, &mut self.quoted);
        let found = split(&text.as_bytes()[..until], start, self.marks, |from, to, quote| match quote {
            None => cells.push(Slice { from, to, in_text: true }),
            Some(quote) => {
                *quoted = true;
                cells.push(unquoted(text, from, to, quote, single));
            }
        });
        match (found, follows) {
            (End::Sound(content), _) if content < until || until == end => {
                Ok(behind_line_end(&text.as_bytes()[..end], content))
            }
            (End::Malformed { opened, behind }, _) => Ok(self.cut(start, opened, end, behind, 0)),
            (End::Open { opened }, Some(lines)) if until == end => Ok(self.cut(start, opened, end, end, lines)),
            (End::Open { .. }, None) if until == end => {
                self.open = true;
                Ok(end)
            }
            _ => Err(TooLong),
        }
    }

    /// Ends the record with the line on which its malformed cell begins. So many line ends lie between `behind` and the text that
    /// follows the closing quote.
    fn cut(&mut self, start: usize, opened: usize, end: usize, behind: usize, lines: u32) -> usize {
        let bytes = &self.text.as_bytes()[..end];
        let to = end_of_line(bytes, opened);
        self.cells.pop();
        self.malformed = Some(Malformed { cell: self.cells.len(), lines: line_ends(&bytes[start..behind]) + lines });
        self.cells.push(Slice { from: opened, to, in_text: true });
        behind_line_end(bytes, to)
    }

    /// Whether line ends may stand within the record.
    pub(super) fn may_hold_line_ends(&self) -> bool {
        self.quoted
    }

    /// Whether the text ends within quotes.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// From where on its cells cannot be told apart.
    pub(super) fn malformed(&self) -> Option<Malformed> {
        self.malformed
    }

    /// A cell as written, without its quotes.
    pub(super) fn written(&self, index: usize) -> Option<&str> {
        self.cells.get(index).map(|cell| {
            let text = if cell.in_text { self.text } else { &self.single };
            &text[cell.from..cell.to]
        })
    }
}

impl Marks {
    /// The marks of a source.
    pub(super) fn of(format: &CsvFormat, limits: &Limits) -> Marks {
        let most = usize::try_from(limits.record_bytes).unwrap_or(usize::MAX);
        Marks { delimiter: format.delimiter, quote: format.quote, most }
    }

    /// Where a record of `bytes` that begins at `start` must have ended, its line end included; never within a letter.
    fn until(&self, bytes: &[u8], start: usize) -> usize {
        const LONGEST_LETTER: usize = 4;
        let most = start.saturating_add(self.most).saturating_add(2).min(bytes.len());
        let is_within = |at: &usize| bytes.get(*at).is_some_and(|byte| byte & 0xC0 == 0x80);
        (most.saturating_sub(LONGEST_LETTER).max(start)..=most).rev().find(|at| !is_within(at)).unwrap_or(most)
    }
}

/// Finds the cells of the record that begins at `start`, and its end. A cell is told by its place without quotes, and by its quote.
fn split(bytes: &[u8], start: usize, marks: Marks, mut cell: impl FnMut(usize, usize, Option<u8>)) -> End {
    let content = end_of_line(bytes, start);
    let line = &bytes[start..content];
    if let Some(quote) = marks.quote.filter(|quote| memchr(*quote, line).is_some()) {
        return split_quoted(bytes, start, (marks.delimiter, quote), cell);
    }
    let mut from = start;
    for length in memchr_iter(marks.delimiter, line) {
        cell(from, start + length, None);
        from = start + length + 1;
    }
    cell(from, content, None);
    End::Sound(content)
}

fn split_quoted(
    bytes: &[u8],
    start: usize,
    (delimiter, quote): (u8, u8),
    mut cell: impl FnMut(usize, usize, Option<u8>),
) -> End {
    let mut from = start;
    loop {
        let end = if bytes.get(from) == Some(&quote) {
            let Some(end) = closing_quote(bytes, from + 1, quote) else {
                cell(from + 1, bytes.len(), Some(quote));
                return End::Open { opened: from };
            };
            cell(from + 1, end, Some(quote));
            end + 1
        } else {
            let end = memchr3(delimiter, b'\n', b'\r', &bytes[from..]).map_or(bytes.len(), |length| from + length);
            cell(from, end, None);
            end
        };
        match bytes.get(end) {
            Some(byte) if *byte == delimiter => from = end + 1,
            None | Some(b'\n' | b'\r') => return End::Sound(end),
            Some(_) => return End::Malformed { opened: from, behind: end },
        }
    }
}

/// A cell that stood in quotes: each of its own is written twice.
fn unquoted(text: &str, from: usize, to: usize, quote: u8, single: &mut String) -> Slice {
    let cell = &text[from..to];
    if memchr(quote, cell.as_bytes()).is_none() {
        return Slice { from, to, in_text: true };
    }
    let start = single.len();
    let quote = char::from(quote);
    let mut pieces = cell.split(quote);
    single.extend(pieces.next());
    while let (Some(_), Some(piece)) = (pieces.next(), pieces.next()) {
        single.push(quote);
        single.push_str(piece);
    }
    Slice { from: start, to: single.len(), in_text: false }
}

impl Record for TextRecord<'_> {
    fn cell(&self, index: usize) -> Raw<'_> {
        self.written(index).map_or(Raw::Empty, Raw::of_text)
    }

    fn len(&self) -> usize {
        self.cells.len()
    }

    fn rest(&self) -> Option<usize> {
        self.malformed.map(|malformed| malformed.cell)
    }

    fn bytes(&self, index: usize) -> usize {
        self.written(index).map_or(0, str::len)
    }

    fn written(&self, index: usize) -> Cow<'_, str> {
        Cow::Borrowed(TextRecord::written(self, index).unwrap_or_default())
    }
}

/// The quote that closes a cell which begins at `from`, and is not one of two.
fn closing_quote(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr(quote, &bytes[at..])?;
        if bytes.get(at + 1) != Some(&quote) {
            return Some(at);
        }
        at += 2;
    }
}

/// The place behind the line end at `at`, if one stands there.
pub(super) fn behind_line_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..) {
        Some([b'\r', b'\n', ..]) => at + 2,
        Some([b'\r' | b'\n', ..]) => at + 1,
        _ => at,
    }
}

/// The end of the line on which a place lies.
fn end_of_line(bytes: &[u8], at: usize) -> usize {
    memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |length| at + length)
}

/// A place between two records of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) end: usize,
    /// Line ends behind it, up to the proof that a record which is open there is malformed.
    pub(super) lines: u32,
}

/// The end of the last record that ends within a text; `None` where there is none, or only a last one that may go on behind it.
pub(super) fn last_end(text: &[u8], marks: Marks) -> Option<Cut> {
    let (mut at, mut last, mut proof) = (0, None, 0_usize);
    loop {
        while matches!(text.get(at), Some(b'\n' | b'\r')) {
            at += 1;
        }
        let until = marks.until(text, at);
        let end = match split(&text[..until], at, marks, |_, _, _| {}) {
            End::Sound(content) if content < until => behind_line_end(text, content),
            End::Malformed { opened, behind } => {
                let end = end_of_line(text, opened);
                if end == text.len() {
                    break;
                }
                proof = proof.max(behind);
                behind_line_end(text, end)
            }
            End::Sound(_) | End::Open { .. } => break,
        };
        // The line feed may follow.
        if end == text.len() && text[end - 1] == b'\r' {
            break;
        }
        last = Some(end);
        at = end;
    }
    last.map(|end| Cut { end, lines: if proof > end { line_ends(&text[end..proof]) } else { 0 } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::tests::plain_reader::{self, Plain};
    use proptest::prelude::*;

    const MARKS: Marks = Marks { delimiter: b';', quote: Some(b'"'), most: usize::MAX };

    /// All records of a text, blank lines left out.
    fn records(text: &str, marks: Marks) -> Vec<Plain> {
        let mut record = TextRecord::new(text, marks);
        let (mut at, mut records) = (0, Vec::new());
        loop {
            while matches!(text.as_bytes().get(at), Some(b'\n' | b'\r')) {
                at += 1;
            }
            if at == text.len() {
                return records;
            }
            let start = at;
            at = record.read(at, text.len(), None).unwrap();
            records.push(Plain {
                start,
                end: at,
                cells: (0..record.len()).map(|cell| record.written(cell).unwrap().as_bytes().to_vec()).collect(),
                malformed: record.malformed().map(|found| (found.cell, found.lines)),
                open: record.is_open(),
            });
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn a_plain_reader_reads_the_same(pieces in plain_reader::pieces(), quoting in any::<bool>()) {
            let text: String = pieces.concat();
            let marks = Marks { quote: quoting.then_some(b'"'), ..MARKS };
            let read = records(&text, marks);
            prop_assert_eq!(&read, &plain_reader::records(text.as_bytes(), b';', marks.quote), "{:?}", text);
            // The csv crate forgives text behind a closing quote: where none stands, it reads the same.
            if read.iter().all(|record| record.malformed.is_none()) {
                let mut crate_reader = csv::ReaderBuilder::new();
                crate_reader.has_headers(false).flexible(true).delimiter(b';').quoting(quoting);
                let by_the_crate: Vec<Vec<Vec<u8>>> = crate_reader
                    .from_reader(text.as_bytes())
                    .into_byte_records()
                    .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
                    .collect();
                let cells: Vec<Vec<Vec<u8>>> = read.into_iter().map(|record| record.cells).collect();
                prop_assert_eq!(cells, by_the_crate, "{:?}", text);
            }
        }
    }

    #[test]
    fn cells_are_slices_unless_a_quote_is_written_twice() {
        let text = "a;\"b;c\";\nx\" y;z\n";
        let mut record = TextRecord::new(text, MARKS);
        assert_eq!(record.read(0, text.len(), None).unwrap(), 9);
        assert!(record.malformed().is_none() && record.may_hold_line_ends());
        assert_eq!((record.written(1), record.written(2), record.written(3)), (Some("b;c"), Some(""), None));
        assert_eq!(record.read(9, text.len(), None).unwrap(), text.len());
        assert_eq!((record.written(0), record.malformed()), (Some("x\" y"), None));
        let text = "\"\"\"x\"\"\"\"y\";\"\"\"\";a";
        record = TextRecord::new(text, MARKS);
        assert_eq!(record.read(0, text.len(), None).unwrap(), text.len());
        assert_eq!(
            (record.written(0), record.written(1), record.written(2)),
            (Some("\"x\"\"y"), Some("\""), Some("a"))
        );
    }

    #[test]
    fn text_behind_a_closing_quote_swallows_no_line() {
        let text = "1;\"Monitor 24\"\";100\n2;\"Hrnek\";250\n\"a\nb\";\"c\" d;1\nx";
        let mut record = TextRecord::new(text, MARKS);
        assert_eq!(record.read(0, text.len(), None).unwrap(), 20);
        assert_eq!(record.malformed(), Some(Malformed { cell: 1, lines: 1 }));
        assert_eq!((record.written(0), record.written(1)), (Some("1"), Some("\"Monitor 24\"\";100")));
        assert_eq!(record.read(20, text.len(), None).unwrap(), 34);
        assert_eq!((record.written(1), record.malformed()), (Some("Hrnek"), None));
        // A meant line break before the fault belongs to the record.
        assert_eq!(record.read(34, text.len(), None).unwrap(), text.len() - 1);
        assert_eq!(record.malformed(), Some(Malformed { cell: 1, lines: 1 }));
        // Cut behind its first line, the record is as malformed as in the whole text.
        assert_eq!(record.read(0, 20, Some(0)).unwrap(), 20);
        assert_eq!(record.malformed(), Some(Malformed { cell: 1, lines: 1 }));
        assert_eq!(last_end(&text.as_bytes()[..25], MARKS), Some(Cut { end: 20, lines: 0 }));
        assert_eq!(last_end(&text.as_bytes()[..22], MARKS), None);
    }

    /// The limit may lie within a letter, quoted or not, of two to four bytes.
    #[test]
    fn a_limit_within_a_letter_cuts_no_letter() {
        for letter in ["č", "€", "😀"] {
            for text in
                [letter.repeat(20), format!("\"{}", letter.repeat(20)), format!("\"{0}\"\"{0}\";1\n", letter.repeat(9))]
            {
                for most in 1..text.len() - 2 {
                    let read = TextRecord::new(&text, Marks { most, ..MARKS }).read(0, text.len(), None);
                    assert!(read.is_err() || most + 2 >= text.len(), "{text:?} {most}");
                    last_end(text.as_bytes(), Marks { most, ..MARKS });
                }
            }
        }
    }

    #[test]
    fn a_record_ends_within_the_limit_or_is_too_long() {
        for (text, most, is_read) in
            [("abcd\r\nx", 4, true), ("abcd", 2, true), ("abcdefg\n", 4, false), ("\"abcdefg\n", 4, false)]
        {
            let marks = Marks { most, ..MARKS };
            assert_eq!(TextRecord::new(text, marks).read(0, text.len(), None).is_ok(), is_read, "{text}");
        }
    }
}
