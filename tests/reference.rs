//! The reference pages are written from the types, and fail here when they are stale.

use std::fmt::Write as _;

use trueup::frame::canonical::frame_of;
use trueup::frame::column::{Column, Frame, Shape};
use trueup::frame::{findings, metric_facts, tracking_errors};
use trueup::rules::catalogue;
use trueup::vocab::{Kind, Subject, Word};

const PAGE: &str = "src/guide/reference.md";

fn written() -> String {
    let mut page = "# Reference\n\nWritten from the types by `TRUEUP_WRITE=1 cargo test reference`; a test fails when it is stale.\n".to_owned();
    rules(&mut page);
    frames(&mut page);
    page
}

fn rules(page: &mut String) {
    page.push_str("\n## Rules\n\nThe page of each: `trueup rules CODE`.\n\n| code | name | about | needs | what it finds |\n|---|---|---|---|---|\n");
    for rule in catalogue() {
        let needs: Vec<&str> = rule.needs.iter().map(|needed| needed.text()).collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            rule.code,
            rule.name,
            rule.subject.text(),
            needs.join(", "),
            rule.title()
        );
    }
}

fn frames(page: &mut String) {
    page.push_str("\n## Files of `data/`\n\nMoney is minor units of the row's currency, an instant milliseconds UTC, a row a part (`parts.parquet`) in the upper\n32 bits and a line from 1 in the lower. Raw labels and names are words without a list.\n");
    let mut frames: Vec<Frame> = Kind::ALL.iter().map(|kind| frame_of(*kind)).collect();
    frames.extend(Subject::ALL.iter().map(|subject| *subject.frame()));
    frames.extend([metric_facts::FRAME, tracking_errors::FRAME, findings::FRAME]);
    frames.sort_by_key(|frame| frame.name);
    frames.dedup_by_key(|frame| frame.name);
    for frame in frames {
        let _ = write!(
            page,
            "\n### `{}.parquet`\n\nSorted by {}.\n\n| column | holds | meaning |\n|---|---|---|\n",
            frame.name,
            frame.sorted_by.join(", ")
        );
        for column in frame.columns {
            let _ = writeln!(page, "| `{}` | {} | {} |", column.name, holds(column), meaning(column));
        }
    }
}

fn holds(column: &Column) -> String {
    let shape = match column.shape {
        Shape::Text => "text",
        Shape::Word => "word",
        Shape::Money => "money",
        Shape::Ppm => "millionths",
        Shape::Date => "date",
        Shape::Instant => "instant",
        Shape::Int => "number",
        Shape::Flag => "yes or no",
        Shape::Row => "row",
    };
    match column.words {
        [] => shape.to_owned(),
        words => format!("{shape}: `{}`", words.join("`, `")),
    }
}

fn meaning(column: &Column) -> String {
    let text = column.doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let source = column.source.map(|(row, cell)| format!(" Read where `{row}` says, as `{cell}`."));
    // Links of the code lead nowhere here.
    text.replace("([`crate::vocab::", "(`").replace("`])", "`)") + &source.unwrap_or_default()
}

#[test]
fn the_reference_is_what_the_types_say() {
    let page = written();
    if std::env::var_os("TRUEUP_WRITE").is_some() {
        std::fs::write(PAGE, &page).expect("the page is written");
    }
    let there = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(there == page, "{PAGE} is stale: write it again with `TRUEUP_WRITE=1 cargo test reference`");
}
