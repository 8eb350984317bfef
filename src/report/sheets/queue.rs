//! The queue: one row a finding, in the order in which it should be worked off, with proof and remedy beside it.
//!
//! Order: deadline (none is last), severity, money (largest first by its value in the base currency, what has no rate in groups of one
//! currency; findings without money are last), then the business key.

use std::cmp::Reverse;

use polars::prelude::{ChunkTake, IdxCa, IdxSize, StringChunked};
use serde::Deserialize;

use crate::base::map::Map;
use crate::frame::findings;
use crate::report::chart::Ink;
use crate::report::fields::Fields;
use crate::report::sheet::Sheet;
use crate::report::table::{Cells, MarkWhen, Table};
use crate::report::texts::Texts;
use crate::report::{Desk, ReportError};
use crate::vocab::{FindingState, Severity, Word};

/// What the previous publication said otherwise.
#[derive(Deserialize)]
struct Change {
    field: String,
    before: Option<String>,
    now: Option<String>,
}

/// The places of findings, in the order in which they should be worked off.
///
/// # Errors
/// A frame that is not as declared.
pub fn order(desk: &Desk<'_>) -> Result<Vec<IdxSize>, ReportError> {
    let fields = Fields(&desk.run.findings.found);
    let severities = fields.words::<Severity>(findings::severity)?;
    let (amounts, dues) = (fields.int(findings::money)?, fields.date(findings::due)?);
    let currencies = fields.text(findings::currency)?;
    let accounts = fields.text(findings::account)?;
    let (pipeline, as_of) = (desk.run.pipeline, desk.run.as_of);
    let in_base = |row: usize| pipeline.in_base(amounts.at(row)?, currencies.at(row), accounts.at(row), as_of);
    // What is worth something in the base currency stands before what is of one currency alone.
    let worth: Vec<(&str, Option<i64>)> = (0..fields.height())
        .map(|row| in_base(row).map_or((currencies.at(row), amounts.at(row)), |amount| ("", Some(amount))))
        .collect();
    let mut order: Vec<usize> = (0..fields.height()).collect();
    // The frame is sorted by business key, and the sort is stable.
    order.sort_by_key(|row| {
        let (due, (group, amount)) = (dues.at(*row), worth[*row]);
        (due.is_none(), due, severities[*row], amount.is_none(), group, Reverse(amount))
    });
    Ok(order.into_iter().map(|row| row as IdxSize).collect())
}

/// From what to what a finding changed, a field a line; empty for one that did not.
fn changed(change: &str, texts: &Texts) -> Result<String, ReportError> {
    if change.is_empty() {
        return Ok(String::new());
    }
    let changes: Vec<Change> = serde_json::from_str(change)
        .map_err(|error| ReportError::Json { what: format!("the change {change}"), cause: error.to_string() })?;
    let shown = |field: &str, value: Option<&String>| match value {
        Some(word) if field == findings::severity.name => texts.word("severity", word).to_owned(),
        Some(text) => text.clone(),
        None => texts.say("form.empty").to_owned(),
    };
    let lines = changes.iter().map(|Change { field, before, now }| {
        let (before, now) = (shown(field, before.as_ref()), shown(field, now.as_ref()));
        format!("{}: {before} → {now}", texts.word("field", field))
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// What a code means, in a line.
pub fn title_of<'desk>(desk: &'desk Desk<'_>, code: &'desk str) -> &'desk str {
    desk.catalogue.iter().find(|rule| rule.code == code).map_or(code, |rule| rule.title.as_str())
}

/// What to do: the text of the code (of a finding with another word than the rule's standard one, the text for that word), else what the
/// pack of the account says of the word, else the word's own text.
pub fn remedy_of<'desk>(desk: &'desk Desk<'_>, account: &str, code: &str, remedy: &'desk str) -> &'desk str {
    let of_pack = || desk.run.pipeline.account(account).and_then(|account| account.pack.remedies.get(remedy));
    let standard = desk.catalogue.iter().find(|rule| rule.code == code).map_or("", |rule| rule.remedy);
    match desk.texts.remedy(code, remedy, standard).or_else(|| of_pack().map(String::as_str)) {
        Some(text) => text,
        None => desk.texts.word("remedy", remedy),
    }
}

/// The whole queue.
///
/// # Errors
/// A frame that is not as declared; evidence that is no JSON.
pub fn build(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    sheet(desk, desk.texts.say("sheet.queue"), desk.texts.say("queue.note"), order(desk)?)
}

/// Findings that the previous publication did not have, or had given up.
///
/// # Errors
/// As [`build`].
pub fn new_since_last_night(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    let states = Fields(&desk.run.findings.found).words::<FindingState>(findings::state)?;
    let is_new = |row: &IdxSize| {
        matches!(states[*row as usize], FindingState::New | FindingState::Reopened | FindingState::Changed)
    };
    let rows = order(desk)?.into_iter().filter(is_new).collect();
    let note = if desk.has_previous { "queue.new_note" } else { "summary.no_previous" };
    sheet(desk, desk.texts.say("sheet.new"), desk.texts.say(note), rows)
}

