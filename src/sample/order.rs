//! One invented order with everything that all systems know about it. Times are local times of the account's zone; what an
//! export says is what had happened by its instant.

use chrono::{NaiveDate, NaiveDateTime};

use crate::base::money;
use crate::sample::SampleError;
use crate::sample::merchant::Way;
use crate::sample::parcel::Parcel;
use crate::vocab::{Actor, OrderStatus};

/// One line of an order.
#[derive(Debug, Clone)]
pub struct Line {
    /// Place among the merchant's articles.
    pub article: usize,
    /// Pieces ordered.
    pub qty: i64,
    /// Pieces cancelled.
    pub qty_cancelled: i64,
    /// When they were cancelled.
    pub cancelled: Option<NaiveDateTime>,
    /// Price of a piece with VAT, minor units.
    pub price: i64,
}

/// What a payout statement does with the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payout {
    /// Pays what is due, when it is due.
    Due,
    /// Leaves it out.
    Missing,
    /// Pays so much more, or less.
    Off(i64),
    /// Pays it twice.
    Twice,
    /// Pays it on this day although nothing is due.
    Unasked(NaiveDate),
}

/// A withdrawal, or a delivery that never was: return document and credit note.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Number of the return document.
    pub return_no: String,
    /// Day of the request.
    pub requested: NaiveDate,
    /// One line is credited; `None`: the whole order.
    pub line: Option<usize>,
    /// The delivery never was.
    pub fictitious: bool,
    /// The credit note: number and day of issue.
    pub credit: Option<(String, NaiveDate)>,
    /// The credit note says no quantity.
    pub without_qty: bool,
}

/// What the shop system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shop {
    /// It does not handle the order.
    Absent,
    /// The same as the marketplace.
    Same,
    /// Another word, with a delivery day or without.
    Other(&'static str, Option<NaiveDate>),
    /// A word that nobody knows.
    Unreadable,
}

/// An order at the supplier.
#[derive(Debug, Clone)]
pub struct SupplierOrder {
    /// Its number.
    pub number: u64,
    /// When it came to be.
    pub created: NaiveDateTime,
    /// Its status; `None`: follows the parcel.
    pub status: Option<&'static str>,
    /// `auto` or `manual`.
    pub origin: &'static str,
    /// Why it waits.
    pub reason: Option<&'static str>,
    /// Lines of the channel order that it holds.
    pub lines: Vec<usize>,
}

/// Why the rows of an order are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// A day that no calendar has.
    BadDate,
    /// A price that is no number.
    BadMoney,
    /// Postage left empty: empty is not 0.
    NoPostage,
    /// A status that no pack knows.
    UnknownWord,
    /// The row ends early.
    ShortRow,
    /// Two rows that disagree about the order.
    Conflict,
    /// A number that a spreadsheet has rounded.
    RoundedNumber,
}

/// What the history of an order tells otherwise than the order's own dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// The merchant opened it while it was blocked.
    OpenedByPartner,
    /// It was never set in work.
    WorkLeftOut,
    /// After shipping it was set in work again, and shipped again.
    SetBack,
    /// The merchant set it delivered where only the marketplace's service may.
    DeliveredByPartner,
    /// After delivery it was set shipped again, and delivered again.
    ShippedAgain,
}

/// What becomes of the cash of a delivered parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cash {
    /// It is collected and remitted.
    Whole,
    /// The carrier collects less, minor units.
    Short(i64),
    /// The carrier collects nothing.
    Forgotten,
    /// It is collected and not remitted.
    Kept,
    /// It is remitted twice.
    Twice,
}

/// How the order is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// By one of the account's methods.
    Method(usize),
    /// By the marketplace's own service.
    OwnService,
    /// By the supplier.
    Supplier,
}

