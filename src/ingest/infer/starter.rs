//! The starter: a `[[source]]` with a reason for every line, and a further one for each layout that reads other rows of the same file.
//! What is not sure is a comment that says what to fill in, so that the source is refused until a person has decided.

use std::sync::LazyLock;

use regex::Regex;

use crate::base::text::{fold, header_key};
use crate::diagnose::visible::{self, toml_string as quoted};
use crate::frame::kind::{Cell, Field, LINE_FIELDS, spec_of};
use crate::ingest::infer::known::{Alias, Known};
use crate::ingest::infer::layout_match::{Match, SURE, best, companions};
use crate::ingest::infer::look::{Column, Look};
use crate::ingest::infer::proposal::{FieldProposal, Proposal, suits};
use crate::ingest::infer::table::Table;
use crate::ingest::infer::text_form::TextForm;
use crate::pipeline::known_headers::Personal;
use crate::pipeline::resolve::format::NO_QUOTE;
use crate::vocab::{Kind, Word};

/// What a starter is written from.
pub(super) struct Starter<'a> {
    /// The files, of one folder.
    pub(super) paths: &'a [&'a str],
    /// The pattern that holds them all.
    pub(super) glob: String,
    pub(super) table: &'a Table,
    pub(super) text: Option<&'a TextForm>,
    pub(super) matches: &'a [Match],
    pub(super) proposal: Option<&'a Proposal>,
    pub(super) known: &'a Known,
    /// The workbook has other tables, too.
    pub(super) one_of_several: bool,
}

/// A date in a file's name: year, mark, month, mark, day; the day may be missing. Digits around it make it a number.
#[allow(clippy::expect_used, reason = "the pattern is constant and tested")]
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let date = r"(?:19|20)\d{2}([-_.]?)(?:0[1-9]|1[0-2])(?:([-_.]?)(?:[0-2]\d|3[01]))?";
    Regex::new(&format!("(^|[^0-9])({date})([^0-9]|$)")).expect("a pattern")
});

/// The text with `by` in place of its dates.
pub(super) fn without_dates(text: &str, by: &str) -> String {
    DATE.replace_all(text, format!("${{1}}{by}${{5}}")).into_owned()
}

/// How the date in a file's name is read, and whether it names a day.
fn name_date(path: &str) -> Option<(String, bool)> {
    let name = path.rsplit('/').next().unwrap_or(path);
    // Letters that are a mark of such a pattern themselves cannot be told in one.
    if name.contains(['{', '*']) {
        return None;
    }
    let date = DATE.captures(name)?;
    let (first, second) = (&date[3], date.get(4).map_or("", |mark| mark.as_str()));
    let has_day = date.get(4).is_some();
    let form = if has_day { format!("{{yyyy}}{first}{{mm}}{second}{{dd}}") } else { format!("{{yyyy}}{first}{{mm}}") };
    Some((name.replacen(&date[2], &form, 1), has_day))
}

/// Appends one line, of a comment or a key: nothing that stands in it ends it.
macro_rules! push_line {
    ($text:expr, $($part:tt)*) => {{
        $text.push_str(&crate::diagnose::visible::line(&format!($($part)*)));
        $text.push('\n');
    }};
}
pub(super) use push_line;

