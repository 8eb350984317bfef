//! The beginning of a pipeline that takes the starters: the packs they need and the accounts of their systems, as comments to take over.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::diagnose::visible::toml_string as quoted;
use crate::frame::kind::Cell;
use crate::ingest::infer::Looked;
use crate::ingest::infer::known::Known;
use crate::ingest::infer::layout_match::{best, companions};

/// `[pipeline]` and `[[account]]` for the layouts that were recognised, as comments; empty where none was.
pub fn pipeline_head(files: &[Looked], known: &Known) -> String {
    let mut packs: BTreeSet<&str> = BTreeSet::new();
    let mut currencies: BTreeSet<String> = BTreeSet::new();
    for looked in files.iter().flat_map(|file| &file.tables) {
        let [only] = best(&looked.matches) else { continue };
        for found in [only].into_iter().chain(companions(only, &looked.matches)) {
            let layout = &known.layouts[found.layout];
            packs.insert(&layout.pack.name);
            packs.extend(layout.layout.words.as_deref());
            let columns = found.bound.iter().filter(|(_, field)| field.cell == Cell::Currency);
            let labels = columns.flat_map(|(at, _)| looked.table.columns[*at].labels());
            currencies.extend(labels.filter_map(|(label, _)| known.currency(&label)));
        }
    }
    if packs.is_empty() {
        return String::new();
    }
    let mut text = "# A pipeline of these sources begins so:\n#\n# [pipeline]\n# name = \"my-shop\"\n".to_owned();
    let named: Vec<String> = packs.iter().map(|name| quoted(name)).collect();
    let _ = writeln!(text, "# packs = [{}]", named.join(", "));
    let accounts = accounts_of(&packs);
    if accounts.is_empty() {
        push_shop(&mut text, known, &currencies);
    }
    for name in accounts {
        let currency = currency_of(&currencies);
        let _ = write!(
            text,
            "#\n# [[account]]\n# name = {name}  # `account = {name}` of its sources\n# marketplace = {name}\n# currency = {currency}\n# timezone = \"\"  # fill in, such as \"Europe/Prague\"\n",
            name = quoted(name),
        );
    }
    text
}

/// The account of a shop that nothing in the files names: providers of payments and carriers sell nothing.
fn push_shop(text: &mut String, known: &Known, currencies: &BTreeSet<String>) {
    let shops: Vec<&str> = known.packs_below("shops/").collect();
    let _ = write!(
        text,
        "#\n# [[account]]\n# name = \"my-shop\"  # `account = \"my-shop\"` of its sources\n# marketplace = \"\"  # fill in: the shop or the marketplace whose money it is, such as {}; see the cookbook, \"Your own web shop, paid through a provider of payments\"\n# currency = {}\n# timezone = \"\"  # fill in, such as \"Europe/Prague\"\n",
        shops.join(", "),
        currency_of(currencies),
    );
}

fn currency_of(currencies: &BTreeSet<String>) -> String {
    match currencies.iter().next().filter(|_| currencies.len() == 1) {
        Some(only) => format!("{}  # no other stands in the files", quoted(only)),
        None => "\"\"  # fill in, such as \"EUR\"".to_owned(),
    }
}

/// The packs that accounts are of. Who is paid through a provider of payments sells elsewhere: its lines belong to that account.
fn accounts_of<'p>(packs: &BTreeSet<&'p str>) -> Vec<&'p str> {
    let below = |folders: &[&str]| -> Vec<&'p str> {
        let split = packs.iter().filter_map(|pack| pack.split_once('/'));
        split.filter(|(folder, _)| folders.contains(folder)).map(|(_, name)| name).collect()
    };
    below(&["marketplaces", "shops", "suppliers"])
}
