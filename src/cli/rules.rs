//! `trueup rules [CODE]`: the catalogue, one rule's page, or the page of a reason for which rows are refused.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use crate::base::text;
use crate::cli::args::RulesArguments;
use crate::cli::paint;
use crate::diagnose::{Diagnostic, Exit};
use crate::ingest::{reason_page, reason_words};
use crate::pipeline::{TextRule, all_packs, load};
use crate::rules::rule::Rule;
use crate::rules::{catalogue_with, codes};
use crate::vocab::Word;

pub(super) fn rules(arguments: &RulesArguments) -> Exit {
    let catalogue = match written(arguments.pipeline.as_deref()) {
        Ok(written) => catalogue_with(&written),
        Err(mistakes) => {
            paint::diagnostics(&mistakes);
            return Exit::Usage;
        }
    };
    let Some(code) = &arguments.code else {
        list(&catalogue, arguments.json);
        return Exit::Clean;
    };
    let wanted = code.to_uppercase();
    match catalogue.iter().find(|rule| rule.code == wanted || rule.name == code) {
        Some(rule) => {
            page(rule, arguments.json);
            Exit::Clean
        }
        None if reason_page(code).is_some() => {
            reason(code, arguments.json);
            Exit::Clean
        }
        None => {
            let near = text::nearest(&wanted, catalogue.iter().map(|rule| rule.code))
                .or_else(|| text::nearest(code, reason_words()));
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            paint::error(&format!("no rule and no reason {code}{hint}"));
            Exit::Usage
        }
    }
}

/// The rules that a pipeline or, without one, the packs there are write as text.
fn written(pipeline: Option<&Path>) -> Result<Vec<Arc<TextRule>>, Vec<Diagnostic>> {
    match pipeline {
        Some(path) => Ok(load(path, &codes())?.text_rules),
        None => Ok(all_packs(Path::new("."))?.iter().flat_map(|pack| pack.rules.clone()).collect()),
    }
}

fn as_json(rule: &Rule) -> serde_json::Value {
    let needs: Vec<&str> = rule.needs.iter().map(|needed| needed.text()).collect();
    json!({
        "code": rule.code, "name": rule.name, "title": rule.title(), "version": rule.version,
        "subject": rule.subject.frame().name, "remedy": rule.remedy.text(), "needs": needs, "page": clean(rule.page),
    })
}

fn list(catalogue: &[&Rule], as_json_lines: bool) {
    if as_json_lines {
        let all: Vec<_> = catalogue.iter().map(|rule| as_json(rule)).collect();
        paint::json(&serde_json::Value::Array(all));
        return;
    }
    let rows: Vec<Vec<String>> =
        catalogue.iter().map(|rule| vec![rule.code.into(), rule.name.into(), rule.title().into()]).collect();
    paint::table(&["code", "name", "what it finds"], &rows);
}

fn page(rule: &Rule, json: bool) {
    if json {
        paint::json(&as_json(rule));
        return;
    }
    paint::line(&format!("{} {} (version {})", rule.code, rule.name, rule.version));
    paint::gap();
    paint::text(&without_tabs(clean(rule.page).trim_end()));
    let needs: Vec<&str> = rule.needs.iter().map(|needed| needed.text()).collect();
    if !needs.is_empty() {
        paint::gap();
        paint::line(&format!("Switched on by the pack traits: {}", needs.join(", ")));
    }
}

/// The page of a reason for which rows are refused.
fn reason(name: &str, json: bool) {
    let page = reason_page(name).unwrap_or_default();
    if json {
        paint::json(&json!({"reason": name, "page": page}));
    } else {
        paint::text(page.trim_start_matches("## "));
    }
}

/// Tabs of a text that a pipeline or pack writes: at the beginning of a line they are blanks, elsewhere they are shown.
fn without_tabs(page: &str) -> String {
    let line = |line: &str| {
        let text = line.trim_start_matches('\t');
        "    ".repeat(line.len() - text.len()) + &text.replace('\t', "\\t")
    };
    page.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The page without the blank that a doc comment puts before each line.
fn clean(page: &str) -> String {
    page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tab_of_a_text_reaches_the_terminal() {
        assert_eq!(without_tabs("x\ty.\n\t\ta = 1\tAND b\n\n z"), "x\\ty.\n        a = 1\\tAND b\n\n z");
    }
}
