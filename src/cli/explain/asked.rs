//! Subjects beside orders that people ask for: a parcel, a statement, a remittance, a document, a supplier order, a row in quarantine. A
//! number may be written with its account: `shop/S1`.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::text;
use crate::cli::explain::facts::{Fact, Facts};
use crate::cli::explain::story::{FindingKeys, Moment, SUPPRESSED, Story, Told, found_by, in_order, moment};
use crate::frame::canonical::frame_of;
use crate::frame::column::{Column, Frame};
use crate::frame::{
    cod_remittances, document_facts, documents, findings, order_facts, payout_lines, read, remittance_facts,
    shipment_facts, shipments, source_facts, statement_facts, statements, supplier_facts, supplier_orders,
    tracking_events,
};
use crate::pipeline::Account;
use crate::publish::archive::Archive;
use crate::publish::csv::unguarded;
use crate::report::texts::Texts;
use crate::rules::rule::Rule;
use crate::vocab::{Kind, Subject};

/// How a kind of subject is found in a publication.
struct Asked {
    what: &'static str,
    facts: Frame,
    /// The number in the facts.
    id: Column,
    /// The order that the subject belongs to, in the facts.
    order: Option<Column>,
    /// The number in canonical frames.
    rows: &'static [(Kind, Column)],
    /// The key column of findings about it.
    finding: Column,
}

/// In the order of trust: a number that is several of them is the first.
const ASKED: [Asked; 6] = [
    Asked {
        what: "parcel",
        facts: shipment_facts::FRAME,
        id: shipment_facts::tracking_number,
        order: Some(shipment_facts::order_key),
        rows: &[
            (Kind::TrackingEvents, tracking_events::tracking_number),
            (Kind::Shipments, shipments::tracking_number),
            (Kind::CodRemittances, cod_remittances::tracking_number),
        ],
        finding: findings::shipment,
    },
    Asked {
        what: "statement",
        facts: statement_facts::FRAME,
        id: statement_facts::statement_id,
        order: None,
        rows: &[(Kind::PayoutLines, payout_lines::statement_id), (Kind::Statements, statements::statement_id)],
        finding: findings::statement,
    },
    Asked {
        what: "remittance",
        facts: remittance_facts::FRAME,
        id: remittance_facts::statement_id,
        order: None,
        rows: &[(Kind::CodRemittances, cod_remittances::statement_id), (Kind::Statements, statements::statement_id)],
        finding: findings::statement,
    },
    Asked {
        what: "document",
        facts: document_facts::FRAME,
        id: document_facts::doc_no,
        order: None,
        rows: &[(Kind::Documents, documents::doc_no)],
        finding: findings::subject,
    },
    Asked {
        what: "return document",
        facts: document_facts::FRAME,
        id: document_facts::return_no,
        order: None,
        rows: &[(Kind::Documents, documents::return_no)],
        finding: findings::subject,
    },
    Asked {
        what: "supplier order",
        facts: supplier_facts::FRAME,
        id: supplier_facts::supplier_order_no,
        order: Some(supplier_facts::order_key),
        rows: &[(Kind::SupplierOrders, supplier_orders::supplier_order_no)],
        finding: findings::subject,
    },
];

/// The subject of this name, or `None` where nothing has it. A parcel and a supplier order of one order are told with the order.
/// A number without facts is told by the rows that have it: a transfer of a carrier is first of all the remittance whose parcels it pays.
///
/// # Errors
/// A frame of the publication lacks a declared column.
pub(super) fn tell(archive: &Archive, wanted: &str, texts: &Texts) -> PolarsResult<Option<Told>> {
    let accounts = archive.accounts()?;
    let (account, number) = named(&accounts, wanted);
    if number.trim().is_empty() {
        return Ok(None);
    }
    let search = Search { archive, accounts: &accounts, account, number, texts };
    for with_facts in [true, false] {
        for asked in &ASKED {
            if let Some(told) = search.tell(asked, with_facts)? {
                return Ok(Some(told));
            }
        }
    }
    search.quarantined()
}

/// The account and the number of `account/number`; a text that names no account is a number.
pub(super) fn named<'text>(accounts: &[Account], wanted: &'text str) -> (Option<&'text str>, &'text str) {
    let named = wanted.split_once('/').filter(|(name, _)| accounts.iter().any(|account| account.name == *name));
    named.map_or((None, wanted), |(account, number)| (Some(account), number))
}

struct Search<'run> {
    archive: &'run Archive,
    accounts: &'run [Account],
    account: Option<&'run str>,
    number: &'run str,
    texts: &'run Texts,
}

