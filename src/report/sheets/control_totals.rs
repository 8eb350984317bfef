//! Control totals: where every row and every crown of every input went.

use crate::report::Desk;
use crate::report::chart::Ink;
use crate::report::figures::conservation::Conserved;
use crate::report::sheet::{Block, Sheet};
use crate::report::table::{MarkWhen, Table};

/// The sheet.
pub fn build(desk: &Desk<'_>) -> Sheet {
    let texts = &desk.texts;
    let all = &desk.figures.conservation;
    let rows: Vec<&Conserved> = all.iter().filter(|equation| equation.currency.is_none()).collect();
    let money: Vec<&Conserved> = all.iter().filter(|equation| equation.currency.is_some()).collect();
    let title = texts.say("sheet.control_totals");
    Sheet {
        name: title.to_owned(),
        title: title.to_owned(),
        notes: vec![texts.say("control_totals.note").to_owned()],
        legend: Vec::new(),
        blocks: vec![
            Block::of(texts.say("control_totals.money"), table(desk, &money)),
            Block::of(texts.say("control_totals.rows"), table(desk, &rows)),
        ],
    }
}

/// What a column shows of an equation.
type Figure = fn(&Conserved) -> i128;

fn table(desk: &Desk<'_>, equations: &[&Conserved]) -> Table {
    let texts = &desk.texts;
    let is_money = equations.iter().any(|equation| equation.currency.is_some());
    let currency = |equation: &&Conserved| equation.currency.clone().unwrap_or_default();
    let mut table = Table::new(equations.len())
        .texts(texts.say("column.file"), equations.iter().map(|equation| equation.input.as_str()))
        .currency(
            if is_money { texts.say("column.currency") } else { "" },
            equations.iter().map(|equation| Some(currency(equation))).collect(),
        );
    let columns: [(&str, Figure); 11] = [
        (texts.say("column.in"), |equation| equation.read),
        (texts.say("column.used"), |equation| equation.used),
        (texts.say("column.duplicate"), |equation| equation.duplicate),
        (texts.say("column.superseded"), |equation| equation.superseded),
        (texts.say("column.structural"), |equation| equation.structural),
        (texts.say("column.quarantined"), |equation| equation.quarantined),
        (texts.say("column.residue"), Conserved::residue),
        (texts.say("column.matched"), |equation| equation.matched),
        (texts.say("column.unmatched"), |equation| equation.unmatched),
        (texts.say("column.later"), |equation| equation.later),
        (texts.say("column.residue_matched"), Conserved::residue_matched),
    ];
    let residues = [texts.say("column.residue"), texts.say("column.residue_matched")];
    for (title, figure) in columns {
        // All figures fit: the equations were refused otherwise.
        let cells = equations.iter().map(|equation| i64::try_from(figure(equation)).ok());
        table = if is_money { table.money(title, cells) } else { table.ints(title, cells).summed() };
        if residues.contains(&title) {
            table = table.marked(MarkWhen::NotZero, Ink::Bad);
        }
    }
    table
}
