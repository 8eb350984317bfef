//! Rows of another frame that make a fact together, found by the values that they share with it: for the evidence of findings alone.

use std::cell::{OnceCell, RefCell};
use std::hash::BuildHasher;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use foldhash::fast::FixedState;
use polars::prelude::{DataFrame, IdxSize, PolarsResult};
use rayon::prelude::*;

use crate::base::map::Map;
use crate::frame::column::{Column, Frame, Members, Only, Shape};
use crate::frame::read;

/// Members of one row, or of several that share them.
pub(super) struct MemberList {
    /// Rows of the frame of the members, in its order.
    pub(super) rows: Vec<IdxSize>,
    /// All of them taken together, and those that are not told; nothing where there are none.
    pub(super) taken: (Option<i64>, i64),
}

/// The members of the rows of a fact frame.
pub(super) struct MemberLists<'f> {
    own: Vec<MemberKeys<'f>>,
    theirs: Vec<MemberKeys<'f>>,
    only: Vec<MemberTest<'f>>,
    places: OnceCell<Arc<Places>>,
    /// Where the places are kept for others that ask for members of the same frame, and under which name.
    index: Option<(&'f MemberIndex, (&'static str, &'static str))>,
    /// Lists that took long to find, by their keys.
    known: RefCell<Map<Vec<MemberKey<'f>>, Rc<MemberList>>>,
}

/// A list that was found among so many rows or more is kept for the next row that asks for it.
const LONG: usize = 32;

impl<'f> MemberLists<'f> {
    /// # Errors
    /// A frame lacks a column that the declaration names: a bug of ours.
    pub(super) fn new(
        (facts, declared): (&'f DataFrame, &Frame),
        frame: &'f DataFrame,
        members: &Members,
        index: Option<&'f MemberIndex>,
    ) -> PolarsResult<MemberLists<'f>> {
        let named = |frame: &Frame, name: &'static str| {
            frame.column(name).unwrap_or(Column { name, ..crate::frame::orders::order_key })
        };
        let mut own = Vec::new();
        let mut theirs = Vec::new();
        for (column, other) in members.on {
            own.push(MemberKeys::read(facts, named(declared, column))?);
            theirs.push(MemberKeys::read(frame, named(members.frame, other))?);
        }
        let only = members
            .only
            .iter()
            .map(|only| MemberTest::read(*only, frame, members.frame))
            .collect::<PolarsResult<_>>()?;
        let key = (members.frame.name, members.on.first().map_or("", |(_, other)| *other));
        let index = index.map(|index| (index, key));
        Ok(MemberLists { own, theirs, only, places: OnceCell::new(), index, known: RefCell::default() })
    }

    fn places(&self) -> &Places {
        let built = || Arc::new(self.theirs.first().map(MemberKeys::places).unwrap_or_default());
        self.places.get_or_init(|| match self.index {
            Some((index, key)) => index.of(key, built),
            None => built(),
        })
    }

    /// The members of a row; `take` takes them together.
    pub(super) fn of(&self, row: usize, take: impl FnOnce(&[IdxSize]) -> (Option<i64>, i64)) -> Rc<MemberList> {
        let keys: Vec<MemberKey<'f>> = self.own.iter().map(|own| own.at(row)).collect();
        if let Some(known) = self.known.borrow().get(&keys) {
            return known.clone();
        }
        let among = keys.first().map(|first| {
            let hash = hash_of(*first);
            let from = &self.places()[self.places().partition_point(|(other, _)| *other < hash)..];
            &from[..from.partition_point(|(other, _)| *other == hash)]
        });
        let among = among.unwrap_or_default();
        let is_member = |member: &IdxSize| {
            let member = *member as usize;
            keys.iter().zip(&self.theirs).all(|(own, other)| *own == other.at(member))
                && self.only.iter().all(|condition| condition.holds(member))
        };
        let rows: Vec<IdxSize> = among.iter().map(|(_, member)| *member).filter(is_member).collect();
        let list = Rc::new(MemberList { taken: take(&rows), rows });
        if among.len() >= LONG {
            self.known.borrow_mut().insert(keys, list.clone());
        }
        list
    }
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
    fn of(&self, key: (&'static str, &'static str), build: impl FnOnce() -> Arc<Places>) -> Arc<Places> {
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

    fn places(&self) -> Places {
        let rows = match self {
            MemberKeys::Texts(texts) => texts.len(),
            MemberKeys::Days(days) => days.len(),
        };
        let mut places: Places = (0..rows).map(|row| (hash_of(self.at(row)), row as IdxSize)).collect();
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
