//! The honest world: orders as they would be if everybody did everything right. No rule may find anything in it.
//!
//! What keeps it honest: an order is over long before its promised day, or the promise lies in the future; *delivered* is set on
//! the evening of the carrier's delivery, or at the latest 24 hours later to the minute; a parcel is scanned on the day it is
//! shipped; refused parcels are accounted for within a day; refused orders had free postage, so that nobody need know who bears it.

use std::sync::Arc;

use chrono::{Datelike, Days, Duration, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;
use fastrand::Rng;

use crate::base::zone;
use crate::pipeline::pack::Pack;
use crate::sample::SampleError;
use crate::sample::biller::Biller;
use crate::sample::merchant::{AccountPlan, Dropship, Holds, Merchant, Way};
use crate::sample::order::{Cash, Claim, Line, Order, Payout, Sent, Shop, SupplierOrder};
use crate::sample::packs::Packs;
use crate::sample::parcel::{CarrierState, Ending, Parcel, journey};
use crate::sample::payer::Payer;
use crate::sample::strays::{OverviewError, StrangeLine, StrayHistory, StrayScan};
use crate::sample::truth::Truth;
use crate::vocab::{Actor, OrderStatus, TrackingCode, Word};

/// What was planted under one heading.
#[derive(Debug, Clone)]
pub struct Planted {
    /// Rule, or the kind of row.
    pub code: &'static str,
    /// In words.
    pub what: &'static str,
    /// Orders or other keys.
    pub keys: Vec<String>,
}

/// An account with what its plan refers to.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its plan.
    pub plan: AccountPlan,
    /// Its zone.
    pub zone: Tz,
    /// Its pack.
    pub pack: Arc<Pack>,
    /// It pays by calendar.
    pub payer: Option<Payer>,
    /// It pays by invoices.
    pub biller: Option<Biller>,
}

/// Everything that the exports are written from.
#[derive(Debug)]
pub struct World {
    /// Who it is about.
    pub merchant: Merchant,
    /// Packs read.
    pub packs: Packs,
    /// Accounts, in the merchant's order.
    pub accounts: Vec<Account>,
    /// Carriers, in the merchant's order.
    pub carriers: Vec<CarrierState>,
    /// Orders by account and creation.
    pub orders: Vec<Order>,
    /// First and last day of each carrier's dump. Nothing is planted on the orders that give them.
    pub coverage: Vec<Option<(NaiveDate, NaiveDate)>>,
    /// First instant that the exports do not hold.
    pub end: NaiveDateTime,
    /// Payout lines without an order.
    pub strange_lines: Vec<StrangeLine>,
    /// History rows without an order.
    pub stray_history: Vec<StrayHistory>,
    /// Wrong rows of the postage overview.
    pub overview_errors: Vec<OverviewError>,
    /// Scans outside journeys.
    pub stray_scans: Vec<StrayScan>,
    /// Remittances whose transfer is less than their rows: number of the remittance, by how much, minor units.
    pub short_transfers: Vec<(String, i64)>,
    /// Accounts from whose statements the newest are missing: account, first missing payout.
    pub lost_statements: Vec<(usize, NaiveDate)>,
    /// What a perfect run finds.
    pub truth: Vec<Truth>,
    /// What was planted.
    pub planted: Vec<Planted>,
    /// Choices.
    pub rng: Rng,
    mix: Vec<usize>,
    next_return: u64,
    next_credit_note: u64,
    next_supplier_order: u64,
}

