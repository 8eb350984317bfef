//! The closed word lists. A frame holds their stable text; raw words of exports are mapped to them by packs only.
//! *Unknown* is a word, never null: a comparison with null is null, and a rule would silently miss the row.

#[macro_use]
mod word;

pub use word::{List, Word};

words! {
    /// Kind of an input: the rows that an export holds.
    Kind {
        /// Orders of a marketplace account.
        Orders = "orders",
        /// Articles of orders.
        OrderLines = "order_lines",
        /// Changes of orders' statuses, with actor and time.
        OrderEvents = "order_events",
        /// Events of parcels, from a carrier.
        TrackingEvents = "tracking_events",
        /// Parcels, with number, carrier and order.
        Shipments = "shipments",
        /// Lines of payout statements.
        PayoutLines = "payout_lines",
        /// Payout statements: period, total, balances, payment day.
        Statements = "statements",
        /// Postage paid and cancelled by day and shipping method.
        PostageOverview = "postage_overview",
        /// Invoices, credit notes, return documents, set-offs, claims.
        Documents = "documents",
        /// Orders of a marketplace as the merchant's shop system sees them.
        ShopOrders = "shop_orders",
        /// Orders placed at a supplier.
        SupplierOrders = "supplier_orders",
        /// Cash on delivery that a carrier sends: one row per parcel of a transfer.
        CodRemittances = "cod_remittances",
    }
}

words! {
    /// Canonical status of an order (rulebook §8).
    OrderStatus {
        /// Not paid; nothing may be done.
        Blocked = "blocked",
        /// Open for the merchant.
        New = "new",
        /// Taken over by the merchant.
        Accepted = "accepted",
        /// Being packed.
        Packing = "packing",
        /// Waits at a pick-up point.
        ReadyForPickup = "ready_for_pickup",
        /// Handed over to the carrier.
        Shipped = "shipped",
        /// Received by the buyer.
        Delivered = "delivered",
        /// Not taken over, and back.
        Returned = "returned",
        /// Lost by the own delivery service.
        Lost = "lost",
        /// Cancelled as a whole.
        Cancelled = "cancelled",
        /// Not taken over, by the marketplace's word.
        Rejected = "rejected",
        /// A known label without a counterpart.
        Unknown = "unknown",
    }
}

words! {
    /// Canonical tracking code (carriers §1.3). `ignored` is noise: the row is used and moves nothing. `cod_paid` is a flag on top of
    /// delivered, not a state. `delivered` of a parcel that goes back is at the sender (§16.2).
    TrackingCode {
        /// Data announced.
        Registered = "registered",
        /// Taken over from the sender.
        Accepted = "accepted",
        /// Moved, forwarded, stored at a depot, in customs.
        InTransit = "in_transit",
        /// In a shop, box or office, waiting for the buyer.
        ReadyForPickup = "ready_for_pickup",
        /// With the courier.
        OutForDelivery = "out_for_delivery",
        /// Handed over: to the buyer, or to the sender where the parcel goes back.
        Delivered = "delivered",
        /// Handed to the buyer whom the code names, even if the parcel was going back.
        DeliveredToBuyer = "delivered_to_buyer",
        /// An attempt without success, a refusal included.
        DeliveryFailed = "delivery_failed",
        /// On its way to the sender.
        Returning = "returning",
        /// Handed to the sender.
        Returned = "returned",
        /// Lost, disposed of or confiscated.
        Lost = "lost",
        /// Damaged; another event may follow.
        Damaged = "damaged",
        /// Cancelled before it was sent.
        Cancelled = "cancelled",
        /// A flag beside delivered: the cash was paid on.
        CodPaid = "cod_paid",
        /// Noise: the row is used and moves nothing.
        Ignored = "ignored",
        /// No pack maps the code.
        Unknown = "unknown",
    }
}

