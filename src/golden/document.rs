//! `[[golden.document]]`: a document, by the series, the mandatory fields and the kinds of returns of the pack.

use crate::golden::{Facts, yes_or_no};
use crate::pipeline::Pack;
use crate::pipeline::written::golden::GivenDocument;
use crate::vocab::Word;

pub(super) fn facts(given: &GivenDocument, pack: &Pack) -> Facts {
    let policy = pack.policies.at(given.on).entry;
    let series = match policy.series_of(given.kind, given.self_billed) {
        None => "none",
        Some(_) if policy.broken_series(given.kind, &given.number, given.self_billed).is_some() => "wrong",
        Some(_) => "right",
    };
    let missing = policy.missing_fields(|field| !given.says.contains(&field));
    let missing: Vec<&str> = missing.iter().map(|field| field.text()).collect();
    Facts::from([
        ("series", series.to_owned()),
        ("missing", if missing.is_empty() { "none".to_owned() } else { missing.join(" ") }),
        ("mixed", yes_or_no(policy.must_be_apart(&given.returns))),
    ])
}
