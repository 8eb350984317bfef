//! Document facts: return documents and credit notes with what they answer, and the numbers of all documents beside their series.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::frame::build::FrameBuilder;
use crate::frame::document_facts as f;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::credited::Credited;
use crate::reconcile::document::{Document, Documents, OrderSide};
use crate::reconcile::mixed_returns::{Named, WholeNote, whole_notes};
use crate::vocab::{DocumentKind, Word};

/// One row of the facts.
struct Fact<'run> {
    document: &'run Document,
    kind: DocumentKind,
    missing: &'run str,
    /// Of a return document: what its credit note must hold.
    to_credit: Option<Credited>,
    /// Of the first row of a credit note: what the whole of it says.
    whole: Option<WholeNote<'run>>,
    doc_no_series: String,
    return_no_series: String,
}

/// The document facts; `missing_of` credit note by credit note, `credited` by account and return number.
///
/// # Errors
/// A column is not what its declaration says: a bug of ours.
pub(super) fn document_facts(
    gathered: &Documents,
    missing_of: &[String],
    to_credit: Vec<Credited>,
    credited: &BTreeMap<(&str, &str), u64>,
    sides: &Map<&str, OrderSide>,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let all = with_series(rows(gathered, missing_of, to_credit, accounts), accounts);
    let requests: Map<(&str, &str), i32> = gathered
        .returns
        .iter()
        .filter_map(|asked| Some(((asked.account.as_str(), asked.return_number()), asked.requested_on?)))
        .collect();
    // A credit note is due when its return document says so.
    let due = |document: &Document| {
        let of_return = || requests.get(&(document.account.as_str(), document.return_number())).copied();
        let requested = document.requested_on.or_else(of_return);
        let account = accounts.get(&document.account)?;
        let days = accounts.policy(account, requested).entry.credit_note_days?;
        Some(requested? + days as i32)
    };
    let side = |fact: &Fact| sides.get(fact.document.order_key.as_str());
    let money = |fact: &Fact| match fact.kind {
        DocumentKind::ReturnDocument => fact.to_credit.as_ref()?.total,
        DocumentKind::CreditNote if fact.document.has_net => Some(fact.document.net.abs()),
        DocumentKind::CreditNote => side(fact)?.claim_net,
        _ => None,
    };
    let credit = |fact: &Fact| credited.get(&(fact.document.account.as_str(), fact.document.return_number())).copied();
    let of_order = |fact: &Fact| matches!(fact.kind, DocumentKind::ReturnDocument | DocumentKind::CreditNote);
    let documents = || all.iter().map(|fact| fact.document);
    let mut facts = FrameBuilder::new(&f::FRAME, all.len());
    facts
        .texts(f::account, documents().map(|document| document.account.as_str()))
        .texts(f::marketplace, documents().map(|document| accounts.marketplace(&document.account)))
        .texts(f::subject, all.iter().map(Fact::subject))
        .texts(f::kind, all.iter().map(|fact| fact.kind.text()))
        .texts(f::doc_no, documents().map(|document| document.doc_no.as_str()))
        .texts(f::order_no, all.iter().map(|fact| if of_order(fact) { &fact.document.order_no } else { "" }))
        .texts(f::return_no, all.iter().map(Fact::return_no))
        .flags(f::self_billed, documents().map(|document| document.self_billed))
        .texts(
            f::currency,
            documents().map(|document| match document.currency.as_str() {
                "" => accounts.currency(&document.account),
                own => own,
            }),
        )
        .days(f::requested_on, documents().map(|document| document.requested_on))
        .days(f::due_on, documents().map(due))
        .flags(f::credited, all.iter().map(|fact| of_order(fact) && credit(fact).is_some()))
        .references(f::credit_row, all.iter().map(|fact| credit(fact).filter(|_| of_order(fact))))
        .texts(f::missing, all.iter().map(Fact::missing))
        .texts(f::doc_no_series, all.iter().map(|fact| fact.doc_no_series.as_str()))
        .texts(f::return_no_series, all.iter().map(|fact| fact.return_no_series.as_str()))
        .numbers(f::money, all.iter().map(money))
        .references(f::row, documents().map(|document| Some(document.row)))
        .references(f::order_row, all.iter().map(|fact| side(fact).filter(|_| of_order(fact))?.row))
        .append(of_whole_notes(&all))
        .append(to_be_credited(&all));
    facts.finish()
}

/// What the credit note for a return document must hold.
fn to_be_credited(all: &[Fact]) -> FrameBuilder {
    let amount = |pick: fn(&Credited) -> Option<i64>| all.iter().map(move |fact| pick(fact.to_credit.as_ref()?));
    let mut facts = FrameBuilder::new(&f::FRAME, all.len());
    facts
        .texts(f::items, all.iter().map(|fact| fact.to_credit.as_ref().map_or("", |credit| credit.items.as_str())))
        .numbers(f::pieces, amount(|credit| credit.pieces))
        .numbers(f::goods_net, amount(|credit| credit.goods))
        .numbers(f::transport_net, amount(|credit| credit.transport))
        .numbers(f::cod_net, amount(|credit| credit.cod_fee));
    facts
}

