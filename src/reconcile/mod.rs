//! From canonical frames to fact frames: one row per subject, holding everything known about it. Pure functions of their rows;
//! nothing here reads a file, a clock or a rule.

pub mod accounts;
pub mod carrier_outcome;
mod cash_on_delivery;
pub mod clawbacks;
mod confirmations;
pub mod control_totals;
mod credited;
mod currencies;
mod document;
mod document_facts;
pub mod documents;
pub mod due_amounts;
pub mod header_drift;
pub mod identifiers;
mod keys;
mod known_then;
pub mod lost_zeros;
mod mixed_returns;
pub mod not_computable;
pub mod order_facts;
pub mod order_lines;
mod order_references;
pub mod paid;
mod parcel_numbers;
pub mod parents;
pub mod payment_day;
pub mod payout;
pub mod payout_days;
pub mod payouts;
pub mod postage_days;
mod remittances;
pub mod settled;
pub mod settlement;
pub mod shares;
pub mod shipments;
mod shop_side;
pub mod source_facts;
pub mod statement_facts;
pub mod statements;
pub mod supplier_orders;
pub mod transitions;
pub mod unassigned;
mod unmatched;
pub mod vanished;
pub mod visible;
pub mod words;

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::frame::canonical::CanonicalFrames;
use crate::frame::{conform, orders};
use crate::ingest::Ingested;
use crate::ingest::previous::PreviousInputs;
use crate::pipeline::Pipeline;
use crate::reconcile::accounts::{Accounts, ShortCalendar};
use crate::reconcile::carrier_outcome::{CarrierHistories, Coverage};
use crate::reconcile::control_totals::{MatchedTotals, RowFacts};
use crate::reconcile::keys::OrderKeys;
use crate::reconcile::order_lines::OrderValues;
use crate::reconcile::parcel_numbers::ParcelNumbers;
use crate::reconcile::parents::Parents;
use crate::reconcile::payouts::Payouts;
use crate::reconcile::settled::Known;
use crate::reconcile::shipments::AllParcels;
use crate::reconcile::unassigned::Unassigned;

/// All fact frames.
#[derive(Debug, Clone, Default)]
pub struct Reconciled {
    /// The rows up to the as-of day that all of this was made of.
    pub visible: CanonicalFrames,
    /// [`crate::frame::order_facts`]
    pub orders: DataFrame,
    /// [`crate::frame::shipment_facts`]
    pub shipments: DataFrame,
    /// [`crate::frame::number_facts`]
    pub numbers: DataFrame,
    /// [`crate::frame::payout_facts`]
    pub payouts: DataFrame,
    /// [`crate::frame::clawback_facts`]
    pub clawbacks: DataFrame,
    /// [`crate::frame::statement_facts`]
    pub statements: DataFrame,
    /// [`crate::frame::transition_facts`]
    pub transitions: DataFrame,
    /// [`crate::frame::payout_day_facts`]
    pub payout_days: DataFrame,
    /// [`crate::frame::document_facts`]
    pub documents: DataFrame,
    /// [`crate::frame::supplier_facts`]
    pub suppliers: DataFrame,
    /// [`crate::frame::supplier_account_facts`]
    pub supplier_accounts: DataFrame,
    /// [`crate::frame::postage_day_facts`]
    pub postage_days: DataFrame,
    /// [`crate::frame::cod_facts`]
    pub cash: DataFrame,
    /// [`crate::frame::remittance_facts`]
    pub remittances: DataFrame,
    /// [`crate::frame::word_facts`]
    pub words: DataFrame,
    /// [`crate::frame::conflict_facts`]
    pub conflicts: DataFrame,
    /// [`crate::frame::source_facts`]
    pub sources: DataFrame,
    /// [`crate::frame::identifier_facts`]
    pub identifiers: DataFrame,
    /// [`crate::frame::refused_rows`]
    pub refused: DataFrame,
    /// [`crate::frame::unmatched_facts`]
    pub unmatched: DataFrame,
    /// Rows and money at the end, beside what ingest had used.
    pub totals: MatchedTotals,
    /// Values of rows up to as-of that lie after it, by the part of the row.
    pub later_values: BTreeMap<usize, u64>,
    /// The key of its parent by the key of each part of a sale under several order numbers.
    pub parent_of: Map<String, String>,
    /// Why billing dates or payouts are not computable, by account.
    pub not_computable: not_computable::Reasons,
    /// Calendars that ended before a date that was needed, by account.
    pub short_calendars: Vec<ShortCalendar>,
}

