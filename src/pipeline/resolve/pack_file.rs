//! Where packs lie: in `packs/` beside the pipeline first, then inside the binary. A pack is read once.

use std::collections::{BTreeMap, HashMap};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::Dir;
use regex::Regex;

use crate::base::business_calendar::BusinessCalendar;
use crate::base::disk;
use crate::base::text;
use crate::diagnose::{Diagnostic, Exit, Place};
use crate::pipeline::ConfigText;
use crate::pipeline::bounds;
use crate::pipeline::digest::sha256;
use crate::pipeline::name::mistake_of_pack;
use crate::pipeline::pack::{CheckedShape, Family, NumberFacts, Pack, Validity, Vocabulary};
use crate::pipeline::pattern::compiled_as_written;
use crate::pipeline::policy::{PolicyBook, PolicyEntry};
use crate::pipeline::resolve::embedded::{EMBEDDED, embedded_text};
use crate::pipeline::resolve::locate::span_of;
use crate::pipeline::resolve::parse::parse_all;
use crate::pipeline::resolve::policy_check::{Thresholds, WrittenPolicies, thresholds_of};
use crate::pipeline::resolve::rule::too_many_rules;
use crate::pipeline::spanned::Spanned;
use crate::pipeline::text_rule::{SourceText, TextRule};
use crate::pipeline::words::{Meaning, NO_COUNTERPART, WordTable, words_of};
use crate::pipeline::written::rule::WrittenRule;
use crate::pipeline::written::{
    WrittenCalendar, WrittenCheck, WrittenNumber, WrittenPack, WrittenVocabulary, WrittenWords,
};
use crate::vocab::{CheckMethod, Recipient, TrackingCode, Word};

/// Folders of the packs that an account may be of: it sells at a marketplace or in its own shop, buys of a supplier, or is paid by a
/// provider of payments.
pub(super) const ACCOUNT_FOLDERS: [&str; 4] = ["marketplaces", "suppliers", "shops", "payments"];

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

/// The text of a pack, found as [`find_pack`] finds it, whatever it says.
///
/// # Errors
/// One that says that there is no pack of this name, or that it cannot be read.
pub fn find_pack_text(folder: &Path, folders: &[&str], name: &str) -> Result<String, Vec<Diagnostic>> {
    let mut shelf = PackShelf::new(folder);
    let full = shelf.find(folders, name).unwrap_or_else(|| name.to_owned());
    match shelf.find_text(&full) {
        Some(Ok((_, text))) => Ok(text),
        Some(Err(mistake)) => Err(vec![*mistake]),
        None => shelf.only(&full).map(|_| String::new()),
    }
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
    let unreadable = shelf.folder.iter().flat_map(|folder| names_below(folder)).filter_map(Result::err);
    shelf.mistakes.extend(unreadable.map(|mistake| *mistake));
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
    texts: BTreeMap<String, (String, Arc<str>)>,
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
        let (path, text) = match self.find_text(name)? {
            Ok(found) => found,
            Err(mistake) => {
                self.mistakes.push(*mistake);
                self.read.insert(name.to_owned(), None);
                return None;
            }
        };
        let (written, mut mistakes) = parse_all::<WrittenPack>(&path, &text);
        let pack = written.filter(|_| mistakes.is_empty());
        self.mistakes.append(&mut mistakes);
        let text: Arc<str> = text.into();
        let mut resolver = Resolver { path: &path, text: &text, mistakes: &mut self.mistakes };
        let pack = pack.map(|written| Arc::new(resolver.pack(name, written)));
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
                let near = nearest_pack(name, &known);
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

    /// Path and text of a pack: of the one beside the pipeline where there is a file of its name, and only then of the program's. A
    /// file that is there and cannot be read never gives way to the program's pack: its policy would be another.
    fn find_text(&self, name: &str) -> Option<Result<(String, String), Box<Diagnostic>>> {
        // A name that leads elsewhere names no pack.
        if mistake_of_pack(name).is_some() {
            return None;
        }
        let file = format!("{name}.toml");
        let path = format!("packs/{file}");
        match self.folder.as_ref().map_or(Ok(None), |folder| text_beside(folder, &file)) {
            Ok(Some(text)) => Some(Ok((path, text))),
            Ok(None) => match self.folder.as_ref().and_then(|folder| written_otherwise(folder, &file)) {
                Some(other) => Some(Err(unreadable(&path, format!("the file is named `{other}`, in other letters")))),
                None => embedded_text(name).map(|text| Ok((format!("embedded:{name}"), text.to_owned()))),
            },
            Err(reason) => Some(Err(unreadable(&path, reason))),
        }
    }

    /// Whether the pack exists and could not be read.
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
        names.extend(self.folder.iter().flat_map(|folder| names_below(folder)).filter_map(Result::ok));
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
        self.texts.get(name).map(|(path, text)| (path.clone(), text.to_string()))
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

/// The name of a file that differs from the wanted one only by capital letters: it is meant, and is not what is read.
fn written_otherwise(folder: &Path, file: &str) -> Option<String> {
    let wanted = folder.join(file);
    let entries = std::fs::read_dir(wanted.parent()?).ok()?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let last = wanted.file_name()?.to_str()?;
    names.filter(|name| name.eq_ignore_ascii_case(last)).min()
}

/// The pack that a name means: one of the same name in another folder, else one of a near name in the folder that is named.
pub(super) fn nearest_pack<'k>(name: &str, known: &'k [String]) -> Option<&'k str> {
    let own = |full: &'k str| full.rsplit_once('/').map_or(full, |(_, own)| own);
    let (folder, wanted) = name.rsplit_once('/').unwrap_or(("", name));
    let all = || known.iter().map(String::as_str);
    let in_folder = |full: &&str| folder.is_empty() || full.starts_with(&format!("{folder}/"));
    all().find(|full| own(full) == wanted).or_else(|| {
        let near = text::nearest(wanted, all().filter(in_folder).map(own))?;
        all().filter(in_folder).find(|full| own(full) == near)
    })
}

