//! AllParcels: each tracking number of an order with what its carrier saw, and each number of a dump that no order has.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, IdxCa, IdxSize, PolarsResult};
use rayon::prelude::*;

use crate::base::as_of::AsOf;
use crate::base::map::{Map, Set};
use crate::base::text;
use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::{number_facts as nf, orders, read, shipment_facts as f, shipments};
use crate::pipeline::{Account, Pack, Pipeline};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::carrier_outcome::{CarrierHistories, Coverage, Event, ParcelHistory};
use crate::reconcile::keys::Lists;
use crate::reconcile::order_references::OrderReferences;
use crate::reconcile::parcel_numbers::ParcelNumbers;
use crate::vocab::{BoxSize, CarrierOutcome, InFlight, NumberCheck, OrderStatus, OutcomeModel, Trait, Word};

/// One parcel of an order, or of nobody.
#[derive(Debug, Clone)]
pub struct Parcel<'run> {
    /// Place of the order in the orders frame.
    pub order: Option<usize>,
    /// Number as carriers compare it.
    pub number: &'run str,
    /// The number that stands for the parcel, of all that it has.
    pub key: &'run str,
    /// Number as written.
    pub number_raw: &'run str,
    /// URL as written.
    pub url: &'run str,
    /// The carrier, by its pack's name; empty when nothing tells.
    pub carrier: &'run str,
    /// Place of its events among the histories, be they another order's.
    pub events: Option<usize>,
    /// Its events name other orders: its history is theirs.
    is_strange: bool,
}

/// All parcels, and those of each order.
pub struct AllParcels<'run> {
    /// By order first, then those without an order; sorted by number within.
    pub all: Vec<Parcel<'run>>,
    of_orders: Lists,
    histories: &'run CarrierHistories<'run>,
}

