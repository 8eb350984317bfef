//! A file of delimited text in windows of whole records: it is read, digested and cut here, one window after another, while every
//! core reads the windows before. So memory follows the rows and not the file (decision 0025).

use sha2::{Digest, Sha256};

use crate::base::disk::DiskFile;
use crate::ingest::chunks;
use crate::ingest::decode::{self, Decoded};
use crate::ingest::line_ends::line_ends;
use crate::ingest::signature::{self, Foreign, OLE};
use crate::ingest::text_record::{Cut, Marks};
use crate::ingest::unpack;

const MARK_OF_UTF8: &[u8] = b"\xEF\xBB\xBF";
const MARKS_OF_UTF16: [&[u8]; 2] = [b"\xFF\xFE", b"\xFE\xFF"];

/// Some records of a file, one after another.
#[derive(Debug)]
pub(super) struct Window {
    bytes: Vec<u8>,
    /// Bytes of a byte-order mark before them.
    mark: usize,
    /// The byte of the file at which they begin.
    from: u64,
    /// The line on which they begin.
    pub(super) line: u32,
    /// Where more of the file follows: line ends behind them, up to the proof that a record which is open at their end is malformed.
    pub(super) follows: Option<u32>,
}

impl Window {
    /// Its text.
    pub(super) fn decoded(&self) -> Decoded<'_> {
        decode::window(&self.bytes, self.mark, self.from)
    }

    /// Whether only the whole file tells what it is: it is packed, a compound file, or a mark says that it is no UTF-8.
    pub(super) fn is_in_disguise(&self) -> bool {
        unpack::is_packed(&self.bytes)
            || self.bytes.starts_with(OLE)
            || MARKS_OF_UTF16.iter().any(|mark| self.bytes.starts_with(mark))
    }

    /// The format of a file that begins so, when it is not a table; the text is that of the window.
    pub(super) fn foreign(&self, text: &str) -> Option<Foreign> {
        signature::of_bytes(&self.bytes).or_else(|| signature::of_text(text))
    }

    /// Whether the file begins with it.
    pub(super) fn is_first(&self) -> bool {
        self.from == 0
    }
}

/// A file while its windows are taken.
pub(super) struct Windows {
    file: DiskFile,
    marks: Marks,
    /// Bytes of a window.
    size: usize,
    /// So many bytes from the beginning of a record, and no end of it, prove that it is too long.
    longest: usize,
    digest: Sha256,
    /// Bytes that were read.
    read: u64,
    /// Bytes behind the last window's records.
    rest: Vec<u8>,
    line: u32,
    is_done: bool,
    /// The last window held a record that is too long: where the next one begins, nobody knows.
    is_broken: bool,
    /// Room of windows that nobody needs any more.
    spare: Vec<Vec<u8>>,
}

impl Windows {
    /// Nothing is read yet.
    pub(super) fn new(file: DiskFile, marks: Marks) -> Windows {
        Windows {
            file,
            marks,
            size: chunks::PIECE,
            // The line end, and one byte more to tell that a record goes on.
            longest: marks.most.saturating_add(3),
            digest: Sha256::new(),
            read: 0,
            rest: Vec::new(),
            line: 1,
            is_done: false,
            is_broken: false,
            spare: Vec::new(),
        }
    }

