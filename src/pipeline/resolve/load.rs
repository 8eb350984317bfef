//! Loads a pipeline and the packs it names, and resolves every name in them. Mistakes are collected, never the first one only.

mod empty;
mod names;
mod own;
mod own_words;
mod personal;
mod quarantine_max;
mod rules;
mod separator;
mod sum;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono_tz::Tz;
use regex::Regex;

use self::own::Own;
use crate::base::map::Map;
use crate::base::{money, text};
use crate::diagnose::{Diagnostic, Exit, Place};
use crate::frame::kind::{Cell, LINE_FIELDS, may_lack, spec_of};
use crate::pipeline::bounds;
use crate::pipeline::digest::sha256;
use crate::pipeline::limits::Limits;
use crate::pipeline::name::mistake_of_pack;
use crate::pipeline::pack::Pack;
use crate::pipeline::pattern::compiled;
use crate::pipeline::policy::{PolicyBook, PolicyEntry};
use crate::pipeline::resolve::binding::{binding, mistake_of_column, mistake_of_skip, skip};
use crate::pipeline::resolve::locate::{LineStarts, line_of, span_of};
use crate::pipeline::resolve::pack_file::{ACCOUNT_FOLDERS, PackShelf, config_text, nearest_pack};
use crate::pipeline::resolve::parse::parse_all;
use crate::pipeline::resolve::policy_check::{Thresholds, WrittenPolicies, thresholds_of};
use crate::pipeline::source::{Binding, ConfigPlace, Skip};
use crate::pipeline::spanned::Spanned;
use crate::pipeline::words::WordTable;
use crate::pipeline::written::column_form::WrittenSkip;
use crate::pipeline::written::layout::Layout;
use crate::pipeline::written::{WrittenAccount, WrittenPipeline, WrittenSource};
use crate::pipeline::{Account, ConfigText, Pipeline, Source};
use crate::vocab::{ConfirmClock, Dst, IfAbsent, IfRefused, Kind, Trait};

/// No identifier has more digits.
const MOST_DIGITS: usize = 64;
/// Mistakes that say that a key is missing.
const OF_ABSENT_KEYS: &[&str] = &["CFG010", "CFG012", "CFG017", "CFG019", "CFG022", "CFG024", "CFG053"];

/// Loads and checks a pipeline. `built_in` are the codes of the rules that the program brings.
///
/// # Errors
/// All mistakes of the pipeline and its packs at once, each with file, line and caret (exit 2).
pub fn load(path: &Path, built_in: &[&str]) -> Result<Pipeline, Vec<Diagnostic>> {
    let shown = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let text = config_text(path).map_err(|unread| {
        vec![Diagnostic {
            code: "CFG001",
            message: format!("the pipeline file cannot be read: {}", unread.reason()),
            place: Place::Nowhere,
            found: path.display().to_string(),
            expected: format!("a TOML file in UTF-8 of at most {} bytes", bounds::CONFIG_BYTES),
            help: String::new(),
            exit: Exit::Usage,
        }]
    })?;
    let (written, mut mistakes) = parse_all::<WrittenPipeline>(&shown, &text);
    let Some(written) = written else { return Err(mistakes) };
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let mut loader = Loader {
        file: shown,
        lines: LineStarts::of(&text),
        text: text.into(),
        shelf: PackShelf::new(&folder),
        tables: Map::default(),
        thresholds: written.rule.iter().map(thresholds_of).collect(),
        own: Vec::new(),
        written_accounts: BTreeSet::new(),
        mistakes: Vec::new(),
    };
    let pipeline = loader.resolve(path, folder, &written, built_in);
    let is_mistyped = !mistakes.is_empty();
    mistakes.append(&mut loader.shelf.take_mistakes());
    mistakes.append(&mut loader.mistakes);
    // A key that was mistyped is missing under its right name, too: that is told once.
    mistakes.retain(|mistake| !is_mistyped || !OF_ABSENT_KEYS.contains(&mistake.code));
    if mistakes.is_empty() { Ok(pipeline) } else { Err(mistakes) }
}

/// The table whose common labels are plain words of a language: what a shop means by them it knows best.
const PLAIN_TABLE: &str = "order_status";

/// Word tables by their name.
type SharedTables = BTreeMap<String, Arc<WordTable>>;

