//! From a `[[rule]]` as written to one that is checked, column by column and word by word.

use std::ops::Range;

use regex::Regex;

use crate::base::money;
use crate::diagnose::Diagnostic;
use crate::frame::column::{Column, Frame};
use crate::frame::order_facts;
use crate::pipeline::bounds;
use crate::pipeline::formula::{Amount, Formula};
use crate::pipeline::name::{EXPECTED, mistake_of_name};
use crate::pipeline::resolve::formula_parts::Mistake;
use crate::pipeline::resolve::formula_text::{Type, conditions, did_you_mean, readable, value};
use crate::pipeline::spanned::Spanned;
use crate::pipeline::text_rule::{Piece, SourceText, TextRule};
use crate::pipeline::written::rule::WrittenRule;

impl TextRule {
    /// Checks a rule, and says all its mistakes. What of it is refused is left out: a configuration with mistakes runs nothing.
    pub fn read(
        written: WrittenRule,
        marketplace: Option<String>,
        origin: SourceText,
        mistakes: &mut Vec<Diagnostic>,
    ) -> TextRule {
        let frame = written.subject.frame();
        mistakes.extend(form(&written, &origin));
        let when = kept(conditions(written.when.get_ref(), frame), &written.when, &origin, mistakes);
        let mut optional = |formula: &Option<Spanned<String>>, wanted: Type| {
            let formula = formula.as_ref()?;
            kept(value(formula.get_ref(), frame, wanted), formula, &origin, mistakes)
        };
        let (money, due) = (optional(&written.money, Type::Money), optional(&written.due, Type::Day));
        let evidence = columns(&written.evidence, frame, &origin, mistakes);
        let message = written.message.as_ref().map(|message| pieces(message, frame, &origin, mistakes));
        let message = message.unwrap_or_default();
        let page = page(&written, frame);
        TextRule { written, marketplace, when: when.unwrap_or_default(), money, due, evidence, message, page, origin }
    }

    /// Amounts that the currency of an account (name, currency) does not have: they could never be compared.
    pub fn mistakes_of_amounts<'a>(&self, accounts: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Diagnostic> {
        let mut amounts = Vec::new();
        let formulas = self.when.iter().map(|(_, formula)| formula).chain(&self.money);
        formulas.for_each(|formula| amounts_of(formula, &mut amounts));
        accounts
            .flat_map(|account| amounts.iter().map(move |amount| (account, *amount)))
            .filter(|((_, currency), amount)| {
                money::decimals(currency).is_some_and(|decimals| amount.minor(decimals).is_none())
            })
            .map(|((name, currency), amount)| {
                let message = format!("{currency} has no amount with {} decimals (account {name})", amount.places);
                self.origin.mistake("CFG074", message, self.written.when.span(), "an amount of the currency".to_owned())
            })
            .collect()
    }
}

/// A mistake within a formula, which stands in the text as a string.
fn mistake_in(origin: &SourceText, formula: &Spanned<String>, mistake: Mistake) -> Diagnostic {
    let span = formula.span();
    let raw = origin.text.get(span.clone()).unwrap_or_default();
    // A string with escapes does not stand in the text as it is read: then the whole of it is shown, and the part is named.
    let at = raw.find(formula.get_ref().as_str()).map(|start| span.start + start);
    let (place, message) = match at {
        Some(at) => (at + mistake.place.start..at + mistake.place.end, mistake.message),
        None => (span, format!("{}: `{}`", mistake.message, mistake.found)),
    };
    Diagnostic {
        found: mistake.found,
        help: mistake.help,
        ..origin.mistake("CFG070", message, place, mistake.expected)
    }
}

/// More rules than one text may hold.
pub(super) fn too_many_rules(written: &[WrittenRule], origin: &SourceText) -> Option<Diagnostic> {
    let beyond = written.get(bounds::RULES)?;
    let expected = format!("at most {} rules", bounds::RULES);
    Some(origin.mistake("CFG063", format!("{} rules", written.len()), beyond.code.span(), expected))
}

