//! The thin entry: threads, then the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    trueup::cli::enter()
}
