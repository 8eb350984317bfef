//! An account: one merchant at one marketplace and country, or at one supplier.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::base::business_calendar::BusinessCalendar;
use crate::pipeline::pack::Pack;
use crate::pipeline::policy::{Policy, PolicyBook};
use crate::vocab::Trait;

/// An account with the policy of its pack.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its name; part of every order's key.
    pub name: String,
    /// Name of the pack that describes the marketplace or supplier, as written in the pipeline.
    pub marketplace: String,
    /// That pack.
    pub pack: Arc<Pack>,
    /// ISO 4217 code of its money.
    pub currency: String,
    /// Zone of its civil dates.
    pub timezone: Tz,
    /// Traits that switch rules on.
    pub traits: BTreeSet<Trait>,
    /// Dated policy: the pack's, with the pipeline's overrides on top.
    pub policies: PolicyBook,
    /// Working days of the payer; `None` when the pack pays by no calendar.
    pub calendar: Option<Arc<BusinessCalendar>>,
    /// The exports of the account are complete.
    pub complete: bool,
    /// From this day no parcel may be lodged with the original carrier.
    pub own_delivery_activation_date: Option<NaiveDate>,
}

impl Account {
    /// Whether the pack declares the trait.
    pub fn has(&self, wanted: Trait) -> bool {
        self.traits.contains(&wanted)
    }

    /// The policy in force on a day.
    pub fn policy(&self, day: NaiveDate) -> Policy {
        self.policies.at(day)
    }
}
