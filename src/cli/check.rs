//! `trueup check PIPELINE`: everything up to and including ingest; nothing is written.

use std::collections::BTreeMap;

use polars::prelude::PolarsResult;
use serde_json::{Value, json};

use crate::base::as_of::AsOf;
use crate::base::money;
use crate::cli::args::CheckArguments;
use crate::cli::paint;
use crate::cli::unknown_words::{UnknownWord, unknown_words};
use crate::diagnose::{Diagnostic, Exit, Place, first_of_a_kind, visible};
use crate::ingest::{Ingested, Input, MoneyBuckets, RowCounts, ingest, residues};
use crate::pipeline::{Pipeline, Source, load};
use crate::reconcile::accounts::Accounts;
use crate::reconcile::not_computable::{NO_POLICY, Reasons, reasons};
use crate::reconcile::order_lines::OrderValues;
use crate::rules::blind::{Blind, blind};
use crate::rules::{catalogue_with, codes};
use crate::vocab::Word;

pub(super) fn check(arguments: &CheckArguments) -> Exit {
    let pipeline = match load(&arguments.pipeline, &codes()) {
        Ok(pipeline) => pipeline,
        Err(diagnostics) => {
            if arguments.json {
                paint::json(&json!({"exit": Exit::Usage as u8, "diagnostics": listed(&diagnostics)}));
            } else {
                paint::diagnostics(&diagnostics);
            }
            return Exit::Usage;
        }
    };
    // Without an as-of date every row counts: `check` judges readability, not nights.
    let as_of = AsOf(pipeline.as_of.unwrap_or(chrono::NaiveDate::MAX - chrono::Days::new(2)));
    let ingested = ingest(&pipeline, as_of);
    let mut exits = ingested.exits.clone();
    let mut diagnostics = ingested.diagnostics.clone();
    let unknown = unknown_words(&pipeline, &ingested).unwrap_or_else(|error| {
        exits.push(Exit::Invariant);
        diagnostics.push(broken("a canonical frame is not what its declaration says", error.to_string()));
        Vec::new()
    });
    for residue in residues(&ingested) {
        exits.push(Exit::Invariant);
        let what = residue.currency.as_deref().unwrap_or("rows");
        let found = format!("{}: a residue of {} {what}", residue.input, residue.residue);
        diagnostics.push(broken("what was read is not what is accounted for", found));
    }
    let not_computable = not_computable(&pipeline, as_of, &ingested).unwrap_or_else(|error| {
        exits.push(Exit::Invariant);
        diagnostics.push(broken("a canonical frame is not what its declaration says", error.to_string()));
        Reasons::new()
    });
    let blind = blind(&catalogue_with(&pipeline.text_rules), &pipeline, &ingested, as_of);
    let exit = Exit::worst(exits);
    let checked =
        Checked { pipeline: &pipeline, ingested: &ingested, unknown, not_computable, blind, diagnostics, exit };
    if arguments.json {
        paint::json(&checked.json());
    } else {
        checked.print();
    }
    checked.exit
}

/// What the figures of each account will lack.
fn not_computable(pipeline: &Pipeline, as_of: AsOf, ingested: &Ingested) -> PolarsResult<Reasons> {
    let accounts = Accounts::new(pipeline, as_of);
    let (orders, lines) = (&ingested.frames.orders, &ingested.frames.order_lines);
    let amounts = OrderValues::read(orders, lines)?;
    reasons((orders, &ingested.frames.payout_lines), &amounts, &ingested.parts, &accounts)
}

fn broken(message: &str, found: String) -> Diagnostic {
    Diagnostic {
        code: "BUG901",
        message: message.to_owned(),
        place: Place::Nowhere,
        found,
        expected: String::new(),
        help: "this is a bug of trueup: report it with the input".into(),
        exit: Exit::Invariant,
    }
}

/// Diagnostics, all of them: mistakes of a pipeline are few.
fn listed(diagnostics: &[Diagnostic]) -> Vec<Value> {
    diagnostics.iter().map(Diagnostic::json).collect()
}

/// What a check found.
struct Checked<'a> {
    pipeline: &'a Pipeline,
    ingested: &'a Ingested,
    unknown: Vec<UnknownWord>,
    not_computable: Reasons,
    blind: BTreeMap<String, Vec<Blind>>,
    diagnostics: Vec<Diagnostic>,
    exit: Exit,
}

