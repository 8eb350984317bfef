//! Where packs lie: in `packs/` beside the pipeline first, then inside the binary. A pack is read once.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use regex::Regex;

use crate::base::business_calendar::BusinessCalendar;
use crate::base::text;
use crate::diagnose::{Diagnostic, Exit, Place};
use crate::pipeline::ConfigText;
use crate::pipeline::load::{parse, sha256};
use crate::pipeline::locate::span_of;
use crate::pipeline::pack::{CheckedShape, Family, NumberFacts, Pack, Validity, Vocabulary};
use crate::pipeline::policy::{PolicyBook, PolicyEntry};
use crate::pipeline::policy_check::WrittenPolicies;
use crate::pipeline::spanned::Spanned;
use crate::pipeline::text_rule::{SourceText, TextRule, WrittenRule};
use crate::pipeline::words::{Meaning, NO_COUNTERPART, WordTable};
use crate::pipeline::written::{
    WrittenCalendar, WrittenCheck, WrittenNumber, WrittenPack, WrittenVocabulary, WrittenWords,
};
use crate::vocab::{
    Actor, BoxSize, CheckMethod, DocumentKind, DocumentLineKind, Flag, OrderStatus, Origin, Payment, PayoutKind,
    PendingReason, RemittanceKind, SupplierStatus, TrackingCode, Word,
};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/pipelines/packs");

/// The text of a pack of the binary.
pub(super) fn embedded_text(name: &str) -> Option<&'static str> {
    EMBEDDED.get_file(format!("{name}.toml"))?.contents_utf8()
}

/// A pack of the binary, for those who have no pipeline: `sample`.
///
/// # Errors
/// The mistakes of the pack, or one that says that there is none of this name.
pub fn embedded_pack(name: &str) -> Result<Arc<Pack>, Vec<Diagnostic>> {
    let mut shelf = PackShelf::new(Path::new("."));
    shelf.folder = None;
    shelf.only(name)
}

/// The pack of this name in one of `folders`, such as `marketplaces`, or with its full name: below `packs/` in `folder`, then of the
/// binary. For `calendar`.
///
/// # Errors
/// The mistakes of the pack, or one that says that there is none of this name.
pub fn find_pack(folder: &Path, folders: &[&str], name: &str) -> Result<Arc<Pack>, Vec<Diagnostic>> {
    let mut shelf = PackShelf::new(folder);
    let full = shelf.find(folders, name).unwrap_or_else(|| name.to_owned());
    shelf.only(&full)
}

/// All packs there are, by name: those in `packs/` below `folder`, then those of the binary. For `infer`, which recognises their
/// layouts.
///
/// # Errors
/// The mistakes of all packs.
pub fn all_packs(folder: &Path) -> Result<Vec<Arc<Pack>>, Vec<Diagnostic>> {
    Ok(all_pack_texts(folder)?.into_iter().map(|read| read.pack).collect())
}

/// A pack with the text that it was read from.
#[derive(Debug, Clone)]
pub struct PackText {
    /// The pack.
    pub pack: Arc<Pack>,
    /// Path of its file, or `embedded:<name>`.
    pub path: String,
    /// The text.
    pub text: String,
}

/// All packs as [`all_packs`] finds them, with their texts.
///
/// # Errors
/// The mistakes of all packs.
pub fn all_pack_texts(folder: &Path) -> Result<Vec<PackText>, Vec<Diagnostic>> {
    let mut shelf = PackShelf::new(folder);
    for name in shelf.known_names() {
        shelf.pack(&name);
    }
    if !shelf.mistakes.is_empty() {
        return Err(shelf.take_mistakes());
    }
    let with_text = |pack: Arc<Pack>| {
        let (path, text) = shelf.text_of(&pack.name)?;
        Some(PackText { pack, path, text })
    };
    Ok(shelf.packs().into_iter().filter_map(with_text).collect())
}

/// The packs of one run.
#[derive(Debug)]
pub struct PackShelf {
    folder: Option<PathBuf>,
    read: BTreeMap<String, Option<Arc<Pack>>>,
    texts: BTreeMap<String, (String, String)>,
    mistakes: Vec<Diagnostic>,
}

