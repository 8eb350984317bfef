//! The first screen is the answer: what is to be done tonight, what is owed, whether the targets are met, how good the data is.

use std::collections::BTreeMap;

use polars::prelude::{IdxCa, PolarsResult};

use crate::frame::findings;
use crate::report::chart::{Chart, ChartForm, Ink};
use crate::report::fields::Fields;
use crate::report::figures::ByCurrency;
use crate::report::figures::account::{AccountFigures, Settlement};
use crate::report::figures::finding::SeverityCount;
use crate::report::figures::metric::MetricWindow;
use crate::report::sheet::{Block, Sheet};
use crate::report::sheets::{by_rule, metrics, payout_calendar, queue};
use crate::report::table::{Cells, MarkWhen, Table};
use crate::report::{Desk, ReportError};
use crate::rules::blind::Blind;
use crate::vocab::{Window, Word};

const URGENT: usize = 10;
const COMING: usize = 8;
const TITLE: usize = 64;

/// The summary of the night.
///
/// # Errors
/// A frame that is not as declared.
pub fn build(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let mut blocks = vec![found(desk), urgent(desk)?];
    blocks.extend(money(desk));
    blocks.extend(coming(desk));
    blocks.extend([targets(desk), daily(desk), data(desk)]);
    let title =
        texts.fill("summary.title", &[("pipeline", &desk.run.pipeline.name), ("as_of", &desk.run.as_of.to_string())]);
    Ok(Sheet {
        name: texts.say("sheet.summary").to_owned(),
        title,
        notes: notes(desk),
        legend: vec![
            (Ink::Bad, texts.say("legend.bad").to_owned()),
            (Ink::Warn, texts.say("legend.warn").to_owned()),
            (Ink::Good, texts.say("legend.good").to_owned()),
        ],
        blocks,
    })
}

fn notes(desk: &Desk<'_>) -> Vec<String> {
    let (texts, counts) = (&desk.texts, &desk.figures.findings);
    let mut notes = vec![texts.fill(
        "summary.answer",
        &[
            ("total", &counts.total.to_string()),
            ("new", &counts.new.to_string()),
            ("open", &counts.open.to_string()),
            ("changed", &counts.changed.to_string()),
            ("reopened", &counts.reopened.to_string()),
            ("resolved", &counts.resolved.to_string()),
        ],
    )];
    if !desk.has_previous {
        notes.push(texts.say("summary.no_previous").to_owned());
    }
    let refused = desk.run.ingested.quarantine.len();
    if refused > 0 {
        notes.push(texts.fill("summary.quarantine", &[("rows", &refused.to_string())]));
    }
    for account in desk.figures.accounts.iter().filter(|account| !account.coverage.missing.is_empty()) {
        let kinds = account.coverage.missing.join(", ");
        notes
            .push(texts.fill("summary.not_computable", &[("account", &account.coverage.account), ("missing", &kinds)]));
    }
    for account in desk.figures.accounts.iter().filter(|account| account.coverage.orders) {
        for (currency, sums) in account.settlement.iter().filter(|(_, sums)| sums.not_computable > 0) {
            let (orders, account) = (sums.not_computable.to_string(), &account.coverage.account);
            let of = [("orders", orders.as_str()), ("account", account), ("currency", currency)];
            notes.push(texts.fill("summary.cash_unknown", &of));
        }
    }
    for account in &desk.figures.accounts {
        if let Some(rules) = blind_told(&account.blind) {
            notes.push(texts.fill("summary.blind", &[("account", &account.coverage.account), ("rules", &rules)]));
        }
        notes.extend(account.not_computable.iter().map(|reason| format!("{}: {reason}", account.coverage.account)));
    }
    let left_out = &desk.run.ingested.left_out;
    if !left_out.is_empty() {
        notes.push(texts.fill("summary.left_out", &[("sources", &left_out.join(", "))]));
    }
    notes
}

