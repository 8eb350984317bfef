//! `trueup run PIPELINE`: the main job.

use std::io::IsTerminal;

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::args::{Log, Progress, RunArguments, civil_day};
use crate::cli::paint;
use crate::diagnose::{Diagnostic, Exit, Place};
use crate::publish::history::Wanted;
use crate::run::{Outcome, Request, Summary, run as run_pipeline};
use crate::vocab::{FindingState, Severity, Word};

pub(super) fn run(arguments: &RunArguments) -> Exit {
    start_log(arguments.log);
    let request = match request(arguments) {
        Ok(request) => request,
        Err(mistake) => {
            paint::error(&format!("{mistake}: nothing was published"));
            return Exit::Usage;
        }
    };
    let bar = progress_bar(arguments.progress);
    let outcome = run_pipeline(&request, &|stage| {
        tracing::info!(stage, "begins");
        bar.set_message(stage.to_owned());
    });
    bar.finish_and_clear();
    tell(&outcome, arguments.log);
    outcome.exit
}

fn start_log(log: Log) {
    let filter =
        |default: &str| tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| default.into());
    let base = tracing_subscriber::fmt()
        .with_writer(paint::LogWriter { is_json: log == Log::Json })
        .with_ansi(false)
        .with_target(false);
    // A second subscriber in one process (tests) is refused, and the first one stays.
    let _ = match log {
        Log::Text => base.without_time().with_env_filter(filter("warn")).try_init(),
        Log::Json => {
            base.without_time().json().flatten_event(true).with_env_filter(filter("info,polars=warn")).try_init()
        }
    };
}

fn request(arguments: &RunArguments) -> Result<Request, String> {
    let fail_on = match arguments.fail_on.as_str() {
        "never" => None,
        word => Some(
            Severity::of(word)
                .ok_or_else(|| format!("--fail-on {word}: expected critical, high, medium, low, info or never"))?,
        ),
    };
    let previous = match arguments.previous.as_deref() {
        None => Wanted::Highest,
        Some("none") => Wanted::Nothing,
        Some(run) => Wanted::Run(run.to_owned()),
    };
    if let Some(lang) = &arguments.lang
        && !["en", "cs", "sk", "hu", "de"].contains(&lang.as_str())
    {
        return Err(format!("--lang {lang}: expected en, cs, sk, hu or de"));
    }
    Ok(Request {
        pipeline: arguments.pipeline.clone(),
        as_of: arguments.as_of.as_deref().map(day).transpose()?,
        out: arguments.out.clone(),
        fail_on,
        previous,
        lang: arguments.lang.clone(),
    })
}

/// A day as typed; `today` is the only reading of the clock in the program.
fn day(text: &str) -> Result<NaiveDate, String> {
    let text = if text == "today" { &chrono::Local::now().date_naive().to_string() } else { text };
    civil_day(text).map_err(|why| format!("--as-of {text}: {why}, or today"))
}

fn progress_bar(progress: Progress) -> ProgressBar {
    if progress == Progress::Never || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    bar
}

fn tell(outcome: &Outcome, log: Log) {
    for (stage, time) in &outcome.phases {
        tracing::info!(stage, milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX), "done");
    }
    match log {
        Log::Text => paint::told(&outcome.diagnostics, outcome.summary.is_none()),
        Log::Json => {
            for diagnostic in &outcome.diagnostics {
                log_diagnostic(diagnostic);
            }
        }
    }
    if let Some(summary) = &outcome.summary {
        if !summary.publication.written {
            paint::note("the same report was there already: nothing was written");
        }
        paint::line(&last_line(summary));
    }
}

fn log_diagnostic(diagnostic: &Diagnostic) {
    let place = if let Place::Cell(place) = &diagnostic.place { Some(place) } else { None };
    tracing::warn!(
        code = diagnostic.code,
        exit = diagnostic.exit as u8,
        file = place.map(|place| place.file.as_str()),
        sheet = place.and_then(|place| place.sheet.as_deref()),
        row = place.and_then(|place| place.row),
        column = place.and_then(|place| place.column.as_deref()),
        found = diagnostic.found,
        expected = diagnostic.expected,
        help = diagnostic.help,
        text = diagnostic.render(),
        "diagnostic"
    );
}

/// Rows, findings, and where the report is.
fn last_line(summary: &Summary) -> String {
    let (read, used, quarantined) = summary.rows;
    let of = |state: FindingState| summary.findings.get(&state).copied().unwrap_or(0);
    format!(
        "rows {read} in, {used} used, {quarantined} quarantined · findings {} new, {} open, {} changed, {} reopened, \
         {} resolved · {}",
        of(FindingState::New),
        of(FindingState::Open),
        of(FindingState::Changed),
        of(FindingState::Reopened),
        summary.resolved,
        summary.publication.folder.display()
    )
}
