//! Sources with several rows per order: every row is an order line, and the order's own columns are equal on all of its rows, but for
//! amounts of which each row has a part (`sum`): they are added up on the first row.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::ingest::columns::Value;
use crate::ingest::part::{Fate, Loaded, Orders};
use crate::ingest::refused::At;

#[derive(Default)]
struct Group {
    rows: Vec<usize>,
    refused: Vec<usize>,
}

/// Groups the rows of a part by order, quarantines orders that contradict themselves or lack a row, and adds up the money read:
/// price × quantity of every row, postage and fee once, with the first row of the order, or as much as its rows have of them. `part` is the place of the part.
pub(super) fn group(part: usize, loaded: &mut Loaded<'_, '_>) {
    let mut orders = Orders { amounts: vec![0; loaded.table.len()], ..Orders::default() };
    let mut money: Vec<(String, i128)> = Vec::new();
    let groups = groups_of(loaded);
    let differs = differing_rows(loaded, &groups);
    for group in groups {
        for row in &group.rows {
            add(&mut money, loaded.currency(*row), loaded.table.control[*row]);
        }
        for refused in &group.refused {
            let refused = &loaded.refused[*refused];
            add(&mut money, refused.currency(), refused.control.unwrap_or(0));
        }
        let is_beyond = !add_up(loaded, &group);
        place_order_amount(loaded, &group, &mut orders, &mut money);
        let Some(first) = group.rows.first().copied() else { continue };
        let last = group.rows.last().copied().filter(|_| is_beyond);
        if let Some(other) = group.rows.iter().copied().find(|row| differs[*row]).or(last) {
            for row in &group.rows {
                let with = if differs[*row] { first } else { other };
                loaded.fates.set(*row, Fate::Conflict(At { part, row: with }));
            }
        } else if let Some(refused) = group.refused.first() {
            let line = loaded.refused[*refused].line;
            for row in &group.rows {
                loaded.fates.set(*row, Fate::Incomplete(line));
            }
        } else {
            orders.sound.push(group.rows);
        }
    }
    loaded.orders = Some(orders);
    loaded.money = money;
}

/// Which rows differ from the first row of their order in an order field; column by column, as the values lie.
fn differing_rows(loaded: &Loaded<'_, '_>, groups: &[Group]) -> Vec<bool> {
    let mut differs = vec![false; loaded.table.len()];
    let repeated = loaded.plan.order_fields().into_iter().filter(|field| !loaded.plan.sums.contains(field));
    for column in repeated.map(|field| &loaded.table.columns[field]) {
        for group in groups {
            let Some((first, rest)) = group.rows.split_first() else { continue };
            for row in rest {
                differs[*row] |= !column.agrees(*row, column, *first);
            }
        }
    }
    differs
}

/// Rows and refused rows of each order number, in file order; refused rows without a number stand alone.
fn groups_of(loaded: &Loaded<'_, '_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<&str, usize, FixedState> = HashMap::default();
    let order_no = loaded.plan.field("order_no").map(|field| &loaded.table.columns[field]);
    // Rows of one order mostly stand together: the number before and the place of its group.
    let mut last: Option<(&str, usize)> = None;
    for row in 0..loaded.table.len() {
        let number = match order_no.map(|numbers| numbers.get(row)) {
            Some(Value::Text(number)) => number,
            _ => "",
        };
        let place = match last {
            Some((before, place)) if before == number => place,
            _ => place_of(number, &mut groups, &mut places),
        };
        last = Some((number, place));
        groups[place].rows.push(row);
    }
    for (refused_place, refused) in loaded.refused.iter().enumerate() {
        if refused.order_no().is_empty() {
            groups.push(Group { refused: vec![refused_place], ..Group::default() });
        } else {
            let place = place_of(refused.order_no(), &mut groups, &mut places);
            groups[place].refused.push(refused_place);
        }
    }
    groups
}

/// The place of an order's group; a new one for a new number.
fn place_of<'n>(number: &'n str, groups: &mut Vec<Group>, places: &mut HashMap<&'n str, usize, FixedState>) -> usize {
    *places.entry(number).or_insert_with(|| {
        groups.push(Group::default());
        groups.len() - 1
    })
}

/// Puts the sum of the parts that the accepted rows of an order have of an amount on the first of them; an empty cell is no part, and of
/// empty cells alone there is no sum. `false`: a sum is beyond what an amount can be.
fn add_up(loaded: &mut Loaded<'_, '_>, group: &Group) -> bool {
    let Some((first, rest)) = group.rows.split_first() else { return true };
    let mut is_sound = true;
    for field in loaded.plan.sums.iter().copied() {
        let column = &mut loaded.table.columns[field];
        let mut parts = rest.iter().filter_map(|row| column.number(*row)).peekable();
        if parts.peek().is_none() {
            continue;
        }
        match parts.try_fold(column.number(*first).unwrap_or(0), i64::checked_add) {
            Some(sum) => column.set_number(*first, sum),
            None => is_sound = false,
        }
    }
    is_sound
}

/// Postage and fee go with the first row of the order, whether it was accepted or refused. Where rows have parts of them, each refused row
/// keeps its own, and the accepted ones have their sum.
fn place_order_amount(
    loaded: &mut Loaded<'_, '_>,
    group: &Group,
    orders: &mut Orders,
    money: &mut Vec<(String, i128)>,
) {
    let accepted = group.rows.first().map(|row| loaded.table.lines[*row]);
    let refused = group.refused.first().copied();
    let refused_first = refused.filter(|place| accepted.is_none_or(|line| loaded.refused[*place].line < line));
    let shares = !loaded.plan.sums.is_empty();
    let with_amount: Vec<usize> = if shares { group.refused.clone() } else { refused_first.into_iter().collect() };
    for place in with_amount.iter().copied() {
        let refused = &loaded.refused[place];
        if refused.control.is_some() {
            add(money, refused.currency(), refused.order_amount);
            loaded.bearers.insert(place);
        }
    }
    if let Some(row) = group.rows.first().copied().filter(|_| shares || with_amount.is_empty()) {
        let columns = &loaded.table.columns;
        let amount = loaded.plan.order_amounts.iter().map(|field| columns[*field].number(row).unwrap_or(0)).sum();
        add(money, loaded.currency(row), amount);
        orders.amounts[row] = amount;
    }
}

fn add(money: &mut Vec<(String, i128)>, currency: &str, amount: i64) {
    match money.iter_mut().find(|(known, _)| known == currency) {
        Some((_, sum)) => *sum += i128::from(amount),
        None if currency.is_empty() => {}
        None => money.push((currency.to_owned(), i128::from(amount))),
    }
}