impl Starter<'_> {
    pub(super) fn write(&self) -> String {
        let mut text = String::new();
        match best(self.matches) {
            [only] => {
                let others = companions(only, self.matches);
                let layout_of = |found: &Match| {
                    let name = &self.known.layouts[found.layout].name;
                    name.rsplit_once('/').map_or(name.as_str(), |(_, layout)| layout).to_owned()
                };
                for found in [only].into_iter().chain(others.iter().copied()) {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    self.push_name(&mut text, (!others.is_empty()).then(|| layout_of(found)));
                    self.push_layout(&mut text, found);
                }
            }
            [] => {
                self.push_name(&mut text, None);
                self.push_unknown(&mut text);
            }
            several => {
                self.push_name(&mut text, None);
                self.push_choice(&mut text, several);
            }
        }
        text
    }

    fn push_name(&self, text: &mut String, layout: Option<String>) {
        let path = match self.paths {
            [only] => (*only).to_owned(),
            _ => self.glob.replace('*', ""),
        };
        let name = name_of(&path, self.sheet());
        let name = layout.map_or_else(|| name.clone(), |layout| format!("{name}-{layout}"));
        text.push_str("[[source]]\n");
        push_line!(text, "name = {}", quoted(&name));
    }

    fn sheet(&self) -> Option<&str> {
        self.table.sheet.as_deref().filter(|_| self.one_of_several)
    }

    fn push_account(&self, text: &mut String, kind: Option<Kind>) {
        text.push_str("account = \"\"  # fill in: the name of an [[account]] of the pipeline");
        if kind == Some(Kind::TrackingEvents) {
            text.push_str("; without one, take this line out and name a `timezone`");
        }
        text.push('\n');
    }

    fn push_glob(&self, text: &mut String) {
        let files =
            if self.paths.len() > 1 { format!("{} files of one shape; ", self.paths.len()) } else { String::new() };
        push_line!(text, "glob = {}  # {files}seen from the pipeline's folder", quoted(&self.glob));
    }

    /// Keys that say how a file's name is read, unless the layout says the same.
    fn push_name_dates(&self, text: &mut String, inherited: [Option<&str>; 2]) {
        let mut patterns: Vec<Option<(String, bool)>> = self.paths.iter().map(|path| name_date(path)).collect();
        patterns.dedup();
        // Files whose names are not dated alike have no one pattern.
        let [Some((pattern, has_day))] = patterns.as_slice() else { return };
        let has_day = *has_day;
        let key = if has_day { "export_date" } else { "report_month" };
        if inherited[usize::from(!has_day)] != Some(pattern.as_str()) {
            push_line!(text, "{key} = {}", quoted(pattern));
        }
    }

    fn push_personal(&self, text: &mut String, is_read: &dyn Fn(usize) -> bool) {
        let columns = self.table.columns.iter().enumerate();
        // What the packs read as a title, a status or an order number is no person's name or phone, however it looks.
        let is_meant =
            |place: usize, kind: Personal| matches!(kind, Personal::Mail | Personal::Address) || !is_read(place);
        let personal: Vec<&Column> = columns
            .filter(|(place, column)| column.personal.is_some_and(|kind| is_meant(*place, kind)))
            .map(|(_, column)| column)
            .collect();
        if personal.is_empty() {
            return;
        }
        let name = |column: &&Column| {
            quoted(&if column.header.is_empty() { column.position.to_string() } else { column.header.clone() })
        };
        let names: Vec<String> = personal.iter().map(name).collect();
        let mut kinds: Vec<&str> = Vec::new();
        for kind in personal.iter().filter_map(|column| column.personal).map(|kind| kind.word()) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        push_line!(text, "personal = [{}]  # probably {}", names.join(", "), kinds.join(", "));
    }

    // ---- a known layout ----------------------------------------------------------------------------------------------------

    fn push_layout(&self, text: &mut String, found: &Match) {
        let known = &self.known.layouts[found.layout];
        let layout = &known.layout;
        self.push_account(text, Some(layout.kind));
        push_line!(
            text,
            "layout = {}  # {} %: {} of {} required columns, {} of {} headers",
            quoted(&known.name),
            found.confidence(),
            found.required.0,
            found.required.1,
            found.headers.0,
            found.headers.1,
        );
        self.push_glob(text);
        if let Some(carrier) = known.name.strip_prefix("carriers/").and_then(|rest| rest.rsplit_once('/')) {
            push_line!(text, "carrier = {}", quoted(carrier.0));
        }
        self.push_name_dates(text, [layout.export_date.as_deref(), layout.report_month.as_deref()]);
        let is_read = |place: usize| found.bound.iter().any(|(at, _)| *at == place);
        self.push_personal(text, &is_read);
        if self.table.rows == 0 {
            text.push_str("# no row: nothing but the headers shows that it is this layout\n");
        }
        if !found.empty.is_empty() {
            push_line!(text, "# there, and without a value: {}", found.empty.join(", "));
        }
        if !found.missing.is_empty() {
            push_line!(text, "# not in this file, and not required: {}", found.missing.join(", "));
        }
        let says_unit = match self.text {
            Some(_) => layout.csv.as_ref().is_some_and(|csv| csv.amounts.is_some()),
            None => layout.xlsx.as_ref().is_some_and(|xlsx| xlsx.amounts.is_some()),
        };
        if found.misfits.is_empty() && !says_unit {
            self.push_unit(text, &found.bound);
        }
        for (field, words) in &found.unknown_words {
            push_line!(text, "# fill in: words of {field} that the pack does not know: {}", told(words));
        }
        if !found.misfits.is_empty() {
            push_line!(text, "# written here because the file differs: {}", found.misfits.join("; "));
            let fields: Vec<(usize, Field)> = found.bound.clone();
            let totals =
                layout.csv.iter().flat_map(|csv| &csv.totals).chain(layout.xlsx.iter().flat_map(|xlsx| &xlsx.totals));
            self.push_format(text, &fields, &totals.flatten().cloned().collect::<Vec<_>>(), Some(layout.kind));
        }
        let pairs = found.bound.iter().filter_map(|(at, field)| self.pair(*at, field).map(|(line, _)| line));
        let lines: Vec<String> = pairs.chain(self.beyond(found)).collect();
        if !lines.is_empty() {
            text.push_str("\n[source.columns]\n");
            for line in lines {
                push_line!(text, "{line}");
            }
        }
    }

    /// Columns that the layout does not know, and that by a plain word hold a field that it does not read.
    fn beyond(&self, found: &Match) -> Vec<String> {
        let known = &self.known.layouts[found.layout];
        let said = known.layout.columns.keys().chain(known.layout.constants.keys());
        let mut read: Vec<&str> = said.map(String::as_str).collect();
        let mut lines = Vec::new();
        for column in self.table.columns.iter().filter(|column| !known.writes(&header_key(&column.header))) {
            let aliases = self.known.aliases(&column.header).iter();
            let mut plain = aliases.filter(|own| own.layout.is_none() && own.kind == known.layout.kind);
            let is_new = |own: &&Alias| known.field(own.field.name).is_some() && !read.contains(&own.field.name);
            let Some(own) = plain.find(|own| is_new(own) && suits(own.field.cell, column)) else { continue };
            if column.look != Look::Empty {
                let header = quoted(&column.header);
                lines.push(format!(
                    "# fill in, if it is so: {} = {header}  # the layout does not read it",
                    own.field.name
                ));
                read.push(own.field.name);
            }
        }
        lines
    }

    /// Asks for the unit of amounts of which none shows a decimal mark: a layout would read them all the same.
    fn push_unit(&self, text: &mut String, bound: &[(usize, Field)]) {
        let money = bound.iter().filter(|(_, field)| field.cell == Cell::Money).map(|(at, _)| *at);
        if let Some((whole, minor)) = self.unit_example(money) {
            let format = if self.text.is_some() { "csv" } else { "xlsx" };
            push_line!(
                text,
                "# fill in, if it is so: [source.{format}] with amounts = \"minor\"; no amount shows a decimal mark, and {whole} is read as {whole}.00, not as {minor}"
            );
        }
    }

    /// An amount without a mark, and what it is in the smallest unit; `None`: some amount of these columns shows a mark, or none is there.
    fn unit_example(&self, places: impl Iterator<Item = usize>) -> Option<(String, String)> {
        let mut example = None;
        for value in places.flat_map(|place| &self.table.columns[place].values) {
            let shown = value.shown();
            if shown.contains(['.', ',']) {
                return None;
            }
            let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
            let is_more = |(known, _): &(String, String)| known.len() >= digits.len();
            if digits.bytes().any(|digit| digit != b'0') && !example.as_ref().is_some_and(is_more) {
                let filled = format!("{digits:0>3}");
                let (units, rest) = filled.split_at(filled.len() - 2);
                let minor = format!("{units}.{rest}");
                example = Some((digits, minor));
            }
        }
        example
    }

    /// The line that binds an instant of two columns, a date and its time of day, and the place of the latter.
    fn pair(&self, date: usize, field: &Field) -> Option<(String, usize)> {
        let is_day = |column: &Column| match &column.look {
            Look::Date(date) => !date.patterns.iter().any(|pattern| pattern.contains("%H") || pattern.contains("%I")),
            _ => false,
        };
        let columns = &self.table.columns;
        if field.cell != Cell::Instant || !self.table.header.is_there() || !is_day(&columns[date]) {
            return None;
        }
        // Of several dates the one that stands beside the time is the one it belongs to.
        let time = [date + 1, date.wrapping_sub(1)]
            .into_iter()
            .find(|place| columns.get(*place).is_some_and(|column| column.look == Look::Time))?;
        let (date, time_of_day) = (self.place_of(&columns[date]), self.place_of(&columns[time]));
        Some((
            format!(
                "{} = {{ date = {date}, time = {time_of_day} }}  # a date, and its time of day beside it",
                field.name
            ),
            time,
        ))
    }

    /// Several layouts fit and nothing tells them apart.
    fn push_choice(&self, text: &mut String, several: &[Match]) {
        self.push_account(text, several.first().map(|found| self.known.layouts[found.layout].layout.kind));
        text.push_str("# fill in: which of these layouts it is; the headers fit all of them\n");
        for found in several {
            let known = &self.known.layouts[found.layout];
            push_line!(text, "# layout = {}  # {} %", quoted(&known.name), found.confidence() / several.len() as u8);
        }
        self.push_glob(text);
        let is_read = |place: usize| several.iter().any(|found| found.bound.iter().any(|(at, _)| *at == place));
        self.push_personal(text, &is_read);
    }

    // ---- no known layout ---------------------------------------------------------------------------------------------------

    fn push_unknown(&self, text: &mut String) {
        self.push_near_layout(text);
        let sure = self.proposal.filter(|proposal| proposal.confidence >= SURE);
        match (sure, self.proposal) {
            (Some(own), _) => {
                push_line!(text, "kind = {}  # {} %: {}", quoted(own.kind.text()), own.confidence, own.because);
            }
            (None, Some(own)) => {
                let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.text()).collect();
                push_line!(text, "# fill in: `kind`, one of {}", kinds.join(", "));
                push_line!(text, "# kind = {}  # {} %: {}", quoted(own.kind.text()), own.confidence, own.because);
            }
            (None, None) => {
                let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.text()).collect();
                push_line!(
                    text,
                    "# fill in: `kind`, one of {}; no header is known. `--kind` looks closer",
                    kinds.join(", ")
                );
            }
        }
        let kind = self.proposal.map(|own| own.kind);
        self.push_account(text, kind);
        self.push_glob(text);
        if kind == Some(Kind::TrackingEvents) {
            self.push_vocabulary(text);
        }
        if kind == Some(Kind::CodRemittances) {
            self.push_carrier(text);
        }
        if self.proposal.is_some_and(|own| own.lines) {
            text.push_str("lines = true  # several rows per order: columns of lines are there\n");
        }
        self.push_name_dates(text, [None, None]);
        let fields: Vec<(usize, Field)> = self.sure_fields().map(|own| (own.column, own.field)).collect();
        self.push_personal(text, &|place| fields.iter().any(|(at, _)| *at == place));
        self.push_format(text, &fields, &self.table.totals, kind);
        self.push_columns(text, kind);
    }

    /// The carrier and its vocabulary, where one alone holds all codes.
    fn push_vocabulary(&self, text: &mut String) {
        let codes = self.proposal.iter().flat_map(|own| &own.fields).find(|own| own.field.cell == Cell::CarrierCode);
        let labels = codes.map(|own| self.table.columns[own.column].labels()).unwrap_or_default();
        match self.known.vocabularies_of(&labels).as_slice() {
            [(pack, vocabulary)] => {
                let carrier = pack.rsplit_once('/').map_or(pack.as_str(), |(_, carrier)| carrier);
                push_line!(text, "carrier = {}  # no other vocabulary holds all codes", quoted(carrier));
                push_line!(text, "vocabulary = {}", quoted(vocabulary));
            }
            several => {
                let named: Vec<String> = several.iter().map(|(pack, name)| format!("{name} of {pack}")).collect();
                let hint = if named.is_empty() { String::new() } else { format!(": {}", named.join(", ")) };
                push_line!(
                    text,
                    "# fill in: `carrier`, a pack below carriers/, and `vocabulary`, one of that pack{hint}"
                );
            }
        }
    }

    /// The carrier whose cash it is, as far as the numbers of the parcels tell it.
    fn push_carrier(&self, text: &mut String) {
        let is_bound = |own: &&FieldProposal| matches!(own.field.name, "carrier" | "tracking_number_raw");
        let own: Vec<&FieldProposal> = self.sure_fields().filter(is_bound).collect();
        if own.iter().any(|own| own.field.name == "carrier") {
            return;
        }
        let carriers = own.first().map(|own| self.known.carriers_of(&self.table.columns[own.column].values));
        let hint = match carriers.unwrap_or_default() {
            none if none.is_empty() => String::new(),
            some => format!("; the numbers look like those of {}", some.join(", ")),
        };
        push_line!(text, "# fill in: `carrier`, a pack below carriers/: whose cash it is{hint}");
    }

    /// The layout of a pack that comes nearest: before anything is spelled out, a person should look at it.
    fn push_near_layout(&self, text: &mut String) {
        // A layout of another kind than the columns prove is none, unless the system is certain.
        let sure = self.proposal.filter(|own| own.confidence >= SURE).map(|own| own.kind);
        let is_of_kind = |found: &Match| sure.is_none_or(|kind| self.known.layouts[found.layout].layout.kind == kind);
        let near = self.matches.iter().filter(|found| found.reads() && is_of_kind(found) || found.is_of_system());
        let Some(found) = near.min_by_key(|found| std::cmp::Reverse(found.nearness())) else { return };
        let known = &self.known.layouts[found.layout];
        let name = quoted(&known.name);
        if found.reads() {
            let missing =
                if found.missing.is_empty() { String::new() } else { format!(", not {}", told(&found.missing)) };
            push_line!(
                text,
                "# fill in, if it is so: layout = {name}  # {} %: {} of its {} headers are there{missing}; {} of the {} columns here are its; then [source.columns] can go",
                found.confidence(),
                found.headers.0,
                found.headers.1,
                found.table.0,
                found.table.1
            );
            self.push_unit(text, &found.bound);
        } else {
            push_line!(
                text,
                "# fill in, if it is so: layout = {name}  # {} of this file's {} headers are its system's; with columns for what it lacks: {}",
                found.table.0,
                found.table.1,
                told(&found.missing)
            );
        }
    }

    fn sure_fields(&self) -> impl Iterator<Item = &FieldProposal> {
        self.proposal.iter().flat_map(|own| &own.fields).filter(|own| own.confidence >= SURE)
    }

    /// As `[source.columns]` names a column: its header, or its position where the header is empty or another column has it, too.
    fn place_of(&self, column: &Column) -> String {
        self.place_as(column, quoted)
    }

    /// The same where a person chooses among columns: a long header is cut, as a whole string.
    fn place_told(&self, column: &Column) -> String {
        self.place_as(column, |header| visible::toml_short(header, visible::PASTED))
    }

    fn place_as(&self, column: &Column, quoted: impl Fn(&str) -> String) -> String {
        let key = fold(&column.header);
        let columns = &self.table.columns;
        let is_unique = columns.iter().all(|other| other.position == column.position || fold(&other.header) != key);
        if self.table.header.is_there() && !key.is_empty() && is_unique {
            quoted(&column.header)
        } else {
            column.position.to_string()
        }
    }

    fn push_columns(&self, text: &mut String, kind: Option<Kind>) {
        text.push_str("\n[source.columns]\n");
        let place_of = |column: &Column| self.place_of(column);
        let required = self.required(kind);
        let mut beside: Vec<usize> = Vec::new();
        for own in self.proposal.iter().flat_map(|own| &own.fields) {
            let column = &self.table.columns[own.column];
            let mark = if own.confidence >= SURE { "" } else { "# fill in, if it is so: " };
            if let Some((line, time)) = self.pair(own.column, &own.field) {
                push_line!(text, "{mark}{line}");
                beside.push(time);
                continue;
            }
            if !required.iter().any(|field| field.name == own.field.name) {
                push_line!(
                    text,
                    "{mark}{} = {}  # {} %: {}; {}",
                    own.field.name,
                    place_of(column),
                    own.confidence,
                    own.because,
                    column.look.word()
                );
            }
            let unknown = self.known.unknown_labels(own.field.cell, None, &column.labels());
            if !unknown.is_empty() {
                push_line!(text, "# fill in: words of {} that no pack knows: {}", own.field.name, told(&unknown));
            }
        }
        beside.extend(self.push_whole(text, kind, &place_of));
        let proposed = |name: &str| self.proposal.iter().flat_map(|own| &own.fields).find(|own| own.field.name == name);
        for field in required {
            // What was proposed for it comes first.
            let first = proposed(field.name);
            let own = first.map(|own| self.place_told(&self.table.columns[own.column]));
            let why = first.map(|own| format!("  # {} %: {}", own.confidence, own.because)).unwrap_or_default();
            let suitable: Vec<&Column> = self
                .table
                .columns
                .iter()
                .enumerate()
                .filter(|(place, column)| {
                    column.look != Look::Empty
                        && suits(field.cell, column)
                        && !self.sure_fields().any(|own| own.column == *place)
                })
                .map(|(_, column)| column)
                .collect();
            // Words repeat, numbers of things do not.
            let is_number = |column: &&Column| field.cell == Cell::Identifier && column.look == Look::Identifier;
            let has_numbers = suitable.iter().any(is_number);
            let likely = suitable.iter().filter(|column| !has_numbers || is_number(column));
            let others = likely.map(|column| self.place_told(column)).filter(|place| own.as_ref() != Some(place));
            let suitable: Vec<String> = own.iter().cloned().chain(others).collect();
            let choice = if suitable.is_empty() {
                "no column looks like it".to_owned()
            } else {
                format!("perhaps {}", visible::toml_list(&suitable, TOLD))
            };
            push_line!(text, "# fill in: {} is required; {choice}{why}", field.name);
        }
        let taken = |place: usize| self.proposal.iter().flat_map(|own| &own.fields).any(|own| own.column == place);
        let nothing = |column: &Column| column.header.is_empty() && column.look == Look::Empty;
        let columns = self.table.columns.iter().enumerate();
        let unread = columns.filter(|(place, column)| !taken(*place) && !beside.contains(place) && !nothing(column));
        let unread: Vec<String> =
            unread.map(|(_, column)| format!("{} ({})", self.place_told(column), column.look.word())).collect();
        if !unread.is_empty() {
            push_line!(text, "# not read: {}", visible::toml_list(&unread, visible::NAMES));
        }
    }

    /// The goods of an order that tells its whole amount and its postage: the one without the other. The place of the whole amount.
    fn push_whole(&self, text: &mut String, kind: Option<Kind>, place_of: &dyn Fn(&Column) -> String) -> Option<usize> {
        let fields = || self.proposal.iter().flat_map(|own| &own.fields);
        let column =
            |name: &str| fields().find(|own| own.field.name == name).map(|own| &self.table.columns[own.column]);
        let is_free = |place: &usize| fields().all(|own| own.column != *place);
        let is_whole = |place: &usize| {
            let column = &self.table.columns[*place];
            suits(Cell::Money, column) && kind.is_some_and(|kind| self.known.is_whole(kind, &column.header))
        };
        if kind != Some(Kind::Orders) || self.proposal.is_some_and(|own| own.lines) || column("goods_amount").is_some()
        {
            return None;
        }
        let whole = (0..self.table.columns.len()).filter(is_free).find(is_whole)?;
        let minus: Vec<String> =
            ["delivery_price", "cod_fee"].iter().filter_map(|name| column(name)).map(place_of).collect();
        push_line!(
            text,
            "# fill in, if it is so: goods_amount = {{ plus = [{}], minus = [{}] }}  # the whole amount without its postage",
            place_of(&self.table.columns[whole]),
            minus.join(", ")
        );
        Some(whole)
    }

    /// Required fields without a sure column.
    fn required(&self, kind: Option<Kind>) -> Vec<Field> {
        let Some(kind) = kind else { return Vec::new() };
        let lines: &[Field] = if self.proposal.is_some_and(|own| own.lines) { LINE_FIELDS } else { &[] };
        let all = spec_of(kind).fields.iter().chain(lines).filter(|field| field.required);
        all.filter(|field| !self.sure_fields().any(|own| own.field.name == field.name)).copied().collect()
    }

    // ---- the format --------------------------------------------------------------------------------------------------------

    fn push_format(&self, text: &mut String, fields: &[(usize, Field)], totals: &[String], kind: Option<Kind>) {
        match self.text {
            Some(form) => self.push_csv(text, form),
            None => {
                text.push_str("\n[source.xlsx]\n");
                if let Some(sheet) = &self.table.sheet {
                    push_line!(text, "sheet = {}", quoted(sheet));
                }
            }
        }
        self.push_decimal(text, fields, kind);
        self.push_dates(text);
        if !totals.is_empty() {
            let totals: Vec<String> = totals.iter().map(|total| quoted(total)).collect();
            push_line!(text, "totals = [{}]", totals.join(", "));
        }
    }

    fn push_csv(&self, text: &mut String, form: &TextForm) {
        let (agree, of) = form.dialect.agree;
        text.push_str("\n[source.csv]\n");
        push_line!(text, "encoding = {}  # {} %: {}", quoted(&form.encoding), form.confidence, form.because);
        let delimiter = quoted(&char::from(form.dialect.delimiter).to_string());
        push_line!(text, "delimiter = {delimiter}  # {} %: {agree} of {of} records", agree * 100 / of.max(1));
        match form.dialect.quote {
            None => push_line!(
                text,
                "quote = {}  # quote marks are letters: as quotes they are not closed",
                quoted(NO_QUOTE)
            ),
            Some(quote) if form.dialect.quoted > 0 && quote != b'"' => {
                push_line!(text, "quote = {}", quoted(&char::from(quote).to_string()));
            }
            Some(_) => {}
        }
        if !self.table.header.is_there() {
            text.push_str("header = false\n");
        }
    }

    fn push_decimal(&self, text: &mut String, fields: &[(usize, Field)], kind: Option<Kind>) {
        let forms = self.table.columns.iter().filter_map(|column| match &column.look {
            Look::Money(form) => Some((column, form)),
            _ => None,
        });
        let forms: Vec<_> = forms.collect();
        let with = |mark: char| forms.iter().filter(|(_, form)| form.decimal == Some(mark)).count();
        let money = fields.iter().any(|(_, field)| matches!(field.cell, Cell::Money | Cell::Percent));
        let needed = money || kind.is_some_and(|kind| !spec_of(kind).control.is_empty());
        match (with(','), with('.')) {
            (0, 0) if needed || !forms.is_empty() => {
                let money = fields.iter().filter(|(_, field)| field.cell == Cell::Money).map(|(at, _)| *at);
                let proposed = self.proposal.iter().flat_map(|own| &own.fields);
                let proposed = proposed.filter(|own| own.field.cell == Cell::Money).map(|own| own.column);
                let minor = match self.unit_example(money.chain(proposed)) {
                    Some((whole, minor)) => {
                        format!(" where {whole} is {whole}.00, or amounts = \"minor\" where it is {minor}")
                    }
                    None => String::new(),
                };
                push_line!(text, "# fill in: decimal = \",\" or decimal = \".\"{minor}; no amount shows which it is");
            }
            (0, 0) => {}
            (comma, 0) => {
                push_line!(text, "decimal = \",\"  # all amounts of {comma} columns read so");
            }
            (0, point) => {
                push_line!(text, "decimal = \".\"  # all amounts of {point} columns read so");
            }
            (comma, point) => {
                push_line!(
                    text,
                    "# fill in: decimal = \",\" or decimal = \".\"; {comma} columns need the comma and {point} the point"
                );
            }
        }
    }

    fn push_dates(&self, text: &mut String) {
        let mut patterns: Vec<&str> = Vec::new();
        let mut gaps = Vec::new();
        let mut yearless = false;
        for column in &self.table.columns {
            let Look::Date(date) = &column.look else { continue };
            if !date.or.is_empty() {
                let all: Vec<String> = date.patterns.iter().chain(&date.or).map(|pattern| quoted(pattern)).collect();
                gaps.push(format!("{} is {}", column.name(), all.join(" or ")));
                continue;
            }
            yearless |= date.yearless;
            for pattern in &date.patterns {
                if !patterns.contains(&pattern.as_str()) {
                    patterns.push(pattern);
                }
            }
        }
        // Longer patterns first: a day alone must not take a text that has a time.
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
        if !patterns.is_empty() {
            let patterns: Vec<String> = patterns.iter().map(|pattern| quoted(pattern)).collect();
            push_line!(text, "dates = [{}]  # each reads all values of its columns", patterns.join(", "));
        }
        for gap in gaps {
            push_line!(text, "# fill in: a pattern of `dates`: {gap}; the values read both ways");
        }
        if yearless {
            text.push_str("# the days have no year: `report_month` of the source must read it in the file's name\n");
        }
    }
}

