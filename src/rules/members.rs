//! Rows of another frame that make a fact together, found by the values that they share with it: for the evidence of findings alone.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex};

use foldhash::fast::FixedState;
use polars::prelude::{DataFrame, IdxSize, PolarsResult};
use rayon::prelude::*;

use crate::base::map::Map;
use crate::frame::column::{Column, Frame, Members, Only, Shape};
use crate::frame::read;

/// Members of some rows: rows that share their members share one list.
pub(super) struct RowMembers {
    /// The list of each row.
    pub(super) of_rows: Vec<usize>,
    /// Members in the order of their frame.
    pub(super) lists: Vec<Vec<IdxSize>>,
}

/// The members of each row.
///
/// # Errors
/// A frame lacks a column that the declaration names: a bug of ours.
pub(super) fn members_of(
    facts: &DataFrame,
    declared: &Frame,
    frame: &DataFrame,
    members: &Members,
    index: Option<&MemberIndex>,
) -> PolarsResult<RowMembers> {
    let named = |frame: &Frame, name: &'static str| {
        frame.column(name).unwrap_or(Column { name, ..crate::frame::orders::order_key })
    };
    let mut own = Vec::new();
    let mut theirs = Vec::new();
    for (column, other) in members.on {
        own.push(MemberKeys::read(facts, named(declared, column))?);
        theirs.push(MemberKeys::read(frame, named(members.frame, other))?);
    }
    let mut found = RowMembers { of_rows: vec![0; facts.height()], lists: Vec::new() };
    let Some((first, rest)) = theirs.split_first() else {
        found.lists.push(Vec::new());
        return Ok(found);
    };
    let only: Vec<MemberTest<'_>> =
        members.only.iter().map(|only| MemberTest::read(*only, frame, members.frame)).collect::<PolarsResult<_>>()?;
    let built = || Arc::new(first.places(frame.height()));
    let places = match index {
        Some(index) => index.of(members, built),
        None => built(),
    };
    let mut known: Map<Vec<MemberKey<'_>>, usize> = Map::default();
    for row in 0..facts.height() {
        let keys: Vec<MemberKey<'_>> = own.iter().map(|own| own.at(row)).collect();
        let list = match known.get(&keys) {
            Some(list) => *list,
            None => {
                let hash = hash_of(keys[0]);
                let from = places.partition_point(|(other, _)| *other < hash);
                let candidates = places[from..].iter().take_while(|(other, _)| *other == hash);
                let is_member = |member: &IdxSize| {
                    let member = *member as usize;
                    first.at(member) == keys[0]
                        && keys[1..].iter().zip(rest).all(|(own, other)| *own == other.at(member))
                        && only.iter().all(|condition| condition.holds(member))
                };
                found.lists.push(candidates.map(|(_, member)| *member).filter(is_member).collect());
                known.insert(keys, found.lists.len() - 1);
                found.lists.len() - 1
            }
        };
        found.of_rows[row] = list;
    }
    Ok(found)
}

/// A condition for members, with the column that it looks at.
enum MemberTest<'f> {
    Word(read::Texts<'f>, &'static str, bool),
    Flag(read::Flags<'f>, bool),
    Sign(read::Numbers<'f>, bool),
}

impl<'f> MemberTest<'f> {
    fn read(only: Only, frame: &'f DataFrame, declared: &Frame) -> PolarsResult<MemberTest<'f>> {
        let column =
            |name: &'static str| declared.column(name).unwrap_or(Column { name, ..crate::frame::orders::order_key });
        Ok(match only {
            Only::Is(name, word) => MemberTest::Word(read::texts(frame, column(name))?, word, true),
            Only::Not(name, word) => MemberTest::Word(read::texts(frame, column(name))?, word, false),
            Only::Set(name) => MemberTest::Flag(read::flags(frame, column(name))?, true),
            Only::Unset(name) => MemberTest::Flag(read::flags(frame, column(name))?, false),
            Only::Positive(name) => MemberTest::Sign(read::numbers(frame, column(name))?, true),
            Only::Negative(name) => MemberTest::Sign(read::numbers(frame, column(name))?, false),
        })
    }

    fn holds(&self, row: usize) -> bool {
        match self {
            MemberTest::Word(texts, word, wanted) => (texts.at(row) == *word) == *wanted,
            MemberTest::Flag(flags, wanted) => flags.at(row) == *wanted,
            MemberTest::Sign(numbers, positive) => numbers.at(row).is_some_and(|number| (number >= 0) == *positive),
        }
    }
}

/// A value that members share with their fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum MemberKey<'f> {
    Text(&'f str),
    Day(Option<i32>),
}

/// A column of such values.
enum MemberKeys<'f> {
    Texts(read::Texts<'f>),
    Days(read::Days<'f>),
}

/// Places of members by the hash of their key, ascending; members of one key in the order of their frame.
type Places = Vec<(u64, IdxSize)>;

/// Where members are found by their keys: each frame is hashed once, however many rules ask.
#[derive(Default)]
pub struct MemberIndex(Mutex<Map<(&'static str, &'static str), Arc<Places>>>);

impl MemberIndex {
    fn of(&self, members: &Members, build: impl FnOnce() -> Arc<Places>) -> Arc<Places> {
        let key = (members.frame.name, members.on.first().map_or("", |(_, other)| *other));
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.entry(key).or_insert_with(build).clone()
    }
}

fn hash_of(key: MemberKey<'_>) -> u64 {
    FixedState::default().hash_one(key)
}

impl<'f> MemberKeys<'f> {
    fn read(frame: &'f DataFrame, column: Column) -> PolarsResult<MemberKeys<'f>> {
        Ok(match column.shape {
            Shape::Date => MemberKeys::Days(read::days(frame, column)?),
            _ => MemberKeys::Texts(read::texts(frame, column)?),
        })
    }

    fn places(&self, height: usize) -> Places {
        let mut places: Places = (0..height).map(|row| (hash_of(self.at(row)), row as IdxSize)).collect();
        places.par_sort_unstable();
        places
    }

    fn at(&self, row: usize) -> MemberKey<'f> {
        match self {
            MemberKeys::Texts(texts) => MemberKey::Text(texts.at(row)),
            MemberKeys::Days(days) => MemberKey::Day(days.at(row)),
        }
    }
}

/// Money, numbers and days as numbers; of other columns nothing.
pub(super) enum Countable<'f> {
    Longs(read::Numbers<'f>),
    Days(read::Days<'f>),
    None,
}

impl<'f> Countable<'f> {
    pub(super) fn read(frame: &'f DataFrame, column: Column) -> PolarsResult<Countable<'f>> {
        Ok(match column.shape {
            Shape::Date => Countable::Days(read::days(frame, column)?),
            Shape::Money | Shape::Ppm | Shape::Int => Countable::Longs(read::numbers(frame, column)?),
            _ => Countable::None,
        })
    }

    pub(super) fn at(&self, row: usize) -> Option<i64> {
        match self {
            Countable::Longs(numbers) => numbers.at(row),
            Countable::Days(days) => days.at(row).map(i64::from),
            Countable::None => None,
        }
    }
}
