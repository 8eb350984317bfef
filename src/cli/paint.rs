//! Talk on stderr, results on stdout. A closed pipe is the reader's choice and no error.

use std::io::Write;

use crate::diagnose::{Diagnostic, render_all};

/// One line of result.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A text as it is.
pub fn text(text: &str) {
    let _ = write!(std::io::stdout().lock(), "{text}");
}

/// One error line.
pub fn error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "error: {text}");
}

/// One line that is no error.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "note: {text}");
}

/// Diagnostics, the first five of a kind per file.
pub fn diagnostics(diagnostics: &[Diagnostic]) {
    let _ = write!(std::io::stderr().lock(), "{}", render_all(diagnostics));
}

/// What a run has to say. The last diagnostic of one that was stopped stands by itself, behind the counts of the others.
pub fn told(diagnostics: &[Diagnostic], is_stopped: bool) {
    let (others, deciding) =
        diagnostics.split_at(diagnostics.len() - usize::from(is_stopped && !diagnostics.is_empty()));
    let [mut text, last] = [others, deciding].map(render_all);
    if !text.is_empty() && !last.is_empty() && !text.ends_with("\n\n") {
        text.push('\n');
    }
    let _ = write!(std::io::stderr().lock(), "{text}{last}");
}

/// A table with columns as wide as their widest cell; two blanks between.
pub fn table(header: &[&str], rows: &[Vec<String>]) {
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
    for row in rows {
        line(&render(row.iter().map(String::as_str).collect()));
    }
}
