//! Policies: what a marketplace demands, as dated text. Every value has a validity and a source; a later entry never overlaps an
//! earlier one in the same key.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::pipeline::civil_date;
#[cfg(test)]
use crate::pipeline::document_rules::NumberSeries;
use crate::pipeline::document_rules::SeriesByKind;
#[cfg(test)]
use crate::pipeline::exchange::DeclaredRate;
use crate::pipeline::exchange::Rates;
use crate::pipeline::exchange::in_words;
use crate::pipeline::pattern::Pattern;
use crate::pipeline::percent::Percent;
use crate::pipeline::transition::Transition;
use crate::vocab::{
    Actor, ClawbackMode, CommissionBase, ConfirmClock, CreditNoteField, Cutoff, DocumentKind, InFlight, InvalidRecords,
    MonthBasis, OrderStatus, OutcomeModel, Payment, PaymentEvent, ReturnKind, Word, WrongData,
};

/// One `[[policy]]` entry of a pack or of a pipeline's account: keys left out are not set by it.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyEntry {
    /// First day of validity, inclusive; open when absent.
    #[serde(default, deserialize_with = "civil_date::optional")]
    pub from: Option<NaiveDate>,
    /// Last day of validity, inclusive; open when absent.
    #[serde(default, deserialize_with = "civil_date::optional")]
    pub to: Option<NaiveDate>,
    /// Where the values come from (`S1`, `K14`, …).
    pub source: String,
    /// Name of the pack that wrote it; empty for an account's own entry in a pipeline.
    #[serde(skip)]
    pub author: String,
    /// Days from the received date to the billing date (withdrawal + reserve). An account that sets it is paid after that hold.
    pub hold_days: Option<u32>,
    /// The event from which the hold counts, by how the buyer pays; the receipt when not set. A way of paying that is left out is paid to
    /// the merchant by somebody else (cash on delivery of an own shop, a transfer): nothing is due for it from this account.
    pub hold_from: Option<PaymentEvents>,
    /// The received day is the first day of the hold, no longer day 0 (A5).
    pub count_day_zero: Option<bool>,
    /// Days from the sending to the billing date of an order without tracking; not set: such an order waits for its delivery.
    pub hold_days_untracked: Option<u32>,
    /// Days of the month on which money is sent.
    pub payout_days: Option<Vec<u32>>,
    /// Which billing dates belong to which payout.
    pub cutoff: Option<Cutoff>,
    /// Days from the last billing date of a payout to its day of the month; none when not set.
    pub payout_lag_days: Option<u32>,
    /// The other date of a contested cut-off is accepted too.
    pub cutoff_tolerance: Option<bool>,
    /// Working days after the payout date before an order counts as unpaid.
    pub payout_grace_days: Option<u32>,
    /// The event that stands for the payment of an order that does not say when it was paid, by how the buyer pays: it dates the order
    /// in day × shipping. Without it such an order has no day there.
    pub payment_event: Option<PaymentEvents>,
    /// Statuses that make an order billable. Not set: `delivered`; with `hold_from` every status but blocked, cancelled, rejected,
    /// returned, lost.
    pub billable: Option<Vec<OrderStatus>>,
    /// Commission rate where neither order nor line names one, such as `"17.5"` percent.
    pub commission: Option<Percent>,
    /// What the commission is taken from; the goods alone when not set.
    pub commission_base: Option<CommissionBase>,
    /// VAT that is added to the commission (A8), such as `"21"` percent; not set: the rate is final.
    pub commission_vat_rate: Option<Percent>,
    /// Allowed difference of a payout per order line, minor units.
    pub tolerance_per_line: Option<i64>,
    /// Allowed difference of a payout at least, minor units.
    pub tolerance_least: Option<i64>,
    /// Exchange rates of payout lines in another currency than their order: units of the inner currency for one of the outer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, BTreeMap<String, DeclaredRate>>"))]
    pub fx: Rates,
    /// Allowed difference of a payout that was converted, such as `"0.5"` percent of the converted amount.
    pub fx_tolerance: Option<Percent>,
    /// Days of one billing period (invoices_by_period).
    pub billing_period: Option<u32>,
    /// Days from the invoice to the payment.
    pub due_days: Option<u32>,
    /// Days for the credit note, from the request.
    pub credit_note_days: Option<u32>,
    /// What a credit note must say; transport and COD fee where the whole order is credited. None is judged when not set.
    pub credit_note_fields: Option<Vec<CreditNoteField>>,
    /// Kinds of returns of which a credit note may hold one alone; all may be mixed when it is empty or not set.
    pub returns_apart: Option<Vec<ReturnKind>>,
    /// Series of numbers, by kind of document; a kind without one is not judged.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, NumberSeries>", extend("propertyNames" = crate::pipeline::schema::document_kinds())))]
    pub number_series: SeriesByKind,
    /// The last remaining item cancelled refunds the postage.
    pub full_cancel_refunds_postage: Option<bool>,
    /// How money of an order is taken back that is cancelled after its billing; not set: not at all.
    pub clawback_mode: Option<ClawbackMode>,
    /// Orders by the own delivery service stay out of the tracking rate.
    pub tracking_excludes_own_delivery: Option<bool>,
    /// Statuses in the denominator of the tracking rate.
    pub tracking_statuses: Option<Vec<OrderStatus>>,
    /// What wrongly entered tracking data do to the tracking rate (A18); they fail when not set.
    pub tracking_wrong_data: Option<WrongData>,
    /// Whether test orders are part of the tracking rate (A18); they are dropped when not set.
    pub tracking_invalid_records: Option<InvalidRecords>,
    /// Tracking numbers are judged for the tracking rate without their blanks and hyphens (A19); as written when not set.
    pub tracking_normalise_for_sla: Option<bool>,
    /// The day of an order that decides its month, by metric (A20); the metric's own when not set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::metrics())))]
    pub month_basis: BTreeMap<String, MonthBasis>,
    /// A delivery before the promised day is on time (A22); it is when not set.
    pub early_is_on_time: Option<bool>,
    /// An order that was cancelled because a part was missing, and that a new one replaces, counts as cancelled (A37); it does when not set.
    pub partial_shortage_counts: Option<bool>,
    /// The cash on delivery that the merchant holds is the amount without the discount (A24); the whole amount when not set.
    pub cod_minus_discount: Option<bool>,
    /// Working days after the collection within which the carrier must send cash on delivery.
    pub cod_remit_days: Option<u32>,
    /// Unit to which cash is rounded when it is collected, by currency, minor units: `{ HUF = 500 }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cod_rounding: BTreeMap<String, i64>,
    /// Days from the last day of the week window to as-of (A21); 0 when not set: as-of − 6 to as-of.
    pub week_window_lag_days: Option<u32>,
    /// Parcels on their way at the activation of the own delivery service (A28); the lodging day decides when not set.
    pub own_delivery_inflight: Option<InFlight>,
    /// Supplier orders that the wallet cannot pay are paid by PayPal (A38): an empty wallet is then no emergency.
    pub paypal_fallback: Option<bool>,
    /// Hours from the opening of an order within which it must be confirmed or cancelled; not set: at any time.
    pub confirm_hours: Option<u32>,
    /// Which of these hours count (A23); all of them when not set. `business` needs a calendar.
    pub confirm_clock: Option<ConfirmClock>,
    /// Actor of a cancellation whose actor is unknown.
    pub cancel_actor_default: Option<Actor>,
    /// Actors whose cancellations are made on the customer's wish, and so are no part of the cancel rate (§16.1).
    pub customer_request_actors: Option<Vec<Actor>>,
    /// Working days in which the return of a delivered parcel must have been settled (ST-020); not judged when not set.
    pub return_settled_days: Option<u32>,
    /// How events become an outcome.
    pub outcome: Option<OutcomeModel>,
    /// Longest address line, in characters.
    pub address_limit: Option<i64>,
    /// Which status may follow which (A13, A14); histories are not judged when not set.
    pub transitions: Option<Vec<Transition>>,
    /// Statuses that nothing follows but what `transitions` allows.
    pub final_statuses: Option<Vec<OrderStatus>>,
    /// Targets by metric.
    #[serde(default)]
    #[cfg_attr(test, schemars(extend("propertyNames" = crate::pipeline::schema::metrics())))]
    pub target: BTreeMap<String, Target>,
    /// Thresholds by rule code, then by name.
    #[serde(default)]
    pub thresholds: BTreeMap<String, BTreeMap<String, i64>>,
}

