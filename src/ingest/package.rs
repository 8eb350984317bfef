//! A workbook's package, looked at before anybody opens it: what the file really is, and whether it stays within bounds when it is
//! inflated. No declared size is believed.

use std::io::{Cursor, Read};

use crate::diagnose::{Diagnostic, Exit};
use crate::ingest::refusal::{self, About};

/// One part may inflate to this.
const PART_BYTES: u64 = 2 << 30;
/// All parts together may inflate to this.
const PACKAGE_BYTES: u64 = 4 << 30;
/// Beyond this size the ratio counts.
const RATIO_FROM: u64 = 10 << 20;
/// Inflated bytes per compressed byte.
const RATIO: u64 = 100;
/// Parts of a package.
const PARTS: usize = 10_000;
/// A document type declaration can stand only before the root element.
const PROLOG: usize = 64 << 10;

/// Refuses what is no workbook or breaks a bound.
///
/// # Errors
/// The refusal; its exit is `Limit` for a bound.
pub(super) fn check(bytes: &[u8], path: &str) -> Result<(), Box<Diagnostic>> {
    if let Some((is, help)) = sniffed(bytes) {
        return Err(About {
            code: "XLS404",
            message: "not an XLSX workbook",
            found: is.to_owned(),
            expected: "an XLSX workbook".into(),
            help: help.to_owned(),
        }
        .refuse(refusal::file(path)));
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(path, &error.to_string()))?;
    check_names(&mut archive, path)?;
    let mut total = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| damaged(path, &error.to_string()))?;
        total += check_part(part, path)?;
        if total > PACKAGE_BYTES {
            return Err(over(path, format!("more than {PACKAGE_BYTES} bytes inflated")));
        }
    }
    Ok(())
}

/// What the file is, when it is no package.
fn sniffed(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    if bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    if bytes.starts_with(OLE) {
        let utf16: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encrypted = bytes.windows(utf16.len()).any(|window| window == utf16);
        return Some(if encrypted {
            ("a workbook protected by a password", "save it without a password")
        } else {
            ("a legacy .xls workbook", "save it as .xlsx")
        });
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).to_ascii_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    Some(if head.starts_with("<!doctype html") || head.starts_with("<html") || head.contains("<table") {
        ("an HTML page", "export again as XLSX or CSV; many portals name an HTML table .xls or .xlsx")
    } else if head.starts_with("<?xml") {
        ("an XML text", "export again as XLSX or CSV")
    } else {
        ("no package", "if it is delimited text, describe it by `[source.csv]`")
    })
}

fn check_names(archive: &mut zip::ZipArchive<Cursor<&[u8]>>, path: &str) -> Result<(), Box<Diagnostic>> {
    if archive.len() > PARTS {
        return Err(over(path, format!("{} parts", archive.len())));
    }
    for name in archive.file_names() {
        let name = name.map_err(|error| damaged(path, &error.to_string()))?;
        if name.contains('\\') || name.split('/').any(|step| step == "..") {
            return Err(damaged(path, &format!("a part named `{name}`")));
        }
    }
    if archive.has_duplicate_names() {
        return Err(damaged(path, "two parts of one name"));
    }
    match archive.has_overlapping_entries() {
        Ok(false) => Ok(()),
        Ok(true) => Err(damaged(path, "parts that overlap")),
        Err(error) => Err(damaged(path, &error.to_string())),
    }
}

/// Inflates a part and returns its size.
fn check_part<R: Read>(mut part: zip::read::ZipFile<'_, R>, path: &str) -> Result<u64, Box<Diagnostic>> {
    let name = part.name().map_err(|error| damaged(path, &error.to_string()))?.into_owned();
    let compressed = part.compressed_size().max(1);
    let mut buffer = vec![0; PROLOG];
    let mut size: u64 = 0;
    loop {
        let read = part.read(&mut buffer).map_err(|error| damaged(path, &format!("{name}: {error}")))?;
        if read == 0 {
            return Ok(size);
        }
        if size < PROLOG as u64 && is_xml(&name) && buffer[..read].windows(9).any(|window| window == b"<!DOCTYPE") {
            return Err(damaged(path, &format!("a document type declaration in {name}")));
        }
        size += read as u64;
        if size > PART_BYTES || (size > RATIO_FROM && size / compressed > RATIO) {
            return Err(over(path, format!("{name} inflates from {compressed} to more than {size} bytes")));
        }
    }
}

fn is_xml(name: &str) -> bool {
    name.ends_with(".xml") || name.ends_with(".rels")
}

fn damaged(path: &str, found: &str) -> Box<Diagnostic> {
    About {
        code: "XLS405",
        message: "a damaged or hostile workbook",
        found: found.to_owned(),
        expected: "an XLSX workbook as spreadsheet programs write it".into(),
        help: "open the file in a spreadsheet program and save it as .xlsx".into(),
    }
    .refuse(refusal::file(path))
}

fn over(path: &str, found: String) -> Box<Diagnostic> {
    let about = About {
        code: "XLS406",
        message: "a workbook beyond the limits",
        found,
        expected: format!("parts of at most {PART_BYTES} bytes, inflated at most {RATIO}:1"),
        help: "split the export".into(),
    };
    Box::new(about.at(refusal::file(path), Exit::Limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn what_a_file_really_is() {
        let found = |bytes: &[u8]| check(bytes, "a.xlsx").unwrap_err().found;
        assert!(found(b"<html><table>").contains("HTML"));
        assert!(found(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...").contains("legacy"));
        let mut encrypted = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        assert!(found(&encrypted).contains("password"));
        assert!(found(b"a;b\n").contains("no package"));
    }

    #[test]
    fn bounds_hold() {
        let zeros = vec![0; 12 << 20];
        let error = check(&package(&[("xl/a.xml", &zeros)]), "a.xlsx").unwrap_err();
        assert_eq!(error.exit, Exit::Limit);
        let error =
            check(&package(&[("xl/a.xml", b"<?xml?><!DOCTYPE a [<!ENTITY b 'c'>]><a/>")]), "a.xlsx").unwrap_err();
        assert_eq!(error.exit, Exit::Refused);
        assert!(check(&package(&[("xl/../../a.xml", b"<a/>")]), "a.xlsx").is_err());
        assert!(check(&package(&[("xl/a.xml", b"<a/>")]), "a.xlsx").is_ok());
    }
}
