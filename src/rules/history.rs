//! Tonight's findings beside the previous publication: new, open since, changed, reopened, resolved. Matched by `finding_id`.
//! Memory reaches one publication back: what that one resolved and tonight finds again is reopened; what was resolved earlier is new.

use std::collections::BTreeSet;

use polars::prelude::{BooleanChunked, DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::map::{Map, Set};
use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::conform::{conform, empty};
use crate::frame::{findings as f, read};
use crate::vocab::{FindingState, Word};

/// The previous publication.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'run> {
    /// Its findings.
    pub findings: &'run DataFrame,
    /// What it resolved.
    pub resolved: &'run DataFrame,
}

/// What the previous publication said of one finding.
struct Before {
    first_seen: Option<i32>,
    money: Option<i64>,
    severity: String,
    due: Option<i32>,
}

/// What could not be judged tonight: its findings of last night stay open, they are not resolved.
#[derive(Debug, Clone, Default)]
pub struct Unjudged {
    /// Accounts with a source that was left out.
    pub accounts: BTreeSet<String>,
    /// Orders in quarantine, as `account/order_no`.
    pub orders: BTreeSet<String>,
}

impl Unjudged {
    fn holds(&self, account: &str, order_no: &str) -> bool {
        self.accounts.contains(account) || self.orders.contains(&format!("{account}/{order_no}"))
    }
}

/// Compares findings with those of the previous publication; returns them with their state, and the resolved ones.
///
/// # Errors
/// A frame is not what its declaration says: a bug of ours.
pub fn compare(
    found: &DataFrame,
    previous: Option<Earlier>,
    unjudged: &Unjudged,
    as_of: AsOf,
) -> PolarsResult<(DataFrame, DataFrame)> {
    let Some(Earlier { findings: previous, resolved: closed }) = previous else {
        return Ok((found.clone(), empty(&f::FRAME)));
    };
    let found = &with_carried(found, previous, unjudged)?;
    let known = before(previous)?;
    let closed = before(closed)?;
    let ids = read::texts(found, f::finding_id)?;
    let money = read::numbers(found, f::money)?;
    let severities = read::texts(found, f::severity)?;
    let due = read::days(found, f::due)?;
    let today = day_number(as_of.0);
    let first_seen = ids.iter().map(|id| known.get(id).or(closed.get(id)).and_then(|before| before.first_seen));
    let first_seen: Vec<i32> = first_seen.map(|day| day.unwrap_or(today)).collect();
    let state = |row: usize| match known.get(ids.at(row)) {
        None if closed.contains_key(ids.at(row)) => FindingState::Reopened,
        None => FindingState::New,
        Some(before)
            if before.money == money.at(row) && before.severity == severities.at(row) && before.due == due.at(row) =>
        {
            FindingState::Open
        }
        Some(_) => FindingState::Changed,
    };
    let mut aged = FrameBuilder::new(&f::FRAME, found.height());
    for column in f::COLUMNS.iter().filter(|column| ![f::first_seen, f::nights_open, f::state].contains(column)) {
        aged.take(*column, found, *column)?;
    }
    aged.days(f::first_seen, first_seen.iter().map(|day| Some(*day)))
        .numbers(f::nights_open, first_seen.iter().map(|day| Some(i64::from(today - day))))
        .texts(f::state, (0..ids.len()).map(|row| state(row).text()));
    Ok((aged.finish()?, resolved(previous, &ids)?))
}

fn before(previous: &DataFrame) -> PolarsResult<Map<&str, Before>> {
    let ids = read::texts(previous, f::finding_id)?;
    let first_seen = read::days(previous, f::first_seen)?;
    let money = read::numbers(previous, f::money)?;
    let severities = read::texts(previous, f::severity)?;
    let due = read::days(previous, f::due)?;
    let entry = |row: usize| {
        let before = Before {
            first_seen: first_seen.at(row),
            money: money.at(row),
            severity: severities.at(row).to_owned(),
            due: due.at(row),
        };
        (ids.at(row), before)
    };
    Ok((0..ids.len()).map(entry).collect())
}

/// Tonight's findings, and those of last night that could not be judged tonight.
fn with_carried(found: &DataFrame, previous: &DataFrame, unjudged: &Unjudged) -> PolarsResult<DataFrame> {
    let tonight: Set<&str> = read::texts(found, f::finding_id)?.iter().collect();
    let ids = read::texts(previous, f::finding_id)?;
    let accounts = read::texts(previous, f::account)?;
    let numbers = read::texts(previous, f::order_no)?;
    let carried: BooleanChunked = (0..ids.len())
        .map(|row| !tonight.contains(ids.at(row)) && unjudged.holds(accounts.at(row), numbers.at(row)))
        .collect();
    conform(found.vstack(&previous.filter(&carried)?)?, &f::FRAME)
}

