//! Talk on stderr, results on stdout. A closed pipe is the reader's choice and no error.
//!
//! Everything that the program says is written here, and here alone: text of an export, of a file's name or of a configuration reaches no
//! terminal with a code that acts on it (see [`crate::diagnose::visible`]).

use std::io::{ErrorKind, Write};
use std::sync::OnceLock;

use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::diagnose::visible;
use crate::diagnose::{Diagnostic, render_all};

/// The first result that could not be written, as the system says why.
static LOST: OnceLock<String> = OnceLock::new();

fn result(written: std::io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        LOST.get_or_init(|| error.to_string());
    }
}

/// Writes what is still held back; why a result could not be written, if one could not.
pub fn finish() -> Option<&'static str> {
    result(std::io::stdout().lock().flush());
    LOST.get().map(String::as_str)
}

/// One line of result.
pub fn line(text: &str) {
    result(writeln!(std::io::stdout().lock(), "{}", visible::line(text)));
}

/// An empty line.
pub fn gap() {
    line("");
}

/// A text of several lines, each end of which is meant; one is put behind the last where it has none.
pub fn text(text: &str) {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    result(write!(std::io::stdout().lock(), "{}{end}", visible::lines(text)));
}

/// A result for programs, on one line; its strings are exact.
pub fn json(value: &Value) {
    result(writeln!(std::io::stdout().lock(), "{}", visible::json(&value.to_string())));
}

/// One error line.
pub fn error(text: &str) {
    talk(&format!("error: {}\n", visible::line(text)));
}

/// A further line of what an error line began.
pub fn more(text: &str) {
    talk(&format!("  {}\n", visible::line(text)));
}

/// One line that is no error.
pub fn note(text: &str) {
    talk(&format!("note: {}\n", visible::line(text)));
}

/// Diagnostics, the first five of a kind per file.
pub fn diagnostics(diagnostics: &[Diagnostic]) {
    talk(&render_all(diagnostics));
}

/// What a run has to say. The last diagnostic of one that was stopped stands by itself, behind the counts of the others.
pub fn told(diagnostics: &[Diagnostic], is_stopped: bool) {
    let (others, deciding) =
        diagnostics.split_at(diagnostics.len() - usize::from(is_stopped && !diagnostics.is_empty()));
    let [mut text, last] = [others, deciding].map(render_all);
    if !text.is_empty() && !last.is_empty() && !text.ends_with("\n\n") {
        text.push('\n');
    }
    talk(&(text + &last));
}

/// What the command line says of itself: help, the version, an argument that is not understood.
pub fn command_line(error: &clap::Error) {
    if error.use_stderr() {
        // An argument may be the name of a file.
        talk(&error.render().to_string());
    } else {
        let _ = error.print();
    }
}

fn talk(text: &str) {
    let _ = std::io::stderr().lock().write_all(visible::lines(text).as_bytes());
}

/// Where the log goes: stderr, as text or as JSON.
#[derive(Debug, Clone, Copy)]
pub struct LogWriter {
    /// Its lines are JSON.
    pub is_json: bool,
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let shown = if self.is_json { visible::json(&text) } else { visible::lines(&text) };
        std::io::stderr().lock().write_all(shown.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().lock().flush()
    }
}

impl MakeWriter<'_> for LogWriter {
    type Writer = LogWriter;

    fn make_writer(&self) -> LogWriter {
        *self
    }
}

/// A table with columns as wide as their widest cell; two blanks between.
pub fn table(header: &[&str], rows: &[Vec<String>]) {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| visible::line(cell).into_owned()).collect()).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let render = |cells: Vec<&str>| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    line(&render(header.to_vec()));
    for row in &rows {
        line(&render(row.iter().map(String::as_str).collect()));
    }
}
