//! By which row a finding was resolved: the newest cell of tonight, on the same subject, that proves it no more.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, NamedFrom, PolarsResult, Series};
use serde_json::{Value, json};

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::frame::column::Column;
use crate::frame::lineage::Parts;
use crate::frame::{findings as f, order_facts, read, restated_facts};
use crate::metrics::Metrics;
use crate::pipeline::Pipeline;
use crate::reconcile::Reconciled;
use crate::rules::engine::{Keys, context};
use crate::rules::evidence::{Evidence, Exhibits, Library};
use crate::rules::finding::Finding;
use crate::rules::members::MemberIndex;
use crate::rules::proof::{ProofEntry, Proofs, said};
use crate::rules::rule::Rule;
use crate::rules::verdict::verdicts;
use crate::vocab::Subject;

/// What is known tonight.
pub struct Tonight<'run> {
    /// The pipeline.
    pub pipeline: &'run Pipeline,
    /// The as-of day.
    pub as_of: AsOf,
    /// All rules of the run.
    pub rules: &'run [&'static Rule],
    /// The facts.
    pub reconciled: &'run Reconciled,
    /// The metrics.
    pub metrics: &'run Metrics,
    /// Where rows were read.
    pub parts: &'run Parts,
    /// Where members are found by their keys.
    pub index: &'run MemberIndex,
    /// Export date of files that have one, by path as outputs quote it.
    pub export_dates: BTreeMap<&'run str, NaiveDate>,
    /// Findings that others suppress.
    pub suppressed: &'run [Finding],
}

/// The business keys of a finding but its code.
type Key<'run> = [&'run str; 5];

/// Why a finding is gone, before the cells of tonight are read again.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    /// What tonight says of the subject: of the facts of conditions that hold no more, and of the other evidence.
    told: [Vec<Evidence>; 2],
    /// The rule of a finding that suppresses it.
    stronger: Option<String>,
    /// The finding tells an event of one night: nobody has to decide anything for it to end.
    is_event: bool,
}

impl Cause {
    /// What its cells are.
    pub fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.told.iter().flatten()
    }
}

/// What tonight says of the subjects of findings that are gone, finding by finding.
///
/// # Errors
/// A frame is not what its declaration says: a bug of ours.
pub fn causes(gone: &DataFrame, tonight: &Tonight) -> PolarsResult<Vec<Cause>> {
    let codes = read::texts(gone, f::code)?;
    let ids = read::texts(gone, f::finding_id)?;
    let columns = [f::account, f::order_no, f::shipment, f::statement, f::subject];
    let keys: Vec<read::Texts<'_>> =
        columns.iter().map(|column| read::texts(gone, *column)).collect::<PolarsResult<_>>()?;
    let key = |row: usize| -> Key { std::array::from_fn(|place| keys[place].at(row)) };
    let mut causes: Vec<Cause> = vec![Cause::default(); gone.height()];
    for rule in tonight.rules.iter().copied() {
        let rows: Vec<usize> = (0..codes.len()).filter(|row| codes.at(*row) == rule.code).collect();
        let Some(facts) = tonight.library().facts(rule.subject).filter(|_| !rows.is_empty()) else { continue };
        let stronger: Map<String, &str> = tonight
            .suppressed
            .iter()
            .filter(|finding| finding.code == rule.code)
            .map(|finding| (finding.id(), finding.remedy.as_str()))
            .collect();
        let places = places(rule, facts, &rows.iter().map(|row| key(*row)).collect::<Vec<_>>())?;
        for (row, place) in rows.into_iter().zip(places) {
            match (stronger.get(ids.at(row)), place) {
                (Some(code), _) => causes[row].stronger = Some((*code).to_owned()),
                (None, Some(place)) => causes[row].told = told(rule, &facts.slice(place as i64, 1), tonight)?,
                (None, None) => causes[row].is_event = rule.subject == Subject::Restated,
            }
        }
    }
    Ok(causes)
}

/// Fills `resolved_by` of findings that are gone. A finding whose subject is gone as well has none.
///
/// # Errors
/// A frame is not what its declaration says: a bug of ours.
pub fn name_rows(gone: &DataFrame, causes: &[Cause], proofs: Proofs<'_>, tonight: &Tonight) -> PolarsResult<DataFrame> {
    let before = read::texts(gone, f::evidence)?;
    let named: Vec<Option<String>> = causes
        .iter()
        .enumerate()
        .map(|(row, cause)| match &cause.stronger {
            Some(code) => Some(suppressed_by(code, proofs).to_string()),
            None if cause.is_event => told_once(before.at(row)).map(|cell| cell.to_string()),
            None => newest(cause, before.at(row), proofs, tonight).map(|cell| cell.to_string()),
        })
        .collect();
    let mut frame = gone.clone();
    frame.with_column(Series::new(f::resolved_by.name.into(), named).into())?;
    Ok(frame)
}

/// The end of a finding about a figure that a publication showed otherwise: the publication that told it shows the new figure, and the next
/// one has nothing to compare it with.
fn told_once(before: &str) -> Option<Value> {
    let proof: Vec<Value> = serde_json::from_str(before).unwrap_or_default();
    let figure =
        |column: &str| proof.iter().find(|entry| entry["column"] == column).map(|entry| entry["value"].clone());
    let formula = "told once: the publication that told it shows this figure since";
    let (now, before) = (figure(restated_facts::now.name)?, figure(restated_facts::before.name));
    Some(json!({
        "side": "computed", "column": restated_facts::now.name, "value": now, "formula": formula, "operands": [], "before": before,
    }))
}