pub(super) struct Loader {
    file: String,
    text: Arc<str>,
    lines: LineStarts,
    shelf: PackShelf,
    /// Word tables by account and further pack: sources share them.
    tables: Map<(Option<String>, Option<String>), SharedTables>,
    /// Thresholds of the pipeline's own rules.
    thresholds: Thresholds,
    /// Labels and codes of the pipeline.
    own: Vec<Own>,
    /// Names of the accounts that are written, also of those with mistakes.
    written_accounts: BTreeSet<String>,
    mistakes: Vec<Diagnostic>,
}

impl Loader {
    fn resolve(&mut self, path: &Path, folder: PathBuf, written: &WrittenPipeline, built_in: &[&str]) -> Pipeline {
        self.shelf.pack("common");
        for name in &written.pipeline.packs {
            self.named_pack(name, name.get_ref());
        }
        self.own = self.own_words(written);
        self.written_accounts = written.account.iter().map(|account| account.name.get_ref().clone()).collect();
        let accounts: Vec<Arc<Account>> = written
            .account
            .iter()
            .enumerate()
            .filter_map(|(place, account)| self.account(place, account))
            .map(Arc::new)
            .collect();
        let limits = Limits::default().with(&written.pipeline.limits);
        let mut by_name: Map<&str, &Arc<Account>> = Map::default();
        accounts.iter().for_each(|account| _ = by_name.entry(&account.name).or_insert(account));
        let sources: Vec<Arc<Source>> =
            written.source.iter().filter_map(|source| self.source(source, &by_name, limits)).map(Arc::new).collect();
        self.check_names(written);
        self.check_unique("account", written.account.iter().map(|account| &account.name));
        self.check_unique("source", written.source.iter().map(|source| &source.name));
        let text_rules = self.text_rules(written, &accounts, built_in);
        let rules = self.rule_switches(&written.rules, &text_rules, built_in);
        let lang = written.report.lang.as_ref().map_or("en", |lang| lang.get_ref()).to_owned();
        if let Some(written_lang) = &written.report.lang
            && !["en", "cs", "sk", "hu", "de"].contains(&lang.as_str())
        {
            self.mistake("CFG003", "no such language", written_lang.span(), &lang, "en, cs, sk, hu or de", "");
        }
        let csv_excel_cs = self.is_set(written.report.csv.as_ref(), ("CFG004", "no such CSV form", "excel-cs"));
        let settles_all =
            self.is_set(written.report.settlement.as_ref(), ("CFG077", "no such choice of orders", "all"));
        let packs = self.shelf.packs();
        let packs = self.with_own_codes(packs);
        let mut config = vec![ConfigText { path: self.file.clone(), sha256: sha256(self.text.as_bytes()) }];
        config.extend(self.shelf.texts());
        Pipeline {
            name: written.pipeline.name.get_ref().clone(),
            path: path.to_path_buf(),
            folder,
            as_of: written.pipeline.as_of,
            out: written.pipeline.out.as_ref().map(PathBuf::from),
            lang,
            csv_excel_cs,
            settles_all,
            base_currency: written.pipeline.base_currency.as_ref().map(ToString::to_string),
            accounts,
            sources,
            packs,
            own_words: self.own.drain(..).map(|own| own.word).collect(),
            config,
            rules,
            text_rules,
        }
    }

    /// Whether a key that takes one word is there; any other word is a mistake.
    fn is_set(&mut self, written: Option<&Spanned<String>>, (code, message, word): (&'static str, &str, &str)) -> bool {
        if let Some(other) = written.filter(|written| written.get_ref() != word) {
            self.mistake(code, message, other.span(), other.get_ref(), word, "");
            return false;
        }
        written.is_some()
    }

    fn check_unique<'a>(&mut self, what: &str, names: impl Iterator<Item = &'a Spanned<String>>) {
        let mut seen: BTreeMap<&str, ()> = BTreeMap::new();
        for name in names {
            if seen.insert(name.get_ref(), ()).is_some() {
                self.mistake(
                    "CFG005",
                    &format!("two {what}s have one name"),
                    name.span(),
                    name.get_ref(),
                    "a name of its own",
                    "",
                );
            }
        }
    }

