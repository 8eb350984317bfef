//! The payout calendar: past and coming dates with what is eligible, at risk, blocked and paid.

use crate::report::Desk;
use crate::report::chart::{Chart, ChartForm, Ink};
use crate::report::sheet::Sheet;
use crate::report::table::Table;

/// The sheet.
pub fn build(desk: &Desk<'_>) -> Sheet {
    let texts = &desk.texts;
    let days = &desk.figures.payouts;
    let state = |day: &crate::report::figures::payout_day::PayoutDay| match (day.date, day.is_coming) {
        (None, _) => texts.say("payout.undated"),
        (Some(_), true) => texts.say("payout.coming"),
        (Some(_), false) => texts.say("payout.past"),
    };
    let table = Table::new(days.len())
        .texts(texts.say("column.account"), days.iter().map(|day| day.account.as_str()))
        .dates(texts.say("column.payout_on"), days.iter().map(|day| day.date))
        .texts(texts.say("column.state"), days.iter().map(state))
        .currency(texts.say("column.currency"), days.iter().map(|day| Some(day.currency.as_str())).collect())
        .money(texts.say("column.eligible"), days.iter().map(|day| day.known(day.eligible)))
        .money(texts.say("column.at_risk"), days.iter().map(|day| day.known(day.at_risk)))
        .money(texts.say("column.blocked"), days.iter().map(|day| day.known(day.blocked)))
        .money(texts.say("column.paid"), days.iter().map(|day| day.paid));
    Sheet::of(texts.say("sheet.payout_calendar"), vec![texts.say("payout_calendar.note").to_owned()], table)
}

/// The chart of coming payouts over a table of one currency.
pub fn chart(title: &str, dates: usize, eligible: usize, at_risk: usize) -> Chart {
    Chart {
        title: title.to_owned(),
        form: ChartForm::Stacked,
        categories: dates,
        series: vec![(eligible, Ink::Good), (at_risk, Ink::Bad)],
    }
}
