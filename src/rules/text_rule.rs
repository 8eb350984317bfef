//! Rules written as text, beside those of this folder.

use std::sync::Arc;

use chrono_tz::Tz;
use polars::prelude::{DataFrame, PolarsResult};

use crate::pipeline::TextRule;
use crate::pipeline::text_rule::Piece;
use crate::rules::evidence::{Evidence, Operand, texts_of};
use crate::rules::rule::{Body, Rule};

/// A rule written as text as a rule of the catalogue. It stays until the program ends, as those of this folder do: a process reads
/// one configuration.
pub fn rule_of(written: &Arc<TextRule>) -> &'static Rule {
    let text: &'static TextRule = Box::leak(Box::new(TextRule::clone(written)));
    Box::leak(Box::new(Rule {
        code: text.code(),
        name: text.written.name.get_ref(),
        page: &text.page,
        version: text.written.version,
        subject: text.written.subject,
        remedy: text.written.remedy,
        remedy_unless: Vec::new,
        needs: &text.written.needs,
        body: Body::Text(text),
        evidence: &text.evidence,
        rests_on: &[],
        file: &text.origin.file,
    }))
}

/// The message of each row, as the last piece of its evidence.
///
/// # Errors
/// The frame lacks a column of the message: a bug of ours.
pub(super) fn messages(
    rule: &TextRule,
    hits: &DataFrame,
    currencies: &[&str],
    zone: Tz,
) -> PolarsResult<Vec<Evidence>> {
    let mut said = vec![(String::new(), Vec::new()); hits.height()];
    let mut form = String::new();
    for piece in &rule.message {
        match piece {
            Piece::Words(words) => {
                form.push_str(words);
                said.iter_mut().for_each(|(message, _)| message.push_str(words));
            }
            Piece::Value(column) => {
                form.push_str(&format!("{{{}}}", column.name));
                let values = texts_of(hits, *column, currencies, zone)?;
                for ((message, operands), value) in said.iter_mut().zip(values) {
                    message.push_str(&value);
                    operands.push(Operand::Named(column.name, value));
                }
            }
        }
    }
    let told = |(value, operands)| Evidence::Computed { column: "message", value, formula: form.clone(), operands };
    Ok(said.into_iter().map(told).collect())
}
