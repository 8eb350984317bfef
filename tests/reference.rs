//! The reference pages are written from the types, and fail here when they are stale.

use std::fmt::Write as _;

use trueup::frame::column::{Column, Lineage, Members, Shape};
use trueup::frame::published;
use trueup::pipeline::written::WrittenPack;
use trueup::rules::catalogue;
use trueup::vocab::{self, List, Remedy, Trait, Word};

const PAGE: &str = "src/guide/reference.md";
const WORDS: &str = "src/guide/words.md";
const VALUES: &str = "src/guide/values.md";
const PACKS: &str = "pipelines/packs";

fn written() -> String {
    let mut page = "# Reference\n\nWritten from the types by `TRUEUP_WRITE=1 cargo test reference`; a test fails when it is stale.\n".to_owned();
    rules(&mut page);
    frames(&mut page);
    page
}

fn rules(page: &mut String) {
    page.push_str("\n## Rules\n\nThe page of each: `trueup rules CODE`.\n\n| code | name | about | needs | what it finds |\n|---|---|---|---|---|\n");
    for rule in catalogue() {
        let needs: Vec<&str> = rule.needs.iter().map(|needed| needed.text()).collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            rule.code,
            rule.name,
            rule.subject.text(),
            needs.join(", "),
            rule.title()
        );
    }
}

fn frames(page: &mut String) {
    page.push_str("\n## Files of `data/`\n\nMoney is minor units of the row's currency, an instant milliseconds UTC, a row a part (`parts.parquet`) in the upper\n32 bits and a line from 1 in the lower. Raw labels and names are words without a list.\nTexts and instants that are a cell of the subject's own row are not written twice: join the canonical file by `row`. Row groups hold\n65,536 rows in the order of the key, and have the least and greatest text of each key column.\n");
    for frame in published::frames() {
        let _ = write!(
            page,
            "\n### `{}.parquet`\n\nSorted by {}.\n\n| column | holds | meaning |\n|---|---|---|\n",
            frame.name,
            frame.sorted_by.join(", ")
        );
        let left_out = published::copies(&frame);
        for column in frame.columns.iter().filter(|column| !left_out.contains(column)) {
            let _ = writeln!(page, "| `{}` | {} | {} |", column.name, holds(column), meaning(column));
        }
        if let Some(own) = published::own_row(&frame).filter(|_| !left_out.is_empty()) {
            let names: Vec<String> = left_out.iter().map(|column| format!("`{}`", column.name)).collect();
            let _ = writeln!(
                page,
                "\nRules know these columns as well; they stand in the canonical file, in the row that `{}` names: {}.",
                own.name,
                names.join(", ")
            );
        }
    }
}

fn holds(column: &Column) -> String {
    let shape = match column.shape {
        Shape::Text => "text",
        Shape::Word => "word",
        Shape::Money => "money",
        Shape::Ppm => "millionths",
        Shape::Date => "date",
        Shape::Instant => "instant",
        Shape::Int => "number",
        Shape::Flag => "yes or no",
        Shape::Row => "row",
    };
    match column.words {
        [] => shape.to_owned(),
        words => format!("{shape}: `{}`", words.join("`, `")),
    }
}

fn meaning(column: &Column) -> String {
    let text = column.doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    let read = |spots: &[(&str, &str)]| {
        let spots: Vec<String> = spots.iter().map(|(row, cell)| format!("where `{row}` says, as `{cell}`")).collect();
        format!(" Read {}.", spots.join(", or "))
    };
    let of_members = |members: &Members, value: &str| format!(" From `{value}` of rows of `{}`.", members.frame.name);
    let source = match column.lineage {
        Lineage::Own => String::new(),
        Lineage::Declared(of) => format!(" A setting of the {of}."),
        Lineage::Cells(spots) => read(spots),
        Lineage::Formula(formulas) => format!(" Worked out of `{}`.", formulas.join("`, or `")),
        Lineage::Members(_, members, value) => of_members(members, value),
        Lineage::CellsOrMembers(spots, _, members, value) => read(spots) + &of_members(members, value),
    };
    // Links of the code lead nowhere here.
    text.replace("([`crate::vocab::", "(`").replace("`])", "`)") + &source
}

