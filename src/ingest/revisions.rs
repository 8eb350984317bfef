//! Rows that stand twice: duplicate, superseded, or a conflict that nothing decides (contract §3, keyed and event kinds).

mod unreadable;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::base::map::{Map, Set};
use crate::frame::kind::spec_of;
use crate::ingest::columns::Value;
use crate::ingest::part::{Fate, Loaded};
use crate::ingest::refused::At;
use crate::vocab::{Kind, Word};

/// Keys that one thread decides about at a time.
const CLASSES: usize = 1 << 10;

/// What is decided about rows that stand twice.
#[derive(Debug, Default)]
struct Decisions {
    fates: Vec<(At, Fate)>,
    /// First rows of orders whose order columns stand in an earlier file too.
    repeated: Vec<At>,
    /// Refused rows (part, place) whose key a later file supplies, with its row.
    replaced: Vec<(usize, usize, At)>,
}

/// Decides about all rows that stand twice.
pub(super) fn settle(parts: &mut [Loaded<'_, '_>]) {
    let shared: &[Loaded<'_, '_>] = parts;
    let decisions: Vec<Decisions> = Kind::ALL
        .par_iter()
        .map(|kind| if spec_of(*kind).key.is_empty() { events(shared, *kind) } else { keyed(shared, *kind) })
        .collect();
    for decisions in decisions {
        for (at, fate) in decisions.fates {
            parts[at.part].fates.set(at.row, fate);
        }
        for (part, place, by) in decisions.replaced {
            parts[part].replaced.insert(place, by);
        }
        for at in decisions.repeated {
            if let Some(orders) = &mut parts[at.part].orders {
                orders.repeated.insert(at.row);
            }
        }
    }
}

// ---- keyed kinds ----------------------------------------------------------------------------------------------------------------

/// All rows of one key in one part: one row, or the lines of an order.
struct Unit<'l> {
    part: usize,
    first: usize,
    /// Further rows, in a source with several rows per order.
    more: &'l [usize],
}

impl Unit<'_> {
    fn rows(&self) -> impl Iterator<Item = At> + '_ {
        let rows = std::iter::once(self.first).chain(self.more.iter().copied());
        rows.map(|row| At { part: self.part, row })
    }

    fn at(&self) -> At {
        At { part: self.part, row: self.first }
    }
}

fn keyed(parts: &[Loaded<'_, '_>], kind: Kind) -> Decisions {
    let units = units_of(parts, kind);
    let keys: Vec<Vec<usize>> = parts.iter().map(|part| part.plan.places(spec_of(kind).key)).collect();
    let key = |unit: &Unit<'_>| parts[unit.part].table.values(unit.first, &keys[unit.part]);
    let account = |unit: &Unit<'_>| parts[unit.part].plan.account_name();
    let hash = |place: usize| hash_of(account(&units[place]), key(&units[place]));
    let same = |a: usize, b: usize| account(&units[a]) == account(&units[b]) && key(&units[a]).eq(key(&units[b]));
    let decided: Vec<Decisions> = classes(units.len(), hash, same)
        .par_chunks(CLASSES)
        .map(|classes| {
            let mut decisions = Decisions::default();
            for class in classes {
                let rivals: Vec<&Unit<'_>> = class.iter().map(|place| &units[*place]).collect();
                Contest { parts, decisions: &mut decisions }.decide(&rivals);
            }
            decisions
        })
        .collect();
    let mut decisions = Decisions {
        fates: decided.iter().flat_map(|decisions| decisions.fates.iter().copied()).collect(),
        repeated: decided.iter().flat_map(|decisions| decisions.repeated.iter().copied()).collect(),
        replaced: Vec::new(),
    };
    unreadable::settle(parts, kind, &keys, &units, &mut decisions);
    decisions
}

