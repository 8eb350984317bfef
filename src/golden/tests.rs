//! Every shipped pack passes its golden rows, and a wrong row is shown where it stands.

use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::pipeline::all_pack_texts;

fn packs() -> Vec<PackText> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
    all_pack_texts(&folder).unwrap_or_else(|mistakes| panic!("{}", crate::diagnose::render_all(&mistakes)))
}

#[test]
fn every_shipped_pack_passes() {
    let packs = packs();
    let mut passed = 0;
    for read in &packs {
        let trial = try_golden_rows(read, &packs);
        let shown: Vec<String> = trial.mistakes.iter().map(Diagnostic::render).collect();
        assert!(shown.is_empty(), "{}", shown.join("\n"));
        passed += trial.passed;
    }
    assert!(passed > 300, "{passed} golden rows");
}

/// A pack of one golden row, beside the shipped ones.
fn trial_of(name: &str, change: impl FnOnce(&mut Pack)) -> Trial {
    let packs = packs();
    let mut read = packs.iter().find(|read| read.pack.name == name).expect("it is shipped").clone();
    change(Arc::make_mut(&mut read.pack));
    try_golden_rows(&read, &packs)
}

#[test]
fn a_pack_that_knows_less_fails_where_the_row_stands() {
    let trial = trial_of("marketplaces/slevomat", |pack| {
        pack.policies.entries.iter_mut().for_each(|entry| {
            entry.hold_days = entry.hold_days.map(|days| days + 1);
        });
    });
    assert!(trial.failed > 0 && trial.passed > 0, "{trial:?}");
    let first = trial.mistakes[0].render();
    assert!(first.contains("a golden row fails (X01)") && first.contains("2026-11-29"), "{first}");
    let line = packs().iter().find(|read| read.pack.name == "marketplaces/slevomat").map(|read| {
        let at = read.text.find("2026-11-28").expect("the row of X01");
        read.text[..at].lines().count()
    });
    assert!(first.contains(&format!("slevomat.toml:{}", line.unwrap())), "{first}");
}

#[test]
fn a_fact_that_does_not_exist_is_said_with_those_that_do() {
    let trial = trial_of("calendars/sk", |pack| {
        let expect = &mut pack.golden.day[0].expect;
        let value = expect.pop_first().expect("a fact").1;
        expect.insert("holiday".to_owned(), value);
    });
    assert_eq!(trial.failed, 1);
    assert!(trial.mistakes[0].found.contains("on_or_after, rest_day, working_day"), "{:?}", trial.mistakes[0].found);
}
