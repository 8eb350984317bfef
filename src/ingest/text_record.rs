//! One record of delimited text. Where its quotes are tidy, the cells are slices of the text: nothing is copied, and the next
//! delimiter, quote or line end is searched for many bytes at a time. Any other record goes through the csv crate, whose rules
//! hold for both (decision 0021).

use std::io::Read;

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use crate::ingest::record::{Raw, Record};

/// The csv crate reads an odd record through a buffer of so many bytes.
const BUFFER: usize = 1 << 12;

/// What takes a text apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub(super) delimiter: u8,
    /// `None`: quotes are letters.
    pub(super) quote: Option<u8>,
}

/// Why a record could not be read.
#[derive(Debug)]
pub(super) enum Broken {
    /// It does not end before the limit.
    TooLong,
    /// The crate's own words.
    Other(String),
}

/// A record, and the room for the next one.
#[derive(Debug)]
pub(super) struct TextRecord<'t> {
    text: &'t str,
    marks: Marks,
    cells: Vec<Slice>,
    /// Cells in which a quote stands, written twice in the text.
    single: String,
    /// The record as the crate read it, where quotes are not tidy.
    odd: Option<csv::StringRecord>,
    /// A cell was in quotes, so that line ends may stand within the record.
    quoted: bool,
}

/// Begin and end of a cell, in the text or in [`TextRecord::single`].
#[derive(Debug, Clone, Copy)]
struct Slice {
    from: usize,
    to: usize,
    in_text: bool,
}