/// Mistakes of the texts that are no formula.
fn form(written: &WrittenRule, origin: &SourceText) -> Vec<Diagnostic> {
    let is = |pattern: &str, text: &str| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text));
    let mut mistakes = Vec::new();
    if !is("^[A-Z][A-Z0-9]{1,9}-[0-9]{3}$", written.code.get_ref()) {
        let expected = "two to ten capitals and three digits, such as SHOP-001".to_owned();
        mistakes.push(origin.mistake("CFG071", "not the form of a code".to_owned(), written.code.span(), expected));
    }
    if !is("^[a-z0-9]+(-[a-z0-9]+)*$", written.name.get_ref()) {
        let expected = "small letters and hyphens, such as paid-too-late".to_owned();
        mistakes.push(origin.mistake("CFG071", "not the form of a name".to_owned(), written.name.span(), expected));
    }
    if let Some(why) = mistake_of_name(written.name.get_ref()) {
        mistakes.push(origin.mistake("CFG062", why, written.name.span(), EXPECTED.to_owned()));
    }
    let message = written.message.as_ref().map_or("", |message| message.get_ref());
    let given = written.given.as_deref().unwrap_or_default();
    for text in [message, &written.title, &written.why, &written.todo, given] {
        if text.len() > bounds::RULE_TEXT_BYTES {
            let (told, expected) =
                (format!("a text of {} bytes", text.len()), format!("at most {} bytes", bounds::RULE_TEXT_BYTES));
            mistakes.push(origin.mistake("CFG063", told, written.code.span(), expected));
        }
    }
    for list in [&written.evidence, &written.suppresses] {
        if let Some(beyond) = list.get(bounds::RULE_COLUMNS) {
            let expected = format!("at most {}", bounds::RULE_COLUMNS);
            mistakes.push(origin.mistake("CFG063", format!("a list of {}", list.len()), beyond.span(), expected));
        }
    }
    let has = |column: Column| written.subject.frame().column(column.name).is_some();
    if let Some(money) = written.money.as_ref().filter(|_| !has(written.subject.currency())) {
        let expected = "no `money`, or another subject".to_owned();
        mistakes.push(origin.mistake("CFG071", "the subject has no currency".to_owned(), money.span(), expected));
    }
    if let Some(weaker) = written.suppresses.first().filter(|_| !has(order_facts::order_no)) {
        let expected = "no `suppresses`, or another subject".to_owned();
        mistakes.push(origin.mistake("CFG071", "the subject has no order".to_owned(), weaker.span(), expected));
    }
    mistakes
}

fn kept<T>(
    read: Result<T, Vec<Mistake>>,
    formula: &Spanned<String>,
    origin: &SourceText,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<T> {
    read.map_err(|found| mistakes.extend(found.into_iter().map(|mistake| mistake_in(origin, formula, mistake)))).ok()
}

fn columns(
    written: &[Spanned<String>],
    frame: &Frame,
    origin: &SourceText,
    mistakes: &mut Vec<Diagnostic>,
) -> Vec<Column> {
    let mut known = Vec::with_capacity(written.len());
    for name in written {
        match readable(frame).find(|column| column.name == name.get_ref()) {
            Some(column) => known.push(column),
            None => mistakes.push(no_such_column(name.get_ref(), name.span(), frame, origin)),
        }
    }
    known
}

fn no_such_column(name: &str, span: Range<usize>, frame: &Frame, origin: &SourceText) -> Diagnostic {
    let help = did_you_mean(name, readable(frame).map(|column| column.name));
    let expected = format!("a column of {}", frame.name);
    Diagnostic { help, ..origin.mistake("CFG072", "no such column".to_owned(), span, expected) }
}

/// Cuts a message at its columns.
fn pieces(written: &Spanned<String>, frame: &Frame, origin: &SourceText, mistakes: &mut Vec<Diagnostic>) -> Vec<Piece> {
    let mut cut = Vec::new();
    let mut rest = written.get_ref().as_str();
    while let Some((words, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        cut.push(Piece::Words(words.to_owned()));
        match readable(frame).find(|column| column.name == name) {
            Some(column) => cut.push(Piece::Value(column)),
            None => mistakes.push(no_such_column(name, written.span(), frame, origin)),
        }
        rest = after;
    }
    if rest.contains(['{', '}']) {
        let expected = "`{column}`".to_owned();
        mistakes.push(origin.mistake("CFG072", "a brace without its other half".to_owned(), written.span(), expected));
    }
    cut.push(Piece::Words(rest.to_owned()));
    cut.retain(|piece| *piece != Piece::Words(String::new()));
    cut
}

/// The page in the form of every rule's page: its example is tried like theirs.
fn page(written: &WrittenRule, frame: &Frame) -> String {
    let title = written.title.trim();
    let stop = if title.ends_with('.') { "" } else { "." };
    let mut page = format!(
        "{title}{stop}\n\n## When\n```sql\n{}\n```\n\n## Why it matters\n{}\n\n## What to do\n{}\n",
        written.when.get_ref().trim(),
        written.why.trim(),
        written.todo.trim()
    );
    if let Some(given) = &written.given {
        let finds = written.finds.join("\n");
        page += &format!(
            "\n## Example\n```text given {}\n{}\n```\n```text finds\n{finds}\n```\n",
            frame.name,
            given.trim()
        );
    }
    page
}

fn amounts_of(formula: &Formula, amounts: &mut Vec<Amount>) {
    match formula {
        Formula::Amount(amount) => amounts.push(*amount),
        Formula::Not(a)
        | Formula::Known(a)
        | Formula::Times(_, a)
        | Formula::Later(a, _)
        | Formula::Magnitude(a)
        | Formula::Matches(a, _) => amounts_of(a, amounts),
        Formula::Compare(_, a, b) | Formula::Sum(a, b) | Formula::Difference(a, b) => {
            amounts_of(a, amounts);
            amounts_of(b, amounts);
        }
        Formula::OneOf(a, values) => {
            amounts_of(a, amounts);
            values.iter().for_each(|value| amounts_of(value, amounts));
        }
        Formula::First(all) | Formula::All(all) | Formula::Any(all) => {
            all.iter().for_each(|one| amounts_of(one, amounts))
        }
        Formula::Column(_)
        | Formula::AsOf
        | Formula::AsOfEnd
        | Formula::Threshold(_)
        | Formula::Flag(_)
        | Formula::Text(_)
        | Formula::Whole(_)
        | Formula::Day(_) => {}
    }
}
