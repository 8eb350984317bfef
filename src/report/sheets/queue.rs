//! The queue: one row a finding, in the order in which it should be worked off, with proof and remedy beside it.
//!
//! Order: deadline (none is last), severity, money (largest first by its value in the base currency, what has no rate in groups of one
//! currency; findings without money are last), then the business key.

use std::cmp::Reverse;

use serde::Deserialize;
use serde_json::Value;

use crate::frame::findings;
use crate::report::chart::Ink;
use crate::report::fields::Fields;
use crate::report::sheet::Sheet;
use crate::report::table::{Cells, MarkWhen, Table};
use crate::report::texts::Texts;
use crate::report::{Desk, ReportError};
use crate::vocab::{FindingState, Severity, Word};

/// A finding as the queue shows it.
#[derive(Debug, Clone)]
pub struct QueueRow {
    /// The rule's code.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// The account, or empty.
    pub account: String,
    /// The order, or empty.
    pub order_no: String,
    /// The tracking number, or empty.
    pub shipment: String,
    /// The statement, or empty.
    pub statement: String,
    /// The subject, or empty.
    pub subject: String,
    /// Money at stake, minor units.
    pub money: Option<i64>,
    /// Its currency.
    pub currency: String,
    /// Deadline, days since 1970-01-01.
    pub due: Option<i32>,
    /// As-of date of the first publication that had it.
    pub first_seen: Option<i32>,
    /// Days since.
    pub nights_open: Option<i64>,
    /// Beside the previous publication.
    pub state: FindingState,
    /// Stable word of what to do.
    pub remedy: String,
    id: String,
    evidence: String,
    change: String,
}

/// What the previous publication said otherwise.
#[derive(Deserialize)]
struct Change {
    field: String,
    before: Option<String>,
    now: Option<String>,
}

#[derive(Deserialize)]
struct Proof {
    #[serde(default)]
    side: String,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    sheet: Option<String>,
    #[serde(default)]
    row: Option<u64>,
    #[serde(default)]
    column: Option<String>,
    #[serde(default)]
    value: Value,
    /// What the cell was taken for, where it says something else.
    #[serde(default)]
    meaning: Option<String>,
    /// The line of the pipeline that says so, of a word that no pack has.
    #[serde(default)]
    meaning_by: Option<String>,
    /// How a value was worked out.
    #[serde(default)]
    formula: Option<String>,
    /// Whose setting it is.
    #[serde(default)]
    of: Option<String>,
    /// So many more rows say the same.
    #[serde(default)]
    more: Option<u64>,
}

/// The first `most` rows of the queue.
///
/// # Errors
/// A frame that is not as declared.
pub fn rows(desk: &Desk<'_>, most: usize) -> Result<Vec<QueueRow>, ReportError> {
    let fields = Fields(&desk.run.findings.found);
    let (codes, severities) = (fields.text(findings::code)?, fields.words::<Severity>(findings::severity)?);
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
    order.truncate(most);
    let ids = fields.text(findings::finding_id)?;
    let (orders, shipments) = (fields.text(findings::order_no)?, fields.text(findings::shipment)?);
    let (statements, subjects) = (fields.text(findings::statement)?, fields.text(findings::subject)?);
    let (first_seen, changes) = (fields.date(findings::first_seen)?, fields.text(findings::change)?);
    let (nights, states) = (fields.int(findings::nights_open)?, fields.words::<FindingState>(findings::state)?);
    let (evidence, remedies) = (fields.text(findings::evidence)?, fields.text(findings::remedy)?);
    Ok(order
        .into_iter()
        .map(|row| QueueRow {
            code: codes.at(row).to_owned(),
            severity: severities[row],
            account: accounts.at(row).to_owned(),
            order_no: orders.at(row).to_owned(),
            shipment: shipments.at(row).to_owned(),
            statement: statements.at(row).to_owned(),
            subject: subjects.at(row).to_owned(),
            money: amounts.at(row),
            currency: currencies.at(row).to_owned(),
            due: dues.at(row),
            first_seen: first_seen.at(row),
            nights_open: nights.at(row),
            state: states[row],
            remedy: remedies.at(row).to_owned(),
            id: ids.at(row).to_owned(),
            evidence: evidence.at(row).to_owned(),
            change: changes.at(row).to_owned(),
        })
        .collect())
}