impl<'t> TextRecord<'t> {
    /// No record yet.
    pub(super) fn new(text: &'t str, marks: Marks) -> TextRecord<'t> {
        TextRecord { text, marks, cells: Vec::new(), single: String::new(), odd: None, quoted: false }
    }

    /// Reads the record that begins at `start`, which is no line end, and says where the next one begins. Nothing beyond `end`
    /// belongs to it, and it may hold at most `most` bytes and its line end.
    ///
    /// # Errors
    /// No end within `most` bytes: an unclosed quote cannot swallow the file.
    pub(super) fn read(&mut self, start: usize, end: usize, most: usize) -> Result<usize, Broken> {
        self.cells.clear();
        self.single.clear();
        self.odd = None;
        self.quoted = false;
        let until = start.saturating_add(most).saturating_add(2).min(end);
        let content = self.split(start, until).filter(|content| *content < until || until == end);
        match content {
            Some(content) => Ok(behind_line_end(&self.text.as_bytes()[..end], content)),
            None => self.read_odd(start, until, end),
        }
    }

    /// Whether line ends may stand within the record.
    pub(super) fn may_hold_line_ends(&self) -> bool {
        self.quoted || self.odd.is_some()
    }

    /// A cell as written, without its quotes.
    pub(super) fn written(&self, index: usize) -> Option<&str> {
        match &self.odd {
            Some(odd) => odd.get(index),
            None => self.cells.get(index).map(|cell| {
                let text = if cell.in_text { self.text } else { &self.single };
                &text[cell.from..cell.to]
            }),
        }
    }

    /// Finds the cells and the end of the content; `None` where a quote stands elsewhere than around a cell.
    fn split(&mut self, start: usize, until: usize) -> Option<usize> {
        let bytes = &self.text.as_bytes()[..until];
        let content = memchr2(b'\n', b'\r', &bytes[start..]).map_or(until, |length| start + length);
        let line = &bytes[start..content];
        if self.marks.quote.is_some_and(|quote| memchr(quote, line).is_some()) {
            return self.split_quoted(bytes, start);
        }
        let mut from = start;
        for length in memchr_iter(self.marks.delimiter, line) {
            self.push(from, start + length);
            from = start + length + 1;
        }
        self.push(from, content);
        Some(content)
    }

    fn split_quoted(&mut self, bytes: &[u8], start: usize) -> Option<usize> {
        let Marks { delimiter, quote } = self.marks;
        let quote = quote?;
        let mut from = start;
        loop {
            let end = if bytes.get(from) == Some(&quote) {
                self.quoted = true;
                let end = closing_quote(bytes, from + 1, quote)?;
                self.push_quoted(from + 1, end, quote);
                end + 1
            } else {
                let end = memchr3(delimiter, b'\n', b'\r', &bytes[from..]).map_or(bytes.len(), |length| from + length);
                if memchr(quote, &bytes[from..end]).is_some() {
                    return None;
                }
                self.push(from, end);
                end
            };
            match bytes.get(end) {
                Some(byte) if *byte == delimiter => from = end + 1,
                None | Some(b'\n' | b'\r') => return Some(end),
                Some(_) => return None,
            }
        }
    }

    fn push(&mut self, from: usize, to: usize) {
        self.cells.push(Slice { from, to, in_text: true });
    }

    /// A cell that stood in quotes: each of its own is written twice.
    fn push_quoted(&mut self, from: usize, to: usize, quote: u8) {
        let cell = &self.text[from..to];
        if memchr(quote, cell.as_bytes()).is_none() {
            return self.push(from, to);
        }
        let start = self.single.len();
        let quote = char::from(quote);
        let mut pieces = cell.split(quote);
        self.single.extend(pieces.next());
        while let (Some(_), Some(piece)) = (pieces.next(), pieces.next()) {
            self.single.push(quote);
            self.single.push_str(piece);
        }
        self.cells.push(Slice { from: start, to: self.single.len(), in_text: false });
    }

    fn read_odd(&mut self, start: usize, until: usize, end: usize) -> Result<usize, Broken> {
        let mut reader = by_the_crate(&self.text.as_bytes()[start..until], until < end, self.marks);
        let mut record = csv::StringRecord::new();
        match reader.read_record(&mut record) {
            Ok(_) => {}
            Err(error) if error.is_io_error() => return Err(Broken::TooLong),
            Err(error) => return Err(Broken::Other(error.to_string())),
        }
        self.odd = Some(record);
        let next = start + reader.position().byte() as usize;
        Ok(behind_half(&self.text.as_bytes()[..end], next))
    }
}

impl Record for TextRecord<'_> {
    fn cell(&self, index: usize) -> Raw<'_> {
        self.written(index).map_or(Raw::Empty, Raw::of_text)
    }

    fn len(&self) -> usize {
        self.odd.as_ref().map_or(self.cells.len(), csv::StringRecord::len)
    }

    fn bytes(&self, index: usize) -> usize {
        self.written(index).map_or(0, str::len)
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

/// The end of the last record that ends within a text; `None` where there is none, or only a last one
/// that may go on behind it.
pub(super) fn last_end(text: &[u8], marks: Marks) -> Option<usize> {
    let mut reader = by_the_crate(text, false, marks);
    let mut record = csv::ByteRecord::new();
    let mut last = None;
    while let Ok(true) = reader.read_byte_record(&mut record) {
        let end = behind_half(text, reader.position().byte() as usize);
        last = Some(end).filter(|end| *end < text.len()).or(last);
    }
    last
}

/// The place behind a line end of which the crate may have left half.
fn behind_half(bytes: &[u8], at: usize) -> usize {
    at + usize::from(bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n'))
}

fn by_the_crate(text: &[u8], is_cut: bool, marks: Marks) -> csv::Reader<Fenced<'_>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(marks.delimiter)
        .quote(marks.quote.unwrap_or(b'"'))
        .quoting(marks.quote.is_some())
        .buffer_capacity(BUFFER)
        .from_reader(Fenced { text, is_cut, has_begun: false })
}

/// The text as the crate reads it: where it is cut, the record must have ended before.
struct Fenced<'t> {
    text: &'t [u8],
    is_cut: bool,
    has_begun: bool,
}

