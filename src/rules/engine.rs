//! Runs the catalogue: rule by rule and account by account, one filter over one fact frame.

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::{DataFrame, DataType, Expr, IntoLazy, NamedFrom, PolarsError, PolarsResult, Series, lit, when};
use rayon::prelude::*;

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::base::zone::{date_of, day_number};
use crate::frame::build::FrameBuilder;
use crate::frame::{
    conflict_facts, document_facts, findings as f, identifier_facts, metric_facts, order_facts, payout_day_facts,
    payout_facts, postage_day_facts, read, restated_facts, shipment_facts, source_facts, statement_facts,
    supplier_facts, transition_facts, unmatched_facts, word_facts,
};
use crate::ingest::Ingested;
use crate::metrics::Metrics;
use crate::pipeline::policy::Policy;
use crate::pipeline::{Account, Pipeline};
use crate::reconcile::Reconciled;
use crate::rules::context::{AT_ONCE, Context};
use crate::rules::evidence::{Exhibits, Library};
use crate::rules::finding::Finding;
use crate::rules::formula_expr::balanced;
use crate::rules::members::MemberIndex;
use crate::rules::own_gaps::{KnownGaps, OwnGaps};
use crate::rules::proof::Proofs;
use crate::rules::rule::{Body, Rule};
use crate::rules::suppress::suppress;
use crate::rules::text_rule::messages;
use crate::rules::unsaid::guarded;
use crate::vocab::{FindingState, Severity, Subject, Word};

/// What the catalogue found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Findings that stand, sorted.
    pub standing: Vec<Finding>,
    /// Findings that others suppress; `remedy` holds the code of the other.
    pub suppressed: Vec<Finding>,
    /// Thresholds that no pack sets: a mistake of the configuration.
    pub missing_thresholds: Vec<String>,
}

/// Runs the rules of a catalogue.
///
/// # Errors
/// A condition does not fit its frame: a bug of ours, exit 6.
pub fn find(
    catalogue: &[&'static Rule],
    pipeline: &Pipeline,
    as_of: AsOf,
    reconciled: &Reconciled,
    metrics: &Metrics,
    ingested: &Ingested,
) -> PolarsResult<Found> {
    let parts = &ingested.parts;
    let index = MemberIndex::default();
    let library =
        Library { parts: Some(parts), reconciled: Some(reconciled), metrics: Some(metrics), index: Some(&index) };
    let rules = catalogue.iter().filter(|rule| pipeline.rules.runs(rule.code));
    let rules: Vec<&'static Rule> = rules.copied().collect();
    let mut shared: BTreeMap<&'static str, AccountRows> = BTreeMap::new();
    for rule in &rules {
        if let (Entry::Vacant(place), Some(facts)) =
            (shared.entry(rule.subject.frame().name), library.facts(rule.subject))
        {
            place.insert(by_account(facts, pipeline)?);
        }
    }
    let rows_of = |rule: &'static Rule| {
        let rows = shared.get(rule.subject.frame().name).into_iter().flatten();
        rows.filter(|(account, _)| rule.concerns(*account)).map(move |(account, rows)| (rule, *account, rows))
    };
    let jobs: Vec<(&'static Rule, Option<&Account>, &DataFrame)> =
        rules.iter().flat_map(|rule| rows_of(rule)).collect();
    let own_gaps = OwnGaps::new(&ingested.quarantine, parts, &reconciled.shipments)?;
    let done = side_by_side(&jobs, |(rule, account, rows)| {
        let missing = RefCell::new(Vec::new());
        let mut found = run(rule, &context(rule, *account, pipeline, as_of, &missing), rows, library)?;
        let mut known = KnownGaps::default();
        found.iter_mut().for_each(|finding| own_gaps.name_in(rule, finding, &mut known));
        Ok((found, missing.into_inner()))
    })?;
    let (found, missing): (Vec<Vec<Finding>>, Vec<Vec<String>>) = done.into_iter().unzip();
    let mut found: Vec<Finding> = found.into_iter().flatten().collect();
    number(&mut found);
    let (standing, suppressed) = suppress(found, &suppressed_by_text(&rules), &reconciled.parent_of);
    let missing_thresholds: BTreeSet<String> = missing.into_iter().flatten().collect();
    Ok(Found { standing, suppressed, missing_thresholds: missing_thresholds.into_iter().collect() })
}

/// `(stronger, weaker)` of the rules written as text.
fn suppressed_by_text(rules: &[&'static Rule]) -> Vec<(&'static str, &'static str)> {
    let written = rules.iter().filter_map(|rule| match &rule.body {
        Body::Text(text) => Some((rule.code, &text.written.suppresses)),
        Body::Rust { .. } => None,
    });
    written.flat_map(|(code, weaker)| weaker.iter().map(move |weaker| (code, weaker.get_ref().as_str()))).collect()
}

/// Room for the frame engine, which goes deep when it is not optimised.
const STACK: usize = 16 << 20;

/// Does all jobs on as many threads as the run has, and gives their results in the order of the jobs. A thread of the pool would take
/// up the next job while it waits for the frame engine's own threads, one upon the other, until its stack is full.
fn side_by_side<J: Sync, R: Send>(jobs: &[J], work: impl Fn(&J) -> PolarsResult<R> + Sync) -> PolarsResult<Vec<R>> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(place) else { return done };
            done.push((place, work(job)));
        }
    };
    let mut done: Vec<(usize, PolarsResult<R>)> = std::thread::scope(|scope| {
        let threads = (0..rayon::current_num_threads())
            .map(|_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take));
        let threads: std::io::Result<Vec<_>> = threads.collect();
        let threads = threads?;
        let done = threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| PolarsError::ComputeError("a rule could not be evaluated".into())));
        done.collect::<PolarsResult<Vec<_>>>()
    })?
    .into_iter()
    .flatten()
    .collect();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Sorts findings, and numbers those with the same keys.
