//! What all events of one parcel amount to (carriers §1.0): terminal events win over later noise, delivered wins over all, and a
//! code that no pack maps moves nothing. Once a parcel goes back, its delivery is at the sender (§16.2).

use std::collections::BTreeMap;
use std::ops::Range;

use polars::prelude::{DataFrame, PolarsResult};

use crate::base::as_of::AsOf;
use crate::base::map::Map;
use crate::base::zone::day_number;
use crate::frame::lineage::part_of;
use crate::frame::{read, tracking_events};
use crate::pipeline::Pipeline;
use crate::reconcile::parcel_numbers::ParcelNumbers;
use crate::vocab::{CarrierOutcome, TrackingCode, Word};

/// One event that decided something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When, milliseconds UTC.
    pub at: i64,
    /// Its civil date, a day number.
    pub on: i32,
    /// The dump holds the day only.
    pub day_only: bool,
    /// Where it was read.
    pub row: u64,
}

impl Event {
    /// End of the day where only the day is known, else the instant: for "more than so many hours ago".
    pub fn until(&self) -> i64 {
        if self.day_only { self.at + DAY_MILLIS - 1 } else { self.at }
    }
}

/// The history of one parcel.
#[derive(Debug, Clone, Default)]
pub struct ParcelHistory<'run> {
    /// The carrier's pack name.
    pub carrier: &'run str,
    /// Account of the dump; empty when shared.
    pub account: &'run str,
    /// First row that names the number, whatever its code.
    pub first_row: u64,
    /// Orders that its events name, as written; each once.
    pub order_nos: Vec<&'run str>,
    /// Events that count: known and not ignored.
    pub events: i64,
    /// First delivery.
    pub delivered: Option<Event>,
    /// First return to the sender: a return, or a delivery after the parcel went back.
    pub returned: Option<Event>,
    /// First return to the sender after a delivery.
    pub back: Option<Event>,
    /// First event of the way back.
    goes_back: Option<Event>,
    /// First loss.
    pub lost: Option<Event>,
    /// First damage.
    pub damaged: Option<Event>,
    /// First cancellation.
    pub cancelled: Option<Event>,
    /// Last event that counts and its code.
    pub last: Option<(Event, TrackingCode)>,
    /// Last non-terminal state by rank of advance.
    pub state: Option<(Event, CarrierOutcome)>,
    /// First event where the carrier holds the parcel.
    pub handover: Option<Event>,
    /// First event beyond a registration or a cancellation.
    pub moved: Option<Event>,
    /// Events are taken in the order in which they came, also those of one time.
    pub in_order: bool,
    /// A delivery and a way back of one time, of which nobody knows which came first.
    undecided: Option<Event>,
}

/// The events of all parcels, and the days each carrier's dumps cover. A history is told when it is asked for: a million of them take
/// more memory than their events.
pub struct CarrierHistories<'run> {
    /// By the number that stands for the parcel (`ParcelNumbers::parcel`).
    parcels: Map<&'run str, ParcelRows>,
    events: Scans<'run>,
    /// Days that dumps cover.
    pub coverage: Coverage,
}

/// Rows of the events of one parcel, in the order in which they are taken.
#[derive(Debug, Clone)]
enum ParcelRows {
    /// As they stand in the frame.
    Span(Range<u32>),
    /// Of several numbers, or in the order in which they came (`in_order`).
    Listed(Box<(Vec<usize>, bool)>),
}

const DAY_MILLIS: i64 = 86_400_000;

