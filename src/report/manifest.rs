//! `run.json`: the manifest. Its keys are the contract; money is a decimal string, a rate is two integers, a date is ISO.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::base::{money, zone};
use crate::ingest::{Ingested, Input};
use crate::pipeline::OwnWord;
use crate::report::Assessment;
use crate::report::figures::ByCurrency;
use crate::report::figures::account::{AccountFigures, Coverage};
use crate::report::figures::conservation::Conserved;
use crate::report::figures::finding::FindingCounts;
use crate::report::figures::metric::MetricWindow;
use crate::report::figures::payout_day::PayoutDay;
use crate::report::{Desk, PreviousRun};
use crate::vocab::{MetricName, Word};

/// The manifest. `base` and `outputs` are filled by the publisher.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    schema: u32,
    tool: Tool,
    pipeline: String,
    as_of: String,
    /// Leads from the run to the pipeline's folder; `None` where they have no common root.
    pub base: Option<String>,
    previous: Option<Previous>,
    config: Vec<Config>,
    /// Labels and codes that the pipeline adds to its packs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    own_words: Vec<OwnWordEntry>,
    inputs: Vec<InputEntry>,
    accounts: Vec<AccountEntry>,
    payouts: Vec<PayoutEntry>,
    findings: FindingsEntry,
    conservation: Vec<ConservationEntry>,
    /// Sources that were left out.
    left_out: Vec<String>,
    /// Every other file of the publication, by path.
    pub outputs: Vec<Output>,
}

/// A published file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Output {
    /// Relative to the publication's folder, with `/`.
    pub path: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Size.
    pub bytes: u64,
}

#[derive(Debug, Clone, Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Previous {
    run: String,
    manifest_sha256: String,
}

#[derive(Debug, Clone, Serialize)]
struct Config {
    path: String,
    sha256: String,
}

/// A label or a code that the pipeline adds to what its packs know.
#[derive(Debug, Clone, Serialize)]
struct OwnWordEntry {
    /// The word table, or `<carrier>/<vocabulary>`.
    table: String,
    label: String,
    word: String,
    /// The word of a pack that it takes the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    /// The only account that it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// Where it is written.
    config: String,
}

#[derive(Debug, Clone, Serialize)]
struct InputEntry {
    path: String,
    source: String,
    kind: &'static str,
    sha256: String,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<String>,
    rows: Rows,
    money: BTreeMap<String, Money>,
    /// What cells with excess decimals say beyond what was booked (`excess_decimals = "book"`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    booked_residue: BTreeMap<String, String>,
    after_as_of: u64,
    values_after_as_of: u64,
    headers: Vec<HeadersEntry>,
}

/// The header row of a file, or of each of its sheets.
#[derive(Debug, Clone, Serialize)]
struct HeadersEntry {
    sheet: Option<String>,
    written: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Rows {
    read: u64,
    used: u64,
    duplicate: u64,
    superseded: u64,
    structural: u64,
    quarantined: u64,
    unreadable: u64,
    /// Of the used, those whose order was not found.
    unmatched: u64,
}

#[derive(Debug, Clone, Serialize)]
struct Money {
    #[serde(rename = "in")]
    read: String,
    used: String,
    duplicate: String,
    superseded: String,
    structural: String,
    quarantined: String,
}

#[derive(Debug, Clone, Serialize)]
struct AccountEntry {
    account: String,
    marketplace: String,
    metrics: MetricsInOrder,
    daily: Daily,
    settlement: BTreeMap<String, Settlement>,
    /// Why billing dates or payouts are not computable; the figures are null then.
    not_computable: Vec<String>,
    /// Rules that cannot judge, with the fields that are not bound.
    blind: Vec<BlindEntry>,
}

#[derive(Debug, Clone, Serialize)]
struct BlindEntry {
    code: &'static str,
    fields: BTreeSet<&'static str>,
}

/// Metrics in the order of [`MetricName`].
type MetricsInOrder = serde_json::Map<String, Value>;

#[derive(Debug, Clone, Serialize)]
struct Daily {
    new: Option<i64>,
    to_deliver: Option<i64>,
    late: Option<i64>,
}

#[derive(Debug, Clone, Serialize)]
struct Settlement {
    orders: Option<i64>,
    eligible: Option<i64>,
    /// Orders due whose cash is not computable; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_computable: Option<i64>,
    expected: Option<String>,
    paid: Option<String>,
    difference: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct PayoutEntry {
    account: String,
    date: Option<String>,
    currency: String,
    eligible: Option<String>,
    at_risk: Option<String>,
    blocked: Option<String>,
    paid: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct FindingsEntry {
    total: i64,
    new: i64,
    open: i64,
    changed: i64,
    reopened: i64,
    waived: i64,
    resolved: i64,
    by_code: BTreeMap<String, CodeEntry>,
}

#[derive(Debug, Clone, Serialize)]
struct CodeEntry {
    count: i64,
    money: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize)]
struct ConservationEntry {
    input: String,
    unit: &'static str,
    currency: Option<String>,
    #[serde(rename = "in")]
    read: String,
    used: String,
    duplicate: String,
    superseded: String,
    structural: String,
    quarantined: String,
    residue: String,
    matched: String,
    unmatched: String,
    later: String,
    residue_matched: String,
}

impl Manifest {
    /// The manifest of a run, without `base` and `outputs`.
    pub fn of(desk: &Desk<'_>, previous: Option<&PreviousRun>) -> Manifest {
        let pipeline = desk.run.pipeline;
        let figures = &desk.figures;
        Manifest {
            schema: 1,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            pipeline: pipeline.name.clone(),
            as_of: desk.run.as_of.to_string(),
            base: None,
            previous: previous
                .map(|run| Previous { run: run.name.clone(), manifest_sha256: run.manifest_sha256.clone() }),
            config: pipeline
                .config
                .iter()
                .map(|text| Config { path: text.path.clone(), sha256: text.sha256.clone() })
                .collect(),
            own_words: pipeline.own_words.iter().map(own_word_entry).collect(),
            inputs: desk.run.ingested.inputs.iter().map(|input| input_entry(input, desk.run)).collect(),
            accounts: figures.accounts.iter().map(|account| account_entry(account, &figures.metrics)).collect(),
            payouts: figures.payouts.iter().map(payout_entry).collect(),
            findings: findings_entry(&figures.findings),
            conservation: figures.conservation.iter().map(conservation_entry).collect(),
            left_out: desk.run.ingested.left_out.clone(),
            outputs: Vec::new(),
        }
    }

