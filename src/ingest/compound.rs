//! Compound files: a stream of one, read by a survey that takes no sector twice; and the smallest one that holds a stream.

/// Marks the end of a chain, and sectors that are none.
const LAST_SECTOR: u32 = 0xFFFF_FFFA;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;
const OF_TABLE: u32 = 0xFFFF_FFFD;
const HEADER: usize = 512;
/// Tables of sectors that the header names itself.
const TABLES: usize = 109;
const MINI_SECTOR: usize = 64;
const DIRECTORY_ENTRY: usize = 128;
const SIGNATURE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// A compound file: streams in chains of sectors.
pub(super) struct Compound<'b> {
    bytes: &'b [u8],
    sector: usize,
    /// The sector that follows each one.
    next: Vec<u32>,
    /// Sectors that were read. None is read twice: so the survey takes as long as the file is.
    taken: Vec<bool>,
}

/// One stream as the directory names it.
struct Entry {
    name: String,
    kind: u8,
    start: u32,
    size: u64,
}

const LOOSE: &str = "its sectors do not hold together";

impl<'b> Compound<'b> {
    /// Reads the table of sectors.
    ///
    /// # Errors
    /// A file that does not hold together.
    pub(super) fn open(bytes: &'b [u8]) -> Result<Compound<'b>, &'static str> {
        let mut file = Compound { bytes, sector: HEADER, next: Vec::new(), taken: Vec::new() };
        file.read_tables().ok_or(LOOSE)?;
        Ok(file)
    }

    fn read_tables(&mut self) -> Option<()> {
        let shift = word(self.bytes, 30).filter(|shift| matches!(shift, 9 | 12))?;
        self.sector = 1 << shift;
        self.taken = vec![false; self.bytes.len().div_ceil(self.sector)];
        let mut tables: Vec<u32> = words(self.bytes.get(76..HEADER)?);
        let mut more = long(self.bytes, 68)?;
        while more < LAST_SECTOR {
            let mut table = words(self.take(more)?);
            more = table.pop()?;
            tables.extend(table);
        }
        // What stands behind the tables that the header counts is none.
        let counted = long(self.bytes, 44)? as usize;
        let tables = tables.into_iter().take(if counted == 0 { usize::MAX } else { counted });
        for table in tables.filter(|table| *table < LAST_SECTOR) {
            let table = words(self.take(table)?);
            self.next.extend(table);
        }
        Some(())
    }

    /// The stream with the first of these names that there is.
    ///
    /// # Errors
    /// A file without any, with two of one name, or one that does not hold together.
    pub(super) fn stream(&mut self, names: &[&str]) -> Result<Vec<u8>, &'static str> {
        let directory = long(self.bytes, 48).and_then(|start| self.chain(start, usize::MAX)).ok_or(LOOSE)?;
        let entries: Vec<Entry> = directory.chunks_exact(DIRECTORY_ENTRY).filter_map(Entry::read).collect();
        let named = |name: &str| {
            entries.iter().filter(|entry| entry.kind == 2 && entry.name.eq_ignore_ascii_case(name)).collect::<Vec<_>>()
        };
        let found = names.iter().map(|name| named(name)).find(|found| !found.is_empty());
        match found.as_deref() {
            None => Err("no workbook in the compound file"),
            Some([entry]) => self.content_of(entry, &entries).ok_or("its streams do not hold together"),
            Some(_) => Err("two streams of one name"),
        }
    }

    fn content_of(&mut self, entry: &Entry, entries: &[Entry]) -> Option<Vec<u8>> {
        let size = usize::try_from(entry.size).ok()?;
        if entry.size >= u64::from(long(self.bytes, 56)?) {
            return self.chain(entry.start, size);
        }
        // A small stream lies in pieces within the stream of the root.
        let root = entries.iter().find(|entry| entry.kind == 5)?;
        let pieces = self.chain(root.start, usize::try_from(root.size).ok()?)?;
        let start = long(self.bytes, 60)?;
        let next = words(&self.chain(start, usize::MAX)?);
        let (mut content, mut piece, mut left) = (Vec::new(), entry.start, next.len() + 1);
        while content.len() < size {
            left = left.checked_sub(1)?;
            let from = (piece as usize).checked_mul(MINI_SECTOR)?;
            content.extend_from_slice(pieces.get(from..(from + MINI_SECTOR).min(pieces.len()))?);
            piece = *next.get(piece as usize)?;
        }
        content.truncate(size);
        Some(content)
    }

    /// The content of a sector that nobody has read.
    fn take(&mut self, sector: u32) -> Option<&'b [u8]> {
        let taken = self.taken.get_mut(sector as usize).filter(|taken| !**taken)?;
        *taken = true;
        let from = (sector as usize + 1).checked_mul(self.sector)?;
        self.bytes.get(from..(from + self.sector).min(self.bytes.len())).filter(|content| !content.is_empty())
    }

    fn chain(&mut self, start: u32, size: usize) -> Option<Vec<u8>> {
        let (mut content, mut sector) = (Vec::new(), start);
        while sector < LAST_SECTOR && content.len() < size {
            content.extend_from_slice(self.take(sector)?);
            sector = *self.next.get(sector as usize)?;
        }
        content.truncate(size);
        // A stream of a known size is all there.
        (size == usize::MAX || content.len() == size).then_some(content)
    }
}

