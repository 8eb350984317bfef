//! A workbook's package: what the file really is, its parts by name, and the bounds within which they are inflated. A declared size
//! is believed only when it is too large.

use std::io::Read;

use crate::diagnose::Diagnostic;
use crate::ingest::bounds;
use crate::ingest::counted::{Consumed, Counted};
use crate::ingest::library::OfLibrary;
use crate::ingest::refusal::{self, About};
use crate::ingest::signature::{self, Foreign, OLE};
use crate::pipeline::limits::Limits;

/// A document type declaration can stand only before the root element.
const PROLOG: u64 = 64 << 10;
/// So much is inflated at a time.
const PIECE: u64 = 256 << 10;

/// A workbook's package: its parts by name, inflated one at a time, by whoever reads them, and never beyond the bounds.
pub(super) struct Package<'b> {
    archive: zip::ZipArchive<Counted<'b>>,
    /// Bytes of it that were really read.
    consumed: Consumed,
    path: &'b str,
    limits: Limits,
    /// Name and value of the limit of all parts together.
    total: (&'static str, u64),
    /// Bytes that all parts have inflated to so far.
    inflated: u64,
}

impl<'b> Package<'b> {
    /// Opens a package and refuses what is none, what declares to break a bound, and what holds a document type declaration.
    ///
    /// # Errors
    /// The refusal; its exit is `Limit` for a bound.
    pub(super) fn open(bytes: &'b [u8], path: &'b str, limits: Limits) -> Result<Package<'b>, Box<Diagnostic>> {
        if is_encrypted(bytes) {
            return Err(protected(path));
        }
        if let Some(foreign) = sniffed(bytes) {
            return Err(About {
                code: "XLS404",
                message: "not a workbook that is read",
                found: foreign.is.to_owned(),
                expected: "a workbook as XLSX, XLSM, XLSB, ODS or XLS".into(),
                help: foreign.help.to_owned(),
            }
            .refuse(refusal::file(path)));
        }
        let packed = Counted::new(bytes);
        let consumed = packed.consumed();
        let archive = zip::ZipArchive::new(packed).map_err(|error| unreadable_archive(path, &error))?;
        let total = ("inflated_bytes", limits.inflated_bytes);
        let mut package = Package { archive, consumed, path, limits, total, inflated: 0 };
        package.check_names()?;
        for index in 0..package.archive.len() {
            package.check_head(index)?;
        }
        Ok(package)
    }

    /// Refuses a workbook of more sheets than it may have parts.
    pub(super) fn check_sheets(&self, sheets: usize) -> Result<(), Box<Diagnostic>> {
        if sheets as u64 <= self.limits.entries {
            return Ok(());
        }
        Err(bounds::over("entries", format!("{sheets} sheets"), self.limits.entries, refusal::file(self.path)))
    }

    /// The package, for a reader that holds all of it at once: it may inflate to less.
    pub(super) fn read_whole(mut self) -> Package<'b> {
        self.total = ("inflated_whole_bytes", self.limits.inflated_whole_bytes);
        self
    }

    /// Inflates all parts, for a reader that inflates them by itself later: only then are the bounds known to hold. The visitor sees each
    /// part by name while it is inflated, takes away what it need not see again, and is told of its end.
    ///
    /// # Errors
    /// The refusal; its exit is `Limit` for a bound.
    pub(super) fn visit_all(mut self, mut visit: impl FnMut(&str, &mut Vec<u8>, bool)) -> Result<(), Box<Diagnostic>> {
        let mut content = Vec::new();
        for index in 0..self.archive.len() {
            let mut part = self.part_at(index)?;
            content.clear();
            while part.read_more(&mut content)? {
                visit(&part.name, &mut content, false);
            }
            visit(&part.name, &mut content, true);
        }
        Ok(())
    }

    /// The part of a name, ready to be inflated; names differ by more than case.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Part<'_, 'b>>, Box<Diagnostic>> {
        let index = self.archive.index_for_name(name).or_else(|| {
            let mut names = self.archive.file_names();
            names.position(|other| other.is_ok_and(|other| other.eq_ignore_ascii_case(name)))
        });
        index.map(|index| self.part_at(index)).transpose()
    }

    /// The whole text of a part.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Box<Diagnostic>> {
        let path = self.path;
        let Some(mut part) = self.part(name)? else { return Ok(None) };
        let mut content = Vec::new();
        while part.read_more(&mut content)? {}
        let text =
            String::from_utf8(content).map_err(|_| damaged(path, &format!("{} is no UTF-8", refusal::short(name))))?;
        Ok(Some(text))
    }

    fn part_at(&mut self, index: usize) -> Result<Part<'_, 'b>, Box<Diagnostic>> {
        let path = self.path;
        let file = self.archive.by_index(index).map_err(|error| unreadable_archive(path, &error))?;
        let name = file.name().map_err(|error| unreadable_archive(path, &error))?.into_owned();
        Ok(Part {
            declared: file.compressed_size(),
            consumed: self.consumed.clone(),
            before: self.consumed.get(),
            file,
            name,
            path,
            limits: &self.limits,
            total: self.total,
            size: 0,
            inflated: &mut self.inflated,
            is_first: true,
            utf16: None,
        })
    }

    fn check_names(&mut self) -> Result<(), Box<Diagnostic>> {
        let path = self.path;
        let parts = self.archive.len() as u64;
        if parts > self.limits.entries {
            return Err(bounds::over("entries", format!("{parts} parts"), self.limits.entries, refusal::file(path)));
        }
        for name in self.archive.file_names() {
            let name = name.map_err(|error| unreadable_archive(path, &error))?;
            if name.contains('\\') || name.split('/').any(|step| step == "..") {
                return Err(damaged(path, &format!("a part named `{}`", refusal::short(&name))));
            }
        }
        if self.archive.has_duplicate_names() {
            return Err(damaged(path, "two parts of one name"));
        }
        match self.archive.has_overlapping_entries() {
            Ok(false) => Ok(()),
            Ok(true) => Err(damaged(path, "parts that overlap")),
            Err(error) => Err(unreadable_archive(path, &error)),
        }
    }

    /// A part that says itself that it breaks a bound is believed; so is the beginning of every XML part.
    fn check_head(&mut self, index: usize) -> Result<(), Box<Diagnostic>> {
        let mut part = self.part_at(index)?;
        part.check_size(part.file.size(), part.declared)?;
        if !is_xml(&part.name) {
            return Ok(());
        }
        let mut head = Vec::new();
        part.inflate(PROLOG, &mut head)?;
        if memchr::memmem::find(&head, b"<!DOCTYPE").is_some() {
            return Err(damaged(part.path, &format!("a document type declaration in {}", part.name)));
        }
        Ok(())
    }
}

