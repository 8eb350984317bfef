//! What packs know: layouts with their headers, words of the tables, numbers of carriers. An unknown table is held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regex::Regex;

use crate::base::money;
use crate::base::text::{fold, header_key, tracking_number};
use crate::frame::kind::{Cell, Field, LINE_FIELDS, spec_of};
use crate::ingest::infer::sample::{SampleRow, Seen};
use crate::ingest::totals::is_label;
use crate::pipeline::Pack;
use crate::pipeline::known_headers::Personal;
use crate::pipeline::written::column_form::WrittenColumn;
use crate::pipeline::written::layout::Layout;
use crate::vocab::{Flag, Kind, Word};

/// Everything that packs know.
#[derive(Debug)]
pub struct Known {
    packs: Vec<Arc<Pack>>,
    pub(super) layouts: Vec<KnownLayout>,
    /// Key of a header → the fields it stands for: kind, field, layout.
    headers: BTreeMap<String, Vec<Alias>>,
    /// Keys of headers that layouts do not read, and of canonical names.
    more_headers: BTreeSet<String>,
    /// First cells of total rows, folded.
    totals: BTreeSet<String>,
    /// Kind, key of a header of its whole amount.
    wholes: BTreeSet<(&'static str, String)>,
    /// Keys of headers that say whose data stand below them.
    personal: Vec<(Regex, Personal)>,
}

/// One layout of a pack.
#[derive(Debug)]
pub(super) struct KnownLayout {
    /// `<pack>/<layout>`.
    pub(super) name: String,
    pub(super) pack: Arc<Pack>,
    pub(super) layout: Layout,
    /// Keys of all headers that it names, read or not.
    named: BTreeSet<String>,
    /// Its families of headers.
    families: Vec<Regex>,
}

/// What a header stands for in a layout.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alias {
    pub(super) kind: Kind,
    pub(super) field: Field,
    /// Place in [`Known::layouts`]; `None`: a plain word of no system.
    pub(super) layout: Option<usize>,
}

impl KnownLayout {
    fn new(name: String, pack: Arc<Pack>, layout: Layout) -> KnownLayout {
        let read = layout.columns.values().flat_map(spelled);
        let named = read.chain(layout.unread.keys().map(String::as_str)).map(header_key);
        let named = named.filter(|key| !key.is_empty()).collect();
        let families = layout.families.iter().filter_map(|family| family_of(family)).collect();
        KnownLayout { name, pack, layout, named, families }
    }

    /// Whether the system writes a header of this key: the layout names it, or it is of one of its families.
    pub(super) fn writes(&self, key: &str) -> bool {
        self.named.contains(key) || self.families.iter().any(|family| family.is_match(key))
    }

    /// The field that a column feeds.
    pub(super) fn field(&self, name: &str) -> Option<Field> {
        field_of(self.layout.kind, self.layout.lines, name)
    }

    /// The pack whose word tables the export uses.
    fn words_pack<'k>(&'k self, known: &'k Known) -> &'k Pack {
        let named = self.layout.words.as_ref().and_then(|name| known.packs.iter().find(|pack| pack.name == *name));
        named.unwrap_or(&self.pack)
    }
}

/// A family of headers as a pattern of their keys: `*` stands for any letters, `?` for one.
fn family_of(family: &str) -> Option<Regex> {
    let escaped = regex::escape(&header_key(family)).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^{escaped}$")).ok()
}

/// The field of this name of a kind, or of the lines of a source with several rows per order.
pub(super) fn field_of(kind: Kind, lines: bool, name: &str) -> Option<Field> {
    let line = || LINE_FIELDS.iter().copied().find(|field| lines && field.name == name);
    spec_of(kind).field(name).or_else(line)
}

/// Headers of a column as packs write them; none for a position.
pub(super) fn spelled(column: &WrittenColumn) -> Vec<&str> {
    column.headers().into_iter().map(|header| header.get_ref().as_str()).collect()
}

impl Known {
    /// Takes all layouts of packs.
    pub fn new(packs: Vec<Arc<Pack>>) -> Known {
        let mut known = Known {
            packs,
            layouts: Vec::new(),
            headers: BTreeMap::new(),
            more_headers: BTreeSet::new(),
            totals: BTreeSet::new(),
            wholes: BTreeSet::new(),
            personal: Vec::new(),
        };
        for pack in known.packs.clone() {
            for (name, layout) in &pack.layouts {
                known.take(KnownLayout::new(format!("{}/{name}", pack.name), Arc::clone(&pack), layout.clone()));
            }
        }
        // What a system writes is better evidence than a word of a language.
        known.packs.clone().iter().for_each(|pack| known.take_plain(pack));
        for kind in Kind::ALL {
            known.more_headers.extend(spec_of(*kind).fields.iter().map(|field| header_key(field.name)));
        }
        known
    }