words! {
    /// Outcome of all events of a shipment, or of all parcels of an order.
    CarrierOutcome {
        /// The carrier never saw the parcel.
        None = "none",
        /// Data were announced, the parcel was not seen.
        Registered = "registered",
        /// On its way.
        InTransit = "in_transit",
        /// Waits for the buyer.
        ReadyForPickup = "ready_for_pickup",
        /// Handed to the buyer.
        Delivered = "delivered",
        /// On its way back.
        Returning = "returning",
        /// Back at the sender.
        Returned = "returned",
        /// Lost.
        Lost = "lost",
        /// Cancelled before it was sent.
        Cancelled = "cancelled",
        /// The parcels of the order end differently.
        Mixed = "mixed",
    }
}

words! {
    /// Kind of a payout line (rulebook §8). `payout` is the transfer itself and no part of what was paid for orders.
    PayoutKind {
        /// Goods sold; an order is paid when it has one.
        Sale = "sale",
        /// Commission of the marketplace.
        Commission = "commission",
        /// Postage passed on, negative when taken back.
        Postage = "postage",
        /// Fee for cash on delivery.
        CodFee = "cod_fee",
        /// Money given back to the buyer.
        Refund = "refund",
        /// Reversal of a cancelled sale.
        Cancel = "cancel",
        /// Correction of an earlier line.
        Correction = "correction",
        /// A credit note settled.
        CreditNote = "credit_note",
        /// An invoice settled.
        Invoice = "invoice",
        /// Receivables set off against each other.
        SetOff = "set_off",
        /// Fee of the account that belongs to no order.
        Fee = "fee",
        /// Tax withheld or passed on.
        Tax = "tax",
        /// Money held back or released.
        Reserve = "reserve",
        /// Balance carried from or to another statement.
        CarryOver = "carry_over",
        /// The transfer itself; part of no sum of what was paid.
        Payout = "payout",
        /// A line that its export does not explain.
        Unexplained = "unexplained",
    }
}

words! {
    /// Kind of a row of a carrier's remittance.
    RemittanceKind {
        /// Cash of a parcel.
        Cash = "cash",
        /// Fees that the carrier keeps.
        Fee = "fee",
        Correction = "correction",
        /// The transfer itself.
        Transfer = "transfer",
    }
}

words! {
    /// Kind of a document.
    DocumentKind {
        /// Bill for goods or services.
        Invoice = "invoice",
        /// Takes back an invoice, or a part of it.
        CreditNote = "credit_note",
        /// The marketplace's number for a return, real or fictitious.
        ReturnDocument = "return_doc",
        /// Agreement that sets receivables off.
        Offset = "offset",
        /// A complaint for damage or loss.
        Claim = "claim",
    }
}

words! {
    /// Which hours count (A23).
    ConfirmClock {
        /// All of them.
        Clock = "clock",
        /// Those of working days, from 00:00 to 24:00.
        Business = "business",
    }
}

words! {
    /// Whether goods came back, or a delivery is reversed that never was.
    ReturnKind {
        /// Goods came back.
        Real = "real",
        /// A delivery is reversed that never was.
        Fictitious = "fictitious",
    }
}

words! {
    /// Mandatory field of a credit note.
    CreditNoteField {
        /// The order.
        OrderNo = "order_no",
        /// The return document.
        ReturnNo = "return_no",
        /// The articles.
        Item = "item",
        /// Their quantities.
        Quantity = "quantity",
        /// Where the whole order is credited and had postage.
        Transport = "transport",
        /// Where the whole order is credited and had a COD fee.
        CodFee = "cod_fee",
    }
}

words! {
    /// Kind of a document line.
    DocumentLineKind {
        Item = "item", Transport = "transport", CodFee = "cod_fee", OffsetInvoice = "offset_invoice",
        OffsetOrder = "offset_order", Whole = "whole",
    }
}

