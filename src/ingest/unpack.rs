//! Compressed text: `.gz`, and `.zip` with one file in it. It is inflated within limits, and what lies inside is never opened again.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::diagnose::Diagnostic;
use crate::ingest::bounds;
use crate::ingest::counted::{Consumed, Counted};
use crate::ingest::library::OfLibrary;
use crate::ingest::refusal::{self, About};
use crate::pipeline::limits::Limits;

const GZIP: &[u8] = &[0x1F, 0x8B];
const ZIP: &[u8] = b"PK\x03\x04";
/// So much is inflated at a time.
const PIECE: u64 = 256 << 10;

/// Whether the bytes are an archive.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP) || bytes.starts_with(ZIP)
}

/// The text of a file, inflated when it is compressed. What the file is, its bytes say, not its name.
///
/// # Errors
/// An archive of more than one file or within another one, a damaged one, one beyond a limit.
pub(super) fn unpack(bytes: Vec<u8>, path: &str, limits: &Limits) -> Result<Vec<u8>, Box<Diagnostic>> {
    head(bytes, path, limits, u64::MAX)
}

/// The first bytes of the text of a file, `most` or some more: enough is inflated to tell whether the text is too dense.
///
/// # Errors
/// As [`unpack`], as far as the text is inflated.
pub(super) fn head(bytes: Vec<u8>, path: &str, limits: &Limits, most: u64) -> Result<Vec<u8>, Box<Diagnostic>> {
    let most = most.max(limits.ratio_from_bytes.saturating_add(1));
    let text = if bytes.starts_with(GZIP) {
        let packed = Counted::new(&bytes);
        let consumed = packed.consumed();
        inflate(MultiGzDecoder::new(packed), (&consumed, 0), path, limits, most)?
    } else if bytes.starts_with(ZIP) {
        only_file(&bytes, path, limits, most)?
    } else {
        return Ok(bytes);
    };
    if is_packed(&text) {
        return Err(not_one_text(path, "an archive within the archive".to_owned()));
    }
    if text.is_empty() {
        return Err(not_one_text(path, "0 bytes".to_owned()));
    }
    Ok(text)
}

fn not_unpacked(path: &str, error: &dyn OfLibrary) -> Box<Diagnostic> {
    damaged(path, &format!("it cannot be unpacked: {}", error.told()))
}

fn only_file(bytes: &[u8], path: &str, limits: &Limits, most: u64) -> Result<Vec<u8>, Box<Diagnostic>> {
    let packed = Counted::new(bytes);
    let consumed = packed.consumed();
    let mut archive = zip::ZipArchive::new(packed).map_err(|error| not_unpacked(path, &error))?;
    let entries = archive.len() as u64;
    if entries > limits.entries {
        return Err(bounds::over("entries", format!("{entries} files"), limits.entries, refusal::file(path)));
    }
    if entries != 1 {
        return Err(not_one_text(path, format!("{entries} files in the archive")));
    }
    let before = consumed.get();
    let file = archive.by_index(0).map_err(|error| not_unpacked(path, &error))?;
    if file.is_dir() {
        return Err(not_one_text(path, "a folder in the archive".to_owned()));
    }
    inflate(file, (&consumed, before), path, limits, most)
}

/// Inflates up to so many bytes. The ratio counts the bytes that were really read for them, since so many were read `before`.
fn inflate(
    mut packed: impl Read,
    (consumed, before): (&Consumed, u64),
    path: &str,
    limits: &Limits,
    most: u64,
) -> Result<Vec<u8>, Box<Diagnostic>> {
    let mut text = Vec::new();
    loop {
        let read = (&mut packed).take(PIECE).read_to_end(&mut text);
        let read = read.map_err(|error| not_unpacked(path, &error))?;
        let size = text.len() as u64;
        check_size(size, consumed.get() - before, path, limits)?;
        if read == 0 || size >= most {
            return Ok(text);
        }
    }
}

fn check_size(size: u64, compressed: u64, path: &str, limits: &Limits) -> Result<(), Box<Diagnostic>> {
    let over = |name, most| {
        let found = format!("{compressed} bytes that inflate to {size} or more");
        Err(bounds::over(name, found, most, refusal::file(path)))
    };
    if size > limits.inflated_part_bytes {
        return over("inflated_part_bytes", limits.inflated_part_bytes);
    }
    if size > limits.ratio_from_bytes && size / compressed.max(1) > limits.ratio {
        return over("ratio", limits.ratio);
    }
    Ok(())
}

fn not_one_text(path: &str, found: String) -> Box<Diagnostic> {
    About {
        code: "ARC111",
        message: "an archive that is not one text",
        found,
        expected: "one delimited text in a .gz or .zip".into(),
        help: "unpack it; a workbook is described by `[source.xlsx]`".into(),
    }
    .refuse(refusal::file(path))
}