    /// Takes the plain words of a pack.
    fn take_plain(&mut self, pack: &Pack) {
        for plain in &pack.headers {
            for (name, headers) in &plain.columns {
                let Some(field) = field_of(plain.kind, true, name) else { continue };
                for header in headers {
                    let alias = Alias { kind: plain.kind, field, layout: None };
                    self.headers.entry(header_key(header)).or_default().push(alias);
                }
            }
            let wholes = plain.whole.iter().map(|header| (plain.kind.text(), header_key(header)));
            self.wholes.extend(wholes);
            self.more_headers.extend(plain.whole.iter().map(|header| header_key(header)));
        }
        for personal in &pack.personal {
            let keys = personal.headers.iter().filter_map(|header| family_of(header));
            self.personal.extend(keys.map(|key| (key, personal.data)));
        }
    }

    /// Names of the packs of a folder, without it.
    pub(super) fn packs_below<'k>(&'k self, folder: &'k str) -> impl Iterator<Item = &'k str> {
        self.packs.iter().filter_map(move |pack| pack.name.strip_prefix(folder))
    }

    /// Whose data stand below a header, by its words alone.
    pub(super) fn personal(&self, header: &str) -> Option<Personal> {
        let key = header_key(header);
        self.personal.iter().find(|(known, _)| known.is_match(&key)).map(|(_, data)| *data)
    }

    /// Whether a header is one of dates: a field of some kind, or as programs end their names of times.
    pub(super) fn is_of_dates(&self, header: &str) -> bool {
        let is_date = |alias: &Alias| matches!(alias.field.cell, Cell::Date | Cell::Instant);
        let name = fold(header);
        self.aliases(header).iter().any(is_date)
            || ["_at", "_on", "_date", "_time"].iter().any(|end| name.ends_with(end))
    }

    /// Whether a header is that of the whole amount of a row of a kind, goods and postage.
    pub(super) fn is_whole(&self, kind: Kind, header: &str) -> bool {
        self.wholes.contains(&(kind.text(), header_key(header)))
    }

    /// Who writes a header so.
    pub(super) fn written_by(&self, alias: &Alias) -> &str {
        alias.layout.map_or("many exports", |layout| &self.layouts[layout].name)
    }

    fn take(&mut self, known: KnownLayout) {
        let place = self.layouts.len();
        for (name, column) in &known.layout.columns {
            let Some(field) = known.field(name) else { continue };
            if matches!(column, WrittenColumn::Composed(_)) {
                // None of its columns is the value by itself.
                self.more_headers.extend(spelled(column).into_iter().map(header_key));
                continue;
            }
            for header in spelled(column) {
                let alias = Alias { kind: known.layout.kind, field, layout: Some(place) };
                self.headers.entry(header_key(header)).or_default().push(alias);
            }
        }
        self.more_headers.extend(known.layout.unread.keys().map(|header| header_key(header)));
        let csv = known.layout.csv.iter().flat_map(|csv| csv.totals.iter().flatten());
        let totals = csv.chain(known.layout.xlsx.iter().flat_map(|xlsx| xlsx.totals.iter().flatten()));
        self.totals.extend(totals.map(|total| fold(total)));
        self.layouts.push(known);
    }

    /// Whether a cell is a header of some layout, or a canonical name.
    pub(super) fn is_header(&self, text: &str) -> bool {
        let key = header_key(text);
        !key.is_empty() && (self.headers.contains_key(&key) || self.more_headers.contains(&key))
    }

    /// Whether a header of this key is written by the systems of one pack alone.
    pub(super) fn is_only_of(&self, key: &str, pack: &str) -> bool {
        !self.layouts.iter().any(|layout| layout.pack.name != pack && layout.named.contains(key))
    }

    /// The fields that a header stands for.
    pub(super) fn aliases(&self, header: &str) -> &[Alias] {
        self.headers.get(&header_key(header)).map_or(&[], Vec::as_slice)
    }

    /// Keys of all headers of fields of a kind.
    pub(super) fn headers_of(&self, kind: Kind) -> impl Iterator<Item = (&str, &Alias)> {
        let all =
            self.headers.iter().flat_map(|(header, aliases)| aliases.iter().map(move |alias| (header.as_str(), alias)));
        all.filter(move |(_, alias)| alias.kind == kind)
    }

