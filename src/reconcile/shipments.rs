//! Parcels: each tracking number of an order with what its carrier saw, and each number of a dump that no order has.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use polars::prelude::{DataFrame, PolarsResult};

use crate::base::map::{Map, Set};
use crate::base::text;
use crate::base::zone::day_number;
use crate::frame::build::FrameBuilder;
use crate::frame::{number_facts as nf, orders, read, shipment_facts as f, shipments};
use crate::pipeline::{Account, Pack, Pipeline};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::carrier_outcome::{CarrierHistories, Coverage, Event, ParcelHistory};
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
    /// What the carrier saw.
    pub history: Option<&'run ParcelHistory<'run>>,
    /// A dump holds the parcel, be it another order's.
    pub seen: bool,
}

/// All parcels, by order first, then those without an order; sorted by number within. A parcel whose events name an order belongs to it
/// (§16.21), whatever stands on other orders: its history is not theirs.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn parcels<'run>(
    orders_frame: &'run DataFrame,
    shipments_frame: &'run DataFrame,
    histories: &'run CarrierHistories<'run>,
    parcel_numbers: &'run ParcelNumbers,
    pipeline: &'run Pipeline,
) -> PolarsResult<Vec<Parcel<'run>>> {
    let maker = Maker { histories, parcel_numbers, pipeline };
    let height = orders_frame.height();
    let mut found: Vec<Parcel> = Vec::with_capacity(height);
    let mut known: Set<(usize, &str)> = Set::default();
    let raw = read::texts(orders_frame, orders::tracking_number_raw)?;
    let numbers = read::texts(orders_frame, orders::tracking_number)?;
    let urls = read::texts(orders_frame, orders::tracking_url)?;
    let carriers = read::texts(orders_frame, orders::carrier)?;
    let shipped_numbers = read::texts(shipments_frame, shipments::tracking_number)?;
    let named = histories.parcels.values().any(|history| !history.order_nos.is_empty());
    // Most nights have neither label files nor order numbers in dumps: then nobody asks for an order, or for a number twice.
    let references = (named || !shipped_numbers.is_empty()).then(|| OrderReferences::read(orders_frame)).transpose()?;
    let owners = references.as_ref().map(|references| owners(histories, references)).unwrap_or_default();
    let is_strange = |parcel: &Parcel| {
        let owners = owners.get(parcel.key).filter(|_| !shares_parcels(pipeline, parcel.carrier));
        owners.is_some_and(|owners| parcel.order.is_some_and(|place| !owners.contains(&place)))
    };
    let without_strange = |parcel: Parcel<'run>| match is_strange(&parcel) {
        true => Parcel { history: None, ..parcel },
        false => parcel,
    };
    for place in 0..height {
        let number = parcel_numbers.of_order(place, numbers.at(place));
        if !number.is_empty() {
            let (url, carrier) = (urls.at(place), carriers.at(place));
            // A number that stands among the aliases alone is told as carriers compare it.
            let written = if numbers.at(place).is_empty() { number } else { raw.at(place) };
            let parcel = maker.parcel(Some(place), number, written, url, carrier);
            if references.is_some() {
                known.insert((place, parcel.key));
            }
            found.push(without_strange(parcel));
        }
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
            found.push(without_strange(parcel));
        }
    }
    for (number, places) in &owners {
        for place in places {
            if known.insert((*place, number)) {
                found.push(maker.parcel(Some(*place), number, "", "", ""));
            }
        }
    }
    let owned: Set<&str> = found.iter().map(|parcel| parcel.key).collect();
    let mut nobodys: Vec<&str> = histories.parcels.keys().copied().filter(|number| !owned.contains(number)).collect();
    nobodys.sort_unstable();
    found.extend(nobodys.into_iter().map(|number| maker.parcel(None, number, "", "", "")));
    Ok(found)
}

/// The orders that the events of parcels name, by the number that stands for the parcel.
fn owners<'run>(histories: &CarrierHistories<'run>, references: &OrderReferences) -> BTreeMap<&'run str, Vec<usize>> {
    let of_parcel = |(number, history): (&&'run str, &ParcelHistory)| {
        let places = history.order_nos.iter().filter_map(|order_no| references.place(history.account, order_no));
        let mut places: Vec<usize> = places.collect();
        places.sort_unstable();
        places.dedup();
        (!places.is_empty()).then_some((*number, places))
    };
    histories.parcels.iter().filter_map(of_parcel).collect()
}