fn units_of<'l>(parts: &'l [Loaded<'_, '_>], kind: Kind) -> Vec<Unit<'l>> {
    let mut units = Vec::new();
    for (place, part) in parts.iter().enumerate().filter(|(_, part)| part.kind() == kind && part.twin_of.is_none()) {
        match &part.orders {
            Some(orders) => {
                units.extend(orders.sound.iter().map(|rows| Unit { part: place, first: rows[0], more: &rows[1..] }))
            }
            None => units.extend((0..part.table.len()).map(|row| Unit { part: place, first: row, more: &[] })),
        }
    }
    units
}

/// Decides between the units of one key.
struct Contest<'c, 'a, 'p> {
    parts: &'c [Loaded<'a, 'p>],
    decisions: &'c mut Decisions,
}

/// What stands for a file between files.
#[derive(Clone)]
struct Candidate<'u> {
    unit: &'u Unit<'u>,
    /// The units by which the file contradicts itself: their rows are in quarantine unless a later file decides.
    contradicting: Vec<&'u Unit<'u>>,
}

impl Candidate<'_> {
    fn is_blocked(&self) -> bool {
        !self.contradicting.is_empty()
    }
}

impl<'c> Contest<'c, '_, '_> {
    fn decide(&mut self, rivals: &[&'c Unit<'c>]) {
        let mut candidates: Vec<Candidate<'c>> = Vec::new();
        let mut rest = rivals;
        while let Some(first) = rest.first() {
            let file = self.parts[first.part].file;
            let end = rest.iter().position(|unit| self.parts[unit.part].file != file).unwrap_or(rest.len());
            candidates.push(self.within_file(&rest[..end]));
            rest = &rest[end..];
        }
        if candidates.len() > 1 {
            // Of equal rows that of the later export is the duplicate; only without dates the digest decides (§16.24).
            let date = |candidate: &Candidate<'_>| self.parts[candidate.unit.part].export_date;
            if candidates.iter().all(|candidate| date(candidate).is_some()) {
                candidates.sort_by_key(date);
            }
            self.between_files(&candidates);
        }
    }