/// Cells of few texts: each lies in memory once.
fn shared<'t>(cells: impl Iterator<Item = &'t str>) -> Result<StringChunked, ReportError> {
    let mut each: Map<&str, ()> = Map::default();
    let places = cells.map(|text| each.insert_full(text, ()).0 as IdxSize).collect();
    let each: StringChunked = each.keys().copied().map(Some).collect();
    Ok(each.take(&IdxCa::from_vec("texts".into(), places))?)
}

fn sheet(desk: &Desk<'_>, title: &str, note: &str, rows: Vec<IdxSize>) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let rows = IdxCa::from_vec("rows".into(), rows);
    let (found, proofs) = (desk.run.findings.found.take(&rows)?, desk.run.findings.proofs.take(&rows)?);
    let fields = Fields(&found);
    let cells = |column| fields.text_cells(column);
    let (codes, accounts, remedies) =
        (fields.text(findings::code)?, fields.text(findings::account)?, fields.text(findings::remedy)?);
    let mut known: Map<[&str; 3], &str> = Map::default();
    let remedies = (0..found.height()).map(|row| {
        let of = [accounts.at(row), codes.at(row), remedies.at(row)];
        *known.entry(of).or_insert_with(|| remedy_of(desk, of[0], of[1], of[2]))
    });
    let changes = fields.text(findings::change)?;
    let changes = changes.iter().map(|change| changed(change, texts)).collect::<Result<Vec<_>, _>>()?;
    let severities = fields.text(findings::severity)?;
    let table = Table::new(found.height())
        .column(texts.say("column.due"), Cells::Date(fields.date_cells(findings::due)?))
        .marked(MarkWhen::Before(desk.run.as_of), Ink::Bad)
        .currency(texts.say("column.currency"), cells(findings::currency)?)
        .column(texts.say("column.at_stake"), Cells::Money(fields.int_cells(findings::money)?, None))
        .summed()
        .texts(texts.say("column.severity"), severities.iter().map(|severity| texts.word("severity", severity)))
        .marked(MarkWhen::Is(texts.word("severity", Severity::Critical.text()).to_owned()), Ink::Bad)
        .marked(MarkWhen::Is(texts.word("severity", Severity::High.text()).to_owned()), Ink::Warn)
        .text(texts.say("column.code"), cells(findings::code)?)
        .text(texts.say("column.what"), shared(codes.iter().map(|code| title_of(desk, code)))?)
        .wrapped(28)
        .text(texts.say("column.account"), cells(findings::account)?)
        .text(texts.say("column.order"), cells(findings::order_no)?)
        .text(texts.say("column.shipment"), cells(findings::shipment)?)
        .text(texts.say("column.statement"), cells(findings::statement)?)
        .text(texts.say("column.subject"), cells(findings::subject)?)
        .text(texts.say("column.proof"), proofs)
        .wrapped(70)
        .text(texts.say("column.remedy"), shared(remedies)?)
        .wrapped(34)
        .column(texts.say("column.first_seen"), Cells::Date(fields.date_cells(findings::first_seen)?))
        .column(texts.say("column.nights_open"), Cells::Int(fields.int_cells(findings::nights_open)?))
        .texts(texts.say("column.state"), fields.text(findings::state)?.iter().map(|state| texts.word("state", state)))
        .texts(texts.say("column.change"), &changes)
        .wrapped(30)
        .column(texts.say("column.decision"), Cells::Editable)
        .column(texts.say("column.owner"), Cells::Editable)
        .column(texts.say("column.note"), Cells::Editable)
        .column(texts.say("column.expiry"), Cells::Editable)
        .text(texts.say("column.finding_id"), cells(findings::finding_id)?);
    Ok(Sheet::of(title, vec![note.to_owned()], table).with_legend(vec![
        (Ink::Bad, texts.say("legend.queue_bad").to_owned()),
        (Ink::Warn, texts.say("legend.queue_warn").to_owned()),
        (Ink::Edit, texts.say("legend.edit").to_owned()),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::catalogue;
    use crate::vocab::Remedy;

    /// *Verify.* is no instruction.
    #[test]
    fn every_remedy_is_an_instruction() {
        let texts = Texts::load("en").unwrap();
        for rule in catalogue() {
            let others = (rule.remedy_unless)().into_iter().map(|(_, remedy)| remedy);
            for remedy in others.chain([rule.remedy, Remedy::ReadRowsFirst]) {
                let own = texts.remedy(rule.code, remedy.text(), rule.remedy.text());
                let text = own.unwrap_or_else(|| texts.word("remedy", remedy.text()));
                assert!(text.split(' ').count() >= 4 && text.ends_with('.'), "{}: {text}", rule.code);
                // The word of the finding is not overruled by the text of the code.
                assert!(
                    remedy == rule.remedy || Some(text) != texts.remedy(rule.code, "", ""),
                    "{}: {text}",
                    rule.code
                );
            }
        }
        let known = |code: &str| catalogue().iter().any(|rule| rule.code == code);
        assert!(texts.codes_with_remedy().all(known));
    }
}
