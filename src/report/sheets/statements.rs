//! Statement tie-out: the lines of every statement beside the total that its header states.

use crate::frame::statement_facts as f;
use crate::report::chart::Ink;
use crate::report::fields::Fields;
use crate::report::sheet::Sheet;
use crate::report::table::{MarkWhen, Table};
use crate::report::{Desk, ReportError};

/// The sheet.
///
/// # Errors
/// A frame that is not as declared.
pub fn build(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let fields = Fields(&desk.run.reconciled.statements);
    let table = Table::new(fields.height())
        .text(texts.say("column.account"), fields.text_cells(f::account)?)
        .text(texts.say("column.statement"), fields.text_cells(f::statement_id)?)
        .dates(texts.say("column.paid_on"), fields.date(f::paid_from)?.iter())
        .dates(texts.say("column.paid_until"), fields.date(f::paid_until)?.iter())
        .dates(texts.say("column.from"), fields.date(f::period_from)?.iter())
        .dates(texts.say("column.to"), fields.date(f::period_to)?.iter())
        .ints(texts.say("column.lines"), fields.int(f::lines)?.iter())
        .summed()
        .currency(texts.say("column.currency"), fields.text_cells(f::currency)?)
        .money(texts.say("column.for_orders"), fields.int(f::for_orders)?.iter())
        .money(texts.say("column.other_lines"), fields.int(f::other)?.iter())
        .money(texts.say("column.sum_of_lines"), fields.int(f::sum)?.iter())
        .money(texts.say("column.statement_total"), fields.int(f::total)?.iter())
        .money(texts.say("column.difference"), fields.int(f::difference)?.iter())
        .marked(MarkWhen::NotZero, Ink::Bad)
        .money(texts.say("column.transferred"), fields.int(f::transferred)?.iter());
    Ok(Sheet::of(texts.say("sheet.statements"), vec![texts.say("statements.note").to_owned()], table)
        .with_legend(vec![(Ink::Bad, texts.say("legend.difference").to_owned())]))
}
