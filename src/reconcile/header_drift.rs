//! Headers of tonight's new files beside those of the previous publication (DQ-011).

use std::collections::{BTreeMap, BTreeSet};

use crate::base::text::{fold, likest};
use crate::ingest::Ingested;
use crate::ingest::previous::PreviousInputs;

/// What has changed, by source, in words: `new: "Cena celkem", formerly "Cena"; gone: "Poznámka"`.
///
/// A header is new when no part of the source had it, and gone when every part had it and a file of tonight lacks it. Only files that
/// the previous publication had not read are looked at: an old file with an old header changes nothing. Case, blanks and diacritics
/// are no change.
pub fn header_drift(ingested: &Ingested, previous: &PreviousInputs) -> BTreeMap<String, String> {
    let mut drifts: BTreeMap<String, Drift> = BTreeMap::new();
    let known = known_headers(previous);
    for (part, headers) in ingested.parts.0.iter().zip(&ingested.headers) {
        let Some(before) = known.get(part.source.as_str()).filter(|_| !headers.written.is_empty()) else { continue };
        let digest = ingested.inputs.iter().find(|input| input.source == part.source && input.path == part.path);
        let digest = digest.map(|input| input.sha256.as_str()).unwrap_or_default();
        if previous.files.iter().any(|file| file.source == part.source && file.sha256 == digest) {
            continue;
        }
        let drift = drifts.entry(part.source.clone()).or_default();
        let now: BTreeSet<String> = headers.written.iter().map(|header| fold(header)).collect();
        drift.new.extend(headers.written.iter().filter(|header| !before.any.contains_key(&fold(header))).cloned());
        drift.gone.extend(
            before.common.iter().filter(|header| !now.contains(*header)).map(|header| before.any[header].clone()),
        );
    }
    let named = drifts.into_iter().map(|(source, drift)| (source, drift.text()));
    named.filter(|(_, text)| !text.is_empty()).collect()
}

/// Headers of a source in the previous publication, folded.
#[derive(Default)]
struct Known {
    /// All, with the header as written.
    any: BTreeMap<String, String>,
    /// Those that every part had.
    common: BTreeSet<String>,
}

fn known_headers(previous: &PreviousInputs) -> BTreeMap<&str, Known> {
    let mut known: BTreeMap<&str, Known> = BTreeMap::new();
    for file in &previous.files {
        for headers in &file.headers {
            let folded: BTreeSet<String> =
                headers.iter().map(|header| fold(header)).filter(|h| !h.is_empty()).collect();
            let source =
                known.entry(&file.source).or_insert_with(|| Known { common: folded.clone(), ..Known::default() });
            source.common.retain(|header| folded.contains(header));
            for header in headers {
                source.any.entry(fold(header)).or_insert_with(|| header.clone());
            }
        }
    }
    known
}

/// What has changed in one source; as written, sorted.
#[derive(Default)]
struct Drift {
    new: BTreeSet<String>,
    gone: BTreeSet<String>,
}

impl Drift {
    fn text(&self) -> String {
        let mut renamed = BTreeSet::new();
        let mut parts: Vec<String> = Vec::new();
        for header in self.new.iter().filter(|header| !header.is_empty()) {
            let gone: Vec<String> = self.gone.iter().map(|header| fold(header)).collect();
            let near = likest(&fold(header), gone.iter().map(String::as_str));
            let near = near.and_then(|near| self.gone.iter().find(|header| fold(header) == near));
            renamed.extend(near);
            let formerly = near.map(|near| format!(", perhaps formerly \"{near}\"")).unwrap_or_default();
            parts.push(format!("new: \"{header}\"{formerly}"));
        }
        parts.extend(
            self.gone.iter().filter(|header| !renamed.contains(header)).map(|header| format!("gone: \"{header}\"")),
        );
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::lineage::{Part, Parts};
    use crate::ingest::previous::PreviousFile;
    use crate::ingest::{Headers, Input, RowCounts};
    use crate::vocab::Kind;

    fn before(headers: &[&[&str]]) -> PreviousInputs {
        let file = |place: usize| PreviousFile {
            source: "orders".into(),
            path: format!("{place}.csv"),
            sha256: place.to_string(),
            headers: vec![headers[place].iter().map(|header| (*header).to_owned()).collect()],
        };
        PreviousInputs { files: (0..headers.len()).map(file).collect(), ..PreviousInputs::default() }
    }

    fn tonight(sha256: &str, headers: &[&str]) -> Ingested {
        let part = Part {
            source: "orders".into(),
            kind: Kind::Orders,
            path: "new.csv".into(),
            file: "new.csv".into(),
            sheet: None,
            headers: BTreeMap::new(),
            places: Default::default(),
            constants: std::collections::BTreeSet::new(),
        };
        let input = Input {
            path: "new.csv".into(),
            source: "orders".into(),
            kind: Kind::Orders,
            account: None,
            sha256: sha256.into(),
            bytes: 0,
            rows: RowCounts::default(),
            money: BTreeMap::new(),
            after_as_of: 0,
            booked_excess_decimals: 0,
            residues: BTreeMap::new(),
            dst_moved_days: 0,
            encoding: None,
            export_date: None,
        };
        let written = headers.iter().map(|header| (*header).to_owned()).collect();
        Ingested {
            parts: Parts(vec![part]),
            inputs: vec![input],
            headers: vec![Headers { written, ..Headers::default() }],
            ..Ingested::default()
        }
    }

    fn drift(before_headers: &[&[&str]], sha256: &str, now: &[&str]) -> String {
        let drifts = header_drift(&tonight(sha256, now), &before(before_headers));
        drifts.get("orders").cloned().unwrap_or_default()
    }

    #[test]
    fn new_gone_and_renamed_headers_are_told() {
        let known: &[&[&str]] = &[&["Číslo", "Cena zboží", "Poznámka"]];
        assert_eq!(drift(known, "x", &["Číslo", "Cena zboží", "Poznámka"]), "");
        assert_eq!(
            drift(known, "x", &["Číslo", "Cena zboží celkem", "Mapa"]),
            "new: \"Cena zboží celkem\", perhaps formerly \"Cena zboží\"; new: \"Mapa\"; gone: \"Poznámka\""
        );
    }

    #[test]
    fn spelling_order_old_files_and_sources_with_several_headers_are_no_drift() {
        let known: &[&[&str]] = &[&["Číslo", "Cena"], &["Číslo", "Cena", "Země"]];
        assert_eq!(drift(known, "x", &["CENA ", "cislo"]), "");
        assert_eq!(drift(known, "x", &["Číslo", "Cena", "Země"]), "");
        // the bytes of a file that was read last night
        assert_eq!(drift(known, "1", &["Anything"]), "");
        assert_eq!(drift(known, "x", &["Číslo"]), "gone: \"Cena\"");
        assert_eq!(drift(&[], "x", &["Číslo"]), "");
    }
}
