//! `[[rule]]`: a rule that a pack or a pipeline writes as text, checked.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnose::{Diagnostic, Exit, Place};
use crate::frame::column::Column;
use crate::pipeline::formula::Formula;
use crate::pipeline::written::rule::WrittenRule;

/// A rule written as text, checked.
#[derive(Debug, Clone)]
pub struct TextRule {
    /// As it was written.
    pub written: WrittenRule,
    /// The marketplace whose accounts it concerns; every account when absent.
    pub marketplace: Option<String>,
    /// All must hold; each with its text.
    pub when: Vec<(String, Formula)>,
    /// Money at stake.
    pub money: Option<Formula>,
    /// Deadline.
    pub due: Option<Formula>,
    /// Columns that prove it.
    pub evidence: Vec<Column>,
    /// The message, cut at its columns; empty when there is none.
    pub message: Vec<Piece>,
    /// Its page, in the form of every rule's page.
    pub page: String,
    /// The configuration text that it stands in.
    pub origin: SourceText,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words(String),
    /// The value of a column.
    Value(Column),
}

/// A configuration text.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// Path as outputs quote it.
    pub file: String,
    /// The whole text.
    pub text: Arc<str>,
}

impl SourceText {
    /// A mistake in the text; exit 2.
    pub fn mistake(&self, code: &'static str, message: String, span: Range<usize>, expected: String) -> Diagnostic {
        Diagnostic {
            code,
            message,
            found: self.text.get(span.clone()).unwrap_or_default().to_owned(),
            place: Place::Config { file: self.file.clone(), text: self.text.clone(), span },
            expected,
            help: String::new(),
            exit: Exit::Usage,
        }
    }
}

impl TextRule {
    /// Its code.
    pub fn code(&self) -> &str {
        self.written.code.get_ref()
    }

    /// Whether the rule speaks of an account at the marketplace; `None`: of what belongs to no account.
    pub fn concerns(&self, marketplace: Option<&str>) -> bool {
        self.marketplace.as_deref().is_none_or(|only| marketplace == Some(only))
    }
}