/// So much of a list that may be long is told.
const TOLD: usize = 12;

fn told(words: &[String]) -> String {
    visible::list(words, TOLD)
}

/// The folder and the name, without dates: `exports/shop/orders-2026-11-30.csv` is `shop-orders`.
fn name_of(path: &str, sheet: Option<&str>) -> String {
    let steps: Vec<&str> = path.split('/').filter(|step| !matches!(*step, "" | "." | "..")).collect();
    let file = steps.last().copied().unwrap_or("source");
    let stem = file.split('.').next().unwrap_or(file);
    let folder = steps.len().checked_sub(2).map(|place| steps[place]);
    let parts = folder.into_iter().chain([stem]).chain(sheet);
    let words: Vec<String> = parts.map(|part| without_dates(part, "").to_lowercase()).collect();
    let joined = words.join("-");
    let mut name = String::new();
    for letter in joined.chars() {
        let letter = if letter.is_alphanumeric() { letter } else { '-' };
        if letter != '-' || !(name.is_empty() || name.ends_with('-')) {
            name.push(letter);
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "source".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_dates() {
        assert_eq!(name_of("exports/shop/orders-2026-11-30.csv", None), "shop-orders");
        assert_eq!(name_of("SCANINFO-20261211.csv", None), "scaninfo");
        assert_eq!(name_of("../x/postage-2026-12.csv.gz", Some("List 1")), "x-postage-list-1");
        assert_eq!(name_of("2026-11-30.csv", None), "source");
        assert_eq!(without_dates("a/orders-2026-11-30.csv", "*"), "a/orders-*.csv");
        assert_eq!(without_dates("a/4102000012.csv", "*"), "a/4102000012.csv");
    }
}