impl<'run> AllParcels<'run> {
    /// The parcels of `orders` and `shipments`, and those that only dumps hold. A parcel whose events name an order belongs to it (§16.21),
    /// whatever stands on other orders: its history is not theirs.
    ///
    /// # Errors
    /// A frame lacks a declared column: a bug of ours.
    pub fn read(
        orders_frame: &'run DataFrame,
        shipments_frame: &'run DataFrame,
        histories: &'run CarrierHistories<'run>,
        parcel_numbers: &'run ParcelNumbers,
        pipeline: &'run Pipeline,
    ) -> PolarsResult<AllParcels<'run>> {
        let maker = Maker { histories, parcel_numbers, carriers: Carriers::of(pipeline) };
        let height = orders_frame.height();
        let raw = read::texts(orders_frame, orders::tracking_number_raw)?;
        let numbers = read::texts(orders_frame, orders::tracking_number)?;
        let urls = read::texts(orders_frame, orders::tracking_url)?;
        let carriers = read::texts(orders_frame, orders::carrier)?;
        let shipped_numbers = read::texts(shipments_frame, shipments::tracking_number)?;
        // Most nights have neither label files nor order numbers in dumps: then nobody asks for an order, or for a number twice.
        let is_asked = histories.name_orders() || !shipped_numbers.is_empty();
        let references = is_asked.then(|| OrderReferences::read(orders_frame)).transpose()?;
        let owners = references.as_ref().map(|references| owners(histories, references)).unwrap_or_default();
        let with_owners = |parcel: Parcel<'run>| {
            let owners = parcel.events.and_then(|place| owners.get(&place));
            let owners = owners.filter(|_| !maker.carriers.share_parcels(parcel.carrier));
            let is_strange = owners.is_some_and(|owners| parcel.order.is_some_and(|order| !owners.contains(&order)));
            Parcel { is_strange, ..parcel }
        };
        let of_order = |place: usize| {
            let number = parcel_numbers.of_order(place, numbers.at(place));
            // A number that stands among the aliases alone is told as carriers compare it.
            let written = if numbers.at(place).is_empty() { number } else { raw.at(place) };
            let parcel = || maker.parcel(Some(place), number, written, urls.at(place), carriers.at(place));
            (!number.is_empty()).then(|| with_owners(parcel()))
        };
        let mut found: Vec<Parcel> = (0..height).into_par_iter().filter_map(of_order).collect();
        let mut known: Set<(usize, &str)> = Set::default();
        if is_asked {
            known.extend(found.iter().filter_map(|parcel| Some((parcel.order?, parcel.key))));
        }
        let shipped_raw = read::texts(shipments_frame, shipments::tracking_number_raw)?;
        let shipped_urls = read::texts(shipments_frame, shipments::tracking_url)?;
        let shipped_carriers = read::texts(shipments_frame, shipments::carrier)?;
        let shipped_accounts = read::texts(shipments_frame, shipments::account)?;
        let shipped_orders = read::texts(shipments_frame, shipments::order_no)?;
        for row in 0..shipped_numbers.len() {
            // A parcel that is only announced has no number yet, and nothing can be said of it.
            let number = parcel_numbers.of_shipment(row, shipped_numbers.at(row));
            if number.is_empty() {
                continue;
            }
            let named = references.as_ref().filter(|_| !shipped_orders.at(row).is_empty());
            let order = named.and_then(|orders| orders.place(shipped_accounts.at(row), shipped_orders.at(row)));
            let (url, carrier) = (shipped_urls.at(row), shipped_carriers.at(row));
            let written = if shipped_numbers.at(row).is_empty() { number } else { shipped_raw.at(row) };
            let parcel = maker.parcel(order, number, written, url, carrier);
            if order.is_none_or(|place| known.insert((place, parcel.key))) {
                found.push(with_owners(parcel));
            }
        }
        for (events, places) in &owners {
            let number = histories.number(*events);
            for place in places {
                if known.insert((*place, number)) {
                    found.push(maker.parcel(Some(*place), number, "", "", ""));
                }
            }
        }
        let mut owned = vec![false; histories.len()];
        found.iter().filter_map(|parcel| parcel.events).for_each(|place| owned[place] = true);
        let nobodys = (0..histories.len()).filter(|place| !owned[*place]).map(|place| histories.number(place));
        let mut nobodys: Vec<&str> = nobodys.collect();
        nobodys.sort_unstable();
        found.extend(nobodys.into_iter().map(|number| maker.parcel(None, number, "", "", "")));
        let of_orders = Lists::of(found.iter().map(|parcel| parcel.order.map(|order| order as u32)), height);
        Ok(AllParcels { all: found, of_orders, histories })
    }

    fn history(&self, parcel: &Parcel) -> Option<ParcelHistory<'run>> {
        parcel.events.filter(|_| !parcel.is_strange).map(|place| self.histories.history(place))
    }

    /// What the parcels of an order amount to (rulebook §11): delivered when all of them are; returned when one is and none was delivered.
    pub fn outcome(&self, order: usize, model: OutcomeModel) -> OrderOutcome {
        let parcels = self.of_orders.rows(order).iter().map(|place| &self.all[*place as usize]);
        let histories: Vec<Option<ParcelHistory>> = parcels.map(|parcel| self.history(parcel)).collect();
        order_outcome(&histories, model, &self.histories.coverage)
    }

    /// Whether each row of the tracking frame is of a parcel that belongs to an order.
    pub fn owned_events(&self, rows: usize) -> Vec<bool> {
        let mut owned = vec![false; rows];
        let of_orders = self.all.iter().filter(|parcel| parcel.order.is_some());
        for place in of_orders.filter_map(|parcel| parcel.events) {
            self.histories.rows(place).for_each(|row| owned[row] = true);
        }
        owned
    }
}

/// The orders that the events of parcels name, by the place of the events, in the order of their numbers.
fn owners(histories: &CarrierHistories, references: &OrderReferences) -> Map<usize, Vec<usize>> {
    let of_parcel = |events: usize| {
        let history = histories.history(events);
        let places = history.order_nos.iter().filter_map(|order_no| references.place(history.account, order_no));
        let mut places: Vec<usize> = places.collect();
        places.sort_unstable();
        places.dedup();
        (!places.is_empty()).then_some((events, places))
    };
    let mut owners: Map<usize, Vec<usize>> = (0..histories.len()).filter_map(of_parcel).collect();
    owners.sort_unstable_by(|one, _, other, _| histories.number(*one).cmp(histories.number(*other)));
    owners
}

