//! What a publication holds is what its run worked out: frames read back whole, rows by a key, and columns that files leave to others.

use polars::prelude::{BooleanChunked, DataFrame};
use trueup::base::as_of::AsOf;
use trueup::frame::column::Frame;
use trueup::frame::{order_facts, payout_facts, published, read, shipment_facts, transition_facts};
use trueup::ingest::ingest;
use trueup::publish::archive::Archive;
use trueup::publish::parquet;
use trueup::reconcile::{AT_ONCE, reconcile};
use trueup::report::{canonical_frames, fact_frames};

use crate::workbench::{folder_of, run_into, sample};

/// The frames of a run, worked out again beside it.
fn frames(pipeline: &std::path::Path, as_of: &str) -> Vec<(String, DataFrame)> {
    let pipeline = trueup::pipeline::load(pipeline, &trueup::rules::codes()).expect("a pipeline");
    let as_of = AsOf(as_of.parse().expect("a day"));
    let ingested = ingest(&pipeline, as_of);
    let facts = reconcile(&pipeline, as_of, &ingested, None, AT_ONCE).expect("facts");
    canonical_frames(&ingested).into_iter().chain(fact_frames(&facts)).collect()
}

/// The rows of a frame with this text in a column, one after the other.
fn rows_with(frame: &DataFrame, column: trueup::frame::column::Column, wanted: &[&str]) -> DataFrame {
    let texts = read::texts(frame, column).expect("a column");
    frame.filter(&texts.iter().map(|text| wanted.contains(&text)).collect::<BooleanChunked>()).expect("rows")
}

#[test]
fn frames_are_read_back_as_the_run_had_them() {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, 400, 3, false);
    // At the earlier day, exports tell of dates that were not known yet.
    for as_of in ["2026-12-11", "2026-11-12"] {
        let folder = folder_of(&run_into(&data.join("pipeline.toml"), &scratch.path().join("out"), Some(as_of)));
        let archive = Archive::open(&folder).expect("a run");
        let frames = frames(&data.join("pipeline.toml"), as_of);
        for (name, frame) in &frames {
            assert!(archive.frame(name).expect("a frame").equals_missing(frame), "{as_of} {name}");
            let bytes = std::fs::read(folder.join(format!("data/{name}.parquet"))).expect("bytes");
            let left_out = published::copies(&published::frame(name).expect("a declared frame"));
            let held = parquet::read(&bytes, None).expect("a file");
            assert_eq!(held.width() + left_out.len(), frame.width(), "{name}");
            assert!(left_out.iter().all(|column| held.column(column.name).is_err()), "{name}");
        }
        let of = |declared: Frame| &frames.iter().find(|(name, _)| name == declared.name).expect("a frame").1;
        let by_order = [
            (order_facts::FRAME, order_facts::order_key),
            (shipment_facts::FRAME, shipment_facts::order_key),
            (payout_facts::FRAME, payout_facts::order_key),
            (transition_facts::FRAME, transition_facts::order_key),
        ];
        for (declared, column) in by_order {
            let keys = read::texts(of(order_facts::FRAME), order_facts::order_key).expect("keys");
            for wanted in [vec![keys.at(0)], vec![keys.at(7), "none", keys.at(90)], vec!["none"], Vec::new()] {
                let found = archive.rows_with(&declared, column, &wanted).expect("rows");
                assert!(
                    found.equals_missing(&rows_with(of(declared), column, &wanted)),
                    "{}: {wanted:?}",
                    declared.name
                );
            }
        }
    }
}