fn suppressed_by(code: &str, proofs: Proofs<'_>) -> Value {
    let formula = "the rule of a stronger finding on the same subject".to_owned();
    let piece = Evidence::Computed { column: "suppressed_by", value: code.to_owned(), formula, operands: Vec::new() };
    let mut shown = proofs.entries(&piece).into_iter().next().map(|entry| entry.shown).unwrap_or_default();
    shown["before"] = "".into();
    shown
}

/// What tonight says of a subject: of the facts of conditions that hold no more, and of the other evidence of the rule.
fn told(rule: &'static Rule, subject: &DataFrame, tonight: &Tonight) -> PolarsResult<[Vec<Evidence>; 2]> {
    let account =
        read::texts(subject, order_facts::account)?.iter().next().and_then(|name| tonight.pipeline.account(name));
    let missing = RefCell::new(Vec::new());
    let context = context(rule, account.map(|account| &**account), tonight.pipeline, tonight.as_of, &missing);
    let currency = read::texts(subject, rule.subject.currency()).ok().and_then(|texts| texts.iter().next());
    let exhibits = Exhibits {
        facts: subject,
        frame: rule.subject.frame(),
        library: tonight.library(),
        currencies: vec![currency.unwrap_or_default()],
        zone: context.account.map_or(chrono_tz::UTC, |account| account.timezone),
        today: context.today(),
    };
    let failed = verdicts(rule, &context, subject)?.into_iter().filter(|verdict| !verdict.holds[0]);
    let failed: Vec<Column> = failed.flat_map(|verdict| verdict.facts).collect();
    let others: Vec<Column> = rule.evidence.iter().copied().filter(|column| !failed.contains(column)).collect();
    let [failed, others] = [exhibits.gather(&failed)?, exhibits.gather(&others)?];
    Ok([failed, others].map(|rows| rows.into_iter().next().unwrap_or_default()))
}

/// The newest of the cells that changed. Those of conditions that hold no more come first: they are why the finding is gone.
fn newest(cause: &Cause, before: &str, proofs: Proofs<'_>, tonight: &Tonight) -> Option<Value> {
    let mut before: Vec<Value> = serde_json::from_str(before).unwrap_or_default();
    // Several facts may have been made of one cell.
    let mut cells: Vec<(usize, ProofEntry)> = Vec::new();
    for (rank, told) in cause.told.iter().enumerate() {
        for entry in told.iter().flat_map(|piece| proofs.entries(piece)) {
            if cells.iter().all(|(_, known)| known.shown != entry.shown) {
                cells.push((rank, entry));
            }
        }
    }
    let is_same_column = |former: &Value, entry: &ProofEntry| {
        former["side"] == entry.shown["side"] && former["column"] == entry.shown["column"]
    };
    // A row that has moved says the same from another place. What stands beside the conditions takes its former cells first: another row
    // that comes to name the same number is what is new.
    let (judged, beside): (Vec<_>, Vec<_>) = cells.into_iter().partition(|(rank, _)| *rank == 0);
    let mut is_new = |entry: &ProofEntry| {
        let same = |former: &Value| is_same_column(former, entry) && said(former) == said(&entry.shown);
        let known = before.iter().position(same);
        known.map(|known| before.remove(known)).is_none()
    };
    let mut changed: Vec<(usize, ProofEntry)> = beside.into_iter().filter(|(_, entry)| is_new(entry)).collect();
    let judged: Vec<(usize, ProofEntry)> = judged.into_iter().filter(|(_, entry)| is_new(entry)).collect();
    changed.splice(0..0, judged);
    for (_, entry) in &mut changed {
        let former = before.iter().find(|former| is_same_column(former, entry));
        entry.shown["before"] = former.map_or(Value::Null, |former| former["value"].clone());
    }
    let newest = changed.into_iter().enumerate().max_by_key(|(place, (rank, entry))| {
        let part = entry.row.and_then(|row| tonight.parts.locate(row));
        let exported = part.and_then(|(part, _)| tonight.export_dates.get(part.path.as_str()));
        // Of several cells of one row the first.
        (entry.row.is_some(), Reverse(*rank), exported.copied(), entry.row, Reverse(*place))
    });
    newest.map(|(_, (_, entry))| entry.shown)
}

impl<'run> Tonight<'run> {
    fn library(&self) -> Library<'run> {
        Library {
            parts: Some(self.parts),
            reconciled: Some(self.reconciled),
            metrics: Some(self.metrics),
            index: Some(self.index),
        }
    }
}

/// The rows of the fact frame that are the subjects of some keys.
fn places(rule: &Rule, facts: &DataFrame, wanted: &[Key]) -> PolarsResult<Vec<Option<usize>>> {
    let accounts = read::texts(facts, order_facts::account)?;
    let keys = Keys::read(rule.subject, facts)?;
    let mut found: Map<Key, Option<usize>> = wanted.iter().map(|key| (*key, None)).collect();
    for (row, account) in accounts.iter().enumerate() {
        let [order_no, shipment, statement, subject] = keys.of(row);
        if let Some(place) = found.get_mut(&[account, order_no, shipment, statement, subject]) {
            place.get_or_insert(row);
        }
    }
    Ok(wanted.iter().map(|key| found.get(key).copied().flatten()).collect())
}
