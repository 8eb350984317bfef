//! Tonight's findings beside the previous publication: new, open since, changed, reopened, resolved. Matched by `finding_id`.
//! *Changed* means another amount, deadline or severity, and says from what to what. A deadline that is *at once* is the day of first
//! sight (§16.15): it stays, and is no change.
//! Memory reaches one publication back: what that one resolved and tonight finds again is reopened; what was resolved earlier is new.

use std::collections::BTreeSet;

use polars::prelude::{BooleanChunked, DataFrame, PolarsResult};
use serde_json::{Value, json};

use crate::base::as_of::AsOf;
use crate::base::map::{Map, Set};
use crate::base::money;
use crate::base::zone::{date_of, day_number};
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

/// What a publication says of one finding, as far as it may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said<'run> {
    money: Option<i64>,
    currency: &'run str,
    due: Option<i32>,
    severity: &'run str,
}

impl Said<'_> {
    /// What was said before and is said otherwise now: a JSON array of `{field, before, now}`; `None`: nothing.
    fn change(&self, now: &Said) -> Option<String> {
        let money = |said: &Said| {
            said.money.map(|minor| format!("{} {}", money::to_decimal(minor, said.currency), said.currency))
        };
        let due = |said: &Said| said.due.and_then(date_of).map(|day| day.to_string());
        let fields = [
            (f::money, money(self), money(now)),
            (f::due, due(self), due(now)),
            (f::severity, Some(self.severity.to_owned()), Some(now.severity.to_owned())),
        ];
        let changed = fields.into_iter().filter(|(_, before, now)| before != now);
        let changed: Vec<Value> = changed
            .map(|(column, before, now)| json!({ "field": column.name, "before": before, "now": now }))
            .collect();
        (!changed.is_empty()).then(|| Value::Array(changed).to_string())
    }
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
    let (known, closed) = (known(previous)?, known(closed)?);
    let ids = read::texts(found, f::finding_id)?;
    let at_once = read::flags(found, f::due_at_once)?;
    let today = day_number(as_of.0);
    let mut said = said(found)?;
    let mut rows = Vec::with_capacity(found.height());
    for (row, id) in ids.iter().enumerate() {
        let (open, reopened) = (known.get(id), closed.get(id));
        let first_seen = open.or(reopened).and_then(|(first_seen, _)| *first_seen).unwrap_or(today);
        if at_once.at(row) {
            said[row].due = Some(first_seen);
        }
        let change = open.and_then(|(_, before)| before.change(&said[row]));
        let state = match (open, reopened, &change) {
            (None, None, _) => FindingState::New,
            (None, Some(_), _) => FindingState::Reopened,
            (Some(_), _, None) => FindingState::Open,
            (Some(_), _, Some(_)) => FindingState::Changed,
        };
        rows.push((first_seen, state, change));
    }
    let mut aged = FrameBuilder::new(&f::FRAME, found.height());
    let compared = [f::due, f::first_seen, f::nights_open, f::state, f::change];
    for column in f::COLUMNS.iter().filter(|column| !compared.contains(column)) {
        aged.take(*column, found, *column)?;
    }
    aged.days(f::due, said.iter().map(|said| said.due))
        .days(f::first_seen, rows.iter().map(|(first_seen, ..)| Some(*first_seen)))
        .numbers(f::nights_open, rows.iter().map(|(first_seen, ..)| Some(i64::from(today - first_seen))))
        .texts(f::state, rows.iter().map(|(_, state, _)| state.text()))
        .maybe_texts(f::change, rows.iter().map(|(.., change)| change.as_deref()));
    Ok((aged.finish()?, resolved(previous, &ids)?))
}

/// First day and figures of each finding of a publication, by id.
type Known<'run> = Map<&'run str, (Option<i32>, Said<'run>)>;

fn known(findings: &DataFrame) -> PolarsResult<Known<'_>> {
    let first_seen = read::days(findings, f::first_seen)?;
    let said = said(findings)?.into_iter().enumerate();
    let ids = read::texts(findings, f::finding_id)?;
    Ok(said.map(|(row, said)| (ids.at(row), (first_seen.at(row), said))).collect())
}

