//! What the previous publication had read, as far as tonight is compared with it: files, headers, rows.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;

use crate::diagnose::{Diagnostic, Exit, Place};
use crate::frame::canonical::frame_of;
use crate::frame::kind::{main_dates, spec_of};
use crate::ingest::Ingested;
use crate::ingest::refusal::{self, About};
use crate::pipeline::{Pipeline, Source};
use crate::vocab::{Kind, Word};

/// What the previous publication had read.
#[derive(Debug, Clone, Default)]
pub struct PreviousInputs {
    /// Name of the publication.
    pub run: String,
    /// Its input files.
    pub files: Vec<PreviousFile>,
    /// Its used rows of every keyed kind: the columns of [`compared_columns`].
    pub rows: BTreeMap<Kind, DataFrame>,
    /// The source of each of its parts; a lineage number names a part.
    pub part_sources: Vec<String>,
}

/// An input file of the previous publication.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreviousFile {
    /// Its source.
    pub source: String,
    /// Path as outputs quoted it.
    pub path: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Headers as written of each of its parts that has a header row.
    pub headers: Vec<Vec<String>>,
}

/// Kinds whose rows have a key.
pub fn keyed_kinds() -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(|kind| !spec_of(*kind).key.is_empty())
}

/// The columns of a keyed kind that tonight's rows are compared by: account, key, dates, control amounts, currency, lineage.
pub fn compared_columns(kind: Kind) -> Vec<&'static str> {
    let spec = spec_of(kind);
    let frame = frame_of(kind);
    let dates = main_dates(kind).iter().filter_map(|name| frame.civil_date(name)).map(|column| column.name);
    let currency = frame.column("currency").map(|column| column.name);
    ["account"]
        .into_iter()
        .chain(spec.key.iter().copied())
        .chain(dates)
        .chain(spec.control.iter().copied())
        .chain(currency)
        .chain(["row"])
        .collect()
}

impl PreviousInputs {
    /// The digests of a source's files.
    fn digests(&self, source: &str) -> BTreeSet<&str> {
        self.files.iter().filter(|file| file.source == source).map(|file| file.sha256.as_str()).collect()
    }

    /// Notes about files that were there under another name, and refusals of sources that should have brought a new file and did
    /// not (`expect_new`).
    pub fn compare(&self, pipeline: &Pipeline, ingested: &Ingested) -> Vec<Diagnostic> {
        let renamed = ingested.inputs.iter().filter_map(|input| {
            let twins = self.files.iter().filter(|file| file.source == input.source && file.sha256 == input.sha256);
            let mut twins = twins.peekable();
            let before = twins.peek()?.path.clone();
            twins.all(|file| file.path != input.path).then(|| self.delivered_again(&input.path, &before))
        });
        let stale = pipeline.sources.iter().filter(|source| source.expect_new && self.is_stale(source, ingested));
        renamed.chain(stale.map(|source| self.stale(source))).collect()
    }

    fn is_stale(&self, source: &Source, ingested: &Ingested) -> bool {
        let known = self.digests(&source.name);
        let mut files = ingested.inputs.iter().filter(|input| input.source == source.name).peekable();
        files.peek().is_some() && files.all(|input| known.contains(input.sha256.as_str()))
    }

    fn delivered_again(&self, path: &str, before: &str) -> Diagnostic {
        let about = About {
            code: "FIL111",
            message: "a file that was delivered before under another name",
            found: format!("the content of {before} in the publication {}", self.run),
            expected: String::new(),
            help: "fetch the newest export, if this is not it".into(),
        };
        about.at(refusal::file(path), Exit::Clean)
    }

    fn stale(&self, source: &Source) -> Diagnostic {
        Diagnostic {
            code: "FIL112",
            message: format!("source `{}`: no new file", source.name),
            place: Place::Nowhere,
            found: format!("only files that the publication {} had read", self.run),
            expected: format!("a new file, as `expect_new` says  ({})", source.config),
            help: "fetch the newest export; `expect_new = false` runs without it".into(),
            exit: Exit::Missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compared_columns_are_columns_of_their_frames() {
        assert!(keyed_kinds().any(|kind| kind == Kind::Orders));
        assert!(keyed_kinds().all(|kind| kind != Kind::TrackingEvents));
        for kind in keyed_kinds() {
            for name in compared_columns(kind) {
                assert!(frame_of(kind).column(name).is_some(), "{kind}.{name}");
            }
        }
        let orders =
            ["account", "order_no", "created_on", "goods_amount", "delivery_price", "cod_fee", "currency", "row"];
        assert_eq!(compared_columns(Kind::Orders), orders);
    }
}