/// A part while it is inflated.
pub(super) struct Part<'a, 'b> {
    file: zip::read::ZipFile<'a, Counted<'b>>,
    name: String,
    path: &'a str,
    /// Its compressed bytes, as the package says.
    declared: u64,
    /// Bytes of the package that were read by now, and before the part.
    consumed: Consumed,
    before: u64,
    limits: &'a Limits,
    total: (&'static str, u64),
    /// Bytes inflated so far, of this part and of all.
    size: u64,
    inflated: &'a mut u64,
    /// Nothing was inflated so far.
    is_first: bool,
    /// What makes UTF-8 of XML in the other encoding that the format knows.
    utf16: Option<encoding_rs::Decoder>,
}

impl Part<'_, '_> {
    /// Appends the next bytes; `false` at the end, where the checksum has been compared.
    ///
    /// # Errors
    /// A damaged part, or one beyond a bound.
    pub(super) fn read_more(&mut self, into: &mut Vec<u8>) -> Result<bool, Box<Diagnostic>> {
        let read = self.inflate(PIECE, into)?;
        self.size += read;
        *self.inflated += read;
        self.check_size(self.size, self.consumed.get() - self.before)?;
        let (name, most) = self.total;
        if *self.inflated > most {
            let found = format!("{} bytes or more inflated", *self.inflated);
            return Err(bounds::over(name, found, most, refusal::file(self.path)));
        }
        Ok(read > 0)
    }

