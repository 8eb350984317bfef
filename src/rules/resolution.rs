//! By which row a finding was resolved: the newest cell of tonight, on the same subject, that proves it no more.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, IdxCa, IdxSize, NamedFrom, PolarsError, PolarsResult, Series};

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::frame::column::Column;
use crate::frame::lineage::Parts;
use crate::frame::{findings as f, order_facts, read, restated_facts};
use crate::metrics::Metrics;
use crate::pipeline::Pipeline;
use crate::reconcile::Reconciled;
use crate::rules::engine::{AccountGroup, AccountGroups};
use crate::rules::evidence::{Evidence, Exhibits, Library, Scope, add};
use crate::rules::finding::Finding;
use crate::rules::keys::Keys;
use crate::rules::members::MemberIndex;
use crate::rules::proof::{ProofEntry, Proofs, Shown, told_before};
use crate::rules::rule::Rule;
use crate::rules::verdict::{Verdict, verdicts};
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
}

/// The business keys of a finding but its code.
type Key<'run> = [&'run str; 5];

/// Why a finding is gone, before the cells of tonight are read again.
#[derive(Debug, Clone, Default)]
pub struct Cause {
    /// What tonight says of the subject: of the facts of conditions that hold no more, and of the other evidence.
    told: [Vec<Evidence>; 2],
    /// The rule of a finding that suppresses it.
    stronger: Option<&'static str>,
    /// The finding tells an event of one night: nobody has to decide anything for it to end.
    is_event: bool,
}

impl Cause {
    /// What its cells are.
    pub fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.told.iter().flatten()
    }
}