    /// The bytes of `run.json`.
    ///
    /// # Errors
    /// Never for a manifest made by [`Manifest::of`]; the writer's own type demands it.
    pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

fn own_word_entry(own: &OwnWord) -> OwnWordEntry {
    OwnWordEntry {
        table: own.table.clone(),
        label: own.label.clone(),
        word: own.word.clone(),
        replaces: own.replaces.clone(),
        account: own.account.clone(),
        config: own.place.to_string(),
    }
}

fn input_entry(input: &Input, run: Assessment<'_>) -> InputEntry {
    let ingested = run.ingested;
    let is_own = |part: &&usize| {
        let part = ingested.parts.0.get(**part);
        part.is_some_and(|part| part.path == input.path && part.source == input.source)
    };
    let later_values = run.reconciled.later_values.iter().filter(|(part, _)| is_own(part)).map(|(_, values)| values);
    let parts = ingested.parts.0.iter().zip(&run.reconciled.totals.unmatched.rows);
    let own = parts.filter(|(part, _)| part.path == input.path && part.source == input.source);
    let rows = input.rows;
    let money = input.money.iter().map(|(currency, sums)| {
        let text = |amount: i128| money::to_decimal(amount, currency);
        let entry = Money {
            read: text(sums.read),
            used: text(sums.used),
            duplicate: text(sums.duplicate),
            superseded: text(sums.superseded),
            structural: text(sums.structural),
            quarantined: text(sums.quarantined),
        };
        (currency.clone(), entry)
    });
    InputEntry {
        path: input.path.clone(),
        source: input.source.clone(),
        kind: input.kind.text(),
        sha256: input.sha256.clone(),
        bytes: input.bytes,
        encoding: input.encoding.clone(),
        rows: Rows {
            read: rows.read,
            used: rows.used,
            duplicate: rows.duplicate,
            superseded: rows.superseded,
            structural: rows.structural,
            quarantined: rows.quarantined,
            unreadable: rows.unreadable,
            unmatched: own.map(|(_, rows)| rows).sum(),
        },
        money: money.collect(),
        booked_residue: input
            .residues
            .iter()
            .map(|(currency, residue)| (currency.clone(), money::parts_to_decimal(*residue, currency)))
            .collect(),
        after_as_of: input.after_as_of,
        values_after_as_of: later_values.sum(),
        headers: headers_of(input, ingested),
    }
}

fn headers_of(input: &Input, ingested: &Ingested) -> Vec<HeadersEntry> {
    let parts = ingested.parts.0.iter().zip(&ingested.headers);
    let own = parts.filter(|(part, _)| part.path == input.path && part.source == input.source);
    own.map(|(part, headers)| HeadersEntry { sheet: part.sheet.clone(), written: headers.written.clone() }).collect()
}

fn account_entry(figures: &AccountFigures, metrics: &[MetricWindow]) -> AccountEntry {
    let coverage = &figures.coverage;
    let of_metric = |name: &str| {
        let windows = metrics.iter().filter(|entry| entry.account == coverage.account && entry.metric == name);
        Value::Array(windows.map(|entry| metric_entry(entry, coverage)).collect())
    };
    let settlement = figures.settlement.iter().map(|(currency, sums)| {
        let text = |amount: i64| money::to_decimal(amount, currency);
        let paid = coverage.payouts.then_some(sums.paid);
        let expected = if coverage.orders { sums.expected() } else { None };
        let entry = Settlement {
            not_computable: coverage.orders.then_some(sums.not_computable).filter(|orders| *orders > 0),
            orders: coverage.orders.then_some(sums.orders),
            eligible: coverage.orders.then_some(sums.eligible),
            expected: expected.map(text),
            paid: paid.map(text),
            difference: paid.zip(expected).and(sums.difference()).map(text),
        };
        (currency.clone(), entry)
    });
    AccountEntry {
        account: coverage.account.clone(),
        marketplace: coverage.marketplace.clone(),
        metrics: MetricName::ALL.iter().map(|name| (name.text().to_owned(), of_metric(name.text()))).collect(),
        daily: Daily {
            new: figures.daily.map(|daily| daily.new),
            to_deliver: figures.daily.map(|daily| daily.to_deliver),
            late: figures.daily.map(|daily| daily.late),
        },
        settlement: settlement.collect(),
        not_computable: figures.not_computable.clone(),
        blind: figures.blind.iter().map(|rule| BlindEntry { code: rule.code, fields: rule.fields.clone() }).collect(),
    }
}

fn metric_entry(entry: &MetricWindow, coverage: &Coverage) -> Value {
    if !entry.computable {
        return serde_json::json!({
            "window": entry.window.text(), "computable": false, "missing": missing_kinds(coverage),
        });
    }
    let target = entry.target.map(|target| {
        serde_json::json!({
            "num": target.bound.num, "den": target.bound.den,
            "sense": target.bound.sense(),
            "valid_from": iso(target.valid_from),
        })
    });
    serde_json::json!({
        "window": entry.window.text(), "from": iso(entry.from), "to": iso(entry.to),
        "numerator": entry.numerator, "denominator": entry.denominator, "excluded": entry.excluded,
        "quarantined": entry.quarantined, "target": target, "met": entry.met, "open": entry.open, "distance": entry.distance,
    })
}

/// Kinds of sources that a metric which cannot be computed lacks: those left out; without any, the orders.
fn missing_kinds(coverage: &Coverage) -> Vec<&'static str> {
    if coverage.missing.is_empty() { vec![crate::vocab::Kind::Orders.text()] } else { coverage.missing.clone() }
}

fn payout_entry(day: &PayoutDay) -> PayoutEntry {
    let text = |amount: i64| money::to_decimal(amount, &day.currency);
    let expected = |amount: i64| day.known(amount).map(text);
    PayoutEntry {
        account: day.account.clone(),
        date: iso(day.date),
        currency: day.currency.clone(),
        eligible: expected(day.eligible),
        at_risk: expected(day.at_risk),
        blocked: expected(day.blocked),
        paid: day.paid.map(text),
    }
}

fn findings_entry(counts: &FindingCounts) -> FindingsEntry {
    let by_code = counts
        .by_code
        .iter()
        .map(|(code, entry)| (code.clone(), CodeEntry { count: entry.count, money: decimals(&entry.money) }));
    FindingsEntry {
        total: counts.total,
        new: counts.new,
        open: counts.open,
        changed: counts.changed,
        reopened: counts.reopened,
        waived: counts.waived,
        resolved: counts.resolved,
        by_code: by_code.collect(),
    }
}

fn conservation_entry(equation: &Conserved) -> ConservationEntry {
    ConservationEntry {
        input: equation.input.clone(),
        unit: if equation.currency.is_some() { "money" } else { "rows" },
        currency: equation.currency.clone(),
        read: equation.text(equation.read),
        used: equation.text(equation.used),
        duplicate: equation.text(equation.duplicate),
        superseded: equation.text(equation.superseded),
        structural: equation.text(equation.structural),
        quarantined: equation.text(equation.quarantined),
        residue: equation.text(equation.residue()),
        matched: equation.text(equation.matched),
        unmatched: equation.text(equation.unmatched),
        later: equation.text(equation.later),
        residue_matched: equation.text(equation.residue_matched()),
    }
}

fn decimals(sums: &ByCurrency) -> BTreeMap<String, String> {
    sums.iter().map(|(currency, amount)| (currency.clone(), money::to_decimal(*amount, currency))).collect()
}

fn iso(day: Option<i32>) -> Option<String> {
    day.and_then(zone::date_of).map(|date| date.to_string())
}
