//! Which finding makes another superfluous on the same subject (end of rulebook §9, §15). A suppressed finding is no row and no part of
//! any total; `explain` names it and what suppressed it.

use crate::base::map::{Map, Set};
use crate::rules::finding::Finding;

/// When a stronger finding makes a weaker one superfluous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Always.
    Always,
    /// When its money explains the other's, within the order's tolerance; a larger shortfall stands.
    SameMoney,
}

/// `(stronger, weaker)`: on one order, or for suppliers on one supplier order.
const SUPPRESSES: &[(&str, &str, When)] = &[
    ("ST-001", "PY-001", When::Always),
    ("ST-002", "PY-001", When::Always),
    ("ST-002", "SV-001", When::Always),
    ("PY-001", "PY-004", When::Always),
    ("FE-001", "PY-004", When::SameMoney),
    ("PO-001", "PY-004", When::SameMoney),
    ("PY-007", "PY-005", When::Always),
    ("PY-013", "PY-001", When::Always),
    ("PY-013", "PY-004", When::Always),
    ("PY-013", "PY-005", When::Always),
    ("PY-013", "PY-006", When::Always),
    ("PY-013", "PY-007", When::Always),
    ("PY-013", "FE-001", When::Always),
    ("PY-013", "PO-001", When::Always),
    ("ST-013", "ST-011", When::Always),
    ("SV-002", "PY-006", When::Always),
    ("BB-002", "BB-001", When::Always),
];

/// Findings that are about the payout of a sale as a whole: on a part, or on the parent's line, they make others of any part superfluous.
const OF_SALES: &[&str] = &["PY-007", "PY-013"];

/// Splits findings, by the table above and the pairs that rules written as text add, into those that stand and those that another suppresses; both
/// keep their order. `parent_of` holds the key of the parent of each part of a sale under several order numbers, by the part's.
pub fn suppress(
    found: Vec<Finding>,
    written: &[(&str, &str)],
    parent_of: &Map<String, String>,
) -> (Vec<Finding>, Vec<Finding>) {
    let stronger = stronger(&found, written, parent_of);
    let mut standing = Vec::with_capacity(found.len());
    let mut suppressed = Vec::new();
    for (finding, stronger) in found.into_iter().zip(stronger) {
        match stronger {
            Some(stronger) => suppressed.push(Finding { remedy: stronger, ..finding }),
            None => standing.push(finding),
        }
    }
    (standing, suppressed)
}

/// The code that makes each finding superfluous, if any does.
fn stronger(found: &[Finding], written: &[(&str, &str)], parent_of: &Map<String, String>) -> Vec<Option<&'static str>> {
    let sale_of = |finding: &Finding| {
        let key = format!("{}/{}", finding.account, finding.order_no);
        parent_of.get(&key).cloned().unwrap_or(key)
    };
    let codes = SUPPRESSES.iter().map(|(code, ..)| *code).chain(written.iter().map(|(code, _)| *code));
    let codes: Set<&str> = codes.collect();
    let mut others_of: Map<[&str; 2], ByCode> = Map::default();
    let mut of_sales: Map<String, ByCode> = Map::default();
    for (place, finding) in found.iter().enumerate().filter(|(_, finding)| codes.contains(finding.code)) {
        others_of.entry(subject_of(finding)).or_default().entry(finding.code).or_default().push(place);
        if OF_SALES.contains(&finding.code) && !parent_of.is_empty() {
            of_sales.entry(sale_of(finding)).or_default().entry(finding.code).or_default().push(place);
        }
    }
    let suppressor = |finding: &Finding| {
        let of_sale = if of_sales.is_empty() { None } else { of_sales.get(&sale_of(finding)) };
        let mut others = others_of.get(&subject_of(finding)).into_iter().chain(of_sale);
        others.find_map(|others| stronger_of(finding, others, found, written)).map(|place| found[place].code)
    };
    found.iter().map(suppressor).collect()
}

/// Places of findings that meet, ascending, by their code: a subject may have any number of them.
type ByCode = Map<&'static str, Vec<usize>>;

