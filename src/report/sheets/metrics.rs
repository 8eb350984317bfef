//! What the marketplaces measure: every window, with target and distance.

use crate::report::Desk;
use crate::report::chart::Ink;
use crate::report::figures::metric::MetricWindow;
use crate::report::sheet::Sheet;
use crate::report::table::{Cells, MarkWhen, Table, of_options};
use crate::vocab::Word;

/// All windows.
pub fn build(desk: &Desk<'_>) -> Sheet {
    let texts = &desk.texts;
    let rows: Vec<&MetricWindow> = desk.figures.metrics.iter().collect();
    let table = table(desk, &rows, true);
    Sheet::of(texts.say("sheet.metrics"), vec![texts.say("metrics.note").to_owned()], table).with_legend(vec![
        (Ink::Bad, texts.say("legend.missed").to_owned()),
        (Ink::Warn, texts.say("legend.not_computable").to_owned()),
    ])
}

/// A table of metric windows; without the window where all rows are of one.
pub fn table(desk: &Desk<'_>, rows: &[&MetricWindow], with_window: bool) -> Table {
    let texts = &desk.texts;
    let counted = |row: &&MetricWindow, figure: i64| row.computable.then_some(figure);
    let met = |row: &&MetricWindow| match (row.computable, row.met) {
        (false, _) => texts.say("metrics.not_computable"),
        (true, Some(true)) => texts.say("metrics.met"),
        (true, Some(false)) => texts.say("metrics.missed"),
        (true, None) if row.open => texts.say("metrics.open"),
        (true, None) => texts.say("metrics.no_verdict"),
    };
    let target = |row: &&MetricWindow| match row.target {
        Some(target) => texts.word("sense", target.bound.sense()),
        None => "",
    };
    let mut table = Table::new(rows.len())
        .texts(texts.say("column.account"), rows.iter().map(|row| row.account.as_str()))
        .texts(texts.say("column.metric"), rows.iter().map(|row| texts.word("metric", &row.metric)));
    if with_window {
        table = table
            .texts(texts.say("column.window"), rows.iter().map(|row| texts.word("window", row.window.text())))
            .dates(texts.say("column.from"), rows.iter().map(|row| row.from))
            .dates(texts.say("column.to"), rows.iter().map(|row| row.to));
    }
    table
        .ints(texts.say("column.numerator"), rows.iter().map(|row| counted(row, row.numerator)))
        .ints(texts.say("column.denominator"), rows.iter().map(|row| counted(row, row.denominator)))
        .ints(texts.say("column.quarantined"), rows.iter().map(|row| counted(row, row.quarantined)))
        .marked(MarkWhen::NotZero, Ink::Warn)
        .column(
            texts.say("column.rate"),
            Cells::Rate(
                of_options(rows.iter().map(|row| counted(row, row.numerator))),
                of_options(rows.iter().map(|row| counted(row, row.denominator))),
            ),
        )
        .texts("", rows.iter().map(target))
        .column(
            texts.say("column.target"),
            Cells::Rate(
                of_options(rows.iter().map(|row| row.target.map(|target| target.bound.num))),
                of_options(rows.iter().map(|row| row.target.map(|target| target.bound.den))),
            ),
        )
        .texts(texts.say("column.met"), rows.iter().map(met))
        .marked(MarkWhen::Is(texts.say("metrics.missed").to_owned()), Ink::Bad)
        .marked(MarkWhen::Is(texts.say("metrics.not_computable").to_owned()), Ink::Warn)
        .marked(MarkWhen::Is(texts.say("metrics.open").to_owned()), Ink::Warn)
        .ints(texts.say("column.distance"), rows.iter().map(|row| row.distance.filter(|_| row.computable)))
}
