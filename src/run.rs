//! All stages in order: the only file that knows them all.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsError};

use crate::base::as_of::AsOf;
use crate::diagnose::{Diagnostic, Exit, Place};
use crate::frame::column::{Column, Frame};
use crate::frame::{findings, read};
use crate::ingest::cited::read_cited;
use crate::ingest::{Ingested, ingest, residues};
use crate::metrics::measure;
use crate::metrics::restated::{self, Shown};
use crate::pipeline::{Pipeline, load};
use crate::publish::history::{Previous, Wanted};
use crate::publish::{Publication, Target, begin, history, publish};
use crate::reconcile::{AT_ONCE, reconcile};
use crate::report::book::ReportBook;
use crate::report::texts::Texts;
use crate::report::{Assessment, ReportError, RuleText, canonical_frames, compose, fact_frames};
use crate::rules::history::{Earlier, Unjudged};
use crate::rules::members::MemberIndex;
use crate::rules::proof::{Proofs, citations};
use crate::rules::resolution::Tonight;
use crate::rules::rule::Rule;
use crate::rules::{self, Findings, engine, finding};
use crate::vocab::{FindingState, Severity, Word};

/// What a run was asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The pipeline file.
    pub pipeline: PathBuf,
    /// As-of date; the pipeline's when absent.
    pub as_of: Option<NaiveDate>,
    /// Folder of the reports; the pipeline's, else `reports`, when absent.
    pub out: Option<PathBuf>,
    /// Exit 1 when a finding is at least this bad.
    pub fail_on: Option<Severity>,
    /// The publication to compare with.
    pub previous: Wanted,
    /// Language of texts; the pipeline's when absent.
    pub lang: Option<String>,
}

/// Called at the start of each stage with its name.
pub type Progress<'run> = &'run dyn Fn(&str);

/// What became of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The exit code.
    pub exit: Exit,
    /// What could not be read as meant, and why nothing was published if nothing was.
    pub diagnostics: Vec<Diagnostic>,
    /// What was published.
    pub summary: Option<Summary>,
    /// Wall time of each stage.
    pub phases: Vec<(&'static str, Duration)>,
}

/// The figures of the last line.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Where the report is.
    pub publication: Publication,
    /// Rows read, used and in quarantine.
    pub rows: (u64, u64, u64),
    /// Findings by their state beside the previous publication.
    pub findings: BTreeMap<FindingState, usize>,
    /// Findings of the previous publication that are gone.
    pub resolved: usize,
}

/// Why a run stopped before it published.
struct Stop {
    exit: Exit,
    diagnostics: Vec<Diagnostic>,
}

impl Stop {
    fn new(exit: Exit, code: &'static str, message: String) -> Stop {
        let diagnostic = Diagnostic {
            code,
            message,
            place: Place::Nowhere,
            found: String::new(),
            expected: String::new(),
            help: String::new(),
            exit,
        };
        Stop { exit, diagnostics: vec![diagnostic] }
    }
}

impl From<PolarsError> for Stop {
    fn from(error: PolarsError) -> Stop {
        if let PolarsError::IO { error, .. } = &error
            && error.kind() == ErrorKind::WouldBlock
        {
            return no_thread(error);
        }
        Stop::new(Exit::Invariant, "RUN601", format!("a frame is not what its declaration says: {error}"))
    }
}

/// The system refused a thread.
fn no_thread(error: &std::io::Error) -> Stop {
    let mut stop = Stop::new(Exit::Limit, "RUN501", "the system gives no more threads".to_owned());
    stop.diagnostics[0].found = error.to_string();
    stop.diagnostics[0].help = "raise the limit of threads (`ulimit -u`), or run with `--threads 1`".to_owned();
    stop
}

/// Runs a pipeline: load, ingest, reconcile, measure, find, compare, compose, publish.
pub fn run(request: &Request, progress: Progress) -> Outcome {
    let mut clock = Clock { phases: Vec::new(), running: None, progress };
    let mut told = Vec::new();
    let stopped = stages(request, &mut clock, &mut told);
    clock.stop();
    let phases = clock.phases;
    match stopped {
        Ok((exit, summary)) => Outcome { exit, diagnostics: told, summary: Some(summary), phases },
        Err(stop) => {
            told.extend(stop.diagnostics);
            Outcome { exit: stop.exit, diagnostics: conclude(told, stop.exit), summary: None, phases }
        }
    }
}

