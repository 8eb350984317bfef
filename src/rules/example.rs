//! The tables on a rule's page are its test: each row that *finds* names is found, every other row is left alone.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use polars::prelude::DataFrame;

use crate::base::as_of::AsOf;
use crate::base::zone::{day_number, to_utc_millis};
use crate::frame::build::FrameBuilder;
use crate::frame::column::{Column, Frame, Shape};
use crate::frame::lineage::Parts;
use crate::pipeline::policy::PolicyBook;
use crate::pipeline::{Account, Pack, embedded_pack};
use crate::rules::engine::run;
use crate::rules::rule::{Context, Rule};
use crate::rules::{catalogue, rule};

/// The as-of day of all examples, at whose end they are judged.
const AS_OF: &str = "2026-12-11";

fn block<'page>(page: &'page str, name: &str) -> Vec<&'page str> {
    page.lines()
        .map(str::trim)
        .skip_while(|line| !line.starts_with(&format!("```text {name}")))
        .skip(1)
        .take_while(|line| *line != "```")
        .collect()
}

fn cells(line: &str) -> Vec<&str> {
    line.split('|').map(str::trim).collect()
}

fn account(rule: &Rule) -> Account {
    let common = embedded_pack("common").unwrap();
    Account {
        name: "example".into(),
        marketplace: "example".into(),
        pack: Arc::new(Pack::default()),
        currency: "CZK".into(),
        timezone: chrono_tz::UTC,
        traits: rule.needs.iter().copied().collect(),
        policies: PolicyBook { entries: common.policies.entries.clone() },
        calendar: None,
        complete: true,
        own_delivery_activation_date: None,
    }
}

fn given(frame: &'static Frame, rows: &[&str]) -> DataFrame {
    let (header, rows) = rows.split_first().expect("a header");
    let names = cells(header);
    let table: Vec<Vec<&str>> = rows.iter().map(|row| cells(row)).collect();
    let mut built = FrameBuilder::new(frame, table.len());
    for column in frame.columns {
        if let Some(place) = names.iter().position(|name| *name == column.name) {
            fill(&mut built, *column, table.iter().map(|row| row[place]).collect());
        } else if column.name == "account" {
            built.texts(*column, vec!["example"; table.len()]);
        } else if column.name.ends_with("currency") {
            built.texts(*column, vec!["CZK"; table.len()]);
        } else if matches!(column.shape, Shape::Text) {
            built.texts(*column, vec![""; table.len()]);
        }
    }
    for name in &names {
        assert!(frame.column(name).is_some(), "no column {name} in {}", frame.name);
    }
    built.finish().unwrap()
}

fn fill(built: &mut FrameBuilder, column: Column, values: Vec<&str>) {
    let date = |text: &str| text.parse().ok().map(day_number);
    let instant = |text: &str| {
        let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
        Some(to_utc_millis(local, chrono_tz::UTC))
    };
    match column.shape {
        Shape::Text | Shape::Word => built.texts(column, values),
        Shape::Money | Shape::Ppm | Shape::Int => built.numbers(column, values.iter().map(|text| text.parse().ok())),
        Shape::Date => built.days(column, values.iter().map(|text| date(text))),
        Shape::Instant => built.instants(column, values.iter().map(|text| instant(text))),
        Shape::Flag => built.flags(column, values.iter().map(|text| *text == "yes")),
        Shape::Row => built.references(column, values.iter().map(|text| text.parse().ok())),
    };
}

fn check(rule: &'static Rule) {
    let rows = block(rule.page, "given");
    let facts = given(rule.subject.frame(), &rows);
    let key = cells(rows[0])[0];
    let account = account(rule);
    let missing = RefCell::new(Vec::new());
    let as_of = AsOf(AS_OF.parse().unwrap());
    let policy = account.policy(as_of.0);
    let context = Context {
        account: Some(&account),
        policy: Rc::new(policy),
        as_of: as_of.0,
        end_millis: as_of.end_millis(chrono_tz::UTC),
        code: rule.code,
        missing: &missing,
    };
    let found = run(rule, &context, &facts, &Parts::default()).unwrap();
    let found: Vec<String> = found
        .into_iter()
        .map(|finding| match key {
            "order_no" => finding.order_no,
            "account" => finding.account,
            "tracking_number" => finding.shipment,
            "metric" | "key" | "code_raw" | "method" => key_of(&finding.subject, key),
            _ => finding.subject,
        })
        .collect();
    assert_eq!(found, block(rule.page, "finds"), "{}", rule.code);
    assert!(missing.borrow().is_empty(), "{}: {:?}", rule.code, missing.borrow());
    let left_alone = rows.len() - 1 - found.len();
    assert!(!found.is_empty() && left_alone > 0, "{}: an example is found and a near miss is not", rule.code);
}

fn key_of(subject: &str, key: &str) -> String {
    let parts: Vec<&str> = subject.split('|').collect();
    let place = match key {
        "metric" => 0,
        "code_raw" => 2,
        _ => 1,
    };
    parts[place].to_owned()
}

#[test]
fn every_rule_finds_its_example_and_leaves_the_near_miss_alone() {
    for rule in catalogue() {
        check(rule);
    }
}

#[test]
fn codes_are_unique_and_match_their_files() {
    let mut codes = BTreeSet::new();
    for rule in catalogue() {
        assert!(codes.insert(rule.code), "{} stands twice", rule.code);
        let stem = std::path::Path::new(rule.file).file_stem().unwrap().to_str().unwrap();
        let prefix = rule.code.to_lowercase().replace('-', "");
        assert!(stem.starts_with(&format!("{prefix}_")), "{stem} does not begin with {prefix}");
    }
}

#[test]
fn every_page_has_its_headings() {
    for rule in catalogue() {
        for heading in ["## Why it matters", "## What to do", "## Example"] {
            assert!(rule.page.contains(heading), "{} lacks {heading}", rule.code);
        }
        assert!(rule.title().ends_with('.'), "{}", rule.code);
        let _: &rule::Rule = rule;
    }
}