    pub(super) fn mistake(
        &mut self,
        code: &'static str,
        message: &str,
        span: Range<usize>,
        found: &str,
        expected: &str,
        help: &str,
    ) {
        if self.mistakes.len() >= bounds::MISTAKES {
            return;
        }
        self.mistakes.push(Diagnostic {
            code,
            message: message.to_owned(),
            place: Place::Config { file: self.file.clone(), text: self.text.clone(), span },
            found: found.to_owned(),
            expected: expected.to_owned(),
            help: help.to_owned(),
            exit: Exit::Usage,
        });
    }

    /// A pack that the pipeline names, or a mistake with the nearest name that exists.
    fn named_pack(&mut self, written: &Spanned<String>, name: &str) -> Option<Arc<Pack>> {
        if let Some(why) = mistake_of_pack(name) {
            let help = "a pack lies in `packs/` beside the pipeline, or in a folder below it";
            self.mistake("CFG062", &why, written.span(), name, "a name such as `marketplaces/my-market`", help);
            return None;
        }
        if let Some(pack) = self.shelf.pack(name) {
            return Some(pack);
        }
        if !self.shelf.is_broken(name) {
            let known = self.shelf.known_names();
            let help = nearest_pack(name, &known).map(|near| format!("did you mean `{near}`?"));
            let help = help.or_else(|| {
                let is_carrier = name.starts_with("carriers/");
                is_carrier.then(|| format!("a carrier of your own is a file packs/{name}.toml of a few lines: \"A new carrier\" in the cookbook"))
            });
            self.mistake(
                "CFG006",
                "no such pack",
                written.span(),
                name,
                "a file below packs/ beside the pipeline, or an embedded pack",
                &help.unwrap_or_default(),
            );
        }
        None
    }

    /// Business hours that no calendar says.
    fn mistake_of_clock(&mut self, place: usize, written: &WrittenAccount) {
        let own = written.policy.iter().position(counts_working_days);
        let key = |entry: usize| {
            span_of(&self.text, &["account", &place.to_string(), "policy", &entry.to_string(), "confirm_clock"])
        };
        let span = own.map_or(written.marketplace.span(), key);
        let help = "name the calendar of its working days, such as `payout_calendar = \"calendars/cz\"`";
        self.mistake(
            "CFG038",
            "business hours without working days",
            span,
            "business",
            "a calendar of the account",
            help,
        );
    }

    fn account(&mut self, place: usize, written: &WrittenAccount) -> Option<Account> {
        let name = written.marketplace.get_ref();
        let pack_name = self.shelf.find(&ACCOUNT_FOLDERS, name).unwrap_or_else(|| name.clone());
        let pack = self.named_pack(&written.marketplace, &pack_name);
        let timezone = self.timezone(&written.timezone);
        let currency = written.currency.get_ref().clone();
        if money::decimals(&currency).is_none() {
            self.mistake(
                "CFG007",
                "not a currency",
                written.currency.span(),
                &currency,
                "an ISO 4217 code such as CZK",
                "",
            );
        }
        let pack = pack?;
        let calendar_name = written
            .payout_calendar
            .as_ref()
            .map(|name| name.get_ref().clone())
            .or_else(|| pack.payout_calendar.get(&currency).cloned());
        let calendar = match calendar_name {
            Some(calendar) => {
                let place = written.payout_calendar.as_ref().unwrap_or(&written.marketplace);
                self.named_pack(place, &calendar)?.calendar.clone()
            }
            None => None,
        };
        let mut policies = PolicyBook::default();
        if let Some(common) = self.shelf.pack("common") {
            policies.adopt(&common.name, &common.policies.entries);
        }
        policies.adopt(name, &pack.policies.entries);
        policies.adopt(name, &self.profile(&pack, written));
        let path = ["account", &place.to_string(), "policy"];
        let mut thresholds = self.thresholds.clone();
        let of_packs = self.shelf.packs();
        thresholds.extend(of_packs.iter().flat_map(|pack| &pack.rules).map(|rule| thresholds_of(&rule.written)));
        let own = WrittenPolicies {
            file: &self.file,
            text: &self.text,
            path: &path,
            entries: &written.policy,
            own: &thresholds,
        };
        self.mistakes.extend(own.mistakes());
        policies.entries.extend(written.policy.iter().cloned());
        if calendar.is_none() && policies.entries.iter().any(counts_working_days) {
            self.mistake_of_clock(place, written);
        }
        Some(Account {
            name: written.name.get_ref().clone(),
            marketplace: name.clone(),
            traits: traits_of(&pack, &policies.entries),
            pack,
            currency,
            timezone: timezone?,
            policies,
            calendar,
            complete: written.complete,
            own_delivery_activation_date: written.own_delivery_activation_date,
        })
    }