fn embedded_files<'a>(dir: &'a Dir<'a>) -> Box<dyn Iterator<Item = &'a Path> + 'a> {
    Box::new(dir.files().map(|file| file.path()).chain(dir.dirs().flat_map(embedded_files)))
}

/// Names of the pack files below a folder, and what cannot be looked into; a folder that is not there holds none.
fn names_below(folder: &Path) -> Vec<Result<String, Box<Diagnostic>>> {
    if folder.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Vec::new();
    }
    let shown = |path: &Path| Path::new("packs").join(path.strip_prefix(folder).unwrap_or(path)).display().to_string();
    let entries = walkdir::WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    let name = |entry: walkdir::Result<walkdir::DirEntry>| {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map_or_else(|| "packs".to_owned(), shown);
                return Some(Err(unreadable(&path, error.to_string())));
            }
        };
        let below = entry.path().strip_prefix(folder).ok()?;
        match below.to_str() {
            Some(name) => name.strip_suffix(".toml").map(|name| Ok(name.replace('\\', "/"))),
            None => Some(Err(unreadable(&shown(entry.path()), "a name that is not UTF-8".to_owned()))),
        }
    };
    entries.filter_map(name).collect()
}

/// The text of a file below `packs/`; nothing where there is none. A link that leads nowhere, a folder, a file in another encoding or
/// without permission is there.
fn text_beside(folder: &Path, file: &str) -> Result<Option<String>, String> {
    let path = folder.join(file);
    // A pipe would be waited for.
    if path.metadata().is_ok_and(|data| !data.is_file() && !data.is_dir()) {
        return Err("it is a pipe or a device, not a file".to_owned());
    }
    match config_text(&path) {
        Ok(text) => stays_below(folder, &path).map(|()| Some(text)),
        Err(Unread::Io(error)) if error.kind() == ErrorKind::NotFound => {
            let steps = path.ancestors().take_while(|step| step.starts_with(folder));
            let is_dangling = |step: &Path| step.is_symlink() && !step.exists();
            match steps.filter(|step| is_dangling(step)).last() {
                Some(link) => Err(format!("{} is a link that leads nowhere", link.display())),
                None => Ok(None),
            }
        }
        Err(unread) => Err(unread.reason()),
    }
}

/// A link may name another file of the folder, and the folder itself may be a link; no file elsewhere is a pack.
fn stays_below(folder: &Path, path: &Path) -> Result<(), String> {
    let (below, real) = (folder.canonicalize(), path.canonicalize());
    let (below, real) = (below.map_err(|error| error.to_string())?, real.map_err(|error| error.to_string())?);
    match real.starts_with(&below) {
        true => Ok(()),
        false => Err("it is a link to a file that is not in the folder `packs`".to_owned()),
    }
}