impl World {
    /// The honest world of a merchant.
    ///
    /// # Errors
    /// When the plan and the packs do not fit each other.
    pub fn honest(merchant: Merchant, orders: u32, seed: u64) -> Result<World, SampleError> {
        let mut packs = Packs::default();
        let accounts = accounts_of(&merchant, &mut packs)?;
        let carriers = carriers_of(&merchant, &mut packs)?;
        let next_return = merchant
            .accounts
            .iter()
            .find_map(|account| account.biller.as_ref())
            .map_or(0, |biller| biller.return_series);
        let next_supplier_order =
            merchant.accounts.iter().find_map(|account| account.dropship.as_ref()).map_or(0, |way| way.first_order_no);
        let mut world = World {
            end: midnight(merchant.as_of + Days::new(1)),
            merchant,
            packs,
            accounts,
            carriers,
            orders: Vec::with_capacity(orders as usize),
            coverage: Vec::new(),
            strange_lines: Vec::new(),
            stray_history: Vec::new(),
            overview_errors: Vec::new(),
            stray_scans: Vec::new(),
            short_transfers: Vec::new(),
            lost_statements: Vec::new(),
            truth: Vec::new(),
            planted: Vec::new(),
            rng: Rng::with_seed(seed),
            mix: Vec::new(),
            next_return,
            next_credit_note: 0,
            next_supplier_order,
        };
        for (account, count) in shares(&world.merchant, orders) {
            world.open_account(account, count)?;
        }
        world.attribute_cancellations();
        world.coverage = (0..world.carriers.len()).map(|carrier| world.fix_coverage(carrier)).collect();
        world.mix = (0..world.orders.len()).collect();
        world.rng.shuffle(&mut world.mix);
        Ok(world)
    }

    /// Takes up to `count` orders that fit and that nobody has taken; what is planted on them is on them alone.
    pub fn pick(&mut self, count: usize, fits: impl Fn(&World, &Order) -> bool) -> Vec<usize> {
        let free = |place: usize| {
            let order = &self.orders[place];
            !order.taken && !self.accounts[order.account].plan.loses_statement && fits(self, order)
        };
        let found: Vec<usize> = self.mix.iter().copied().filter(|place| free(*place)).take(count).collect();
        for place in &found {
            self.orders[*place].taken = true;
        }
        found
    }

    /// The account of an order.
    pub fn account_of(&self, order: &Order) -> &Account {
        &self.accounts[order.account]
    }

    /// Status of an order when the exports are taken.
    pub fn status(&self, order: &Order) -> OrderStatus {
        order.status(self.end, self.account_of(order).plan.in_work)
    }

    /// Whether a carrier can say that a parcel came back.
    pub fn can_return(&self, order: &Order) -> bool {
        self.carriers[order.carrier].codes.contains(&TrackingCode::Returned)
    }

    /// Writes down a finding about an order.
    pub fn expect(&mut self, code: &'static str, place: usize, note: &str) {
        let order = &self.orders[place];
        let truth = Truth::of(code, &self.account_of(order).plan.name, note).order(&order.number);
        self.truth.push(truth);
    }

    /// Writes down a finding about an order's parcel.
    pub fn expect_shipment(&mut self, code: &'static str, place: usize, note: &str) {
        let order = &self.orders[place];
        let truth =
            Truth::of(code, &self.account_of(order).plan.name, note).order(&order.number).shipment(&order.tracking);
        self.truth.push(truth);
    }

    /// Numbers of orders.
    pub fn numbers(&self, places: &[usize]) -> Vec<String> {
        places.iter().map(|place| self.orders[*place].number.clone()).collect()
    }

    fn open_account(&mut self, account: usize, count: u32) -> Result<(), SampleError> {
        let plan = self.accounts[account].plan.clone();
        let span = (self.merchant.last_day - self.merchant.first_day).num_days() + 1;
        let mut created: Vec<(NaiveDateTime, bool)> = plan
            .certain_days
            .iter()
            .take(count as usize)
            .map(|day| (clock(*day, 9, self.rng.u32(0..60)), true))
            .collect();
        while created.len() < count as usize {
            let day = self.merchant.first_day + Days::new(self.rng.i64(0..span).unsigned_abs());
            created.push((clock(day, self.rng.u32(6..22), self.rng.u32(0..60)), false));
        }
        created.sort_unstable();
        let mut number = plan.first_order_no;
        for (created, certain) in created {
            number += 1 + self.rng.u64(0..7);
            let order = self.order(account, &plan, number, created, certain)?;
            self.orders.push(order);
        }
        Ok(())
    }

