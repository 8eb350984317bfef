//! The boundary around the parsers of other crates: whatever gives up within it refuses the one file that it was reading.

use crate::diagnose::Diagnostic;
use crate::ingest::library::attempted;
use crate::ingest::refusal::{self, About};

/// Does some work on a file. Work that gives up is a refusal of the file, and nothing else is lost.
///
/// # Errors
/// What the work refuses, and `FIL109` where it gave up.
pub(super) fn guarded<T>(path: &str, work: impl FnOnce() -> Result<T, Box<Diagnostic>>) -> Result<T, Box<Diagnostic>> {
    attempted(work).unwrap_or_else(|| {
        Err(About {
            code: "FIL109",
            message: "a file that the reader cannot cope with",
            found: "the reader gave up".into(),
            expected: "a sound file".into(),
            help: "open the file and save it again; if that does not help, report it".into(),
        }
        .refuse(refusal::file(path)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::Exit;

    #[test]
    #[allow(clippy::panic, reason = "it stands for a parser that gives up")]
    fn a_parser_that_gives_up_refuses_its_file() {
        let refusal = guarded::<()>("a.xlsb", || panic!("index out of bounds")).unwrap_err();
        assert_eq!((refusal.code, refusal.exit), ("FIL109", Exit::Refused));
        assert!(!refusal.render().contains("bounds"));
        assert_eq!(guarded("a.xlsb", || Ok(1)).unwrap(), 1);
    }
}