impl<'run> CarrierHistories<'run> {
    /// Finds the events of every parcel in a tracking frame sorted by number and time. The events of all numbers of a parcel are one history.
    ///
    /// # Errors
    /// The frame lacks a declared column: a bug of ours.
    pub fn read(
        frame: &'run DataFrame,
        parcel_numbers: &'run ParcelNumbers,
        declared: Coverage,
    ) -> PolarsResult<CarrierHistories<'run>> {
        let events = Scans::read(frame)?;
        let files = std::cell::OnceCell::new();
        let direction_of_file =
            |part: usize| -> Option<bool> { files.get_or_init(|| events.of_files()).get(&part).copied().flatten() };
        let mut parcels: Map<&str, ParcelRows> = Map::default();
        let mut of_several: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, span) in events.numbers.runs() {
            match parcel_numbers.has_several(number) {
                true => of_several.entry(parcel_numbers.parcel(number)).or_default().extend(span),
                false if events.is_unclear(span.clone()) => {
                    let mut rows: Vec<usize> = span.collect();
                    let in_order = events.settle(&mut rows, direction_of_file);
                    parcels.insert(number, ParcelRows::Listed(Box::new((rows, in_order))));
                }
                false => _ = parcels.insert(number, ParcelRows::Span(span.start as u32..span.end as u32)),
            }
        }
        for (parcel, mut rows) in of_several {
            rows.sort_by_key(|row| (events.at.at(*row), events.rows.at(*row)));
            let in_order = events.is_unclear(rows.iter().copied()) && events.settle(&mut rows, direction_of_file);
            parcels.insert(parcel, ParcelRows::Listed(Box::new((rows, in_order))));
        }
        let coverage = events.coverage(declared);
        Ok(CarrierHistories { parcels, events, coverage })
    }

    /// Number of parcels; each has a place.
    pub fn len(&self) -> usize {
        self.parcels.len()
    }

    /// The dumps hold no event.
    pub fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    /// The place of a parcel by the number that stands for it.
    pub fn place(&self, number: &str) -> Option<usize> {
        self.parcels.get_index_of(number)
    }

    /// The number that stands for the parcel at a place.
    pub fn number(&self, place: usize) -> &'run str {
        self.parcels.get_index(place).map_or("", |(number, _)| number)
    }

    /// The carrier of a parcel, by its pack's name.
    pub fn carrier(&self, place: usize) -> &'run str {
        self.rows(place).next().map_or("", |row| self.events.carriers.at(row))
    }

    /// Some event names an order.
    pub fn name_orders(&self) -> bool {
        self.events.order_nos.iter().any(|number| !number.is_empty())
    }

    /// Rows of the tracking frame that are events of the parcel.
    pub fn rows(&self, place: usize) -> impl Iterator<Item = usize> + '_ {
        let (span, listed) = match self.parcels.get_index(place).map(|(_, rows)| rows) {
            Some(ParcelRows::Span(span)) => (span.start as usize..span.end as usize, [].as_slice()),
            Some(ParcelRows::Listed(listed)) => (0..0, listed.0.as_slice()),
            None => (0..0, [].as_slice()),
        };
        span.chain(listed.iter().copied())
    }

    /// The history of the parcel at a place.
    pub fn history(&self, place: usize) -> ParcelHistory<'run> {
        let Scans { carriers, accounts, codes, at, on, date_only, rows, order_nos, .. } = &self.events;
        let in_order = matches!(self.parcels.get_index(place), Some((_, ParcelRows::Listed(listed))) if listed.1);
        let mut history = ParcelHistory { in_order, ..ParcelHistory::default() };
        for row in self.rows(place) {
            let Some(reference) = rows.at(row) else { continue };
            if history.first_row == 0 {
                (history.carrier, history.account) = (carriers.at(row), accounts.at(row));
                history.first_row = reference;
            }
            let order_no = order_nos.at(row);
            if !order_no.is_empty() && !history.order_nos.contains(&order_no) {
                history.order_nos.push(order_no);
            }
            let (Some(at), Some(on)) = (at.at(row), on.at(row)) else { continue };
            let code = TrackingCode::of(codes.at(row)).unwrap_or(TrackingCode::Unknown);
            history.take(code, Event { at, on, day_only: date_only.at(row), row: reference });
        }
        history
    }
}

/// The columns of the tracking frame, and in which order events of one time came: that of the rows, if their file is in the order of time,
/// forwards or backwards.
struct Scans<'run> {
    numbers: read::Texts<'run>,
    carriers: read::Texts<'run>,
    accounts: read::Texts<'run>,
    codes: read::Texts<'run>,
    at: read::Numbers<'run>,
    on: read::Days<'run>,
    date_only: read::Flags<'run>,
    rows: read::References<'run>,
    order_nos: read::Texts<'run>,
}