/// The event that stands for the payment, or begins the hold, by how the buyer pays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PaymentEvents {
    /// Paid in advance.
    pub prepaid: Option<PaymentEvent>,
    /// Cash on delivery.
    pub cod: Option<PaymentEvent>,
    /// The export does not say how.
    pub unknown: Option<PaymentEvent>,
}

impl PaymentEvents {
    /// The event for a way of paying.
    pub fn of(&self, payment: Payment) -> Option<PaymentEvent> {
        match payment {
            Payment::Prepaid => self.prepaid,
            Payment::Cod => self.cod,
            Payment::Unknown => self.unknown,
        }
    }
}

/// What a metric must reach: `num ÷ den`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Numerator.
    pub num: i64,
    /// Denominator.
    pub den: i64,
    /// The rate must not be below; else it must not be above.
    pub at_least: bool,
    /// The bound itself misses the target: *more than*, *less than*.
    #[serde(default)]
    pub strict: bool,
}

impl Target {
    /// How the rate must stand to the bound: `at_least`, `more_than`, `at_most`, `less_than`.
    pub fn sense(self) -> &'static str {
        match (self.at_least, self.strict) {
            (true, false) => "at_least",
            (true, true) => "more_than",
            (false, false) => "at_most",
            (false, true) => "less_than",
        }
    }
}