/// Why a configuration text cannot be read.
#[derive(Debug)]
pub(super) enum Unread {
    /// The system says so.
    Io(std::io::Error),
    /// Something else than a text of a sound size.
    Other(String),
}

impl Unread {
    /// In words.
    pub(super) fn reason(&self) -> String {
        match self {
            Unread::Io(error) => disk::trouble(error).found,
            Unread::Other(reason) => reason.clone(),
        }
    }
}

/// The text of a pipeline or a pack.
///
/// # Errors
/// A file that cannot be opened, a text beyond [`bounds::CONFIG_BYTES`], a text that is not UTF-8.
pub(super) fn config_text(path: &Path) -> Result<String, Unread> {
    let mut bytes = Vec::new();
    let limit = bounds::CONFIG_BYTES;
    let file = std::fs::File::open(path).map_err(Unread::Io)?;
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(Unread::Io)?;
    if bytes.len() > limit {
        return Err(Unread::Other(format!("it has more than {limit} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Unread::Other("the text is UTF-16".to_owned());
        }
        let sound = &bytes[..error.utf8_error().valid_up_to()];
        let line = sound.iter().filter(|byte| **byte == b'\n').count() + 1;
        Unread::Other(format!("line {line} is not UTF-8: the text is in another encoding, such as windows-1250"))
    })
}

fn unreadable(path: &str, reason: String) -> Box<Diagnostic> {
    Box::new(Diagnostic {
        code: "CFG055",
        message: "a pack beside the pipeline that cannot be read".to_owned(),
        place: Place::Nowhere,
        found: format!("{path}: {reason}"),
        expected: "a TOML file in UTF-8 that the program may read".to_owned(),
        help: "save it as UTF-8, or take it away: then the pack of the program counts".to_owned(),
        exit: Exit::Usage,
    })
}

struct Resolver<'shelf> {
    path: &'shelf str,
    text: &'shelf Arc<str>,
    mistakes: &'shelf mut Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn mistake(&mut self, code: &'static str, message: String, span: std::ops::Range<usize>, expected: &str) {
        if self.mistakes.len() >= bounds::MISTAKES {
            return;
        }
        self.mistakes.push(Diagnostic {
            code,
            message,
            place: Place::Config { file: self.path.to_owned(), text: self.text.clone(), span },
            found: "here".into(),
            expected: expected.to_owned(),
            help: String::new(),
            exit: Exit::Usage,
        });
    }

    fn pack(&mut self, name: &str, written: WrittenPack) -> Pack {
        let own = written.rule.iter().map(thresholds_of).collect();
        self.check_policies(&["policy"], &written.policy, &own);
        for (profile, policies) in &written.profile {
            self.check_policies(&["profile", profile, "policy"], &policies.policy, &own);
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
            headers: written.headers,
            personal: written.personal,
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
        let origin = SourceText { file: self.path.to_owned(), text: self.text.clone() };
        self.mistakes.extend(too_many_rules(&written, &origin));
        let read = |rule| Arc::new(TextRule::read(rule, marketplace.map(str::to_owned), origin.clone(), self.mistakes));
        written.into_iter().take(bounds::RULES).map(read).collect()
    }

    fn check_policies(&mut self, path: &[&str], entries: &[PolicyEntry], own: &Thresholds) {
        let written = WrittenPolicies { file: self.path, text: self.text, path, entries, own };
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
            if word != NO_COUNTERPART && words_of(table).is_some_and(|known| !known.contains(&word.as_str())) {
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
        let mut vocabulary = Vocabulary { codes, families: Vec::new(), dotted: written.dotted };
        families.into_iter().for_each(|family| vocabulary.add_family(family));
        for (Recipient::Buyer, raw_codes) in &written.to {
            for raw in raw_codes {
                if vocabulary.look_up(raw.get_ref()) != Some(TrackingCode::Delivered.text()) {
                    let message = format!("`{}` delivers to nobody", raw.get_ref());
                    self.mistake("CFG033", message, raw.span(), "a code of `delivered`");
                }
                vocabulary.codes.insert(text::fold(raw.get_ref()), TrackingCode::DeliveredToBuyer.text().to_owned());
            }
        }
        vocabulary
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
        match compiled_as_written(written.get_ref()) {
            Ok(regex) => Some(regex),
            Err(reason) => {
                self.mistake("CFG035", format!("not a pattern: {reason}"), written.span(), "a regular expression");
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