/// What a run that published nothing has to say: the diagnostic that decided comes last, and says so.
fn conclude(mut told: Vec<Diagnostic>, exit: Exit) -> Vec<Diagnostic> {
    told.sort_by_key(|diagnostic| diagnostic.exit == exit);
    if let Some(deciding) = told.last_mut() {
        deciding.message.push_str(": nothing was published");
    }
    told
}

fn stages(request: &Request, clock: &mut Clock, told: &mut Vec<Diagnostic>) -> Result<(Exit, Summary), Stop> {
    clock.start("load");
    let pipeline = loaded(request)?;
    let as_of = as_of(request, &pipeline)?;
    let out = request.out.clone().or_else(|| pipeline.out.clone()).unwrap_or_else(|| PathBuf::from("reports"));
    let target = Target::hold(&out, &pipeline, as_of.0).map_err(refused_publication)?;

    clock.start("ingest");
    let ingested = ingest(&pipeline, as_of);
    told.extend(ingested.diagnostics.iter().cloned());
    let previous = history::previous(&out, &pipeline.name, as_of.0, &request.previous).map_err(refused_publication)?;
    let notes = previous.as_ref().map(|previous| previous.inputs.compare(&pipeline, &ingested)).unwrap_or_default();
    told.extend(notes.iter().cloned());
    stop_if_refused(&ingested, &notes)?;

    let begun = begin(&target).map_err(refused_publication)?;
    let night = Night { pipeline: &pipeline, as_of, ingested: &ingested, previous: previous.as_ref() };
    // A frame is written as soon as it is finished: much of what follows cannot keep all cores busy.
    let (book, written) = std::thread::scope(|scope| {
        let (finished, frames) = mpsc::channel();
        let writer = std::thread::Builder::new().spawn_scoped(scope, || begun.write_frames(frames));
        let writer = writer.map_err(|error| no_thread(&error))?;
        send(&finished, canonical_frames(&ingested));
        let book = night.assess(clock, told, finished);
        Ok::<_, Stop>((book, writer.join()))
    })?;
    let (book, findings) = book?;
    let written =
        written.map_err(|_| Stop::new(Exit::Invariant, "RUN604", "a frame could not be written".to_owned()))?;

    clock.start("publish");
    let publication = written.and_then(|written| publish(&book, begun, written)).map_err(refused_publication)?;
    let summary = summary(publication, &ingested, &findings)?;
    Ok((exit_of(request, &ingested, &findings)?, summary))
}

/// What was read for one night, and what was published before.
struct Night<'run> {
    pipeline: &'run Pipeline,
    as_of: AsOf,
    ingested: &'run Ingested,
    previous: Option<&'run Previous>,
}

