//! Sample data at any size: an invented merchant, an honest world, planted irregularities, and the truth about them.
//!
//! [`merchant`] says who sells where (embedded text), [`world`] makes honest orders, [`plan`] says what is planted and how often,
//! `plant_*` plants it, [`exports`] writes the world in the layouts of packs, [`truth`] is written from the plan and never from the
//! engine. The same request gives the same bytes.

pub mod biller;
pub mod cell;
pub mod document_rows;
pub mod error;
pub mod exports;
pub mod form;
pub mod history_rows;
pub mod label_rows;
pub mod merchant;
pub mod order;
pub mod order_rows;
pub mod packs;
pub mod parcel;
pub mod payer;
pub mod payout_rows;
mod pipeline_text;
pub mod plan;
pub mod plant_cash;
pub mod plant_documents;
pub mod plant_history;
pub mod plant_input;
pub mod plant_money;
pub mod plant_status;
pub mod plant_supplier;
pub mod plant_tracking;
pub mod postage_rows;
pub mod quota;
pub mod readme;
pub mod remittance_rows;
pub mod strays;
pub mod supplier_rows;
pub mod tracking_rows;
pub mod truth;
pub mod world;
pub mod write_csv;
pub mod write_xlsx;

use std::path::{Path, PathBuf};

use crate::sample::world::World;

pub use error::SampleError;
pub use exports::WrittenFile;
pub use pipeline_text::pipeline_text;

/// What `trueup sample` was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Orders over all accounts.
    pub orders: u32,
    /// Seed of all choices.
    pub seed: u64,
    /// Folder to write into; files of the same names are replaced.
    pub out: PathBuf,
    /// Plant nothing.
    pub clean: bool,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Exports with their rows.
    pub files: Vec<WrittenFile>,
    /// Orders over all accounts.
    pub orders: usize,
    /// Rows of `truth.csv`.
    pub truth: usize,
}

/// Writes exports of every system, `pipeline.toml`, `truth.csv` and `README.md`.
///
/// # Errors
/// See [`SampleError`]. Files written before the error stay.
pub fn write_sample(request: &Request) -> Result<Written, SampleError> {
    let mut world = build(request)?;
    make_folder(&request.out)?;
    let files = exports::write_exports(&mut world, &request.out)?;
    save(&request.out.join("pipeline.toml"), pipeline_text("")?.as_bytes())?;
    save(&request.out.join("truth.csv"), &truth::csv_text(&world.truth)?)?;
    save(&request.out.join("README.md"), readme::readme_text(&world, request, &files).as_bytes())?;
    Ok(Written { files, orders: world.orders.len(), truth: world.truth.len() })
}

fn build(request: &Request) -> Result<World, SampleError> {
    let merchant = merchant::merchant()?;
    let least = merchant.least_orders;
    if request.orders < least {
        return Err(SampleError::TooFew { asked: request.orders, least });
    }
    let mut world = World::honest(merchant, request.orders, request.seed)?;
    if !request.clean {
        plan::plant(&mut world)?;
    }
    Ok(world)
}

