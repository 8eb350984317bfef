//! From the three exports of the reference job to typed canonical frames, with lineage, quarantine and control totals. The folder of
//! the exports is named by TRUEUP_BENCH_DATA; delimited text and workbooks are measured where they are there.

#![allow(missing_docs, clippy::expect_used, clippy::print_stdout, reason = "a benchmark fails by panicking and prints")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use trueup::base::as_of::AsOf;
use trueup::frame::canonical::CanonicalFrames;
use trueup::ingest::ingest;
use trueup::pipeline::load;
use trueup::rules::codes;
use trueup::vocab::{Kind, Word};

const ROUNDS: usize = 5;
const EXPORTS: [&str; 3] = ["orders", "tracking", "payouts"];

fn main() {
    let Some(data) = std::env::var_os("TRUEUP_BENCH_DATA").map(PathBuf::from) else {
        println!("TRUEUP_BENCH_DATA names no folder with the exports of the reference job: nothing is measured");
        return;
    };
    for format in ["csv", "xlsx"] {
        let files = EXPORTS.map(|name| data.join(format!("{name}.{format}")));
        if files.iter().all(|file| file.is_file()) {
            measure(&data, format, &files);
        }
    }
}

/// Bytes of all frames. A column of one value is held once, and must not be written out to be measured.
fn held(frames: &CanonicalFrames) -> usize {
    let columns = Kind::ALL.iter().flat_map(|kind| frames.of(*kind).columns());
    let written = columns.filter(|column| column.as_scalar_column().is_none());
    written.map(|column| column.as_materialized_series().estimated_size()).sum()
}

/// The most memory that the process has held, as Linux counts it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "not known".to_owned(), |peak| peak.trim().to_owned())
}

/// The pipeline and its packs lie beside the data while it is read.
fn measure(data: &Path, format: &str, files: &[PathBuf]) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/reference");
    for name in ["packs/marketplaces/reference.toml", "packs/carriers/reference.toml", &format!("{format}.toml")] {
        let place = data.join(name);
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        std::fs::copy(here.join(name), &place).expect("the pipeline beside the data");
    }
    let pipeline = load(&data.join(format!("{format}.toml")), &codes()).expect("a sound pipeline");
    let as_of = AsOf(pipeline.as_of.expect("an as-of date"));
    let bytes: u64 = files.iter().map(|file| file.metadata().expect("a file").len()).sum();
    let mut best = f64::MAX;
    for round in 0..ROUNDS {
        let since = Instant::now();
        let ingested = ingest(&pipeline, as_of);
        let seconds = since.elapsed().as_secs_f64();
        best = best.min(seconds);
        let read: u64 = ingested.inputs.iter().map(|input| input.rows.read).sum();
        let used: u64 = ingested.inputs.iter().map(|input| input.rows.used).sum();
        let speed = bytes as f64 / seconds / 1e6;
        println!("{format}, round {round}: {seconds:.2} s, {speed:.0} MB/s, {read} rows read, {used} used");
        assert!(ingested.exits.is_empty(), "{:?}", ingested.diagnostics.first());
        if round == 0 {
            let peak = peak();
            println!("finished frames: {} MiB, peak memory: {peak}", held(&ingested.frames) >> 20);
        }
    }
    println!("{format}: {:.0} MB/s at best, {} threads", bytes as f64 / best / 1e6, rayon::current_num_threads());
}