impl Checked<'_> {
    /// Diagnostics on stderr; on stdout the sources, then file by file its equation, its headers and its unknown words.
    fn print(&self) {
        paint::diagnostics(&self.diagnostics);
        for source in &self.pipeline.sources {
            paint::line(&format!("{} ({}, {}): {}", source.name, source.kind, source.glob, self.state(source)));
            self.format_told(source).iter().for_each(|line| paint::line(line));
            let mut headers = Vec::new();
            for input in self.ingested.inputs.iter().filter(|input| input.source == source.name) {
                self.print_input(input, &mut headers);
            }
        }
        for (account, rules) in &self.blind {
            let told: Vec<String> = rules.iter().map(Blind::told).collect();
            paint::line(&format!("blind    {account}: no column for what they look at: {}", told.join(", ")));
        }
        for (account, reasons) in &self.not_computable {
            for reason in reasons {
                let help = if reason == NO_POLICY { "; say `hold_days` under [[account.policy]]" } else { "" };
                paint::line(&format!("account {account}: {reason}{help}"));
            }
        }
        self.print_words();
        let sources = self.pipeline.sources.len();
        let quarantined: u64 = self.ingested.inputs.iter().map(|input| input.rows.quarantined).sum();
        let (words, codes): (Vec<&UnknownWord>, Vec<&UnknownWord>) = self.unknown.iter().partition(|word| word.refused);
        let codes = match (codes.len(), codes.iter().map(|code| code.rows).sum::<u64>()) {
            (0, _) => String::new(),
            (codes, rows) => format!(", unknown tracking codes {codes} in {rows} rows"),
        };
        paint::line(&format!(
            "sources {sources}, files {}, rows in quarantine {quarantined}, unknown words {}{codes}, exit {}",
            self.ingested.inputs.len(),
            words.len(),
            self.exit as u8
        ));
    }

    /// Where the keys of a source with a layout come from, and which of the columns are the pipeline's.
    fn format_told(&self, source: &Source) -> Vec<String> {
        let Some(layout) = &source.layout else { return Vec::new() };
        let own_file = source.config.file.display().to_string();
        let keys = |of_layout: bool| {
            let keys = source.format_keys.iter().filter(|key| key.of_layout == of_layout);
            keys.map(|key| format!("{} = {}", key.key, key.value)).collect::<Vec<_>>().join(", ")
        };
        let columns = source.columns.iter().filter(|binding| binding.place.file == source.config.file);
        let columns = columns.map(|binding| format!("{} ({})", binding.field, binding.place)).collect::<Vec<_>>();
        let lines = [
            ("format", keys(true), layout.clone()),
            ("format", keys(false), own_file.clone()),
            ("column", columns.join(", "), own_file),
        ];
        let lines = lines.into_iter().filter(|(_, told, _)| !told.is_empty());
        lines.map(|(what, told, whose)| format!("  {what} of {whose}: {told}")).collect()
    }

    /// The words that the pipeline adds, then the lines that would teach it those that nobody knows.
    fn print_words(&self) {
        if !self.pipeline.own_words.is_empty() {
            paint::line("words of the pipeline");
        }
        for own in &self.pipeline.own_words {
            let replaced = own.replaces.as_ref().map(|word| format!(" in place of {word:?}")).unwrap_or_default();
            let account = own.account.as_ref().map(|account| format!(" of {account}")).unwrap_or_default();
            let told = format!("{} {:?} = {:?}{replaced}{account}", own.table, own.label, own.word);
            paint::line(&format!("  {told}  ({})", own.place));
        }
        let lines: std::collections::BTreeSet<&String> =
            self.unknown.iter().filter_map(|word| word.paste.as_ref()).collect();
        if !lines.is_empty() {
            paint::line(&format!("to paste into {}, with each word filled in:", self.pipeline.path.display()));
        }
        for line in lines {
            paint::gap();
            paint::text(line);
        }
    }

    /// `before` are the header lines of the source's last file: night after night they are the same.
    fn print_input(&self, input: &Input, before: &mut Vec<String>) {
        let encoding = input.encoding.as_ref().map(|encoding| format!(" ({encoding})")).unwrap_or_default();
        paint::line(&format!("  {}{encoding}", input.path));
        paint::line(&format!("    rows   {}", rows_told(input.rows)));
        for (currency, buckets) in &input.money {
            paint::line(&format!("    {currency:<6} {}", money_told(buckets, currency)));
        }
        let headers = self.headers_told(input);
        if !headers.is_empty() && headers == *before {
            paint::line("    headers as in the file above");
        } else {
            headers.iter().for_each(|line| paint::line(line));
        }
        *before = headers;
        for word in self.unknown.iter().filter(|word| word.file == input.path && word.source == input.source) {
            let near = word.nearest.as_ref().map(|near| format!("; the nearest is {near:?}")).unwrap_or_default();
            let fate = if word.refused { "in quarantine" } else { "kept as unknown" };
            let label = visible::toml_short(&word.label, visible::CELL);
            paint::line(&format!("    word   {} = {label} × {}, {fate}{near}", word.field, word.rows));
        }
    }

    /// Sheets of a file with the headers that are read, not read, and not there.
    fn headers_told(&self, input: &Input) -> Vec<String> {
        let mut lines = Vec::new();
        for (part, headers) in self.ingested.parts.0.iter().zip(&self.ingested.headers) {
            if part.path != input.path || part.source != input.source {
                continue;
            }
            lines.extend(part.sheet.iter().map(|sheet| format!("    sheet  {sheet:?}")));
            let bound: Vec<String> = headers
                .bound
                .iter()
                .map(|(field, header)| format!("{field} = {}", visible::toml_short(header, visible::CELL / 2)))
                .collect();
            let [unbound, missing] =
                [&headers.unbound, &headers.missing].map(|names| visible::list(names, visible::NAMES));
            for (what, names) in
                [("read", visible::toml_list(&bound, visible::NAMES)), ("unread", unbound), ("absent", missing)]
            {
                if !names.is_empty() {
                    lines.push(format!("    {what:<6} {names}"));
                }
            }
        }
        lines
    }

    /// What became of a source.
    fn state(&self, source: &Source) -> String {
        let files = self.ingested.inputs.iter().filter(|input| input.source == source.name).count();
        match (files, self.ingested.left_out.contains(&source.name)) {
            (0, _) => format!("no file, if_absent = {:?}", source.if_absent.text()),
            (1, false) => "1 file".to_owned(),
            (files, false) => format!("{files} files"),
            (files, true) => format!("{files} files, left out"),
        }
    }

    /// The same content as one object: `pipeline, exit, sources, inputs, parts, own_words, unknown_words, not_computable, blind, quarantine,
    /// diagnostics, repeats`,
    /// every key always there and in this order. Counts are numbers, money is decimal text; of each kind of diagnostic in a file
    /// the first five stand in `diagnostics`, `repeats` says how many more there are, `quarantine` holds every refused row. A
    /// pipeline that cannot be loaded gives `exit` and `diagnostics` only.
    fn json(&self) -> Value {
        let (shown, repeats) = first_of_a_kind(&self.diagnostics);
        let repeats: Vec<Value> = repeats
            .iter()
            .map(|kind| json!({"code": kind.code, "file": kind.file, "column": kind.column, "more": kind.more}))
            .collect();
        json!({
            "pipeline": self.pipeline.name, "exit": self.exit as u8,
            "sources": self.pipeline.sources.iter().map(|source| self.source_json(source)).collect::<Vec<_>>(),
            "inputs": self.ingested.inputs.iter().map(Self::input_json).collect::<Vec<_>>(),
            "parts": self.parts_json(), "own_words": self.own_words_json(), "unknown_words": self.unknown.iter().map(word_json).collect::<Vec<_>>(),
            "not_computable": self.not_computable,
            "blind": self.blind_json(),
            "quarantine": self.quarantine_json(),
            "diagnostics": shown.into_iter().map(Diagnostic::json).collect::<Vec<_>>(), "repeats": repeats,
        })
    }

    /// `{account: [{code, fields}]}`
    fn blind_json(&self) -> Value {
        let of = |rules: &[Blind]| {
            rules.iter().map(|rule| json!({"code": rule.code, "fields": rule.fields})).collect::<Vec<_>>()
        };
        self.blind
            .iter()
            .map(|(account, rules)| (account.clone(), Value::from(of(rules))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    fn source_json(&self, source: &Source) -> Value {
        let files = self.ingested.inputs.iter().filter(|input| input.source == source.name).count();
        let format = source.format_keys.iter().map(|key| {
            let from = source.layout.as_ref().filter(|_| key.of_layout).cloned();
            json!({"key": key.key, "value": key.value, "from": from.unwrap_or_else(|| source.config.file.display().to_string())})
        });
        let columns = source.columns.iter().map(
            |binding| json!({"field": binding.field, "headers": binding.headers, "config": binding.place.to_string()}),
        );
        let (format, columns) = (format.collect::<Vec<_>>(), columns.collect::<Vec<_>>());
        json!({
            "name": source.name, "kind": source.kind.text(), "account": source.account, "glob": source.glob,
            "config": source.config.to_string(), "files": files, "if_absent": source.if_absent.text(),
            "left_out": self.ingested.left_out.contains(&source.name), "layout": source.layout, "format": format,
            "columns": columns,
        })
    }

    fn own_words_json(&self) -> Vec<Value> {
        let words = self.pipeline.own_words.iter().map(|own| {
            json!({
                "table": own.table, "label": own.label, "word": own.word, "when_present": own.when_present,
                "replaces": own.replaces, "account": own.account, "config": own.place.to_string(),
            })
        });
        words.collect()
    }

    fn input_json(input: &Input) -> Value {
        let rows = input.rows;
        let money: Vec<Value> = input
            .money
            .iter()
            .map(|(currency, buckets)| {
                let text = |minor: i128| decimal(minor, currency);
                json!({
                    "currency": currency, "read": text(buckets.read), "used": text(buckets.used),
                    "duplicate": text(buckets.duplicate), "superseded": text(buckets.superseded),
                    "structural": text(buckets.structural), "quarantined": text(buckets.quarantined),
                    "residue": text(money_residue(buckets)),
                })
            })
            .collect();
        json!({
            "path": input.path, "source": input.source, "kind": input.kind.text(), "sha256": input.sha256,
            "encoding": input.encoding,
            "rows": {
                "read": rows.read, "used": rows.used, "duplicate": rows.duplicate, "superseded": rows.superseded,
                "structural": rows.structural, "quarantined": rows.quarantined, "unreadable": rows.unreadable,
                "residue": row_residue(rows),
            },
            "money": money,
        })
    }

    fn parts_json(&self) -> Vec<Value> {
        let parts = self.ingested.parts.0.iter().zip(&self.ingested.headers);
        parts
            .map(|(part, headers)| {
                json!({
                    "source": part.source, "path": part.path, "sheet": part.sheet, "bound": headers.bound,
                    "unbound": headers.unbound, "missing": headers.missing,
                })
            })
            .collect()
    }

    fn quarantine_json(&self) -> Vec<Value> {
        let rows = self.ingested.quarantine.iter();
        rows.map(|row| {
            json!({
                "source": row.of.source, "file": row.of.file, "sheet": row.of.sheet.as_deref(), "row": row.line, "column": row.column(),
                "field": row.cell().as_ref().map(|cell| cell.field), "value": row.value(), "reason": row.reason(),
                "expected": row.expected(), "config": row.config(), "record": row.record(),
            })
        })
        .collect()
    }
}

fn word_json(word: &UnknownWord) -> Value {
    json!({
        "source": word.source, "file": word.file, "field": word.field, "label": word.label, "rows": word.rows,
        "refused": word.refused, "nearest": word.nearest, "paste": word.paste,
    })
}

/// The equation of a file's rows.
fn rows_told(rows: RowCounts) -> String {
    format!(
        "{} read = {} used + {} duplicate + {} superseded + {} structural + {} quarantined",
        rows.read, rows.used, rows.duplicate, rows.superseded, rows.structural, rows.quarantined
    )
}

/// The equation of a file's control money.
fn money_told(buckets: &MoneyBuckets, currency: &str) -> String {
    let text = |minor: i128| decimal(minor, currency);
    format!(
        "{} read = {} used + {} duplicate + {} superseded + {} quarantined",
        text(buckets.read),
        text(buckets.used),
        text(buckets.duplicate),
        text(buckets.superseded),
        text(buckets.quarantined)
    )
}

fn row_residue(rows: RowCounts) -> i128 {
    let buckets = rows.used + rows.duplicate + rows.superseded + rows.structural + rows.quarantined;
    i128::from(rows.read) - i128::from(buckets)
}

fn money_residue(money: &MoneyBuckets) -> i128 {
    money.read - (money.used + money.duplicate + money.superseded + money.structural + money.quarantined)
}

/// Minor units as decimal text; a sum beyond i64 stays in minor units and says so.
fn decimal(minor: i128, currency: &str) -> String {
    i64::try_from(minor).map_or_else(|_| format!("{minor} minor units"), |minor| money::to_decimal(minor, currency))
}