/// The policy in force on one day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    /// Values of all entries in force, merged; a later entry wins.
    pub entry: PolicyEntry,
    /// First day of the latest entry in force, or `open`: the version that findings name.
    pub version: String,
    /// First day of validity of each metric's target.
    pub target_from: BTreeMap<String, NaiveDate>,
}

/// All entries of an account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PolicyBook {
    /// The entries, in the order written; a pipeline's overrides come last.
    pub entries: Vec<PolicyEntry>,
}

impl PolicyEntry {
    /// Whether the entry holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Allowed difference of what is paid for so many order lines, minor units: `tolerance_per_line` for each, `tolerance_least` at
    /// least (A9).
    pub fn tolerance(&self, lines: i64) -> i64 {
        (self.tolerance_per_line.unwrap_or(0) * lines).max(self.tolerance_least.unwrap_or(0))
    }

    fn take_over(&mut self, later: &PolicyEntry) {
        macro_rules! take {
            ($($key:ident),* $(,)?) => { $(if later.$key.is_some() { self.$key.clone_from(&later.$key); })* };
        }
        take!(
            hold_days,
            hold_from,
            count_day_zero,
            hold_days_untracked,
            payout_days,
            cutoff,
            payout_lag_days,
            cutoff_tolerance,
            payout_grace_days,
            payment_event,
            billable,
            commission,
            commission_base,
            commission_vat_rate,
            tolerance_per_line,
            tolerance_least,
            fx_tolerance,
            billing_period,
            due_days,
            credit_note_days,
            credit_note_fields,
            returns_apart,
            full_cancel_refunds_postage,
            clawback_mode,
            tracking_excludes_own_delivery,
            tracking_statuses,
            tracking_wrong_data,
            tracking_invalid_records,
            tracking_normalise_for_sla,
            early_is_on_time,
            partial_shortage_counts,
            cod_minus_discount,
            cod_remit_days,
            week_window_lag_days,
            own_delivery_inflight,
            paypal_fallback,
            confirm_hours,
            confirm_clock,
            cancel_actor_default,
            customer_request_actors,
            return_settled_days,
            outcome,
            address_limit,
            transitions,
            final_statuses,
        );
        self.month_basis.extend(later.month_basis.iter().map(|(metric, basis)| (metric.clone(), *basis)));
        self.number_series.extend(later.number_series.iter().map(|(kind, series)| (*kind, series.clone())));
        self.cod_rounding.extend(later.cod_rounding.iter().map(|(currency, unit)| (currency.clone(), *unit)));
        for (base, rates) in &later.fx {
            self.fx.entry(base.clone()).or_default().extend(rates.iter().map(|(quote, rate)| (quote.clone(), *rate)));
        }
        for (metric, target) in &later.target {
            self.target.insert(metric.clone(), *target);
        }
        for (code, thresholds) in &later.thresholds {
            self.thresholds.entry(code.clone()).or_default().extend(thresholds.clone());
        }
    }

    /// The keys that the entry sets, each as its path, such as `["hold_days"]` and `["thresholds", "ST-002", "hours"]`.
    pub fn keys(&self) -> Vec<Vec<String>> {
        let written = serde_json::to_value(self).unwrap_or_default();
        let mut keys = Vec::new();
        for (key, value) in written.as_object().into_iter().flatten() {
            match (key.as_str(), value) {
                ("from" | "to" | "source", _) | (_, serde_json::Value::Null) => {}
                ("target", _) => keys.extend(self.target.keys().map(|name| vec![key.clone(), name.clone()])),
                ("fx", _) => {
                    for (base, rates) in &self.fx {
                        keys.extend(rates.keys().map(|quote| vec![key.clone(), base.to_string(), quote.to_string()]));
                    }
                }
                ("month_basis", _) => {
                    keys.extend(self.month_basis.keys().map(|name| vec![key.clone(), name.clone()]));
                }
                ("cod_rounding", _) => {
                    keys.extend(self.cod_rounding.keys().map(|currency| vec![key.clone(), currency.clone()]));
                }
                ("number_series", _) => {
                    keys.extend(self.number_series.keys().map(|kind| vec![key.clone(), kind.text().to_owned()]));
                }
                ("thresholds", _) => {
                    for (code, names) in &self.thresholds {
                        keys.extend(names.keys().map(|name| vec![key.clone(), code.clone(), name.clone()]));
                    }
                }
                _ => keys.push(vec![key.clone()]),
            }
        }
        keys
    }
}

