//! From the three exports of the reference job to typed canonical frames, with lineage, quarantine and control totals. The folder of
//! the exports is named by TRUEUP_BENCH_DATA; delimited text and workbooks are measured where they are there.

#![allow(missing_docs, clippy::expect_used, clippy::print_stdout, reason = "a benchmark fails by panicking and prints")]

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use sha2::{Digest, Sha256};
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

/// Bytes of all frames, as their arrays hold them: numbers, 16 bytes for each text, and the buffers of long texts. What several
/// columns share is counted once, and a column of one value is held once.
fn held(frames: &CanonicalFrames) -> usize {
    let mut seen = BTreeSet::new();
    let columns = Kind::ALL.iter().flat_map(|kind| frames.of(*kind).columns());
    let mut held = 0;
    for column in columns.filter(|column| column.as_scalar_column().is_none()) {
        let series = column.as_materialized_series();
        let Ok(texts) = series.str() else {
            held += series.estimated_size();
            continue;
        };
        for texts in texts.downcast_iter() {
            let views = (texts.views().as_ptr().addr(), texts.len() * 16);
            let buffers = texts.data_buffers().iter().map(|buffer| (buffer.as_ptr().addr(), buffer.len()));
            held += [views]
                .into_iter()
                .chain(buffers)
                .filter(|buffer| seen.insert(*buffer))
                .map(|(_, size)| size)
                .sum::<usize>();
        }
    }
    held
}

/// What nobody can do without: every byte is read and digested, every record is a record of the csv crate, in UTF-8. No cell is read.
fn floor(files: &[PathBuf]) {
    let since = Instant::now();
    let records: usize = files.par_iter().with_max_len(1).map(|file| records_of(file)).sum();
    let seconds = since.elapsed().as_secs_f64();
    let bytes: u64 = files.iter().map(|file| file.metadata().expect("a file").len()).sum();
    println!(
        "digest and records of the csv crate alone: {seconds:.2} s, {:.0} MB/s, {records} records",
        bytes as f64 / seconds / 1e6
    );
}

fn records_of(file: &Path) -> usize {
    let digested = Digested { file: File::open(file).expect("a file"), digest: Sha256::new() };
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(512 << 10).from_reader(digested);
    let mut record = csv::StringRecord::new();
    let mut records = 0;
    while reader.read_record(&mut record).expect("a record") {
        records += 1;
    }
    std::hint::black_box(reader.into_inner().digest.finalize());
    records
}

struct Digested {
    file: File,
    digest: Sha256,
}

impl Read for Digested {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(into)?;
        self.digest.update(&into[..read]);
        Ok(read)
    }
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
    if format == "csv" {
        floor(files);
    }
    println!("{format}: {:.0} MB/s at best, {} threads", bytes as f64 / best / 1e6, rayon::current_num_threads());
}