/// The words of all packs: which labels and codes become which word, pack by pack.
fn words() -> String {
    let mut page = "# Words\n\nWritten from the packs by `TRUEUP_WRITE=1 cargo test reference`; a test fails when it is stale. Labels meet \
                    after folding: case,\ndiacritics, outer quotes and a final full stop do not count. A pack's own words come before those of \
                    `common`.\n"
        .to_owned();
    for entry in walkdir::WalkDir::new(PACKS).sort_by_file_name() {
        let path = entry.expect("the packs are there").into_path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a pack can be read");
        let pack: WrittenPack = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if pack.words.is_empty() && pack.vocabulary.is_empty() {
            continue;
        }
        let name = path.strip_prefix(PACKS).expect("below the packs").with_extension("");
        let _ = write!(page, "\n## {} (`{}`)\n", pack.pack.title, name.display().to_string().replace('\\', "/"));
        for (table, entries) in &pack.words {
            let _ = write!(page, "\n### {table}\n\n| word | labels | source |\n|---|---|---|\n");
            for entry in entries {
                let present = entry.when_present.as_ref().map(|field| format!(", where `{field}` is filled"));
                let labels = quoted(entry.labels.iter().map(|label| label.get_ref().as_str()));
                let word = entry.word.get_ref();
                let _ =
                    writeln!(page, "| `{word}`{} | {labels} | {} |", present.unwrap_or_default(), cell(&entry.source));
            }
        }
        for (vocabulary, written) in &pack.vocabulary {
            let _ = write!(page, "\n### {vocabulary}\n\n{}\n\n| word | codes |\n|---|---|\n", cell(&written.source));
            for (word, codes) in &written.codes {
                let _ = writeln!(page, "| `{word}` | {} |", quoted(codes.iter().map(|code| code.get_ref().as_str())));
            }
        }
    }
    page
}

/// The words of the closed lists and what each means.
fn values() -> String {
    let mut page = "# Values\n\nWords of the closed lists: values of keys in pipelines and packs, and of columns in `data/` and CSV. Written from the types by \
                    `TRUEUP_WRITE=1 cargo test reference`; a test\nfails when it is stale. Labels and codes of exports that become these words: [Words](words.md).\n"
        .to_owned();
    for printed in vocab::LISTS {
        match printed.name {
            Trait::LIST => list(&mut page, printed, &traits()),
            Remedy::LIST => list(&mut page, printed, &remedies()),
            _ => list(&mut page, printed, printed.docs),
        }
    }
    page
}

/// The meaning of each trait, and the rules that it switches on.
fn traits() -> Vec<String> {
    let meaning = |(named, doc): (&Trait, &&str)| {
        let codes: Vec<&str> =
            catalogue().iter().filter(|rule| rule.needs.contains(named)).map(|rule| rule.code).collect();
        if codes.is_empty() { (*doc).to_owned() } else { format!("{doc} Rules: {}.", codes.join(", ")) }
    };
    Trait::ALL.iter().zip(Trait::DOCS).map(meaning).collect()
}

/// The text of each remedy in the common pack.
fn remedies() -> Vec<String> {
    let common = std::fs::read_to_string(format!("{PACKS}/common.toml")).expect("the common pack");
    let common: WrittenPack = toml::from_str(&common).expect("a pack");
    let text = |word: &&str| common.remedy.get(*word).cloned().unwrap_or_default();
    Remedy::TEXTS.iter().map(text).collect()
}

fn list(page: &mut String, printed: &List, meanings: &[impl AsRef<str>]) {
    let doc = printed.doc.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = write!(page, "\n## {}\n\n{doc}\n\n| word | means |\n|---|---|\n", printed.name);
    for (word, meaning) in printed.words.iter().zip(meanings) {
        let meaning = meaning.as_ref().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!meaning.is_empty(), "{}: what does `{word}` mean?", printed.name);
        let _ = writeln!(page, "| `{word}` | {} |", cell(&meaning));
    }
}

fn quoted<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.map(|text| format!("`{}`", cell(text))).collect::<Vec<_>>().join(", ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn check(path: &str, page: &str) {
    if std::env::var_os("TRUEUP_WRITE").is_some() {
        std::fs::write(path, page).expect("the page is written");
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == page, "{path} is stale: write it again with `TRUEUP_WRITE=1 cargo test reference`");
}

#[test]
fn the_reference_is_what_the_types_say() {
    check(PAGE, &written());
}

#[test]
fn the_words_are_what_the_packs_say() {
    check(WORDS, &words());
}

#[test]
fn the_reference_of_values_is_what_the_lists_say() {
    check(VALUES, &values());
}
