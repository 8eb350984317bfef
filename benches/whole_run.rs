//! The main job on 100,000 sample orders, from files to a published report; the phases of one run are printed first.

#![allow(missing_docs, clippy::expect_used, clippy::print_stdout, reason = "a benchmark fails by panicking and prints")]

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use trueup::publish::history::Wanted;
use trueup::run::{Outcome, Request, run};

const ORDERS: u32 = 100_000;

fn run_once(data: &Path, out: &Path) -> Outcome {
    let request = Request {
        pipeline: data.join("pipeline.toml"),
        as_of: None,
        out: Some(out.to_owned()),
        fail_on: None,
        previous: Wanted::Nothing,
        lang: None,
    };
    run(&request, &|_| {})
}

fn whole_run(criterion: &mut Criterion) {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    let sample = trueup::sample::Request { orders: ORDERS, seed: 1, out: data.clone(), clean: false };
    trueup::sample::write_sample(&sample).expect("sample data");
    let first = run_once(&data, &scratch.path().join("first"));
    for (phase, time) in &first.phases {
        println!("{phase:10} {:6} ms", time.as_millis());
    }
    let mut round = 0;
    criterion.bench_function("whole run, 100,000 orders", |bencher| {
        bencher.iter_with_large_drop(|| {
            // A folder of its own: an identical report that is there already would not be written again.
            round += 1;
            let out = tempfile::tempdir_in(scratch.path()).expect("a folder");
            assert!(run_once(&data, out.path()).summary.is_some(), "round {round} publishes");
            out
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = whole_run
}
criterion_main!(benches);
