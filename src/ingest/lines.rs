//! Sources with several rows per order: every row is an order line, and the order's own columns are equal on all of its rows.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::ingest::columns::Value;
use crate::ingest::part::{At, Fate, Loaded};

/// The orders of a part whose rows are lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Orders {
    /// Rows of each sound order, in file order.
    pub(super) sound: Vec<Vec<usize>>,
    /// Postage and fee of each order, on its first row; in the money of that row.
    pub(super) amounts: BTreeMap<usize, i64>,
    /// First rows whose order stands in an earlier file: their lines count, their order columns are duplicates.
    pub(super) repeated: Vec<usize>,
}

#[derive(Default)]
struct Group {
    rows: Vec<usize>,
    refused: Vec<usize>,
}

/// Groups the rows of a part by order, quarantines orders that contradict themselves or lack a row, and adds up the money read:
/// price × quantity of every row, postage and fee once, with the first row of the order. `part` is the place of the part.
pub(super) fn group(part: usize, loaded: &mut Loaded<'_, '_>) {
    let groups = groups_of(loaded);
    let mut orders = Orders::default();
    let mut money: Vec<(String, i128)> = Vec::new();
    let order_fields = loaded.plan.order_fields();
    for group in groups.values() {
        for row in &group.rows {
            add(&mut money, loaded.currency(*row), loaded.table.control[*row]);
        }
        for refused in &group.refused {
            let refused = &loaded.refused[*refused];
            add(&mut money, &refused.currency, refused.control.unwrap_or(0));
        }
        place_order_amount(loaded, group, &mut orders, &mut money);
        let Some(first) = group.rows.first().copied() else { continue };
        let other =
            group.rows.iter().copied().find(|row| !loaded.table.agrees(first, loaded.table, *row, &order_fields));
        if let Some(other) = other {
            for row in &group.rows {
                let with = if loaded.table.agrees(first, loaded.table, *row, &order_fields) { other } else { first };
                loaded.fates[*row] = Fate::Conflict(At { part, row: with });
            }
        } else if let Some(refused) = group.refused.first() {
            let line = loaded.refused[*refused].line;
            for row in &group.rows {
                loaded.fates[*row] = Fate::Incomplete(line);
            }
        } else {
            orders.sound.push(group.rows.clone());
        }
    }
    loaded.orders = Some(orders);
    loaded.money = money;
}

/// Rows and refused rows of each order number, in file order; refused rows without a number stand alone.
fn groups_of(loaded: &Loaded<'_, '_>) -> IndexMap<String, Group> {
    let mut groups: IndexMap<String, Group> = IndexMap::new();
    let order_no = loaded.plan.field("order_no");
    for row in 0..loaded.table.len() {
        let number = match order_no.map(|field| loaded.table.columns[field].get(row)) {
            Some(Value::Text(number)) => number,
            _ => "",
        };
        match groups.get_mut(number) {
            Some(group) => group.rows.push(row),
            None => groups.entry(number.to_owned()).or_default().rows.push(row),
        }
    }
    for (place, refused) in loaded.refused.iter().enumerate() {
        let key = if refused.order_no.is_empty() { format!("\u{0}{place}") } else { refused.order_no.clone() };
        groups.entry(key).or_default().refused.push(place);
    }
    groups
}

/// Postage and fee go with the first row of the order, whether it was accepted or refused.
fn place_order_amount(
    loaded: &mut Loaded<'_, '_>,
    group: &Group,
    orders: &mut Orders,
    money: &mut Vec<(String, i128)>,
) {
    let accepted = group.rows.first().map(|row| loaded.table.lines[*row]);
    let refused = group.refused.first().copied();
    let refused_first = refused.filter(|place| accepted.is_none_or(|line| loaded.refused[*place].line < line));
    if let Some(place) = refused_first {
        let refused = &mut loaded.refused[place];
        if let (Some(control), Some(amount)) = (refused.control, refused.order_amount) {
            add(money, &refused.currency, amount);
            refused.control = Some(control + amount);
        }
    } else if let Some(row) = group.rows.first().copied() {
        let columns = &loaded.table.columns;
        let amount = loaded.plan.order_amounts.iter().map(|field| columns[*field].number(row).unwrap_or(0)).sum();
        add(money, loaded.currency(row), amount);
        orders.amounts.insert(row, amount);
    }
}

fn add(money: &mut Vec<(String, i128)>, currency: &str, amount: i64) {
    match money.iter_mut().find(|(known, _)| known == currency) {
        Some((_, sum)) => *sum += i128::from(amount),
        None if currency.is_empty() => {}
        None => money.push((currency.to_owned(), i128::from(amount))),
    }
}
