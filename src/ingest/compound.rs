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
/// Where an entry of the directory names the top of what it holds.
const CHILD: usize = 76;
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

/// A stream or a storage as the directory names it.
struct Entry {
    name: String,
    kind: u8,
    /// Its neighbours in the tree of the storage that holds it, by their numbers in the directory.
    left: u32,
    right: u32,
    /// The top of the tree of what it holds itself.
    child: u32,
    start: u32,
    size: u64,
}

/// Kinds of entries.
const STREAM: u8 = 2;
const ROOT: u8 = 5;

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

    /// The stream of the root with the first of these names that there is. A storage within it holds an object that is put into the
    /// file, with streams of its own.
    ///
    /// # Errors
    /// A file without any, with two of one name, or one that does not hold together.
    pub(super) fn stream(&mut self, names: &[&str]) -> Result<Vec<u8>, &'static str> {
        let directory = long(self.bytes, 48).and_then(|start| self.chain(start, usize::MAX)).ok_or(LOOSE)?;
        let entries: Vec<Option<Entry>> = directory.chunks_exact(DIRECTORY_ENTRY).map(Entry::read).collect();
        let root = entries.iter().flatten().find(|entry| entry.kind == ROOT).ok_or(LOOSE)?;
        let streams = held_by(root, &entries);
        let named = |name: &str| {
            streams.iter().copied().filter(|entry| entry.name.eq_ignore_ascii_case(name)).collect::<Vec<&Entry>>()
        };
        let found = names.iter().map(|name| named(name)).find(|found| !found.is_empty());
        match found.as_deref() {
            None => Err("no workbook in the compound file"),
            Some([entry]) => self.content_of(entry, root).ok_or("its streams do not hold together"),
            Some(_) => Err("two streams of one name"),
        }
    }

    fn content_of(&mut self, entry: &Entry, root: &Entry) -> Option<Vec<u8>> {
        let size = usize::try_from(entry.size).ok()?;
        if entry.size >= u64::from(long(self.bytes, 56)?) {
            // A stream of a known size is all there.
            return self.chain(entry.start, size).filter(|content| content.len() == size);
        }
        // A small stream lies in pieces within the stream of the root, whose end may be cut off: all of this one must be there.
        let pieces = self.chain(root.start, usize::try_from(root.size).ok()?)?;
        let start = long(self.bytes, 60)?;
        let next = words(&self.chain(start, usize::MAX)?);
        let (mut content, mut piece, mut left) = (Vec::new(), entry.start, next.len() + 1);
        while content.len() < size {
            left = left.checked_sub(1)?;
            let from = (piece as usize).checked_mul(MINI_SECTOR)?;
            let most = MINI_SECTOR.min(size - content.len());
            content.extend_from_slice(pieces.get(from..from.checked_add(most)?)?);
            piece = *next.get(piece as usize)?;
        }
        Some(content)
    }

    /// The content of a sector that nobody has read.
    fn take(&mut self, sector: u32) -> Option<&'b [u8]> {
        let taken = self.taken.get_mut(sector as usize).filter(|taken| !**taken)?;
        *taken = true;
        let from = (sector as usize + 1).checked_mul(self.sector)?;
        self.bytes.get(from..(from + self.sector).min(self.bytes.len())).filter(|content| !content.is_empty())
    }

    /// The content of a chain of sectors, at most of this size. The last sector of the file may be cut off, at the end of its chain.
    fn chain(&mut self, start: u32, size: usize) -> Option<Vec<u8>> {
        let (mut content, mut sector) = (Vec::new(), start);
        while sector < LAST_SECTOR && content.len() < size {
            if content.len() % self.sector != 0 {
                return None;
            }
            content.extend_from_slice(self.take(sector)?);
            sector = *self.next.get(sector as usize)?;
        }
        content.truncate(size);
        Some(content)
    }
}

