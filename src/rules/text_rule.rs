//! Rules written as text, beside those of this folder.

use std::sync::Arc;

use chrono_tz::Tz;
use polars::prelude::{DataFrame, PolarsResult};

use crate::pipeline::TextRule;
use crate::pipeline::text_rule::Piece;
use crate::rules::evidence::{Evidence, FactTexts, Operand};
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

/// The message of a rule over the rows of a frame.
pub(super) struct Message<'f> {
    /// Words, and columns with their values.
    pieces: Vec<(&'static str, Option<FactTexts<'f>>)>,
    form: Arc<str>,
}

impl<'f> Message<'f> {
    /// # Errors
    /// The frame lacks a column of the message: a bug of ours.
    pub(super) fn new(rule: &'static TextRule, facts: &'f DataFrame) -> PolarsResult<Message<'f>> {
        let mut form = String::new();
        let pieces = rule.message.iter().map(|piece| match piece {
            Piece::Words(words) => {
                form.push_str(words);
                Ok((words.as_str(), None))
            }
            Piece::Value(column) => {
                form.push_str(&format!("{{{}}}", column.name));
                Ok((column.name, Some(FactTexts::read(facts, *column)?)))
            }
        });
        Ok(Message { pieces: pieces.collect::<PolarsResult<_>>()?, form: form.into() })
    }

    /// What it says of a row, as the last piece of its evidence.
    pub(super) fn of(&self, row: usize, currency: &str, zone: Tz) -> Evidence {
        let (mut value, mut operands) = (String::new(), Vec::new());
        for (words, values) in &self.pieces {
            let text = values.as_ref().map(|values| values.at(row, currency, zone));
            value.push_str(text.as_deref().unwrap_or(words));
            operands.extend(text.map(|text| Operand::Named(words, text.into())));
        }
        let (value, formula, operands) = (value.into(), self.form.clone(), operands.into());
        Evidence::Computed { column: "message", value, formula, operands }
    }
}
