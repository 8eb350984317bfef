//! Refused rows whose key can be read take part where rows of a key are compared between files: a newer refused row overtakes the older
//! sound ones, which are not revived (§16.17), and a newer sound row replaces an older refused one (§16.13).

use std::collections::HashMap;

use chrono::NaiveDate;
use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::{Decisions, Unit, hash_of, version};
use crate::ingest::columns::Value;
use crate::ingest::part::{At, Fate, Loaded};
use crate::vocab::Kind;

/// A refused row.
#[derive(Debug, Clone, Copy)]
struct Ghost {
    part: usize,
    /// Place among the refused rows of its part.
    place: usize,
}

/// What tells rows of one key apart: the version, where all of them have one, then the export date, where all have one.
type Rank = (Option<String>, Option<NaiveDate>);

/// Decides between the units of a keyed kind, which are settled among themselves, and refused rows of the same keys. `keys`: the key
/// fields of each part.
pub(super) fn settle(
    parts: &[Loaded<'_, '_>],
    kind: Kind,
    keys: &[Vec<usize>],
    units: &[Unit<'_>],
    decisions: &mut Decisions,
) {
    let mut ghosts: HashMap<u64, Vec<Ghost>, FixedState> = HashMap::default();
    for (part, loaded) in parts.iter().enumerate().filter(|(_, part)| part.kind() == kind && part.twin_of.is_none()) {
        for (place, refused) in loaded.refused.iter().enumerate().filter(|(_, refused)| !refused.key.is_empty()) {
            let hash = hash_of(loaded.plan.account_name(), refused.key.iter().map(String::as_str));
            ghosts.entry(hash).or_default().push(Ghost { part, place });
        }
    }
    if ghosts.is_empty() {
        return;
    }
    let key = |unit: &Unit<'_>| parts[unit.part].table.values(unit.first, &keys[unit.part]).map(written);
    let account = |part: usize| parts[part].plan.account_name();
    let ghosts_of = |unit: &Unit<'_>| {
        let same = |ghost: &Ghost| {
            let own = &parts[ghost.part].refused[ghost.place].key;
            account(ghost.part) == account(unit.part) && own.iter().map(String::as_str).eq(key(unit))
        };
        let found = ghosts.get(&hash_of(account(unit.part), key(unit)))?;
        let found: Vec<Ghost> = found.iter().copied().filter(same).collect();
        (!found.is_empty()).then_some(found)
    };
    let met: Vec<(usize, Vec<Ghost>)> =
        units.par_iter().enumerate().filter_map(|(place, unit)| Some((place, ghosts_of(unit)?))).collect();
    if met.is_empty() {
        return;
    }
    let fates: HashMap<At, Fate> = decisions.fates.iter().copied().collect();
    let mut classes: HashMap<(usize, usize), (Vec<usize>, Vec<Ghost>)> = HashMap::new();
    for (unit, ghosts) in met {
        let first = (ghosts[0].part, ghosts[0].place);
        classes.entry(first).or_insert_with(|| (Vec::new(), ghosts)).0.push(unit);
    }
    let mut classes: Vec<_> = classes.into_iter().collect();
    classes.sort_unstable_by_key(|(first, _)| *first);
    for (_, (members, ghosts)) in classes {
        let members: Vec<&Unit<'_>> = members.iter().map(|place| &units[*place]).collect();
        Encounter { parts, fates: &fates, decisions }.decide(&members, &ghosts);
    }
}

/// A part of a key as refused rows hold it.
fn written(value: Value<'_>) -> &str {
    match value {
        Value::Text(text) => text,
        Value::Label(label) => &label.raw,
        _ => "",
    }
}

/// Units and refused rows of one key.
struct Encounter<'e, 'a, 'p> {
    parts: &'e [Loaded<'a, 'p>],
    fates: &'e HashMap<At, Fate>,
    decisions: &'e mut Decisions,
}

impl Encounter<'_, '_, '_> {
    fn decide(&mut self, units: &[&Unit<'_>], ghosts: &[Ghost]) {
        let parts = self.parts;
        let refused = |ghost: &Ghost| &parts[ghost.part].refused[ghost.place];
        let versions: Vec<Option<String>> = units.iter().map(|unit| version(parts, unit)).collect();
        let has_versions =
            versions.iter().all(Option::is_some) && ghosts.iter().all(|ghost| refused(ghost).version.is_some());
        let all_parts = units.iter().map(|unit| unit.part).chain(ghosts.iter().map(|ghost| ghost.part));
        let has_dates = all_parts.into_iter().all(|part| parts[part].export_date.is_some());
        let rank = |version: &Option<String>, part: usize| -> Rank {
            (version.clone().filter(|_| has_versions), parts[part].export_date.filter(|_| has_dates))
        };
        let of_units: Vec<_> = units.iter().zip(&versions).map(|(unit, version)| rank(version, unit.part)).collect();
        let of_ghosts: Vec<_> = ghosts.iter().map(|ghost| rank(&refused(ghost).version, ghost.part)).collect();
        let Some(newest) = of_units.iter().max() else { return };
        let is_used = |unit: &Unit<'_>| !self.fates.contains_key(&unit.at());
        // Of a refused row whose version cannot be read nobody knows that it is older, unless its export is.
        let may_be_newest = |ghost: &Ghost, rank: &Rank| {
            let is_unread = parts[ghost.part].plan.version.is_some() && refused(ghost).version.is_none();
            is_unread && versions.iter().all(Option::is_some) && rank.1 >= newest.1
        };
        let overtaking =
            ghosts.iter().zip(&of_ghosts).filter(|(ghost, rank)| *rank > newest || may_be_newest(ghost, rank));
        if let Some((ghost, _)) = overtaking.max_by(|a, b| a.1.cmp(b.1).then(b.0.place.cmp(&a.0.place))) {
            let fate = Fate::Overtaken { part: ghost.part, line: refused(ghost).line };
            for unit in units.iter().filter(|unit| is_used(unit)) {
                self.decisions.fates.extend(unit.rows().map(|at| (at, fate)));
            }
            return;
        }
        if !units.iter().any(|unit| is_used(unit)) {
            return;
        }
        let source = |part: usize| &parts[part].plan.source.name;
        for (ghost, rank) in ghosts.iter().zip(&of_ghosts) {
            let is_sound = |unit: &Unit<'_>| matches!(self.fates.get(&unit.at()), None | Some(Fate::Duplicate(_)));
            let later = units
                .iter()
                .zip(&of_units)
                .filter(|(unit, own)| *own > rank && source(unit.part) == source(ghost.part) && is_sound(unit));
            if let Some((by, _)) = later.max_by(|a, b| a.1.cmp(b.1).then(b.0.at().cmp(&a.0.at()))) {
                self.replace(*ghost, by.at());
            }
        }
    }

    /// The refused row is done, and so are the rows of its order that wait for it.
    fn replace(&mut self, ghost: Ghost, by: At) {
        let part = &self.parts[ghost.part];
        let line = part.refused[ghost.place].line;
        self.decisions.replaced.push((ghost.part, ghost.place, by));
        for (row, fate) in part.fates.others() {
            if fate == Fate::Incomplete(line) {
                self.decisions.fates.push((At { part: ghost.part, row }, Fate::Superseded(by)));
            }
        }
    }
}
