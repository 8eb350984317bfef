//! Compressed files made and taken apart for tests.

use std::io::{Cursor, Read as _, Write as _};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

pub(in crate::ingest) fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(text.as_ref()).unwrap();
    writer.finish().unwrap()
}

/// An archive, or the package of a workbook: its parts in their order.
pub(in crate::ingest) fn zip<N: AsRef<str>, C: AsRef<[u8]>>(parts: &[(N, C)]) -> Vec<u8> {
    zip_by(parts, || CompressionMethod::Deflated)
}

/// The same, each part by the next method.
pub(in crate::ingest) fn zip_by<N: AsRef<str>, C: AsRef<[u8]>>(
    parts: &[(N, C)],
    mut method: impl FnMut() -> CompressionMethod,
) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(method());
        writer.start_file(name.as_ref(), options).unwrap();
        writer.write_all(content.as_ref()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Names and contents of the parts.
pub(in crate::ingest) fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.push((part.name().unwrap().into_owned(), content));
    }
    parts
}

/// The archive of one file, which says that it takes `claimed` compressed bytes and has room for them.
pub(in crate::ingest) fn lying(content: &[u8], claimed: u32) -> Vec<u8> {
    let mut bytes = zip(&[("a.csv", content)]);
    let find = |bytes: &[u8], mark: &[u8]| memchr::memmem::find(bytes, mark).unwrap();
    let number = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let directory = find(&bytes, b"PK\x01\x02");
    let real = number(&bytes, directory + 20);
    bytes[18..22].copy_from_slice(&claimed.to_le_bytes());
    bytes[directory + 20..directory + 24].copy_from_slice(&claimed.to_le_bytes());
    let room = (claimed - real) as usize;
    bytes.splice(directory..directory, std::iter::repeat_n(0, room));
    let end = find(&bytes, b"PK\x05\x06") + 16;
    let moved = number(&bytes, end) + room as u32;
    bytes[end..end + 4].copy_from_slice(&moved.to_le_bytes());
    bytes
}