    /// Units of one file: equal ones are duplicates, others need a version.
    fn within_file(&mut self, units: &[&'c Unit<'c>]) -> Candidate<'c> {
        let mut distinct: Vec<&'c Unit<'c>> = Vec::new();
        let mut places: Map<u64, Vec<usize>> = Map::default();
        for unit in units {
            let alike = places.entry(self.hash(unit)).or_default();
            match alike.iter().map(|place| distinct[*place]).find(|known| self.same(known, unit)) {
                Some(known) => self.mark(unit, Fate::Duplicate(known.at())),
                None => {
                    alike.push(distinct.len());
                    distinct.push(unit);
                }
            }
        }
        let versions: Vec<Option<String>> = distinct.iter().map(|unit| self.version(unit)).collect();
        // A row without a version may be the latest.
        let latest = if versions.contains(&None) { None } else { versions.iter().max().cloned().flatten() };
        let is_top = |version: &Option<String>| latest.is_none() || *version == latest;
        let ranked = distinct.iter().zip(&versions);
        let top: Vec<&'c Unit<'c>> =
            ranked.clone().filter(|(_, version)| is_top(version)).map(|(unit, _)| *unit).collect();
        for (unit, _) in ranked.filter(|(_, version)| !is_top(version)) {
            self.mark(unit, Fate::Superseded(top[0].at()));
        }
        if top.len() > 1 {
            self.conflict(&top);
        }
        Candidate { unit: top[0], contradicting: if top.len() > 1 { top } else { Vec::new() } }
    }

    fn between_files(&mut self, candidates: &[Candidate<'c>]) {
        let first = &candidates[0];
        if candidates.iter().all(|other| !other.is_blocked() && self.same(first.unit, other.unit)) {
            for other in &candidates[1..] {
                self.mark(other.unit, Fate::Duplicate(first.unit.at()));
            }
            return;
        }
        match self.latest(candidates) {
            Some(top) => self.supersede(candidates, &top),
            None => self.undecided(candidates),
        }
    }

    /// The candidates of the latest version, else of the latest export; `None` when neither is known of all.
    fn latest(&self, candidates: &[Candidate<'c>]) -> Option<Vec<Candidate<'c>>> {
        let versions: Option<Vec<String>> = candidates.iter().map(|candidate| self.version(candidate.unit)).collect();
        let dates: Option<Vec<_>> =
            candidates.iter().map(|candidate| self.parts[candidate.unit.part].export_date).collect();
        let ranks: Vec<_> = match (versions, dates) {
            (None, None) => return None,
            (versions, dates) => (0..candidates.len())
                .map(|place| (versions.as_ref().map(|v| v[place].clone()), dates.as_ref().map(|d| d[place])))
                .collect(),
        };
        let best = ranks.iter().max()?;
        let top = candidates.iter().zip(&ranks).filter(|(_, rank)| *rank == best);
        Some(top.map(|(candidate, _)| candidate.clone()).collect())
    }

    fn supersede(&mut self, candidates: &[Candidate<'c>], top: &[Candidate<'c>]) {
        let sound =
            !top[0].is_blocked() && top.iter().all(|other| !other.is_blocked() && self.same(top[0].unit, other.unit));
        if !sound {
            return self.supersede_by_several(candidates, top);
        }
        let same: Vec<bool> = candidates
            .iter()
            .map(|candidate| !candidate.is_blocked() && self.same(candidate.unit, top[0].unit))
            .collect();
        let winner =
            candidates.iter().zip(&same).find(|(_, same)| **same).map_or(top[0].unit, |(winner, _)| winner.unit);
        for (candidate, same) in candidates.iter().zip(&same) {
            if candidate.unit.at() == winner.at() {
                continue;
            }
            let at = winner.at();
            // A later sound row answers the question that an earlier file left open (§16.13).
            for unit in &candidate.contradicting {
                self.mark(unit, Fate::Superseded(at));
            }
            if candidate.is_blocked() {
                continue;
            }
            self.mark(candidate.unit, if *same { Fate::Duplicate(at) } else { Fate::Superseded(at) });
        }
    }

    /// The latest files differ from each other: older ones count no more, and nothing decides between the latest.
    fn supersede_by_several(&mut self, candidates: &[Candidate<'c>], top: &[Candidate<'c>]) {
        let of_top: Set<At> = top.iter().map(|top| top.unit.at()).collect();
        let is_top = |unit: &Unit<'_>| of_top.contains(&unit.at());
        for candidate in candidates.iter().filter(|candidate| !candidate.is_blocked() && !is_top(candidate.unit)) {
            self.mark(candidate.unit, Fate::Superseded(top[0].unit.at()));
        }
        if top.len() > 1 {
            self.undecided(top);
        }
    }

    /// Nothing tells which file is later. Lines of one order in several files are put together; anything else is a conflict.
    fn undecided(&mut self, candidates: &[Candidate<'c>]) {
        let first = &candidates[0];
        let has_lines = |candidate: &Candidate<'_>| self.parts[candidate.unit.part].orders.is_some();
        let one_order = candidates
            .iter()
            .all(|other| !other.is_blocked() && has_lines(other) && self.same_order(first.unit, other.unit));
        let units: Vec<&'c Unit<'c>> = candidates.iter().map(|candidate| candidate.unit).collect();
        if one_order { self.unite(&units) } else { self.conflict(&units) }
    }

    /// Each line counts as often as in the file that has it most often.
    fn unite(&mut self, units: &[&'c Unit<'c>]) {
        let mut used: Map<u64, Vec<LineClass>> = Map::default();
        for (place, unit) in units.iter().enumerate() {
            for at in unit.rows() {
                let alike = used.entry(self.hash_of_line(at)).or_default();
                let class = alike.iter().position(|class| self.same_line(class.rows[0], at));
                let Some(class) = class else {
                    alike.push(LineClass { rows: vec![at], unit: place, seen: 1 });
                    continue;
                };
                let class = &mut alike[class];
                if class.unit != place {
                    (class.unit, class.seen) = (place, 0);
                }
                match class.rows.get(class.seen) {
                    Some(known) => self.decisions.fates.push((at, Fate::Duplicate(*known))),
                    None => class.rows.push(at),
                }
                class.seen += 1;
            }
            if place > 0 {
                self.decisions.repeated.push(unit.at());
            }
        }
    }

    fn conflict(&mut self, units: &[&'c Unit<'c>]) {
        for (place, unit) in units.iter().enumerate() {
            let with = if place == 0 { units[1] } else { units[0] };
            self.mark(unit, Fate::Conflict(with.at()));
        }
    }

    fn mark(&mut self, unit: &Unit<'_>, fate: Fate) {
        self.decisions.fates.extend(unit.rows().map(|at| (at, fate)));
    }

    fn same_order(&self, a: &Unit<'_>, b: &Unit<'_>) -> bool {
        let (one, other) = (&self.parts[a.part], &self.parts[b.part]);
        one.table.agrees(a.first, &other.table, b.first, &one.plan.order_fields())
    }

    fn same_line(&self, a: At, b: At) -> bool {
        let (one, other) = (&self.parts[a.part], &self.parts[b.part]);
        one.table.agrees(a.row, &other.table, b.row, &one.plan.line_fields())
    }

    /// Identical: all fields, and the same lines, in any order.
    fn same(&self, a: &Unit<'_>, b: &Unit<'_>) -> bool {
        let with_lines = |unit: &Unit<'_>| self.parts[unit.part].orders.is_some();
        if with_lines(a) != with_lines(b) || a.more.len() != b.more.len() || !self.same_order(a, b) {
            return false;
        }
        if !with_lines(a) {
            return true;
        }
        let mut free: Map<u64, Vec<At>> = Map::default();
        b.rows().for_each(|at| free.entry(self.hash_of_line(at)).or_default().push(at));
        a.rows().all(|at| {
            let Some(alike) = free.get_mut(&self.hash_of_line(at)) else { return false };
            let place = alike.iter().rposition(|other| self.same_line(at, *other));
            place.map(|place| alike.swap_remove(place)).is_some()
        })
    }

    /// Equal units have equal hashes; lines count in any order.
    fn hash(&self, unit: &Unit<'_>) -> u64 {
        let part = &self.parts[unit.part];
        let order = hash_of(unit.more.len(), part.table.values(unit.first, &part.plan.order_fields()));
        match part.orders {
            Some(_) => unit.rows().map(|at| self.hash_of_line(at)).fold(order, u64::wrapping_add),
            None => order,
        }
    }

    fn hash_of_line(&self, at: At) -> u64 {
        let part = &self.parts[at.part];
        hash_of((), part.table.values(at.row, &part.plan.line_fields()))
    }

    fn version(&self, unit: &Unit<'_>) -> Option<String> {
        version(self.parts, unit)
    }
}

/// Equal lines of one order in several files.
struct LineClass {
    /// Those that count.
    rows: Vec<At>,
    /// The unit that is looked at, and how many of its lines are met.
    unit: usize,
    seen: usize,
}

/// The version of a unit as text that sorts: that of its greatest row.
fn version(parts: &[Loaded<'_, '_>], unit: &Unit<'_>) -> Option<String> {
    let part = &parts[unit.part];
    let field = part.plan.version?;
    unit.rows().filter_map(|at| sortable(part.table.columns[field].get(at.row))).max()
}

/// A value as text that sorts as the value does.
pub(super) fn sortable(value: Value<'_>) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Text(text) => Some(with_wide_numbers(text)),
        Value::Label(label) => Some(with_wide_numbers(&label.raw)),
        Value::Number(number) => Some(format!("{:020}", i128::from(number) - i128::from(i64::MIN))),
        Value::Flag(flag) => Some(u8::from(flag).to_string()),
    }
}

/// A text whose numbers have one width, so that version 10 follows version 9.
fn with_wide_numbers(text: &str) -> String {
    const WIDTH: usize = 20;
    let mut wide = String::with_capacity(text.len() + WIDTH);
    let mut digits = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        if !digits.is_empty() {
            wide.push_str(&format!("{:0>WIDTH$}", digits.trim_start_matches('0')));
            digits.clear();
        }
        if letter != '\0' {
            wide.push(letter);
        }
    }
    wide
}

// ---- event kinds ----------------------------------------------------------------------------------------------------------------

/// Account, carrier, vocabulary: rows of different origin are never the same event.
type Origin<'p> = (&'p str, Option<&'p str>, Option<&'p str>);

