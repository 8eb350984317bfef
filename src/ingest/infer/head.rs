//! The beginning of a pipeline that takes the starters: the packs they need and the accounts of their systems, as comments to take over.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::frame::kind::Cell;
use crate::ingest::infer::Looked;
use crate::ingest::infer::known::Known;
use crate::ingest::infer::layout_match::{best, companions};
use crate::ingest::infer::starter::quoted;

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
    for name in accounts_of(&packs) {
        let currency = match currencies.iter().next().filter(|_| currencies.len() == 1) {
            Some(only) => format!("{}  # no other stands in the files", quoted(only)),
            None => "\"\"  # fill in, such as \"EUR\"".to_owned(),
        };
        let _ = write!(
            text,
            "#\n# [[account]]\n# name = {name}  # `account = {name}` of its sources\n# marketplace = {name}\n# currency = {currency}\n# timezone = \"\"  # fill in, such as \"Europe/Prague\"\n",
            name = quoted(name),
        );
    }
    text
}

/// The packs that accounts are of. Who is paid through a provider of payments sells elsewhere: its lines belong to that account.
fn accounts_of<'p>(packs: &BTreeSet<&'p str>) -> Vec<&'p str> {
    let below = |folders: &[&str]| -> Vec<&'p str> {
        let split = packs.iter().filter_map(|pack| pack.split_once('/'));
        split.filter(|(folder, _)| folders.contains(folder)).map(|(_, name)| name).collect()
    };
    match below(&["marketplaces", "shops"]) {
        none if none.is_empty() => below(&["payments", "suppliers"]),
        some => [some, below(&["suppliers"])].concat(),
    }
}
