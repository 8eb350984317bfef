//! Why no report was composed.

use polars::prelude::PolarsError;

use crate::diagnose::Exit;

/// A report could not be composed; nothing is published.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A frame is not what its declaration says.
    #[error("a frame is not as declared: {0}")]
    Frame(#[from] PolarsError),
    /// Money or rows in are not money or rows out.
    #[error("{input}: {unit} in {read}, in buckets {buckets}, residue {residue}")]
    Residue {
        /// The input as outputs quote it.
        input: String,
        /// `rows` or a currency.
        unit: String,
        /// What was read.
        read: String,
        /// What the buckets hold.
        buckets: String,
        /// The difference.
        residue: String,
    },
    /// What ingest had used is not what reconcile holds at its end.
    #[error("{input}: {unit} used {used}, after matching {held}, residue {residue}")]
    ResidueMatched {
        /// The input as outputs quote it.
        input: String,
        /// `rows` or a currency.
        unit: String,
        /// What ingest had used.
        used: String,
        /// What took part in facts, and what is dated after as-of.
        held: String,
        /// The difference.
        residue: String,
    },
    /// A sum does not fit.
    #[error("the sum of {0} does not fit into 64 bits")]
    Overflow(&'static str),
    /// A column holds a word that its list does not have.
    #[error("`{word}` in column {column} is no word of its list")]
    Word {
        /// The column.
        column: &'static str,
        /// What it holds.
        word: String,
    },
    /// A cell of a frame is not the JSON that a lower floor promises.
    #[error("{what} cannot be read: {cause}")]
    Json {
        /// The cell.
        what: String,
        /// What the JSON reader says.
        cause: String,
    },
    /// No texts in this language.
    #[error("no report texts in language {wanted}; there are {known}")]
    Language {
        /// What the pipeline or `--lang` asks for.
        wanted: String,
        /// What there is.
        known: String,
    },
    /// The embedded text table cannot be read.
    #[error("the text table cannot be read: {0}")]
    Texts(String),
}

impl ReportError {
    /// The exit code that it leads to.
    pub fn exit(&self) -> Exit {
        match self {
            ReportError::Language { .. } => Exit::Usage,
            _ => Exit::Invariant,
        }
    }
}
