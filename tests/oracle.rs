//! A second opinion on malformed files by another reader, where it is installed: `tests/oracle/rejects.py`.

use std::path::Path;
use std::process::Command;

#[test]
#[allow(clippy::print_stderr, reason = "why a test skips is said")]
fn another_reader_rejects_the_same_rows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let python = std::env::var("TRUEUP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let told = Command::new(python).current_dir(folder).args(["rejects.py", "--check", "malformed.csv"]).output();
    match told {
        Err(error) => eprintln!("skipped: {error}"),
        Ok(told) => {
            let text = String::from_utf8_lossy(&told.stdout);
            eprint!("{text}");
            assert!(told.status.success(), "{text}{}", String::from_utf8_lossy(&told.stderr));
        }
    }
}