impl Night<'_> {
    /// From what was read to the report book: reconcile, measure, find, compare, compose. Fact frames go to `finished`.
    fn assess(
        &self,
        clock: &mut Clock,
        told: &mut Vec<Diagnostic>,
        finished: Sender<(String, DataFrame)>,
    ) -> Result<(ReportBook, Findings), Stop> {
        let Night { pipeline, as_of, ingested, previous } = *self;
        clock.start("reconcile");
        let inputs = previous.map(|previous| &previous.inputs);
        let reconciled = reconcile(pipeline, as_of, ingested, inputs, AT_ONCE)?;
        told.extend(
            reconciled.short_calendars.iter().map(|short| beyond_calendar(&short.account, &short.beyond.to_string())),
        );
        send(&finished, fact_frames(&reconciled));
        drop(finished);
        clock.start("measure");
        let mut metrics = measure(pipeline, as_of, &reconciled, ingested)?;
        if let Some(previous) = previous {
            let read = |frame: &Frame, columns: &[Column]| previous.frame(frame, columns).map_err(refused_publication);
            let shown = Shown { as_of: previous.as_of, read: &read };
            let tonight = restated::TonightFigures { pipeline, ingested, reconciled: &reconciled, metrics: &metrics };
            (metrics.restated, metrics.moved) = restated::restated(&shown, tonight)?;
        }
        clock.start("find");
        let rules = rules::catalogue_with(&pipeline.text_rules);
        let found = engine::find(&rules, pipeline, as_of, &reconciled, &metrics, ingested)?;
        if !found.missing_thresholds.is_empty() {
            let message = format!("no pack sets {}", found.missing_thresholds.join(", "));
            return Err(Stop::new(Exit::Usage, "CFG040", message));
        }

        clock.start("compare");
        let tonight = Tonight {
            pipeline,
            as_of,
            rules: &rules,
            reconciled: &reconciled,
            metrics: &metrics,
            parts: &ingested.parts,
            index: &MemberIndex::default(),
            export_dates: ingested
                .inputs
                .iter()
                .filter_map(|input| Some((input.path.as_str(), input.export_date?)))
                .collect(),
        };
        let texts = Texts::load(&pipeline.lang).map_err(|error| refused_report(&error))?;
        let findings = compared(found, previous, &unjudged(pipeline, ingested), &tonight, texts.say("form.empty"))?;

        clock.start("report");
        let assessment = Assessment {
            pipeline,
            rules: &rules,
            as_of: as_of.0,
            ingested,
            reconciled: &reconciled,
            metrics: &metrics,
            findings: &findings,
        };
        let book = compose(&assessment, previous.map(|previous| &previous.run), &rule_texts(&rules))
            .map_err(|error| refused_report(&error))?;
        Ok((book, findings))
    }
}

/// Sends frames to their writer, which may have failed: it says why when it is joined.
fn send(writer: &Sender<(String, DataFrame)>, frames: Vec<(String, DataFrame)>) {
    frames.into_iter().take_while(|frame| writer.send(frame.clone()).is_ok()).for_each(drop);
}

fn loaded(request: &Request) -> Result<Pipeline, Stop> {
    let mut pipeline =
        load(&request.pipeline, &rules::codes()).map_err(|diagnostics| Stop { exit: Exit::Usage, diagnostics })?;
    if let Some(lang) = &request.lang {
        pipeline.lang.clone_from(lang);
    }
    Ok(pipeline)
}

fn as_of(request: &Request, pipeline: &Pipeline) -> Result<AsOf, Stop> {
    request.as_of.or(pipeline.as_of).map(AsOf).ok_or_else(|| {
        Stop::new(Exit::Usage, "CFG041", "no as-of date: give --as-of, or `as_of` under [pipeline]".to_owned())
    })
}

/// A refused input, a missing or a stale one stops the run; so does a control total that does not close.
fn stop_if_refused(ingested: &Ingested, notes: &[Diagnostic]) -> Result<(), Stop> {
    let stopping = [Exit::Limit, Exit::Refused, Exit::Missing];
    let exits = ingested.exits.iter().copied().chain(notes.iter().map(|diagnostic| diagnostic.exit));
    let worst = Exit::worst(exits.filter(|exit| stopping.contains(exit)));
    if worst != Exit::Clean {
        return Err(Stop { exit: worst, diagnostics: Vec::new() });
    }
    let residues = residues(ingested);
    if residues.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = residues.iter().map(|residue| format!("{residue:?}")).collect();
    Err(Stop::new(Exit::Invariant, "RUN603", format!("a control total does not close: {}", shown.join("; "))))
}

fn beyond_calendar(account: &str, message: &str) -> Diagnostic {
    Diagnostic {
        code: "CAL501",
        message: format!("account `{account}`: {message}"),
        place: Place::Nowhere,
        found: String::new(),
        expected: "a calendar that covers every payout date".into(),
        help: "the orders concerned are not computable; extend the calendar pack".into(),
        exit: Exit::Clean,
    }
}

fn refused_report(error: &ReportError) -> Stop {
    Stop::new(error.exit(), "RUN602", error.to_string())
}

fn refused_publication(error: crate::publish::PublishError) -> Stop {
    Stop { exit: error.exit(), diagnostics: vec![error.diagnostic()] }
}