    fn order(
        &mut self,
        account: usize,
        plan: &AccountPlan,
        number: u64,
        created: NaiveDateTime,
        certain: bool,
    ) -> Result<Order, SampleError> {
        let mut order = Order {
            account,
            way: plan.way,
            number: number.to_string(),
            created,
            paid: created,
            opened: None,
            accepted: None,
            labelled: None,
            shipped: None,
            delivered: None,
            delivered_set: None,
            returned: None,
            rejected: None,
            cancelled: None,
            cancel_actor: Actor::Unknown,
            lines: self.lines(plan)?,
            postage: 0,
            cod: self.chance(plan.cod_percent),
            cod_fee: 0,
            sent: Sent::Method(0),
            carrier: 0,
            tracking: String::new(),
            url: String::new(),
            parcel: None,
            test: false,
            small: false,
            expected: created.date() + Days::new(14),
            shop: if plan.way == Way::Invoices { Shop::Same } else { Shop::Absent },
            shop_twice: false,
            supplier: Vec::new(),
            address: String::new(),
            claim: None,
            payout: Payout::Due,
            cash: Cash::Whole,
            unbilled: false,
            misnumbered: false,
            word: None,
            flaw: None,
            slip: None,
            taken: certain,
        };
        order.cod_fee = if order.cod { plan.cod_fee } else { 0 };
        self.choose_way(&mut order, plan)?;
        self.begin(&mut order);
        self.live(&mut order, plan, certain)?;
        Ok(order)
    }

    fn lines(&mut self, plan: &AccountPlan) -> Result<Vec<Line>, SampleError> {
        let count = [1, 1, 1, 2, 2, 3][self.rng.usize(0..6)];
        let first = self.rng.usize(0..self.merchant.articles.len());
        let mut lines = Vec::with_capacity(count);
        for step in 0..count {
            let article = (first + step * 2) % self.merchant.articles.len();
            let price = self.merchant.articles[article].price.get(&plan.currency).copied();
            let price = price
                .ok_or_else(|| SampleError::Plan(format!("no price of article {article} in {}", plan.currency)))?;
            let qty = [1, 1, 1, 1, 2, 3][self.rng.usize(0..6)];
            lines.push(Line { article, qty, qty_cancelled: 0, cancelled: None, price });
        }
        Ok(lines)
    }

    fn choose_way(&mut self, order: &mut Order, plan: &AccountPlan) -> Result<(), SampleError> {
        if let Some(dropship) = &plan.dropship
            && self.chance(dropship.percent)
        {
            order.sent = Sent::Supplier;
            order.postage = dropship.price;
            order.carrier = self.merchant.carrier_index(&dropship.carrier)?;
            order.shop = Shop::Absent;
            order.address = self.address(dropship.address_limit);
            return Ok(());
        }
        let total: u32 = plan.methods.iter().map(|method| method.share).sum();
        let mut draw = self.rng.u32(0..total.max(1));
        for (place, method) in plan.methods.iter().enumerate() {
            if draw < method.share {
                order.sent = Sent::Method(place);
                order.carrier = self.merchant.carrier_index(&method.carrier)?;
                order.postage = if plan.way == Way::Calendar && self.chance(8) { 0 } else { method.price };
                break;
            }
            draw -= method.share;
        }
        order.small = plan.own_service.as_ref().is_some_and(|service| self.rng.u32(0..100) < service.small_percent);
        Ok(())
    }

    /// From creation to the start of work.
    fn begin(&mut self, order: &mut Order) {
        let created = order.created;
        order.paid = match order.way {
            Way::Calendar if self.chance(6) => created + Duration::days(1),
            Way::Calendar => created + Duration::minutes(self.rng.i64(2..20)),
            _ => created + Duration::minutes(self.rng.i64(3..10)),
        };
        if order.way == Way::Invoices {
            order.opened = Some(order.paid);
        }
        let slow = order.way == Way::Calendar && self.chance(15);
        let minutes = if slow { self.rng.i64(1_440..2_400) } else { self.rng.i64(60..300) };
        order.accepted = Some(order.paid + Duration::minutes(minutes));
    }