impl QueueRow {
    /// The most telling key of the finding: order, parcel, statement, or subject.
    pub fn key(&self) -> &str {
        [&self.order_no, &self.shipment, &self.statement, &self.subject]
            .into_iter()
            .find(|key| !key.is_empty())
            .map_or("", String::as_str)
    }

    /// The proof as people read it, one row of an input a line: `side file[sheet]!row: column = value; column = value`.
    fn proof(&self, nothing: &str) -> Result<String, ReportError> {
        let cells: Vec<Proof> = serde_json::from_str(&self.evidence).map_err(|error| ReportError::Json {
            what: format!("evidence of {}", self.id),
            cause: error.to_string(),
        })?;
        Ok(lines(&cells, nothing).join("\n"))
    }

    /// From what to what the finding changed, a field a line; empty for one that did not.
    fn changed(&self, texts: &Texts) -> Result<String, ReportError> {
        if self.change.is_empty() {
            return Ok(String::new());
        }
        let changes: Vec<Change> = serde_json::from_str(&self.change)
            .map_err(|error| ReportError::Json { what: format!("change of {}", self.id), cause: error.to_string() })?;
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
}

/// Neighbours that were read in the same row share a line.
fn lines(cells: &[Proof], nothing: &str) -> Vec<String> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for cell in cells {
        let (place, value) = (cell.place(), cell.value(nothing));
        match lines.last_mut().filter(|(known, _)| *known == place) {
            Some((_, values)) => {
                values.push_str("; ");
                values.push_str(&value);
            }
            None => lines.push((place, value)),
        }
    }
    lines.into_iter().map(|(place, values)| format!("{place}: {values}")).collect()
}

impl Proof {
    fn place(&self) -> String {
        let file = self.file.as_deref().unwrap_or("");
        let sheet = self.sheet.as_deref().filter(|sheet| !sheet.is_empty());
        let sheet = sheet.map(|sheet| format!("[{sheet}]")).unwrap_or_default();
        let row = self.row.map(|row| format!("!{row}")).unwrap_or_default();
        format!("{} {file}{sheet}{row}", self.side).trim().to_owned()
    }

