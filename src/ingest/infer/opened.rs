//! The bytes of an unknown file, as many as are looked at; within the limits of a source.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::diagnose::Diagnostic;
use crate::ingest::bounds;
use crate::ingest::refusal::{self, About};
use crate::pipeline::limits::Limits;

/// What begins so can only be looked at as a whole: compound files, packages, gzip.
const WHOLE: [&[u8]; 3] = [&[0xD0, 0xCF, 0x11, 0xE0], b"PK", &[0x1F, 0x8B]];

/// The bytes that are looked at, and the size of the file: of a text the `head` and a byte that says that more follows, of
/// a workbook or an archive all.
///
/// # Errors
/// A link, a folder, a pipe or a device; a file that cannot be read, or is beyond a limit.
pub(super) fn read(file: &Path, shown: &str, limits: &Limits, head: usize) -> Result<(Vec<u8>, u64), Box<Diagnostic>> {
    let failed = |error| refusal::unreadable(shown, &error);
    let data = file.symlink_metadata().map_err(failed)?;
    if !data.is_file() {
        let (found, help) = if data.is_symlink() {
            ("a link", "name the file that it points to")
        } else if data.is_dir() {
            ("a folder", "name the files in it")
        } else {
            ("a pipe or a device", "save what comes out of it as a file")
        };
        let (message, expected) = ("not a regular file", "a regular file".to_owned());
        let about = About { code: "FIL106", message, found: found.into(), expected, help: help.into() };
        return Err(about.refuse(refusal::file(shown)));
    }
    let over = |size| Err(bounds::over("file_bytes", format!("{size} bytes"), limits.file_bytes, refusal::file(shown)));
    if data.len() > limits.file_bytes {
        return over(data.len());
    }
    let mut open = File::open(file).map_err(failed)?;
    let mut bytes = Vec::new();
    (&mut open).take(head as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if WHOLE.iter().any(|mark| bytes.starts_with(mark)) {
        // A file that grows while it is read ends somewhere all the same.
        let most = limits.file_bytes.saturating_add(1) - bytes.len() as u64;
        open.take(most).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > limits.file_bytes {
            return over(bytes.len() as u64);
        }
    }
    let size = data.len().max(bytes.len() as u64);
    Ok((bytes, size))
}
