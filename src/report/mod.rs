//! From an assessment to a report book: tables without a file format.
//!
//! One file per sheet (`sheets/`), per list (`lists/`) and per set of control figures (`figures/`). A sheet never sees Excel, and
//! no figure is computed twice: `run.json`, the first sheet and `index.html` read the same [`figures::Figures`].

pub mod assessment;
pub mod book;
pub mod chart;
pub mod desk;
pub mod error;
pub mod fields;
pub mod figures;
pub mod lists;
pub mod manifest;
pub mod sheet;
pub mod sheets;
pub mod table;
pub mod texts;

#[cfg(test)]
pub(crate) mod specimen;

use polars::prelude::DataFrame;

use crate::frame::canonical::frame_of;
use crate::frame::{
    clawback_facts, cod_facts, conflict_facts, document_facts, findings, identifier_facts, metric_facts, number_facts,
    order_facts, payout_day_facts, payout_facts, postage_day_facts, remittance_facts, restated_facts, shipment_facts,
    source_facts, statement_facts, supplier_account_facts, supplier_facts, tracking_errors, transition_facts,
    unmatched_facts, word_facts,
};
use crate::ingest::Ingested;
use crate::reconcile::Reconciled;
use crate::report::book::{Page, ReportBook};
use crate::report::figures::Figures;
use crate::report::texts::Texts;
use crate::vocab::{Kind, Word as _};

pub use assessment::{Assessment, PreviousRun, RuleText};
pub use desk::Desk;
pub use error::ReportError;

/// Composes the report of a run.
///
/// # Errors
/// An unknown language; an invariant that does not hold: a control total with a residue, a sum beyond 64 bits, a frame that is
/// not as declared.
pub fn compose(
    run: &Assessment<'_>,
    previous: Option<&PreviousRun>,
    catalogue: &[RuleText],
) -> Result<ReportBook, ReportError> {
    let texts = Texts::load(&run.pipeline.lang)?;
    let figures = Figures::compute(run)?;
    let quarantine = lists::quarantine::table(&run.ingested.quarantine);
    let desk = Desk { run: *run, texts, catalogue, quarantine, figures, has_previous: previous.is_some() };
    let (workbooks, lists) = rayon::join(|| sheets::workbooks(&desk), || lists::all(&desk));
    let (workbooks, lists) = (workbooks?, lists?);
    let page = page(&desk, &workbooks, &lists)?;
    Ok(ReportBook {
        pipeline: run.pipeline.name.clone(),
        as_of: run.as_of,
        page,
        workbooks,
        lists,
        frames: frames(&desk)?,
        manifest: manifest::Manifest::of(&desk, previous),
    })
}

fn page(desk: &Desk<'_>, workbooks: &[book::Workbook], lists: &[book::List]) -> Result<Page, ReportError> {
    let mut downloads: Vec<(String, String)> =
        workbooks.iter().map(|workbook| (workbook.file.clone(), workbook.title.clone())).collect();
    for list in lists {
        downloads.extend(list.files.iter().map(|file| (file.path.clone(), desk.texts.say("page.list").to_owned())));
    }
    downloads.push(("run.json".to_owned(), desk.texts.say("page.manifest").to_owned()));
    Ok(Page {
        lang: desk.texts.lang().to_owned(),
        downloads_title: desk.texts.say("page.downloads").to_owned(),
        sheet: sheets::summary::build(desk)?,
        downloads,
    })
}

/// The canonical frames, by the name of their file: they are finished before anything else of a report.
pub fn canonical_frames(ingested: &Ingested) -> Vec<(String, DataFrame)> {
    let frame = |kind: &Kind| (frame_of(*kind).name.to_owned(), ingested.frames.of(*kind).clone());
    Kind::ALL.iter().map(frame).collect()
}

/// The fact frames of reconcile, by the name of their file: they are finished before rules and reports begin.
pub fn fact_frames(facts: &Reconciled) -> Vec<(String, DataFrame)> {
    named([
        (order_facts::FRAME.name, &facts.orders),
        (shipment_facts::FRAME.name, &facts.shipments),
        (number_facts::FRAME.name, &facts.numbers),
        (payout_facts::FRAME.name, &facts.payouts),
        (clawback_facts::FRAME.name, &facts.clawbacks),
        (payout_day_facts::FRAME.name, &facts.payout_days),
        (statement_facts::FRAME.name, &facts.statements),
        (transition_facts::FRAME.name, &facts.transitions),
        (document_facts::FRAME.name, &facts.documents),
        (supplier_facts::FRAME.name, &facts.suppliers),
        (supplier_account_facts::FRAME.name, &facts.supplier_accounts),
        (postage_day_facts::FRAME.name, &facts.postage_days),
        (cod_facts::FRAME.name, &facts.cash),
        (remittance_facts::FRAME.name, &facts.remittances),
        (word_facts::FRAME.name, &facts.words),
        (conflict_facts::FRAME.name, &facts.conflicts),
        (source_facts::FRAME.name, &facts.sources),
        (identifier_facts::FRAME.name, &facts.identifiers),
        (unmatched_facts::FRAME.name, &facts.unmatched),
    ])
}

/// All frames that `explain` and analysts read beside the canonical ones and the facts, by the name of their file.
fn frames(desk: &Desk<'_>) -> Result<Vec<(String, DataFrame)>, ReportError> {
    let run = &desk.run;
    let mut frames = named([
        (metric_facts::FRAME.name, &run.metrics.facts),
        (tracking_errors::FRAME.name, &run.metrics.tracking_errors),
        (restated_facts::FRAME.name, &run.metrics.restated),
        (findings::FRAME.name, &run.findings.found),
        (findings::RESOLVED, &run.findings.resolved),
        (findings::SUPPRESSED, &run.findings.suppressed),
    ]);
    frames.push((lists::accounts::NAME.to_owned(), lists::accounts::frame(run)?));
    frames.push((lists::rules::NAME.to_owned(), lists::rules::frame(run)?));
    frames.push(("parts".to_owned(), lists::parts::frame(run)?));
    frames.push(("quarantine".to_owned(), lists::quarantine::frame(desk)?));
    frames.push(("revisions".to_owned(), lists::revisions::frame(run)?));
    frames.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(frames)
}

fn named<const N: usize>(frames: [(&str, &DataFrame); N]) -> Vec<(String, DataFrame)> {
    frames.into_iter().map(|(name, frame)| (name.to_owned(), frame.clone())).collect()
}
