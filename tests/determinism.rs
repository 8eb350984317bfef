//! Same input, same bytes: at any number of threads, twice, and under other file names.

use std::fs;
use std::process::Command;

use trueup::base::as_of::AsOf;
use trueup::ingest::ingest;
use trueup::reconcile::{Reconciled, reconcile};
use trueup::vocab::FindingState;

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
fn parts_of_any_size_give_the_same_facts() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, 400, 7, false);
    let pipeline = trueup::pipeline::load(&data.join("pipeline.toml"), &trueup::rules::codes()).expect("a pipeline");
    let as_of = AsOf(pipeline.as_of.expect("a day"));
    let ingested = ingest(&pipeline, as_of);
    let facts = |at_once| {
        let facts = reconcile(&pipeline, as_of, &ingested, None, at_once).expect("facts");
        let Reconciled { orders, shipments, numbers, payouts, statements, payout_days, .. } = facts;
        let Reconciled { documents, suppliers, postage_days, cash, unmatched, clawbacks, .. } = facts;
        let short = format!("{:?}", facts.short_calendars);
        let frames = [
            orders,
            shipments,
            numbers,
            payouts,
            statements,
            payout_days,
            documents,
            suppliers,
            postage_days,
            cash,
            unmatched,
            clawbacks,
        ];
        (frames, facts.totals, short)
    };
    let (whole, totals, short) = facts(1 << 16);
    assert!(whole[0].height() > 300 && whole[1].height() > 300);
    for at_once in [1, 7, 64] {
        let (parts, of_parts, short_of_parts) = facts(at_once);
        for (nth, (one, other)) in whole.iter().zip(&parts).enumerate() {
            assert!(one.equals_missing(other), "frame {nth} differs in parts of {at_once}");
        }
        assert_eq!((format!("{of_parts:?}"), short_of_parts), (format!("{totals:?}"), short.clone()));
    }
}

/// The sample's pipeline, with patterns that let a name go on after the date they read.
fn with_open_patterns(pipeline: &str) -> String {
    let mut lines = Vec::new();
    for line in pipeline.lines() {
        lines.push(line.to_owned());
        let Some(glob) = line.strip_prefix("glob = \"").and_then(|rest| rest.strip_suffix('"')) else { continue };
        let name = glob.rsplit('/').next().expect("a name");
        let (key, date) = match name {
            name if name.starts_with("postage-") => ("report_month", "{yyyy}-{mm}*"),
            name if name.starts_with("SCANINFO-") => continue,
            _ => ("export_date", "{yyyy}-{mm}-{dd}*"),
        };
        lines.push(format!("{key} = \"{}\"", name.replace('*', date)));
    }
    lines.join("\n")
}

#[test]
fn renamed_inputs_keep_every_id_and_every_figure() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, 400, 6, false);
    let pipeline = data.join("pipeline.toml");
    fs::write(&pipeline, with_open_patterns(&fs::read_to_string(&pipeline).expect("a pipeline"))).expect("written");
    let before = run_into(&pipeline, &scratch.path().join("before"), None);
    let mut renamed = 0;
    for entry in walkdir::WalkDir::new(&data).min_depth(2).into_iter().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let (stem, ending) = name.rsplit_once('.').expect("an ending");
        // The dates that a pattern reads stay; what follows them is of no account, and turns the order of the names round.
        let added = char::from(b'z' - (renamed % 20) as u8);
        fs::rename(entry.path(), entry.path().with_file_name(format!("{stem}-{added}-renamed.{ending}")))
            .expect("renamed");
        renamed += 1;
    }
    assert!(renamed > 40, "{renamed} files were renamed");
    let after = run_into(&pipeline, &scratch.path().join("after"), None);
    let columns = ["finding_id", "code", "money", "currency", "due", "state"];
    let findings = |outcome| keys(&folder_of(outcome).join("findings.csv"), &columns);
    assert_eq!(findings(&before), findings(&after));
    // Every list is the same, byte for byte, but for the names that it quotes.
    let unnamed = regex::Regex::new("-[a-z]-renamed").expect("a pattern");
    for list in ["day-shipping.csv", "findings.csv", "findings.ndjson", "quarantine.csv", "resolved.csv"] {
        let text = |outcome| fs::read_to_string(folder_of(outcome).join(list)).expect("a list");
        assert!(text(&before) == unnamed.replace_all(&text(&after), ""), "{list} differs by more than names");
    }
    let manifest = |outcome| {
        let text = fs::read_to_string(folder_of(outcome).join("run.json")).expect("run.json");
        let mut manifest: serde_json::Value = serde_json::from_str(&unnamed.replace_all(&text, "")).expect("JSON");
        manifest["outputs"] = serde_json::Value::Null;
        manifest
    };
    assert_eq!(manifest(&before), manifest(&after));
    // Files that quote no name are the same to the byte.
    let (one, two) = (bytes_of(&folder_of(&before)), bytes_of(&folder_of(&after)));
    for name in ["data/order_facts.parquet", "data/metric_facts.parquet", "index.html"] {
        assert!(one[name] == two[name], "{name} differs");
    }
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
    let findings = &second.summary.as_ref().expect("a summary").findings;
    let of = |state: FindingState| findings.get(&state).copied().unwrap_or(0);
    let (new, open) = (of(FindingState::New), of(FindingState::Open));
    assert!(open > new, "most findings were there last night: {new} new, {open} open");
    let manifest = fs::read_to_string(folder_of(&second).join("run.json")).expect("run.json");
    assert!(manifest.contains("\"run\": \"2026-12-10\"") || manifest.contains("\"run\":\"2026-12-10\""));
}