    /// Appends so many bytes, or fewer at the end; XML comes as UTF-8. Says how many were inflated.
    fn inflate(&mut self, most: u64, into: &mut Vec<u8>) -> Result<u64, Box<Diagnostic>> {
        let from = into.len();
        let read = (&mut self.file).take(most).read_to_end(into);
        let failed = |error: std::io::Error| {
            damaged(self.path, &format!("{} cannot be inflated: {}", refusal::short(&self.name), error.told()))
        };
        let read = read.map_err(failed)? as u64;
        if self.is_first && is_xml(&self.name) {
            self.utf16 = utf16_of(&into[from..]).map(encoding_rs::Encoding::new_decoder_with_bom_removal);
        }
        self.is_first = false;
        if let Some(decoder) = &mut self.utf16 {
            let written = into.split_off(from);
            let mut text = String::with_capacity(decoder.max_utf8_buffer_length(written.len()).unwrap_or(0));
            let (_, _, is_bad) = decoder.decode_to_string(&written, &mut text, read < most);
            if is_bad {
                return Err(damaged(self.path, &format!("{} is not sound UTF-16", refusal::short(&self.name))));
            }
            into.extend_from_slice(text.as_bytes());
        }
        if read < most {
            self.utf16 = None;
        }
        Ok(read)
    }

    fn check_size(&self, size: u64, compressed: u64) -> Result<(), Box<Diagnostic>> {
        let over = |name, most| {
            let found = format!("{} inflates from {compressed} to {size} bytes or more", refusal::short(&self.name));
            Err(bounds::over(name, found, most, refusal::file(self.path)))
        };
        if size > self.limits.inflated_part_bytes {
            return over("inflated_part_bytes", self.limits.inflated_part_bytes);
        }
        if size > self.limits.ratio_from_bytes && size / compressed.max(1) > self.limits.ratio {
            return over("ratio", self.limits.ratio);
        }
        Ok(())
    }
}

/// Whether a file is a package that was encrypted: then it lies in a compound file.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.starts_with(OLE) && memchr::memmem::find(bytes, &name).is_some()
}

/// The refusal of a workbook that only its password opens.
pub(super) fn protected(path: &str) -> Box<Diagnostic> {
    About {
        code: "XLS411",
        message: "a password-protected workbook",
        found: "a workbook that is encrypted with a password".into(),
        expected: "a workbook without a password".into(),
        help: "open it in a spreadsheet program and save it without a password, or export it again".into(),
    }
    .refuse(refusal::file(path))
}

/// The format of the file, when it is no package.
fn sniffed(bytes: &[u8]) -> Option<Foreign> {
    const LOOKED_AT: usize = 64 << 10;
    if bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    // A mark says that the text is UTF-16.
    let head = || encoding_rs::UTF_8.decode(&bytes[..bytes.len().min(LOOKED_AT)]).0;
    let help = "if it is delimited text, describe it by `[source.csv]`";
    let unknown = Foreign { is: "no package: perhaps delimited text", help };
    Some(signature::of_bytes(bytes).or_else(|| signature::of_text(&head())).unwrap_or(unknown))
}