impl Policy {
    /// A threshold of a rule; `None` when no policy sets it.
    pub fn threshold(&self, code: &str, name: &str) -> Option<i64> {
        self.entry.thresholds.get(code)?.get(name).copied()
    }
}

impl PolicyBook {
    /// Takes the entries of a pack.
    pub fn adopt(&mut self, pack: &str, entries: &[PolicyEntry]) {
        self.entries.extend(entries.iter().map(|entry| PolicyEntry { author: pack.to_owned(), ..entry.clone() }));
    }

    /// The policy in force on a day.
    pub fn at(&self, day: NaiveDate) -> Policy {
        let mut policy = Policy { version: "open".to_owned(), ..Policy::default() };
        for entry in self.entries.iter().filter(|entry| entry.holds_on(day)) {
            policy.entry.take_over(entry);
            if let Some(from) = entry.from {
                policy.version = from.to_string();
            }
            for metric in entry.target.keys() {
                if let Some(from) = entry.from {
                    policy.target_from.insert(metric.clone(), from);
                }
            }
        }
        policy
    }
}

impl PolicyEntry {
    /// The series that a number should be of and is not; `None`: it is, it has none to be of, or there is no number.
    pub fn broken_series(&self, kind: DocumentKind, number: &str, self_billed: bool) -> Option<&Pattern> {
        let series = self.series_of(kind, self_billed)?;
        (!number.is_empty() && !series.matches(number)).then_some(series)
    }

    /// The series that the number of a document should be of.
    pub fn series_of(&self, kind: DocumentKind, self_billed: bool) -> Option<&Pattern> {
        let series = self.number_series.get(&kind)?;
        (self_billed || !series.self_billed).then_some(&series.pattern)
    }

    /// Whether returns of these kinds must not stand on one credit note: two kinds or more that are kept apart.
    pub fn must_be_apart(&self, kinds: &[ReturnKind]) -> bool {
        let apart = self.returns_apart.as_deref().unwrap_or_default();
        apart.iter().filter(|kind| kinds.contains(kind)).count() > 1
    }

    /// The mandatory fields that a credit note lacks, as the policy lists them.
    pub fn missing_fields(&self, lacks: impl Fn(CreditNoteField) -> bool) -> Vec<CreditNoteField> {
        let mandatory = self.credit_note_fields.as_deref().unwrap_or_default();
        mandatory.iter().copied().filter(|field| lacks(*field)).collect()
    }
}

impl PolicyEntry {
    /// An amount of a payout line in the currency of its order, and the rate in words; `None` without a declared rate. `FROM` to `TO`
    /// is as good as its inverse.
    pub fn convert(&self, amount: i64, from: &str, to: &str) -> Option<(i64, String)> {
        let declared = |base: &str, quote: &str| self.fx.get(base)?.get(quote).map(|declared| declared.0);
        if let Some(rate) = declared(to, from) {
            return Some((rate.to_base(amount, to, from)?, in_words(rate, to, from)));
        }
        let rate = declared(from, to)?;
        Some((rate.to_quote(amount, from, to)?, in_words(rate, from, to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(from: &str, to: &str, hold_days: u32) -> PolicyEntry {
        PolicyEntry {
            from: from.parse().ok(),
            to: to.parse().ok(),
            source: "test".into(),
            hold_days: Some(hold_days),
            ..PolicyEntry::default()
        }
    }

    #[test]
    fn the_entry_of_the_day_counts() {
        let book = PolicyBook { entries: vec![entry("", "2020-12-31", 14), entry("2021-01-01", "", 19)] };
        assert_eq!(book.at("2020-12-31".parse().unwrap()).entry.hold_days, Some(14));
        assert_eq!(book.at("2021-01-01".parse().unwrap()).entry.hold_days, Some(19));
    }
}