fn said(findings: &DataFrame) -> PolarsResult<Vec<Said<'_>>> {
    let money = read::numbers(findings, f::money)?;
    let currencies = read::texts(findings, f::currency)?;
    let due = read::days(findings, f::due)?;
    let severities = read::texts(findings, f::severity)?;
    let of = |row: usize| Said {
        money: money.at(row),
        currency: currencies.at(row),
        due: due.at(row),
        severity: severities.at(row),
    };
    Ok((0..findings.height()).map(of).collect())
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
    use crate::rules::context::AT_ONCE;
    use crate::rules::finding::{Finding, frame};
    use crate::vocab::Severity;

    fn finding(order_no: &str, money: i64) -> Finding {
        let worst = Severity::Critical;
        Finding { severity: worst, money: Some(money), currency: "CZK".into(), ..Finding::of_order("PY-001", order_no) }
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
        assert_eq!(states(&third), ["reopened", "open", "new"]);
        assert_eq!(
            read::numbers(&third, f::nights_open).unwrap().iter().collect::<Vec<_>>(),
            [Some(2), Some(2), Some(0)]
        );
        let fourth = frame(&[finding("1", 100)], day("2026-11-04")).unwrap();
        let (fourth, _) = compare(&fourth, since(&third, &none()), &Unjudged::default(), day("2026-11-04")).unwrap();
        assert_eq!(states(&fourth), ["open"]);
    }

    #[test]
    fn new_open_changed_and_resolved() {
        let yesterday = frame(&[finding("1", 100), finding("2", 100), finding("3", 100)], day("2026-11-01")).unwrap();
        let tonight = frame(&[finding("1", 100), finding("2", 90), finding("4", 5)], day("2026-11-04")).unwrap();
        let (aged, gone) =
            compare(&tonight, since(&yesterday, &none()), &Unjudged::default(), day("2026-11-04")).unwrap();
        assert_eq!(states(&aged), ["open", "changed", "new"]);
        assert_eq!(
            read::numbers(&aged, f::nights_open).unwrap().iter().collect::<Vec<_>>(),
            [Some(3), Some(3), Some(0)]
        );
        assert_eq!(read::texts(&gone, f::order_no).unwrap().iter().collect::<Vec<_>>(), ["3"]);
    }

    #[test]
    fn at_once_is_the_day_of_first_sight_and_no_change() {
        let at_once = |money| Finding { due: Some(AT_ONCE), ..finding("1", money) };
        let first = frame(&[at_once(100)], day("2026-11-01")).unwrap();
        assert_eq!(dues(&first), ["2026-11-01"]);
        let second = frame(&[at_once(100)], day("2026-11-02")).unwrap();
        let (second, _) = compare(&second, since(&first, &none()), &Unjudged::default(), day("2026-11-02")).unwrap();
        assert_eq!((dues(&second), states(&second)), (vec!["2026-11-01".to_owned()], vec!["open"]));
        let third = frame(&[at_once(90)], day("2026-11-03")).unwrap();
        let (third, _) = compare(&third, since(&second, &none()), &Unjudged::default(), day("2026-11-03")).unwrap();
        assert_eq!((dues(&third), states(&third)), (vec!["2026-11-01".to_owned()], vec!["changed"]));
        assert_eq!(
            read::texts(&third, f::change).unwrap().at(0),
            r#"[{"field":"money","before":"1.00 CZK","now":"0.90 CZK"}]"#
        );
    }

    #[test]
    fn a_change_says_from_what_to_what() {
        let on = |text: &str| Some(day_number(text.parse().unwrap()));
        let before = Finding { due: on("2026-11-10"), ..finding("1", 100) };
        let after = Finding { due: on("2026-11-12"), severity: Severity::High, ..finding("1", 100) };
        let first = frame(&[before], day("2026-11-01")).unwrap();
        let second = frame(&[after], day("2026-11-02")).unwrap();
        let (second, _) = compare(&second, since(&first, &none()), &Unjudged::default(), day("2026-11-02")).unwrap();
        assert_eq!(
            read::texts(&second, f::change).unwrap().at(0),
            r#"[{"field":"due","before":"2026-11-10","now":"2026-11-12"},{"field":"severity","before":"critical","now":"high"}]"#
        );
    }

    fn dues(findings: &DataFrame) -> Vec<String> {
        let days = read::days(findings, f::due).unwrap();
        days.iter().map(|day| date_of(day.unwrap()).unwrap().to_string()).collect()
    }

    fn states(findings: &DataFrame) -> Vec<&str> {
        read::texts(findings, f::state).unwrap().iter().collect()
    }

    #[test]
    fn what_could_not_be_judged_stays_open() {
        let yesterday = frame(&[finding("1", 100), finding("2", 100)], day("2026-11-01")).unwrap();
        let nothing = frame(&[], day("2026-11-04")).unwrap();
        let quarantined = Unjudged { orders: ["a/2".to_owned()].into(), ..Unjudged::default() };
        let (aged, gone) = compare(&nothing, since(&yesterday, &none()), &quarantined, day("2026-11-04")).unwrap();
        assert_eq!(read::texts(&aged, f::order_no).unwrap().iter().collect::<Vec<_>>(), ["2"]);
        assert_eq!(states(&aged), ["open"]);
        assert_eq!(read::texts(&gone, f::order_no).unwrap().iter().collect::<Vec<_>>(), ["1"]);
        let left_out = Unjudged { accounts: ["a".to_owned()].into(), ..Unjudged::default() };
        assert_eq!(compare(&nothing, since(&yesterday, &none()), &left_out, day("2026-11-04")).unwrap().1.height(), 0);
    }

    #[test]
    fn the_id_holds_when_other_things_move() {
        let moved = Finding { money: Some(7), ..finding("1", 100) };
        assert_eq!(moved.id(), finding("1", 100).id());
        assert_ne!(finding("2", 100).id(), finding("1", 100).id());
    }
}