/// The encoding of an XML text that begins with the mark of UTF-16, or with a `<` of two bytes.
fn utf16_of(text: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match text {
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => Some(encoding_rs::UTF_16LE),
        [0xFE, 0xFF, ..] | [0, b'<', ..] => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

fn is_xml(name: &str) -> bool {
    name.ends_with(".xml") || name.ends_with(".rels")
}

/// The refusal of a workbook that does not hold together.
pub(super) fn broken(path: &str, sheet: Option<&str>, error: &str) -> Box<Diagnostic> {
    About {
        code: "XLS403",
        message: "not a readable workbook",
        found: error.to_owned(),
        expected: "a workbook as spreadsheet programs write it, without a password".into(),
        help: "open the file in a spreadsheet program and save it as .xlsx".into(),
    }
    .refuse(refusal::sheet(path, sheet))
}

fn unreadable_archive(path: &str, error: &zip::result::ZipError) -> Box<Diagnostic> {
    damaged(path, &format!("its archive cannot be read: {}", error.told()))
}

/// The refusal of a workbook that is not put together as the format says.
pub(super) fn damaged(path: &str, found: &str) -> Box<Diagnostic> {
    About {
        code: "XLS405",
        message: "a damaged or hostile workbook",
        found: found.to_owned(),
        expected: "a workbook as spreadsheet programs write it".into(),
        help: "open the file in a spreadsheet program and save it as .xlsx".into(),
    }
    .refuse(refusal::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::Exit;
    use crate::ingest::tests::packages::{lying, zip};

    #[test]
    fn what_a_file_really_is() {
        let found = |bytes: &[u8]| Package::open(bytes, "a.xlsx", Limits::default()).err().unwrap().found;
        assert!(found(b"<html><table>").contains("HTML"));
        let compound = |stream: &str| {
            let name = stream.encode_utf16().flat_map(u16::to_le_bytes);
            signature::OLE.iter().copied().chain(name).collect::<Vec<u8>>()
        };
        assert!(found(&compound("Workbook")).contains("legacy .xls"));
        assert!(found(&compound("EncryptedPackage")).contains("password"));
        assert!(found(b"BZh91AY&SY").contains("bzip2"));
        let page: Vec<u8> = "\u{feff}<html>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(found(&page).contains("HTML"));
        assert!(found(b"a;b\n").contains("no package"));
    }

    fn check_all(package: Package<'_>) -> Result<(), Box<Diagnostic>> {
        package.visit_all(|_, content, _| content.clear())
    }

    fn refused(parts: &[(&str, &[u8])]) -> Exit {
        let bytes = zip(parts);
        let checked = Package::open(&bytes, "a.xlsx", Limits::default()).and_then(check_all);
        checked.map_or_else(|refusal| refusal.exit, |()| Exit::Clean)
    }

    #[test]
    fn bounds_hold() {
        let zeros = vec![0; 12 << 20];
        assert_eq!(refused(&[("xl/a.xml", &zeros)]), Exit::Limit);
        assert_eq!(refused(&[("xl/a.xml", b"<?xml?><!DOCTYPE a [<!ENTITY b 'c'>]><a/>")]), Exit::Refused);
        assert_eq!(refused(&[("xl/../../a.xml", b"<a/>")]), Exit::Refused);
        assert_eq!(refused(&[("xl/a.xml", b"<a/>")]), Exit::Clean);
    }

    /// No declared size is believed where it is small.
    #[test]
    fn a_part_that_lies_about_its_size_is_stopped_while_it_inflates() {
        let zeros = vec![0; 12 << 20];
        let mut bytes = zip(&[("xl/a.xml", &zeros)]);
        let size = (12_u32 << 20).to_le_bytes();
        while let Some(at) = memchr::memmem::find(&bytes, &size) {
            bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
        }
        let checked = Package::open(&bytes, "a.xlsx", Limits::default()).and_then(check_all);
        assert!(checked.is_err_and(|refusal| refusal.found.contains("larger than its declared")));
    }

    /// The ratio counts the bytes that were really read, whatever the package says of itself.
    #[test]
    fn a_part_that_lies_about_its_compressed_size_is_stopped_all_the_same() {
        let bytes = lying(&vec![b' '; 12 << 20], 1 << 20);
        let package = Package::open(&bytes, "a", Limits::default()).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let refusal = check_all(package).unwrap_err();
        assert_eq!(refusal.exit, Exit::Limit);
        assert!(refusal.expected.contains("`ratio`"), "{}", refusal.expected);
    }

    /// The format knows UTF-16 beside UTF-8.
    #[test]
    fn parts_in_utf_16_are_read() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>Číslo</a>";
        let large = format!("<a>{}</a>", "Číslo ".repeat(200_000));
        for (text, mark) in [(text, "\u{feff}"), (text, ""), (&large, "\u{feff}")] {
            let units: Vec<u16> = mark.encode_utf16().chain(text.encode_utf16()).collect();
            for bytes in [
                units.iter().copied().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
                units.iter().copied().flat_map(u16::to_be_bytes).collect(),
            ] {
                let bytes = zip(&[("xl/a.xml", &bytes)]);
                let mut package =
                    Package::open(&bytes, "a.xlsx", Limits::default()).unwrap_or_else(|refusal| panic!("{refusal:?}"));
                assert_eq!(package.text("xl/a.xml").unwrap().as_deref(), Some(text));
            }
        }
        let declared: Vec<u8> = "<!DOCTYPE a><a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(refused(&[("xl/a.xml", &declared)]), Exit::Refused);
        assert_eq!(refused(&[("xl/a.xml", &[0xFF, 0xFE, 0, 0xD8, b'a', 0])]), Exit::Refused);
    }

    #[test]
    fn a_name_is_found_whatever_its_case() {
        let bytes = zip(&[("xl/sharedStrings.xml", b"<sst/>")]);
        let mut package =
            Package::open(&bytes, "a.xlsx", Limits::default()).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        assert_eq!(package.text("xl/SharedStrings.xml").unwrap().as_deref(), Some("<sst/>"));
        assert!(package.text("xl/styles.xml").unwrap().is_none());
    }
}