impl Search<'_> {
    fn tell(&self, asked: &Asked, with_facts: bool) -> PolarsResult<Option<Told>> {
        let facts = self.rows(&asked.facts, asked.id, |name, id| self.is_meant(asked, name, id))?;
        if (facts.height() == 0) == with_facts {
            return Ok(None);
        }
        let names = read::texts(&facts, order_facts::account)?;
        if let Some(order) = asked.order {
            let orders = read::texts(&facts, order)?;
            let keys: BTreeSet<&str> = orders.iter().filter(|order| !order.is_empty()).collect();
            if !keys.is_empty() {
                return self.of_orders(&keys).map(Some);
            }
        }
        let by_account: BTreeSet<&str> = names.iter().collect();
        if by_account.len() > 1 {
            return Ok(Some(Told::Many(by_account.iter().map(|name| format!("{name}/{}", self.number)).collect())));
        }
        let owner = by_account.first().copied().or(self.account).unwrap_or_default();
        self.story(asked, &facts, owner)
    }

    /// The rows of a frame that are meant by their account and their number.
    fn rows(&self, frame: &Frame, id: Column, is_meant: impl Fn(&str, &str) -> bool) -> PolarsResult<DataFrame> {
        let keys = self.archive.columns(frame, &[order_facts::account, id])?;
        let (names, ids) = (read::texts(&keys, order_facts::account)?, read::texts(&keys, id)?);
        let places = (0..keys.height()).filter(|row| is_meant(names.at(*row), ids.at(*row)));
        self.archive.rows_at(frame, places.collect())
    }

    /// Whether a number of an account is the one that is asked for. Tracking numbers are compared as carriers do.
    fn is_meant(&self, asked: &Asked, account: &str, id: &str) -> bool {
        let of_account = self.account.is_none_or(|wanted| wanted == account);
        let is_parcel = asked.id == shipment_facts::tracking_number;
        let same = id == self.number || is_parcel && !id.is_empty() && id == text::tracking_number(self.number);
        of_account && same
    }

    fn of_orders(&self, keys: &BTreeSet<&str>) -> PolarsResult<Told> {
        let wanted: Vec<&str> = keys.iter().copied().collect();
        let orders = self.archive.rows_with(&order_facts::FRAME, order_facts::order_key, &wanted)?;
        match orders.height() == 1 && keys.len() == 1 {
            true => Story::of(self.archive, &orders, 0, self.texts).map(|story| Told::One(Box::new(story))),
            false => Ok(Told::Many(keys.iter().map(|key| (*key).to_owned()).collect())),
        }
    }

    /// The rows and facts of a subject; `None` without either.
    fn story(&self, asked: &Asked, facts: &DataFrame, owner: &str) -> PolarsResult<Option<Told>> {
        let parts = self.archive.parts()?;
        let account = self.accounts.iter().find(|account| account.name == owner);
        let of = |place| Facts { frame: facts, columns: asked.facts.columns, place, account, texts: self.texts };
        let zone = account.map_or(chrono_tz::UTC, |account| account.timezone);
        let mut timeline: Vec<Moment> = Vec::new();
        for (kind, column) in asked.rows {
            let declared = frame_of(*kind);
            let rows = self.rows(&declared, *column, |name, id| {
                (owner.is_empty() || name.is_empty() || name == owner)
                    && self.is_meant(asked, self.account.unwrap_or_default(), id)
            })?;
            let currencies = declared.column("currency").map(|column| read::texts(&rows, column)).transpose()?;
            for row in 0..rows.height() {
                let currency = currencies.as_ref().map_or("", |currencies| currencies.at(row));
                timeline.push(moment(&rows, row, *kind, &declared, *column, &parts, currency, zone)?);
            }
        }
        if timeline.is_empty() && facts.height() == 0 {
            return Ok(None);
        }
        in_order(&mut timeline);
        let mut told: Vec<Fact> = Vec::new();
        let mut keys: BTreeSet<String> = BTreeSet::from([self.number.to_owned()]);
        for place in 0..facts.height() {
            told.extend(of(place).all(&parts)?);
            if asked.finding == findings::subject && asked.facts.name == document_facts::FRAME.name {
                keys.insert(of(place).text(document_facts::subject)?);
            }
        }
        // A number that no account has is the subject of everybody's findings.
        let is_of_owner = |finding: &FindingKeys| {
            owner.is_empty() || finding.text(findings::account) == owner || finding.is_of_supplier()
        };
        // A statement may be named like a month, which is the subject of findings about rates.
        let by_subject = asked.finding == findings::subject;
        let is_meant = |finding: &FindingKeys| {
            let is_key = |key: &String| finding.text(asked.finding) == key || by_subject && finding.names(key);
            is_of_owner(finding) && keys.iter().any(is_key)
        };
        let currency = if facts.height() > 0 { of(0).currency()? } else { String::new() };
        let key = if owner.is_empty() { self.number.to_owned() } else { format!("{owner}/{}", self.number) };
        Ok(Some(Told::One(Box::new(Story {
            what: asked.what,
            key,
            timeline,
            facts: told,
            steps: Vec::new(),
            findings: found_by(self.archive, &findings::FRAME, is_meant)?,
            suppressed: found_by(self.archive, &SUPPRESSED, is_meant)?,
            near_misses: Vec::new(),
            zone,
            currency,
        }))))
    }

    /// A row in quarantine, by its order number, by a number that could not be read as one, or by the place where it stands: the path as
    /// reports quote it, or its end, such as `orders.csv:12`.
    fn quarantined(&self) -> PolarsResult<Option<Told>> {
        let rows = self.archive.frame("quarantine")?;
        let parts = self.archive.parts()?;
        let texts = |name: &str| -> PolarsResult<Vec<String>> {
            let column = rows.column(name)?.str()?;
            Ok(column.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
        };
        let columns: BTreeMap<&str, Vec<String>> =
            ["account", "source", "order_no", "column", "value", "reason", "expected", "config", "remedy", "record"]
                .into_iter()
                .map(|name| Ok((name, texts(name)?)))
                .collect::<PolarsResult<_>>()?;
        let references = rows.column("row_ref")?.u64()?;
        let cell = |name: &str, row: usize| columns[name][row].as_str();
        let mut timeline = Vec::new();
        let (mut owners, mut sources, mut numbers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::from([self.number]));
        for row in 0..rows.height() {
            let reference = references.get(row).unwrap_or_default();
            let place = parts.text(reference);
            let of_account = self.account.is_none_or(|account| account == cell("account", row));
            let is_number = match cell("order_no", row) {
                "" => cell("value", row) == self.number,
                order_no => order_no == self.number,
            };
            if !(of_account && is_number || is_end_of(&place, self.number)) {
                continue;
            }
            owners.insert(cell("account", row));
            sources.insert(cell("source", row));
            numbers.extend([cell("order_no", row)].iter().filter(|number| !number.is_empty()));
            let told = ["reason", "column", "value", "expected", "config", "remedy", "record"];
            let cells = told.into_iter().map(|name| (name, cell(name, row).to_owned()));
            timeline.push(Moment {
                when: String::new(),
                kind: "quarantine",
                row: reference,
                place,
                cells: cells.filter(|(_, value)| !value.is_empty()).collect(),
            });
        }
        if timeline.is_empty() {
            return Ok(None);
        }
        in_order(&mut timeline);
        let of_sources = rules_of_refused_rows(self.archive)?;
        let is_meant = |finding: &FindingKeys| {
            let key = |column: Column| finding.text(column);
            let of_owner = key(findings::account).is_empty() || owners.contains(key(findings::account));
            let is_named = numbers.iter().any(|number| key(findings::order_no) == *number || finding.names(number));
            let is_of_source = sources.contains(key(findings::subject)) && of_sources.contains(key(findings::code));
            of_owner && is_named || is_of_source
        };
        let account = self.accounts.iter().find(|account| owners.contains(account.name.as_str()));
        Ok(Some(Told::One(Box::new(Story {
            what: "refused row",
            key: self.number.to_owned(),
            timeline,
            facts: Vec::new(),
            steps: Vec::new(),
            findings: found_by(self.archive, &findings::FRAME, is_meant)?,
            suppressed: Vec::new(),
            near_misses: Vec::new(),
            zone: account.map_or(chrono_tz::UTC, |account| account.timezone),
            currency: account.map(|account| account.currency.clone()).unwrap_or_default(),
        }))))
    }
}

