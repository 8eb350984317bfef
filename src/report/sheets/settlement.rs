//! Expected and actual payout per order: one sheet per account.
//!
//! An order that was paid to the last minor unit more than a month ago, or that still waits for its date, is not listed: such orders are
//! counted and added up at the end of the sheet, so that its totals are those of the account. The pipeline may ask for all.

use std::fmt::Write as _;

use polars::prelude::StringChunked;

use crate::base::map::{Map, Set};
use crate::base::zone::{date_of, day_number};
use crate::frame::lineage::{Parts, row_of};
use crate::frame::{clawback_facts, order_facts, payout_facts, read};
use crate::report::chart::Ink;
use crate::report::fields::Fields;
use crate::report::figures::account::AccountFigures;
use crate::report::figures::add_amount;
use crate::report::figures::standing::Standing;
use crate::report::sheet::Sheet;
use crate::report::table::{MarkWhen, Table};
use crate::report::{Desk, ReportError};
use crate::vocab::{SettlementState, Word as _};

/// Days up to as-of in which money that was due, paid or taken back is listed, the as-of day included: a calendar month fits in.
const RECENT: i32 = 31;

/// One sheet per account that has orders to settle.
///
/// # Errors
/// A frame that is not as declared; a sum beyond 64 bits.
pub fn build(desk: &Desk<'_>) -> Result<Vec<Sheet>, ReportError> {
    let orders = Orders::read(desk)?;
    let mut by_account: Map<&str, Vec<usize>> = Map::default();
    for row in (0..orders.keys.len()).filter(|row| orders.is_settled_once(*row)) {
        by_account.entry(orders.accounts.at(row)).or_default().push(row);
    }
    let mut sheets = Vec::new();
    for account in &desk.figures.accounts {
        if let Some(rows) = by_account.get(account.coverage.account.as_str()) {
            sheets.push(sheet(desk, account, &orders, rows)?);
        }
    }
    Ok(sheets)
}

/// What of the orders decides whether they are listed, and their amounts.
struct Orders<'run> {
    accounts: read::Texts<'run>,
    keys: read::Texts<'run>,
    currencies: read::Texts<'run>,
    states: read::Texts<'run>,
    standing: Standing<'run>,
    cash: read::Numbers<'run>,
    due_on: read::Days<'run>,
    paid: read::Numbers<'run>,
    /// Payout date and amount of what is taken back, by order.
    taken_back: Map<&'run str, Vec<(Option<i32>, i64)>>,
    /// Orders of which a line was paid in the last days.
    paid_lately: Set<&'run str>,
    as_of: i32,
}