fn make_folder(folder: &Path) -> Result<(), SampleError> {
    std::fs::create_dir_all(folder).map_err(|source| SampleError::Io { path: folder.to_path_buf(), source })
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), SampleError> {
    std::fs::write(path, bytes).map_err(|source| SampleError::Io { path: path.to_path_buf(), source })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::pipeline::written::WrittenPipeline;
    use crate::sample::order::{Line, Order};

    const CODES: [&str; 47] = [
        "ST-001", "ST-002", "ST-003", "ST-004", "ST-005", "ST-006", "ST-008", "ST-009", "ST-011", "ST-012", "ST-013",
        "ST-014", "ST-018", "TR-001", "TR-002", "TR-003", "TR-004", "TR-005", "TR-007", "SV-001", "PY-001", "PY-004",
        "PY-005", "PY-006", "PY-007", "PY-011", "PY-012", "PY-013", "PY-014", "FE-001", "PO-001", "PO-003", "SO-005",
        "CN-001", "CN-002", "CN-004", "CN-005", "BB-001", "BB-002", "BB-003", "BB-004", "SL-001", "SL-002", "SL-003",
        "DQ-003", "DQ-005", "DQ-016",
    ];

    fn request(orders: u32, seed: u64, clean: bool, out: &Path) -> Request {
        Request { orders, seed, out: out.to_path_buf(), clean }
    }

    fn digests(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        walkdir::WalkDir::new(folder)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
                (name, std::fs::read(entry.path()).unwrap())
            })
            .collect()
    }

    fn sample(orders: u32, seed: u64, clean: bool) -> (Written, BTreeMap<String, Vec<u8>>) {
        let folder = tempfile::tempdir().unwrap();
        let written = write_sample(&request(orders, seed, clean, folder.path())).unwrap();
        (written, digests(folder.path()))
    }

    fn world(orders: u32, seed: u64, clean: bool) -> World {
        build(&request(orders, seed, clean, Path::new("."))).unwrap()
    }

    #[test]
    fn the_same_request_gives_the_same_bytes() {
        let (first, bytes) = sample(400, 42, false);
        let (second, again) = sample(400, 42, false);
        assert_eq!(first, second);
        assert!(bytes == again);
        assert!(bytes != sample(400, 43, false).1);
    }

    #[test]
    fn every_code_is_planted_at_400_orders_whatever_the_seed() {
        for seed in 0..12 {
            let world = world(400, seed, false);
            let codes: BTreeSet<&str> = world.truth.iter().map(|truth| truth.code).collect();
            for code in CODES.iter().chain(&["MAP-001", "DQ-001"]) {
                assert!(codes.contains(code), "{code} with seed {seed}");
            }
            for planted in &world.planted {
                assert!(!planted.keys.is_empty(), "{} with seed {seed}", planted.what);
            }
        }
    }

    #[test]
    fn a_clean_sample_has_no_truth_and_all_statements() {
        let (written, bytes) = sample(400, 7, true);
        assert_eq!(written.truth, 0);
        let truth = String::from_utf8(bytes["truth.csv"].clone()).unwrap();
        assert_eq!(truth.lines().count(), 1);
        assert!(bytes.contains_key("zlavomat/payout-2026-12-02.xlsx"));
        assert!(!sample(400, 7, false).1.contains_key("zlavomat/payout-2026-12-02.xlsx"));
    }

    #[test]
    fn planted_things_lie_on_orders_of_their_own() {
        let world = world(800, 3, false);
        let mut seen = BTreeSet::new();
        for planted in world.planted.iter().filter(|planted| planted.code != "TR-005") {
            for key in &planted.keys {
                assert!(seen.insert(key.clone()), "{key} twice");
            }
        }
    }

    #[test]
    fn coverage_holds_after_planting() {
        for seed in 0..6 {
            let world = world(400, seed, false);
            for (carrier, coverage) in world.coverage.iter().enumerate() {
                let days = || {
                    let parcels = world.orders.iter().filter_map(|order| order.parcel.as_ref());
                    let events = parcels.filter(|parcel| parcel.carrier == carrier).flat_map(|parcel| &parcel.events);
                    events.filter(|(at, _)| *at < world.end).map(|(at, _)| at.date())
                };
                let Some((first, last)) = *coverage else { continue };
                assert!(days().min() <= Some(first) && days().max() >= Some(last), "carrier {carrier}, seed {seed}");
            }
        }
    }

    #[test]
    fn few_orders_are_an_error_and_small_samples_work() {
        let folder = tempfile::tempdir().unwrap();
        let few = write_sample(&request(39, 1, false, folder.path()));
        assert!(matches!(few, Err(SampleError::TooFew { asked: 39, least: 40 })));
        for seed in 0..4 {
            assert_eq!(sample(40, seed, false).0.orders, 40);
        }
    }

    #[test]
    fn order_numbers_and_parcels_are_unique() {
        let world = world(2000, 5, true);
        let numbers: BTreeSet<&str> = world.orders.iter().map(|order| order.number.as_str()).collect();
        assert_eq!(numbers.len(), 2000);
        let shown: Vec<&str> =
            world.orders.iter().map(|order| order.tracking.as_str()).filter(|number| !number.is_empty()).collect();
        assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), shown.len());
    }

    #[test]
    fn amounts_of_x11_and_x13() {
        let line = |price, qty, qty_cancelled| Line { article: 0, qty, qty_cancelled, cancelled: None, price };
        let world = world(40, 1, true);
        let mut order: Order = world.orders[0].clone();
        order.postage = 8_900;
        order.lines = vec![line(49_900, 2, 0), line(129_000, 1, 0)];
        assert_eq!(order.payable(180_000).unwrap(), 196_516);
        order.lines[0].qty_cancelled = 1;
        assert_eq!(order.payable(180_000).unwrap(), 155_598);
    }

    #[test]
    fn the_pipeline_text_is_a_pipeline() {
        let text = pipeline_text("../sample-data/").unwrap();
        let written: WrittenPipeline = toml::from_str(&text).unwrap();
        assert_eq!(written.account.len(), 4);
        assert!(written.source.iter().all(|source| source.glob.get_ref().starts_with("../sample-data/")));
        let orders = written.source.iter().find(|source| source.name.get_ref() == "dpd-tracking").unwrap();
        assert_eq!(orders.glob.get_ref(), "../sample-data/dpd/SCANINFO-*.csv");
    }
}