    /// The course of the order: what becomes of it.
    fn live(&mut self, order: &mut Order, plan: &AccountPlan, certain: bool) -> Result<(), SampleError> {
        let draw = if certain { 999 } else { self.rng.u32(0..1000) };
        let old_enough = order.created.date() + Days::new(34) <= self.merchant.as_of;
        let can_return = self.carriers[order.carrier].codes.contains(&TrackingCode::Returned);
        let fresh = order.created.date() + Days::new(2) > self.merchant.as_of;
        match (order.sent, order.way, draw) {
            (Sent::Supplier, ..) => self.dropship(order, plan),
            (_, Way::Invoices, 0..10) => self.test(order),
            (_, Way::Invoices, 10..20) => self.never_paid(order),
            (_, Way::Invoices, 20..220) if fresh => self.still_blocked(order),
            (_, _, 20..60) => self.cancel(order),
            (_, _, 60..85) if old_enough && can_return => self.refuse(order),
            _ => self.deliver(order, plan),
        }
    }

    fn test(&mut self, order: &mut Order) -> Result<(), SampleError> {
        order.test = true;
        order.shop = Shop::Absent;
        order.accepted = None;
        order.cancelled = Some(order.created + Duration::hours(1));
        order.cancel_actor = Actor::Partner;
        Ok(())
    }

    fn never_paid(&mut self, order: &mut Order) -> Result<(), SampleError> {
        self.still_blocked(order)?;
        order.cancelled = Some(order.created + Duration::days(7));
        order.cancel_actor = Actor::Marketplace;
        Ok(())
    }

    fn still_blocked(&mut self, order: &mut Order) -> Result<(), SampleError> {
        order.opened = None;
        order.accepted = None;
        order.cod = false;
        order.cod_fee = 0;
        order.shop = Shop::Absent;
        Ok(())
    }

    /// The buyer changes their mind before the parcel leaves; some have a label already.
    fn cancel(&mut self, order: &mut Order) -> Result<(), SampleError> {
        let accepted = order.accepted.unwrap_or(order.paid);
        let later = if self.chance(30) { 20 } else { 60 * 8 };
        let cancelled = accepted + Duration::minutes(later);
        if order.way == Way::Calendar && self.chance(20) {
            order.labelled = Some(accepted);
            self.send(order, accepted + Duration::minutes(15), Ending::LabelOnly);
        }
        cancel_whole(order, cancelled, Actor::Customer);
        Ok(())
    }

    /// The buyer does not take the parcel; it comes back. Big boxes only, which no own delivery service takes.
    fn refuse(&mut self, order: &mut Order) -> Result<(), SampleError> {
        order.small = false;
        let shipped = self.shipping(order);
        order.shipped = Some(shipped);
        self.send(order, shipped, Ending::Returned);
        let back = order.parcel.as_ref().and_then(|parcel| parcel.events.last()).map_or(shipped, |event| event.0);
        let noticed = Some(back + Duration::minutes(self.rng.i64(120..1200)));
        match order.way {
            Way::Calendar => {
                order.rejected = noticed;
                order.postage = 0;
            }
            _ => order.returned = noticed,
        }
        Ok(())
    }

    fn deliver(&mut self, order: &mut Order, plan: &AccountPlan) -> Result<(), SampleError> {
        let shipped = self.shipping(order);
        order.shipped = Some(shipped);
        let activated = plan.own_delivery_activation_date.is_some_and(|day| shipped.date() >= day);
        if let Some(service) = &plan.own_service
            && order.small
            && activated
        {
            order.sent = Sent::OwnService;
            order.postage = service.price;
            order.carrier = self.merchant.carrier_index(&service.carrier)?;
        }
        let (delivered, ready) = self.arrival(order, shipped);
        self.send(order, shipped, Ending::Delivered(delivered, ready));
        self.mark_delivered(order, delivered);
        self.maybe_cancel_a_piece(order);
        self.maybe_withdraw(order, plan);
        Ok(())
    }

    fn shipping(&mut self, order: &Order) -> NaiveDateTime {
        let day = order.accepted.unwrap_or(order.paid).date() + Days::new(1 + self.rng.u64(0..2));
        clock(weekday_from(day), self.rng.u32(10..17), self.rng.u32(0..60))
    }

