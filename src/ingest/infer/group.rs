//! Files of one shape: seven statements of one system are one source with one pattern, and what one of them leaves open another may
//! prove.

use std::collections::BTreeSet;

use globset::GlobBuilder;

use crate::ingest::infer::date_patterns::PatternList;
use crate::ingest::infer::known::Known;
use crate::ingest::infer::layout_match::{best, matches};
use crate::ingest::infer::proposal::propose;
use crate::ingest::infer::starter::{Starter, without_dates};
use crate::ingest::infer::table::Table;
use crate::ingest::infer::text_form::TextForm;
use crate::ingest::infer::{Looked, StarterOf};
use crate::vocab::Kind;

/// A table of a file: places of both.
type Place = (usize, usize);

/// Writes the starters of all files: one for each shape.
pub fn write_starters(files: &mut [Looked], known: &Known, kind: Option<Kind>) {
    let patterns = PatternList::new();
    let mut groups: Vec<Vec<Place>> = Vec::new();
    for file in 0..files.len() {
        for table in 0..files[file].tables.len() {
            let place = (file, table);
            match groups.iter_mut().find(|group| is_of_shape(files, group[0], place)) {
                Some(group) => group.push(place),
                None => groups.push(vec![place]),
            }
        }
    }
    let all: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    let groups: Vec<Vec<Place>> = groups.into_iter().flat_map(|group| with_pattern(files, group, &all)).collect();
    for group in groups {
        write_starter(files, &group, &all, &patterns, known, kind);
    }
}

fn write_starter(
    files: &mut [Looked],
    group: &[Place],
    all: &[String],
    patterns: &PatternList,
    known: &Known,
    kind: Option<Kind>,
) {
    let (file, table) = group[0];
    let paths: Vec<&str> = group.iter().map(|(file, _)| files[*file].path.as_str()).collect();
    if group.len() > 1 {
        let tables: Vec<&Table> = group.iter().map(|(file, table)| &files[*file].tables[*table].table).collect();
        let merged = Table::merged(&tables, patterns, known);
        let text = text_of(files, group);
        let found = matches(&merged, text, known, kind);
        let proposal = if best(&found).is_empty() { propose(&merged, known, kind, &found) } else { None };
        let starter = Starter {
            paths: &paths,
            glob: glob_of(&paths, all).unwrap_or_default(),
            table: &merged,
            text,
            matches: &found,
            proposal: proposal.as_ref(),
            known,
            one_of_several: files[file].tables.len() > 1,
        }
        .write();
        files[file].tables[table].starter = StarterOf::Own(starter);
        let first = files[file].path.clone();
        for (other, table) in &group[1..] {
            files[*other].tables[*table].starter = StarterOf::Same(first.clone());
        }
        return;
    }
    let looked = &files[file].tables[table];
    let starter = Starter {
        paths: &paths,
        glob: glob_of(&paths, all).unwrap_or_default(),
        table: &looked.table,
        text: files[file].text.as_ref(),
        matches: &looked.matches,
        proposal: looked.proposal.as_ref(),
        known,
        one_of_several: files[file].tables.len() > 1,
    }
    .write();
    files[file].tables[table].starter = StarterOf::Own(starter);
}

/// The form of the texts of a group: of ASCII and a text with other letters, the latter says more.
fn text_of<'f>(files: &'f [Looked], group: &[Place]) -> Option<&'f TextForm> {
    let texts = || group.iter().filter_map(|(file, _)| files[*file].text.as_ref());
    texts().find(|text| !text.is_ascii()).or_else(|| texts().next())
}

