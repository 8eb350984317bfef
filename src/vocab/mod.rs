//! The closed word lists. A frame holds their stable text; raw words of exports are mapped to them by packs only.
//! *Unknown* is a word, never null: a comparison with null is null, and a rule would silently miss the row.

/// A word of a closed list.
pub trait Word: Copy + Sized + 'static {
    /// All words in their order.
    const ALL: &'static [Self];
    /// Their texts, in the same order.
    const TEXTS: &'static [&'static str];
    /// The stable text: in frames, packs, CSV and JSON.
    fn text(self) -> &'static str;
    /// The word with this stable text.
    fn of(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.text() == text)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$word_doc])* #[doc = concat!("`", $text, "`")] $word),* }

        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$word),*];
            const TEXTS: &'static [&'static str] = &[$($text),*];
            fn text(self) -> &'static str {
                match self { $(Self::$word => $text),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.text())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.text())
            }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": Self::TEXTS })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                $crate::vocab::Word::of(&text).ok_or_else(|| {
                    let known: Vec<&str> = Self::ALL.iter().map(|word| word.text()).collect();
                    serde::de::Error::custom(format!("`{text}` is not one of {}", known.join(", ")))
                })
            }
        }
    };
}

words! {
    /// What an export holds.
    Kind {
        Orders = "orders", OrderLines = "order_lines", OrderEvents = "order_events", TrackingEvents = "tracking_events",
        Shipments = "shipments", PayoutLines = "payout_lines", Statements = "statements",
        PostageOverview = "postage_overview", Documents = "documents", ShopOrders = "shop_orders",
        SupplierOrders = "supplier_orders",
    }
}

words! {
    /// Canonical status of an order (rulebook §8).
    OrderStatus {
        Blocked = "blocked", New = "new", Accepted = "accepted", Packing = "packing",
        ReadyForPickup = "ready_for_pickup", Shipped = "shipped", Delivered = "delivered", Returned = "returned",
        Lost = "lost", Cancelled = "cancelled", Rejected = "rejected", Unknown = "unknown",
    }
}

words! {
    /// Canonical tracking code (carriers.md). `ignored` is noise: the row is used and moves nothing. `cod_paid` is a flag on top of
    /// delivered, not a state.
    TrackingCode {
        Registered = "registered", Accepted = "accepted", InTransit = "in_transit", ReadyForPickup = "ready_for_pickup",
        OutForDelivery = "out_for_delivery", Delivered = "delivered", DeliveryFailed = "delivery_failed",
        Returning = "returning", Returned = "returned", Lost = "lost", Damaged = "damaged", Cancelled = "cancelled",
        CodPaid = "cod_paid", Ignored = "ignored", Unknown = "unknown",
    }
}

words! {
    /// What all events of a shipment, or of all parcels of an order, amount to. `none`: the carrier never saw it.
    CarrierOutcome {
        None = "none", Registered = "registered", InTransit = "in_transit", ReadyForPickup = "ready_for_pickup",
        Delivered = "delivered", Returning = "returning", Returned = "returned", Lost = "lost", Cancelled = "cancelled",
        Mixed = "mixed",
    }
}

words! {
    /// Kind of a payout line (rulebook §8). `payout` is the transfer itself and no part of what was paid for orders.
    PayoutKind {
        Sale = "sale", Commission = "commission", Postage = "postage", CodFee = "cod_fee", Refund = "refund",
        Cancel = "cancel", Correction = "correction", CreditNote = "credit_note", Invoice = "invoice", SetOff = "set_off",
        Fee = "fee", Tax = "tax", Reserve = "reserve", CarryOver = "carry_over", Payout = "payout",
        Unexplained = "unexplained",
    }
}