    /// The first cell of a total row that packs know. A row with more texts than that cell is a row of the data.
    pub(super) fn total<'r>(&self, row: &'r SampleRow) -> Option<&'r str> {
        let mut texts = row.cells.iter().filter(|cell| !cell.is_empty());
        let Seen::Text(first) = texts.next()? else { return None };
        (is_label(self.totals.iter(), first) && texts.all(|cell| self.is_sum(cell))).then_some(first)
    }

    /// Whether a cell may be a sum: a number, in a text with nothing but its unit.
    fn is_sum(&self, cell: &Seen) -> bool {
        let Seen::Text(text) = cell else { return matches!(cell, Seen::Number(_)) };
        let in_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '\u{2212}' | '+');
        let (Some(first), Some(last)) = (text.find(in_number), text.rfind(|c: char| c.is_ascii_digit())) else {
            return false;
        };
        let (number, units) = (&text[first..=last], [&text[..first], &text[last + 1..]].map(str::trim));
        !number.contains(char::is_alphabetic)
            && units.iter().all(|unit| unit.is_empty() || *unit == "%" || self.is_currency(unit))
    }

    /// Whether a label is a yes or a no.
    pub(super) fn is_flag(&self, label: &str) -> bool {
        self.look_up("flag", label).is_some_and(|word| Flag::of(&word).is_some())
    }

    /// Whether a unit is a currency.
    pub(super) fn is_currency(&self, unit: &str) -> bool {
        money::decimals(unit).is_some() || self.look_up("currency", unit).is_some()
    }

    /// Whether any table of any pack holds the label.
    pub(super) fn is_label(&self, label: &str) -> bool {
        let folded = fold(label);
        self.packs.iter().flat_map(|pack| pack.words.values()).any(|table| table.look_up(&folded, |_| true).is_some())
    }

    /// The currency of a label, as ISO 4217 writes it.
    pub(super) fn currency(&self, label: &str) -> Option<String> {
        let upper = label.trim().to_uppercase();
        self.look_up("currency", label).or_else(|| money::decimals(&upper).map(|_| upper))
    }

    fn look_up(&self, table: &str, label: &str) -> Option<String> {
        let folded = fold(label);
        let tables = self.packs.iter().filter_map(|pack| pack.words.get(table));
        tables.filter_map(|table| table.look_up(&folded, |_| true)).map(str::to_owned).next()
    }

    /// Labels of a column that the tables of a layout, or of all packs, do not hold, in their order.
    pub(super) fn unknown_labels(
        &self,
        cell: Cell,
        layout: Option<&KnownLayout>,
        labels: &[(String, usize)],
    ) -> Vec<String> {
        let knows = |label: &str| match (cell, layout) {
            // No label is refused.
            (Cell::Word { unmapped: Some(_), .. }, _) => true,
            (Cell::CarrierCode, Some(layout)) => {
                let name = layout.layout.vocabulary.as_deref().unwrap_or("");
                layout.pack.vocabularies.get(name).is_some_and(|codes| codes.look_up(label).is_some())
            }
            (Cell::Word { table, .. }, Some(layout)) => {
                let folded = fold(label);
                let own = layout.words_pack(self);
                let packs = self.packs.iter().filter(|pack| pack.name == own.name || pack.name == "common");
                let mut tables = packs.filter_map(|pack| pack.words.get(table));
                tables.any(|table| table.look_up(&folded, |_| true).is_some())
            }
            (Cell::Word { table, .. }, None) => self.look_up(table, label).is_some(),
            (Cell::Flag, _) => self.is_flag(label),
            _ => true,
        };
        labels.iter().map(|(label, _)| label).filter(|label| !knows(label)).cloned().collect()
    }

    /// Carriers whose number patterns fit nine of ten values.
    pub(super) fn carriers_of(&self, values: &[Seen]) -> Vec<String> {
        const LOOKED_AT: usize = 50;
        let numbers: Vec<String> = values.iter().take(LOOKED_AT).map(|value| tracking_number(&value.shown())).collect();
        let fits = |pack: &&Arc<Pack>| {
            let fit = numbers.iter().filter(|number| pack.number.has_shape(number));
            !numbers.is_empty() && !pack.number.patterns.is_empty() && fit.count() * 10 >= numbers.len() * 9
        };
        self.packs.iter().filter(fits).map(|pack| pack.name.clone()).collect()
    }

    /// Vocabularies that hold all labels: `<pack>`, its vocabulary.
    pub(super) fn vocabularies_of(&self, labels: &[(String, usize)]) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for pack in &self.packs {
            for (name, vocabulary) in &pack.vocabularies {
                if !labels.is_empty() && labels.iter().all(|(label, _)| vocabulary.look_up(label).is_some()) {
                    found.push((pack.name.clone(), name.clone()));
                }
            }
        }
        found
    }
}