fn events(parts: &[Loaded<'_, '_>], kind: Kind) -> Decisions {
    let mut origins: BTreeMap<Origin<'_>, Vec<usize>> = BTreeMap::new();
    for (place, part) in parts.iter().enumerate().filter(|(_, part)| part.kind() == kind && part.twin_of.is_none()) {
        let source = part.plan.source;
        let origin = (part.plan.account_name(), source.carrier.as_deref(), source.vocabulary.as_deref());
        origins.entry(origin).or_default().push(place);
    }
    let mut decisions = Decisions::default();
    for mut places in origins.into_values() {
        if places.iter().all(|place| parts[*place].export_date.is_some()) {
            places.sort_by_key(|place| parts[*place].export_date);
        }
        let file = |place: &usize| parts[*place].file;
        if places.iter().any(|place| file(place) != file(&places[0])) {
            events_of(parts, &places, &mut decisions);
        }
    }
    decisions
}

/// Between files each value counts as often as in the file that has it most often; the surplus is duplicate.
fn events_of(parts: &[Loaded<'_, '_>], places: &[usize], decisions: &mut Decisions) {
    let rows: Vec<At> =
        places.iter().flat_map(|part| (0..parts[*part].table.len()).map(|row| At { part: *part, row })).collect();
    let fields: Vec<usize> = (0..parts[places[0]].plan.fields.len()).collect();
    let hash = |place: usize| {
        let at = rows[place];
        hash_of((), parts[at.part].table.values(at.row, &fields))
    };
    let same = |a: usize, b: usize| {
        let (a, b) = (rows[a], rows[b]);
        parts[a.part].table.agrees(a.row, &parts[b.part].table, b.row, &fields)
    };
    for class in classes(rows.len(), hash, same) {
        let mut used: Vec<At> = Vec::new();
        let mut seen = 0;
        let mut file = usize::MAX;
        for place in class {
            let at = rows[place];
            if parts[at.part].file != file {
                (file, seen) = (parts[at.part].file, 0);
            }
            match used.get(seen) {
                Some(known) => decisions.fates.push((at, Fate::Duplicate(*known))),
                None => used.push(at),
            }
            seen += 1;
        }
    }
}