impl PackShelf {
    /// A shelf beside a pipeline in `folder`.
    pub fn new(folder: &Path) -> PackShelf {
        PackShelf {
            folder: Some(folder.join("packs")),
            read: BTreeMap::new(),
            texts: BTreeMap::new(),
            mistakes: Vec::new(),
        }
    }

    /// The pack of this name; `None` when there is none or it cannot be parsed (see [`PackShelf::is_broken`]).
    pub fn pack(&mut self, name: &str) -> Option<Arc<Pack>> {
        if let Some(read) = self.read.get(name) {
            return read.clone();
        }
        let (path, text) = self.find_text(name)?;
        let pack = match parse::<WrittenPack>(&path, &text) {
            Ok(written) => {
                Some(Arc::new(Resolver { path: &path, text: &text, mistakes: &mut self.mistakes }.pack(name, written)))
            }
            Err(mistake) => {
                self.mistakes.push(*mistake);
                None
            }
        };
        self.texts.insert(name.to_owned(), (path, text));
        self.read.insert(name.to_owned(), pack.clone());
        pack
    }

    /// A pack, or what is wrong with it.
    fn only(&mut self, name: &str) -> Result<Arc<Pack>, Vec<Diagnostic>> {
        match self.pack(name) {
            Some(pack) if self.mistakes.is_empty() => Ok(pack),
            _ if !self.mistakes.is_empty() => Err(self.take_mistakes()),
            _ => {
                let known = self.known_names();
                let near = text::nearest(name, known.iter().map(String::as_str));
                Err(vec![Diagnostic {
                    code: "CFG006",
                    message: format!("no such pack: {name}"),
                    place: Place::Nowhere,
                    found: name.to_owned(),
                    expected: format!("one of {}", known.join(", ")),
                    help: near.map(|near| format!("did you mean `{near}`?")).unwrap_or_default(),
                    exit: Exit::Usage,
                }])
            }
        }
    }

    fn find_text(&self, name: &str) -> Option<(String, String)> {
        let file = format!("{name}.toml");
        let beside = self.folder.as_ref().and_then(|folder| std::fs::read_to_string(folder.join(&file)).ok());
        match beside {
            Some(text) => Some((format!("packs/{file}"), text)),
            None => embedded_text(name).map(|text| (format!("embedded:{name}"), text.to_owned())),
        }
    }

    /// Whether the pack exists and could not be parsed.
    pub fn is_broken(&self, name: &str) -> bool {
        matches!(self.read.get(name), Some(None))
    }

    /// The full name of a pack that is named without its folder.
    pub fn find(&mut self, folders: &[&str], name: &str) -> Option<String> {
        folders.iter().map(|folder| format!("{folder}/{name}")).find(|full| self.find_text(full).is_some())
    }

    /// All names that exist.
    pub fn known_names(&self) -> Vec<String> {
        let mut names: Vec<String> = embedded_files(&EMBEDDED)
            .filter_map(|path| path.to_str()?.strip_suffix(".toml").map(str::to_owned))
            .collect();
        names.extend(self.read.keys().cloned());
        names.extend(self.folder.iter().flat_map(|folder| names_below(folder)));
        names.sort();
        names.dedup();
        names
    }

    /// The packs read, by name.
    pub fn packs(&self) -> Vec<Arc<Pack>> {
        self.read.values().flatten().cloned().collect()
    }

    /// Path and text of a pack that was read.
    pub fn text_of(&self, name: &str) -> Option<(String, String)> {
        self.texts.get(name).cloned()
    }

    /// The texts read, with their digests, by name.
    pub fn texts(&self) -> Vec<ConfigText> {
        self.texts
            .values()
            .map(|(path, text)| ConfigText { path: path.clone(), sha256: sha256(text.as_bytes()) })
            .collect()
    }

    /// The mistakes so far; they are gone from the shelf.
    pub fn take_mistakes(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.mistakes)
    }
}

fn embedded_files<'a>(dir: &'a Dir<'a>) -> Box<dyn Iterator<Item = &'a Path> + 'a> {
    Box::new(dir.files().map(|file| file.path()).chain(dir.dirs().flat_map(embedded_files)))
}

/// Names of the pack files below a folder; a folder that is not there holds none.
fn names_below(folder: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten();
    files
        .filter_map(|file| {
            let below = file.path().strip_prefix(folder).ok()?;
            let name = below.to_str()?.strip_suffix(".toml")?.replace('\\', "/");
            file.file_type().is_file().then_some(name)
        })
        .collect()
}

