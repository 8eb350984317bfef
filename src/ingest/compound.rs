//! Compound files: the streams of an XLS workbook, before the library opens it.

/// Marks the end of a chain, and sectors that are none.
const LAST_SECTOR: u32 = 0xFFFF_FFFA;
const MINI_SECTOR: usize = 64;
const DIRECTORY_ENTRY: usize = 128;

/// A compound file: streams in chains of sectors.
pub(super) struct Compound<'b> {
    bytes: &'b [u8],
    sector: usize,
    /// The sector that follows each one.
    next: Vec<u32>,
}

/// One stream as the directory names it.
struct Entry {
    name: String,
    kind: u8,
    start: u32,
    size: u64,
}

impl<'b> Compound<'b> {
    /// Reads the table of sectors; `None` when the file does not hold together.
    pub(super) fn open(bytes: &'b [u8]) -> Option<Compound<'b>> {
        let shift = word(bytes, 30)?;
        if !matches!(shift, 9 | 12) {
            return None;
        }
        let mut file = Compound { bytes, sector: 1 << shift, next: Vec::new() };
        let mut tables: Vec<u32> = words(bytes.get(76..512)?);
        let mut more = long(bytes, 68)?;
        let mut left = bytes.len() / file.sector + 1;
        while more < LAST_SECTOR {
            left = left.checked_sub(1)?;
            let mut table = words(file.content(more)?);
            more = table.pop()?;
            tables.extend(table);
        }
        for table in tables.into_iter().filter(|table| *table < LAST_SECTOR) {
            let table = words(file.content(table)?);
            file.next.extend(table);
        }
        Some(file)
    }

    /// The streams with one of these names.
    pub(super) fn streams(&self, names: &[&str]) -> Option<Vec<Vec<u8>>> {
        let directory = self.chain(long(self.bytes, 48)?)?;
        let entries: Vec<Entry> = directory.chunks_exact(DIRECTORY_ENTRY).filter_map(Entry::read).collect();
        let cutoff = u64::from(long(self.bytes, 56)?);
        let root = entries.iter().find(|entry| entry.kind == 5)?;
        let wanted = entries.iter().filter(|entry| entry.kind == 2 && names.contains(&entry.name.as_str()));
        wanted
            .map(|entry| {
                let size = usize::try_from(entry.size).ok()?;
                let mut stream =
                    if entry.size < cutoff { self.mini_chain(entry.start, root)? } else { self.chain(entry.start)? };
                stream.truncate(size);
                Some(stream)
            })
            .collect()
    }

    fn content(&self, sector: u32) -> Option<&'b [u8]> {
        let from = (sector as usize + 1).checked_mul(self.sector)?;
        self.bytes.get(from..(from + self.sector).min(self.bytes.len())).filter(|content| !content.is_empty())
    }

    fn chain(&self, start: u32) -> Option<Vec<u8>> {
        let (mut content, mut sector, mut left) = (Vec::new(), start, self.next.len() + 1);
        while sector < LAST_SECTOR {
            left = left.checked_sub(1)?;
            content.extend_from_slice(self.content(sector)?);
            sector = *self.next.get(sector as usize)?;
        }
        Some(content)
    }

    /// A small stream lies in pieces within the stream of the root.
    fn mini_chain(&self, start: u32, root: &Entry) -> Option<Vec<u8>> {
        let (pieces, next) = (self.chain(root.start)?, words(&self.chain(long(self.bytes, 60)?)?));
        let (mut content, mut piece, mut left) = (Vec::new(), start, next.len() + 1);
        while piece < LAST_SECTOR {
            left = left.checked_sub(1)?;
            let from = piece as usize * MINI_SECTOR;
            content.extend_from_slice(pieces.get(from..(from + MINI_SECTOR).min(pieces.len()))?);
            piece = *next.get(piece as usize)?;
        }
        Some(content)
    }
}

impl Entry {
    fn read(bytes: &[u8]) -> Option<Entry> {
        let length = usize::from(word(bytes, 64)?).checked_sub(2)?;
        let units: Vec<u16> =
            bytes.get(..length)?.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
        Some(Entry {
            name: String::from_utf16_lossy(&units),
            kind: *bytes.get(66)?,
            start: long(bytes, 116)?,
            size: u64::from(long(bytes, 120)?),
        })
    }
}

/// Two bytes, the lower first.
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// Four bytes, the lowest first.
pub(super) fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}