/// What every parcel is made with.
struct Maker<'run> {
    histories: &'run CarrierHistories<'run>,
    parcel_numbers: &'run ParcelNumbers,
    pipeline: &'run Pipeline,
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
        let history = self.histories.parcels.get(key);
        let carrier = match history {
            Some(history) => history.carrier,
            None => carrier_of(self.pipeline, carrier, url, number),
        };
        Parcel { order, number, key, number_raw, url, carrier, history, seen: history.is_some() }
    }
}

/// Whether the pack of a carrier says that several orders may share one parcel.
fn shares_parcels(pipeline: &Pipeline, carrier: &str) -> bool {
    pipeline.pack(&format!("carriers/{carrier}")).is_some_and(|pack| pack.number.multi_order_parcels)
}

/// The carrier of a parcel that no dump holds, in the order of trust of carriers §1.1: the order's word, the URL's host, then
/// the shape of the number where one carrier alone has it, or of several the only one whose check character is right.
fn carrier_of<'run>(pipeline: &'run Pipeline, carrier: &str, url: &str, number: &str) -> &'run str {
    let packs = || pipeline.packs.iter().filter_map(|pack| Some((pack.name.strip_prefix("carriers/")?, pack)));
    let named = packs().find(|(name, _)| *name == carrier);
    if let Some((name, _)) = named.or_else(|| packs().find(|(_, pack)| is_host_of(pack, url))) {
        return name;
    }
    let shaped: Vec<(&str, &Pack)> =
        packs().map(|(name, pack)| (name, &**pack)).filter(|(_, pack)| pack.number.has_shape(number)).collect();
    let mut right = shaped.iter().filter(|(_, pack)| pack.number.check(number) == NumberCheck::Right);
    match (shaped.as_slice(), right.next(), right.next()) {
        ([(name, _)], ..) | (_, Some((name, _)), None) => name,
        _ => "",
    }
}