    fn arrival(&mut self, order: &Order, shipped: NaiveDateTime) -> (NaiveDateTime, Option<NaiveDateTime>) {
        let mut day = shipped.date() + Days::new(1 + self.rng.u64(0..3));
        if day.weekday() == Weekday::Sun {
            day = day + Days::new(1);
        }
        if self.waits_at_point(order) {
            let ready = clock(day, self.rng.u32(8..11), self.rng.u32(0..60));
            let day = day + Days::new(self.rng.u64(0..3));
            (clock(day, self.rng.u32(12..20), self.rng.u32(0..60)), Some(ready))
        } else {
            (clock(day, self.rng.u32(8..18), self.rng.u32(0..60)), None)
        }
    }

    fn waits_at_point(&self, order: &Order) -> bool {
        match order.sent {
            Sent::Method(place) => {
                self.accounts[order.account].plan.methods.get(place).is_some_and(|method| method.point)
            }
            _ => false,
        }
    }

    /// *Delivered* follows on the same evening; where marketplace and carrier both have clocks, some merchants take exactly a day.
    pub fn mark_delivered(&mut self, order: &mut Order, delivered: NaiveDateTime) {
        let next_day = delivered + Duration::days(1);
        let zone = self.accounts[order.account].zone;
        let exactly_a_day =
            zone::to_utc_millis(next_day, zone) - zone::to_utc_millis(delivered, zone) == 24 * 3_600_000;
        let day_only = self.merchant.carriers[order.carrier].date_only;
        let slow = order.way == Way::Invoices && exactly_a_day && !day_only && self.chance(5);
        let set = if slow { next_day } else { delivered + Duration::minutes(self.rng.i64(30..200)) };
        order.delivered_set = Some(set);
        order.delivered = Some(if order.way == Way::Calendar { set } else { delivered });
    }

    /// One piece is cancelled before the parcel is packed, or sent back within the withdrawal period.
    fn maybe_cancel_a_piece(&mut self, order: &mut Order) {
        if order.way != Way::Calendar || order.taken || !self.chance(4) {
            return;
        }
        let late = order.delivered_set.map(|set| set + Duration::days(4)).filter(|_| self.chance(50));
        let early = order.accepted.map(|accepted| accepted + Duration::minutes(30));
        if let Some(when) = late.filter(|when| *when < self.end).or(early) {
            cancel_a_piece(order, when);
        }
    }

    fn maybe_withdraw(&mut self, order: &mut Order, plan: &AccountPlan) {
        if plan.biller.is_none() || !self.chance(4) {
            return;
        }
        let whole = order.pieces() == 1 || self.chance(60);
        let days = 5 + self.rng.u64(0..8);
        self.withdraw(order, days, whole);
    }

    /// A return document so many days after delivery, and its complete credit note in time, after the invoice.
    pub fn withdraw(&mut self, order: &mut Order, days: u64, whole: bool) {
        let (Some(delivered), Some(set)) = (order.delivered, order.delivered_set) else { return };
        let requested = delivered.date() + Days::new(days);
        if requested > self.merchant.as_of {
            return;
        }
        let Some(invoiced) = self.accounts[order.account].biller.as_ref().map(|biller| biller.invoice_after(set))
        else {
            return;
        };
        let issued = (requested + Days::new(3 + self.rng.u64(0..6))).max(invoiced + Days::new(1));
        self.next_return += 1 + self.rng.u64(0..5);
        order.claim = Some(Claim {
            return_no: self.next_return.to_string(),
            requested,
            line: if whole { None } else { Some(0) },
            fictitious: false,
            credit: Some((self.credit_note_no(order.account), issued)),
            without_qty: false,
        });
    }

    fn credit_note_no(&mut self, account: usize) -> String {
        self.next_credit_note += 1;
        self.accounts[account]
            .biller
            .as_ref()
            .map_or_else(String::new, |biller| biller.credit_note(self.next_credit_note - 1))
    }

    /// The supplier sends it; its number and link come back to the channel.
    fn dropship(&mut self, order: &mut Order, plan: &AccountPlan) -> Result<(), SampleError> {
        let Some(dropship) = plan.dropship.clone() else { return Ok(()) };
        let opened = order.opened.unwrap_or(order.created);
        let halves = order.lines.len() > 1 && self.chance(25);
        let all: Vec<usize> = (0..order.lines.len()).collect();
        let parts = if halves { vec![vec![0], all[1..].to_vec()] } else { vec![all] };
        for lines in parts {
            let supplier_order = self.supplier_order(opened + Duration::minutes(20), "auto", lines);
            order.supplier.push(supplier_order);
        }
        self.ship_by_supplier(order, &dropship);
        Ok(())
    }