fn number(found: &mut [Finding]) {
    found.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for finding in found {
        let count = counts.entry(finding.id()).or_insert(0);
        *count += 1;
        finding.ordinal = *count;
    }
}

type AccountRows<'run> = Vec<(Option<&'run Account>, DataFrame)>;

/// The rows of each account, and those of none, by name. Frames are mostly sorted by account: where the rows of every account stand
/// together, they are slices and nothing is copied.
fn by_account<'run>(facts: &'run DataFrame, pipeline: &'run Pipeline) -> PolarsResult<AccountRows<'run>> {
    let account = order_facts::account;
    let names = read::texts(facts, account)?;
    let mut runs: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for (name, rows) in names.runs() {
        runs.entry(name).or_default().push((rows.start, rows.len()));
    }
    runs.into_iter()
        .map(|(name, runs)| {
            let rows = match runs.as_slice() {
                [(start, length)] => facts.slice(*start as i64, *length),
                _ => facts.clone().lazy().filter(account.expr().eq(lit(name))).collect()?,
            };
            Ok((pipeline.account(name).map(|account| &**account), rows))
        })
        .collect()
}

/// What a rule may ask of an account on the as-of day.
pub fn context<'run>(
    rule: &'static Rule,
    account: Option<&'run Account>,
    pipeline: &Pipeline,
    as_of: AsOf,
    missing: &'run RefCell<Vec<String>>,
) -> Context<'run> {
    let common = || pipeline.pack("common").map(|pack| pack.policies.clone()).unwrap_or_default();
    let policy: Policy = account.map_or_else(|| common().at(as_of.0), |account| account.policy(as_of.0));
    let zone = account.map_or(chrono_tz::UTC, |account| account.timezone);
    Context {
        account,
        policy: policy.into(),
        as_of: as_of.0,
        end_millis: as_of.end_millis(zone),
        code: rule.code,
        severity: pipeline.rules.severity.get(rule.code).copied(),
        missing,
    }
}

const SEVERITY: &str = "severity of the finding";
const MONEY: &str = "money of the finding";
const REMEDY: &str = "remedy of the finding";
const DUE: &str = "deadline of the finding";