impl<'run> Scans<'run> {
    fn read(frame: &'run DataFrame) -> PolarsResult<Scans<'run>> {
        Ok(Scans {
            numbers: read::texts(frame, tracking_events::tracking_number)?,
            carriers: read::texts(frame, tracking_events::carrier)?,
            accounts: read::texts(frame, tracking_events::account)?,
            codes: read::texts(frame, tracking_events::code)?,
            at: read::instants(frame, tracking_events::at)?,
            on: read::days(frame, tracking_events::at_on)?,
            date_only: read::flags(frame, tracking_events::date_only)?,
            rows: read::references(frame, tracking_events::row)?,
            order_nos: read::texts(frame, tracking_events::order_no)?,
        })
    }

    /// The declared days, and those of all events.
    fn coverage(&self, mut coverage: Coverage) -> Coverage {
        let same = |a, b| self.carriers.at(a) == self.carriers.at(b) && self.accounts.at(a) == self.accounts.at(b);
        for run in read::runs(self.numbers.len(), same) {
            let (carrier, account) = (self.carriers.at(run.start), self.accounts.at(run.start));
            let is_dated = |row: &usize| self.rows.at(*row).is_some() && self.at.at(*row).is_some();
            let days = run.filter(is_dated).filter_map(|row| self.on.at(row));
            let ends = days.fold(None, |ends: Option<(i32, i32)>, day| {
                Some(ends.map_or((day, day), |(first, last)| (first.min(day), last.max(day))))
            });
            for day in ends.into_iter().flat_map(|(first, last)| [first, last]) {
                coverage.add(carrier, account, day);
            }
        }
        coverage
    }

    fn part(&self, row: usize) -> usize {
        self.rows.at(row).map_or(usize::MAX, part_of)
    }

    /// Whether a delivery and an event of the way back are of one time.
    fn is_unclear(&self, events: impl Iterator<Item = usize> + Clone) -> bool {
        let goes_back = |row: usize| match TrackingCode::of(self.codes.at(row)) {
            Some(TrackingCode::Delivered) => Some(false),
            Some(TrackingCode::Returning | TrackingCode::Returned) => Some(true),
            _ => None,
        };
        let ends = || events.clone().filter_map(|row| Some((row, goes_back(row)?)));
        // Few parcels go back.
        if !ends().any(|(_, back)| back) {
            return false;
        }
        let ends: Vec<(usize, bool)> = ends().collect();
        let meet = |one: usize, other: usize| {
            let day_only = self.date_only.at(one) || self.date_only.at(other);
            self.at.at(one) == self.at.at(other) || (day_only && self.on.at(one) == self.on.at(other))
        };
        ends.iter().any(|(one, back)| ends.iter().any(|(other, other_back)| back != other_back && meet(*one, *other)))
    }

    /// Puts the events of a parcel, sorted by time, into the order in which they came. Says whether rows tell it.
    fn settle(&self, events: &mut [usize], direction_of_file: impl Fn(usize) -> Option<bool>) -> bool {
        let Some(part) = events.first().map(|row| self.part(*row)) else { return false };
        if events.iter().any(|row| self.part(*row) != part) {
            return false;
        }
        let pairs = events.windows(2).filter_map(|pair| self.goes_forwards(pair[0], pair[1]));
        let (forwards, backwards): (Vec<bool>, Vec<bool>) = pairs.partition(|forwards| *forwards);
        let forwards = match (forwards.is_empty(), backwards.is_empty()) {
            (false, true) => true,
            (true, false) => false,
            (true, true) => match direction_of_file(part) {
                Some(forwards) => forwards,
                None => return false,
            },
            (false, false) => return false,
        };
        // A day without a time holds any of its instants: then rows alone tell the order of the day.
        let vague: Vec<Option<i32>> =
            events.iter().filter(|row| self.date_only.at(**row)).map(|row| self.on.at(*row)).collect();
        events.sort_by_key(|row| {
            let at = self.at.at(*row).filter(|_| !vague.contains(&self.on.at(*row)));
            let place = self.rows.at(*row).map_or(0, i128::from);
            (self.on.at(*row), at, if forwards { place } else { -place })
        });
        true
    }

    /// Whether the later of two events stands below the earlier one; `None` of one time, or of two files.
    fn goes_forwards(&self, earlier: usize, later: usize) -> Option<bool> {
        let differ = self.on.at(earlier) < self.on.at(later)
            || (self.at.at(earlier) < self.at.at(later) && !self.date_only.at(earlier) && !self.date_only.at(later));
        (differ && self.part(earlier) == self.part(later)).then(|| self.rows.at(earlier) < self.rows.at(later))
    }

    /// Whether files go forwards in time, by the events of each number; `None` of a file that does both or neither.
    fn of_files(&self) -> Map<usize, Option<bool>> {
        let mut found: Map<usize, (bool, bool)> = Map::default();
        for (_, events) in self.numbers.runs() {
            for (earlier, later) in events.clone().zip(events.skip(1)) {
                if let Some(forwards) = self.goes_forwards(earlier, later) {
                    let (some_forwards, some_backwards) = found.entry(self.part(earlier)).or_default();
                    *some_forwards |= forwards;
                    *some_backwards |= !forwards;
                }
            }
        }
        let direction = |(forwards, backwards): (bool, bool)| (forwards != backwards).then_some(forwards);
        found.into_iter().map(|(part, seen)| (part, direction(seen))).collect()
    }
}

/// Days that the dumps of carriers cover: from the first to the last event over the files of a carrier and account, or as a source
/// declares. A dump without an account counts for all.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    by_carrier: BTreeMap<String, BTreeMap<String, (i32, i32)>>,
}