/// What every parcel is made with.
struct Maker<'run> {
    histories: &'run CarrierHistories<'run>,
    parcel_numbers: &'run ParcelNumbers,
    carriers: Carriers<'run>,
}

impl<'run> Maker<'run> {
    fn parcel(
        &self,
        order: Option<usize>,
        number: &'run str,
        number_raw: &'run str,
        url: &'run str,
        carrier: &str,
    ) -> Parcel<'run> {
        let key = self.parcel_numbers.parcel(number);
        let events = self.histories.place(key);
        let carrier = match events {
            Some(place) => self.histories.carrier(place),
            None => self.carriers.of_parcel(carrier, url, number),
        };
        Parcel { order, number, key, number_raw, url, carrier, events, is_strange: false }
    }
}

/// The packs of carriers by their names.
struct Carriers<'run>(Vec<(&'run str, &'run Pack)>);

impl<'run> Carriers<'run> {
    fn of(pipeline: &'run Pipeline) -> Carriers<'run> {
        Carriers(
            pipeline.packs.iter().filter_map(|pack| Some((pack.name.strip_prefix("carriers/")?, &**pack))).collect(),
        )
    }

    fn pack(&self, carrier: &str) -> Option<&'run Pack> {
        self.0.iter().find(|(name, _)| *name == carrier).map(|(_, pack)| *pack)
    }

    /// Whether the pack of a carrier says that several orders may share one parcel.
    fn share_parcels(&self, carrier: &str) -> bool {
        self.pack(carrier).is_some_and(|pack| pack.number.multi_order_parcels)
    }

    /// The carrier of a parcel that no dump holds, in the order of trust of carriers §1.1: the order's word, the URL's host, then
    /// the shape of the number where one carrier alone has it, or of several the only one whose check character is right.
    fn of_parcel(&self, carrier: &str, url: &str, number: &str) -> &'run str {
        let named = self.0.iter().find(|(name, _)| *name == carrier);
        if let Some((name, _)) = named.or_else(|| self.0.iter().find(|(_, pack)| is_host_of(pack, url))) {
            return name;
        }
        let shaped: Vec<_> = self.0.iter().filter(|(_, pack)| pack.number.has_shape(number)).collect();
        let mut right = shaped.iter().filter(|(_, pack)| pack.number.check(number) == NumberCheck::Right);
        match (shaped.as_slice(), right.next(), right.next()) {
            ([(name, _)], ..) | (_, Some((name, _)), None) => name,
            _ => "",
        }
    }

    /// What the check character of a number says, by its carrier's pack.
    fn check(&self, carrier: &str, number: &str) -> NumberCheck {
        self.pack(carrier).map_or(NumberCheck::None, |pack| pack.number.check(number))
    }
}

fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '#', ':']).unwrap_or(rest.len());
    Some(&rest[..end])
}

fn is_host_of(pack: &Pack, url: &str) -> bool {
    host(url).is_some_and(|host| pack.number.hosts.iter().any(|known| host.eq_ignore_ascii_case(known)))
}