    /// `column = text of the cell → what it was taken for`, `fact = value (formula)`, `+ 7`.
    fn value(&self, nothing: &str) -> String {
        if let Some(more) = self.more {
            return format!("+ {more}");
        }
        let column = self.column.as_deref().unwrap_or("");
        let value = match &self.value {
            Value::Null => nothing.to_owned(),
            Value::String(text) if text.is_empty() => nothing.to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let by = self.meaning_by.as_deref().map(|place| format!(" ({place})")).unwrap_or_default();
        let meaning = self.meaning.as_deref().map(|meaning| format!(" → {meaning}{by}"));
        let told = self.formula.as_deref().or(self.of.as_deref()).map(|told| format!(" ({told})"));
        format!("{column} = {value}{}", meaning.or(told).unwrap_or_default())
    }
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
    let rows = rows(desk, usize::MAX)?;
    sheet(desk, desk.texts.say("sheet.queue"), desk.texts.say("queue.note"), &rows)
}

/// Findings that the previous publication did not have, or had given up.
///
/// # Errors
/// As [`build`].
pub fn new_since_last_night(desk: &Desk<'_>) -> Result<Sheet, ReportError> {
    let is_new =
        |row: &QueueRow| matches!(row.state, FindingState::New | FindingState::Reopened | FindingState::Changed);
    let rows: Vec<QueueRow> = rows(desk, usize::MAX)?.into_iter().filter(is_new).collect();
    let note = if desk.has_previous { "queue.new_note" } else { "summary.no_previous" };
    sheet(desk, desk.texts.say("sheet.new"), desk.texts.say(note), &rows)
}

fn sheet(desk: &Desk<'_>, title: &str, note: &str, rows: &[QueueRow]) -> Result<Sheet, ReportError> {
    let texts = &desk.texts;
    let nothing = texts.say("form.empty");
    let proofs = rows.iter().map(|row| row.proof(nothing)).collect::<Result<Vec<_>, _>>()?;
    let changes = rows.iter().map(|row| row.changed(texts)).collect::<Result<Vec<_>, _>>()?;
    let text = |pick: fn(&QueueRow) -> &str| rows.iter().map(pick);
    let table = Table::new(rows.len())
        .dates(texts.say("column.due"), rows.iter().map(|row| row.due))
        .marked(MarkWhen::Before(desk.run.as_of), Ink::Bad)
        .currency(texts.say("column.currency"), text(|row| &row.currency).map(Some).collect())
        .money(texts.say("column.at_stake"), rows.iter().map(|row| row.money))
        .texts(texts.say("column.severity"), rows.iter().map(|row| texts.word("severity", row.severity.text())))
        .marked(MarkWhen::Is(texts.word("severity", Severity::Critical.text()).to_owned()), Ink::Bad)
        .marked(MarkWhen::Is(texts.word("severity", Severity::High.text()).to_owned()), Ink::Warn)
        .texts(texts.say("column.code"), text(|row| &row.code))
        .texts(texts.say("column.what"), rows.iter().map(|row| title_of(desk, &row.code)))
        .wrapped(28)
        .texts(texts.say("column.account"), text(|row| &row.account))
        .texts(texts.say("column.order"), text(|row| &row.order_no))
        .texts(texts.say("column.shipment"), text(|row| &row.shipment))
        .texts(texts.say("column.statement"), text(|row| &row.statement))
        .texts(texts.say("column.subject"), text(|row| &row.subject))
        .texts(texts.say("column.proof"), &proofs)
        .wrapped(70)
        .texts(texts.say("column.remedy"), rows.iter().map(|row| remedy_of(desk, &row.account, &row.code, &row.remedy)))
        .wrapped(34)
        .dates(texts.say("column.first_seen"), rows.iter().map(|row| row.first_seen))
        .ints(texts.say("column.nights_open"), rows.iter().map(|row| row.nights_open))
        .texts(texts.say("column.state"), rows.iter().map(|row| texts.word("state", row.state.text())))
        .texts(texts.say("column.change"), &changes)
        .wrapped(30)
        .column(texts.say("column.decision"), Cells::Editable)
        .column(texts.say("column.owner"), Cells::Editable)
        .column(texts.say("column.note"), Cells::Editable)
        .column(texts.say("column.expiry"), Cells::Editable)
        .texts(texts.say("column.finding_id"), text(|row| &row.id));
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

    #[test]
    fn a_proof_is_one_line_a_row() {
        let cells: Vec<Proof> = serde_json::from_str(
            r#"[
            {"side":"orders","file":"a.xlsx","sheet":"Orders","row":7,"column":"Stav","value":"Doručeno"},
            {"side":"orders","file":"a.xlsx","sheet":"Orders","row":7,"column":"Doručeno dne","value":null},
            {"side":"tracking","file":"b.csv","sheet":null,"row":7,"column":"Kód","value":"10","meaning":"returned"},
            {"side":"tracking","more":3},
            {"side":"declared","column":"target_num","value":"90","of":"policy"},
            {"side":"computed","column":"days","value":"14","formula":"as_of - day","operands":[]}]"#,
        )
        .unwrap();
        assert_eq!(
            lines(&cells, "(empty)"),
            [
                "orders a.xlsx[Orders]!7: Stav = Doručeno; Doručeno dne = (empty)",
                "tracking b.csv!7: Kód = 10 → returned",
                "tracking: + 3",
                "declared: target_num = 90 (policy)",
                "computed: days = 14 (as_of - day)",
            ]
        );
    }
}