/// The findings of one rule over the facts of one account.
///
/// # Errors
/// A condition does not fit the frame: a bug of ours.
pub fn run(
    rule: &'static Rule,
    context: &Context,
    facts: &DataFrame,
    library: Library<'_>,
) -> PolarsResult<Vec<Finding>> {
    let frame = rule.subject.frame();
    let conditions = rule.conditions(context).into_iter();
    let spared = |condition: Expr| match library.parts {
        Some(parts) => guarded(condition, frame, parts),
        None => condition,
    };
    let all = conditions.map(|(_, condition)| spared(condition).fill_null(lit(false)));
    let holds = balanced(all.collect(), Expr::and, false);
    let severities = rule.severity(context);
    let severity =
        severities.when.into_iter().rev().fold(lit(severities.otherwise.text()), |otherwise, (condition, severity)| {
            when(condition.fill_null(lit(false))).then(lit(severity.text())).otherwise(otherwise)
        });
    let instead = (rule.remedy_unless)().into_iter().rev();
    let remedy = instead.fold(lit(rule.remedy.text()), |otherwise, (condition, remedy)| {
        when(condition.fill_null(lit(false))).then(lit(remedy.text())).otherwise(otherwise)
    });
    let money = rule.money(context).unwrap_or_else(|| lit(polars::prelude::NULL)).cast(DataType::Int64);
    let due = rule.due(context).unwrap_or_else(|| lit(polars::prelude::NULL)).cast(DataType::Int32);
    let hits = facts
        .clone()
        .lazy()
        .filter(holds)
        .with_columns([severity.alias(SEVERITY), remedy.alias(REMEDY), money.alias(MONEY), due.alias(DUE)])
        .collect()?;
    let keys = Keys::read(rule.subject, &hits)?;
    let severities = hits.column(SEVERITY)?.str()?;
    let remedies = hits.column(REMEDY)?.str()?;
    let money = hits.column(MONEY)?.i64()?;
    let due = hits.column(DUE)?.i32()?;
    let accounts = read::texts(&hits, order_facts::account)?;
    let marketplaces = read::texts(&hits, order_facts::marketplace)?;
    let currencies: Vec<&str> = match read::texts(&hits, rule.subject.currency()) {
        Ok(currencies) => currencies.iter().collect(),
        Err(_) => vec![""; hits.height()],
    };
    let of_order = matches!(rule.subject, Subject::Order | Subject::OrderAndNumber);
    let has_tolerance = of_order || rule.subject == Subject::Statement;
    let tolerances = has_tolerance.then(|| read::numbers(&hits, order_facts::tolerance)).transpose()?;
    let zone = context.account.map_or(chrono_tz::UTC, |account| account.timezone);
    // Thresholds are those of the as-of day; amounts and dates of an order those of its own day. Both are named where they differ.
    let own_versions = of_order.then(|| read::texts(&hits, order_facts::policy_version)).transpose()?;
    let version = |row: usize| {
        let today = context.policy.version.as_str();
        let own = own_versions.as_ref().map_or(today, |versions| versions.at(row));
        let policy = if own.is_empty() || own == today { today.to_owned() } else { format!("{own}/{today}") };
        format!("{} {}@{policy}", rule.version, marketplaces.at(row))
    };
    let exhibits = Exhibits {
        facts: &hits,
        frame: rule.subject.frame(),
        library,
        currencies: currencies.clone(),
        zone,
        today: context.today(),
    };
    let mut proofs = exhibits.gather(rule.evidence)?;
    if let Body::Text(text) = &rule.body
        && !text.message.is_empty()
    {
        let messages = messages(text, &hits, &currencies, zone)?;
        proofs.iter_mut().zip(messages).for_each(|(proof, message)| proof.push(message));
    }
    let mut proofs = proofs.into_iter();
    (0..hits.height())
        .map(|row| {
            let [order_no, shipment, statement, subject] = keys.of(row).map(str::to_owned);
            let amount = money.get(row).map(i64::abs).filter(|_| !currencies[row].is_empty());
            Ok(Finding {
                code: rule.code,
                severity: severities.get(row).and_then(Severity::of).unwrap_or(Severity::Info),
                account: accounts.at(row).to_owned(),
                marketplace: marketplaces.at(row).to_owned(),
                order_no,
                shipment,
                statement,
                subject,
                money: amount,
                currency: if amount.is_some() { currencies[row].to_owned() } else { String::new() },
                due: due.get(row),
                rule_version: version(row),
                evidence: proofs.next().unwrap_or_default(),
                remedy: remedies.get(row).unwrap_or_default().to_owned(),
                tolerance: tolerances.as_ref().and_then(|known| known.at(row)).unwrap_or(0),
                ordinal: 1,
            })
        })
        .collect()
}

