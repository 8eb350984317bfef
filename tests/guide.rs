//! Every tag and section that code, packs, tests and pages cite stands in the guide; every file and every link that they name is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use regex::Regex;

const RULEBOOK: &str = "src/guide/rulebook";
/// What is read: the texts that people wrote.
const ROOTS: [&str; 8] =
    ["src", "tests", "pipelines", "benches", "README.md", "reports/README.md", "sample-data/README.md", "Cargo.toml"];

/// Files below `ROOTS` with one of these endings, in order. Inputs of cases are data: some are not even UTF-8.
fn texts(endings: &[&str]) -> Vec<PathBuf> {
    let below = ROOTS.iter().flat_map(|root| walkdir::WalkDir::new(root).sort_by_file_name());
    let paths = below.map(|entry| entry.expect("the tree can be read").into_path());
    let texts = paths.filter(|path| !path.starts_with("tests/cases"));
    let files =
        texts.filter(|path| path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)));
    files.collect()
}

/// The lines that people read, with their numbers from 1: of code its comments, of a table its comments and sources, of a page all that is
/// not a listing.
fn prose(path: &Path, text: &str) -> Vec<(usize, String)> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
    let mut listing = false;
    let mut lines = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let kept = match ending.as_str() {
            "rs" => line.find("//").map(|at| line[at..].to_owned()),
            "md" => {
                let fence = line.trim_start().starts_with("```");
                listing ^= fence;
                (!listing && !fence).then(|| line.to_owned())
            }
            _ => {
                let source = line.split_once("source = \"").map_or("", |(_, rest)| rest);
                let comment = line.find('#').map_or("", |at| &line[at..]);
                Some(if source.is_empty() { comment.to_owned() } else { source.to_owned() })
            }
        };
        lines.extend(kept.map(|kept| (number, kept)));
    }
    lines
}

/// Text between backticks is a name or a value, not a citation.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// Which numbering a page of the rulebook has: those of carriers and of the contract are their own.
fn numbering_of(path: &Path) -> &'static str {
    match path.strip_prefix(RULEBOOK).ok().and_then(Path::to_str) {
        Some("carriers.md") => "carriers",
        Some("contract.md") => "contract",
        _ => "rulebook",
    }
}

/// What the guide defines.
struct Guide {
    /// `(numbering, section)`.
    sections: BTreeSet<(String, String)>,
    tags: BTreeSet<String>,
    section: Regex,
    /// A name of a numbering before a section, or at the end of a line.
    named: Regex,
    tag: Regex,
}