/// Whether a tracking number as written has legal characters only (K23).
pub fn is_legal_number(raw: &str) -> bool {
    !raw.is_empty() && raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Whether a tracking URL is http(s) with a host, without a placeholder, and holds the number where the carrier's link does.
pub fn is_valid_url(url: &str, number: &str, pipeline: &Pipeline) -> bool {
    let Some(host) = host(url) else { return false };
    let has_placeholder = ["{", "}", "%s", "<", ">", " "].iter().any(|mark| url.contains(mark));
    if !host.contains('.') || has_placeholder {
        return false;
    }
    let must_hold = pipeline.packs.iter().any(|pack| pack.number.url_holds_number && is_host_of(pack, url));
    !must_hold || url.contains(number) || text::tracking_number(url).contains(number)
}

/// What an order's parcels amount to together.
#[derive(Debug, Clone, Default)]
pub struct OrderOutcome {
    /// Number of parcels.
    pub parcels: i64,
    /// AllParcels that were delivered.
    pub parcels_delivered: i64,
    /// The outcome of all of them.
    pub outcome: Option<CarrierOutcome>,
    /// The event that decided it.
    pub decided: Option<Event>,
    /// The last of the deliveries, when every parcel was delivered.
    pub delivered: Option<Event>,
    /// The first return, when no parcel was delivered.
    pub returned: Option<Event>,
    /// The first return of a parcel that was delivered before, by its own number or as a parcel of its own.
    pub back: Option<Event>,
    /// The first damage.
    pub damaged: Option<Event>,
    /// A parcel was more than registered or cancelled.
    pub moved: bool,
    /// Events that count.
    pub events: i64,
    /// Days from the last event to the end of the carrier's coverage, the least of all parcels.
    pub covered_silence: Option<i64>,
}

fn outcome_of(history: Option<&ParcelHistory>, model: OutcomeModel) -> (CarrierOutcome, Option<Event>) {
    match (history, model) {
        (None, _) => (CarrierOutcome::None, None),
        (Some(history), OutcomeModel::Rank) => history.outcome(),
        (Some(history), OutcomeModel::LatestEvent) => history.latest_outcome(),
    }
}

/// A return parcel of an order: lodged after another one was delivered, and returned to the sender (carriers §1.0).
fn is_return(history: Option<&ParcelHistory>, parcels: &[Option<ParcelHistory>]) -> bool {
    let Some(history) = history.filter(|history| history.outcome().0 == CarrierOutcome::Returned) else {
        return false;
    };
    let delivered = parcels.iter().flatten().filter_map(|other| other.delivered);
    delivered.zip(history.lodged()).any(|(delivered, lodged)| delivered.until() < lodged.at)
}

fn order_outcome(all: &[Option<ParcelHistory>], model: OutcomeModel, coverage: &Coverage) -> OrderOutcome {
    let known = all.iter().map(Option::as_ref);
    let (returns, parcels): (Vec<_>, Vec<_>) = known.partition(|history| is_return(*history, all));
    let outcomes: Vec<(CarrierOutcome, Option<Event>)> =
        parcels.iter().map(|history| outcome_of(*history, model)).collect();
    let is = |wanted: CarrierOutcome| outcomes.iter().any(|(outcome, _)| *outcome == wanted);
    let all_delivered =
        !outcomes.is_empty() && outcomes.iter().all(|(outcome, _)| *outcome == CarrierOutcome::Delivered);
    let ended_badly = [CarrierOutcome::Returned, CarrierOutcome::Lost, CarrierOutcome::Cancelled];
    let outcome = if all_delivered {
        CarrierOutcome::Delivered
    } else if is(CarrierOutcome::Mixed) || (is(CarrierOutcome::Delivered) && ended_badly.iter().any(|bad| is(*bad))) {
        CarrierOutcome::Mixed
    } else {
        let order = [
            CarrierOutcome::Returned,
            CarrierOutcome::Lost,
            CarrierOutcome::Returning,
            CarrierOutcome::ReadyForPickup,
            CarrierOutcome::InTransit,
            CarrierOutcome::Registered,
            CarrierOutcome::Cancelled,
        ];
        let undelivered = order.into_iter().find(|outcome| is(*outcome));
        undelivered.unwrap_or(if is(CarrierOutcome::Delivered) {
            CarrierOutcome::InTransit
        } else {
            CarrierOutcome::None
        })
    };
    let events_of = |wanted: CarrierOutcome| {
        outcomes.iter().filter(move |(outcome, _)| *outcome == wanted).filter_map(|(_, event)| *event)
    };
    let delivered = all_delivered.then(|| events_of(CarrierOutcome::Delivered).max_by_key(|event| event.at)).flatten();
    let decided = delivered.or_else(|| events_of(outcome).min_by_key(|event| event.at)).or_else(|| {
        (outcome == CarrierOutcome::Mixed)
            .then(|| ended_badly.iter().flat_map(|bad| events_of(*bad)).min_by_key(|event| event.at))
            .flatten()
    });
    let histories = || parcels.iter().flatten();
    OrderOutcome {
        parcels: parcels.len() as i64,
        parcels_delivered: events_of(CarrierOutcome::Delivered).count() as i64,
        outcome: Some(outcome),
        decided,
        delivered,
        returned: events_of(CarrierOutcome::Returned)
            .min_by_key(|event| event.at)
            .filter(|_| !is(CarrierOutcome::Delivered)),
        back: histories()
            .filter_map(|history| history.back)
            .chain(returns.iter().flatten().filter_map(|history| history.returned))
            .min_by_key(|event| event.at),
        damaged: histories().filter_map(|history| history.damaged).min_by_key(|event| event.at),
        moved: histories().any(|history| history.moved.is_some()),
        events: histories().map(|history| history.events).sum(),
        covered_silence: histories()
            .filter_map(|history| {
                let (_, last_covered) = coverage.of(history.carrier, history.account)?;
                Some(i64::from(last_covered - history.last?.0.on))
            })
            .min(),
    }
}

/// The shipment facts, `at_once` parcels at a time.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn shipment_facts<'run>(
    parcels: &AllParcels<'run>,
    orders_frame: &'run DataFrame,
    pipeline: &Pipeline,
    as_of: AsOf,
    at_once: usize,
) -> PolarsResult<DataFrame> {
    let orders = OrdersOfParcels::read(orders_frame)?;
    let parts =
        parcels.all.par_chunks(at_once).map(|some| facts_of(some, parcels, &orders, &Accounts::new(pipeline, as_of)));
    let mut facts = FrameBuilder::joined(&f::FRAME, parts.collect())?;
    let rows: IdxCa = parcels.all.iter().map(|parcel| parcel.order.map(|order| order as IdxSize)).collect();
    for (fact, column, nothing) in [
        (f::order_key, orders::order_key, ""),
        (f::order_no, orders::order_no, ""),
        (f::status, orders::status, OrderStatus::Unknown.text()),
        (f::box_size, orders::box_size, BoxSize::Unknown.text()),
        (f::own_delivery, orders::own_delivery, ""),
        (f::test, orders::test, ""),
        (f::created_on, orders::created_on, ""),
        (f::shipped_on, orders::shipped_on, ""),
        (f::order_row, orders::row, ""),
    ] {
        facts.gather(fact, orders_frame, column, &rows, nothing)?;
    }
    facts.finish()
}

