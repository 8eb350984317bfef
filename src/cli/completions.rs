//! `trueup completions SHELL`: a script for the shell, on stdout.

use clap::CommandFactory;

use crate::cli::args::{Arguments, CompletionsArguments};
use crate::cli::paint;
use crate::diagnose::Exit;

pub(super) fn completions(arguments: &CompletionsArguments) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "trueup", &mut script);
    paint::text(String::from_utf8_lossy(&script).trim_end());
    Exit::Clean
}