fn damaged(path: &str, found: &str) -> Box<Diagnostic> {
    About {
        code: "ARC112",
        message: "a damaged archive",
        found: found.to_owned(),
        expected: "a sound .gz or .zip".into(),
        help: "fetch the file again".into(),
    }
    .refuse(refusal::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::Exit;
    use crate::ingest::tests::packages::{gzip, lying, zip};

    fn refused(bytes: Vec<u8>, limits: Limits) -> (&'static str, Exit, String) {
        let refusal = unpack(bytes, "a.csv", &limits).unwrap_err();
        (refusal.code, refusal.exit, refusal.found + &refusal.expected)
    }

    #[test]
    fn one_text_comes_out() {
        let limits = Limits::default();
        for bytes in [b"a;b\n".to_vec(), gzip(b"a;b\n"), zip(&[("x/a.csv", b"a;b\n")])] {
            assert_eq!(unpack(bytes, "a.csv", &limits).unwrap(), b"a;b\n");
        }
        let joined = [gzip(b"a;b\n"), gzip(b"c;d\n")].concat();
        assert_eq!(unpack(joined, "a.csv.gz", &limits).unwrap(), b"a;b\nc;d\n");
    }

    #[test]
    fn archives_that_are_refused() {
        let limits = Limits::default();
        let two = zip(&[("a.csv", b"a"), ("b.csv", b"b")]);
        for bytes in
            [two, zip::<&str, &[u8]>(&[]), zip(&[("a.zip", &zip(&[("a.csv", b"a")]))]), gzip(gzip(b"a")), gzip(b"")]
        {
            // an archive without files has another beginning and is no text either
            if bytes.starts_with(ZIP) || bytes.starts_with(GZIP) {
                assert_eq!(refused(bytes, limits).0, "ARC111");
            }
        }
        let mut cut = gzip(b"some text that is long enough to be cut in its middle".repeat(20));
        cut.truncate(cut.len() - 9);
        assert_eq!(refused(cut, limits).0, "ARC112");
        let mut spoiled = zip(&[("a.csv", b"some text")]);
        // behind the local header and the name
        spoiled[30 + 5 + 2] ^= 1;
        assert_eq!(refused(spoiled, limits).0, "ARC112");
    }

    /// The ratio counts the bytes that were really read.
    #[test]
    fn an_archive_that_lies_about_its_compressed_size_is_stopped_all_the_same() {
        let bytes = lying(&b"1;2\n".repeat(3 << 20), 1 << 20);
        let (_, exit, words) = refused(bytes, Limits::default());
        assert_eq!(exit, Exit::Limit);
        assert!(words.contains("`ratio`"), "{words}");
        assert!(unpack(lying(b"1;2\n", 1 << 20), "a", &Limits::default()).is_ok());
    }

    #[test]
    fn of_a_head_no_more_is_inflated_than_tells_how_dense_it_is() {
        let limits = Limits { ratio_from_bytes: 1_000, ..Limits::default() };
        let noise: Vec<u8> =
            (0..3_000_000_u64).map(|at| (at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect();
        let head = head(gzip(&noise), "a", &limits, 100).unwrap();
        assert!(head.len() < 1_000_000 && noise.starts_with(&head), "{}", head.len());
    }

    #[test]
    fn each_limit_holds_at_its_edge() {
        let text = b"0123456789".repeat(10);
        for bytes in [gzip(&text), zip(&[("a.csv", &text)])] {
            let limits = Limits { inflated_part_bytes: 100, ..Limits::default() };
            assert_eq!(unpack(bytes.clone(), "a", &limits).unwrap().len(), 100);
            let (code, exit, words) = refused(bytes, Limits { inflated_part_bytes: 99, ..limits });
            assert_eq!((code, exit), ("LIM701", Exit::Limit));
            assert!(words.contains("`inflated_part_bytes`"), "{words}");
        }
        let zeros = vec![b'0'; 1 << 20];
        let bytes = gzip(&zeros);
        let times = (1 << 20) / bytes.len() as u64;
        let limits = Limits { ratio: times, ratio_from_bytes: 1, ..Limits::default() };
        assert!(unpack(bytes.clone(), "a", &limits).is_ok());
        let (_, exit, words) = refused(bytes.clone(), Limits { ratio: times - 1, ..limits });
        assert_eq!(exit, Exit::Limit);
        assert!(words.contains("`ratio`"), "{words}");
        // small files may be as dense as they like
        assert!(unpack(bytes, "a", &Limits { ratio: 2, ..Limits::default() }).is_ok());
        let two = zip(&[("a.csv", b"a"), ("b.csv", b"b")]);
        assert_eq!(refused(two.clone(), Limits { entries: 2, ..Limits::default() }).0, "ARC111");
        assert_eq!(refused(two, Limits { entries: 1, ..Limits::default() }).1, Exit::Limit);
    }
}