/// What is asked of the order of a parcel.
struct OrdersOfParcels<'run> {
    names: read::Texts<'run>,
    boxes: read::Texts<'run>,
    own_delivery: read::Flags<'run>,
    created_on: read::Days<'run>,
}

impl<'run> OrdersOfParcels<'run> {
    fn read(frame: &'run DataFrame) -> PolarsResult<OrdersOfParcels<'run>> {
        Ok(OrdersOfParcels {
            names: read::texts(frame, orders::account)?,
            boxes: read::texts(frame, orders::box_size)?,
            own_delivery: read::flags(frame, orders::own_delivery)?,
            created_on: read::days(frame, orders::created_on)?,
        })
    }
}

/// A parcel with what is worked out for it.
struct ToldParcel<'all, 'run> {
    parcel: &'all Parcel<'run>,
    history: Option<ParcelHistory<'run>>,
    account: &'run str,
    outcome: (CarrierOutcome, Option<Event>),
    lodged: Option<Event>,
    /// Day from which the marketplace's own delivery serves its account.
    activation: Option<i32>,
    covered: Option<(i32, i32)>,
}

/// The facts of some parcels.
fn facts_of<'run>(
    some: &[Parcel<'run>],
    parcels: &AllParcels<'run>,
    orders: &OrdersOfParcels<'run>,
    accounts: &Accounts,
) -> FrameBuilder {
    let models = models(accounts);
    let carriers = Carriers::of(accounts.pipeline());
    let tell = |parcel| {
        let parcel: &Parcel<'run> = parcel;
        let history = parcels.history(parcel);
        let account = parcel.order.map_or("", |place| orders.names.at(place));
        let model = models.get(account).copied().unwrap_or(OutcomeModel::Rank);
        let known = accounts.get(account).filter(|account| account.has(Trait::OwnDeliveryService));
        ToldParcel {
            parcel,
            account,
            outcome: outcome_of(history.as_ref(), model),
            lodged: history.as_ref().and_then(ParcelHistory::lodged),
            activation: known.and_then(|account| account.own_delivery_activation_date).map(day_number),
            covered: parcels.histories.coverage.of(parcel.carrier, account),
            history,
        }
    };
    let told: Vec<ToldParcel> = some.iter().map(tell).collect();
    let all = || told.iter();
    let in_own_dump = |told: &ToldParcel| {
        told.history.as_ref().is_some_and(|history| history.account.is_empty() || history.account == told.account)
    };
    let created_on = |told: &ToldParcel| told.parcel.order.and_then(|place| orders.created_on.at(place));
    let after_activation = |told: &ToldParcel| {
        let (Some(event), Some(day), Some(order)) = (told.lodged, told.activation, told.parcel.order) else {
            return false;
        };
        let concerns = match in_flight(accounts, told.account) {
            InFlight::Lodged => true,
            InFlight::Flag => orders.own_delivery.at(order),
            InFlight::CreatedAt => orders.created_on.at(order).is_some_and(|created| created >= day),
        };
        event.on >= day && concerns
    };
    let delivered = |told: &ToldParcel| told.history.as_ref().and_then(|history| history.delivered);
    let returned = |told: &ToldParcel| told.history.as_ref().and_then(|history| history.returned);
    let mut facts = FrameBuilder::new(&f::FRAME, told.len());
    facts
        .texts(f::account, all().map(|told| told.account))
        .texts(f::marketplace, all().map(|told| accounts.marketplace(told.account)))
        .texts(f::tracking_number, all().map(|told| told.parcel.number))
        .texts(f::tracking_number_raw, all().map(|told| told.parcel.number_raw))
        .texts(f::tracking_url, all().map(|told| told.parcel.url))
        .texts(f::currency, all().map(|told| accounts.currency(told.account)))
        .flags(f::number_valid, all().map(|told| is_legal_number(told.parcel.number_raw)))
        .texts(f::number_check, all().map(|told| carriers.check(told.parcel.carrier, told.parcel.number).text()))
        .flags(f::url_valid, all().map(|told| is_valid_url(told.parcel.url, told.parcel.number, accounts.pipeline())))
        .flags(
            f::is_big,
            all().map(|told| told.parcel.order.is_some_and(|place| orders.boxes.at(place) == BoxSize::Big.text())),
        )
        .texts(f::carrier, all().map(|told| told.parcel.carrier))
        .flags(f::seen, all().map(|told| told.parcel.events.is_some()))
        .days(f::covered_from, all().map(|told| told.covered.map(|(first, _)| first)))
        .flags(f::in_own_dump, all().map(in_own_dump))
        .days(f::lodged_on, all().map(|told| told.lodged.map(|event| event.on)))
        .days(f::activation_on, all().map(|told| told.activation))
        .flags(f::after_activation, all().map(after_activation))
        .flags(
            f::before_activation_order,
            all()
                .map(|told| matches!((created_on(told), told.activation), (Some(created), Some(day)) if created < day)),
        )
        .texts(f::outcome, all().map(|told| told.outcome.0.text()))
        .instants(f::outcome_at, all().map(|told| told.outcome.1.map(|event| event.at)))
        .days(f::outcome_on, all().map(|told| told.outcome.1.map(|event| event.on)))
        .instants(f::delivered_at, all().map(|told| delivered(told).map(|event| event.at)))
        .days(f::delivered_on, all().map(|told| delivered(told).map(|event| event.on)))
        .instants(f::delivered_until, all().map(|told| delivered(told).map(|event| event.until())))
        .instants(f::returned_at, all().map(|told| returned(told).map(|event| event.at)))
        .flags(f::moved, all().map(|told| told.history.as_ref().is_some_and(|history| history.moved.is_some())))
        .numbers(f::events, all().map(|told| Some(told.history.as_ref().map_or(0, |history| history.events))))
        .days(f::last_on, all().map(|told| told.history.as_ref().and_then(|history| Some(history.last?.0.on))))
        .days(f::covered_until, all().map(|told| told.covered.map(|(_, last)| last)))
        .references(
            f::outcome_row,
            all().map(|told| {
                told.outcome.1.map(|event| event.row).or(told.history.as_ref().map(|history| history.first_row))
            }),
        )
        .references(f::lodged_row, all().map(|told| told.lodged.map(|event| event.row)))
        .references(f::delivered_row, all().map(|told| delivered(told).map(|event| event.row)))
        .references(f::returned_row, all().map(|told| returned(told).map(|event| event.row)));
    facts
}

/// Which parcels lodged after the activation concern an account, by its policy of the as-of day (A28).
fn in_flight(accounts: &Accounts, account: &str) -> InFlight {
    let account = accounts.get(account);
    let known = account.and_then(|account| accounts.policy(account, None).entry.own_delivery_inflight);
    known.unwrap_or(InFlight::Lodged)
}

/// The outcome model of every account; rank where its policy sets none.
pub fn models<'run>(accounts: &Accounts<'run>) -> BTreeMap<&'run str, OutcomeModel> {
    let model = |account: &'run Account| accounts.policy(account, None).entry.outcome.unwrap_or(OutcomeModel::Rank);
    accounts.pipeline().accounts.iter().map(|account| (account.name.as_str(), model(account))).collect()
}