words! {
    /// Status of an order at the supplier.
    SupplierStatus {
        /// Waits for the merchant.
        PendingValidation = "pending_validation",
        /// Being processed.
        Processing = "processing",
        /// Placed by hand, and marked so.
        ManuallySent = "manually_sent",
        /// Sent.
        Shipped = "shipped",
        /// Delivered.
        Delivered = "delivered",
        /// Cancelled.
        Cancelled = "cancelled",
        /// No pack maps the word.
        Unknown = "unknown",
    }
}

words! {
    /// How a supplier order came to be.
    Origin { Auto = "auto", Manual = "manual", Unknown = "unknown" }
}

words! {
    /// Why a supplier order waits.
    PendingReason {
        /// Its address is refused.
        Address = "address",
        /// The wallet cannot pay it.
        Wallet = "wallet",
        /// Another reason.
        Other = "other",
        /// It does not wait.
        None = "none",
    }
}

words! {
    /// Actor of a change.
    Actor {
        Partner = "partner", Marketplace = "marketplace", Customer = "customer", System = "system", Unknown = "unknown",
    }
}

words! {
    /// How a transition stands in the graph of its pack: allowed, or allowed although it leaves out a status.
    Step { Legal = "legal", Skip = "skip" }
}

words! {
    /// Verdict on a change of an order's status by the transitions of its pack: `illegal` is not among them, `after_final` is not either and
    /// follows a final status, `wrong_actor` is among them, and not for who did it.
    Change {
        Legal = "legal", Skip = "skip", Illegal = "illegal", AfterFinal = "after_final", WrongActor = "wrong_actor",
    }
}

words! {
    /// How the buyer pays.
    Payment { Cod = "cod", Prepaid = "prepaid", Unknown = "unknown" }
}

words! {
    /// An event of an order that may stand for its payment.
    PaymentEvent { Created = "created", Opened = "opened", Shipped = "shipped", Delivered = "delivered" }
}

words! {
    /// Size class of the goods.
    BoxSize { Small = "smallbox", Big = "bigbox", Unknown = "unknown" }
}

words! {
    /// A yes or no as exports write it.
    Flag { Yes = "yes", No = "no" }
}

words! {
    /// How bad a finding is. Ordered from the worst.
    Severity {
        /// Money is lost unless somebody acts.
        Critical = "critical",
        /// Money or a claim is at stake.
        High = "high",
        /// A deadline, a target or a wrong figure.
        Medium = "medium",
        /// Worth a correction.
        Low = "low",
        /// Worth knowing.
        Info = "info",
    }
}

words! {
    /// Property of a marketplace, supplier or shop system that its pack declares; traits switch rules on (rulebook §8).
    Trait {
        /// Sent orders need number and link: tracking rate, workbook of tracking errors.
        NeedsTracking = "needs_tracking",
        /// Buys the goods at the delivery and is invoiced: a finding's money is the net claim.
        BuysOnDelivery = "buys_on_delivery",
        /// Pays on the days of `payout_days`, or on demand after the hold: billing and payout dates come from the day of receipt.
        PaysByCalendar = "pays_by_calendar",
        /// Settles by invoices of a billing period: dates come from the delivery and the invoice.
        InvoicesByPeriod = "invoices_by_period",
        /// Cancels orders that stay undelivered past their expected day.
        CancelsLateOrders = "cancels_late_orders",
        /// Takes no commission on postage.
        PostageWithoutCommission = "postage_without_commission",
        /// Offers a delivery service that sets statuses itself.
        OwnDeliveryService = "own_delivery_service",
        /// Sets cash on delivery that the merchant holds off against invoices: expected cash is less by it.
        SetsOffCod = "sets_off_cod",
        /// Has a returned state for orders that were not taken over.
        HasReturnedState = "has_returned_state",
        /// Is a supplier: its account holds supplier orders.
        Supplier = "supplier",
        /// Is a shop system or channel integrator: its words are those of shop orders.
        ShopSystem = "shop_system",
    }
}

