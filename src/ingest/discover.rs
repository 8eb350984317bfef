//! Finds the files of a source: a sorted walk from the fixed beginning of its pattern. No clock, no network, regular files only.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use walkdir::WalkDir;

use crate::base::disk::{self, Operation};
use crate::diagnose::Diagnostic;
use crate::ingest::refusal::{self, About};
use crate::pipeline::Source;

/// A file that a source's pattern matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Path as outputs quote it: the pattern's beginning, then the path below it, with `/`.
    pub(super) path: String,
    /// Where it lies.
    pub(super) file: PathBuf,
}

impl Found {
    /// The file's name.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// All files that the pattern of a source matches, sorted by their quoted paths.
///
/// # Errors
/// A pattern that looks like a URL or is none, something that is no regular file, a folder that cannot be read.
pub(super) fn discover(folder: &Path, source: &Source) -> Result<Vec<Found>, Box<Diagnostic>> {
    let glob = source.glob.replace('\\', "/");
    if glob.contains("://") {
        return Err(refusal::source(
            source,
            "SRC105",
            "a network address",
            &glob,
            "a path; this program makes no network connection",
        ));
    }
    let (prefix, pattern) = split(&glob);
    // A pipeline named without a folder lies in the current one.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let base = if prefix.is_empty() { folder.to_path_buf() } else { folder.join(&prefix) };
    let matcher = GlobBuilder::new(&pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| {
            refusal::source(source, "SRC106", "not a file pattern", &error.to_string(), "a pattern with `*`, `?`, `**`")
        })?
        .compile_matcher();
    let unreadable = |error: &std::io::Error| {
        let found = format!("{}: {}", base.display(), disk::trouble(error).found);
        refusal::source(source, "FIL107", "a folder that cannot be read", &found, "a readable folder")
    };
    match disk::step(Operation::List, &base).and_then(|_| base.metadata()) {
        Ok(data) if data.is_dir() => {}
        Ok(_) => return Ok(Vec::new()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(&error)),
    }
    let depth = if pattern.contains("**") { usize::MAX } else { pattern.split('/').count() };
    let mut found = Vec::new();
    for entry in WalkDir::new(&base).max_depth(depth).follow_links(source.follow_links).sort_by_file_name() {
        let entry = entry.map_err(|error| unreadable(&error.into()))?;
        let Ok(below) = entry.path().strip_prefix(&base) else { continue };
        let below = below.components().map(|step| step.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        // What a linked folder holds must not be left out in silence.
        let hides_files =
            entry.path_is_symlink() && !source.follow_links && entry.depth() < depth && entry.path().is_dir();
        if below.is_empty() || entry.file_type().is_dir() || !(hides_files || matcher.is_match(&below)) {
            continue;
        }
        let path = if prefix.is_empty() { below } else { format!("{}/{below}", prefix.trim_end_matches('/')) };
        if !entry.file_type().is_file() {
            return Err(not_regular(&path, entry.path_is_symlink()));
        }
        found.push(Found { path, file: entry.path().to_path_buf() });
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The fixed beginning of a pattern (folders without wildcards) and the rest.
fn split(glob: &str) -> (String, String) {
    let steps: Vec<&str> = glob.split('/').filter(|step| *step != ".").collect();
    let wild = |step: &&str| step.contains(['*', '?', '[', '{']);
    let fixed = steps.iter().position(wild).unwrap_or(steps.len()).min(steps.len().saturating_sub(1));
    let prefix = steps[..fixed].join("/");
    let prefix = if prefix.is_empty() && glob.starts_with('/') { "/".to_owned() } else { prefix };
    (prefix, steps[fixed..].join("/"))
}

fn not_regular(path: &str, is_link: bool) -> Box<Diagnostic> {
    let (found, help) = match is_link {
        true => ("a link", "put the file itself into the folder, or say `follow_links = true`"),
        false => ("a pipe or a device", "put a file into the folder"),
    };
    let (message, expected) = ("not a regular file", "a regular file".to_owned());
    About { code: "FIL106", message, found: found.into(), expected, help: help.into() }.refuse(refusal::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_beginning_of_a_pattern() {
        let split = |glob| {
            let (prefix, rest) = split(glob);
            format!("{prefix}|{rest}")
        };
        assert_eq!(split("../data/slevomat/orders-*.csv"), "../data/slevomat|orders-*.csv");
        assert_eq!(split("orders.csv"), "|orders.csv");
        assert_eq!(split("./data/**/a.csv"), "data|**/a.csv");
        assert_eq!(split("/srv/x/a.csv"), "/srv/x|a.csv");
        assert_eq!(split("/a.csv"), "/|a.csv");
        assert_eq!(split("."), "|");
    }
}