// ---- equal things ---------------------------------------------------------------------------------------------------------------

/// Classes of at least two equal things, each in ascending order. Hashes only find them, equality decides.
fn classes(count: usize, hash: impl Fn(usize) -> u64 + Sync, same: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut hashed: Vec<(u64, usize)> = (0..count).into_par_iter().map(|place| (hash(place), place)).collect();
    hashed.par_sort_unstable();
    let mut classes = Vec::new();
    for run in hashed.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        let mut split: Vec<Vec<usize>> = Vec::new();
        for (_, place) in run {
            match split.iter_mut().find(|class| same(class[0], *place)) {
                Some(class) => class.push(*place),
                None => split.push(vec![*place]),
            }
        }
        classes.extend(split.into_iter().filter(|class| class.len() > 1));
    }
    classes
}

fn hash_of(origin: impl Hash, values: impl Iterator<Item = impl Hash>) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    origin.hash(&mut hasher);
    values.for_each(|value| value.hash(&mut hasher));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::with_wide_numbers;

    #[test]
    fn version_ten_follows_version_nine() {
        assert!(with_wide_numbers("9") < with_wide_numbers("10"));
        assert!(with_wide_numbers("v1.9") < with_wide_numbers("v1.10"));
        assert!(with_wide_numbers("2026-12-04 09:00") < with_wide_numbers("2026-12-11 08:00"));
        assert_eq!(with_wide_numbers("007"), with_wide_numbers("7"));
    }
}