    fn ship_by_supplier(&mut self, order: &mut Order, dropship: &Dropship) {
        let shipped = self.shipping(order);
        order.shipped = Some(shipped);
        order.postage = dropship.price;
        let (delivered, _) = self.arrival(order, shipped);
        self.send(order, shipped, Ending::Delivered(delivered, None));
        self.mark_delivered(order, delivered);
    }

    /// A new order at the supplier.
    pub fn supplier_order(&mut self, created: NaiveDateTime, origin: &'static str, lines: Vec<usize>) -> SupplierOrder {
        self.next_supplier_order += 1 + self.rng.u64(0..3);
        SupplierOrder { number: self.next_supplier_order, created, status: None, origin, reason: None, lines }
    }

    /// Gives the order a number, a link and, where the merchant has the carrier's dump, a parcel in it.
    pub fn send(&mut self, order: &mut Order, shipped: NaiveDateTime, ending: Ending) {
        let plan = &self.merchant.carriers[order.carrier];
        let carrier = &mut self.carriers[order.carrier];
        let number = carrier.number(plan, &mut self.rng);
        order.labelled.get_or_insert(shipped);
        order.url = plan.url.replace("{number}", &number);
        order.tracking.clone_from(&number);
        order.parcel = (!carrier.codes.is_empty()).then(|| Parcel {
            carrier: order.carrier,
            number,
            events: journey(shipped, ending, &carrier.codes, &mut self.rng),
        });
    }

    /// An address of at most so many characters; some use them all.
    fn address(&mut self, limit: usize) -> String {
        let streets = ["Štefánikova", "Námestie slobody", "Ulica Jána Hollého", "Mierová", "Dlhá"];
        let towns = ["811 05 Bratislava", "040 01 Košice", "010 01 Žilina", "974 01 Banská Bystrica"];
        let street = streets[self.rng.usize(0..streets.len())];
        let town = towns[self.rng.usize(0..towns.len())];
        let address = format!("{street} {}, {town}", self.rng.u32(1..180));
        if self.chance(10) { padded(&address, limit) } else { address }
    }

    /// Draws with so many percent.
    pub fn chance(&mut self, percent: u32) -> bool {
        percent > 0 && self.rng.u32(0..100) < percent
    }

    /// Keeps the orders with the first and the last scan of a dump as they are.
    fn fix_coverage(&mut self, carrier: usize) -> Option<(NaiveDate, NaiveDate)> {
        let scans = |place: usize| {
            let parcel = self.orders[place].parcel.as_ref().filter(|parcel| parcel.carrier == carrier);
            let events = parcel.map_or(&[][..], |parcel| parcel.events.as_slice());
            events.iter().map(|(at, _)| *at).filter(|at| *at < self.end)
        };
        let first = (0..self.orders.len()).flat_map(|place| scans(place).map(move |at| (at, place))).min()?;
        let last = (0..self.orders.len()).flat_map(|place| scans(place).map(move |at| (at, place))).max()?;
        self.orders[first.1].taken = true;
        self.orders[last.1].taken = true;
        Some((first.0.date(), last.0.date()))
    }

    /// A few cancellations are the merchant's own: fewer in any month than a marketplace allows.
    fn attribute_cancellations(&mut self) {
        let mut months: std::collections::BTreeMap<(usize, i32, u32), (usize, Vec<usize>)> =
            std::collections::BTreeMap::new();
        for (place, order) in
            self.orders.iter().enumerate().filter(|(_, order)| !order.test && order.accepted.is_some())
        {
            let month = (order.account, order.created.year(), order.created.month());
            let entry = months.entry(month).or_default();
            entry.0 += 1;
            if order.cancelled.is_some() {
                entry.1.push(place);
            }
        }
        for (created, cancelled) in months.into_values() {
            for place in cancelled.into_iter().take(created * 8 / 1000) {
                self.orders[place].cancel_actor = Actor::Partner;
            }
        }
    }
}

