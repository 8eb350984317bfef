//! `[[rule]]` and `[rules]`: the rules written as text, and which rules run.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Loader;
use crate::diagnose::Diagnostic;
use crate::pipeline::bounds;
use crate::pipeline::resolve::formula_text::did_you_mean;
use crate::pipeline::resolve::rule::too_many_rules;
use crate::pipeline::spanned::Spanned;
use crate::pipeline::text_rule::{SourceText, TextRule};
use crate::pipeline::written::{WrittenPipeline, WrittenRules};
use crate::pipeline::{Account, RuleSwitches};

impl Loader {
    /// The rules of the packs, then those of the pipeline; each code stands once.
    pub(super) fn text_rules(
        &mut self,
        written: &WrittenPipeline,
        accounts: &[Arc<Account>],
        built_in: &[&str],
    ) -> Vec<Arc<TextRule>> {
        let mut rules: Vec<Arc<TextRule>> = self.shelf.packs().iter().flat_map(|pack| pack.rules.clone()).collect();
        let origin = SourceText { file: self.file.clone(), text: self.text.clone() };
        for rule in written.rule.iter().take(bounds::RULES) {
            rules.push(Arc::new(TextRule::read(rule.clone(), None, origin.clone(), &mut self.mistakes)));
        }
        self.mistakes.extend(too_many_rules(&written.rule, &origin));
        let mut taken: BTreeSet<&str> = built_in.iter().copied().collect();
        let mut mistakes = Vec::new();
        for rule in &rules {
            if !taken.insert(rule.code()) {
                let message = format!("there is a rule {} already", rule.code());
                mistakes.push(rule.origin.mistake(
                    "CFG073",
                    message,
                    rule.written.code.span(),
                    "a code of its own".to_owned(),
                ));
            }
        }
        for (rule, weaker) in rules.iter().flat_map(|rule| rule.written.suppresses.iter().map(move |code| (rule, code)))
        {
            if !taken.contains(weaker.get_ref().as_str()) {
                let help = did_you_mean(weaker.get_ref(), taken.iter().copied());
                let mistake =
                    rule.origin.mistake("CFG075", "no such rule".to_owned(), weaker.span(), "a rule's code".to_owned());
                mistakes.push(Diagnostic { help, ..mistake });
            }
        }
        self.mistakes.extend(mistakes);
        for rule in &rules {
            let concerned = accounts.iter().filter(|account| rule.concerns(Some(&account.marketplace)));
            let currencies = concerned.map(|account| (account.name.as_str(), account.currency.as_str()));
            self.mistakes.extend(rule.mistakes_of_amounts(currencies));
        }
        rules
    }

    /// Every code that a switch names must exist: one that does not would silently switch nothing.
    pub(super) fn rule_switches(
        &mut self,
        written: &WrittenRules,
        text_rules: &[Arc<TextRule>],
        built_in: &[&str],
    ) -> RuleSwitches {
        let known: Vec<&str> = built_in.iter().copied().chain(text_rules.iter().map(|rule| rule.code())).collect();
        let only = written.only.iter().flatten();
        for code in only.chain(&written.ignore).chain(written.severity.keys()) {
            if !known.contains(&code.get_ref().as_str()) {
                let help = did_you_mean(code.get_ref(), known.iter().copied());
                self.mistake("CFG075", "no such rule", code.span(), code.get_ref(), "a rule's code", &help);
            }
        }
        let texts = |codes: &[Spanned<String>]| codes.iter().map(|code| code.get_ref().clone()).collect();
        RuleSwitches {
            only: written.only.as_deref().map(texts),
            ignore: texts(&written.ignore),
            severity: written.severity.iter().map(|(code, severity)| (code.get_ref().clone(), *severity)).collect(),
        }
    }
}