/// Refused rows of sheets that are meant by a file and a row without a sheet.
pub(super) fn rows_of_sheets(archive: &Archive, wanted: &str) -> PolarsResult<Vec<String>> {
    let (parts, bare) = (archive.parts()?, unguarded(wanted));
    let rows = archive.frame("quarantine")?;
    let references: BTreeSet<u64> = rows.column("row_ref")?.u64()?.iter().flatten().collect();
    let is_meant = |reference: &u64| {
        let located = parts.locate(*reference).filter(|(part, _)| part.sheet.is_some());
        located.is_some_and(|(part, row)| {
            let place = format!("{}:{row}", part.path);
            is_end_of(&place, wanted) || bare.as_ref().is_some_and(|bare| is_end_of(&place, bare))
        })
    };
    Ok(references.into_iter().filter(is_meant).map(|reference| parts.text(reference)).collect())
}

/// Whether a place is meant by its end: whole folders, the file, the row.
fn is_end_of(place: &str, wanted: &str) -> bool {
    place.strip_suffix(wanted).is_some_and(|folders| folders.is_empty() || folders.ends_with('/'))
}

/// Codes of the rules about the refused rows of a source.
fn rules_of_refused_rows(archive: &Archive) -> PolarsResult<BTreeSet<&'static str>> {
    let rules = archive.rules()?.into_iter();
    let is_about = |rule: &&'static Rule| {
        rule.subject == Subject::Source && rule.evidence.contains(&source_facts::first_quarantined)
    };
    Ok(rules.filter(is_about).map(|rule| rule.code).collect())
}