impl Coverage {
    /// What the pipeline's sources declare, up to as-of.
    pub fn declared(pipeline: &Pipeline, as_of: AsOf) -> Coverage {
        let mut coverage = Coverage::default();
        for source in &pipeline.sources {
            if let (Some(carrier), Some((first, last))) = (&source.carrier, source.covers) {
                let account = source.account.as_deref().unwrap_or_default();
                coverage.add(carrier, account, day_number(first));
                coverage.add(carrier, account, day_number(last.min(as_of.0)));
            }
        }
        coverage
    }

    fn add(&mut self, carrier: &str, account: &str, on: i32) {
        let known = self.by_carrier.get_mut(carrier).and_then(|accounts| accounts.get_mut(account));
        match known {
            Some(days) => *days = (days.0.min(on), days.1.max(on)),
            None => {
                self.by_carrier.entry(carrier.to_owned()).or_default().insert(account.to_owned(), (on, on));
            }
        }
    }

    /// First and last day, inclusive day numbers, that a carrier's dumps for an account cover.
    pub fn of(&self, carrier: &str, account: &str) -> Option<(i32, i32)> {
        let accounts = self.by_carrier.get(carrier)?;
        match (accounts.get(account), accounts.get("")) {
            (Some(own), Some(shared)) => Some((own.0.min(shared.0), own.1.max(shared.1))),
            (own, shared) => own.or(shared).copied(),
        }
    }
}