/// The place of the first of `others` that makes a finding superfluous. Only codes that can are looked up; of one code the first decides,
/// but for money that must agree: codes of such pairs have one finding an order.
fn stronger_of(weaker: &Finding, others: &ByCode, found: &[Finding], written: &[(&str, &str)]) -> Option<usize> {
    let by_text = written.iter().filter(|(_, other)| *other == weaker.code && !weaker.order_no.is_empty());
    let by_text = by_text.map(|(code, _)| (*code, When::Always));
    let by_table =
        SUPPRESSES.iter().filter(|(_, other, _)| *other == weaker.code).map(|(code, _, when)| (*code, *when));
    let explains = |place: &usize| {
        let (explained, missing) = (found[*place].money.unwrap_or(0), weaker.money.unwrap_or(0));
        (explained - missing).abs() <= weaker.tolerance
    };
    let first = |(code, when): (&str, When)| {
        let places = others.get(code)?;
        match when {
            When::Always => places.first().copied(),
            When::SameMoney => places.iter().copied().find(explains),
        }
    };
    by_text.chain(by_table).filter_map(first).min()
}

/// The subject on which findings meet: a supplier order, else an order.
fn subject_of(finding: &Finding) -> [&str; 2] {
    let is_supplier = finding.code.starts_with("BB-");
    [&finding.account, if is_supplier { &finding.subject } else { &finding.order_no }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(code: &'static str, order_no: &str) -> Finding {
        Finding::of_order(code, order_no)
    }

    #[test]
    fn x12_commission_on_postage_replaces_underpaid_on_its_order_only() {
        let (standing, suppressed) = suppress(
            vec![finding("FE-001", "1"), finding("PY-004", "1"), finding("PY-004", "2")],
            &[],
            &Map::default(),
        );
        let codes: Vec<_> = standing.iter().map(|finding| (finding.code, &*finding.order_no)).collect();
        assert_eq!(codes, [("FE-001", "1"), ("PY-004", "2")]);
        assert_eq!(suppressed[0].remedy, "FE-001");
    }

    #[test]
    fn a_larger_shortfall_stands_beside_the_commission_on_postage() {
        let commission = Finding { money: Some(1_602), ..finding("FE-001", "1") };
        let short = |money| Finding { money: Some(money), ..finding("PY-004", "1") };
        assert_eq!(suppress(vec![commission.clone(), short(1_604)], &[], &Map::default()).0.len(), 1);
        assert_eq!(suppress(vec![commission, short(51_602)], &[], &Map::default()).0.len(), 2);
    }

    #[test]
    fn a_line_of_a_parent_stands_for_its_parts() {
        let parent_of = [("a/P-1", "a/P"), ("a/P-2", "a/P")].map(|(part, parent)| (part.into(), parent.into()));
        let found =
            vec![finding("PY-013", "P"), finding("PY-001", "P-2"), finding("PY-001", "Q"), finding("ST-001", "P-1")];
        let (standing, _) = suppress(found, &[], &parent_of.into_iter().collect());
        let keys: Vec<_> = standing.iter().map(|finding| (finding.code, &*finding.order_no)).collect();
        assert_eq!(keys, [("PY-013", "P"), ("PY-001", "Q"), ("ST-001", "P-1")]);
    }

    #[test]
    fn a_rule_written_as_text_replaces_what_it_names_on_its_order_only() {
        let found =
            vec![finding("SHOP-001", "1"), finding("PY-004", "1"), finding("PY-005", "1"), finding("PY-004", "2")];
        let (standing, suppressed) = suppress(found, &[("SHOP-001", "PY-004")], &Map::default());
        let keys =
            |found: &[Finding]| found.iter().map(|one| format!("{} {}", one.code, one.order_no)).collect::<Vec<_>>();
        assert_eq!(keys(&standing), ["SHOP-001 1", "PY-005 1", "PY-004 2"]);
        assert_eq!(keys(&suppressed), ["PY-004 1"]);
    }

    #[test]
    fn every_pair_names_rules_of_the_catalogue() {
        for (stronger, weaker, _) in SUPPRESSES {
            for code in [stronger, weaker] {
                assert!(crate::rules::catalogue().iter().any(|rule| rule.code == *code), "{code}");
            }
        }
    }
}
