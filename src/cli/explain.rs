//! `trueup explain RUN WHAT`: everything about one order, or about another subject that people ask for, offline, from a published run.

mod arithmetic;
mod asked;
mod facts;
mod mentions;
mod near_misses;
mod story;

use polars::prelude::PolarsResult;

use crate::cli::args::ExplainArguments;
use crate::cli::explain::mentions::mentions;
use crate::cli::explain::story::{Story, Told};
use crate::cli::paint;
use crate::diagnose::{Exit, visible};
use crate::frame::{order_facts, read};
use crate::publish::archive::Archive;
use crate::publish::csv::unguarded;
use crate::report::texts::Texts;

pub(super) fn explain(arguments: &ExplainArguments) -> Exit {
    let archive = match Archive::open(&arguments.run) {
        Ok(archive) => archive,
        Err(error) => {
            paint::error(&error.to_string());
            return Exit::Usage;
        }
    };
    let texts = match Texts::load(&arguments.lang) {
        Ok(texts) => texts,
        Err(error) => {
            paint::error(&error.to_string());
            return Exit::Usage;
        }
    };
    match asked_for(&archive, &arguments.subject, &texts) {
        Ok(Told::One(story)) => {
            if arguments.json {
                paint::json(&story.json());
            } else {
                story.print(&texts);
            }
            Exit::Clean
        }
        Ok(Told::Many(keys)) => {
            paint::error(&format!("{} is ambiguous: {}", arguments.subject, keys.join(", ")));
            Exit::Usage
        }
        Ok(Told::None(mentions)) => {
            let subject = if arguments.subject.trim().is_empty() { "an empty text" } else { &arguments.subject };
            let message = format!(
                "{subject} is neither an order, a tracking number, a statement, a document, a supplier order nor a refused row of {}",
                archive.folder().display()
            );
            let found = if mentions.is_empty() { "" } else { ", but it is named there:" };
            paint::error(&(message + found));
            mentions.iter().for_each(|mention| paint::more(mention));
            let rows = asked::rows_of_sheets(&archive, &arguments.subject).unwrap_or_default();
            if !rows.is_empty() {
                paint::note(&format!("a row of a workbook is named with its sheet: {}", visible::list(&rows, ROWS)));
            }
            Exit::Usage
        }
        Err(error) => {
            paint::error(&format!("the publication cannot be read: {error}"));
            Exit::Usage
        }
    }
}

/// Rows of sheets that are shown in place of one without a sheet.
const ROWS: usize = 5;

/// What is asked for; where nothing is called so, it may be copied from a list with the apostrophes that stand before formulas there.
fn asked_for(archive: &Archive, wanted: &str, texts: &Texts) -> PolarsResult<Told> {
    let told = tell(archive, wanted, texts)?;
    match (told, unguarded(wanted)) {
        (Told::None(mentions), Some(bare)) => match tell(archive, &bare, texts)? {
            Told::None(others) => Ok(Told::None(if mentions.is_empty() { others } else { mentions })),
            told => Ok(told),
        },
        (told, _) => Ok(told),
    }
}

fn tell(archive: &Archive, order: &str, texts: &Texts) -> PolarsResult<Told> {
    // The key of an order is the name of its account and its number.
    let accounts = archive.accounts()?;
    let mut keys: Vec<String> = accounts.iter().map(|account| format!("{}/{order}", account.name)).collect();
    keys.push(order.to_owned());
    let wanted: Vec<&str> = keys.iter().map(String::as_str).collect();
    let orders = archive.rows_with(&order_facts::FRAME, order_facts::order_key, &wanted)?;
    match orders.height() {
        0 => match asked::tell(archive, order, texts)? {
            Some(told) => Ok(told),
            None => mentions(archive, order, texts, |number| tell(archive, number, texts)).map(Told::None),
        },
        1 => Story::of(archive, &orders, 0, texts).map(|story| Told::One(Box::new(story))),
        _ => Ok(Told::Many(read::texts(&orders, order_facts::order_key)?.iter().map(str::to_owned).collect())),
    }
}
