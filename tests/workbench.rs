//! What tests share: a folder, sample data in it, a run, and its findings.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use trueup::publish::history::Wanted;
use trueup::run::{Outcome, Request, run};

/// A run of the pipeline at `pipeline` into `out`.
pub fn run_into(pipeline: &Path, out: &Path, as_of: Option<&str>) -> Outcome {
    let request = Request {
        pipeline: pipeline.to_owned(),
        as_of: as_of.map(|day| day.parse().expect("a day")),
        out: Some(out.to_owned()),
        fail_on: None,
        previous: Wanted::Highest,
        lang: None,
    };
    run(&request, &|_| {})
}

/// Sample data in `folder`.
pub fn sample(folder: &Path, orders: u32, seed: u64, clean: bool) {
    let request = trueup::sample::Request { orders, seed, out: folder.to_owned(), clean };
    trueup::sample::write_sample(&request).expect("sample data");
}

/// The folder of a run, or its diagnostics as a panic.
pub fn folder_of(outcome: &Outcome) -> PathBuf {
    match &outcome.summary {
        Some(summary) => summary.publication.folder.clone(),
        None => panic!("nothing was published: {}", trueup::diagnose::render_all(&outcome.diagnostics)),
    }
}

/// Rows of a CSV by their first columns, as a sorted list of texts.
pub fn keys(path: &Path, columns: &[&str]) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).expect("a CSV file");
    let headers = reader.headers().expect("a header").clone();
    let places: Vec<usize> = columns
        .iter()
        .map(|column| {
            headers.iter().position(|header| header == *column).unwrap_or_else(|| panic!("no column {column}"))
        })
        .collect();
    let mut rows: Vec<String> = reader
        .records()
        .map(|record| {
            let record = record.expect("a record");
            places
                .iter()
                .map(|place| record[*place].trim_start_matches('\'').to_owned())
                .collect::<Vec<_>>()
                .join(" | ")
        })
        .collect();
    rows.sort();
    rows
}

/// Every file below a folder with its bytes.
pub fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).expect("below").to_string_lossy().into_owned();
            (name, fs::read(entry.path()).expect("bytes"))
        })
        .collect()
}

/// The program, run in a folder.
pub fn trueup(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trueup")).current_dir(folder).args(arguments).output().expect("it runs")
}

/// What the program printed as its result.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Copies a folder with what is below it.
pub fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("a folder");
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
