//! `trueup pack test [PACK…]`: the golden rows of packs, passed and failed.

use std::path::Path;

use crate::base::text;
use crate::cli::args::PackTestArguments;
use crate::cli::paint;
use crate::diagnose::{Diagnostic, Exit};
use crate::golden::{Trial, try_golden_rows, try_rule_examples};
use crate::pipeline::{Account, PackText, TextRule, all_pack_texts, load};
use crate::rules::codes;

pub(super) fn test(arguments: &PackTestArguments) -> Exit {
    match &arguments.pipeline {
        Some(pipeline) => test_rules(pipeline),
        None => test_packs(arguments),
    }
}

/// The rules written as text of a pipeline.
fn test_rules(path: &Path) -> Exit {
    let pipeline = match load(path, &codes()) {
        Ok(pipeline) => pipeline,
        Err(mistakes) => {
            paint::diagnostics(&mistakes);
            return Exit::Usage;
        }
    };
    let account_of = |rule: &TextRule| {
        let mut accounts = pipeline.accounts.iter().filter(|account| rule.concerns(Some(&account.marketplace)));
        accounts
            .find(|account| rule.written.needs.iter().all(|wanted| account.has(*wanted)))
            .map(|account| Account::clone(account))
    };
    let trial = try_rule_examples(&pipeline.text_rules, account_of);
    told(vec![(pipeline.name.clone(), trial)])
}

fn test_packs(arguments: &PackTestArguments) -> Exit {
    let packs = match all_pack_texts(Path::new(".")) {
        Ok(packs) => packs,
        Err(mistakes) => {
            paint::diagnostics(&mistakes);
            return Exit::Usage;
        }
    };
    for name in &arguments.packs {
        if !packs.iter().any(|read| is_named(read, name)) {
            let near = text::nearest(name, packs.iter().map(short));
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            paint::error(&format!("no such pack: {name}{hint}"));
            return Exit::Usage;
        }
    }
    let wanted =
        |read: &&PackText| arguments.packs.is_empty() || arguments.packs.iter().any(|name| is_named(read, name));
    told(packs.iter().filter(wanted).map(|read| (read.pack.name.clone(), try_golden_rows(read, &packs))).collect())
}

fn told(trials: Vec<(String, Trial)>) -> Exit {
    let rows: Vec<Vec<String>> = trials
        .iter()
        .map(|(name, trial)| vec![name.clone(), trial.passed.to_string(), trial.failed.to_string()])
        .collect();
    paint::table(&["pack", "passed", "failed"], &rows);
    let mistakes: Vec<Diagnostic> = trials.into_iter().flat_map(|(_, trial)| trial.mistakes).collect();
    paint::diagnostics(&mistakes);
    if mistakes.is_empty() { Exit::Clean } else { Exit::Findings }
}

fn is_named(read: &PackText, name: &str) -> bool {
    read.pack.name == name || short(read) == name
}

/// The name without its folder.
fn short(read: &PackText) -> &str {
    read.pack.name.rsplit('/').next().unwrap_or_default()
}
