//! Findings by rule: how many, how bad, how much.

use std::collections::BTreeSet;

use crate::report::Desk;
use crate::report::chart::{Chart, ChartForm, Ink};
use crate::report::figures::ByCurrency;
use crate::report::sheet::{Block, Sheet};
use crate::report::sheets::queue;
use crate::report::table::Table;
use crate::vocab::Word;

/// The sheet.
pub fn build(desk: &Desk<'_>) -> Sheet {
    let texts = &desk.texts;
    let rows = &desk.figures.findings.by_code;
    let severities = rows.values().map(|count| count.worst.map_or("", |worst| texts.word("severity", worst.text())));
    let table = Table::new(rows.len())
        .texts(texts.say("column.code"), rows.keys())
        .texts(texts.say("column.what"), rows.keys().map(|code| queue::title_of(desk, code)))
        .texts(texts.say("column.severity"), severities)
        .ints(texts.say("column.findings"), rows.values().map(|count| Some(count.count)))
        .summed()
        .ints(texts.say("column.new"), rows.values().map(|count| Some(count.new)))
        .summed();
    let money: Vec<&ByCurrency> = rows.values().map(|count| &count.money).collect();
    let table = money_columns(table, texts.say("column.at_stake"), &money);
    let title = texts.say("sheet.by_rule");
    let chart = Chart { title: title.to_owned(), form: ChartForm::Bars, categories: 0, series: vec![(3, Ink::Plain)] };
    Sheet {
        name: title.to_owned(),
        title: title.to_owned(),
        notes: Vec::new(),
        legend: Vec::new(),
        blocks: vec![Block::of("", table).with_chart(chart)],
    }
}

/// Adds one column of money per currency that any row has.
pub fn money_columns(table: Table, title: &str, rows: &[&ByCurrency]) -> Table {
    let currencies: BTreeSet<&str> = rows.iter().flat_map(|sums| sums.keys().map(String::as_str)).collect();
    currencies.into_iter().fold(table, |table, currency| {
        table.money_in(title, currency, rows.iter().map(|sums| sums.get(currency).copied()))
    })
}