/// What the check character of a number says, by its carrier's pack.
fn number_check(pipeline: &Pipeline, carrier: &str, number: &str) -> NumberCheck {
    let pack = pipeline.pack(&format!("carriers/{carrier}")).filter(|_| !carrier.is_empty());
    pack.map_or(NumberCheck::None, |pack| pack.number.check(number))
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
    /// Parcels that were delivered.
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

/// The outcome of every order (rulebook §11): delivered when all parcels are; returned when one is and none was delivered.
pub fn order_outcomes(
    parcels: &[Parcel],
    orders: usize,
    model: &[OutcomeModel],
    coverage: &Coverage,
) -> Vec<OrderOutcome> {
    let mut by_order: Vec<Vec<&Parcel>> = vec![Vec::new(); orders];
    for parcel in parcels {
        if let Some(place) = parcel.order {
            by_order[place].push(parcel);
        }
    }
    by_order.iter().zip(model).map(|(parcels, model)| order_outcome(parcels, *model, coverage)).collect()
}

fn outcome_of(history: Option<&ParcelHistory>, model: OutcomeModel) -> (CarrierOutcome, Option<Event>) {
    match (history, model) {
        (None, _) => (CarrierOutcome::None, None),
        (Some(history), OutcomeModel::Rank) => history.outcome(),
        (Some(history), OutcomeModel::LatestEvent) => history.latest_outcome(),
    }
}

/// The return parcels of an order: lodged after another one was delivered, and returned to the sender (carriers §1.0).
fn is_return(parcel: &Parcel, parcels: &[&Parcel]) -> bool {
    let Some(history) = parcel.history.filter(|history| history.outcome().0 == CarrierOutcome::Returned) else {
        return false;
    };
    let delivered = parcels.iter().filter_map(|other| other.history?.delivered);
    delivered.zip(history.lodged()).any(|(delivered, lodged)| delivered.until() < lodged.at)
}

fn order_outcome(all: &[&Parcel], model: OutcomeModel, coverage: &Coverage) -> OrderOutcome {
    let (returns, parcels): (Vec<&Parcel>, Vec<&Parcel>) = all.iter().partition(|parcel| is_return(parcel, all));
    let outcomes: Vec<(CarrierOutcome, Option<Event>)> =
        parcels.iter().map(|parcel| outcome_of(parcel.history, model)).collect();
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
    let histories = || parcels.iter().filter_map(|parcel| parcel.history);
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
            .chain(returns.iter().filter_map(|parcel| parcel.history?.returned))
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

/// The shipment facts.
///
/// # Errors
/// A frame lacks a declared column: a bug of ours.
pub fn shipment_facts(
    parcels: &[Parcel],
    orders_frame: &DataFrame,
    histories: &CarrierHistories,
    accounts: &Accounts,
) -> PolarsResult<DataFrame> {
    let keys = read::texts(orders_frame, orders::order_key)?;
    let order_nos = read::texts(orders_frame, orders::order_no)?;
    let names = read::texts(orders_frame, orders::account)?;
    let statuses = read::texts(orders_frame, orders::status)?;
    let boxes = read::texts(orders_frame, orders::box_size)?;
    let own_delivery = read::flags(orders_frame, orders::own_delivery)?;
    let tests = read::flags(orders_frame, orders::test)?;
    let created_on = read::days(orders_frame, orders::created_on)?;
    let shipped_on = read::days(orders_frame, orders::shipped_on)?;
    let order_rows = read::references(orders_frame, orders::row)?;
    let of = |parcel: &Parcel| parcel.order;
    let account = |parcel: &Parcel| of(parcel).map_or("", |place| names.at(place));
    let activation = |parcel: &Parcel| {
        let account = accounts.get(account(parcel))?;
        account.has(Trait::OwnDeliveryService).then_some(account.own_delivery_activation_date?).map(day_number)
    };
    let lodged = |parcel: &Parcel| parcel.history.and_then(ParcelHistory::lodged);
    let in_own_dump = |parcel: &Parcel| {
        parcel.history.is_some_and(|history| history.account.is_empty() || history.account == account(parcel))
    };
    let after_activation = |parcel: &Parcel| {
        let (Some(event), Some(day), Some(order)) = (lodged(parcel), activation(parcel), of(parcel)) else {
            return false;
        };
        let concerns = match in_flight(accounts, account(parcel)) {
            InFlight::Lodged => true,
            InFlight::Flag => own_delivery.at(order),
            InFlight::CreatedAt => created_on.at(order).is_some_and(|created| created >= day),
        };
        event.on >= day && concerns
    };
    let models = models(accounts);
    let model = |parcel: &Parcel| models.get(account(parcel)).copied().unwrap_or(OutcomeModel::Rank);
    let outcomes: Vec<(CarrierOutcome, Option<Event>)> =
        parcels.iter().map(|parcel| outcome_of(parcel.history, model(parcel))).collect();
    let delivered = |parcel: &Parcel| parcel.history.and_then(|history| history.delivered);
    let returned = |parcel: &Parcel| parcel.history.and_then(|history| history.returned);
    let coverage = |parcel: &Parcel| histories.coverage.of(parcel.carrier, account(parcel));
    let mut facts = FrameBuilder::new(&f::FRAME, parcels.len());
    facts
        .texts(f::account, parcels.iter().map(account))
        .texts(f::marketplace, parcels.iter().map(|parcel| accounts.marketplace(account(parcel))))
        .texts(f::order_key, parcels.iter().map(|parcel| of(parcel).map_or("", |place| keys.at(place))))
        .texts(f::order_no, parcels.iter().map(|parcel| of(parcel).map_or("", |place| order_nos.at(place))))
        .texts(f::tracking_number, parcels.iter().map(|parcel| parcel.number))
        .texts(f::tracking_number_raw, parcels.iter().map(|parcel| parcel.number_raw))
        .texts(f::tracking_url, parcels.iter().map(|parcel| parcel.url))
        .texts(f::currency, parcels.iter().map(|parcel| accounts.currency(account(parcel))))
        .flags(f::number_valid, parcels.iter().map(|parcel| is_legal_number(parcel.number_raw)))
        .texts(
            f::number_check,
            parcels.iter().map(|parcel| number_check(accounts.pipeline(), parcel.carrier, parcel.number).text()),
        )
        .flags(f::url_valid, parcels.iter().map(|parcel| is_valid_url(parcel.url, parcel.number, accounts.pipeline())))
        .texts(
            f::status,
            parcels.iter().map(|parcel| of(parcel).map_or(OrderStatus::Unknown.text(), |place| statuses.at(place))),
        )
        .flags(f::own_delivery, parcels.iter().map(|parcel| of(parcel).is_some_and(|place| own_delivery.at(place))))
        .flags(f::test, parcels.iter().map(|parcel| of(parcel).is_some_and(|place| tests.at(place))))
        .texts(
            f::box_size,
            parcels.iter().map(|parcel| of(parcel).map_or(BoxSize::Unknown.text(), |place| boxes.at(place))),
        )
        .flags(
            f::is_big,
            parcels.iter().map(|parcel| of(parcel).is_some_and(|place| boxes.at(place) == BoxSize::Big.text())),
        )
        .days(f::created_on, parcels.iter().map(|parcel| of(parcel).and_then(|place| created_on.at(place))))
        .days(f::shipped_on, parcels.iter().map(|parcel| of(parcel).and_then(|place| shipped_on.at(place))))
        .texts(f::carrier, parcels.iter().map(|parcel| parcel.carrier))
        .flags(f::seen, parcels.iter().map(|parcel| parcel.seen))
        .days(f::covered_from, parcels.iter().map(|parcel| coverage(parcel).map(|(first, _)| first)))
        .flags(f::in_own_dump, parcels.iter().map(in_own_dump))
        .days(f::lodged_on, parcels.iter().map(|parcel| lodged(parcel).map(|event| event.on)))
        .days(f::activation_on, parcels.iter().map(activation))
        .flags(f::after_activation, parcels.iter().map(after_activation))
        .flags(
            f::before_activation_order,
            parcels.iter().map(|parcel| {
                let created = of(parcel).and_then(|place| created_on.at(place));
                matches!((created, activation(parcel)), (Some(created), Some(day)) if created < day)
            }),
        )
        .texts(f::outcome, outcomes.iter().map(|(outcome, _)| outcome.text()))
        .instants(f::outcome_at, outcomes.iter().map(|(_, event)| event.map(|event| event.at)))
        .days(f::outcome_on, outcomes.iter().map(|(_, event)| event.map(|event| event.on)))
        .instants(f::delivered_at, parcels.iter().map(|parcel| delivered(parcel).map(|event| event.at)))
        .days(f::delivered_on, parcels.iter().map(|parcel| delivered(parcel).map(|event| event.on)))
        .instants(f::delivered_until, parcels.iter().map(|parcel| delivered(parcel).map(|event| event.until())))
        .instants(f::returned_at, parcels.iter().map(|parcel| returned(parcel).map(|event| event.at)))
        .flags(f::moved, parcels.iter().map(|parcel| parcel.history.is_some_and(|history| history.moved.is_some())))
        .numbers(f::events, parcels.iter().map(|parcel| Some(parcel.history.map_or(0, |history| history.events))))
        .days(f::last_on, parcels.iter().map(|parcel| parcel.history.and_then(|history| Some(history.last?.0.on))))
        .days(f::covered_until, parcels.iter().map(|parcel| coverage(parcel).map(|(_, last)| last)))
        .references(f::order_row, parcels.iter().map(|parcel| of(parcel).and_then(|place| order_rows.at(place))))
        .references(
            f::outcome_row,
            parcels.iter().zip(&outcomes).map(|(parcel, (_, event))| {
                event.map(|event| event.row).or(parcel.history.map(|history| history.first_row))
            }),
        )
        .references(f::lodged_row, parcels.iter().map(|parcel| lodged(parcel).map(|event| event.row)))
        .references(f::delivered_row, parcels.iter().map(|parcel| delivered(parcel).map(|event| event.row)))
        .references(f::returned_row, parcels.iter().map(|parcel| returned(parcel).map(|event| event.row)));
    facts.finish()
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
pub fn number_facts(parcels: &[Parcel], orders_frame: &DataFrame, accounts: &Accounts) -> PolarsResult<DataFrame> {
    let order_nos = read::texts(orders_frame, orders::order_no)?;
    let names = read::texts(orders_frame, orders::account)?;
    let tests = read::flags(orders_frame, orders::test)?;
    let order_rows = read::references(orders_frame, orders::row)?;
    let of_an_order = |parcel: &&Parcel| parcel.order.is_some_and(|place| !tests.at(place));
    let mut first_uses: Map<&str, usize> = Map::with_capacity_and_hasher(parcels.len(), FixedState::default());
    let mut used_again: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let shares = |parcel: &&Parcel| shares_parcels(accounts.pipeline(), parcel.carrier);
    for parcel in parcels.iter().filter(of_an_order).filter(|parcel| !shares(parcel)) {
        let Some(place) = parcel.order else { continue };
        let first = *first_uses.entry(parcel.key).or_insert(place);
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
