//! Which finding makes another superfluous on the same subject (end of rulebook §9, §15). A suppressed finding is no row and no part of
//! any total; `explain` names it and what suppressed it.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::engine::Finding;

/// `(stronger, weaker)`: on one order, or for suppliers on one supplier order.
const SUPPRESSES: &[(&str, &str)] = &[
    ("ST-001", "PY-001"),
    ("ST-002", "PY-001"),
    ("ST-002", "SV-001"),
    ("FE-001", "PY-004"),
    ("PO-001", "PY-004"),
    ("PY-007", "PY-005"),
    ("ST-013", "ST-011"),
    ("BB-002", "BB-001"),
];

/// Splits findings into those that stand and those that another suppresses; both keep their order.
pub fn suppress(found: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
    let mut codes_of: BTreeMap<(String, String), BTreeSet<&'static str>> = BTreeMap::new();
    for finding in &found {
        codes_of.entry(subject_of(finding)).or_default().insert(finding.code);
    }
    let suppressor = |finding: &Finding| {
        let codes = codes_of.get(&subject_of(finding))?;
        let pair = SUPPRESSES.iter().find(|(stronger, weaker)| *weaker == finding.code && codes.contains(stronger))?;
        Some(pair.0)
    };
    let mut standing = Vec::with_capacity(found.len());
    let mut suppressed = Vec::new();
    for finding in &found {
        match suppressor(finding) {
            Some(stronger) => suppressed.push(Finding { remedy: stronger.to_owned(), ..finding.clone() }),
            None => standing.push(finding.clone()),
        }
    }
    (standing, suppressed)
}

/// The subject on which findings meet: a supplier order, else an order.
fn subject_of(finding: &Finding) -> (String, String) {
    let is_supplier = finding.code.starts_with("BB-");
    (finding.account.clone(), if is_supplier { finding.subject.clone() } else { finding.order_no.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::Severity;

    fn finding(code: &'static str, order_no: &str) -> Finding {
        Finding {
            code,
            severity: Severity::High,
            account: "a".into(),
            marketplace: String::new(),
            order_no: order_no.into(),
            shipment: String::new(),
            statement: String::new(),
            subject: String::new(),
            money: None,
            currency: String::new(),
            due: None,
            rule_version: String::new(),
            evidence: String::new(),
            remedy: String::new(),
            ordinal: 1,
        }
    }

    #[test]
    fn x12_commission_on_postage_replaces_underpaid_on_its_order_only() {
        let (standing, suppressed) =
            suppress(vec![finding("FE-001", "1"), finding("PY-004", "1"), finding("PY-004", "2")]);
        let codes: Vec<_> = standing.iter().map(|finding| (finding.code, finding.order_no.as_str())).collect();
        assert_eq!(codes, [("FE-001", "1"), ("PY-004", "2")]);
        assert_eq!(suppressed[0].remedy, "FE-001");
    }

    #[test]
    fn every_pair_names_rules_of_the_catalogue() {
        for (stronger, weaker) in SUPPRESSES {
            for code in [stronger, weaker] {
                assert!(crate::rules::catalogue().iter().any(|rule| rule.code == *code), "{code}");
            }
        }
    }
}