impl Read for Fenced<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.text.is_empty() && self.is_cut {
            return Err(std::io::Error::other("a record beyond the limit"));
        }
        // One byte first: at once, three bytes could be taken for the byte-order mark of a file.
        let most = if self.has_begun { into.len() } else { into.len().min(1) };
        self.has_begun = true;
        self.text.read(&mut into[..most])
    }
}

/// All records of a text as the crate alone reads them: the witness of tests.
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
pub(super) fn read_by_the_crate(text: &str, marks: Marks) -> Vec<Vec<String>> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(marks.delimiter)
        .quote(marks.quote.unwrap_or(b'"'))
        .quoting(marks.quote.is_some())
        .from_reader(text.as_bytes());
    reader.into_records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All records of a text, blank lines left out, with the bytes at which they begin.
    fn records(text: &str, marks: Marks) -> Vec<Vec<String>> {
        let mut record = TextRecord::new(text, marks);
        let (mut at, mut records) = (0, Vec::new());
        loop {
            while matches!(text.as_bytes().get(at), Some(b'\n' | b'\r')) {
                at += 1;
            }
            if at == text.len() {
                return records;
            }
            at = record.read(at, text.len(), usize::MAX).unwrap();
            records.push((0..record.len()).map(|cell| record.written(cell).unwrap().to_owned()).collect());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn the_crate_reads_the_same(pieces in prop::collection::vec(prop::sample::select(vec![
            ";", ";", ";", "\"", "\"\"", ";\"", "\";", "\n", "\r\n", "\r", "a", "bc", " ", "ř", "\"x;\ny\"", ",",
        ]), 0..24), quoting in any::<bool>()) {
            let text: String = pieces.concat();
            let marks = Marks { delimiter: b';', quote: quoting.then_some(b'"') };
            prop_assert_eq!(records(&text, marks), read_by_the_crate(&text, marks), "{:?}", text);
        }
    }

    #[test]
    fn tidy_records_are_slices_and_others_are_read_by_the_crate() {
        let marks = Marks { delimiter: b';', quote: Some(b'"') };
        let text = "a;\"b;c\";\n\"x\" y;z\n";
        let mut record = TextRecord::new(text, marks);
        assert_eq!(record.read(0, text.len(), 100).unwrap(), 9);
        assert!(record.odd.is_none() && record.may_hold_line_ends());
        assert_eq!((record.written(1), record.written(2), record.written(3)), (Some("b;c"), Some(""), None));
        assert_eq!(record.read(9, text.len(), 100).unwrap(), text.len());
        assert_eq!(record.odd.as_ref().map(csv::StringRecord::len), Some(2));
        assert_eq!(record.written(0), Some("x y"));
        let text = "\"\"\"x\"\"\"\"y\";\"\"\"\";a";
        record = TextRecord::new(text, marks);
        assert_eq!(record.read(0, text.len(), 100).unwrap(), text.len());
        assert!(record.odd.is_none());
        assert_eq!(
            (record.written(0), record.written(1), record.written(2)),
            (Some("\"x\"\"y"), Some("\""), Some("a"))
        );
        // within a file, U+FEFF is a letter
        let text = "\u{feff}a;\"x\"y";
        record = TextRecord::new(text, marks);
        record.read(0, text.len(), 100).unwrap();
        assert_eq!((record.written(0), record.odd.is_some()), (Some("\u{feff}a"), true));
    }

    #[test]
    fn a_record_ends_within_the_limit_or_is_too_long() {
        let marks = Marks { delimiter: b';', quote: Some(b'"') };
        for (text, most, is_read) in
            [("abcd\r\nx", 4, true), ("abcd", 2, true), ("abcdefg\n", 4, false), ("\"abcdefg\n", 4, false)]
        {
            assert_eq!(TextRecord::new(text, marks).read(0, text.len(), most).is_ok(), is_read, "{text}");
        }
    }
}