/// The streams that a storage holds itself; those of all storages where the directory is a mere list.
fn held_by<'e>(storage: &Entry, entries: &'e [Option<Entry>]) -> Vec<&'e Entry> {
    let is_stream = |entry: &&Entry| entry.kind == STREAM;
    if entries.get(storage.child as usize).is_none() {
        return entries.iter().flatten().filter(is_stream).collect();
    }
    let (mut streams, mut open, mut seen) = (Vec::new(), vec![storage.child as usize], vec![false; entries.len()]);
    while let Some(number) = open.pop() {
        let Some(Some(entry)) = entries.get(number).filter(|_| !std::mem::replace(&mut seen[number], true)) else {
            continue;
        };
        streams.extend(Some(entry).filter(is_stream));
        open.extend([entry.left as usize, entry.right as usize]);
    }
    streams
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
    let mut directory = [entry("Root Entry", ROOT, 0, 0), entry(name, STREAM, first + 1, stream.len() as u64)].concat();
    directory[CHILD..CHILD + 4].copy_from_slice(&1_u32.to_le_bytes());
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
            left: long(bytes, 68)?,
            right: long(bytes, 72)?,
            child: long(bytes, CHILD)?,
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
            put(file, directory + 128 + 72, 2);
        });
        assert_eq!(twice, Some("two streams of one name"));
        assert!(refused(&|file| put(file, directory + 128 + 120, 1 << 30)).is_some());
    }

    /// A file with sectors of 512 bytes: table, directory, table of pieces, and what they say; the root holds the entries from 1 on, each
    /// to the right of the one before it.
    fn with_pieces(entries: &[(&str, u8, u32, u64)], next_piece: &[u32], pieces: &[u8]) -> Vec<u8> {
        const SECTOR: usize = 512;
        let mut file = vec![0; SECTOR];
        file[..8].copy_from_slice(&SIGNATURE);
        for (at, value) in [(24, 0x3E_u16), (26, 3), (28, 0xFFFE), (30, 9), (32, 6)] {
            file[at..at + 2].copy_from_slice(&value.to_le_bytes());
        }
        for (at, value) in [(44, 1_u32), (48, 1), (56, 4096), (60, 3), (64, 1), (68, END_OF_CHAIN)] {
            file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        file[76..SECTOR].fill(0xFF);
        file[76..80].fill(0);
        let sectors = pieces.len().div_ceil(SECTOR) as u32;
        let chain = (4..4 + sectors).map(|sector| if sector + 1 == 4 + sectors { END_OF_CHAIN } else { sector + 1 });
        let next = [OF_TABLE, 2, END_OF_CHAIN, END_OF_CHAIN].into_iter().chain(chain).chain(std::iter::repeat(FREE));
        file.extend(next.take(SECTOR / 4).flat_map(u32::to_le_bytes));
        let root = entry("Root Entry", ROOT, 4, pieces.len() as u64);
        let mut directory =
            [root, entries.iter().flat_map(|(name, kind, start, size)| entry(name, *kind, *start, *size)).collect()]
                .concat();
        directory[CHILD..CHILD + 4].copy_from_slice(&1_u32.to_le_bytes());
        for number in 1..entries.len() {
            let right = number * DIRECTORY_ENTRY + 72;
            directory[right..right + 4].copy_from_slice(&(number as u32 + 1).to_le_bytes());
        }
        directory.resize(2 * SECTOR, 0);
        file.extend(directory);
        file.extend(
            next_piece.iter().copied().chain(std::iter::repeat(FREE)).take(SECTOR / 4).flat_map(u32::to_le_bytes),
        );
        file.extend(pieces);
        file
    }

    const WORKBOOK: (&str, u8, u32, u64) = ("Workbook", STREAM, 0, 100);

    /// The stream of the root ends before its size says, behind the stream that is read; no byte of that one may lack.
    #[test]
    fn a_last_sector_that_is_not_filled_up() {
        let pieces = stream(1_200);
        let read = |next: &[u32], cut: usize| {
            let file = with_pieces(&[WORKBOOK], next, &pieces);
            Compound::open(&file[..file.len() - cut]).and_then(|mut file| file.stream(&["Workbook"]))
        };
        assert_eq!(read(&[1, END_OF_CHAIN], 0).unwrap(), pieces[..100]);
        assert_eq!(read(&[1, END_OF_CHAIN], 11).unwrap(), pieces[..100]);
        assert_eq!(read(&[1, END_OF_CHAIN], 175).unwrap(), pieces[..100]);
        // a whole sector is not there
        assert_eq!(read(&[1, END_OF_CHAIN], 176).err(), Some("its streams do not hold together"));
        // The rest lies in the last piece of all, of which 48 bytes are there: 36 are needed.
        assert_eq!(read(&[18, 0], 0).unwrap(), [&pieces[..64], &pieces[1_152..1_188]].concat());
        assert_eq!(read(&[18, 0], 12).unwrap(), [&pieces[..64], &pieces[1_152..1_188]].concat());
        assert_eq!(read(&[18, 0], 13).err(), Some("its streams do not hold together"));
    }

    /// A sector that is cut off within a chain would move whatever follows it.
    #[test]
    fn a_sector_that_is_cut_off_ends_its_chain() {
        let mut file = with_pieces(&[WORKBOOK], &[1, END_OF_CHAIN], &stream(1_200));
        // the chain of the root begins with its last sector
        let next = |from: usize| 512 + 4 * from;
        file[512 * 2 + 116..512 * 2 + 120].copy_from_slice(&6_u32.to_le_bytes());
        file[next(6)..next(6) + 4].copy_from_slice(&4_u32.to_le_bytes());
        file[next(5)..next(5) + 4].copy_from_slice(&END_OF_CHAIN.to_le_bytes());
        let read = Compound::open(&file).and_then(|mut file| file.stream(&["Workbook"]));
        assert_eq!(read.err(), Some("its streams do not hold together"));
    }

    /// Streams of objects that are put into the file have names of their own.
    #[test]
    fn streams_of_other_storages_are_passed_over() {
        const STORAGE: u8 = 1;
        let pieces = stream(1_024);
        let of = |entries: &[(&str, u8, u32, u64)], root_has: u32, object_has: u32| {
            let mut file = with_pieces(entries, &[1, END_OF_CHAIN, 3, END_OF_CHAIN], &pieces);
            let directory = 512 * 2;
            // the object is the first entry, and holds one that is to the right of nothing else
            let put =
                |file: &mut Vec<u8>, at: usize, value: u32| file[at..at + 4].copy_from_slice(&value.to_le_bytes());
            put(&mut file, directory + CHILD, root_has);
            put(&mut file, directory + DIRECTORY_ENTRY + CHILD, object_has);
            for number in 1..=entries.len() {
                put(&mut file, directory + number * DIRECTORY_ENTRY + 72, FREE);
            }
            put(&mut file, directory + DIRECTORY_ENTRY + 72, if object_has == 2 { 3 } else { 2 });
            Compound::open(&file).and_then(|mut file| file.stream(&["Workbook", "Book"]))
        };
        let object = ("MBD0001", STORAGE, 0, 0);
        let other = ("WORKBOOK", STREAM, 2, 100);
        assert_eq!(of(&[object, other, WORKBOOK], 1, 2).unwrap(), pieces[..100]);
        assert_eq!(of(&[object, other, WORKBOOK], 1, 3).unwrap(), pieces[128..228]);
        // a name of the object does not come before another of the root
        assert_eq!(of(&[object, other, ("Book", STREAM, 0, 100)], 1, 2).unwrap(), pieces[..100]);
        assert_eq!(of(&[object, other, ("x", STREAM, 0, 100)], 1, 2).err(), Some("no workbook in the compound file"));
        // a directory without a tree is a list
        assert_eq!(of(&[object, ("x", STREAM, 2, 9), WORKBOOK], FREE, FREE).unwrap(), pieces[..100]);
        assert_eq!(of(&[object, other, WORKBOOK], FREE, FREE).err(), Some("two streams of one name"));
    }
}