words! {
    /// Kind of a document.
    DocumentKind {
        Invoice = "invoice", CreditNote = "credit_note", ReturnDocument = "return_doc", Offset = "offset", Claim = "claim",
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
    ReturnKind { Real = "real", Fictitious = "fictitious" }
}

words! {
    /// What a credit note may have to say.
    CreditNoteField {
        OrderNo = "order_no", ReturnNo = "return_no", Item = "item", Quantity = "quantity",
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
        PendingValidation = "pending_validation", Processing = "processing", ManuallySent = "manually_sent",
        Shipped = "shipped", Delivered = "delivered", Cancelled = "cancelled", Unknown = "unknown",
    }
}

words! {
    /// How a supplier order came to be.
    Origin { Auto = "auto", Manual = "manual", Unknown = "unknown" }
}

words! {
    /// Why a supplier order waits.
    PendingReason { Address = "address", Wallet = "wallet", Other = "other", None = "none" }
}

words! {
    /// Who did it.
    Actor {
        Partner = "partner", Marketplace = "marketplace", Customer = "customer", System = "system", Unknown = "unknown",
    }
}

words! {
    /// How a transition stands in the graph of its pack: allowed, or allowed although it leaves out a status.
    Step { Legal = "legal", Skip = "skip" }
}

words! {
    /// What a change of an order's status is by the transitions of its pack: `illegal` is not among them, `after_final` is not either and
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
    /// Size class of the goods.
    BoxSize { Small = "smallbox", Big = "bigbox", Unknown = "unknown" }
}

words! {
    /// A yes or no as exports write it.
    Flag { Yes = "yes", No = "no" }
}

words! {
    /// How bad a finding is. Ordered from the worst.
    Severity { Critical = "critical", High = "high", Medium = "medium", Low = "low", Info = "info" }
}

words! {
    /// What a pack says about a marketplace, supplier or shop system; traits switch rules on (rulebook §8).
    Trait {
        NeedsTracking = "needs_tracking", BuysOnDelivery = "buys_on_delivery", PaysByCalendar = "pays_by_calendar",
        InvoicesByPeriod = "invoices_by_period", CancelsLateOrders = "cancels_late_orders",
        PostageWithoutCommission = "postage_without_commission", OwnDeliveryService = "own_delivery_service",
        SetsOffCod = "sets_off_cod", HasReturnedState = "has_returned_state", Supplier = "supplier",
        ShopSystem = "shop_system",
    }
}

words! {
    /// Which billing dates belong to which payout (rulebook §3.3).
    Cutoff { DayBefore = "day_before", CalendarDecade = "calendar_decade", SameDay = "same_day" }
}

words! {
    /// What a commission is taken from (rulebook §3.4, §5).
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
    /// What happens to money of an order that is cancelled after its billing (A12).
    ClawbackMode { NextPayout = "next_payout", None = "none" }
}

words! {
    /// How a shipment's events become one outcome.
    OutcomeModel { Rank = "rank", LatestEvent = "latest_event" }
}

words! {
    /// How an export writes a plain rate: 18 for 18 %, or 0.18.
    Rates { Percent = "percent", Share = "share" }
}

words! {
    /// What wrongly entered tracking data do to the tracking rate: count as missing, or leave it (A18).
    WrongData { Fail = "fail", Drop = "drop" }
}

words! {
    /// Whether invalid records are part of a rate; which ones they are, the metric says (A18).
    InvalidRecords { Drop = "drop", Keep = "keep" }
}

words! {
    /// Which day of an order decides its month (A20).
    MonthBasis {
        Created = "created",
        /// Marked shipped, else created.
        Shipped = "shipped",
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
    /// How the check character of a tracking number is computed (carriers.md §1.1).
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
    /// What a source does when its file is absent.
    IfAbsent { Error = "error", Warn = "warn", Ignore = "ignore" }
}

words! {
    /// Which offset holds for a local time that a clock change leaves out or repeats: the one before the change, the one after
    /// it, or none.
    Dst { Earlier = "earlier", Later = "later", Refuse = "refuse" }
}

words! {
    /// What a source does when it is refused.
    IfRefused { Stop = "stop", PublishWithout = "publish_without" }
}

words! {
    /// What a person should do; the text beside it is pack text.
    Remedy {
        CreditNote = "credit_note", SetDelivered = "set_delivered", SetReturned = "set_returned", ReportWrongState = "report_wrong_state",
        RecallParcel = "recall_parcel", CorrectState = "correct_state", FixProcess = "fix_process",
        FillTracking = "fill_tracking", FixTracking = "fix_tracking", FindParcel = "find_parcel",
        StopLodging = "stop_lodging", DeliverOrReport = "deliver_or_report", Claim = "claim", ExpectClawback = "expect_clawback",
        Verify = "verify", RequestFile = "request_file", FixOverview = "fix_overview", IssueCreditNote = "issue_credit_note",
        ReissueCreditNote = "reissue_credit_note", Resubmit = "resubmit", ShortenAddress = "shorten_address",
        TopUpWallet = "top_up_wallet", CancelDuplicate = "cancel_duplicate", ExtendPack = "extend_pack",
        FixExport = "fix_export", FixStock = "fix_stock", SetDelay = "set_delay",
    }
}

words! {
    /// Whether money is due for an order. `not_computable`: due, but its amount or its date is not known.
    SettlementState {
        Eligible = "eligible", WaitingDelivery = "waiting_delivery", Cancelled = "cancelled", Test = "test",
        NotComputable = "not_computable",
    }
}

words! {
    /// Where a finding stands beside the previous publication.
    FindingState { New = "new", Open = "open", Changed = "changed", Reopened = "reopened", Waived = "waived" }
}

words! {
    /// What one finding of a rule is about, and so which fact frame the rule reads and which keys its findings fill (rulebook §9.0).
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
        /// A source.
        Source = "source",
        /// A source and an identifier as it stands there.
        Identifier = "identifier",
        /// A supplier order, with money of the supplier.
        Supplier = "supplier",
        /// A supplier order, with money of the sale.
        SupplierSale = "supplier_sale",
        /// A supplier account.
        SupplierAccount = "supplier_account",
    }
}

words! {
    /// What marketplaces measure, in the order of the manifest.
    MetricName {
        TrackingRate = "tracking_rate", TrackingRateScanned = "tracking_rate_scanned", CancelRate = "cancel_rate",
        StatusError = "status_error", OnTime = "on_time",
    }
}

words! {
    /// Window of a metric.
    Window {
        Month = "month", LastClosedMonth = "last_closed_month", MonthToDate = "month_to_date", Last7Days = "last_7_days",
    }
}

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
