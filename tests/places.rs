//! `src/guide/sources.md`: every rule of the sources stands somewhere, and the places exist.

use std::fs;

/// The places of a row, `path: text` or `path`, as written between backticks.
fn places(cell: &str) -> Vec<&str> {
    let spans = cell.split('`').skip(1).step_by(2);
    spans.filter(|span| span.contains('/')).collect()
}

fn mistake_of(place: &str) -> Option<String> {
    let (path, needle) = place.split_once(": ").unwrap_or((place, ""));
    match fs::read_to_string(path) {
        Ok(text) if text.contains(needle) => None,
        Ok(_) => Some(format!("{path} does not hold `{needle}`")),
        Err(_) => Some(format!("no file {path}")),
    }
}

/// The last cell of a row. A `|` inside backticks is part of a place.
fn last_cell(row: &str) -> &str {
    let inner = row.trim_matches('|').trim();
    inner.split_once(" | ").map_or("", |(_, rest)| rest)
}

#[test]
fn every_rule_of_the_sources_has_a_place_or_a_reason() {
    let text = fs::read_to_string("src/guide/sources.md").expect("the page");
    let mut mistakes = Vec::new();
    let mut rows = 0;
    for row in text.lines().filter(|line| line.starts_with("| ") && !line.ends_with("| place |")) {
        rows += 1;
        let cell = last_cell(row);
        let found = places(cell);
        if found.is_empty() && !["out of scope: ", "not yet: "].iter().any(|reason| cell.contains(reason)) {
            mistakes.push(format!("no place and no reason: {row}"));
        }
        mistakes.extend(found.into_iter().filter_map(mistake_of));
    }
    assert!(rows > 100, "{rows} rows");
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn a_place_that_is_gone_is_seen() {
    assert_eq!(places("`a/b.rs: x`; not yet: `word`"), ["a/b.rs: x"]);
    assert_eq!(mistake_of("src/guide/sources.md: From sentence to place"), None);
    assert!(mistake_of("src/lib.rs: no such text").is_some());
    assert!(mistake_of("src/nowhere.rs").is_some());
}
