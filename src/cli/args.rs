//! The command line, as typed.

use std::path::PathBuf;

use chrono::Datelike;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::base::as_of::{FIRST_YEAR, LAST_YEAR};
use crate::vocab::{Kind, Word};

const EXIT_CODES: &str = "Exit codes:
  0  clean
  1  findings at or above --fail-on
  2  usage, pipeline or pack error
  3  input refused, nothing published
  4  published, with rows in quarantine or a refused source left out
  5  resource limit
  6  an invariant did not hold (a bug; nothing published)
  7  publication failed, the old report is intact
  8  another run holds the output
  9  a required input is missing or stale
If several hold, the first of 6, 7, 8, 5, 2, 3, 9, 4, 1 wins.";

const CHECK: &str = "Everything up to and including ingest; writes nothing.

Says for every file which headers are read and which are not, which words no pack knows, which rows are refused and why, the encoding, and \
the equation of its rows and money. Exit codes: 0 clean, 2 pipeline or pack error, 3 input refused, 4 rows in quarantine, 9 a required \
input is missing.";

const INFER: &str = "Looks at unknown exports and writes a starter [[source]] for each table in them.

Prints TOML: as comments what was found (encoding, delimiter, header row, what each column holds, which known layouts fit), then the \
starter. What is not sure is a comment that begins with `fill in:`; until it is filled in, the source is refused. Packs are those in \
`packs/` of the current folder and those of the program. Exit codes: 0, 2 pack error, 3 a file is no table.";

const PACK_TEST: &str = "Runs the golden rows of packs: their worked examples, by the engine itself.

Packs are those in `packs/` of the current folder and those of the program. A row that fails is shown with its place in the pack, what the \
engine says and what the row expects. Exit codes: 0 all rows pass, 1 a row fails, 2 pack error or no such pack.";

const PACK_SHOW: &str = "Prints the text of a pack, byte for byte, on stdout.

The pack is the one in `packs/` of the current folder, else the one of the program. To change a few words of it, you need no copy: `[[words.…]]` \
and `[[vocabulary.…]]` of the pipeline add to it. Exit codes: 0, 2 no such pack, or one that cannot be read.";

const PACK_LIST: &str = "Lists all packs: those in `packs/` of the current folder, which count first, and those of the program.

Says for each its traits, its layouts, its vocabularies, and the days that it covers: of a calendar those of its table, of a marketplace those on \
which it took orders, of any pack those of its dated policy. Exit codes: 0, 2 a pack that cannot be read.";

/// Brings marketplace orders, carrier tracking and payouts into agreement.
#[derive(Debug, Parser)]
#[command(name = "trueup", version, about, after_help = EXIT_CODES)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read all sources, reconcile, find mismatches, publish the reports.
    #[command(after_help = EXIT_CODES)]
    Run(RunArguments),
    /// Everything up to and including ingest; writes nothing.
    #[command(long_about = CHECK)]
    Check(CheckArguments),
    /// Looks at unknown exports and writes a starter [[source]] for each table in them.
    #[command(long_about = INFER)]
    Infer(InferArguments),
    /// Everything about one order, from a published run.
    Explain(ExplainArguments),
    /// The catalogue of rules, one rule's page, or why rows are refused.
    Rules(RulesArguments),
    /// Payout days, working days and holidays of a pack.
    Calendar(CalendarArguments),
    /// What packs know, tried on the examples that they ship.
    #[command(subcommand)]
    Pack(PackCommand),
    /// Sample data at any size, with planted and labelled errors.
    Sample(SampleArguments),
    /// The JSON Schema of a pipeline file or of a pack file, for editors, on stdout.
    Schema(SchemaArguments),
    /// A completion script for a shell, on stdout.
    Completions(CompletionsArguments),
}

/// `run`
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Pipeline file.
    pub pipeline: PathBuf,
    /// Day at whose end the report is written: YYYY-MM-DD, or `today`.
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<String>,
    /// Folder of the reports.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Exit 1 when a finding is at least this bad: critical, high, medium, low, info, never.
    #[arg(long, value_name = "SEVERITY", default_value = "never")]
    pub fail_on: String,
    /// Publication to compare with: a published folder, or `none`. The latest earlier one when absent.
    #[arg(long, value_name = "RUN")]
    pub previous: Option<String>,
    /// Language of texts: en, cs, sk, hu, de.
    #[arg(long, value_name = "LANG")]
    pub lang: Option<String>,
    /// Number of threads; all cores when absent. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1024))]
    pub threads: Option<usize>,
    /// Progress on a terminal.
    #[arg(long, value_enum, default_value = "auto")]
    pub progress: Progress,
    /// Form of the log on stderr.
    #[arg(long, value_enum, default_value = "text")]
    pub log: Log,
}

/// Progress on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Progress {
    /// When stderr is a terminal.
    Auto,
    /// Never.
    Never,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// `check`
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Pipeline file.
    pub pipeline: PathBuf,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `infer`