/// One row per parcel that several orders name, by whichever of its numbers, or that names another than it stands on; test orders do not
/// count. Carriers whose parcels may hold several orders are left out.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn number_facts(parcels: &AllParcels, orders_frame: &DataFrame, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let order_nos = read::texts(orders_frame, orders::order_no)?;
    let names = read::texts(orders_frame, orders::account)?;
    let tests = read::flags(orders_frame, orders::test)?;
    let order_rows = read::references(orders_frame, orders::row)?;
    let of_an_order = |parcel: &&Parcel| parcel.order.is_some_and(|place| !tests.at(place));
    // Most parcels have events, whose place stands for their number.
    let mut first_of_events: Vec<Option<u32>> = vec![None; parcels.histories.len()];
    let mut first_uses: Map<&str, usize> = Map::default();
    let mut used_again: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let carriers = Carriers::of(accounts.pipeline());
    let is_asked = |parcel: &&Parcel| of_an_order(parcel) && !carriers.share_parcels(parcel.carrier);
    for parcel in parcels.all.iter().filter(is_asked) {
        let Some(place) = parcel.order else { continue };
        let first = match parcel.events {
            Some(events) => *first_of_events[events].get_or_insert(place as u32) as usize,
            None => *first_uses.entry(parcel.key).or_insert(place),
        };
        if first != place {
            let places = used_again.entry(parcel.key).or_insert_with(|| vec![first]);
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let used: Vec<(&str, Vec<usize>)> = used_again.into_iter().collect();
    let account = |places: &[usize]| {
        let first = names.at(places[0]);
        if places.iter().all(|place| names.at(*place) == first) { first } else { "" }
    };
    let mut facts = FrameBuilder::new(&nf::FRAME, used.len());
    facts
        .texts(nf::account, used.iter().map(|(_, places)| account(places)))
        .texts(nf::marketplace, used.iter().map(|(_, places)| accounts.marketplace(account(places))))
        .texts(nf::tracking_number, used.iter().map(|(number, _)| *number))
        .numbers(nf::orders, used.iter().map(|(_, places)| Some(places.len() as i64)))
        .texts(
            nf::order_nos,
            used.iter()
                .map(|(_, places)| places.iter().map(|place| order_nos.at(*place)).collect::<Vec<_>>().join(" ")),
        )
        .texts(nf::currency, used.iter().map(|(_, places)| accounts.currency(account(places))))
        .references(nf::first_row, used.iter().map(|(_, places)| order_rows.at(places[0])))
        .references(nf::second_row, used.iter().map(|(_, places)| order_rows.at(places[1])))
        .texts(nf::first_order, used.iter().map(|(_, places)| order_nos.at(places[0])))
        .texts(nf::second_order, used.iter().map(|(_, places)| order_nos.at(places[1])));
    facts.finish()
}