struct Resolver<'shelf> {
    path: &'shelf str,
    text: &'shelf str,
    mistakes: &'shelf mut Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn mistake(&mut self, code: &'static str, message: String, span: std::ops::Range<usize>, expected: &str) {
        self.mistakes.push(Diagnostic {
            code,
            message,
            place: Place::Config { file: self.path.to_owned(), text: self.text.to_owned(), span },
            found: "here".into(),
            expected: expected.to_owned(),
            help: String::new(),
            exit: Exit::Usage,
        });
    }

    fn pack(&mut self, name: &str, written: WrittenPack) -> Pack {
        self.check_policies(&["policy"], &written.policy);
        for (profile, policies) in &written.profile {
            self.check_policies(&["profile", profile, "policy"], &policies.policy);
        }
        self.check_validity(&written.pack.validity);
        Pack {
            name: name.to_owned(),
            title: written.pack.title,
            traits: written.pack.traits.into_iter().collect(),
            validity: written.pack.validity,
            policies: PolicyBook { entries: written.policy },
            profiles: written.profile.into_iter().map(|(name, profile)| (name, profile.policy)).collect(),
            words: written
                .words
                .into_iter()
                .map(|(table, words)| (table.clone(), Arc::new(self.words(&table, words))))
                .collect(),
            vocabularies: written.vocabulary.into_iter().map(|(name, words)| (name, self.vocabulary(words))).collect(),
            number: written.number.map(|number| self.number(number)).unwrap_or_default(),
            layouts: written.layout,
            remedies: written.remedy,
            calendar: written.calendar.map(|calendar| Arc::new(self.calendar(name, calendar))),
            payout_calendar: written.pack.payout_calendar,
            rules: self.rules(name, written.rule),
            golden: written.golden,
        }
    }

    /// What a marketplace or a supplier says concerns its accounts, what any other pack says concerns all.
    fn rules(&mut self, pack: &str, written: Vec<WrittenRule>) -> Vec<Arc<TextRule>> {
        let marketplace = ["marketplaces/", "suppliers/"].iter().find_map(|folder| pack.strip_prefix(folder));
        let origin = SourceText { file: self.path.to_owned(), text: self.text.into() };
        let read = |rule| Arc::new(TextRule::read(rule, marketplace.map(str::to_owned), origin.clone(), self.mistakes));
        written.into_iter().map(read).collect()
    }

    fn check_policies(&mut self, path: &[&str], entries: &[PolicyEntry]) {
        let written = WrittenPolicies { file: self.path, text: self.text, path, entries };
        self.mistakes.extend(written.mistakes());
    }

    /// Days on which orders were taken may have gaps, and end; they do not end before they begin.
    fn check_validity(&mut self, validity: &[Validity]) {
        for (place, range) in validity.iter().enumerate() {
            if let (Some(from), Some(to)) = (range.from, range.to)
                && to < from
            {
                let span = span_of(self.text, &["pack", "validity", &place.to_string(), "to"]);
                self.mistake("CFG038", format!("the validity ends on {to}, before it begins"), span, "a later day");
            }
        }
    }

    fn words(&mut self, table: &str, written: Vec<WrittenWords>) -> WordTable {
        let mut words = WordTable::default();
        for entry in written {
            let word = entry.word.get_ref();
            if word != NO_COUNTERPART && !is_word_of(table, word) {
                self.mistake(
                    "CFG031",
                    format!("`{word}` is not a word of {table}"),
                    entry.word.span(),
                    "a canonical word",
                );
            }
            for label in &entry.labels {
                words.add(label.get_ref(), Meaning { word: word.clone(), when_present: entry.when_present.clone() });
            }
        }
        for label in words.ambiguous() {
            self.mistake("CFG032", format!("the label `{label}` of {table} has two meanings"), 0..0, "one meaning");
        }
        words
    }

    fn vocabulary(&mut self, written: WrittenVocabulary) -> Vocabulary {
        let (mut codes, mut families) = (HashMap::new(), Vec::new());
        for (word, raw_codes) in written.codes {
            for raw in raw_codes {
                if TrackingCode::of(&word).is_none() {
                    self.mistake("CFG033", format!("`{word}` is not a tracking code"), raw.span(), "a canonical code");
                }
                if raw.get_ref().contains('*') {
                    self.family(&raw, &word, &mut families);
                } else if codes.insert(text::fold(raw.get_ref()), word.clone()).is_some_and(|other| other != word) {
                    self.two_meanings(&raw);
                }
            }
        }
        families.sort_by_key(|family| std::cmp::Reverse((family.letters(), family.begin.len())));
        Vocabulary { codes, families, dotted: written.dotted }
    }

    fn family(&mut self, raw: &Spanned<String>, word: &str, families: &mut Vec<Family>) {
        let Some(family) = Family::of(raw.get_ref(), word) else {
            let message = format!("`{}` is not a family of codes", raw.get_ref());
            self.mistake("CFG039", message, raw.span(), "one `*`, and letters before or after it");
            return;
        };
        let is_same = |other: &Family| (&other.begin, &other.end) == (&family.begin, &family.end) && other.word != word;
        if families.iter().any(is_same) {
            self.two_meanings(raw);
        }
        families.push(family);
    }

    fn two_meanings(&mut self, raw: &Spanned<String>) {
        self.mistake("CFG034", format!("the code `{}` has two meanings", raw.get_ref()), raw.span(), "one meaning");
    }

    fn number(&mut self, written: WrittenNumber) -> NumberFacts {
        let patterns = written.patterns.iter().filter_map(|pattern| self.pattern(pattern)).collect();
        NumberFacts {
            patterns,
            checks: written.check.into_iter().filter_map(|check| self.check(check)).collect(),
            hosts: written.hosts,
            url_holds_number: written.url_holds_number,
            url: written.url,
            multi_order_parcels: written.multi_order_parcels,
        }
    }

    fn pattern(&mut self, written: &Spanned<String>) -> Option<Regex> {
        match Regex::new(written.get_ref()) {
            Ok(regex) => Some(regex),
            Err(error) => {
                self.mistake("CFG035", error.to_string(), written.span(), "a regular expression");
                None
            }
        }
    }

    fn check(&mut self, written: WrittenCheck) -> Option<CheckedShape> {
        let shape = self.pattern(&written.shape)?;
        let has = |group: &str| shape.capture_names().flatten().any(|name| name == group);
        if !has("number") || !has("check") {
            let message = "the shape has no check character".to_owned();
            self.mistake("CFG035", message, written.shape.span(), "the groups `(?<number>…)` and `(?<check>…)`");
        }
        if written.weights.is_empty() == (written.method == CheckMethod::Mod11) {
            let message = format!("{} weights for {}", written.weights.len(), written.method);
            self.mistake("CFG035", message, written.shape.span(), "weights of the digits, for mod11 only");
        }
        Some(CheckedShape { shape, method: written.method, weights: written.weights })
    }

    fn calendar(&mut self, name: &str, written: WrittenCalendar) -> BusinessCalendar {
        let mut rest_days = BTreeMap::new();
        for (day, rest) in written.rest {
            match day.parse() {
                Ok(day) => {
                    rest_days.insert(day, rest);
                }
                Err(_) => self.mistake("CFG036", format!("`{day}` is not a day"), 0..0, "YYYY-MM-DD"),
            }
        }
        BusinessCalendar { name: name.to_owned(), from: written.from, to: written.to, rest_days }
    }
}

/// Whether a table's word exists. Tables of names (`shipping_method`, `carrier`, `currency`) are open.
fn is_word_of(table: &str, word: &str) -> bool {
    fn known<W: Word>(word: &str) -> bool {
        W::of(word).is_some()
    }
    match table {
        "order_status" => known::<OrderStatus>(word),
        "payout_kind" => known::<PayoutKind>(word),
        "document_kind" => known::<DocumentKind>(word),
        "document_line_kind" => known::<DocumentLineKind>(word),
        "supplier_status" => known::<SupplierStatus>(word),
        "remittance_kind" => known::<RemittanceKind>(word),
        "pending_reason" => known::<PendingReason>(word),
        "origin" => known::<Origin>(word),
        "actor" => known::<Actor>(word),
        "payment" => known::<Payment>(word),
        "box_size" => known::<BoxSize>(word),
        "flag" => known::<Flag>(word),
        _ => true,
    }
}