/// What tonight says of the subjects of findings that are gone, finding by finding; others suppress some that are still found.
///
/// # Errors
/// A frame is not what its declaration says: a bug of ours.
pub fn causes(gone: &DataFrame, suppressed: &[Finding], tonight: &Tonight) -> PolarsResult<Vec<Cause>> {
    let codes = read::texts(gone, f::code)?;
    let ids = read::texts(gone, f::finding_id)?;
    let columns = [f::account, f::order_no, f::shipment, f::statement, f::subject];
    let keys: Vec<read::Texts<'_>> =
        columns.iter().map(|column| read::texts(gone, *column)).collect::<PolarsResult<_>>()?;
    let key = |row: usize| -> Key { std::array::from_fn(|place| keys[place].at(row)) };
    let mut causes: Vec<Cause> = vec![Cause::default(); gone.height()];
    let groups = AccountGroups::new(tonight.pipeline, tonight.as_of);
    let stronger: Map<String, &'static str> = suppressed.iter().map(|finding| (finding.id(), finding.remedy)).collect();
    for rule in tonight.rules.iter().copied() {
        let rows: Vec<usize> = (0..codes.len()).filter(|row| codes.at(*row) == rule.code).collect();
        let Some(facts) = tonight.library().facts(rule.subject).filter(|_| !rows.is_empty()) else { continue };
        let places = places(rule, facts, &rows.iter().map(|row| key(*row)).collect::<Vec<_>>())?;
        // Of the subjects that are still there, the finding and the place, by account.
        let mut standing: BTreeMap<&str, Vec<(usize, IdxSize)>> = BTreeMap::new();
        for (row, place) in rows.into_iter().zip(places) {
            match (stronger.get(ids.at(row)), place) {
                (Some(code), _) => causes[row].stronger = Some(code),
                (None, Some(place)) => {
                    standing.entry(key(row)[0]).or_default().push((row, place as IdxSize));
                }
                (None, None) => causes[row].is_event = rule.subject == Subject::Restated,
            }
        }
        for (account, rows) in standing {
            for (row, told) in told(rule, groups.of(account), facts, &rows, tonight)? {
                causes[row].told = told;
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
    let named = causes.iter().enumerate().map(|(row, cause)| match cause.stronger {
        Some(code) => Some(suppressed_by(code)),
        None if cause.is_event => told_once(before.at(row)),
        None => newest(cause, before.at(row), proofs, tonight),
    });
    let named: serde_json::Result<Vec<Option<String>>> =
        named.map(|cell| cell.map(|cell| serde_json::to_string(&cell)).transpose()).collect();
    let named = named.map_err(|error| PolarsError::ComputeError(format!("evidence: {error}").into()))?;
    let mut frame = gone.clone();
    frame.with_column(Series::new(f::resolved_by.name.into(), named).into())?;
    Ok(frame)
}

/// The end of a finding about a figure that a publication showed otherwise: the publication that told it shows the new figure, and the next
/// one has nothing to compare it with.
fn told_once(before: &str) -> Option<Shown<'_>> {
    let proof = told_before(before).unwrap_or_default();
    let figure = |column: &str| {
        proof.iter().find(|entry| entry.column.as_deref() == Some(column)).map(|entry| entry.value.clone())
    };
    let formula = "told once: the publication that told it shows this figure since";
    let (value, before) = (figure(restated_facts::now.name)?, figure(restated_facts::before.name));
    Some(Shown { value, before: Some(before?), ..Shown::computed(restated_facts::now.name, "", formula) })
}

fn suppressed_by(code: &str) -> Shown<'_> {
    let formula = "the rule of a stronger finding on the same subject";
    Shown { before: Some(Some("".into())), ..Shown::computed("suppressed_by", code, formula) }
}

/// What tonight says of subjects of an account: of the facts of conditions that hold no more, and of the other evidence of the rule.
fn told(
    rule: &'static Rule,
    group: &AccountGroup<'_>,
    facts: &DataFrame,
    rows: &[(usize, IdxSize)],
    tonight: &Tonight,
) -> PolarsResult<Vec<(usize, [Vec<Evidence>; 2])>> {
    let missing = RefCell::new(Vec::new());
    let context = group.context(rule, tonight.pipeline, tonight.as_of, &missing);
    let places: Vec<IdxSize> = rows.iter().map(|(_, place)| *place).collect();
    let verdicts = verdicts(rule, &context, &facts.take(&IdxCa::from_vec("rows".into(), places))?)?;
    let scope = Scope { library: tonight.library(), zone: context.zone, today: context.today() };
    let exhibits = |columns: &[Column]| Exhibits::new(scope, facts, rule.subject.frame(), columns);
    let of_verdicts: Vec<Exhibits<'_>> =
        verdicts.iter().map(|verdict| exhibits(&verdict.facts)).collect::<PolarsResult<_>>()?;
    let of_rule = exhibits(rule.evidence)?;
    let currencies = read::texts(facts, rule.subject.currency()).ok();
    let told = rows.iter().enumerate().map(|(nth, (row, place))| {
        let place = *place as usize;
        let currency = currencies.as_ref().map_or("", |currencies| currencies.at(place));
        let is_failed = |verdict: &&Verdict| !verdict.holds[nth];
        let mut failed = Vec::new();
        for (_, exhibits) in verdicts.iter().zip(&of_verdicts).filter(|(verdict, _)| is_failed(verdict)) {
            add(&mut failed, exhibits.gather(place, currency));
        }
        let is_other =
            |column: Column| !verdicts.iter().filter(is_failed).any(|verdict| verdict.facts.contains(&column));
        (*row, [failed, of_rule.gather_if(place, currency, is_other)])
    });
    Ok(told.collect())
}

/// The newest of the cells that changed. Those of conditions that hold no more come first: they are why the finding is gone.
fn newest<'p>(cause: &'p Cause, before: &'p str, proofs: Proofs<'p>, tonight: &Tonight) -> Option<Shown<'p>> {
    let mut before = told_before(before).unwrap_or_default();
    // Several facts may have been made of one cell.
    let mut cells: Vec<(usize, ProofEntry<'p>)> = Vec::new();
    for (rank, told) in cause.told.iter().enumerate() {
        for entry in told.iter().flat_map(|piece| proofs.entries(piece)) {
            if cells.iter().all(|(_, known)| known.shown != entry.shown) {
                cells.push((rank, entry));
            }
        }
    }
    let is_same_column = |former: &Shown<'_>, entry: &ProofEntry<'_>| {
        former.side == entry.shown.side && former.column == entry.shown.column
    };
    // A row that has moved says the same from another place. What stands beside the conditions takes its former cells first: another row
    // that comes to name the same number is what is new.
    let (judged, beside): (Vec<_>, Vec<_>) = cells.into_iter().partition(|(rank, _)| *rank == 0);
    let mut is_new = |entry: &ProofEntry<'_>| {
        let same = |former: &Shown<'_>| is_same_column(former, entry) && former.said() == entry.shown.said();
        let known = before.iter().position(same);
        known.map(|known| before.remove(known)).is_none()
    };
    let mut changed: Vec<(usize, ProofEntry<'p>)> = beside.into_iter().filter(|(_, entry)| is_new(entry)).collect();
    let judged: Vec<(usize, ProofEntry<'p>)> = judged.into_iter().filter(|(_, entry)| is_new(entry)).collect();
    changed.splice(0..0, judged);
    for (_, entry) in &mut changed {
        let former = before.iter().find(|former| is_same_column(former, entry));
        entry.shown.before = Some(former.and_then(|former| former.value.clone()));
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
        let [order_no, shipment, statement, subject] = &keys.of(row);
        let wanted = found.get_index_of(&[account, order_no, shipment, statement, subject]);
        if let Some((_, place)) = wanted.and_then(|wanted| found.get_index_mut(wanted)) {
            place.get_or_insert(row);
        }
    }
    Ok(wanted.iter().map(|key| found.get(key).copied().flatten()).collect())
}