/// Rules that cannot judge, each with what is not bound; `None` without one.
fn blind_told(blind: &[Blind]) -> Option<String> {
    let told: Vec<String> = blind.iter().map(Blind::told).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Findings by severity, with one column of money per currency.
fn found(desk: &Desk<'_>) -> Block {
    let texts = &desk.texts;
    let rows = &desk.figures.findings.by_severity;
    let figure = |pick: fn(&SeverityCount) -> i64| rows.values().map(move |count| Some(pick(count)));
    let table = Table::new(rows.len())
        .texts(texts.say("column.severity"), rows.keys().map(|severity| texts.word("severity", severity.text())))
        .ints(texts.say("column.findings"), figure(|count| count.count))
        .summed()
        .ints(texts.say("column.new"), figure(|count| count.new))
        .summed()
        .ints(texts.say("column.overdue"), figure(|count| count.overdue))
        .summed()
        .marked(MarkWhen::NotZero, Ink::Bad)
        .ints(texts.say("column.due_soon"), figure(|count| count.due_soon))
        .summed()
        .marked(MarkWhen::NotZero, Ink::Warn);
    let money: Vec<&ByCurrency> = rows.values().map(|count| &count.money).collect();
    let table = by_rule::money_columns(table, texts.say("column.at_stake"), &money);
    Block::of(texts.say("summary.findings"), table).with_chart(Chart {
        title: texts.say("summary.findings").to_owned(),
        form: ChartForm::Bars,
        categories: 0,
        series: vec![(1, Ink::Plain)],
    })
}

/// The head of the queue.
fn urgent(desk: &Desk<'_>) -> Result<Block, ReportError> {
    let texts = &desk.texts;
    let order = queue::order(desk)?;
    let rows = IdxCa::from_vec("rows".into(), order.into_iter().take(URGENT).collect());
    let found = desk.run.findings.found.take(&rows)?;
    let fields = Fields(&found);
    let (severities, codes) = (fields.text(findings::severity)?, fields.text(findings::code)?);
    let keys = [findings::order_no, findings::shipment, findings::statement, findings::subject];
    let keys = keys.map(|column| fields.text(column)).into_iter().collect::<PolarsResult<Vec<_>>>()?;
    // The most telling key of a finding: order, parcel, statement, or subject.
    let key = |row: usize| keys.iter().map(|texts| texts.at(row)).find(|key| !key.is_empty()).unwrap_or_default();
    let table = Table::new(found.height())
        .texts(texts.say("column.severity"), severities.iter().map(|severity| texts.word("severity", severity)))
        .column(texts.say("column.due"), Cells::Date(fields.date_cells(findings::due)?))
        .marked(MarkWhen::Before(desk.run.as_of), Ink::Bad)
        .text(texts.say("column.code"), fields.text_cells(findings::code)?)
        .text(texts.say("column.account"), fields.text_cells(findings::account)?)
        .texts(texts.say("column.order_or_subject"), (0..found.height()).map(key))
        .currency(texts.say("column.currency"), fields.text_cells(findings::currency)?)
        .column(texts.say("column.at_stake"), Cells::Money(fields.int_cells(findings::money)?, None))
        .texts(texts.say("column.what"), codes.iter().map(|code| shortened(queue::title_of(desk, code))));
    Ok(Block::of(&texts.fill("summary.urgent", &[("count", &URGENT.to_string())]), table)
        .with_note(texts.say("summary.urgent_note")))
}

/// As much of a title as stands beside the charts; the queue has it whole.
fn shortened(title: &str) -> String {
    if title.chars().count() <= TITLE {
        return title.to_owned();
    }
    let start: String = title.chars().take(TITLE - 1).collect();
    format!("{}…", start.trim_end())
}

/// An account's figures in one currency.
type Sums<'desk> = (&'desk AccountFigures, &'desk str, &'desk Settlement);

