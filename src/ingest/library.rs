//! What the errors of libraries say of a file, in the words of people who send files: the one place where their words become ours.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{XlsError, XlsbError};
use zip::result::ZipError;

/// An error of a library that reads a file.
pub(super) trait OfLibrary {
    /// What is wrong with the file.
    fn told(&self) -> String;
}

/// Work of a library that may give up; `None` where it did.
pub(super) fn attempted<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

impl OfLibrary for io::Error {
    fn told(&self) -> String {
        let told = match self.kind() {
            _ if self.to_string().contains("checksum") => "its checksum is not that of its content",
            _ if self.to_string().contains("declared") => "it is larger than its declared size",
            io::ErrorKind::UnexpectedEof => "it ends too early: perhaps the file is not whole",
            _ => "its compressed bytes are damaged",
        };
        told.to_owned()
    }
}

impl OfLibrary for ZipError {
    fn told(&self) -> String {
        let told = match self {
            ZipError::Io(error) => return error.told(),
            ZipError::CompressionMethodNotSupported(method) => {
                return format!("a file in it is compressed by a method that is not read (number {method})");
            }
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
                "a file in it is encrypted with a password"
            }
            ZipError::UnsupportedArchive(_) => "it is put together in a way that is not read",
            ZipError::FileNotFound => "a file that it lists is not in it",
            ZipError::InvalidArchive(text) if text.contains("Multi-disk") => "it is one of several parts of an archive",
            ZipError::InvalidArchive(text) if text.contains("ocal file") => {
                "a file in it does not begin where its list of files says"
            }
            ZipError::InvalidArchive(text) if text.contains("xtra") => "what it says of a file in it is damaged",
            // The list stands at the end.
            _ => "its list of files is damaged or missing: perhaps the file is not whole",
        };
        told.to_owned()
    }
}

/// Records that hold less than they must, formulas and error values that no reader knows.
const SHORT: &str = "a record holds less than it must";
const FORMULA: &str = "a formula is not written as the format says";
const UNKNOWN: &str = "a record holds a value that the format does not know";

impl OfLibrary for XlsError {
    fn told(&self) -> String {
        let told = match self {
            XlsError::Io(error) => return error.told(),
            XlsError::Cfb(error) if error.to_string().contains("odepage") => {
                "its texts are in a code page that is not known here"
            }
            XlsError::Cfb(_) => "its sectors do not hold together",
            XlsError::Password => "it is encrypted with a password",
            XlsError::Len { .. } | XlsError::ContinueRecordTooShort | XlsError::EoStream(_) => SHORT,
            XlsError::StackLen | XlsError::InvalidFormula { .. } | XlsError::IfTab(_) | XlsError::Etpg(_) => FORMULA,
            XlsError::WorksheetNotFound(_) => "a sheet that it lists is not in it",
            _ => UNKNOWN,
        };
        told.to_owned()
    }
}

impl OfLibrary for XlsbError {
    fn told(&self) -> String {
        let told = match self {
            XlsbError::Io(error) => return error.told(),
            XlsbError::Zip(error) => return error.told(),
            XlsbError::Xml(_) | XlsbError::XmlAttr(_) | XlsbError::Encoding(_) => {
                "the list of its parts is not well formed"
            }
            XlsbError::StackLen | XlsbError::Etpg(_) | XlsbError::IfTab(_) | XlsbError::Ptg(_) => FORMULA,
            XlsbError::WideStr { .. } => "a text is longer than its record",
            XlsbError::Password => "it is encrypted with a password",
            XlsbError::FileNotFound(_) | XlsbError::WorksheetNotFound(_) => "a sheet that it lists is not in it",
            _ => UNKNOWN,
        };
        told.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No word of a library is told, whatever its error is.
    #[test]
    fn errors_are_told_in_our_words() {
        let told = [
            XlsError::StackLen.told(),
            XlsError::Len { expected: 4, found: 2, typ: "xf" }.told(),
            XlsError::EoStream("dbcs").told(),
            XlsError::InvalidFormat { ifmt: 7 }.told(),
            XlsbError::Ptg(0x9F).told(),
            XlsbError::BErr(1).told(),
            XlsbError::WideStr { ws_len: 9, buf_len: 4 }.told(),
            XlsbError::Io(io::ErrorKind::UnexpectedEof.into()).told(),
            ZipError::InvalidArchive("Could not find EOCD".into()).told(),
            ZipError::InvalidArchive("Invalid local file header".into()).told(),
            ZipError::InvalidArchive("Extra field content truncated".into()).told(),
            ZipError::InvalidArchive("Multi-disk ZIP files are not supported".into()).told(),
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED).told(),
            ZipError::CompressionMethodNotSupported(99).told(),
            io::Error::new(io::ErrorKind::InvalidInput, "corrupt deflate stream").told(),
            io::Error::new(io::ErrorKind::InvalidData, "Invalid checksum").told(),
        ];
        const THEIRS: [&str; 12] =
            ["Ptf", "stack", "xf", "dbcs", "ifmt", "EOCD", "CDFH", "odepage", "Invalid", "deflate", "header", "BErr"];
        for told in told {
            assert!(THEIRS.iter().all(|word| !told.contains(word)) && told.len() > 20, "{told}");
        }
    }

    /// A library that reads bytes of a test, and gives up or refuses.
    #[test]
    fn a_spoiled_archive_is_told_by_what_is_wrong_with_it() {
        let sound = crate::ingest::tests::packages::zip(&[("a.xml", b"<a/>")]);
        let told = |bytes: &[u8]| match zip::ZipArchive::new(io::Cursor::new(bytes)) {
            Ok(mut archive) => archive.by_index(0).err().map(|error| error.told()),
            Err(error) => Some(error.told()),
        };
        assert_eq!(told(&sound), None);
        let list = "its list of files is damaged or missing: perhaps the file is not whole";
        assert_eq!(told(&sound[..sound.len() - 10]).as_deref(), Some(list));
        let mut head = sound;
        head[2] = 0x7F;
        let begin = "a file in it does not begin where its list of files says";
        assert_eq!(told(&head).as_deref(), Some(begin));
    }

    #[test]
    #[allow(clippy::panic, reason = "it stands for a library that gives up")]
    fn a_library_that_gives_up_is_caught() {
        assert_eq!(attempted::<()>(|| panic!("index out of bounds")), None);
        assert_eq!(attempted(|| 1), Some(1));
    }
}
