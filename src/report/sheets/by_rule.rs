//! Findings by rule: how many, how bad, how much.

use crate::report::Desk;
use crate::report::chart::{Chart, ChartForm, Ink};
use crate::report::figures::finding::CodeCount;
use crate::report::sheet::Sheet;
use crate::report::sheets::queue;
use crate::report::table::Table;
use crate::vocab::Word;

/// One rule; a further row for each further currency of its money.
struct Row<'desk> {
    code: &'desk str,
    count: Option<&'desk CodeCount>,
    currency: &'desk str,
    money: Option<i64>,
}

/// The sheet.
pub fn build(desk: &Desk<'_>) -> Sheet {
    let texts = &desk.texts;
    let mut rows = Vec::new();
    for (code, count) in &desk.figures.findings.by_code {
        let mut money = count.money.iter().map(|(currency, amount)| (currency.as_str(), Some(*amount)));
        let (currency, amount) = money.next().unwrap_or(("", None));
        rows.push(Row { code, count: Some(count), currency, money: amount });
        rows.extend(money.map(|(currency, money)| Row { code, count: None, currency, money }));
    }
    let worst = |row: &Row<'_>| row.count.and_then(|count| count.worst).map_or("", |worst| worst.text());
    let table = Table::new(rows.len())
        .texts(texts.say("column.code"), rows.iter().map(|row| row.code))
        .texts(texts.say("column.what"), rows.iter().map(|row| queue::title_of(desk, row.code)))
        .texts(texts.say("column.severity"), rows.iter().map(|row| texts.word("severity", worst(row))))
        .ints(texts.say("column.findings"), rows.iter().map(|row| row.count.map(|count| count.count)))
        .summed()
        .ints(texts.say("column.new"), rows.iter().map(|row| row.count.map(|count| count.new)))
        .summed()
        .currency(texts.say("column.currency"), rows.iter().map(|row| Some(row.currency)).collect())
        .money(texts.say("column.at_stake"), rows.iter().map(|row| row.money));
    let mut sheet = Sheet::of(texts.say("sheet.by_rule"), vec![texts.say("by_rule.note").to_owned()], table);
    if let Some(block) = sheet.blocks.pop() {
        sheet.blocks.push(block.with_chart(Chart {
            title: texts.say("sheet.by_rule").to_owned(),
            form: ChartForm::Bars,
            categories: 0,
            series: vec![(3, Ink::Plain)],
        }));
    }
    sheet
}
