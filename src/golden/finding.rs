//! `[[golden.finding]]`: what a rule says of one subject, by the pack's traits and policy.

use std::cell::RefCell;

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use polars::prelude::DataFrame;

use crate::base::as_of::AsOf;
use crate::base::money;
use crate::base::text::nearest;
use crate::base::zone::{date_of, day_number, to_utc_millis};
use crate::frame::build::FrameBuilder;
use crate::frame::column::{Column, Shape};
use crate::golden::account::pipeline;
use crate::golden::{Bench, Facts, yes_or_no};
use crate::pipeline::policy::PolicyEntry;
use crate::pipeline::written::golden::GivenFinding;
use crate::rules::catalogue;
use crate::rules::context::AT_ONCE;
use crate::rules::engine::{AccountGroups, run};
use crate::rules::evidence::Library;
use crate::rules::rule::Rule;
use crate::rules::verdict::verdicts;
use crate::vocab::Word;

pub(super) fn facts(bench: &Bench, given: &GivenFinding) -> Result<Facts, String> {
    let rules = catalogue();
    let known = || rules.iter().map(|rule| rule.code);
    let rule = rules.iter().copied().find(|rule| rule.code == given.code);
    let rule =
        rule.ok_or_else(|| format!("no rule {}; the nearest is {:?}", given.code, nearest(&given.code, known())))?;
    let pipeline = pipeline(bench, &given.currency, given.profile.as_deref(), PolicyEntry::default())?;
    let account = pipeline.accounts.first().ok_or("no account")?;
    if let Some(lacking) = rule.needs.iter().find(|wanted| !account.has(**wanted)) {
        return Ok(not_found(&format!("the pack is not {lacking}")));
    }
    let row = row_of(rule, given, &account.name)?;
    let missing = RefCell::new(Vec::new());
    let as_of = AsOf(given.on);
    let groups = AccountGroups::new(&pipeline, as_of);
    let context = groups.of(&account.name).context(rule, &pipeline, as_of, &missing);
    let of_engine = |error: polars::prelude::PolarsError| error.to_string();
    let found = run(rule, &context, &row, Library::default()).map_err(of_engine)?;
    let Some(finding) = found.first() else {
        let judged = verdicts(rule, &context, &row).map_err(of_engine)?;
        let failed = judged.iter().find(|verdict| verdict.holds != [true]);
        return Ok(not_found(failed.map_or("", |verdict| verdict.condition)));
    };
    let none = || "none".to_owned();
    Ok(Facts::from([
        ("found", yes_or_no(true)),
        ("severity", finding.severity.text().to_owned()),
        ("remedy", finding.remedy.to_owned()),
        ("money", finding.money.map_or_else(none, |minor| money::to_decimal(minor, &given.currency))),
        ("due", due_of(finding.due).unwrap_or_else(none)),
    ]))
}

/// The deadline as an example states it: a day, or `at once`.
fn due_of(due: Option<i32>) -> Option<String> {
    if due == Some(AT_ONCE) {
        return Some("at once".to_owned());
    }
    due.and_then(date_of).map(|day| day.to_string())
}

/// The rule is silent; `because`: the first of its conditions that does not hold.
fn not_found(because: &str) -> Facts {
    Facts::from([("found", yes_or_no(false)), ("because", because.to_owned())])
}

/// The fact frame of the rule with the one subject.
fn row_of(rule: &Rule, given: &GivenFinding, account: &str) -> Result<DataFrame, String> {
    let frame = rule.subject.frame();
    if let Some(unknown) = given.facts.keys().find(|name| frame.column(name).is_none()) {
        let near = nearest(unknown, frame.columns.iter().map(|column| column.name));
        return Err(format!("no fact `{unknown}` of {}; the nearest is {near:?}", frame.name));
    }
    let mut built = FrameBuilder::new(frame, 1);
    for column in frame.columns {
        match given.facts.get(column.name) {
            Some(text) => fill(&mut built, *column, text, &given.currency)
                .ok_or_else(|| format!("`{text}` is no value of the fact `{}`", column.name))?,
            None if column.name == "account" => _ = built.texts(*column, [account]),
            None if column.name.ends_with("currency") => _ = built.texts(*column, [&given.currency]),
            None if matches!(column.shape, Shape::Text) => _ = built.texts(*column, [""]),
            None => {}
        }
    }
    built.finish().map_err(|error| error.to_string())
}

/// The one value of a column; `None` when the text is none of its shape.
fn fill(built: &mut FrameBuilder, column: Column, text: &str, currency: &str) -> Option<()> {
    match column.shape {
        Shape::Text | Shape::Word => built.texts(column, [text]),
        Shape::Money => built.numbers(column, [Some(money::from_decimal(text, currency)?)]),
        Shape::Ppm => built.numbers(column, [Some(money::from_percent(text)?)]),
        Shape::Int => built.numbers(column, [Some(text.parse().ok()?)]),
        Shape::Date => built.days(column, [Some(day_number(text.parse().ok()?))]),
        Shape::Instant => {
            let instant = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
            built.instants(column, [Some(to_utc_millis(instant, Tz::UTC))])
        }
        Shape::Flag if text == "yes" || text == "no" => built.flags(column, [text == "yes"]),
        // Where a fact was read is none of an example's business.
        Shape::Flag | Shape::Row => return None,
    };
    Some(())
}