/// Expected against paid per account and currency. Where one of the two is not known, there is nothing to compare: such rows stand
/// apart, so that each total is of the rows above it.
fn money(desk: &Desk<'_>) -> Vec<Block> {
    let texts = &desk.texts;
    let rows = desk
        .figures
        .accounts
        .iter()
        .flat_map(|account| account.settlement.iter().map(move |(currency, sums)| (account, currency.as_str(), sums)))
        .filter(|(account, _, _)| account.coverage.orders || account.coverage.payouts);
    let is_compared = |row: &Sums| row.0.coverage.orders && row.0.coverage.payouts && row.2.expected().is_some();
    let (compared, apart): (Vec<Sums>, Vec<Sums>) = rows.partition(is_compared);
    let mut blocks = vec![
        Block::of(texts.say("summary.money"), settled(desk, &compared)).with_note(texts.say("summary.money_note")),
    ];
    if !apart.is_empty() {
        let table = settled(desk, &apart);
        blocks.push(Block::of(texts.say("summary.apart"), table).with_note(texts.say("summary.apart_note")));
    }
    blocks
}

fn settled(desk: &Desk<'_>, rows: &[Sums]) -> Table {
    let texts = &desk.texts;
    let expected = |row: &Sums| row.2.expected().filter(|_| row.0.coverage.orders);
    let paid = |row: &Sums| row.0.coverage.payouts.then_some(row.2.paid);
    let of_orders = |row: &Sums, figure: i64| row.0.coverage.orders.then_some(figure);
    Table::new(rows.len())
        .texts(texts.say("column.account"), rows.iter().map(|row| row.0.coverage.account.as_str()))
        .ints(texts.say("column.orders"), rows.iter().map(|row| of_orders(row, row.2.orders)))
        .ints(texts.say("column.eligible_orders"), rows.iter().map(|row| of_orders(row, row.2.eligible)))
        .currency(texts.say("column.currency"), rows.iter().map(|row| Some(row.1)).collect())
        .money(texts.say("column.expected_by_as_of"), rows.iter().map(expected))
        .money(texts.say("column.paid"), rows.iter().map(paid))
        .money(
            texts.say("column.difference"),
            rows.iter().map(|row| paid(row).and_then(|_| expected(row)).and_then(|_| row.2.difference())),
        )
        .marked(MarkWhen::NotZero, Ink::Warn)
        .money(
            texts.say("column.paid_without_order"),
            rows.iter().map(|row| row.0.coverage.payouts.then_some(row.2.paid_without_order)),
        )
        .money(texts.say("column.coming"), rows.iter().map(|row| row.2.coming().filter(|_| row.0.coverage.orders)))
        .money(texts.say("column.blocked"), rows.iter().map(|row| row.2.blocked().filter(|_| row.0.coverage.orders)))
}

/// The next payout dates, one block and chart per currency: amounts of two currencies share no axis.
fn coming(desk: &Desk<'_>) -> Vec<Block> {
    let texts = &desk.texts;
    let mut by_currency: BTreeMap<&str, BTreeMap<i32, Coming>> = BTreeMap::new();
    for day in desk.figures.payouts.iter().filter(|day| day.is_coming) {
        let Some(date) = day.date else { continue };
        let sums = by_currency.entry(&day.currency).or_default().entry(date).or_default();
        *sums = added(*sums, (day.known(day.eligible), day.known(day.at_risk)));
    }
    by_currency
        .into_iter()
        .map(|(currency, days)| {
            let later = days.len().saturating_sub(COMING);
            let rows = with_the_later_in_one_row(days);
            let title = texts.fill("summary.coming", &[("currency", currency)]);
            let table = Table::new(rows.len())
                .dates(texts.say("column.payout_on"), rows.iter().map(|row| row.0))
                .money_in(texts.say("column.eligible"), currency, rows.iter().map(|row| row.1.0))
                .money_in(texts.say("column.at_risk"), currency, rows.iter().map(|row| row.1.1));
            let note = texts.fill("summary.coming_later", &[("dates", &later.to_string())]);
            let block = Block::of(&title, table).with_chart(payout_calendar::chart(&title, 0, 1, 2));
            if later > 0 { block.with_note(&note) } else { block }
        })
        .collect()
}