    /// The next windows, at most so many; none at the end of the file, or behind a record that is too long. An empty file is one empty
    /// window.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn take(&mut self, windows: usize) -> std::io::Result<Vec<Window>> {
        let mut taken = Vec::with_capacity(windows);
        while taken.len() < windows && !self.is_done && !self.is_broken {
            taken.push(self.next()?);
        }
        Ok(taken)
    }

    /// The line on which the next window begins.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// Gives the room of windows back.
    pub(super) fn put_back(&mut self, windows: Vec<Window>) {
        self.spare.extend(windows.into_iter().map(|window| window.bytes));
    }

    /// Bytes and SHA-256 of the file, whatever became of its windows.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn finish(mut self) -> std::io::Result<(u64, impl AsRef<[u8]>)> {
        let mut bytes = self.spare.pop().unwrap_or_default();
        while !self.is_done {
            bytes.clear();
            self.is_done = self.fill(&mut bytes, self.size)?;
        }
        Ok((self.read, self.digest.finalize()))
    }

    fn next(&mut self) -> std::io::Result<Window> {
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.append(&mut self.rest);
        let from = self.read - bytes.len() as u64;
        let mut size = self.size.max(bytes.len());
        self.is_done = self.fill(&mut bytes, size)?;
        let mark = if from == 0 && bytes.starts_with(MARK_OF_UTF8) { MARK_OF_UTF8.len() } else { 0 };
        let mut cut = self.end_in(&bytes, mark);
        while cut.is_none() && !self.is_done && bytes.len() < self.longest {
            size *= 2;
            self.is_done = self.fill(&mut bytes, size)?;
            cut = self.end_in(&bytes, mark);
        }
        // Without an end, a record is longer than it may be: whoever reads the window says so.
        self.is_broken = cut.is_none() && !self.is_done;
        let follows = if self.is_done { None } else { Some(cut.map_or(0, |cut| cut.lines)) };
        let end = cut.map_or(bytes.len(), |cut| cut.end);
        self.rest.extend_from_slice(&bytes[end..]);
        bytes.truncate(end);
        let line = self.line;
        self.line = self.line.saturating_add(line_ends(&bytes));
        Ok(Window { bytes, mark, from, line, follows })
    }

    /// The end of the last record; `None` at the end of the file.
    fn end_in(&self, bytes: &[u8], mark: usize) -> Option<Cut> {
        let cut = if self.is_done { None } else { chunks::last_end(&bytes[mark..], self.marks) };
        cut.map(|cut| Cut { end: mark + cut.end, ..cut })
    }

    /// Reads until there are `size` bytes. Says whether the file ends with them.
    fn fill(&mut self, bytes: &mut Vec<u8>, size: usize) -> std::io::Result<bool> {
        let known = bytes.len();
        let wanted = (size - known) as u64;
        bytes.reserve_exact(size - known);
        let read = self.file.append_to(bytes, wanted);
        // What was read before an error counts, too.
        self.digest.update(&bytes[known..]);
        self.read += (bytes.len() - known) as u64;
        Ok((read? as u64) < wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::tests::plain_reader::{self, Plain};
    use crate::ingest::text_record::TextRecord;
    use proptest::prelude::*;
    use std::io::Write;

    const MARKS: Marks = Marks { delimiter: b';', quote: Some(b'"'), most: usize::MAX };

    fn windows(bytes: &[u8], size: usize, most: usize) -> (Vec<Window>, String) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        let mut windows =
            Windows { size, ..Windows::new(DiskFile::of(file, "text".as_ref()), Marks { most, ..MARKS }) };
        let mut taken = Vec::new();
        while let Some(window) = windows.take(1).unwrap().pop() {
            taken.push(window);
        }
        let (read, digest) = windows.finish().unwrap();
        assert_eq!(read, bytes.len() as u64);
        (taken, digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The records of a window as they are read, from the byte and the line at which it begins.
    fn records_of(window: &Window, read: &mut Vec<Plain>) {
        let decoded = window.decoded();
        let text = decoded.text();
        let mut record = TextRecord::new(text, MARKS);
        let mut at = 0;
        loop {
            while matches!(text.as_bytes().get(at), Some(b'\n' | b'\r')) {
                at += 1;
            }
            if at == text.len() {
                return;
            }
            let start = at;
            at = record.read(at, text.len(), window.follows).unwrap();
            read.push(Plain {
                start: window.from as usize + start,
                end: window.from as usize + at,
                cells: (0..).map_while(|cell| record.written(cell)).map(|cell| cell.as_bytes().to_vec()).collect(),
                malformed: record.malformed().map(|found| (found.cell, found.lines)),
                open: record.is_open(),
            });
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn windows_of_any_size_hold_the_records_of_the_file(pieces in plain_reader::pieces(), size in 1_usize..48) {
            let text: String = pieces.concat();
            let (windows, _) = windows(text.as_bytes(), size, usize::MAX);
            let mut at = 0;
            let mut read = Vec::new();
            for window in &windows {
                prop_assert_eq!(window.from, at as u64);
                prop_assert_eq!(window.line, 1 + line_ends(&text.as_bytes()[..at]));
                records_of(window, &mut read);
                at += window.bytes.len();
            }
            prop_assert_eq!(at, text.len());
            prop_assert_eq!(read, plain_reader::records(text.as_bytes(), b';', Some(b'"')), "{:?}", text);
            prop_assert_eq!(windows.iter().filter(|window| window.follows.is_none()).count(), 1);
        }
    }

    #[test]
    fn a_mark_is_no_text_and_damage_has_its_byte() {
        let (windows, digest) = windows(b"\xEF\xBB\xBF\"a\nb\";c\nd;\xFF\ne;f\n", 12, 100);
        let texts: Vec<String> = windows.iter().map(|window| window.decoded().text().to_owned()).collect();
        assert_eq!(texts, ["\"a\nb\";c\n", "d;\u{fffd}\ne;f\n"]);
        assert_eq!(windows[0].decoded().byte_in_file(0), Some(3));
        assert_eq!(windows[1].decoded().undecodable_in(0..4), Some(13));
        assert_eq!(windows[1].decoded().byte_in_file(6), Some(15));
        assert_eq!(digest, "8c8093fe912660de9098849e519742eb3ba4ee6afb6f50a2456d94b227815db9");
    }

    #[test]
    fn a_record_beyond_the_limit_does_not_fill_the_memory() {
        let text = format!("a;\"{}", "b\n".repeat(50_000));
        let (windows, _) = windows(text.as_bytes(), 64, 1_000);
        assert!(windows[0].bytes.len() > 1_000 && windows[0].bytes.len() < 4_000);
    }
}
