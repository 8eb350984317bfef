//! `trueup pack show NAME` and `trueup pack list`: what packs there are, and what is in one.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::args::{PackListArguments, PackShowArguments};
use crate::cli::paint;
use crate::diagnose::Exit;
use crate::pipeline::{Pack, PackText, all_pack_texts, find_pack_text};
use crate::vocab::Word;

/// Folders in which a pack is looked for that is named without its own.
const FOLDERS: &[&str] = &["marketplaces", "carriers", "shops", "payments", "suppliers", "calendars"];

pub(super) fn show(arguments: &PackShowArguments) -> Exit {
    match find_pack_text(Path::new("."), FOLDERS, &arguments.pack) {
        Ok(text) => {
            paint::text(&text);
            Exit::Clean
        }
        Err(mistakes) => {
            paint::diagnostics(&mistakes);
            Exit::Usage
        }
    }
}

pub(super) fn list(arguments: &PackListArguments) -> Exit {
    let packs = match all_pack_texts(Path::new(".")) {
        Ok(packs) => packs,
        Err(mistakes) => {
            paint::diagnostics(&mistakes);
            return Exit::Usage;
        }
    };
    if arguments.json {
        paint::json(&Value::Array(packs.iter().map(as_json).collect()));
        return Exit::Clean;
    }
    let rows: Vec<Vec<String>> = packs
        .iter()
        .map(|read| {
            let pack = &read.pack;
            let covers: Vec<String> = coverage(pack).iter().map(Covered::told).collect();
            vec![
                pack.name.clone(),
                pack.title.clone(),
                traits(pack).join(" "),
                pack.layouts.keys().cloned().collect::<Vec<_>>().join(" "),
                covers.join(", "),
                read.path.clone(),
            ]
        })
        .collect();
    paint::table(&["pack", "title", "traits", "layouts", "covers", "read from"], &rows);
    Exit::Clean
}

/// `name, title, path, traits, layouts, vocabularies, words, profiles, covers`: every key always there.
fn as_json(read: &PackText) -> Value {
    let pack = &read.pack;
    let layouts: Vec<Value> =
        pack.layouts.iter().map(|(name, layout)| json!({"name": name, "kind": layout.kind.text()})).collect();
    let covers: Vec<Value> = coverage(pack)
        .iter()
        .map(|range| json!({"what": range.what, "currency": range.currency, "from": range.from, "to": range.to}))
        .collect();
    json!({
        "name": pack.name, "title": pack.title, "path": read.path, "traits": traits(pack), "layouts": layouts,
        "vocabularies": pack.vocabularies.keys().collect::<std::collections::BTreeSet<_>>(),
        "words": pack.words.keys().collect::<Vec<_>>(), "profiles": pack.profiles.keys().collect::<Vec<_>>(),
        "covers": covers,
    })
}

fn traits(pack: &Pack) -> Vec<&'static str> {
    pack.traits.iter().map(|own| own.text()).collect()
}

/// Days that a pack covers, both inclusive; `None` is open.
struct Covered {
    /// `calendar`, `orders` or `policy`.
    what: &'static str,
    currency: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl Covered {
    fn told(&self) -> String {
        let end = |day: &Option<String>| day.clone().unwrap_or_default();
        let currency = self.currency.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
        format!("{}{currency} {}–{}", self.what, end(&self.from), end(&self.to))
    }
}

fn coverage(pack: &Pack) -> Vec<Covered> {
    let day = |day: chrono::NaiveDate| Some(day.to_string());
    let calendar = pack.calendar.iter().map(|calendar| Covered {
        what: "calendar",
        currency: None,
        from: day(calendar.from),
        to: day(calendar.to),
    });
    let orders = pack.validity.iter().map(|range| Covered {
        what: "orders",
        currency: range.currency.clone(),
        from: range.from.and_then(day),
        to: range.to.and_then(day),
    });
    let dated = pack.policies.entries.iter();
    let starts: Option<Vec<_>> = dated.clone().map(|entry| entry.from).collect();
    let ends: Option<Vec<_>> = dated.map(|entry| entry.to).collect();
    let policy = (!pack.policies.entries.is_empty()).then(|| Covered {
        what: "policy",
        currency: None,
        from: starts.and_then(|days| days.into_iter().min()).and_then(day),
        to: ends.and_then(|days| days.into_iter().max()).and_then(day),
    });
    calendar.chain(orders).chain(policy).collect()
}
