//! Refused rows whose key can be read take part where rows of a key are compared between files: a newer refused row overtakes the older
//! sound ones, which are not revived (§16.17), and a newer sound row replaces an older refused one (§16.13).

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::{Decisions, Unit, hash_of, version};
use crate::ingest::columns::Value;
use crate::ingest::part::{Fate, Loaded};
use crate::ingest::refused::At;
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
    let account = |part: usize| parts[part].plan.account_name();
    let key_of = |ghost: &Ghost| parts[ghost.part].refused[ghost.place].key_parts();
    // Refused rows of one key, and the places of the classes by the hash of their key.
    let mut classes: Vec<Vec<Ghost>> = Vec::new();
    let mut places: HashMap<u64, Vec<usize>, FixedState> = HashMap::default();
    for (part, loaded) in parts.iter().enumerate().filter(|(_, part)| part.kind() == kind && part.twin_of.is_none()) {
        for (place, _) in loaded.refused.iter().enumerate().filter(|(_, refused)| refused.key_parts().next().is_some())
        {
            let ghost = Ghost { part, place };
            let alike = places.entry(hash_of(account(part), key_of(&ghost))).or_default();
            let same = |class: &&usize| {
                let known = &classes[**class][0];
                account(known.part) == account(part) && key_of(known).eq(key_of(&ghost))
            };
            match alike.iter().find(same) {
                Some(class) => classes[*class].push(ghost),
                None => {
                    alike.push(classes.len());
                    classes.push(vec![ghost]);
                }
            }
        }
    }
    if classes.is_empty() {
        return;
    }
    let key = |unit: &Unit<'_>| parts[unit.part].table.values(unit.first, &keys[unit.part]).map(written);
    let class_of = |unit: &Unit<'_>| {
        let same = |class: &&usize| {
            let known = &classes[**class][0];
            account(known.part) == account(unit.part) && key_of(known).eq(key(unit))
        };
        places.get(&hash_of(account(unit.part), key(unit)))?.iter().find(same).copied()
    };
    let met: Vec<(usize, usize)> =
        units.par_iter().enumerate().filter_map(|(place, unit)| Some((class_of(unit)?, place))).collect();
    if met.is_empty() {
        return;
    }
    let fates: HashMap<At, Fate> = decisions.fates.iter().copied().collect();
    let mut members: BTreeMap<usize, Vec<&Unit<'_>>> = BTreeMap::new();
    for (class, unit) in met {
        members.entry(class).or_default().push(&units[unit]);
    }
    let waiting = Waiting::of(parts);
    for (class, members) in members {
        Encounter { parts, fates: &fates, waiting: &waiting, decisions }.decide(&members, &classes[class]);
    }
}

/// Rows that wait for a refused row of their order, by its part and line.
struct Waiting(HashMap<(usize, u32), Vec<usize>, FixedState>);

impl Waiting {
    fn of(parts: &[Loaded<'_, '_>]) -> Waiting {
        let mut rows: HashMap<(usize, u32), Vec<usize>, FixedState> = HashMap::default();
        for (part, loaded) in parts.iter().enumerate() {
            for (row, fate) in loaded.fates.others() {
                if let Fate::Incomplete(line) = fate {
                    rows.entry((part, line)).or_default().push(row);
                }
            }
        }
        Waiting(rows)
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
    waiting: &'e Waiting,
    decisions: &'e mut Decisions,
}

impl Encounter<'_, '_, '_> {
    fn decide(&mut self, units: &[&Unit<'_>], ghosts: &[Ghost]) {
        let parts = self.parts;
        let refused = |ghost: &Ghost| &parts[ghost.part].refused[ghost.place];
        let versions: Vec<Option<String>> = units.iter().map(|unit| version(parts, unit)).collect();
        let has_versions =
            versions.iter().all(Option::is_some) && ghosts.iter().all(|ghost| refused(ghost).version().is_some());
        let all_parts = units.iter().map(|unit| unit.part).chain(ghosts.iter().map(|ghost| ghost.part));
        let has_dates = all_parts.into_iter().all(|part| parts[part].export_date.is_some());
        let rank = |version: &Option<String>, part: usize| -> Rank {
            (version.clone().filter(|_| has_versions), parts[part].export_date.filter(|_| has_dates))
        };
        let of_units: Vec<_> = units.iter().zip(&versions).map(|(unit, version)| rank(version, unit.part)).collect();
        let of_ghosts: Vec<_> =
            ghosts.iter().map(|ghost| rank(&refused(ghost).version().map(str::to_owned), ghost.part)).collect();
        let Some(newest) = of_units.iter().max() else { return };
        let is_used = |unit: &Unit<'_>| !self.fates.contains_key(&unit.at());
        // Of a refused row whose version cannot be read nobody knows that it is older, unless its export is.
        let may_be_newest = |ghost: &Ghost, rank: &Rank| {
            let is_unread = parts[ghost.part].plan.version.is_some() && refused(ghost).version().is_none();
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
        // The latest sound row of each source; of several the first.
        let mut latest: BTreeMap<&str, (&Rank, At)> = BTreeMap::new();
        for (unit, rank) in units.iter().zip(&of_units) {
            if matches!(self.fates.get(&unit.at()), None | Some(Fate::Duplicate(_))) {
                let best = latest.entry(source(unit.part)).or_insert((rank, unit.at()));
                if (rank, Reverse(unit.at())) > (best.0, Reverse(best.1)) {
                    *best = (rank, unit.at());
                }
            }
        }
        for (ghost, rank) in ghosts.iter().zip(&of_ghosts) {
            if let Some((_, by)) = latest.get(source(ghost.part).as_str()).filter(|(own, _)| *own > rank) {
                self.replace(*ghost, *by);
            }
        }
    }

    /// The refused row is done, and so are the rows of its order that wait for it.
    fn replace(&mut self, ghost: Ghost, by: At) {
        let line = self.parts[ghost.part].refused[ghost.place].line;
        self.decisions.replaced.push((ghost.part, ghost.place, by));
        let waiting = self.waiting.0.get(&(ghost.part, line)).into_iter().flatten();
        self.decisions.fates.extend(waiting.map(|row| (At { part: ghost.part, row: *row }, Fate::Superseded(by))));
    }
}