impl<'run> Orders<'run> {
    fn read(desk: &Desk<'run>) -> Result<Orders<'run>, ReportError> {
        let fields = Fields(&desk.run.reconciled.orders);
        let as_of = day_number(desk.run.as_of);
        let (clawbacks, lines) = (&desk.run.reconciled.clawbacks, &desk.run.reconciled.payouts);
        let keys = read::texts(clawbacks, clawback_facts::order_key)?;
        let days = read::days(clawbacks, clawback_facts::payout_on)?;
        let amounts = read::numbers(clawbacks, clawback_facts::amount)?;
        let mut taken_back: Map<&str, Vec<(Option<i32>, i64)>> = Map::default();
        for row in 0..keys.len() {
            taken_back.entry(keys.at(row)).or_default().push((days.at(row), amounts.at(row).unwrap_or(0)));
        }
        let (of_lines, paid_on) =
            (read::texts(lines, payout_facts::order_key)?, read::days(lines, payout_facts::paid_on)?);
        let is_recent = |row: &usize| paid_on.at(*row).is_some_and(|day| day > as_of - RECENT);
        Ok(Orders {
            accounts: fields.text(order_facts::account)?,
            keys: fields.text(order_facts::order_key)?,
            currencies: fields.text(order_facts::currency)?,
            states: fields.text(order_facts::settlement_state)?,
            standing: Standing::read(fields)?,
            cash: fields.int(order_facts::cash_expected)?,
            due_on: fields.date(order_facts::due_on)?,
            paid: fields.int(order_facts::paid)?,
            taken_back,
            paid_lately: (0..of_lines.len()).filter(is_recent).map(|row| of_lines.at(row)).collect(),
            as_of,
        })
    }

    /// It was paid, will be paid or may still be: not a test, and not cancelled without any money.
    fn is_settled_once(&self, row: usize) -> bool {
        self.paid.at(row).is_some() || self.due_on.at(row).is_some() || self.standing.is_counted(row)
    }

    /// Nothing is expected for an order that came back or got lost, unless its payout date was fixed before.
    fn cash(&self, row: usize) -> Option<i64> {
        self.cash.at(row).filter(|_| self.due_on.at(row).is_some() || self.standing.may_be_paid(row))
    }

    fn clawbacks(&self, row: usize) -> Option<&[(Option<i32>, i64)]> {
        self.taken_back.get(self.keys.at(row)).map(Vec::as_slice)
    }

    /// What is taken back, whenever that is.
    fn taken_back(&self, row: usize) -> Option<i64> {
        Some(self.clawbacks(row)?.iter().map(|(_, amount)| amount).sum())
    }

    /// What is expected in the end.
    fn expected(&self, row: usize) -> Option<i64> {
        Some(self.cash(row)?.saturating_add(self.taken_back(row).unwrap_or(0)))
    }

    /// What is due by as-of.
    fn due(&self, row: usize) -> Option<i64> {
        let first = self.due_on.at(row).filter(|day| *day <= self.as_of).and_then(|_| self.cash(row))?;
        let clawbacks = self.clawbacks(row).unwrap_or_default().iter();
        let until_as_of = clawbacks.filter(|(day, _)| day.is_some_and(|day| day <= self.as_of));
        Some(first.saturating_add(until_as_of.map(|(_, amount)| amount).sum()))
    }

    /// Paid less due; nothing where neither is there, or where what is due is not computable.
    fn difference(&self, row: usize, has_no_dates: bool) -> Option<i64> {
        match (self.due(row), self.paid.at(row)) {
            (None, None) => None,
            // Nothing is due yet; what is not computable is no zero.
            (None, Some(_)) if has_no_dates || self.cash(row).is_none() && self.standing.may_be_paid(row) => None,
            (due, paid) => Some(paid.unwrap_or(0).saturating_sub(due.unwrap_or(0))),
        }
    }

    /// Its money moved in the last days or has yet to, it differs, or it cannot be told.
    fn is_listed(&self, row: usize, account: &AccountFigures, has_no_dates: bool) -> bool {
        let moves = |day: Option<i32>| day.is_none_or(|day| day > self.as_of - RECENT);
        let (due_on, paid) = (self.due_on.at(row), self.paid.at(row));
        if self.clawbacks(row).unwrap_or_default().iter().any(|(day, _)| moves(*day)) {
            return true;
        }
        match (due_on, paid) {
            (None, None) => {
                let is_known = self.states.at(row) != SettlementState::NotComputable.text();
                !is_known && !has_no_dates && self.standing.may_be_paid(row)
            }
            (Some(_), _) if moves(due_on) => true,
            _ if self.paid_lately.contains(self.keys.at(row)) => true,
            // Without a payout source nobody can tell what was paid.
            _ => account.coverage.payouts && self.difference(row, has_no_dates) != Some(0),
        }
    }
}

/// The orders of one currency that are not listed, added up.
#[derive(Default)]
struct Rest {
    orders: u64,
    expected: Option<i64>,
    taken_back: Option<i64>,
    due: Option<i64>,
    paid: Option<i64>,
    difference: Option<i64>,
}

impl Rest {
    fn add(&mut self, orders: &Orders<'_>, row: usize, has_no_dates: bool) -> Result<(), ReportError> {
        self.orders += 1;
        for (sum, amount) in [
            (&mut self.expected, orders.expected(row)),
            (&mut self.taken_back, orders.taken_back(row)),
            (&mut self.due, orders.due(row)),
            (&mut self.paid, orders.paid.at(row)),
            (&mut self.difference, orders.difference(row, has_no_dates)),
        ] {
            if let Some(amount) = amount {
                add_amount(sum.get_or_insert(0), amount)?;
            }
        }
        Ok(())
    }
}

fn sheet(desk: &Desk<'_>, account: &AccountFigures, orders: &Orders<'_>, rows: &[usize]) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let fields = Fields(&desk.run.reconciled.orders);
    let has_no_dates = account.settlement.values().any(|sums| sums.has_no_dates);
    let shows_all = desk.run.pipeline.settles_all;
    let (listed, others): (Vec<usize>, Vec<usize>) =
        rows.iter().partition(|row| shows_all || orders.is_listed(**row, account, has_no_dates));
    let mut rest: Map<&str, Rest> = Map::default();
    for row in &others {
        rest.entry(orders.currencies.at(*row)).or_default().add(orders, *row, has_no_dates)?;
    }
    rest.sort_keys();
    let told = |rest: &Rest| texts.fill("settlement.rest", &[("orders", &rest.orders.to_string())]);
    let labels: Vec<String> = rest.values().map(told).collect();
    let numbers = fields.text(order_facts::order_no)?;
    let numbers = listed.iter().map(|row| numbers.at(*row)).chain(labels.iter().map(String::as_str));
    let text = |column| -> Result<StringChunked, ReportError> {
        let values = fields.text(column)?;
        Ok(listed.iter().map(|row| Some(values.at(*row))).chain(rest.keys().map(|_| None)).collect())
    };
    let days = |column| -> Result<Vec<Option<i32>>, ReportError> {
        let values = fields.date(column)?;
        Ok(listed.iter().map(|row| values.at(*row)).chain(rest.keys().map(|_| None)).collect())
    };
    let currencies = listed.iter().map(|row| orders.currencies.at(*row)).chain(rest.keys().copied());
    let money = |of_order: &dyn Fn(usize) -> Option<i64>, of_rest: fn(&Rest) -> Option<i64>| -> Vec<Option<i64>> {
        listed.iter().map(|row| of_order(*row)).chain(rest.values().map(of_rest)).collect()
    };
    let mut table = Table::new(listed.len() + rest.len())
        .text(texts.say("column.order"), numbers.map(Some).collect())
        .text(texts.say("column.status"), texts.words("status", &text(order_facts::status)?))
        .text(texts.say("column.shipping_method"), text(order_facts::shipping_method)?)
        .dates(texts.say("column.delivered_on"), days(order_facts::delivered_on)?)
        .dates(texts.say("column.billing_on"), days(order_facts::billing_on)?)
        .dates(texts.say("column.payout_on"), days(order_facts::payout_on)?)
        .currency(texts.say("column.currency"), currencies.map(Some).collect())
        .money(texts.say("column.expected"), money(&|row| orders.expected(row), |rest| rest.expected))
        .money(texts.say("column.taken_back"), money(&|row| orders.taken_back(row), |rest| rest.taken_back))
        .money(texts.say("column.expected_by_as_of"), money(&|row| orders.due(row), |rest| rest.due));
    if account.coverage.payouts {
        let difference = |row| orders.difference(row, has_no_dates);
        table = table
            .money(texts.say("column.paid"), money(&|row| orders.paid.at(row), |rest| rest.paid))
            .money(texts.say("column.difference"), money(&difference, |rest| rest.difference))
            .marked(MarkWhen::NotZero, Ink::Warn);
    }
    let table = table
        .text(texts.say("column.state"), texts.words("settlement", &text(order_facts::settlement_state)?))
        .text(texts.say("column.read_at"), places(fields, &listed, rest.len(), &desk.run.ingested.parts)?);
    let mut notes = vec![texts.say("settlement.note").to_owned()];
    if !others.is_empty() {
        let since = date_of(orders.as_of - RECENT + 1).map(|day| day.to_string()).unwrap_or_default();
        let values = [("since", since.as_str()), ("orders", &others.len().to_string())];
        notes.push(texts.fill("settlement.rest_note", &values));
    }
    notes.extend(account.not_computable.iter().cloned());
    if !account.coverage.payouts {
        notes.push(texts.say("settlement.no_payouts").to_owned());
    }
    let mut sheet = Sheet::of(&account.coverage.account, notes, table)
        .with_legend(vec![(Ink::Warn, texts.say("legend.difference").to_owned())]);
    sheet.title = texts.fill("settlement.title", &[("account", &account.coverage.account)]);
    Ok(sheet)
}