/// What is eligible and at risk of a date, minor units; `None` where nothing of it is computable.
type Coming = (Option<i64>, Option<i64>);

/// The sum of what is known of two dates.
fn added(a: Coming, b: Coming) -> Coming {
    let add = |a: Option<i64>, b: Option<i64>| match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (known, None) | (None, known) => known,
    };
    (add(a.0, b.0), add(a.1, b.1))
}

/// The next payout dates, and in a last row without a date all that comes later: the total is of everything.
fn with_the_later_in_one_row(days: BTreeMap<i32, Coming>) -> Vec<(Option<i32>, Coming)> {
    let mut rows: Vec<_> = days.into_iter().map(|(day, sums)| (Some(day), sums)).collect();
    let later = rows.split_off(rows.len().min(COMING));
    let sum = later.iter().fold(Coming::default(), |sum, (_, day)| added(sum, *day));
    rows.extend((!later.is_empty()).then_some((None, sum)));
    rows
}

/// The last closed month of every metric: it decides the account's status.
fn targets(desk: &Desk<'_>) -> Block {
    let rows: Vec<&MetricWindow> =
        desk.figures.metrics.iter().filter(|entry| entry.window == Window::LastClosedMonth).collect();
    Block::of(desk.texts.say("summary.targets"), metrics::table(desk, &rows, false))
}

fn daily(desk: &Desk<'_>) -> Block {
    let texts = &desk.texts;
    let rows: Vec<&AccountFigures> = desk.figures.accounts.iter().filter(|account| account.daily.is_some()).collect();
    let table = Table::new(rows.len())
        .texts(texts.say("column.account"), rows.iter().map(|row| row.coverage.account.as_str()))
        .ints(texts.say("column.orders_new"), rows.iter().map(|row| row.daily.map(|daily| daily.new)))
        .ints(texts.say("column.to_deliver"), rows.iter().map(|row| row.daily.map(|daily| daily.to_deliver)))
        .ints(texts.say("column.late"), rows.iter().map(|row| row.daily.map(|daily| daily.late)))
        .marked(MarkWhen::NotZero, Ink::Warn);
    Block::of(texts.say("summary.daily"), table)
}

/// Rows by source.
fn data(desk: &Desk<'_>) -> Block {
    let texts = &desk.texts;
    let mut sources: BTreeMap<&str, [i64; 6]> = BTreeMap::new();
    for input in &desk.run.ingested.inputs {
        let sums = sources.entry(&input.source).or_default();
        let rows = input.rows;
        let refused = rows.quarantined;
        let buckets = [1, rows.read, rows.used, rows.duplicate + rows.superseded, rows.structural, refused];
        for (sum, bucket) in sums.iter_mut().zip(buckets) {
            *sum = sum.saturating_add_unsigned(bucket);
        }
    }
    let column = |at: usize| sources.values().map(move |sums| Some(sums[at]));
    let table = Table::new(sources.len())
        .texts(texts.say("column.source"), sources.keys())
        .ints(texts.say("column.files"), column(0))
        .summed()
        .ints(texts.say("column.rows_in"), column(1))
        .summed()
        .ints(texts.say("column.used"), column(2))
        .summed()
        .ints(texts.say("column.replaced"), column(3))
        .summed()
        .ints(texts.say("column.structural"), column(4))
        .summed()
        .ints(texts.say("column.quarantined"), column(5))
        .summed()
        .marked(MarkWhen::NotZero, Ink::Warn);
    Block::of(texts.say("summary.data"), table)
}