words! {
    /// Which billing dates belong to which payout (rulebook §3.3).
    Cutoff {
        /// A payout pays what was billed until the day before it.
        DayBefore = "day_before",
        /// A payout pays the ten days of the calendar before it: 1–10, 11–20, 21–end.
        CalendarDecade = "calendar_decade",
        /// A payout pays what was billed until its own day.
        SameDay = "same_day",
    }
}

words! {
    /// Base of a commission (rulebook §3.4, §5).
    CommissionBase {
        /// The goods with VAT.
        Goods = "goods",
        /// The goods without VAT (A7).
        GoodsNet = "goods_net",
        /// The goods and the postage, with VAT.
        GoodsAndPostage = "goods_and_postage",
    }
}

words! {
    /// Treatment of the money of an order that is cancelled after its billing (A12).
    ClawbackMode {
        /// A negative amount is expected on the next payout day.
        NextPayout = "next_payout",
        /// Nothing is expected.
        None = "none",
    }
}

words! {
    /// How a shipment's events become one outcome.
    OutcomeModel {
        /// The event that decides most, wherever it stands: later messages undo no delivery.
        Rank = "rank",
        /// The latest event that is not noise.
        LatestEvent = "latest_event",
    }
}

words! {
    /// Whom a code of a carrier names as the one who got the parcel.
    Recipient {
        /// The buyer.
        Buyer = "buyer",
    }
}

words! {
    /// How an export writes a plain rate: 18 for 18 %, or 0.18.
    Rates {
        /// `18` is 18 %.
        Percent = "percent",
        /// `0.18` is 18 %.
        Share = "share",
    }
}

words! {
    /// Unit in which an export writes amounts.
    Amounts {
        /// The currency, 123.45.
        Units = "units",
        /// Its smallest unit without a mark, 12345 for 123.45.
        Minor = "minor",
    }
}

words! {
    /// Type of the cells of a version column: it decides how two of them compare.
    VersionForm {
        /// A civil date, by the source's `dates`.
        Date = "date",
        /// A date with time, by the source's `dates`.
        Instant = "instant",
        /// A whole number.
        Int = "int",
        /// A text that sorts as it is written: a number with the same letters around it, or a date that begins with its year.
        Text = "text",
    }
}

words! {
    /// Effect of wrongly entered tracking data on the tracking rate (A18).
    WrongData {
        /// They count as missing.
        Fail = "fail",
        /// The order leaves the rate.
        Drop = "drop",
    }
}

words! {
    /// Whether invalid records are part of a rate; which ones they are, the metric says (A18).
    InvalidRecords {
        /// They leave the rate.
        Drop = "drop",
        /// They stay in the rate.
        Keep = "keep",
    }
}

words! {
    /// Which day of an order decides its month (A20).
    MonthBasis {
        /// Day of creation.
        Created = "created",
        /// Marked shipped, else created.
        Shipped = "shipped",
        /// Day of the delivery.
        Delivered = "delivered",
        /// Reached its final status: delivered, returned or cancelled.
        Final = "final",
    }
}

words! {
    /// Which parcels lodged with the original carrier after the activation of the own delivery service break its rule (A28).
    InFlight {
        /// Every one: the lodging day decides.
        Lodged = "lodged",
        /// Those of orders that are marked as the own delivery service's.
        Flag = "flag",
        /// Those of orders created from the activation on.
        CreatedAt = "created_at",
    }
}

words! {
    /// How the check character of a tracking number is computed (carriers §1.1).
    CheckMethod {
        /// Modulo 11 with the pack's weights.
        Mod11 = "mod11",
        /// ISO 7064 modulo 37, 36.
        Mod37_36 = "mod37_36",
    }
}

words! {
    /// Whether the check character of a tracking number is right; `none`: its carrier is not known, or its shape has none. It is
    /// advisory: a number with a wrong one may still be a parcel's.
    NumberCheck { Right = "right", Wrong = "wrong", None = "none" }
}

