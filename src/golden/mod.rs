//! The golden rows of a pack, tried on the engine: the functions asked are those of a run, so a pack that passes is read as it is meant.

mod account;
mod amounts;
mod carrier;
mod confirmation;
mod day;
mod document;
mod finding;
mod payout;
mod target;
mod transition;
mod word;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnose::{Diagnostic, Exit, Place};
use crate::pipeline::written::golden::GoldenRow;
use crate::pipeline::{Account, Pack, PackText, TextRule};
use crate::rules::example::try_example;
use crate::rules::rule_of;

/// What the engine says of a row: fact → its text.
type Facts = BTreeMap<&'static str, String>;

/// How the golden rows of one pack went.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    /// Rows of which every fact is as expected.
    pub passed: usize,
    /// Rows with a fact that is not.
    pub failed: usize,
    /// Each fact that is not as expected, with its place in the pack.
    pub mistakes: Vec<Diagnostic>,
}

/// Tries all golden rows of a pack. `packs` are all there are: a calendar and the common words are looked up among them.
pub fn try_golden_rows(read: &PackText, packs: &[PackText]) -> Trial {
    let (golden, pack) = (&read.pack.golden, &*read.pack);
    let mut bench = Bench { read, packs, trial: Trial::default() };
    bench.try_all(&golden.word, |bench, given| Ok(word::facts(given, pack, bench.named("common"))));
    bench.try_all(&golden.code, |_, given| carrier::code_facts(given, pack));
    bench.try_all(&golden.history, |_, given| carrier::history_facts(given, pack));
    bench.try_all(&golden.number, |_, given| Ok(carrier::number_facts(given, pack)));
    bench.try_all(&golden.payout, payout::facts);
    bench.try_all(&golden.amounts, amounts::facts);
    bench.try_all(&golden.day, |_, given| day::facts(given, pack));
    bench.try_all(&golden.target, target::facts);
    bench.try_all(&golden.transition, |_, given| transition::facts(given, pack));
    bench.try_all(&golden.confirmation, confirmation::facts);
    bench.try_all(&golden.document, |_, given| Ok(document::facts(given, pack)));
    bench.try_all(&golden.finding, finding::facts);
    let of_rules = try_rule_examples(&read.pack.rules, |rule| account::trying(&bench, rule));
    bench.trial.passed += of_rules.passed;
    bench.trial.failed += of_rules.failed;
    bench.trial.mistakes.extend(of_rules.mistakes);
    bench.trial
}

/// Tries the examples of rules written as text, each as an account sees it that the rule concerns: every rule has one.
pub fn try_rule_examples(rules: &[Arc<TextRule>], account_of: impl Fn(&TextRule) -> Option<Account>) -> Trial {
    let mut trial = Trial::default();
    for rule in rules {
        let tried = match account_of(rule) {
            Some(account) => try_example(rule_of(rule), &account),
            None => Err("it concerns no account".to_owned()),
        };
        match tried {
            Ok(()) => trial.passed += 1,
            Err(reason) => {
                let expected = format!("`{}` in its table `given`, and no more", rule.written.finds.join(", "));
                let message = format!("the example of {} fails: {reason}", rule.code());
                let mistake = rule.origin.mistake("CFG060", message, rule.written.code.span(), expected);
                trial.failed += 1;
                trial.mistakes.push(Diagnostic { exit: Exit::Findings, found: reason, ..mistake });
            }
        }
    }
    trial
}

/// A pack under trial.
struct Bench<'packs> {
    read: &'packs PackText,
    packs: &'packs [PackText],
    trial: Trial,
}

impl Bench<'_> {
    fn named(&self, name: &str) -> Option<&Pack> {
        self.packs.iter().map(|read| &*read.pack).find(|pack| pack.name == name)
    }

    fn try_all<Given>(&mut self, rows: &[GoldenRow<Given>], facts: impl Fn(&Self, &Given) -> Result<Facts, String>) {
        for row in rows {
            let before = self.trial.mistakes.len();
            let found = facts(self, &row.given);
            if row.expect.is_empty() {
                self.trial.mistakes.push(self.mistake(row, 0..0, "nothing is expected", "a fact"));
            }
            for (fact, expected) in &row.expect {
                let said = match &found {
                    Ok(facts) => facts.get(fact.as_str()).cloned().ok_or_else(|| one_of(facts, fact)),
                    Err(reason) => Err(reason.clone()),
                };
                match said {
                    Ok(said) if said == *expected.get_ref() => {}
                    Ok(said) => {
                        let expected_text = format!("`{}`, by {}", expected.get_ref(), row.source);
                        self.trial.mistakes.push(self.mistake(row, expected.span(), &said, &expected_text));
                    }
                    Err(reason) => {
                        let expected_text = format!("`{}`", expected.get_ref());
                        self.trial.mistakes.push(self.mistake(row, expected.span(), &reason, &expected_text));
                    }
                }
            }
            if self.trial.mistakes.len() == before {
                self.trial.passed += 1;
            } else {
                self.trial.failed += 1;
            }
        }
    }

    fn mistake<Given>(
        &self,
        row: &GoldenRow<Given>,
        span: std::ops::Range<usize>,
        found: &str,
        expected: &str,
    ) -> Diagnostic {
        Diagnostic {
            code: "CFG060",
            message: format!("a golden row fails ({}): the engine says `{found}`", row.source),
            place: Place::Config { file: self.read.path.clone(), text: self.read.text.as_str().into(), span },
            found: found.to_owned(),
            expected: expected.to_owned(),
            help: String::new(),
            exit: Exit::Findings,
        }
    }
}

fn one_of(facts: &Facts, fact: &str) -> String {
    let known: Vec<&str> = facts.keys().copied().collect();
    format!("no fact `{fact}`; the facts are {}", known.join(", "))
}

fn yes_or_no(holds: bool) -> String {
    if holds { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests;