/// So many orders, and so many parcels, are worked out at once: what is known of them fits the cache of a core.
pub const AT_ONCE: usize = 1 << 11;

/// Reconciles what was read up to the end of the as-of day, `at_once` orders at a time, which no figure depends on. `previous` is what
/// the publication that the run is compared with had read.
///
/// # Errors
/// A frame is not what its declaration says, or a key stands twice: a bug of ours, exit 6.
pub fn reconcile(
    pipeline: &Pipeline,
    as_of: AsOf,
    ingested: &Ingested,
    previous: Option<&PreviousInputs>,
    at_once: usize,
) -> PolarsResult<Reconciled> {
    let mut split = visible::split(&ingested.frames, as_of)?;
    known_then::known_then(&mut split, pipeline, as_of)?;
    if let Some(lines) = shares::shared(&split.visible, &ingested.parts, pipeline, as_of)? {
        split.visible.payout_lines = lines;
    }
    let visible = &split.visible;
    let (statements, transfers) =
        remittances::split_heads(&visible.statements, &visible.cod_remittances, &visible.payout_lines)?;
    let frames = &CanonicalFrames { statements, ..visible.clone() };
    conform::one_per_key(&frames.orders, &[orders::order_key], "orders")?;
    let parents = Parents::read(&frames.orders)?;
    let says_returns = documents::parts_with_returns(ingested, pipeline);
    let parcel_numbers = ParcelNumbers::read(&frames.orders, &frames.shipments)?;
    let coverage = Coverage::declared(pipeline, as_of);
    let (histories, keys) = rayon::join(
        || CarrierHistories::read(&frames.tracking_events, &parcel_numbers, coverage),
        || OrderKeys::read(&frames.orders, &ingested.frames.orders),
    );
    let (histories, keys) = (histories?, keys?);
    let values = OrderValues::read(&frames.orders, &frames.order_lines)?;
    let (parcels, rest) = rayon::join(
        || AllParcels::read(&frames.orders, &frames.shipments, &histories, &parcel_numbers, pipeline),
        || {
            let accounts = Accounts::new(pipeline, as_of);
            let gathered = documents::gather(&frames.documents, &says_returns)?;
            let (lines, heads) = (&frames.payout_lines, &frames.statements);
            PolarsResult::Ok((
                Payouts::read(lines, heads, &frames.orders, &keys, &parents, &accounts)?,
                documents::papers(&gathered, &frames.orders, &frames.order_lines, &parents, &values, &accounts)?,
                statements::statements_by_account(lines, heads, &ingested.parts, &accounts)?,
                clawbacks::clawbacks(&frames.orders, &frames.order_lines, &values, &accounts)?,
            ))
        },
    );
    let (parcels, (payouts, papers, statements, clawbacks)) = (parcels?, rest?);
    let known = Known {
        values: &values,
        parcels: &parcels,
        parents: &parents,
        payouts: &payouts,
        statements: &statements,
        papers: &papers,
        clawbacks: &clawbacks,
        events: &frames.order_events,
        shops: &frames.shop_orders,
        parts: &ingested.parts,
    };
    // What parcels amount to needs no order facts, and the other way round. Accounts remember what they worked out, and so do not
    // cross threads: each side has its own.
    let ((shipments, numbers), facts) = rayon::join(
        || {
            let accounts = Accounts::new(pipeline, as_of);
            let shipments = shipments::shipment_facts(&parcels, &frames.orders, pipeline, as_of, at_once);
            (shipments, shipments::number_facts(&parcels, &frames.orders, &accounts))
        },
        || of_orders(frames, &known, ingested, pipeline, as_of, at_once),
    );
    let facts = facts?;
    let counted = RowFacts { orders: &facts.orders, payouts: &facts.payouts, suppliers: &facts.suppliers };
    let has_lines = control_totals::parts_with_lines(ingested, pipeline);
    let shipments = shipments?;
    let (totals, of_sources) = rayon::join(
        || {
            let unmatched =
                unmatched::totals(frames, &ingested.frames.orders, &keys, &parents, counted, &parcels, &has_lines)?;
            control_totals::count(&split, counted, unmatched, &has_lines)
        },
        || {
            let accounts = Accounts::new(pipeline, as_of);
            PolarsResult::Ok((
                source_facts::source_facts(ingested, previous, &facts.short_calendars, &accounts)?,
                (identifiers::identifier_facts(ingested, &accounts)?, identifiers::refused_rows(ingested)?),
                words::conflict_facts(&ingested.conflicts, &accounts)?,
                transitions::transition_facts(&frames.order_events, &frames.orders, &keys, &ingested.parts, &accounts)?,
                cash_on_delivery::cod_facts(
                    (&facts.orders, &keys),
                    (&parcels.all, &parcel_numbers),
                    &frames.tracking_events,
                    &frames.cod_remittances,
                    &histories.coverage,
                    ingested,
                    &accounts,
                )?,
                remittances::remittance_facts(&frames.cod_remittances, &transfers, &accounts)?,
                unmatched::unmatched_facts(frames, ingested, &keys, &parents, &accounts)?,
            ))
        },
    );
    let (sources, (identifiers, refused), conflicts, transitions, cash, remittances, unmatched) = of_sources?;
    Ok(Reconciled {
        later_values: split.later_values,
        visible: frames.clone(),
        totals: totals?,
        sources,
        identifiers,
        refused,
        conflicts,
        transitions,
        cash,
        remittances,
        unmatched,
        shipments,
        numbers: numbers?,
        documents: papers.facts.clone(),
        parent_of: parents.by_part(&frames.orders)?,
        not_computable: not_computable::reasons(
            (&frames.orders, &frames.payout_lines),
            &values,
            &ingested.parts,
            &Accounts::new(pipeline, as_of),
        )?,
        ..facts
    })
}