/// The smallest compound file with a stream of this name, or `None` where the stream is too large for one. A short stream is filled up.
pub(super) fn holding(name: &str, mut stream: Vec<u8>) -> Option<Vec<u8>> {
    const SECTOR: usize = 4096;
    const ENTRIES: usize = SECTOR / 4;
    stream.resize(stream.len().max(SECTOR).next_multiple_of(SECTOR), 0);
    let sectors = stream.len() / SECTOR;
    let mut tables = 1;
    while tables * ENTRIES < tables + 1 + sectors {
        tables += 1;
    }
    if tables > TABLES {
        return None;
    }
    let mut file = vec![0; SECTOR];
    file[..8].copy_from_slice(&SIGNATURE);
    // minor and major version, byte order, sizes of sectors and pieces
    for (at, value) in [(24, 0x3E_u16), (26, 4), (28, 0xFFFE), (30, 12), (32, 6)] {
        file[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    let first = tables as u32;
    // sectors of the directory, of the tables; where the directory begins; the size from which a stream has sectors of its own
    for (at, value) in [(40, 1), (44, first), (48, first), (56, SECTOR as u32), (60, END_OF_CHAIN), (68, END_OF_CHAIN)]
    {
        file[at..at + 4].copy_from_slice(&u32::to_le_bytes(value));
    }
    let named = (0..TABLES).map(|table| if table < tables { table as u32 } else { FREE });
    for (place, table) in named.enumerate() {
        file[76 + 4 * place..][..4].copy_from_slice(&table.to_le_bytes());
    }
    let last = first + sectors as u32;
    let chain = (first + 1..=last).map(|sector| if sector == last { END_OF_CHAIN } else { sector + 1 });
    let next = std::iter::repeat_n(OF_TABLE, tables).chain([END_OF_CHAIN]).chain(chain).chain(std::iter::repeat(FREE));
    file.extend(next.take(tables * ENTRIES).flat_map(u32::to_le_bytes));
    let directory = [entry("Root Entry", 5, 0, 0), entry(name, 2, first + 1, stream.len() as u64)].concat();
    file.extend(directory);
    file.resize(SECTOR * (tables + 2), 0);
    file.extend(stream);
    Some(file)
}

fn entry(name: &str, kind: u8, start: u32, size: u64) -> Vec<u8> {
    let mut entry = vec![0; DIRECTORY_ENTRY];
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    entry[..name.len()].copy_from_slice(&name);
    entry[64..66].copy_from_slice(&(name.len() as u16).to_le_bytes());
    (entry[66], entry[67]) = (kind, 1);
    entry[68..80].fill(0xFF);
    entry[116..120].copy_from_slice(&start.to_le_bytes());
    entry[120..128].copy_from_slice(&size.to_le_bytes());
    entry
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
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Four bytes, the lowest first.
pub(super) fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at * 7 % 251) as u8).collect()
    }

    #[test]
    fn a_stream_comes_out_as_it_went_in() {
        for length in [4_096, 4_097, 100_000, 5_000_000] {
            let content = stream(length);
            let file = holding("Workbook", content.clone()).unwrap();
            let read = Compound::open(&file).unwrap().stream(&["Workbook", "Book"]).unwrap();
            assert!(read[..length] == content && read[length..].iter().all(|byte| *byte == 0), "{length}");
        }
        assert!(holding("Workbook", vec![0; 1 << 29]).is_none());
    }

    /// Each sector stands in one chain, and each chain has an end.
    #[test]
    fn sectors_that_are_taken_twice_are_refused() {
        let sound = holding("Workbook", stream(20_000)).unwrap();
        let refused = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut file = sound.clone();
            change(&mut file);
            Compound::open(&file).and_then(|mut file| file.stream(&["Workbook"])).err()
        };
        assert_eq!(refused(&|_| ()), None);
        let put = |file: &mut Vec<u8>, at: usize, value: u32| file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        // one table named twice, a list of tables that goes round, a chain that goes round, a chain into the directory
        assert!(
            refused(&|file| {
                put(file, 44, 2);
                put(file, 80, 0)
            })
            .is_some()
        );
        assert!(refused(&|file| put(file, 68, 0)).is_some());
        assert!(refused(&|file| put(file, 4096 + 4 * 3, 2)).is_some());
        assert!(refused(&|file| put(file, 4096 + 4 * 3, 1)).is_some());
        let directory = 4096 * 2;
        let twice = refused(&|file| {
            let entry = file[directory + 128..directory + 256].to_vec();
            file[directory + 256..directory + 384].copy_from_slice(&entry);
        });
        assert_eq!(twice, Some("two streams of one name"));
        assert!(refused(&|file| put(file, directory + 128 + 120, 1 << 30)).is_some());
    }
}
