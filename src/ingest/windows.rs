//! A file of delimited text in windows of whole records: it is read, digested and cut here, one window after another, while every
//! core reads the windows before. So memory follows the rows and not the file (decision 0025).

use std::fs::File;
use std::io::Read;

use sha2::{Digest, Sha256};

use crate::ingest::chunks;
use crate::ingest::decode::{self, Decoded};
use crate::ingest::text_record::Marks;
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
    /// The file ends with them.
    pub(super) is_last: bool,
}

impl Window {
    /// Its text.
    pub(super) fn decoded(&self) -> Decoded<'_> {
        decode::window(&self.bytes, self.mark, self.from)
    }

    /// Whether only the whole file tells what its text is: it is packed, or a mark says that it is no UTF-8.
    pub(super) fn is_in_disguise(&self) -> bool {
        unpack::is_packed(&self.bytes) || MARKS_OF_UTF16.iter().any(|mark| self.bytes.starts_with(mark))
    }

    /// Whether it holds nothing: then the file is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// A file while its windows are taken.
pub(super) struct Windows {
    file: File,
    marks: Marks,
    /// No record may be longer; a window with a longer one is no record's end.
    longest: usize,
    digest: Sha256,
    /// Bytes that were read.
    read: u64,
    /// Bytes behind the last window's records.
    rest: Vec<u8>,
    line: u32,
    is_done: bool,
    /// Room of windows that nobody needs any more.
    spare: Vec<Vec<u8>>,
}

impl Windows {
    /// Nothing is read yet. `longest` is the limit of a record's bytes.
    pub(super) fn new(file: File, marks: Marks, longest: u64) -> Windows {
        Windows {
            file,
            marks,
            // The line end, and one byte more to tell that a record goes on.
            longest: usize::try_from(longest).unwrap_or(usize::MAX).saturating_add(3),
            digest: Sha256::new(),
            read: 0,
            rest: Vec::new(),
            line: 1,
            is_done: false,
            spare: Vec::new(),
        }
    }

    /// The next windows, at most so many; none at the end of the file. An empty file is one empty window.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn take(&mut self, windows: usize) -> std::io::Result<Vec<Window>> {
        let mut taken = Vec::with_capacity(windows);
        while taken.len() < windows && !self.is_done {
            taken.push(self.next()?);
        }
        Ok(taken)
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
            self.is_done = self.fill(&mut bytes, chunks::PIECE)?;
        }
        Ok((self.read, self.digest.finalize()))
    }

    fn next(&mut self) -> std::io::Result<Window> {
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.append(&mut self.rest);
        let from = self.read - bytes.len() as u64;
        let mut size = chunks::PIECE.max(bytes.len());
        self.is_done = self.fill(&mut bytes, size)?;
        let mark = if from == 0 && bytes.starts_with(MARK_OF_UTF8) { MARK_OF_UTF8.len() } else { 0 };
        let mut end = self.end_in(&bytes, mark);
        while end.is_none() && bytes.len() < self.longest {
            size *= 2;
            self.is_done = self.fill(&mut bytes, size)?;
            end = self.end_in(&bytes, mark);
        }
        // Without an end, a record is longer than it may be: whoever reads the window says so.
        let end = end.unwrap_or(bytes.len());
        self.rest.extend_from_slice(&bytes[end..]);
        bytes.truncate(end);
        let line = self.line;
        self.line += chunks::line_ends(&bytes);
        Ok(Window { bytes, mark, from, line, is_last: self.is_done })
    }

    /// The end of the last record; of the file, where it ends.
    fn end_in(&self, bytes: &[u8], mark: usize) -> Option<usize> {
        if self.is_done { Some(bytes.len()) } else { chunks::last_end(&bytes[mark..], self.marks).map(|end| mark + end) }
    }

    /// Reads until there are `size` bytes. Says whether the file ends with them.
    fn fill(&mut self, bytes: &mut Vec<u8>, size: usize) -> std::io::Result<bool> {
        let known = bytes.len();
        let wanted = (size - known) as u64;
        bytes.reserve_exact(size - known);
        let read = self.file.by_ref().take(wanted).read_to_end(bytes)?;
        self.digest.update(&bytes[known..]);
        self.read += read as u64;
        Ok((read as u64) < wanted)
    }
}