/// The order facts and all that is worked out from them.
fn of_orders<'run>(
    frames: &'run CanonicalFrames,
    known: &'run Known<'run>,
    ingested: &Ingested,
    pipeline: &'run Pipeline,
    as_of: AsOf,
    at_once: usize,
) -> PolarsResult<Reconciled> {
    let accounts = Accounts::new(pipeline, as_of);
    let (orders, sums) = order_facts::order_facts(&frames.orders, known, &accounts, at_once)?;
    let orders = payment_day::with_booked_on(orders, &accounts)?;
    let (lines, heads) = (&frames.payout_lines, &frames.statements);
    let unassigned = Unassigned::find(lines, heads, &orders, &ingested.parts, &accounts)?;
    let orders = unassigned.mark(orders, lines)?;
    let (of_payouts, of_rest) = rayon::join(
        || {
            let accounts = Accounts::new(pipeline, as_of);
            let payouts = settlement::payout_facts(lines, (&orders, &sums), known, &unassigned, ingested, &accounts)?;
            PolarsResult::Ok(Reconciled {
                statements: statement_facts::statement_facts(&payouts, lines, heads, &accounts)?,
                payouts,
                ..Reconciled::default()
            })
        },
        || {
            let accounts = Accounts::new(pipeline, as_of);
            let (lines, overview) = (&frames.order_lines, &frames.postage_overview);
            let suppliers =
                supplier_orders::supplier_facts(&frames.supplier_orders, &orders, &frames.shop_orders, &accounts)?;
            PolarsResult::Ok(Reconciled {
                supplier_accounts: supplier_orders::supplier_account_facts(&suppliers, &accounts)?,
                suppliers,
                postage_days: postage_days::postage_day_facts(
                    &orders,
                    lines,
                    overview,
                    &ingested.totals,
                    &ingested.quarantine,
                    &accounts,
                )?,
                clawbacks: clawbacks::clawback_facts(known.clawbacks, &frames.orders, &accounts)?,
                payout_days: payout_days::payout_day_facts(&orders, known.statements, &accounts)?,
                words: words::word_facts(&frames.tracking_events, &orders, &accounts)?,
                ..Reconciled::default()
            })
        },
    );
    let (of_payouts, of_rest) = (of_payouts?, of_rest?);
    Ok(Reconciled {
        payouts: of_payouts.payouts,
        statements: of_payouts.statements,
        short_calendars: accounts.short_calendars(),
        orders,
        ..of_rest
    })
}