/// `file:row` of every listed order, and nothing for the rest.
fn places(fields: Fields<'_>, listed: &[usize], rest: usize, parts: &Parts) -> Result<StringChunked, ReportError> {
    let references = fields.row(order_facts::order_row)?;
    let heads: Vec<String> = parts
        .0
        .iter()
        .map(|part| match &part.sheet {
            Some(sheet) => format!("{}[{sheet}]:", part.path),
            None => format!("{}:", part.path),
        })
        .collect();
    let mut place = String::new();
    let mut places = polars::prelude::StringChunkedBuilder::new("".into(), listed.len() + rest);
    for row in listed {
        let head = references.at(*row).and_then(|reference| heads.get((reference >> 32) as usize).zip(Some(reference)));
        match head {
            Some((head, reference)) => {
                place.clone_from(head);
                let _ = write!(place, "{}", row_of(reference));
                places.append_value(&place);
            }
            None => places.append_null(),
        }
    }
    (0..rest).for_each(|_| places.append_null());
    Ok(places.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::Figures;
    use crate::report::specimen::Cell::{B, D, N, T};
    use crate::report::specimen::{Cell, Specimen, as_of, frame_from};
    use crate::report::table::Cells;
    use crate::report::texts::Texts;

    fn t(text: &str) -> Cell {
        T(text.to_owned())
    }

    fn order(number: &str, cash: i64, more: &[(&'static str, Cell)]) -> Vec<(&'static str, Cell)> {
        let mut row = vec![
            ("account", t("shop-cz")),
            ("order_key", t(&format!("shop-cz/{number}"))),
            ("order_no", t(number)),
            ("currency", t("CZK")),
            ("status", t("delivered")),
            ("settlement_state", t("eligible")),
            ("cash_expected", N(cash)),
        ];
        for (name, cell) in more {
            row.retain(|(known, _)| known != name);
            row.push((name, cell.clone()));
        }
        row
    }

    /// One order for each condition, beside one that it fails by the least.
    fn specimen(settles_all: bool) -> Specimen {
        let mut specimen = Specimen::small();
        let today = day_number(as_of());
        let due = |day: i32| [("due_on", D(day)), ("payout_on", D(day))];
        let old = due(today - RECENT);
        let paid_in_full = |day: i32, cash: i64| [due(day).to_vec(), vec![("paid", N(cash))]].concat();
        let waiting = [("settlement_state", t("waiting_delivery")), ("status", t("shipped"))];
        let unknown = |status: &str| [("settlement_state", t("not_computable")), ("status", t(status))];
        let clawback = |number: &str, day: Option<i32>| {
            let mut row = vec![
                ("account", t("shop-cz")),
                ("order_key", t(&format!("shop-cz/{number}"))),
                ("currency", t("CZK")),
                ("amount", N(-100)),
            ];
            row.extend(day.map(|day| ("payout_on", D(day))));
            row
        };
        let line = |number: &str, day: i32| {
            vec![
                ("account", t("shop-cz")),
                ("statement_id", t("V")),
                ("order_key", t(&format!("shop-cz/{number}"))),
                ("kind", t("sale")),
                ("currency", t("CZK")),
                ("paid_on", D(day)),
            ]
        };
        let orders = [
            order("paid-long-ago", 5_000, &paid_in_full(today - RECENT, 5_000)),
            order("due-lately", 6_000, &paid_in_full(today - RECENT + 1, 6_000)),
            order("differs", 7_000, &paid_in_full(today - RECENT, 6_999)),
            order("unpaid", 8_000, &old),
            order("line-lately", 9_000, &paid_in_full(today - RECENT, 9_000)),
            order("line-long-ago", 9_100, &paid_in_full(today - RECENT, 9_100)),
            order("back-lately", 9_200, &paid_in_full(today - RECENT, 9_100)),
            order("back-long-ago", 9_300, &paid_in_full(today - RECENT, 9_200)),
            order("back-some-day", 9_400, &paid_in_full(today - RECENT, 9_400)),
            order("coming", 9_500, &due(today + 1)),
            order("waiting", 9_600, &waiting),
            order("paid-early", 9_700, &[waiting.to_vec(), vec![("paid", N(9_700))]].concat()),
            order("unknown", 0, &[unknown("delivered").to_vec(), vec![("cash_expected", N(300))]].concat()),
            order("unknown-back", 0, &unknown("returned")),
            order("test", 1_000, &[("test", B(true)), ("due_on", D(today))]),
        ];
        specimen.reconciled.orders = frame_from(&order_facts::FRAME, &orders);
        let clawbacks = [
            clawback("back-lately", Some(today - RECENT + 1)),
            clawback("back-long-ago", Some(today - RECENT)),
            clawback("back-some-day", None),
        ];
        specimen.reconciled.clawbacks = frame_from(&clawback_facts::FRAME, &clawbacks);
        let lines = [line("line-lately", today - RECENT + 1), line("line-long-ago", today - RECENT)];
        specimen.reconciled.payouts = frame_from(&payout_facts::FRAME, &lines);
        specimen.pipeline.settles_all = settles_all;
        specimen
    }

    fn table_of(specimen: &Specimen) -> (Vec<String>, Table) {
        let run = specimen.assessment();
        let figures = Figures::compute(&run).unwrap();
        let texts = Texts::load("en").unwrap();
        let desk = Desk { run, texts, catalogue: &[], quarantine: Table::new(0), figures, has_previous: false };
        let mut sheets = build(&desk).unwrap();
        assert_eq!(sheets.len(), 1);
        let sheet = sheets.remove(0);
        (sheet.notes, sheet.blocks[0].table.clone())
    }

    fn orders_of(table: &Table) -> Vec<String> {
        let Cells::Text(orders) = &table.columns[0].cells else { panic!("no text") };
        orders.iter().map(|order| order.unwrap().to_owned()).collect()
    }

    #[test]
    fn orders_whose_money_no_longer_moves_are_added_up() {
        let (notes, table) = table_of(&specimen(false));
        let listed = [
            "back-lately",
            "back-some-day",
            "coming",
            "differs",
            "due-lately",
            "line-lately",
            "paid-early",
            "test",
            "unknown",
            "unpaid",
            "5 orders that are not listed",
        ];
        assert_eq!(orders_of(&table), listed);
        assert!(
            notes.iter().any(|note| note.contains("since 2026-11-11") && note.contains("The other 5 ")),
            "{notes:?}"
        );
    }

    #[test]
    fn totals_are_the_same_whether_all_orders_are_listed_or_not() {
        let (_, some) = table_of(&specimen(false));
        let (notes, all) = table_of(&specimen(true));
        assert_eq!((all.rows, notes.iter().filter(|note| note.contains("The other")).count()), (15, 0));
        let sums = |table: &Table| -> Vec<_> {
            table.columns.iter().filter(|column| column.total).map(|column| table.sums(column).unwrap()).collect()
        };
        assert_eq!(sums(&some), sums(&all));
        assert_eq!(sums(&all).len(), 5);
    }
}