    /// The policy of the profile that an account names.
    fn profile(&mut self, pack: &Pack, written: &WrittenAccount) -> Vec<PolicyEntry> {
        let Some(name) = &written.profile else { return Vec::new() };
        let known = || pack.profiles.keys().map(String::as_str);
        pack.profiles.get(name.get_ref()).cloned().unwrap_or_else(|| {
            let help = text::likest(name.get_ref(), known()).map(|near| format!("did you mean `{near}`?"));
            let expected = match known().collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => format!("no profile: {} has none", pack.name),
                names => format!("one of {names}"),
            };
            let help = help.unwrap_or_default();
            self.mistake("CFG008", "the pack has no such profile", name.span(), name.get_ref(), &expected, &help);
            Vec::new()
        })
    }

    fn timezone(&mut self, written: &Spanned<String>) -> Option<Tz> {
        match written.get_ref().parse() {
            Ok(zone) => Some(zone),
            Err(_) => {
                self.mistake(
                    "CFG009",
                    "no such zone",
                    written.span(),
                    written.get_ref(),
                    "a zone such as Europe/Prague",
                    "",
                );
                None
            }
        }
    }

    fn source(
        &mut self,
        written: &WrittenSource,
        accounts: &Map<&str, &Arc<Account>>,
        limits: Limits,
    ) -> Option<Source> {
        let layout = match &written.layout {
            Some(name) => Some(self.layout(name)?),
            None => None,
        };
        let (layout, layout_place) = layout.map_or((None, None), |(layout, place)| (Some(layout), Some(place)));
        let Some(kind) = written.kind.or(layout.as_ref().map(|layout| layout.kind)) else {
            self.mistake(
                "CFG010",
                "the source has no kind",
                written.name.span(),
                written.name.get_ref(),
                "`kind` or `layout`",
                "",
            );
            return None;
        };
        let account = match &written.account {
            Some(name) => match accounts.get(name.get_ref().as_str()) {
                Some(account) => Some(Arc::clone(account)),
                // An account with a mistake of its own is told with it.
                None if self.written_accounts.contains(name.get_ref()) => return None,
                None => {
                    let near = text::nearest(name.get_ref(), accounts.keys().copied());
                    let help = near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default();
                    self.mistake(
                        "CFG011",
                        "no such account",
                        name.span(),
                        name.get_ref(),
                        "an account of this pipeline",
                        &help,
                    );
                    return None;
                }
            },
            None if kind == Kind::TrackingEvents => None,
            None => {
                self.mistake(
                    "CFG012",
                    "the source has no account",
                    written.name.span(),
                    written.name.get_ref(),
                    "`account`",
                    "",
                );
                return None;
            }
        };
        let lines = written.lines.or(layout.as_ref().map(|layout| layout.lines)).unwrap_or(false);
        let columns = self.columns(written, kind, lines, layout.as_ref().zip(layout_place.as_ref()));
        let version = self.version(written, kind, &columns);
        self.check_personal(written, kind, &columns);
        let (format, cells, format_keys) = self.format(written, layout.as_ref(), kind, &columns)?;
        let empty = self.empty_cells(written, layout.as_ref(), kind, lines, &columns);
        let carrier = written.carrier.as_ref().map(|carrier| carrier.get_ref().clone());
        let vocabulary = written
            .vocabulary
            .as_ref()
            .map(|vocabulary| vocabulary.get_ref().clone())
            .or_else(|| layout.as_ref().and_then(|layout| layout.vocabulary.clone()));
        if kind == Kind::TrackingEvents {
            self.check_carrier(written, vocabulary.as_deref());
        }
        let timezone = match (&written.timezone, &account) {
            (Some(zone), _) => self.timezone(zone)?,
            (None, Some(account)) => account.timezone,
            (None, None) => accounts.values().next().map(|account| account.timezone).unwrap_or(chrono_tz::UTC),
        };
        let currency = account.as_ref().map(|account| account.currency.clone());
        let quarantine_max_money = self.quarantine_money(written, currency.as_deref());
        Some(Source {
            name: written.name.get_ref().clone(),
            kind,
            account: account.as_ref().map(|account| account.name.clone()),
            glob: written.glob.get_ref().clone(),
            format,
            cells,
            format_keys,
            layout: written.layout.as_ref().map(|layout| layout.get_ref().clone()),
            columns,
            skip: self.skips(written, layout.as_ref()),
            without: self.without(written, layout.as_ref(), kind),
            constants: constants(written, layout.as_ref()),
            words: self.word_tables(written, layout.as_ref(), account.as_deref()),
            sum: self.sums(written, layout.as_ref(), kind, lines),
            lines,
            currency_of_file: written
                .currency_of_file
                .or(layout.as_ref().map(|layout| layout.currency_of_file))
                .unwrap_or(false),
            carrier,
            vocabulary,
            timezone,
            currency,
            if_absent: written.if_absent.unwrap_or(IfAbsent::Error),
            if_refused: written.if_refused.unwrap_or(IfRefused::Stop),
            allow_empty: written.allow_empty,
            expect_new: written.expect_new,
            export_date: self
                .file_pattern(written.export_date.as_ref(), layout.as_ref().and_then(|l| l.export_date.as_ref())),
            report_month: self
                .file_pattern(written.report_month.as_ref(), layout.as_ref().and_then(|l| l.report_month.as_ref())),
            version,
            quarantine_max_ppm: self.quarantine_share(written),
            quarantine_max_money,
            total_cells: self.total_cells(written, layout.as_ref(), kind),
            personal: written.personal.iter().map(|header| header.get_ref().clone()).collect(),
            covers: written.covers.map(|range| (range.from, range.to)),
            pad: self.pad(written, kind, lines),
            empty,
            order_separator: self.order_separator(written, kind),
            dst: written.dst.unwrap_or(Dst::Earlier),
            follow_links: written.follow_links,
            limits: limits.with(&written.limits),
            config: self.place(written.name.span().start),
        })
    }

    fn place(&self, offset: usize) -> ConfigPlace {
        ConfigPlace { file: PathBuf::from(&self.file), line: self.lines.line(offset) }
    }

    /// The layout `<pack>/<name>` and where its columns stand.
    fn layout(&mut self, written: &Spanned<String>) -> Option<(Layout, LayoutPlace)> {
        let Some((pack_name, layout_name)) = written.get_ref().rsplit_once('/') else {
            self.mistake("CFG013", "not a layout", written.span(), written.get_ref(), "`<pack>/<layout>`", "");
            return None;
        };
        let pack = self.named_pack(written, pack_name)?;
        match pack.layouts.get(layout_name) {
            Some(layout) => {
                let (path, text) = self.shelf.text_of(pack_name).unwrap_or_default();
                Some((layout.clone(), LayoutPlace { path, text }))
            }
            None => {
                let near = text::nearest(layout_name, pack.layouts.keys().map(String::as_str));
                let help = near.map(|near| format!("did you mean `{pack_name}/{near}`?")).unwrap_or_default();
                self.mistake(
                    "CFG014",
                    "the pack has no such layout",
                    written.span(),
                    layout_name,
                    "a layout of the pack",
                    &help,
                );
                None
            }
        }
    }

    fn columns(
        &mut self,
        written: &WrittenSource,
        kind: Kind,
        lines: bool,
        layout: Option<(&Layout, &LayoutPlace)>,
    ) -> Vec<Binding> {
        let mut bindings: Vec<Binding> = Vec::new();
        if let Some((layout, place)) = layout {
            for (field, column) in &layout.columns {
                bindings.push(binding(field, column, |offset| place.at(offset)));
            }
        }
        for (field, column) in &written.columns {
            let name = field.get_ref();
            let own = binding(name, column, |offset| self.place(offset));
            match bindings.iter_mut().find(|binding| binding.field == *name) {
                Some(inherited) => *inherited = own,
                None => bindings.push(own),
            }
            let spec = spec_of(kind);
            let line_field = || LINE_FIELDS.iter().copied().find(|line| lines && line.name == name);
            let known = spec.field(name).or_else(line_field);
            if let Some((mistake, expected)) = known.and_then(|known| mistake_of_column(column, known.cell)) {
                self.mistake("CFG050", mistake, field.span(), name, expected, "");
            }
            if known.is_none() {
                let names = spec.fields.iter().chain(if lines { LINE_FIELDS } else { &[] }).map(|field| field.name);
                let help = text::nearest(name, names).map(|near| format!("did you mean `{near}`?")).unwrap_or_default();
                self.mistake(
                    "CFG015",
                    &format!("{kind} have no such column"),
                    field.span(),
                    name,
                    "a column of the kind",
                    &help,
                );
            }
        }
        bindings
    }

    /// Only the totals of a postage overview are compared (PO-003).
    fn total_cells(&mut self, written: &WrittenSource, layout: Option<&Layout>, kind: Kind) -> BTreeMap<String, usize> {
        let Some(own) = &written.total_cells else {
            let cells = layout.map(|layout| layout.total_cells.clone()).unwrap_or_default();
            return cells.into_iter().collect();
        };
        for (field, position) in own {
            let is_total = kind == Kind::PostageOverview && spec_of(kind).control.contains(&field.get_ref().as_str());
            if !is_total || *position == 0 {
                let expected = "`paid` or `cancelled` of a postage_overview, and a position from 1";
                self.mistake("CFG029", "not a total", field.span(), field.get_ref(), expected, "");
            }
        }
        own.iter().map(|(field, position)| (field.get_ref().clone(), (*position).max(1))).collect()
    }

    fn skips(&mut self, written: &WrittenSource, layout: Option<&Layout>) -> Vec<Skip> {
        let all: Vec<&WrittenSkip> = layout.into_iter().flat_map(|layout| &layout.skip).chain(&written.skip).collect();
        for (mistake, expected) in all.iter().filter_map(|skip| mistake_of_skip(skip)) {
            self.mistake("CFG051", mistake, written.name.span(), "[[source.skip]]", expected, "");
        }
        all.into_iter().map(skip).collect()
    }

    fn without(&mut self, written: &WrittenSource, layout: Option<&Layout>, kind: Kind) -> Vec<String> {
        let own = written.without.iter().map(|name| name.get_ref());
        let names: Vec<String> = layout.into_iter().flat_map(|layout| &layout.without).chain(own).cloned().collect();
        for name in names.iter().filter(|name| !may_lack(kind).contains(&name.as_str())) {
            let span = written.without.first().map_or(written.name.span(), Spanned::span);
            let message = format!("{kind} cannot do without the field");
            self.mistake("CFG052", &message, span, name, "a column or a constant for it", "");
        }
        names
    }

    /// Leading zeros come back to identifiers only: a number has none.
    fn pad(&mut self, written: &WrittenSource, kind: Kind, lines: bool) -> BTreeMap<String, usize> {
        let fields = spec_of(kind).fields.iter().chain(if lines { LINE_FIELDS } else { &[] });
        let names: Vec<&str> = fields.filter(|field| field.cell == Cell::Identifier).map(|field| field.name).collect();
        for (field, digits) in &written.pad {
            let name = field.get_ref();
            if !names.contains(&name.as_str()) {
                let near = text::nearest(name, names.iter().copied());
                let help = near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default();
                self.mistake("CFG046", "not an identifier", field.span(), name, "an identifier of the kind", &help);
            }
            if !(1..=MOST_DIGITS).contains(digits.get_ref()) {
                let found = digits.get_ref().to_string();
                let expected = format!("1 to {MOST_DIGITS} digits");
                self.mistake("CFG046", "not a number of digits", digits.span(), &found, &expected, "");
            }
        }
        written.pad.iter().map(|(field, digits)| (field.get_ref().clone(), *digits.get_ref())).collect()
    }

    fn check_carrier(&mut self, written: &WrittenSource, vocabulary: Option<&str>) {
        let Some(carrier) = &written.carrier else {
            self.mistake(
                "CFG022",
                "a tracking source names no carrier",
                written.name.span(),
                written.name.get_ref(),
                "`carrier`",
                "",
            );
            return;
        };
        let Some(pack) = self.named_pack(carrier, &format!("carriers/{}", carrier.get_ref())) else { return };
        match vocabulary {
            Some(name) if pack.vocabularies.contains_key(name) => {}
            Some(name) => {
                let known = pack.vocabularies.keys().map(String::as_str);
                let help = text::nearest(name, known).map(|near| format!("did you mean `{near}`?")).unwrap_or_default();
                let span = written.vocabulary.as_ref().map_or(carrier.span(), Spanned::span);
                self.mistake(
                    "CFG023",
                    "the carrier has no such vocabulary",
                    span,
                    name,
                    "a vocabulary of the carrier's pack",
                    &help,
                );
            }
            None => self.mistake(
                "CFG024",
                "a tracking source names no vocabulary",
                carrier.span(),
                carrier.get_ref(),
                "`vocabulary`: one code means different things on different surfaces of a carrier",
                "",
            ),
        }
    }

    fn word_tables(
        &mut self,
        written: &WrittenSource,
        layout: Option<&Layout>,
        account: Option<&Account>,
    ) -> SharedTables {
        let own = match &written.words {
            Some(name) => self.named_pack(name, name.get_ref()),
            None => layout.and_then(|layout| layout.words.clone()).and_then(|name| self.shelf.pack(&name)),
        };
        let shared_by = (account.map(|account| account.name.clone()), own.as_ref().map(|own| own.name.clone()));
        if let Some(tables) = self.tables.get(&shared_by) {
            return tables.clone();
        }
        let mut tables = SharedTables::new();
        if let Some(account) = account {
            tables.extend(account.pack.words.clone());
        }
        if let Some(own) = own {
            tables.extend(own.words.clone());
        }
        let mut plain = WordTable::default();
        if let Some(common) = self.shelf.pack("common") {
            for (name, table) in &common.words {
                let merged = Arc::make_mut(tables.entry(name.clone()).or_default());
                if name == PLAIN_TABLE {
                    plain = table.without(merged);
                }
                merged.extend(table);
            }
        }
        self.lay_over(&mut tables, account, &plain);
        self.tables.insert(shared_by, tables.clone());
        tables
    }

    fn file_pattern(&mut self, written: Option<&Spanned<String>>, inherited: Option<&String>) -> Option<Regex> {
        let pattern = written.map(|written| written.get_ref()).or(inherited)?;
        let mut expression = regex::escape(pattern);
        for (mark, group) in [("yyyy", r"(?P<y>[0-9]{4})"), ("mm", r"(?P<m>[0-9]{2})"), ("dd", r"(?P<d>[0-9]{2})")] {
            expression = expression.replace(&format!(r"\{{{mark}\}}"), group);
        }
        expression = expression.replace(r"\*", ".*");
        match compiled(&format!("^{expression}$")) {
            Ok(regex) => Some(regex),
            Err(_) => {
                let span = written.map_or(0..0, Spanned::span);
                self.mistake("CFG026", "not a file name pattern", span, pattern, "a name with {yyyy}, {mm}, {dd}", "");
                None
            }
        }
    }
}

struct LayoutPlace {
    path: String,
    text: String,
}

impl LayoutPlace {
    fn at(&self, offset: usize) -> ConfigPlace {
        ConfigPlace { file: PathBuf::from(&self.path), line: line_of(&self.text, offset) }
    }
}

/// The traits of an account: those of its pack. A hold says that it is paid after the hold, unless it settles by invoices.
fn traits_of(pack: &Pack, entries: &[PolicyEntry]) -> BTreeSet<Trait> {
    let mut traits = pack.traits.clone();
    if entries.iter().any(|entry| entry.hold_days.is_some()) && !traits.contains(&Trait::InvoicesByPeriod) {
        traits.insert(Trait::PaysByCalendar);
    }
    traits
}

fn counts_working_days(entry: &PolicyEntry) -> bool {
    entry.confirm_clock == Some(ConfirmClock::Business)
}

/// The layout's constants; the source's win, and so do its columns.
fn constants(written: &WrittenSource, layout: Option<&Layout>) -> BTreeMap<String, String> {
    let own = written.constants.iter().map(|(key, value)| (key.get_ref().clone(), value.clone()));
    let inherited = layout.into_iter().flat_map(|layout| layout.constants.clone());
    inherited.chain(own).collect()
}
