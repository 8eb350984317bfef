//! The walls of the house: floors, names, columns, sizes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Module → floor. A file uses its own module and the floors below it.
const FLOORS: &[(&str, u8)] = &[
    ("base", 0),
    ("vocab", 0),
    ("diagnose", 0),
    ("frame", 1),
    ("pipeline", 2),
    ("ingest", 3),
    ("reconcile", 4),
    ("metrics", 5),
    ("rules", 6),
    ("golden", 7),
    ("report", 7),
    ("publish", 8),
    ("run", 9),
    ("sample", 9),
    ("cli", 10),
];

/// `sample` is a second witness: it must not see the engine.
const SAMPLE_SEES: u8 = 2;

fn source_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new("src")
        .into_iter()
        .map(|entry| entry.expect("src can be read").into_path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect();
    files.retain(|path| !is_test_module(path));
    files.sort();
    assert!(files.len() > 60, "the listing found the source files");
    files
}

/// A file that its parent declares under `#[cfg(test)]`.
fn is_test_module(path: &Path) -> bool {
    let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let parent = fs::read_to_string(path.with_file_name("mod.rs")).unwrap_or_default();
    let lines: Vec<&str> = parent.lines().collect();
    lines.windows(2).any(|pair| pair[0] == "#[cfg(test)]" && pair[1].ends_with(&format!("mod {stem};")))
}

fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix("src").expect("below src");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn floor_of(module: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// The lines of a file that run: no comments, and nothing from its test module on.
fn code_lines(text: &str) -> Vec<(usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end]
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
        .collect()
}

fn used_modules(line: &str) -> Vec<&str> {
    line.match_indices("crate::")
        .map(|(at, _)| &line[at + "crate::".len()..])
        .map(|rest| &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())])
        .collect()
}

fn is_allowed(from: &str, to: &str) -> bool {
    match (floor_of(from), floor_of(to)) {
        _ if from == to => true,
        (Some(_), Some(below)) if from == "sample" => below <= SAMPLE_SEES,
        (Some(above), Some(below)) => below < above,
        _ => true,
    }
}

#[test]
fn floors_are_used_downwards_only() {
    let mut edges = Vec::new();
    for path in source_files() {
        let from = module_of(&path);
        let text = fs::read_to_string(&path).expect("a source file");
        for (number, line) in code_lines(&text) {
            for to in used_modules(line).into_iter().filter(|to| !is_allowed(&from, to)) {
                edges.push(format!("{}:{number}: {from} uses {to}", path.display()));
            }
        }
    }
    assert!(edges.is_empty(), "{}", edges.join("\n"));
}

#[test]
fn the_guard_sees_an_edge_that_goes_up() {
    assert!(!is_allowed("rules", "report"));
    assert!(!is_allowed("base", "vocab"));
    assert!(!is_allowed("sample", "reconcile"));
    assert!(is_allowed("rules", "frame") && is_allowed("sample", "pipeline"));
    assert_eq!(used_modules("use crate::report::table;"), ["report"]);
}

/// Policy is text: what a marketplace, a carrier or a supplier is called stands in packs.
#[test]
fn no_marketplace_and_no_carrier_is_named_in_logic() {
    let mut names: Vec<String> = Vec::new();
    for entry in walkdir::WalkDir::new("pipelines/packs").into_iter().flatten() {
        let folder = entry.path().parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let stem = entry.path().file_stem().map(|name| name.to_string_lossy().into_owned());
        let is_named =
            matches!(folder.as_deref(), Some("marketplaces" | "suppliers" | "shops" | "payments" | "carriers"));
        if entry.path().extension().is_some_and(|ending| ending == "toml") && is_named {
            names.extend(stem);
        }
    }
    assert!(names.iter().any(|name| name == "slevomat"));
    let mut named = Vec::new();
    for path in source_files() {
        let text = fs::read_to_string(&path).expect("a source file").to_lowercase();
        for (number, line) in code_lines(&text) {
            // The key of a supplier's policy tells how its wallet is paid when it is empty.
            let line = line.replace("paypal_fallback", "");
            let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
            for name in names.iter().filter(|name| words.contains(&name.as_str())) {
                named.push(format!("{}:{number}: {name}", path.display()));
            }
        }
    }
    assert!(named.is_empty(), "{}", named.join("\n"));
}

#[test]
fn columns_are_named_as_text_in_frame_only() {
    let mut named = Vec::new();
    for path in source_files().into_iter().filter(|path| module_of(path) != "frame") {
        let text = fs::read_to_string(&path).expect("a source file");
        for (number, line) in code_lines(&text) {
            if line.contains(" col(\"") || line.contains("(col(\"") {
                named.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(named.is_empty(), "{}", named.join("\n"));
}

#[test]
fn files_are_nouns_and_fit_on_a_few_screens() {
    const BANNED: [&str; 4] = ["util", "helper", "common", "manager"];
    for path in source_files() {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(!BANNED.iter().any(|banned| name.contains(banned)), "{}", path.display());
        let text = fs::read_to_string(&path).expect("a source file");
        let lines = text[..text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len())].lines().count();
        assert!(lines <= 750, "{} has {lines} lines: two subjects", path.display());
    }
}

/// No clock reaches an output: the word `today` on the command line is its only reading.
#[test]
fn the_clock_is_read_in_cli_only() {
    for path in source_files().into_iter().filter(|path| module_of(path) != "cli") {
        let text = fs::read_to_string(&path).expect("a source file");
        for (number, line) in code_lines(&text) {
            let reads = ["Local::now", "Utc::now", "SystemTime::now"].iter().any(|clock| line.contains(clock));
            assert!(!reads, "{}:{number} reads the clock", path.display());
        }
    }
}

/// A batch program opens no socket. (The runtime that `polars-core` always brings, `tokio`, could; nothing that speaks a protocol over one is there.)
#[test]
fn no_dependency_speaks_http_or_tls() {
    const BANNED: &[&str] =
        &["hyper", "reqwest", "ureq", "h2", "rustls", "native-tls", "openssl", "ring", "aws-lc-rs", "object_store"];
    let arguments =
        ["tree", "--locked", "--offline", "--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}"];
    let listed = Command::new(env!("CARGO")).args(arguments).output().expect("cargo lists the dependencies");
    let listed = String::from_utf8(listed.stdout).expect("UTF-8");
    let names: BTreeSet<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(
        names.contains("polars-core") && names.contains("proptest"),
        "the listing holds the dependencies:\n{listed}"
    );
    let found: Vec<&str> = BANNED.iter().copied().filter(|name| names.contains(name)).collect();
    assert!(found.is_empty(), "{found:?}");
}
