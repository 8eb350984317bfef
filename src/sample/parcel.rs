//! Parcels as carriers see them: numbers, links, scans.

use std::collections::BTreeSet;

use chrono::{Days, Duration, NaiveDateTime, NaiveTime};
use fastrand::Rng;

use crate::sample::merchant::CarrierPlan;
use crate::vocab::TrackingCode;

/// A parcel in a carrier's dump.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Place among the carriers.
    pub carrier: usize,
    /// Number as the carrier writes it.
    pub number: String,
    /// Scans in the order of time; those after the export are not written.
    pub events: Vec<(NaiveDateTime, TrackingCode)>,
}

/// How a parcel's journey ends.
#[derive(Debug, Clone, Copy)]
pub enum Ending {
    /// Handed to the buyer; at a point the parcel waited there since the second instant.
    Delivered(NaiveDateTime, Option<NaiveDateTime>),
    /// Not taken, and back at the sender.
    Returned,
    /// Nothing is heard after the depot.
    Silence,
    /// The label was made and cancelled.
    LabelOnly,
}

/// What one carrier can say and which number comes next.
#[derive(Debug, Clone)]
pub struct CarrierState {
    /// Codes that its dump has a label for.
    pub codes: BTreeSet<TrackingCode>,
    /// Next serial number.
    pub next: u64,
}

impl CarrierState {
    /// The next number.
    pub fn number(&mut self, plan: &CarrierPlan, rng: &mut Rng) -> String {
        self.next += 1 + rng.u64(0..4);
        number_of(plan, self.next)
    }
}

/// The number with this serial.
pub fn number_of(plan: &CarrierPlan, serial: u64) -> String {
    let places = plan.number.chars().filter(|mark| *mark == '#').count();
    let digits = format!("{serial:0places$}");
    let digits = &digits[digits.len() - places..];
    let mut next = digits.chars();
    let check = check_digit(digits, &plan.check_weights);
    plan.number
        .chars()
        .map(|mark| match mark {
            '#' => next.next().unwrap_or('0'),
            '?' => check,
            other => other,
        })
        .collect()
}

/// 11 − weighted sum mod 11, where 10 is written 0 and 11 is written 5 (carriers §1.1, s5).
fn check_digit(digits: &str, weights: &[u64]) -> char {
    let sum: u64 = digits.bytes().zip(weights).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    match 11 - sum % 11 {
        10 => '0',
        11 => '5',
        digit => char::from(b'0' + digit as u8),
    }
}

/// The number as labels print it, with blanks.
pub fn printed(number: &str) -> String {
    let mut text = String::with_capacity(number.len() + 3);
    for (place, mark) in number.chars().enumerate() {
        if [1, 4, 8].contains(&place) {
            text.push(' ');
        }
        text.push(mark);
    }
    text
}

/// The scans of a journey that began at `shipped`, in the words that the carrier has.
pub fn journey(
    shipped: NaiveDateTime,
    ending: Ending,
    codes: &BTreeSet<TrackingCode>,
    rng: &mut Rng,
) -> Vec<(NaiveDateTime, TrackingCode)> {
    let mut events = vec![(shipped - Duration::minutes(60), TrackingCode::Registered)];
    let depot = shipped + Duration::minutes(60 + rng.i64(0..120));
    match ending {
        Ending::LabelOnly => events.push((shipped, TrackingCode::Cancelled)),
        Ending::Silence => {
            events.push((depot, TrackingCode::Accepted));
            events.push((morning(shipped, 1, 4), TrackingCode::InTransit));
        }
        Ending::Returned => {
            events.push((depot, TrackingCode::Accepted));
            events.push((morning(shipped, 1, 4), TrackingCode::InTransit));
            events.push((morning(shipped, 2, 9), TrackingCode::ReadyForPickup));
            events.push((morning(shipped, 9, 8), TrackingCode::Returning));
            events.push((morning(shipped, 12, 13), TrackingCode::Returned));
        }
        Ending::Delivered(delivered, ready) => {
            events.push((depot, TrackingCode::Accepted));
            events.push((morning(shipped, 1, 4), TrackingCode::InTransit));
            match ready {
                Some(ready) => events.push((ready, TrackingCode::ReadyForPickup)),
                None => {
                    if rng.u32(0..100) < 6 && delivered.date() > shipped.date() + Days::new(1) {
                        let attempt = delivered - Duration::days(1);
                        events.push((attempt, TrackingCode::DeliveryFailed));
                    }
                    events.push((morning(delivered, 0, 7), TrackingCode::OutForDelivery));
                }
            }
            events.push((delivered, TrackingCode::Delivered));
            // Noise that follows the terminal event (carriers §1.0, finding 3).
            events.push((delivered + Duration::hours(20), TrackingCode::Ignored));
        }
    }
    events.retain(|(_, code)| codes.contains(code));
    events
}

fn morning(day: NaiveDateTime, later: u64, hour: u32) -> NaiveDateTime {
    let date = day.date() + Days::new(later);
    date.and_time(NaiveTime::from_hms_opt(hour, 20, 0).unwrap_or(NaiveTime::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(number: &str, check_weights: Vec<u64>) -> CarrierPlan {
        CarrierPlan {
            name: "x".into(),
            number: number.into(),
            first: 0,
            check_weights,
            date_only: false,
            url: String::new(),
        }
    }

    #[test]
    fn check_digits_of_published_numbers() {
        let weights = vec![1, 8, 6, 4, 2, 3, 5, 9, 7];
        assert_eq!(number_of(&plan("DR#########?U", weights.clone()), 608_144_449), "DR6081444491U");
        assert_eq!(number_of(&plan("NB#########?U", weights), 484_129_896), "NB4841298967U");
    }

    #[test]
    fn printed_like_on_a_label() {
        assert_eq!(printed("Z4507169485"), "Z 450 7169 485");
    }
}