impl Guide {
    /// Reads the pages of the rulebook; a section or tag that stands twice is a mistake.
    fn read() -> Guide {
        let heading = Regex::new(r"^#+ §([0-9]+(?:\.[0-9]+)*)").expect("a pattern");
        let anchor = Regex::new(r#"<a id="([^"]+)"></a>"#).expect("a pattern");
        let mut guide = Guide {
            sections: BTreeSet::new(),
            tags: BTreeSet::new(),
            section: Regex::new(r"§([0-9]+(?:\.[0-9]+)*)").expect("a pattern"),
            named: Regex::new(r"\b(rulebook|carriers|contract)\b[^0-9A-Za-z]*(?:§|$)").expect("a pattern"),
            tag: Regex::new(r"(?:^|[^\w§.\-])([KG][0-9]{1,2}[ab]?|A[0-9]{1,2}|X[0-9]{2}|s[0-9]{1,2}|S[0-4])\b")
                .expect("a pattern"),
        };
        for path in texts(&["md"]).into_iter().filter(|path| path.starts_with(RULEBOOK)) {
            let text = fs::read_to_string(&path).expect("a page");
            for (number, line) in prose(&path, &text) {
                if let Some(found) = heading.captures(&line) {
                    let section = (numbering_of(&path).to_owned(), found[1].to_owned());
                    assert!(guide.sections.insert(section), "{}:{number} stands twice: {line}", path.display());
                }
                for found in anchor.captures_iter(&line) {
                    assert!(guide.tags.insert(found[1].to_owned()), "{}:{number} stands twice: {line}", path.display());
                }
            }
        }
        guide
    }

    /// Citations of a line that lead nowhere. `before` is the line before it, since a citation may be broken over both.
    fn unresolved(&self, numbering: &str, before: &str, line: &str) -> Vec<String> {
        // A line that ends with the name of a numbering: its section begins the next one.
        let broken = self.named.captures_iter(before).last();
        let broken = broken.filter(|name| name.get(0).is_some_and(|at| at.end() == before.len()));
        let mut lost = Vec::new();
        for found in self.section.captures_iter(line) {
            let whole = found.get(0).expect("the match");
            // A name holds until the bracket that encloses it closes.
            let from = line[..whole.start()].rfind(')').unwrap_or(0);
            let head = &line[from..whole.start() + "§".len()];
            let name = self.named.captures_iter(head).last();
            let name =
                name.as_ref().or(broken.as_ref()).map_or(numbering, |name| name.get(1).expect("a name").as_str());
            if !self.sections.contains(&(name.to_owned(), found[1].to_owned())) {
                lost.push(format!("{name} {}", whole.as_str()));
            }
        }
        // A tag follows another one without a gap in a list: its delimiter is looked at twice.
        let plain = without_code(line);
        let mut from = 0;
        while let Some(found) = plain.get(from..).and_then(|rest| self.tag.captures(rest)) {
            let cited = found.get(1).expect("the tag");
            if !self.tags.contains(cited.as_str()) {
                lost.push(cited.as_str().to_owned());
            }
            from += cited.end();
        }
        lost
    }
}

#[test]
fn every_tag_and_section_stands_in_the_guide() {
    let guide = Guide::read();
    assert!(guide.sections.len() > 100 && guide.tags.len() > 150, "the pages were read");
    let mut lost = Vec::new();
    for path in texts(&["rs", "toml", "md", "py"]).iter().filter(|path| !path.ends_with("tests/guide.rs")) {
        let text = fs::read_to_string(path).expect("a text");
        let numbering = numbering_of(path);
        let mut before = String::new();
        for (number, line) in prose(path, &text) {
            let found = guide.unresolved(numbering, before.trim_end(), &line);
            lost.extend(
                found.into_iter().map(|cited| format!("{}:{number}: {cited}: {}", path.display(), line.trim())),
            );
            before = line;
        }
    }
    assert!(lost.is_empty(), "not in {RULEBOOK}:\n{}", lost.join("\n"));
}

#[test]
fn a_citation_that_leads_nowhere_is_seen() {
    let guide = Guide::read();
    let lost = |line: &str| guide.unresolved("rulebook", "", line);
    assert!(
        lost("// S1, K14, A20, X11 [A: s24] (rulebook §15.23, §16.3; carriers §1.0.2, §1.3; contract §8)").is_empty()
    );
    assert_eq!(lost("// K99 and X99, but not `X99` or MK99"), ["K99", "X99"]);
    assert_eq!(lost("// carriers §1.3, §9.1"), ["carriers §9.1"]);
    assert_eq!(lost("// §99"), ["rulebook §99"]);
    assert_eq!(lost("// codes (carriers §1.3) of a parcel that goes back (§16.2)"), [""; 0]);
    assert_eq!(lost("// noise: carriers §1.3, rulebook §15.9"), [""; 0]);
    assert_eq!(guide.unresolved("rulebook", "// as told by carriers", "// §1.0.3"), [""; 0]);
}

/// All files of the tree that git would keep.
fn files_of_the_tree() -> BTreeSet<PathBuf> {
    let made = |name: &str| ["target", ".git"].contains(&name);
    let walk = walkdir::WalkDir::new(".").into_iter().filter_entry(|entry| !made(&entry.file_name().to_string_lossy()));
    let paths = walk.map(|entry| entry.expect("the tree can be read").into_path());
    paths.map(|path| path.strip_prefix(".").expect("below the root").to_owned()).collect()
}

/// `a/b/../c` is `a/c`.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::CurDir => {}
            other => parts.push(other),
        }
    }
    parts
}