fn resolved(previous: &DataFrame, ids: &read::Texts<'_>) -> PolarsResult<DataFrame> {
    let tonight: Set<&str> = ids.iter().collect();
    let gone: BooleanChunked = read::texts(previous, f::finding_id)?.iter().map(|id| !tonight.contains(id)).collect();
    conform(previous.filter(&gone)?, &f::FRAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::engine::{Finding, frame};
    use crate::vocab::Severity;

    fn finding(order_no: &str, money: i64) -> Finding {
        Finding {
            code: "PY-001",
            severity: Severity::Critical,
            account: "a".into(),
            marketplace: "m".into(),
            order_no: order_no.into(),
            shipment: String::new(),
            statement: String::new(),
            subject: String::new(),
            money: Some(money),
            currency: "CZK".into(),
            due: None,
            rule_version: "1".into(),
            evidence: "[]".into(),
            remedy: "claim".into(),
            tolerance: 0,
            ordinal: 1,
        }
    }

    fn day(text: &str) -> AsOf {
        AsOf(text.parse().unwrap())
    }

    fn none() -> DataFrame {
        empty(&f::FRAME)
    }

    fn since<'run>(findings: &'run DataFrame, resolved: &'run DataFrame) -> Option<Earlier<'run>> {
        Some(Earlier { findings, resolved })
    }

    #[test]
    fn what_the_last_publication_resolved_and_stands_again_is_reopened() {
        let first = frame(&[finding("1", 100), finding("2", 100)], day("2026-11-01")).unwrap();
        let second = frame(&[finding("2", 100)], day("2026-11-02")).unwrap();
        let (second, gone) = compare(&second, since(&first, &none()), &Unjudged::default(), day("2026-11-02")).unwrap();
        let again = frame(&[finding("1", 100), finding("2", 100), finding("3", 1)], day("2026-11-03")).unwrap();
        let (third, _) = compare(&again, since(&second, &gone), &Unjudged::default(), day("2026-11-03")).unwrap();
        assert_eq!(read::texts(&third, f::state).unwrap().iter().collect::<Vec<_>>(), ["reopened", "open", "new"]);
        assert_eq!(
            read::numbers(&third, f::nights_open).unwrap().iter().collect::<Vec<_>>(),
            [Some(2), Some(2), Some(0)]
        );
        let fourth = frame(&[finding("1", 100)], day("2026-11-04")).unwrap();
        let (fourth, _) = compare(&fourth, since(&third, &none()), &Unjudged::default(), day("2026-11-04")).unwrap();
        assert_eq!(read::texts(&fourth, f::state).unwrap().iter().collect::<Vec<_>>(), ["open"]);
    }

    #[test]
    fn new_open_changed_and_resolved() {
        let yesterday = frame(&[finding("1", 100), finding("2", 100), finding("3", 100)], day("2026-11-01")).unwrap();
        let tonight = frame(&[finding("1", 100), finding("2", 90), finding("4", 5)], day("2026-11-04")).unwrap();
        let (aged, gone) =
            compare(&tonight, since(&yesterday, &none()), &Unjudged::default(), day("2026-11-04")).unwrap();
        assert_eq!(read::texts(&aged, f::state).unwrap().iter().collect::<Vec<_>>(), ["open", "changed", "new"]);
        assert_eq!(
            read::numbers(&aged, f::nights_open).unwrap().iter().collect::<Vec<_>>(),
            [Some(3), Some(3), Some(0)]
        );
        assert_eq!(read::texts(&gone, f::order_no).unwrap().iter().collect::<Vec<_>>(), ["3"]);
    }

    #[test]
    fn what_could_not_be_judged_stays_open() {
        let yesterday = frame(&[finding("1", 100), finding("2", 100)], day("2026-11-01")).unwrap();
        let nothing = frame(&[], day("2026-11-04")).unwrap();
        let quarantined = Unjudged { orders: ["a/2".to_owned()].into(), ..Unjudged::default() };
        let (aged, gone) = compare(&nothing, since(&yesterday, &none()), &quarantined, day("2026-11-04")).unwrap();
        assert_eq!(read::texts(&aged, f::order_no).unwrap().iter().collect::<Vec<_>>(), ["2"]);
        assert_eq!(read::texts(&aged, f::state).unwrap().iter().collect::<Vec<_>>(), ["open"]);
        assert_eq!(read::texts(&gone, f::order_no).unwrap().iter().collect::<Vec<_>>(), ["1"]);
        let left_out = Unjudged { accounts: ["a".to_owned()].into(), ..Unjudged::default() };
        assert_eq!(compare(&nothing, since(&yesterday, &none()), &left_out, day("2026-11-04")).unwrap().1.height(), 0);
    }

    #[test]
    fn the_id_holds_when_other_things_move() {
        let moved = Finding { evidence: "[1]".into(), money: Some(7), ..finding("1", 100) };
        assert_eq!(moved.id(), finding("1", 100).id());
        assert_ne!(finding("2", 100).id(), finding("1", 100).id());
    }
}
