//! Credit notes as wholes, over all their orders and returns: their amount, and whether returns stand on them that must be kept apart.

use crate::base::map::Map;
use crate::reconcile::accounts::Accounts;
use crate::reconcile::document::{Document, Documents};
use crate::vocab::ReturnKind;

/// What a whole credit note says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WholeNote<'run> {
    /// Net amount, minor units; nothing where no row has one.
    pub(super) net: Option<i64>,
    /// Returns that must be kept apart.
    pub(super) mixed: Option<Mixed<'run>>,
}

/// Two returns of one credit note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mixed<'run> {
    pub(super) real: Named<'run>,
    pub(super) fictitious: Named<'run>,
}

/// A return that a credit note names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named<'run> {
    /// Its number.
    pub(super) return_no: &'run str,
    /// The row of the credit note that names it.
    pub(super) row: u64,
    /// The row that says whether it is fictitious.
    pub(super) said_row: u64,
}

/// What is known of a return number: its kind, and the row that says so.
type Kinds<'run> = Map<(&'run str, &'run str), (ReturnKind, u64)>;

/// The whole of each credit note, on the first of its rows.
pub(super) fn whole_notes<'run>(gathered: &'run Documents, accounts: &Accounts) -> Vec<Option<WholeNote<'run>>> {
    let kinds = kinds(gathered);
    let mut wholes = Vec::with_capacity(gathered.credit_notes.len());
    for note in gathered.credit_notes.chunk_by(|a, b| (&a.account, &a.doc_no) == (&b.account, &b.doc_no)) {
        let has_net = note.iter().any(|part| part.has_net);
        let net = has_net.then(|| note.iter().map(|part| part.net).sum::<i64>().abs());
        wholes.push(Some(WholeNote { net, mixed: mixed(note, &kinds, accounts) }));
        wholes.extend(note[1..].iter().map(|_| None));
    }
    wholes
}

/// The kind of every return number: as its return document says, else as a credit note says. A number of which nothing is said is none.
fn kinds(gathered: &Documents) -> Kinds<'_> {
    let mut kinds = Kinds::default();
    let returns = gathered.returns.iter().map(|document| (document, document.return_number()));
    let notes = gathered.credit_notes.iter().map(|document| (document, document.return_no.as_str()));
    for (document, number) in returns.chain(notes).filter(|(_, number)| !number.is_empty()) {
        let Some((is_fictitious, row)) = document.fictitious else { continue };
        let kind = if is_fictitious { ReturnKind::Fictitious } else { ReturnKind::Real };
        kinds.entry((&document.account, number)).or_insert((kind, row));
    }
    kinds
}

fn mixed<'run>(note: &'run [Document], kinds: &Kinds, accounts: &Accounts) -> Option<Mixed<'run>> {
    let first = |wanted: ReturnKind| {
        note.iter().find_map(|part| {
            let (kind, said_row) = kinds.get(&(part.account.as_str(), part.return_no.as_str()))?;
            (*kind == wanted).then_some(Named { return_no: &part.return_no, row: part.row, said_row: *said_row })
        })
    };
    let mixed = Mixed { real: first(ReturnKind::Real)?, fictitious: first(ReturnKind::Fictitious)? };
    let policy = accounts.policy(accounts.get(&note[0].account)?, note[0].day());
    policy.entry.must_be_apart(&[ReturnKind::Real, ReturnKind::Fictitious]).then_some(mixed)
}