words! {
    /// Reaction to an absent file of a source.
    IfAbsent {
        /// Nothing is published, exit 9.
        Error = "error",
        /// The run goes on, and says so.
        Warn = "warn",
        /// The run goes on without a word.
        Ignore = "ignore",
    }
}

words! {
    /// Which offset holds for a local time that a clock change leaves out or repeats: the one before the change, the one after
    /// it, or none.
    Dst {
        /// The offset before the change.
        Earlier = "earlier",
        /// The offset after the change.
        Later = "later",
        /// The row goes to quarantine.
        Refuse = "refuse",
    }
}

words! {
    /// Reaction to a refused source.
    IfRefused {
        /// Nothing is published, exit 3.
        Stop = "stop",
        /// Its account is not computable, the others are published.
        PublishWithout = "publish_without",
    }
}

words! {
    /// Instruction of a finding. The texts here are those of `common.toml`; a marketplace's pack may have its own.
    Remedy {
        CreditNote = "credit_note", SetDelivered = "set_delivered", SetReturned = "set_returned", ReportWrongState = "report_wrong_state",
        RecallParcel = "recall_parcel", CorrectState = "correct_state", FixProcess = "fix_process",
        FillTracking = "fill_tracking", FixTracking = "fix_tracking", FindParcel = "find_parcel",
        StopLodging = "stop_lodging", DeliverOrReport = "deliver_or_report", Claim = "claim", ExpectClawback = "expect_clawback",
        Verify = "verify", RequestFile = "request_file", FixOverview = "fix_overview", IssueCreditNote = "issue_credit_note",
        ReissueCreditNote = "reissue_credit_note", Resubmit = "resubmit", ShortenAddress = "shorten_address",
        TopUpWallet = "top_up_wallet", CancelDuplicate = "cancel_duplicate", ExtendPack = "extend_pack",
        BookDifference = "book_difference",
        FixExport = "fix_export", FixStock = "fix_stock", SetDelay = "set_delay", ClaimCash = "claim_cash",
        ExplainRemittance = "explain_remittance",
        TakeBackDelivered = "take_back_delivered", SettleReturn = "settle_return",
        ReadRowsFirst = "read_rows_first", DeclareRate = "declare_rate", AssignLine = "assign_line", FindOrders = "find_orders",
    }
}

words! {
    /// Whether money is due for an order. `not_computable`: due, but its amount or its date is not known.
    SettlementState {
        /// Money is due on its payout date.
        Eligible = "eligible",
        /// Not delivered yet.
        WaitingDelivery = "waiting_delivery",
        /// Cancelled as a whole.
        Cancelled = "cancelled",
        /// A test order.
        Test = "test",
        /// Due, but its amount or its date is not known.
        NotComputable = "not_computable",
        /// Came back, was lost or rejected, or is paid by somebody else.
        NothingDue = "nothing_due",
    }
}

words! {
    /// Where the money of a delivered order stands (§16.12): `billed` once its billing date has come or an invoice bills it, `paid` once a
    /// statement has a line for it.
    MoneyStage {
        /// Neither an invoice nor a billing date that has come.
        NotBilled = "not_billed",
        /// An invoice bills it, or its billing date has come.
        Billed = "billed",
        /// A statement has a line for it.
        Paid = "paid",
    }
}

words! {
    /// Where a finding stands beside the previous publication.
    FindingState {
        /// Not in the previous publication.
        New = "new",
        /// Was there, with the same figures.
        Open = "open",
        /// Was there with another figure or deadline.
        Changed = "changed",
        /// Was resolved before, and is here again.
        Reopened = "reopened",
        /// A person decided to leave it.
        Waived = "waived",
    }
}