/// Accounts with a source left out, and orders in quarantine.
fn unjudged(pipeline: &Pipeline, ingested: &Ingested) -> Unjudged {
    let left_out = pipeline.sources.iter().filter(|source| ingested.left_out.contains(&source.name));
    let quarantined = ingested.quarantine.iter().filter(|row| !row.order_no().is_empty());
    Unjudged {
        accounts: left_out.filter_map(|source| source.account.clone()).collect(),
        orders: quarantined.map(|row| format!("{}/{}", row.of.account, row.order_no())).collect(),
    }
}

fn compared(
    mut found: engine::Found,
    previous: Option<&Previous>,
    unjudged: &Unjudged,
    tonight: &Tonight,
    nothing: &str,
) -> Result<Findings, Stop> {
    let standing = finding::frame(&found.standing, tonight.as_of)?;
    let suppressed = finding::frame(&found.suppressed, tonight.as_of)?;
    let earlier = previous.map(|previous| Earlier { findings: &previous.findings, resolved: &previous.resolved });
    let (aged, gone) = rules::history::compare(&standing, earlier, unjudged, tonight.as_of)?;
    let causes = rules::resolution::causes(&gone, &found.suppressed, tonight)?;
    let found_evidence = found.standing.iter().chain(&found.suppressed).flat_map(|finding| &finding.evidence);
    let evidence = found_evidence.chain(causes.iter().flat_map(rules::resolution::Cause::evidence));
    let cited = read_cited(tonight.pipeline, tonight.parts, citations(evidence))
        .map_err(|changed| Stop { exit: changed.exit, diagnostics: vec![*changed] })?;
    let told = Proofs { parts: tonight.parts, cited: &cited, nothing };
    let (suppressed, _) = told.told(&suppressed, (&suppressed, &mut found.suppressed))?;
    let resolved = rules::resolution::name_rows(&gone, &causes, told, tonight)?;
    let (found, proofs) = told.told(&aged, (&standing, &mut found.standing))?;
    Ok(Findings { found, proofs, resolved, suppressed })
}

/// What the report says of each rule.
pub fn rule_texts(rules: &[&Rule]) -> Vec<RuleText> {
    rules
        .iter()
        .map(|rule| RuleText {
            code: rule.code.to_owned(),
            name: rule.name.to_owned(),
            title: rule.title().trim_end_matches('.').to_owned(),
            remedy: rule.remedy.text(),
        })
        .collect()
}

fn summary(publication: Publication, ingested: &Ingested, findings: &Findings) -> Result<Summary, Stop> {
    let mut rows = (0, 0, 0);
    for input in &ingested.inputs {
        rows = (rows.0 + input.rows.read, rows.1 + input.rows.used, rows.2 + input.rows.quarantined);
    }
    let mut by_state = BTreeMap::new();
    for state in read::texts(&findings.found, findings::state)?.iter().filter_map(FindingState::of) {
        *by_state.entry(state).or_insert(0) += 1;
    }
    Ok(Summary { publication, rows, findings: by_state, resolved: findings.resolved.height() })
}

fn exit_of(request: &Request, ingested: &Ingested, findings: &Findings) -> Result<Exit, Stop> {
    let severities = read::texts(&findings.found, findings::severity)?;
    let worst = severities.iter().filter_map(Severity::of).min();
    let fails = matches!((request.fail_on, worst), (Some(limit), Some(worst)) if worst <= limit);
    let codes = ingested.exits.iter().copied().chain(fails.then_some(Exit::Findings));
    Ok(Exit::worst(codes))
}

/// Wall time of the stages; it reaches the log and no output.
struct Clock<'run> {
    phases: Vec<(&'static str, Duration)>,
    running: Option<(&'static str, Instant)>,
    progress: Progress<'run>,
}

impl Clock<'_> {
    fn start(&mut self, stage: &'static str) {
        self.stop();
        (self.progress)(stage);
        self.running = Some((stage, Instant::now()));
    }

    fn stop(&mut self) {
        if let Some((stage, since)) = self.running.take() {
            self.phases.push((stage, since.elapsed()));
        }
    }
}