/// Whether two tables lie in one folder and are of one shape: written alike, and with the same headers or read by the same layout.
fn is_of_shape(files: &[Looked], first: Place, other: Place) -> bool {
    let (a, b) = (&files[first.0], &files[other.0]);
    let (one, two) = (&a.tables[first.1], &b.tables[other.1]);
    let alike = match (&a.text, &b.text) {
        (Some(a), Some(b)) => {
            let code = a.encoding == b.encoding || a.is_ascii() || b.is_ascii();
            code && a.dialect.delimiter == b.dialect.delimiter
        }
        (None, None) => one.table.sheet == two.table.sheet,
        _ => false,
    };
    let layouts = [best(&one.matches), best(&two.matches)];
    let same_layout = matches!(layouts, [[a], [b]] if a.layout == b.layout && a.misfits.len() == b.misfits.len());
    let has_header = one.table.header.is_there() && two.table.header.is_there();
    first.0 != other.0
        && folder_of(&a.path) == folder_of(&b.path)
        && alike
        && (same_layout || has_header && one.table.keys() == two.table.keys())
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A group, or its members one by one where no pattern holds them without holding a file of another shape.
fn with_pattern(files: &[Looked], group: Vec<Place>, all: &[String]) -> Vec<Vec<Place>> {
    let paths: Vec<&str> = group.iter().map(|(file, _)| files[*file].path.as_str()).collect();
    if group.len() == 1 || glob_of(&paths, all).is_some() {
        return vec![group];
    }
    group.into_iter().map(|place| vec![place]).collect()
}

/// Stands for whatever letters until the pattern is written: no name of a file holds it.
const STAR: &str = "\0";

/// A text with stars as a pattern that takes every other letter as it is.
fn pattern(text: &str) -> String {
    // A backslash is a separator in every pattern; on a system where a name may hold one, any one letter stands for it.
    text.split(STAR).map(|part| globset::escape(part).replace('\\', "?")).collect::<Vec<_>>().join("*")
}

/// The pattern of the paths of one folder: their dates, then all in which they differ, as `*`. `None`: it would hold another file of `all`.
fn glob_of(paths: &[&str], all: &[String]) -> Option<String> {
    let names: BTreeSet<String> = paths.iter().map(|path| without_dates(path, STAR)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let [first, more @ ..] = names.as_slice() else { return None };
    if more.is_empty() {
        return Some(pattern(first));
    }
    let folder = folder_of(first).len() + usize::from(first.contains('/'));
    let common = |from_end: bool| {
        let letters = |name: &str| -> Vec<char> {
            if from_end { name[folder..].chars().rev().collect() } else { name[folder..].chars().collect() }
        };
        let own = letters(first);
        more.iter().fold(own.len(), |length, name| {
            own.iter().zip(letters(name)).take(length).take_while(|(a, b)| **a == *b).count()
        })
    };
    let own: Vec<char> = first[folder..].chars().collect();
    let shortest = names.iter().map(|name| name[folder..].chars().count()).min().unwrap_or(0);
    let begin = common(false);
    let end = common(true).min(shortest - begin);
    // A number, or a letter or two, that happen to begin or end alike are a part of what differs.
    let chance = |letters: &[char], from_end: bool| {
        const LETTERS: usize = 3;
        let is_letter = |letter: &&char| letter.is_alphanumeric();
        let run: Vec<char> = if from_end {
            letters.iter().rev().take_while(is_letter).copied().collect()
        } else {
            letters.iter().take_while(is_letter).copied().collect()
        };
        if run.len() < LETTERS { run.len() } else { run.iter().take_while(|letter| letter.is_ascii_digit()).count() }
    };
    let (head, tail) = (&own[..begin], &own[own.len() - end..]);
    let loose = (&head[..begin - chance(head, true)], &tail[chance(tail, false)..]);
    let others = || all.iter().filter(|path| !paths.contains(&path.as_str()));
    for (head, tail) in [loose, (head, tail)] {
        let text: String = head.iter().copied().chain(STAR.chars()).chain(tail.iter().copied()).collect();
        let glob = pattern(&format!("{}{}", &first[..folder], text.replace(&STAR.repeat(2), STAR)));
        let matcher = GlobBuilder::new(&glob).literal_separator(true).build().ok()?.compile_matcher();
        if paths.iter().all(|path| matcher.is_match(path)) && !others().any(|path| matcher.is_match(path)) {
            return Some(glob);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(paths: &[&str], others: &[&str]) -> Option<String> {
        let all: Vec<String> = paths.iter().chain(others).map(|path| (*path).to_owned()).collect();
        glob_of(paths, &all)
    }

    #[test]
    fn a_pattern_holds_its_files_and_no_other() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(glob(&["in/pay-2026-11-01.csv", "in/pay-2026-11-02.csv"], &[]), some("in/pay-*.csv"));
        assert_eq!(glob(&["in/4102000012.txt", "in/4102000015.txt"], &[]), some("in/*.txt"));
        assert_eq!(glob(&["in/v1-33.txt", "in/v1-36.txt"], &["in/v2-36.txt"]), some("in/v1-*.txt"));
        assert_eq!(
            glob(&["in/4102000012.txt", "in/4102000015.txt"], &["in/5000000015.txt"]),
            some("in/410200001*.txt")
        );
        assert_eq!(glob(&["in/a.csv", "in/b.csv"], &["in/c.csv"]), None);
        assert_eq!(glob(&["orders.csv"], &["in/orders.csv"]), some("orders.csv"));
        assert_eq!(glob(&["Januar.csv", "Unor.csv"], &[]), some("*.csv"));
        assert_eq!(glob(&["ab.csv", "aab.csv"], &[]), some("*.csv"));
        assert_eq!(glob(&["x[1]/a{b}*?.csv"], &[]), some("x[[]1[]]/a[{]b[}][*][?].csv"));
        assert_eq!(glob(&["in/pay[.csv", "in/pay].csv"], &["in/pal.csv"]), some("in/pay*.csv"));
        assert_eq!(glob(&["payoutsJan.csv", "payoutsFeb.csv"], &["orders.csv"]), some("payouts*.csv"));
    }
}