/// The business keys of the hits, by the grain of the rule.
pub(super) struct Keys<'hits> {
    order_no: Option<read::Texts<'hits>>,
    shipment: Option<read::Texts<'hits>>,
    statement: Option<read::Texts<'hits>>,
    subject: Vec<String>,
}

impl<'hits> Keys<'hits> {
    pub(super) fn read(subject: Subject, hits: &'hits DataFrame) -> PolarsResult<Keys<'hits>> {
        let order_no = || read::texts(hits, order_facts::order_no).map(Some);
        let number = || read::texts(hits, shipment_facts::tracking_number).map(Some);
        let mut keys =
            Keys { order_no: None, shipment: None, statement: None, subject: vec![String::new(); hits.height()] };
        match subject {
            Subject::Order => keys.order_no = order_no()?,
            Subject::OrderAndNumber | Subject::Shipment | Subject::Cash => {
                keys.order_no = order_no()?;
                keys.shipment = number()?;
            }
            Subject::Transition => {
                keys.order_no = order_no()?;
                let from = read::texts(hits, transition_facts::from_status)?;
                let to = read::texts(hits, transition_facts::to_status)?;
                keys.subject = (0..hits.height()).map(|row| [from.at(row), to.at(row)].join("|")).collect();
            }
            Subject::Number => keys.shipment = number()?,
            Subject::PayoutLine => {
                keys.order_no = order_no()?;
                keys.statement = Some(read::texts(hits, payout_facts::statement_id)?);
            }
            Subject::PayoutDay => keys.subject = dates(hits, payout_day_facts::payout_on)?,
            Subject::Statement | Subject::Remittance => {
                keys.statement = Some(read::texts(hits, statement_facts::statement_id)?);
            }
            Subject::Document => {
                keys.order_no = order_no()?;
                keys.subject = owned(read::texts(hits, document_facts::subject)?);
            }
            Subject::PostageDay => {
                let methods = read::texts(hits, postage_day_facts::method)?;
                let currencies = read::texts(hits, postage_day_facts::currency)?;
                let days = dates(hits, postage_day_facts::day)?;
                let totals = read::flags(hits, postage_day_facts::is_total)?;
                // A month's total is named by its month.
                let day = |row: usize| days[row].get(..if totals.at(row) { 7 } else { 10 }).unwrap_or_default();
                keys.subject =
                    (0..hits.height()).map(|row| [day(row), methods.at(row), currencies.at(row)].join("|")).collect();
            }
            Subject::Metric => {
                let metrics = read::texts(hits, metric_facts::metric)?;
                let months = dates(hits, metric_facts::from)?;
                keys.subject =
                    (0..hits.height()).map(|row| format!("{}|{}", metrics.at(row), &months[row][..7])).collect();
            }
            Subject::Word => {
                let carriers = read::texts(hits, word_facts::carrier)?;
                let vocabularies = read::texts(hits, word_facts::vocabulary)?;
                let codes = read::texts(hits, word_facts::code_raw)?;
                let numbers = read::texts(hits, word_facts::order_no)?;
                let code = |row: usize| [carriers.at(row), vocabularies.at(row), codes.at(row)].join("|");
                keys.subject = (0..hits.height())
                    .map(|row| if numbers.at(row).is_empty() { code(row) } else { String::new() })
                    .collect();
                keys.order_no = Some(numbers);
            }
            Subject::Conflict => {
                let sources = read::texts(hits, conflict_facts::source)?;
                let texts = read::texts(hits, conflict_facts::key)?;
                keys.subject = (0..hits.height()).map(|row| [sources.at(row), texts.at(row)].join("|")).collect();
            }
            Subject::Restated => {
                let metrics = read::texts(hits, restated_facts::metric)?;
                let days = dates(hits, restated_facts::day)?;
                // A rate is named as the metric of its month is.
                let subject = |row: usize| match metrics.at(row) {
                    "" => days[row].clone(),
                    metric => format!("{metric}|{}", days[row].get(..7).unwrap_or_default()),
                };
                keys.subject = (0..hits.height()).map(subject).collect();
                keys.statement = Some(read::texts(hits, restated_facts::statement_id)?);
            }
            Subject::Source => keys.subject = owned(read::texts(hits, source_facts::source)?),
            Subject::Identifier => {
                let sources = read::texts(hits, identifier_facts::source)?;
                let texts = read::texts(hits, identifier_facts::key)?;
                keys.subject = (0..hits.height()).map(|row| [sources.at(row), texts.at(row)].join("|")).collect();
            }
            Subject::Unmatched => {
                let sources = read::texts(hits, unmatched_facts::source)?;
                let texts = read::texts(hits, unmatched_facts::key)?;
                let subject = |row: usize| match texts.at(row) {
                    "" => sources.at(row).to_owned(),
                    key => [sources.at(row), key].join("|"),
                };
                keys.subject = (0..hits.height()).map(subject).collect();
            }
            Subject::Supplier | Subject::SupplierSale => {
                keys.order_no = order_no()?;
                keys.subject = owned(read::texts(hits, supplier_facts::supplier_order_no)?);
            }
            Subject::SupplierAccount => {}
        }
        Ok(keys)
    }

    /// Order, tracking number, statement and subject of a row; empty where the grain has none.
    pub(super) fn of(&self, row: usize) -> [&str; 4] {
        let text = |texts: &Option<read::Texts<'hits>>| texts.as_ref().map_or("", |texts| texts.at(row));
        [text(&self.order_no), text(&self.shipment), text(&self.statement), &self.subject[row]]
    }
}

fn owned(texts: read::Texts<'_>) -> Vec<String> {
    texts.iter().map(str::to_owned).collect()
}

fn dates(hits: &DataFrame, column: crate::frame::column::Column) -> PolarsResult<Vec<String>> {
    let days = read::days(hits, column)?;
    Ok(days.iter().map(|day| day.and_then(date_of).map(|date| date.to_string()).unwrap_or_default()).collect())
}

/// Findings as a frame, before they are compared with the previous publication. What proves them is told later: [`with_proofs`].
///
/// # Errors
/// A bug of ours.
pub fn frame(found: &[Finding], as_of: AsOf) -> PolarsResult<DataFrame> {
    let today = day_number(as_of.0);
    let mut built = FrameBuilder::new(&f::FRAME, found.len());
    built
        .texts(f::finding_id, found.iter().map(Finding::id))
        .texts(f::code, found.iter().map(|finding| finding.code))
        .texts(f::severity, found.iter().map(|finding| finding.severity.text()))
        .texts(f::account, found.iter().map(|finding| &finding.account))
        .texts(f::marketplace, found.iter().map(|finding| &finding.marketplace))
        .texts(f::order_no, found.iter().map(|finding| &finding.order_no))
        .texts(f::shipment, found.iter().map(|finding| &finding.shipment))
        .texts(f::statement, found.iter().map(|finding| &finding.statement))
        .texts(f::subject, found.iter().map(|finding| &finding.subject))
        .numbers(f::money, found.iter().map(|finding| finding.money))
        .texts(f::currency, found.iter().map(|finding| &finding.currency))
        .days(f::due, found.iter().map(|finding| finding.due.map(|due| if due == AT_ONCE { today } else { due })))
        .flags(f::due_at_once, found.iter().map(|finding| finding.due == Some(AT_ONCE)))
        .days(f::first_seen, found.iter().map(|_| Some(today)))
        .numbers(f::nights_open, found.iter().map(|_| Some(0)))
        .texts(f::state, found.iter().map(|_| FindingState::New.text()))
        .texts(f::rule_version, found.iter().map(|finding| &finding.rule_version))
        .texts(f::remedy, found.iter().map(|finding| &finding.remedy));
    built.finish()
}

/// Findings with their proofs; those that were carried over from the previous publication keep theirs.
///
/// # Errors
/// A bug of ours.
pub fn with_proofs(frame: &DataFrame, found: &[Finding], proofs: Proofs<'_>) -> PolarsResult<DataFrame> {
    let told: Map<String, &Finding> = found.iter().map(|finding| (finding.id(), finding)).collect();
    let (ids, carried) = (read::texts(frame, f::finding_id)?, read::texts(frame, f::evidence)?);
    let proof = |row: usize| match told.get(ids.at(row)) {
        Some(finding) => proofs.text(&finding.evidence),
        None => carried.at(row).to_owned(),
    };
    let proofs: Vec<String> = (0..ids.len()).into_par_iter().map(proof).collect();
    let mut frame = frame.clone();
    frame.with_column(Series::new(f::evidence.name.into(), proofs).into())?;
    Ok(frame)
}
