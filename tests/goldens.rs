//! Digests of every file of whole publications. A change of any byte is a change that somebody sees: `TRUEUP_WRITE=1 cargo test goldens` writes
//! the digests anew, and the changelog says under *Figures moved* why they moved.

use std::fs;
use std::path::Path;

use trueup::pipeline::digest::sha256;

use crate::workbench::{bytes_of, copy, folder_of, run_into, sample};

/// One line a file: its SHA-256 and its name.
fn digests(pipeline: &Path, out: &Path) -> String {
    let folder = folder_of(&run_into(pipeline, out, None));
    bytes_of(&folder).iter().map(|(name, bytes)| format!("{} {name}\n", sha256(bytes))).collect()
}

fn compare(golden: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(golden);
    if std::env::var_os("TRUEUP_WRITE").is_some() {
        fs::write(&path, found).expect("written");
        return;
    }
    let there = fs::read_to_string(&path).expect("a golden");
    let moved: Vec<&str> = found.lines().filter(|line| !there.lines().any(|known| known == *line)).collect();
    assert!(
        there == found,
        "{golden}: other bytes than its golden in\n{}\nwrite it again with `TRUEUP_WRITE=1 cargo test goldens`, and say why in the changelog",
        moved.join("\n")
    );
}

fn of_sample(orders: u32) {
    let scratch = tempfile::tempdir().expect("a folder");
    let data = scratch.path().join("data");
    sample(&data, orders, 1, false);
    compare(&format!("sample-{orders}.txt"), &digests(&data.join("pipeline.toml"), &scratch.path().join("reports")));
}

#[test]
fn a_publication_of_400_sample_orders_has_the_bytes_of_its_golden() {
    of_sample(400);
}

#[test]
fn a_publication_of_3000_sample_orders_has_the_bytes_of_its_golden() {
    of_sample(3000);
}

/// The exports come from `benches/peers/generate.py --orders 20000`; the variable names their folder.
#[test]
#[ignore = "needs TRUEUP_REFERENCE, the folder of 20,000 orders of the reference job"]
fn a_publication_of_the_reference_job_has_the_bytes_of_its_golden() {
    let exports = std::env::var("TRUEUP_REFERENCE").expect("TRUEUP_REFERENCE");
    let scratch = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/reference"), scratch.path());
    for export in ["orders.csv", "tracking.csv", "payouts.csv"] {
        fs::copy(Path::new(&exports).join(export), scratch.path().join(export)).expect("an export");
    }
    compare("reference-20000.txt", &digests(&scratch.path().join("csv.toml"), &scratch.path().join("reports")));
}
