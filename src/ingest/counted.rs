//! The bytes of an archive, and how many of them were really read: what an archive says about its sizes is only a claim.

use std::cell::Cell;
use std::io::{Cursor, Read, Result, Seek, SeekFrom};
use std::rc::Rc;

/// Bytes in memory that count what is read of them.
pub(super) struct Counted<'b> {
    bytes: Cursor<&'b [u8]>,
    read: Consumed,
}

/// How many bytes were read so far, told to whoever does not hold the reader.
#[derive(Clone, Default)]
pub(super) struct Consumed(Rc<Cell<u64>>);

impl<'b> Counted<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Counted<'b> {
        Counted { bytes: Cursor::new(bytes), read: Consumed::default() }
    }

    pub(super) fn consumed(&self) -> Consumed {
        self.read.clone()
    }
}

impl Consumed {
    pub(super) fn get(&self) -> u64 {
        self.0.get()
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let read = self.bytes.read(into)?;
        self.read.0.set(self.read.0.get() + read as u64);
        Ok(read)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.bytes.seek(to)
    }
}