/// Cancels a whole order.
pub fn cancel_whole(order: &mut Order, cancelled: NaiveDateTime, actor: Actor) {
    order.cancelled = Some(cancelled);
    order.cancel_actor = actor;
    for line in &mut order.lines {
        line.qty_cancelled = line.qty;
        line.cancelled = Some(cancelled);
    }
}

/// Cancels one piece of an order that has more; `false` when it has not.
pub fn cancel_a_piece(order: &mut Order, when: NaiveDateTime) -> bool {
    if order.pieces() < 2 {
        return false;
    }
    let place = order.lines.iter().position(|line| line.qty > 1).unwrap_or(0);
    order.lines[place].qty_cancelled = 1;
    order.lines[place].cancelled = Some(when);
    true
}

/// The address lengthened to exactly so many characters.
pub fn padded(address: &str, length: usize) -> String {
    let mut text = format!("{address}, vchod ");
    while text.chars().count() < length {
        text.push('ř');
    }
    text.chars().take(length).collect()
}

/// 00:00 of a day.
pub fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

/// A minute of a day.
pub fn clock(day: NaiveDate, hour: u32, minute: u32) -> NaiveDateTime {
    day.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN))
}

fn weekday_from(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Days::new(2),
        Weekday::Sun => day + Days::new(1),
        _ => day,
    }
}

/// Orders per account: its share, at least its least, the first account takes the rest.
fn shares(merchant: &Merchant, orders: u32) -> Vec<(usize, u32)> {
    let selling = || merchant.accounts.iter().enumerate().filter(|(_, account)| account.percent > 0);
    let mut counts: Vec<(usize, u32)> = selling()
        .map(|(place, account)| {
            let share = u64::from(orders) * u64::from(account.percent) / 100;
            (place, u32::try_from(share).unwrap_or(u32::MAX).max(account.least))
        })
        .collect();
    let others: u32 = counts.iter().skip(1).map(|(_, count)| *count).sum();
    if let Some(first) = counts.first_mut() {
        first.1 = orders.saturating_sub(others);
    }
    counts
}

fn accounts_of(merchant: &Merchant, packs: &mut Packs) -> Result<Vec<Account>, SampleError> {
    let mut accounts = Vec::new();
    for plan in &merchant.accounts {
        let payer = match &plan.payer {
            Some(payer) => Some(Payer::new(payer.clone(), packs.calendar(&payer.calendar)?)),
            None => None,
        };
        let zone = plan.timezone.parse().map_err(|_| SampleError::Plan(format!("no zone {}", plan.timezone)))?;
        accounts.push(Account {
            zone,
            pack: packs.pack(&plan.pack)?,
            payer,
            biller: plan.biller.clone().map(|biller| Biller::new(biller, merchant.as_of)),
            plan: plan.clone(),
        });
    }
    Ok(accounts)
}