#[test]
fn every_file_that_a_text_names_is_in_the_tree() {
    let page_or_code = Regex::new(r"[\w./-]+\.(?:md|rs)\b").expect("a pattern");
    let address = Regex::new(r"https?://\S+").expect("a pattern");
    let path_below =
        Regex::new(r"(?:^|[^\w/.\-])((?:src|tests|pipelines|benches)/[\w./-]*)([<*{]?)").expect("a pattern");
    let tree = files_of_the_tree();
    let mut missing = Vec::new();
    for path in texts(&["rs", "toml", "md", "py"]) {
        let text = fs::read_to_string(&path).expect("a text");
        for (number, line) in prose(&path, &text) {
            let line = address.replace_all(&line, "");
            let files = page_or_code.find_iter(&line).map(|found| found.as_str().trim_start_matches(['.', '/']));
            let paths = path_below.captures_iter(&line).filter(|found| found[2].is_empty());
            let paths: Vec<String> = paths.map(|found| found[1].trim_end_matches(['.', '/']).to_owned()).collect();
            for named in files.chain(paths.iter().map(String::as_str)) {
                if !tree.iter().any(|known| known.ends_with(named)) {
                    missing.push(format!("{}:{number}: {named}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "not in the tree:\n{}", missing.join("\n"));
}

/// The anchors of a page: headings as the renderer of the repository's host names them, and written ones.
fn anchors(path: &Path) -> BTreeSet<String> {
    let written = Regex::new(r#"<a id="([^"]+)"></a>"#).expect("a pattern");
    let text = fs::read_to_string(path).expect("a page");
    let mut anchors = BTreeSet::new();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (_, line) in prose(path, &text) {
        anchors.extend(written.captures_iter(&line).map(|found| found[1].to_owned()));
        let title = line.trim_start_matches('#');
        if title.len() < line.len() && title.starts_with(' ') {
            let kept = title.trim().to_lowercase();
            let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            let slug: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
            let count = times.entry(slug.clone()).or_default();
            anchors.insert(if *count == 0 { slug } else { format!("{slug}-{count}") });
            *count += 1;
        }
    }
    anchors
}

#[test]
fn every_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").expect("a pattern");
    let mut dead = Vec::new();
    let mut followed = 0;
    for path in texts(&["md"]) {
        let text = fs::read_to_string(&path).expect("a page");
        for (number, line) in prose(&path, &text) {
            let line = without_code(&line);
            for target in
                link.captures_iter(&line).map(|found| found[1].to_owned()).filter(|target| !target.contains("://"))
            {
                followed += 1;
                let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
                let folder = path.parent().unwrap_or(Path::new(""));
                let file = if file.is_empty() { path.clone() } else { normal(&folder.join(file)) };
                let is_there = file.exists() && (anchor.is_empty() || anchors(&file).contains(anchor));
                if !is_there {
                    dead.push(format!("{}:{number}: {target}", path.display()));
                }
            }
        }
    }
    assert!(followed > 60, "{followed} links");
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

/// The keys that settle an ambiguity are keys of pipelines and packs.
#[test]
fn every_key_of_an_ambiguity_exists() {
    let page = fs::read_to_string(format!("{RULEBOOK}/ambiguities.md")).expect("the page");
    let keys = fs::read_to_string("src/guide/keys.md").expect("the keys");
    let mut missing = Vec::new();
    for row in page.lines().filter(|line| line.starts_with("| <a id=")) {
        let cell = row.trim_end_matches('|').rsplit('|').next().expect("the last cell");
        for (place, span) in cell.split('`').enumerate().filter(|(place, _)| place % 2 == 1) {
            let is_profile = cell.split('`').nth(place - 1).is_some_and(|word| word.trim_end().ends_with("profile"));
            let key = span.split('.').next().expect("a part");
            if !is_profile && !keys.contains(&format!("| `{key}` |")) {
                missing.push(format!("{span}: {row}"));
            }
        }
    }
    assert!(missing.is_empty(), "no such key:\n{}", missing.join("\n"));
}