impl ParcelHistory<'_> {
    /// Takes the next event in time order.
    pub fn take(&mut self, code: TrackingCode, event: Event) {
        use TrackingCode as Code;
        if matches!(code, Code::Ignored | Code::Unknown | Code::CodPaid) {
            return;
        }
        let to_buyer = code == Code::DeliveredToBuyer;
        let code = self.destined(code, event);
        if !to_buyer {
            self.compare(code, event);
        }
        self.events += 1;
        self.last = Some((event, code));
        let terminal = match code {
            Code::Delivered => Some(&mut self.delivered),
            Code::Returned => Some(&mut self.returned),
            Code::Lost => Some(&mut self.lost),
            Code::Cancelled => Some(&mut self.cancelled),
            _ => None,
        };
        match terminal {
            Some(slot) => *slot = slot.or(Some(event)),
            None => self.advance(code, event),
        }
        if code == Code::Returned && self.delivered.is_some_and(|delivered| self.is_before(delivered, event)) {
            self.back = self.back.or(Some(event));
        }
        if code == Code::Damaged {
            self.damaged = self.damaged.or(Some(event));
        }
        if matches!(code, Code::Returning | Code::Returned) {
            self.goes_back = self.goes_back.or(Some(event));
        }
        if !matches!(code, Code::Registered | Code::Cancelled) {
            self.moved = self.moved.or(Some(event));
        }
        if code == Code::Accepted {
            self.handover = self.handover.or(Some(event));
        }
    }

    /// Whether an event that was taken came before the next one: its time says so, or the order of the rows.
    fn is_before(&self, earlier: Event, event: Event) -> bool {
        self.in_order || earlier.until() < event.at
    }

    /// What a delivery is, by whom it reached: of a parcel that goes back, the sender.
    fn destined(&self, code: TrackingCode, event: Event) -> TrackingCode {
        match code {
            TrackingCode::DeliveredToBuyer => TrackingCode::Delivered,
            TrackingCode::Delivered if self.goes_back.is_some_and(|back| self.is_before(back, event)) => {
                TrackingCode::Returned
            }
            code => code,
        }
    }

    /// Remembers a delivery and a way back of one time, where nothing says which came first.
    fn compare(&mut self, code: TrackingCode, event: Event) {
        let other = match code {
            TrackingCode::Delivered => self.goes_back,
            TrackingCode::Returning | TrackingCode::Returned => self.delivered,
            _ => None,
        };
        if other.is_some_and(|other| !self.is_before(other, event)) {
            self.undecided = self.undecided.or(Some(event));
        }
    }

    fn advance(&mut self, code: TrackingCode, event: Event) {
        let state = match code {
            TrackingCode::Registered => CarrierOutcome::Registered,
            TrackingCode::ReadyForPickup => CarrierOutcome::ReadyForPickup,
            TrackingCode::Returning => CarrierOutcome::Returning,
            _ => CarrierOutcome::InTransit,
        };
        let goes_back = self.state.is_some_and(|(_, known)| known == CarrierOutcome::Returning);
        if !goes_back || state == CarrierOutcome::Returning {
            self.state = Some((event, state));
        }
    }

    /// The outcome and the event that decided it. Delivered to the recipient wins over a later return (a withdrawal), any terminal
    /// event over what came later. Where nobody knows whether the parcel went back before it was delivered, its end is not known.
    pub fn outcome(&self) -> (CarrierOutcome, Option<Event>) {
        if let Some(event) = self.undecided {
            return (CarrierOutcome::Mixed, Some(event));
        }
        let terminal = [
            (CarrierOutcome::Delivered, self.delivered),
            (CarrierOutcome::Returned, self.returned),
            (CarrierOutcome::Lost, self.lost),
            (CarrierOutcome::Cancelled, self.cancelled),
        ];
        match terminal.into_iter().find(|(_, event)| event.is_some()) {
            Some(decided) => decided,
            None => self.state.map_or((CarrierOutcome::None, None), |(event, state)| (state, Some(event))),
        }
    }

    /// The outcome when the latest event alone decides.
    pub fn latest_outcome(&self) -> (CarrierOutcome, Option<Event>) {
        if let Some(event) = self.undecided {
            return (CarrierOutcome::Mixed, Some(event));
        }
        let Some((event, code)) = self.last else { return (CarrierOutcome::None, None) };
        let mut alone = ParcelHistory::default();
        alone.take(code, event);
        alone.outcome()
    }

    /// When the parcel was lodged: handover, else the first scan.
    pub fn lodged(&self) -> Option<Event> {
        self.handover.or(self.moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::build::FrameBuilder;
    use TrackingCode as Code;
    use proptest::prelude::*;

    fn history(codes: &[Code]) -> ParcelHistory<'static> {
        let mut history = ParcelHistory::default();
        for (index, code) in codes.iter().enumerate() {
            let at = index as i64 * DAY_MILLIS;
            history.take(*code, Event { at, on: index as i32, day_only: false, row: index as u64 });
        }
        history
    }

    fn outcome(codes: &[Code]) -> CarrierOutcome {
        history(codes).outcome().0
    }

    #[test]
    fn later_noise_never_undoes_a_terminal_event() {
        assert_eq!(
            outcome(&[Code::Accepted, Code::Delivered, Code::InTransit, Code::Ignored]),
            CarrierOutcome::Delivered
        );
        assert_eq!(outcome(&[Code::Accepted, Code::Returned, Code::Registered]), CarrierOutcome::Returned);
        assert_eq!(outcome(&[Code::Accepted, Code::InTransit, Code::Unknown]), CarrierOutcome::InTransit);
    }

    #[test]
    fn a_refusal_is_not_a_return_and_going_back_stays() {
        assert_eq!(outcome(&[Code::Accepted, Code::DeliveryFailed]), CarrierOutcome::InTransit);
        assert_eq!(outcome(&[Code::Accepted, Code::Returning, Code::InTransit]), CarrierOutcome::Returning);
    }

    #[test]
    fn a_delivery_after_going_back_is_at_the_sender_in_every_model() {
        for goes_back in [Code::Returning, Code::Returned] {
            let back = history(&[Code::Accepted, Code::DeliveryFailed, goes_back, Code::InTransit, Code::Delivered]);
            let day = if goes_back == Code::Returned { 2 } else { 4 };
            assert_eq!((back.outcome().0, back.outcome().1.unwrap().on), (CarrierOutcome::Returned, day));
            assert_eq!((back.latest_outcome().0, back.latest_outcome().1.unwrap().on), (CarrierOutcome::Returned, 4));
            assert_eq!((back.delivered, back.back), (None, None));
            let again = history(&[Code::Accepted, goes_back, Code::DeliveredToBuyer]);
            assert_eq!(again.outcome().0, CarrierOutcome::Delivered);
            assert_eq!(again.latest_outcome().0, CarrierOutcome::Delivered);
        }
        let withdrawn = history(&[Code::Delivered, Code::Returning, Code::Delivered]);
        assert_eq!((withdrawn.outcome().0, withdrawn.back.unwrap().on), (CarrierOutcome::Delivered, 2));
    }

    #[test]
    fn of_two_events_of_one_day_without_times_nobody_knows_which_came_first() {
        let day = |code, day_only, hour: i64| (code, Event { at: hour * 3_600_000, on: 0, day_only, row: 1 });
        let outcome = |events: [(Code, Event); 2]| {
            let mut history = ParcelHistory::default();
            events.into_iter().for_each(|(code, event)| history.take(code, event));
            (history.outcome().0, history.back)
        };
        let undecided = [day(Code::Returning, true, 0), day(Code::Delivered, true, 0)];
        assert_eq!(outcome(undecided), (CarrierOutcome::Mixed, None));
        let decided = [day(Code::Returning, false, 9), day(Code::Delivered, false, 10)];
        assert_eq!(outcome(decided).0, CarrierOutcome::Returned);
    }

    #[test]
    fn delivered_wins_over_a_return_and_nothing_is_none() {
        assert_eq!(outcome(&[Code::Delivered, Code::Returned]), CarrierOutcome::Delivered);
        assert_eq!(outcome(&[Code::Ignored]), CarrierOutcome::None);
        assert_eq!(outcome(&[Code::Registered]), CarrierOutcome::Registered);
    }

    /// What a person makes of the events, in the words of carriers §1.0: all of them laid out, none taken in turn.
    fn by_hand(events: &[(i64, Code)]) -> (CarrierOutcome, Option<i64>) {
        let times = |wanted: fn(Code) -> bool| events.iter().filter(move |(_, code)| wanted(*code)).map(|(at, _)| *at);
        let first = |wanted: fn(Code) -> bool| times(wanted).min();
        let back = first(|code| matches!(code, Code::Returning | Code::Returned));
        let at_sender = |at: &i64| back.is_some_and(|back| back < *at);
        let handed_over = || times(|code| code == Code::Delivered);
        let to_buyer = first(|code| code == Code::DeliveredToBuyer);
        let ended = [
            (CarrierOutcome::Delivered, handed_over().filter(|at| !at_sender(at)).chain(to_buyer).min()),
            (
                CarrierOutcome::Returned,
                handed_over().filter(at_sender).chain(first(|code| code == Code::Returned)).min(),
            ),
            (CarrierOutcome::Lost, first(|code| code == Code::Lost)),
            (CarrierOutcome::Cancelled, first(|code| code == Code::Cancelled)),
        ];
        if let Some(decided) = ended.into_iter().find(|(_, at)| at.is_some()) {
            return decided;
        }
        if let Some(at) = times(|code| code == Code::Returning).max() {
            return (CarrierOutcome::Returning, Some(at));
        }
        let moves = |code| !matches!(code, Code::Ignored | Code::Unknown | Code::CodPaid);
        let Some(at) = times(moves).max() else { return (CarrierOutcome::None, None) };
        let is_last = |wanted: Code| events.contains(&(at, wanted));
        let outcome = match (is_last(Code::Registered), is_last(Code::ReadyForPickup)) {
            (true, _) => CarrierOutcome::Registered,
            (_, true) => CarrierOutcome::ReadyForPickup,
            _ => CarrierOutcome::InTransit,
        };
        (outcome, Some(at))
    }

    /// The events of two numbers as a dump holds them: in any order, rows twice.
    fn dump(rows: &[(&str, i64, Code)]) -> DataFrame {
        use tracking_events as t;
        FrameBuilder::new(&t::FRAME, rows.len())
            .texts(t::tracking_number, rows.iter().map(|(number, ..)| number))
            .texts(t::carrier, rows.iter().map(|_| "c"))
            .texts(t::code, rows.iter().map(|(.., code)| code.text()))
            .instants(t::at, rows.iter().map(|(_, at, _)| Some(at * DAY_MILLIS)))
            .days(t::at_on, rows.iter().map(|(_, at, _)| Some(*at as i32)))
            .references(t::row, (0..rows.len()).map(|row| Some(row as u64)))
            .finish()
            .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn a_history_in_any_order_with_rows_twice_and_noise_is_what_a_person_makes_of_it(
            codes in prop::collection::vec(prop::sample::select(Code::ALL.to_vec()), 0..9),
            (order, twice) in (prop::collection::vec(any::<u32>(), 27), prop::collection::vec(any::<bool>(), 9)),
        ) {
            let events: Vec<(i64, Code)> = codes.iter().enumerate().map(|(day, code)| (day as i64, *code)).collect();
            let again = events.iter().zip(&twice).filter(|(_, twice)| **twice).map(|(event, _)| *event);
            let own = events.iter().copied().chain(again).map(|(at, code)| ("1", at, code));
            let other = events.iter().map(|(at, _)| ("2", *at, Code::Delivered));
            let mut rows: Vec<_> = own.chain(other).zip(order).collect();
            rows.sort_by_key(|(_, place)| *place);
            let numbers = ParcelNumbers::default();
            let frame = dump(&rows.into_iter().map(|(row, _)| row).collect::<Vec<_>>());
            let histories = CarrierHistories::read(&frame, &numbers, Coverage::default()).unwrap();
            let found = histories.place("1").map_or((CarrierOutcome::None, None), |place| histories.history(place).outcome());
            prop_assert_eq!((found.0, found.1.map(|event| event.at / DAY_MILLIS)), by_hand(&events));
        }
    }

    #[test]
    fn a_dump_of_another_account_covers_nothing() {
        let mut coverage = Coverage::default();
        coverage.add("c", "other", 5);
        assert_eq!(coverage.of("c", "shop"), None);
        coverage.add("c", "", 7);
        coverage.add("c", "shop", 9);
        assert_eq!((coverage.of("c", "shop"), coverage.of("c", "third")), (Some((7, 9)), Some((7, 7))));
    }

    #[test]
    fn latest_event_model_follows_the_last_one() {
        assert_eq!(history(&[Code::Delivered, Code::InTransit]).latest_outcome().0, CarrierOutcome::InTransit);
        assert_eq!(history(&[Code::Registered, Code::Cancelled]).lodged(), None);
        assert_eq!(history(&[Code::Registered, Code::InTransit, Code::Accepted]).lodged().unwrap().on, 2);
    }
}