fn carriers_of(merchant: &Merchant, packs: &mut Packs) -> Result<Vec<CarrierState>, SampleError> {
    let mut carriers: Vec<CarrierState> = merchant
        .carriers
        .iter()
        .map(|plan| CarrierState { codes: std::collections::BTreeSet::new(), next: plan.first })
        .collect();
    for source in merchant.sources.iter().filter(|source| source.holds == Holds::Tracking) {
        let name = source.carrier.as_deref().unwrap_or_default();
        let place = merchant.carrier_index(name)?;
        if let Some(labels) = packs.layout(&source.layout)?.labels.get("code") {
            carriers[place].codes = labels.keys().filter_map(|word| TrackingCode::of(word)).collect();
        }
    }
    Ok(carriers)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sample::merchant::merchant;

    const DAY: i64 = 24 * 3_600_000;

    fn event(order: &Order, code: TrackingCode, end: NaiveDateTime) -> Option<NaiveDateTime> {
        let events = &order.parcel.as_ref()?.events;
        events.iter().find(|(at, seen)| *seen == code && *at < end).map(|(at, _)| *at)
    }

    /// The conditions of the rules, one by one, on many honest orders; instants are compared in UTC.
    #[test]
    fn honest_orders_break_no_rule() {
        let world = World::honest(merchant().unwrap(), 20_000, 11).unwrap();
        let end = world.end;
        for order in &world.orders {
            let account = world.account_of(order);
            let utc = |time| zone::to_utc_millis(time, account.zone);
            let status = world.status(order);
            let what = format!("{} {} {status}", account.plan.name, order.number);
            let day_only = world.merchant.carriers[order.carrier].date_only;
            let delivered = event(order, TrackingCode::Delivered, end);
            let open = matches!(
                status,
                OrderStatus::New | OrderStatus::Accepted | OrderStatus::Packing | OrderStatus::Shipped
            );
            if let Some(delivered) = delivered {
                let from = if day_only { midnight(delivered.date()) } else { delivered };
                match order.delivered_set.filter(|set| *set < end) {
                    Some(set) => assert!(utc(set) - utc(from) <= DAY, "late: {what}"),
                    None => assert!(utc(end) - utc(from) <= DAY, "not marked: {what}"),
                }
            }
            if status == OrderStatus::Delivered && order.parcel.is_some() {
                assert!(delivered.is_some(), "never delivered: {what}");
                assert!(order.delivered.unwrap().date() <= order.expected, "after the promise: {what}");
            }
            assert!(!open || order.expected >= world.merchant.as_of, "overdue: {what}");
            if let Some(back) = event(order, TrackingCode::Returned, end) {
                let set = order.returned.or(order.rejected).unwrap();
                assert!(utc(set) - utc(back) <= 2 * DAY && set >= back, "returned late: {what}");
                assert!(set < end && (order.way == Way::Invoices || order.postage == 0), "postage: {what}");
            }
            if order.cancelled.is_some() {
                let quiet = [TrackingCode::Registered, TrackingCode::Cancelled];
                let events = order.parcel.as_ref().map_or(&[][..], |parcel| parcel.events.as_slice());
                assert!(events.iter().all(|(_, code)| quiet.contains(code)), "cancelled and moving: {what}");
            }
            if let (Some(shipped), Some(parcel)) = (order.shipped, &order.parcel) {
                let first = parcel.events.iter().find(|(_, code)| *code == TrackingCode::Accepted).unwrap().0;
                assert!(first.date() == shipped.date() && first > shipped, "scanned late: {what}");
                let activated = account.plan.own_delivery_activation_date.is_some_and(|day| first.date() >= day);
                assert!(!order.small || !activated, "old carrier: {what}");
                assert!(order.accepted.unwrap() < shipped, "shipped before work: {what}");
            }
            let articles: BTreeSet<usize> = order.lines.iter().map(|line| line.article).collect();
            assert_eq!(articles.len(), order.lines.len(), "article twice: {what}");
            assert!(order.address.chars().count() <= 70, "address: {what}");
            if let Some(claim) = &order.claim {
                let (_, issued) = claim.credit.as_ref().unwrap();
                assert!(*issued <= claim.requested + Days::new(14), "credit note late: {what}");
                let invoiced = account.biller.as_ref().unwrap().invoice_after(order.delivered_set.unwrap());
                assert!(*issued > invoiced && claim.requested <= world.merchant.as_of, "credited first: {what}");
            }
        }
    }

    #[test]
    fn every_course_occurs() {
        let world = World::honest(merchant().unwrap(), 4_000, 2).unwrap();
        let statuses: BTreeSet<&str> = world.orders.iter().map(|order| world.status(order).text()).collect();
        for status in
            ["blocked", "new", "accepted", "packing", "shipped", "delivered", "returned", "rejected", "cancelled"]
        {
            assert!(statuses.contains(status), "{status}");
        }
        assert!(world.orders.iter().any(|order| order.test));
        assert!(world.orders.iter().any(|order| order.supplier.len() == 2));
        assert!(world.orders.iter().any(Order::is_partly_cancelled));
        assert!(world.orders.iter().any(|order| order.address.chars().count() == 70));
        assert!(world.orders.iter().any(|order| order.cancelled.is_some() && order.parcel.is_some()));
        assert!(
            world.orders.iter().any(|order| order.delivered_set == order.delivered.map(|at| at + Duration::days(1)))
        );
    }
}