/// One order.
#[derive(Debug, Clone)]
pub struct Order {
    /// Place among the accounts.
    pub account: usize,
    /// How its account pays.
    pub way: Way,
    /// Number.
    pub number: String,
    /// Created.
    pub created: NaiveDateTime,
    /// Paid by the buyer, or promised on delivery.
    pub paid: NaiveDateTime,
    /// Left *blocked*.
    pub opened: Option<NaiveDateTime>,
    /// Taken into work.
    pub accepted: Option<NaiveDateTime>,
    /// The tracking number became known.
    pub labelled: Option<NaiveDateTime>,
    /// Marked shipped.
    pub shipped: Option<NaiveDateTime>,
    /// Delivered, as the marketplace holds it.
    pub delivered: Option<NaiveDateTime>,
    /// *Delivered* was set.
    pub delivered_set: Option<NaiveDateTime>,
    /// Set returned.
    pub returned: Option<NaiveDateTime>,
    /// Set rejected.
    pub rejected: Option<NaiveDateTime>,
    /// Cancelled as a whole.
    pub cancelled: Option<NaiveDateTime>,
    /// Who cancelled.
    pub cancel_actor: Actor,
    /// Lines.
    pub lines: Vec<Line>,
    /// Postage, minor units.
    pub postage: i64,
    /// Paid on delivery.
    pub cod: bool,
    /// Fee for it, minor units.
    pub cod_fee: i64,
    /// How it is sent.
    pub sent: Sent,
    /// Carrier that the order names.
    pub carrier: usize,
    /// Tracking number as the order shows it.
    pub tracking: String,
    /// Tracking link as the order shows it.
    pub url: String,
    /// The parcel as the merchant's carriers see it.
    pub parcel: Option<Parcel>,
    /// A test order.
    pub test: bool,
    /// A small box.
    pub small: bool,
    /// Promised delivery.
    pub expected: NaiveDate,
    /// The shop system.
    pub shop: Shop,
    /// The shop system's row stands twice, identically.
    pub shop_twice: bool,
    /// Orders at the supplier.
    pub supplier: Vec<SupplierOrder>,
    /// Delivery address, where a supplier needs it.
    pub address: String,
    /// Return document and credit note.
    pub claim: Option<Claim>,
    /// What statements do.
    pub payout: Payout,
    /// What becomes of its cash on delivery.
    pub cash: Cash,
    /// Invoices leave it out.
    pub unbilled: bool,
    /// Its invoice has lost a digit of its number.
    pub misnumbered: bool,
    /// A word that stands instead of the status.
    pub word: Option<&'static str>,
    /// Why its rows are refused.
    pub flaw: Option<Flaw>,
    /// What its history tells otherwise.
    pub slip: Option<Slip>,
    /// Something is planted on it, or it stays honest by decree.
    pub taken: bool,
}

impl Order {
    /// The number as a narrow spreadsheet column shows it: seven digits and an exponent, `4,102000E+09`.
    pub fn rounded_number(&self) -> String {
        let (first, rest) = self.number.split_at(1);
        format!("{first},{}E+{:02}", &rest[..rest.len().min(6)], rest.len())
    }

    /// Status at an instant.
    pub fn status(&self, at: NaiveDateTime, in_work: OrderStatus) -> OrderStatus {
        let by = |time: Option<NaiveDateTime>| time.is_some_and(|time| time < at);
        match () {
            () if by(self.cancelled) => OrderStatus::Cancelled,
            () if by(self.returned) => OrderStatus::Returned,
            () if by(self.rejected) => OrderStatus::Rejected,
            () if by(self.delivered_set) => OrderStatus::Delivered,
            () if by(self.shipped) => OrderStatus::Shipped,
            () if by(self.accepted) => in_work,
            () if self.way == Way::Invoices && !by(self.opened) => OrderStatus::Blocked,
            () => OrderStatus::New,
        }
    }

    /// Goods as ordered, minor units.
    pub fn goods(&self) -> i64 {
        self.lines.iter().map(|line| line.price * line.qty).sum()
    }

    /// Pieces ordered.
    pub fn pieces(&self) -> i64 {
        self.lines.iter().map(|line| line.qty).sum()
    }

    /// Cash that the carrier collects, minor units.
    pub fn cod_amount(&self) -> i64 {
        if self.cod { self.goods() + self.postage + self.cod_fee } else { 0 }
    }

    /// Cash that the carrier says it collected, minor units; nothing where it forgot to.
    pub fn collected(&self) -> Option<i64> {
        match self.cash {
            Cash::Forgotten => None,
            Cash::Short(by) => Some(self.cod_amount() - by),
            Cash::Whole | Cash::Kept | Cash::Twice => Some(self.cod_amount()),
        }
    }

    /// Some pieces are cancelled, not all.
    pub fn is_partly_cancelled(&self) -> bool {
        self.cancelled.is_none() && self.lines.iter().any(|line| line.qty_cancelled > 0)
    }

    /// What a statement pays: goods that are left, less commission rounded half up per line, plus postage.
    ///
    /// # Errors
    /// When an amount leaves the range of money.
    pub fn payable(&self, commission_ppm: i64) -> Result<i64, SampleError> {
        let mut sum = self.postage;
        for line in &self.lines {
            let left = line.price * (line.qty - line.qty_cancelled);
            sum += left - money::share_of(left, commission_ppm).ok_or(SampleError::Money)?;
        }
        Ok(sum)
    }

    /// Forgets everything from shipping on.
    pub fn stay_in_work(&mut self) {
        self.labelled = None;
        self.shipped = None;
        self.delivered = None;
        self.delivered_set = None;
        self.tracking.clear();
        self.url.clear();
        self.parcel = None;
        self.claim = None;
    }

    /// Delivered by `end` without anything special about it.
    pub fn is_plain_delivery(&self, end: NaiveDateTime) -> bool {
        !self.taken
            && !self.test
            && self.sent != Sent::Supplier
            && self.claim.is_none()
            && self.returned.is_none()
            && self.rejected.is_none()
            && self.cancelled.is_none()
            && !self.is_partly_cancelled()
            && self.delivered_set.is_some_and(|set| set < end)
    }

    /// A plain delivery by a carrier whose dump we have.
    pub fn is_carried(&self, end: NaiveDateTime) -> bool {
        self.is_plain_delivery(end) && self.parcel.is_some()
    }
}