words! {
    /// Subject of a finding: decides which fact frame its rule reads and which keys it fills (rulebook §9.0).
    Subject {
        /// An order.
        Order = "order",
        /// An order, and its tracking number where it has one.
        OrderAndNumber = "order_and_number",
        /// An order and one change of its status.
        Transition = "transition",
        /// A parcel.
        Shipment = "shipment",
        /// A tracking number.
        Number = "number",
        /// A payout line.
        PayoutLine = "payout_line",
        /// A payout date.
        PayoutDay = "payout_day",
        /// A statement.
        Statement = "statement",
        /// A return document or a credit note.
        Document = "document",
        /// Day, method and currency.
        PostageDay = "postage_day",
        /// A metric and its month.
        Metric = "metric",
        /// A carrier code.
        Word = "word",
        /// A source and a key.
        Conflict = "conflict",
        /// A figure of a closed past that differs from what the previous publication showed.
        Restated = "restated",
        /// A source.
        Source = "source",
        /// A source and an identifier as it stands there.
        Identifier = "identifier",
        /// A source and an order number that no order has.
        Unmatched = "unmatched",
        /// A supplier order, with money of the supplier.
        Supplier = "supplier",
        /// A supplier order, with money of the sale.
        SupplierSale = "supplier_sale",
        /// A supplier account.
        SupplierAccount = "supplier_account",
        /// The cash of a parcel, or of an order whose parcels share one sum.
        Cash = "cash_on_delivery",
        /// A carrier's remittance.
        Remittance = "remittance",
    }
}

words! {
    /// Service level that marketplaces measure, in the order of the manifest.
    MetricName {
        /// Sent orders with number and link.
        TrackingRate = "tracking_rate",
        /// The same, with a scan of the carrier.
        TrackingRateScanned = "tracking_rate_scanned",
        /// Orders that the merchant cancelled.
        CancelRate = "cancel_rate",
        /// Orders with a wrong final status.
        StatusError = "status_error",
        /// Orders delivered by the promised day.
        OnTime = "on_time",
    }
}

words! {
    /// Window of a metric.
    Window {
        /// Each calendar month.
        Month = "month",
        /// The last month that ended by as-of; it decides the status of an account.
        LastClosedMonth = "last_closed_month",
        /// The running month until as-of.
        MonthToDate = "month_to_date",
        /// As-of and the six days before.
        Last7Days = "last_7_days",
    }
}

/// The lists whose words keys, columns and reports hold; the page of values prints them, so each of their words says what it means.
pub const LISTS: &[List] = &[
    List::of::<Kind>(),
    List::of::<Trait>(),
    List::of::<OrderStatus>(),
    List::of::<TrackingCode>(),
    List::of::<CarrierOutcome>(),
    List::of::<PayoutKind>(),
    List::of::<DocumentKind>(),
    List::of::<ReturnKind>(),
    List::of::<SupplierStatus>(),
    List::of::<PendingReason>(),
    List::of::<Cutoff>(),
    List::of::<CommissionBase>(),
    List::of::<ClawbackMode>(),
    List::of::<OutcomeModel>(),
    List::of::<MonthBasis>(),
    List::of::<InFlight>(),
    List::of::<ConfirmClock>(),
    List::of::<WrongData>(),
    List::of::<InvalidRecords>(),
    List::of::<CheckMethod>(),
    List::of::<CreditNoteField>(),
    List::of::<Rates>(),
    List::of::<Dst>(),
    List::of::<IfAbsent>(),
    List::of::<IfRefused>(),
    List::of::<MetricName>(),
    List::of::<Window>(),
    List::of::<Subject>(),
    List::of::<Severity>(),
    List::of::<SettlementState>(),
    List::of::<FindingState>(),
    List::of::<Remedy>(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_texts_go_there_and_back() {
        for word in OrderStatus::ALL {
            assert_eq!(OrderStatus::of(word.text()), Some(*word));
        }
        assert_eq!(OrderStatus::of("Delivered"), None);
    }
}
