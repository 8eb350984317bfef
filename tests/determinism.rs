//! Same input, same bytes: at any number of threads, twice, and under other file names.

use std::fs;
use std::process::Command;

use crate::workbench::{bytes_of, folder_of, keys, run_into, sample};

/// Runs the program itself, because a thread pool is sized once per process.
fn run_with_threads(data: &std::path::Path, out: &std::path::Path, threads: &str) {
    let status = Command::new(env!("CARGO_BIN_EXE_trueup"))
        .args(["run", "--threads", threads, "--out"])
        .arg(out)
        .arg(data.join("pipeline.toml"))
        .status()
        .expect("trueup runs");
    assert_eq!(status.code(), Some(4), "the sample plants rows for quarantine");
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, 400, 5, false);
    run_with_threads(&data, &scratch.path().join("one"), "1");
    run_with_threads(&data, &scratch.path().join("two"), "2");
    run_with_threads(&data, &scratch.path().join("again"), "2");
    let (one, two, again) = (
        bytes_of(&scratch.path().join("one")),
        bytes_of(&scratch.path().join("two")),
        bytes_of(&scratch.path().join("again")),
    );
    assert!(one.len() > 20, "{:?}", one.keys());
    for (name, bytes) in &one {
        assert!(two.get(name) == Some(bytes), "{name} differs between one thread and two");
        assert!(again.get(name) == Some(bytes), "{name} differs between two runs");
    }
}

#[test]
fn renamed_inputs_keep_every_id_and_every_figure() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, 400, 6, false);
    let before = run_into(&data.join("pipeline.toml"), &scratch.path().join("before"), None);
    for entry in walkdir::WalkDir::new(&data).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        // `z-` sorts last; patterns with a star before the ending still match, dates in the name stay.
        if let Some((stem, ending)) = name.rsplit_once('.')
            && name.contains("tracking")
        {
            fs::rename(entry.path(), entry.path().with_file_name(format!("{stem}-renamed.{ending}"))).expect("renamed");
        }
    }
    let after = run_into(&data.join("pipeline.toml"), &scratch.path().join("after"), None);
    let columns = ["finding_id", "code", "money", "currency", "due", "state"];
    let findings = |outcome| keys(&folder_of(outcome).join("findings.csv"), &columns);
    assert_eq!(findings(&before), findings(&after));
    let days = |outcome| fs::read_to_string(folder_of(outcome).join("day-shipping.csv")).expect("day-shipping");
    assert_eq!(days(&before), days(&after));
}

#[test]
fn the_same_night_again_writes_nothing() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, 400, 8, false);
    let out = scratch.path().join("reports");
    let first = run_into(&data.join("pipeline.toml"), &out, None);
    let again = run_into(&data.join("pipeline.toml"), &out, None);
    assert_eq!(folder_of(&first), folder_of(&again));
    assert!(!again.summary.expect("a summary").publication.written);
}

#[test]
fn the_next_night_knows_the_last_one() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, 400, 9, false);
    let out = scratch.path().join("reports");
    run_into(&data.join("pipeline.toml"), &out, Some("2026-12-10"));
    let second = run_into(&data.join("pipeline.toml"), &out, Some("2026-12-11"));
    let (new, open, _) = second.summary.as_ref().expect("a summary").findings;
    assert!(open > new, "most findings were there last night: {new} new, {open} open");
    let manifest = fs::read_to_string(folder_of(&second).join("run.json")).expect("run.json");
    assert!(manifest.contains("\"run\": \"2026-12-10\"") || manifest.contains("\"run\":\"2026-12-10\""));
}