/// What is said of a whole credit note.
fn of_whole_notes(all: &[Fact]) -> FrameBuilder {
    let mut facts = FrameBuilder::new(&f::FRAME, all.len());
    facts
        .flags(f::mixed, all.iter().map(|fact| fact.real().is_some()))
        .texts(f::real_return_no, all.iter().map(|fact| fact.real().map_or("", |named| named.return_no)))
        .references(f::real_row, all.iter().map(|fact| Some(fact.real()?.row)))
        .references(f::real_said_row, all.iter().map(|fact| Some(fact.real()?.said_row)))
        .texts(f::fictitious_return_no, all.iter().map(|fact| fact.fictitious().map_or("", |named| named.return_no)))
        .flags(f::fictitious_said, all.iter().map(|fact| fact.fictitious().is_some()))
        .references(f::fictitious_row, all.iter().map(|fact| Some(fact.fictitious()?.row)))
        .references(f::fictitious_said_row, all.iter().map(|fact| Some(fact.fictitious()?.said_row)))
        .numbers(f::note_money, all.iter().map(|fact| fact.whole.as_ref()?.net));
    facts
}

impl<'run> Fact<'run> {
    fn of(document: &'run Document, kind: DocumentKind) -> Fact<'run> {
        Fact {
            document,
            kind,
            missing: "",
            to_credit: None,
            whole: None,
            doc_no_series: String::new(),
            return_no_series: String::new(),
        }
    }

    fn missing(&self) -> &str {
        self.to_credit.as_ref().map_or(self.missing, |credit| &credit.missing)
    }

    fn subject(&self) -> &'run str {
        match self.kind {
            DocumentKind::ReturnDocument => self.document.return_number(),
            _ => &self.document.doc_no,
        }
    }

    /// The first real return, where it is mixed with fictitious ones.
    fn real(&self) -> Option<Named<'run>> {
        Some(self.whole.as_ref()?.mixed.as_ref()?.real)
    }

    /// The first fictitious return, where it is mixed with real ones.
    fn fictitious(&self) -> Option<Named<'run>> {
        Some(self.whole.as_ref()?.mixed.as_ref()?.fictitious)
    }

    fn return_no(&self) -> &'run str {
        match self.kind {
            DocumentKind::ReturnDocument => self.document.return_number(),
            _ => &self.document.return_no,
        }
    }
}

/// Return documents and credit notes as gathered, of other kinds one row a number.
fn rows<'run>(
    gathered: &'run Documents,
    missing_of: &'run [String],
    to_credit: Vec<Credited>,
    accounts: &Accounts,
) -> Vec<Fact<'run>> {
    let returns = gathered
        .returns
        .iter()
        .zip(to_credit)
        .map(|(document, credit)| Fact { to_credit: Some(credit), ..Fact::of(document, DocumentKind::ReturnDocument) });
    let wholes = whole_notes(gathered, accounts);
    let notes = gathered.credit_notes.iter().zip(missing_of).zip(wholes).map(|((note, missing), whole)| Fact {
        missing,
        whole,
        ..Fact::of(note, DocumentKind::CreditNote)
    });
    let invoices = gathered.invoices.iter().map(|document| (DocumentKind::Invoice, document));
    let mut others: Vec<_> = invoices.chain(gathered.others.iter().map(|(kind, document)| (*kind, document))).collect();
    others.dedup_by(|(kind, later), (known, first)| {
        (*kind, &later.account, &later.doc_no) == (*known, &first.account, &first.doc_no)
    });
    returns.chain(notes).chain(others.into_iter().map(|(kind, document)| Fact::of(document, kind))).collect()
}

/// Judges each number by the series of its day, once: on the first row that has it. A return number on a credit note is judged where no
/// return document has it.
fn with_series<'run>(mut all: Vec<Fact<'run>>, accounts: &Accounts) -> Vec<Fact<'run>> {
    let mut seen: Set<(DocumentKind, &'run str, &'run str)> = Set::default();
    for fact in &mut all {
        let document = fact.document;
        let Some(account) = accounts.get(&document.account) else { continue };
        let policy = accounts.policy(account, document.day());
        let mut broken = |kind: DocumentKind, number: &'run str, self_billed: bool| {
            let series = policy.entry.broken_series(kind, number, self_billed);
            let series = series.filter(|_| seen.insert((kind, &document.account, number)));
            series.map_or_else(String::new, |series| series.text().to_owned())
        };
        fact.return_no_series = broken(DocumentKind::ReturnDocument, fact.return_no(), false);
        if fact.kind != DocumentKind::ReturnDocument {
            fact.doc_no_series = broken(fact.kind, &document.doc_no, document.self_billed);
        }
    }
    all
}