#[derive(Debug, Args)]
pub struct InferArguments {
    /// Files: delimited text of any kind, also as .gz, or workbooks.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// What the files hold, when you know it: orders, payout_lines, tracking_events, …
    #[arg(long, value_name = "KIND", value_parser = kind_of)]
    pub kind: Option<Kind>,
    /// As one JSON array, an object per file.
    #[arg(long)]
    pub json: bool,
}

fn kind_of(text: &str) -> Result<Kind, String> {
    let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.text()).collect();
    Kind::of(text).ok_or_else(|| format!("expected one of {}", known.join(", ")))
}

/// `schema`
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// Of which file.
    #[arg(value_enum)]
    pub file: SchemaFile,
}

/// A file that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaFile {
    /// A pipeline.
    Pipeline,
    /// A pack.
    Pack,
}

/// `completions`
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell.
    pub shell: clap_complete::Shell,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// A published folder, or a folder that holds `latest`.
    pub run: PathBuf,
    /// An order, a tracking number, a statement, a document, a supplier order, or a refused row (`orders.csv:12`,
    /// `orders.xlsx[Orders]:12`); with `account/` before it where several accounts have one.
    #[arg(value_name = "WHAT")]
    pub subject: String,
    /// Language of sentences and remedies: en, cs, sk, hu, de. Names of columns and pages of rules stay as they are.
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub lang: String,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `rules`
#[derive(Debug, Args)]
pub struct RulesArguments {
    /// Code of one rule, such as ST-001, or the reason of a refused row, such as not_a_date or CEL301.
    pub code: Option<String>,
    /// Also the rules that this pipeline and its packs write as text; without it those of the packs there are.
    #[arg(long)]
    pub pipeline: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `calendar`
#[derive(Debug, Args)]
pub struct CalendarArguments {
    /// A marketplace pack (payout days) or a calendar pack (working days), such as slevomat or calendars/cz: below packs/ of the current
    /// folder, else of the program.
    pub pack: String,
    /// A profile of the marketplace pack.
    #[arg(long)]
    pub profile: Option<String>,
    /// First day, inclusive: YYYY-MM-DD.
    #[arg(long, value_parser = civil_day)]
    pub from: chrono::NaiveDate,
    /// Last day, inclusive: YYYY-MM-DD.
    #[arg(long, value_parser = civil_day)]
    pub to: chrono::NaiveDate,
}

/// A day as typed: four digits, two, two, and a day of the years that exports may have.
pub fn civil_day(text: &str) -> Result<chrono::NaiveDate, String> {
    let has_form = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if [4, 7].contains(&at) { byte == b'-' } else { byte.is_ascii_digit() });
    if !has_form {
        return Err("expected YYYY-MM-DD".to_owned());
    }
    let day: chrono::NaiveDate = text.parse().map_err(|_| "there is no such day; expected YYYY-MM-DD".to_owned())?;
    if !(FIRST_YEAR..=LAST_YEAR).contains(&day.year()) {
        return Err(format!("expected YYYY-MM-DD in the years {FIRST_YEAR} to {LAST_YEAR}"));
    }
    Ok(day)
}

/// `pack`
#[derive(Debug, Subcommand)]
pub enum PackCommand {
    /// Runs the golden rows of packs: their worked examples, by the engine itself.
    #[command(long_about = PACK_TEST)]
    Test(PackTestArguments),
    /// A pack as it is shipped: the text of its file, to read or to copy.
    #[command(long_about = PACK_SHOW)]
    Show(PackShowArguments),
    /// All packs there are, with their traits, layouts and the days that they cover.
    #[command(long_about = PACK_LIST)]
    List(PackListArguments),
}

/// `pack show`
#[derive(Debug, Args)]
pub struct PackShowArguments {
    /// The pack, such as slevomat or calendars/cz.
    pub pack: String,
}

/// `pack list`
#[derive(Debug, Args)]
pub struct PackListArguments {
    /// As one JSON array, an object per pack.
    #[arg(long)]
    pub json: bool,
}

/// `pack test`
#[derive(Debug, Args)]
pub struct PackTestArguments {
    /// Packs, such as slevomat or calendars/cz; all when none is named.
    pub packs: Vec<String>,
    /// The examples of the rules that this pipeline and its packs write as text, as its accounts see them, instead of packs.
    #[arg(long, conflicts_with = "packs")]
    pub pipeline: Option<PathBuf>,
}

/// `sample`
#[derive(Debug, Args)]
pub struct SampleArguments {
    /// Number of orders.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub orders: u32,
    /// Seed: the same seed gives the same bytes.
    #[arg(long)]
    pub seed: u64,
    /// Folder to write to.
    #[arg(long)]
    pub out: PathBuf,
    /// Plant no errors.
    #[arg(long)]
    pub clean: bool,
}
