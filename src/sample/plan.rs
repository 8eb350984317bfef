//! What is planted, as counts. One line per irregularity: rule (empty: no rule fires), words for the README, how many per so many
//! orders, and at least, and the function that plants it and writes its truth.
//!
//! The order of the lines is the order of choice: what fits few orders comes first.

use crate::sample::SampleError;
use crate::sample::world::{Planted, World};
use crate::sample::{
    plant_cash, plant_documents, plant_history, plant_input, plant_money, plant_status, plant_supplier, plant_tracking,
    quota,
};

/// One irregularity.
pub struct Planting {
    /// Rule; empty when no rule fires.
    pub code: &'static str,
    /// In words.
    pub what: &'static str,
    /// How many per [`crate::sample::merchant::Merchant::planted_per`] orders, and at least.
    pub per: u32,
    /// Plants up to so many and returns their keys.
    pub plant: fn(&mut World, usize) -> Result<Vec<String>, SampleError>,
}

const fn line(
    code: &'static str,
    per: u32,
    plant: fn(&mut World, usize) -> Result<Vec<String>, SampleError>,
    what: &'static str,
) -> Planting {
    Planting { code, what, per, plant }
}

/// The plan.
pub const PLAN: &[Planting] = &[
    line(
        "BB-003",
        3,
        plant_supplier::wallet_empty,
        "waits at the supplier because the wallet is empty: one finding for all",
    ),
    line("BB-001", 1, plant_supplier::pending, "waits at the supplier for another reason"),
    line(
        "BB-002",
        1,
        plant_supplier::address_too_long,
        "waits at the supplier, address line of more than 70 characters",
    ),
    line("BB-004", 1, plant_supplier::ordered_twice, "ordered by hand although the automatic order exists"),
    line("CD-003", 1, plant_cash::not_remitted, "cash collected, and in no remittance"),
    line("CD-001", 1, plant_cash::collected_less, "the carrier collected less cash than the order says"),
    line("CD-002", 1, plant_cash::not_collected, "delivered, and the carrier collected no cash"),
    line("CD-004", 1, plant_cash::remitted_twice, "cash remitted twice"),
    line(
        "TR-007",
        1,
        plant_tracking::lodged_late,
        "created before the activation, lodged with the old carrier after it",
    ),
    line("TR-007", 1, plant_tracking::lodged_after, "small box lodged with the old carrier after the activation"),
    line("ST-006", 1, plant_history::delivered_by_partner, "set delivered by the merchant, sent by the own service"),
    line("ST-008", 1, plant_history::work_left_out, "from open to shipped with the own service"),
    line("ST-014", 1, plant_history::confirmed_late, "in work more than 24 hours after the opening"),
    line("ST-004", 1, plant_history::opened_by_partner, "opened by the merchant while blocked"),
    line("ST-004", 1, plant_history::set_back, "set back into work after shipping"),
    line("ST-005", 1, plant_history::shipped_again, "set shipped again after it was delivered"),
    line("TR-001", 1, plant_tracking::no_tracking, "neither number nor link"),
    line("TR-001", 1, plant_tracking::no_url, "number without a link"),
    line("TR-001", 1, plant_tracking::no_number, "link without a number"),
    line("TR-002", 1, plant_tracking::printed_number, "number with the blanks of the label"),
    line("TR-003", 1, plant_tracking::placeholder, "link with the placeholder still in it"),
    line("TR-003", 1, plant_tracking::no_scheme, "link without http"),
    line("TR-004", 1, plant_tracking::unknown_number, "number that the carrier does not know"),
    line("TR-005", 1, plant_tracking::shared_number, "one number on two orders"),
    line("SL-002", 2, quota::partner_cancellations, "cancelled by the partner, more than a month may bear"),
    line("MAP-001", 1, plant_input::no_counterpart_status, "status that has no counterpart"),
    line("SV-001", 1, plant_status::overdue_some_days, "overdue by 1 to 6 days"),
    line("SV-001", 1, plant_status::overdue_a_week, "overdue by 7 to 13 days"),
    line("SV-001", 1, plant_status::overdue_long, "overdue by 14 days and more"),
    line("PY-006", 1, plant_money::paid_unasked, "paid although still under way"),
    line("PO-001", 1, plant_money::postage_kept, "a piece cancelled, and the postage kept back"),
    line("ST-018", 1, plant_status::shop_ahead, "delivered in the shop system, not at the marketplace"),
    line("ST-018", 1, plant_status::shop_behind, "shipped at the marketplace, in work in the shop system"),
    line(
        "ST-001",
        1,
        plant_status::delivered_but_returned_buyer,
        "set delivered, parcel back at the sender (buys on delivery)",
    ),
    line("ST-001", 1, plant_status::delivered_but_silent_buyer, "set delivered, parcel silent (buys on delivery)"),
    line(
        "CN-004",
        1,
        plant_documents::mixed_credit_note,
        "one credit note for a withdrawal and a delivery that never was",
    ),
    line(
        "",
        1,
        plant_documents::reversed_delivery,
        "set delivered, parcel returned, and a complete credit note resolves it",
    ),
    line("ST-009", 1, plant_status::returned_not_set, "parcel back at the sender, status still shipped"),
    line("ST-011", 1, plant_status::returned_but_delivered, "set returned, parcel delivered"),
    line(
        "ST-013",
        1,
        plant_status::withdrawal_as_return,
        "a withdrawal after delivery recorded as returned; ST-005 as well where the history tells it",
    ),
    line("ST-002", 1, plant_status::not_marked_buyer, "delivered by the carrier, still shipped (buys on delivery)"),
    line("ST-003", 1, plant_status::marked_late, "set delivered more than 24 hours after the carrier"),
    line(
        "ST-012",
        1,
        plant_status::cancelled_but_shipped_buyer,
        "cancelled after the parcel left (buys on delivery); ST-004 as well where the history tells it",
    ),
    line("CN-001", 1, plant_documents::no_credit_note, "credit note not issued within 14 days"),
    line("CN-002", 1, plant_documents::incomplete_credit_note, "credit note without a quantity"),
    line("CN-005", 1, plant_documents::mistyped_return_no, "return number that begins with its second digit"),
    line(
        "CN-005",
        1,
        plant_documents::mistyped_invoice_no,
        "invoice number without one of its digits: one finding per invoice",
    ),
    line("SO-005", 1, plant_documents::not_invoiced, "delivered and on no invoice"),
    line("MAP-001", 1, plant_input::no_counterpart_shop, "shop status that has no counterpart"),
    line("", 1, plant_input::unreadable_shop_row, "shop row with an unknown status: quarantine"),
    line("", 2, plant_input::shop_row_twice, "shop row that stands twice, identically: duplicate"),
    line(
        "ST-001",
        2,
        plant_status::delivered_but_returned_calendar,
        "set delivered, parcel back at the sender (pays by calendar)",
    ),
    line("ST-001", 1, plant_status::delivered_but_silent_calendar, "set delivered, parcel silent (pays by calendar)"),
    line("ST-002", 1, plant_status::not_marked_calendar, "delivered by the carrier, still shipped (pays by calendar)"),
    line(
        "ST-012",
        1,
        plant_status::cancelled_but_shipped_calendar,
        "cancelled after the parcel left (pays by calendar)",
    ),
    line("PY-001", 2, plant_money::unpaid, "due and on no statement"),
    line("PY-004", 2, plant_money::underpaid, "paid too little"),
    line("PY-005", 1, plant_money::overpaid, "paid too much"),
    line("PY-007", 1, plant_money::paid_twice, "paid twice"),
    line("FE-001", 2, plant_money::commission_on_postage, "commission taken on the postage"),
    line("PY-011", 1, plant_money::strange_line, "statement line for an order that does not exist"),
    line("PY-013", 1, plant_money::wrong_sign, "sale below zero on a statement"),
    line("PY-014", 1, plant_money::unassigned_line, "sale without an order number on a statement"),
    line("DQ-016", 1, plant_history::stray_row, "history row of an order that no export has"),
    line("DQ-001", 1, plant_input::conflicting_rows, "order twice in one file, differently: both rows in quarantine"),
    line("MAP-001", 1, plant_input::unmapped_code, "carrier code that no pack maps: one finding per code"),
    line("", 1, plant_input::bad_date, "order row with a day that does not exist: quarantine"),
    line("", 1, plant_input::bad_money, "order row with a price that is no number: quarantine"),
    line("", 1, plant_input::no_postage, "order row with empty postage: quarantine"),
    line("", 1, plant_input::unknown_word, "order row with an unknown status: quarantine"),
    line("", 1, plant_input::short_row, "order row that ends early: quarantine"),
    line("", 1, plant_input::unreadable_scan, "scan whose time cannot be read: quarantine"),
    line("DQ-005", 1, plant_input::rounded_number, "order number that a spreadsheet has rounded: quarantine"),
    line("PO-003", 1, plant_money::overview_differs, "postage overview differs from the orders"),
    line("CD-005", 1, plant_cash::transfer_differs, "a transfer of cash that is less than its parcels"),
    line("ST-020", 1, plant_status::delivered_then_back, "delivered, then back at the sender, and nobody settled it"),
    line("PY-012", 1, plant_money::lost_statement, "newest statement whose grace has passed is missing"),
];

/// Plants everything and writes the truth.
///
/// # Errors
/// When an amount or a date leaves its range.
pub fn plant(world: &mut World) -> Result<(), SampleError> {
    let orders = world.orders.len();
    let per = world.merchant.planted_per.max(1) as usize;
    for planting in PLAN {
        let count = (orders * planting.per as usize / per).max(planting.per as usize);
        let keys = (planting.plant)(world, count)?;
        world.planted.push(Planted { code: planting.code, what: planting.what, keys });
    }
    plant_input::quarantined_sources(world);
    quota::breaches(world)
}
