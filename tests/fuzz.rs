//! Fuzz targets of the whole program: mutated exports and workbooks through `infer`, `check` and `run`, mutated pipelines, packs and
//! rules. `TRUEUP_FUZZ_SECONDS=3600 cargo test --test main -- fuzz:: --test-threads 1` tries each for an hour; see the guide (architecture).

#[path = "fuzz/mutate.rs"]
mod mutate;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use fastrand::Rng;
use mutate::{fuzz, mutate_compound, mutate_markup, mutate_package, mutate_tokens, one, text_of};
use trueup::base::as_of::AsOf;
use trueup::diagnose::{Diagnostic, Exit};
use trueup::ingest::infer::{Known, look, pipeline_head, write_starters};
use trueup::ingest::{ingest, residues};
use trueup::pipeline::{PackText, all_pack_texts, load};
use trueup::publish::history::Wanted;
use trueup::run::{Request, run};

/// Sound files, from which mutated ones are made.
const SEEDS: [(&str, &[u8]); 5] = [
    ("orders.csv", include_bytes!("fuzz/seeds/orders.csv")),
    ("orders.xlsx", include_bytes!("fuzz/seeds/orders.xlsx")),
    ("orders.xlsb", include_bytes!("fuzz/seeds/orders.xlsb")),
    ("orders.xls", include_bytes!("fuzz/seeds/orders.xls")),
    ("orders.ods", include_bytes!("fuzz/seeds/orders.ods")),
];

const PIPELINE: &str = include_str!("fuzz/seeds/pipeline.toml");

/// What every message keeps to: it says something, in words and not in forms of the language, and not a whole file.
fn sound(diagnostics: &[Diagnostic], is_refused: bool) {
    const FORMS: [&str; 7] = ["Some(", "Err(", "Ok(", "Os {", "Custom {", "kind: Invalid", "Utf8Error"];
    assert!(!is_refused || !diagnostics.is_empty(), "refused without a word");
    for diagnostic in diagnostics {
        let text = diagnostic.render();
        assert!(!diagnostic.code.is_empty() && !diagnostic.message.trim().is_empty(), "{text}");
        let said = format!("{} {} {}", diagnostic.message, diagnostic.expected, diagnostic.help);
        assert!(FORMS.iter().all(|form| !said.contains(form)), "{text}");
        assert!(text.len() < 20_000, "{} bytes: {}", text.len(), &text.chars().take(2_000).collect::<String>());
        assert_ne!(diagnostic.exit, Exit::Invariant, "{text}");
    }
}

fn packs() -> &'static [PackText] {
    static PACKS: OnceLock<Vec<PackText>> = OnceLock::new();
    PACKS.get_or_init(|| all_pack_texts(Path::new(".")).expect("sound packs"))
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| Known::new(packs().iter().map(|read| read.pack.clone()).collect()))
}

/// `infer` of a file.
fn inferred(folder: &Path, name: &str) {
    match look(&folder.join(name), name, known(), None) {
        Ok(looked) => {
            let mut files = vec![looked];
            write_starters(&mut files, known(), None);
            let (text, json) = (files[0].text(known()), files[0].json(known()));
            assert!(!text.trim().is_empty() && json.is_object());
            pipeline_head(&files, known());
            for starter in files[0].starters().into_iter().filter(|starter| !starter.is_empty()) {
                assert!(toml::from_str::<toml::Table>(starter).is_ok(), "no TOML: {starter}");
            }
        }
        Err(refusal) => sound(&[*refusal], true),
    }
}

/// `check` of a pipeline; says whether it could be loaded.
fn checked(pipeline: &Path) -> bool {
    let pipeline = match load(pipeline, &trueup::rules::codes()) {
        Ok(pipeline) => pipeline,
        Err(mistakes) => {
            sound(&mistakes, true);
            return false;
        }
    };
    let ingested = ingest(&pipeline, AsOf(pipeline.as_of.unwrap_or_else(|| "2026-12-11".parse().expect("a day"))));
    sound(&ingested.diagnostics, ingested.exits.contains(&Exit::Refused));
    assert_eq!(residues(&ingested), Vec::new());
    for input in &ingested.inputs {
        let rows = input.rows;
        let sum = rows.used + rows.duplicate + rows.superseded + rows.structural + rows.quarantined;
        assert_eq!(rows.read, sum, "{input:?}");
    }
    true
}

/// `run` of a pipeline.
fn ran(pipeline: &Path, out: &Path) {
    let request = Request {
        pipeline: pipeline.to_owned(),
        as_of: Some("2026-12-11".parse().expect("a day")),
        out: Some(out.to_owned()),
        fail_on: None,
        previous: Wanted::Nothing,
        lang: None,
    };
    let outcome = run(&request, &|_| {});
    sound(&outcome.diagnostics, outcome.summary.is_none());
    let expected = [Exit::Clean, Exit::Usage, Exit::Refused, Exit::Quarantine, Exit::Limit, Exit::Missing];
    assert!(expected.contains(&outcome.exit), "{:?}", outcome.exit);
}

/// The pipeline for a file: delimited text, or a workbook.
fn pipeline_for(name: &str) -> String {
    let format = match name.ends_with(".csv") {
        true => "[source.csv]\ndelimiter = \";\"",
        false => "[source.xlsx]\nsheet = \"Orders\"",
    };
    PIPELINE.replace("orders.csv", name).replace("[source.csv]\ndelimiter = \";\"", format)
}

/// A file through `infer` and `check`, and now and then through `run`, which takes longest.
fn all_ways(rng: &mut Rng, name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(name), bytes).expect("written");
    let pipeline = folder.path().join("p.toml");
    fs::write(&pipeline, pipeline_for(name)).expect("written");
    inferred(folder.path(), name);
    assert!(checked(&pipeline));
    if rng.u8(..16) == 0 {
        ran(&pipeline, &folder.path().join("out"));
    }
}

fn seed(name: &str) -> &'static [u8] {
    SEEDS.iter().find(|(of, _)| *of == name).expect("a seed").1
}

#[test]
fn the_seeds_are_sound() {
    for (name, bytes) in SEEDS {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(name), bytes).expect("written");
        let pipeline = folder.path().join("p.toml");
        fs::write(&pipeline, pipeline_for(name)).expect("written");
        inferred(folder.path(), name);
        let pipeline = load(&pipeline, &[]).unwrap_or_else(|mistakes| panic!("{}", mistakes[0].render()));
        let ingested = ingest(&pipeline, AsOf("2026-12-11".parse().expect("a day")));
        assert!(ingested.inputs[0].rows.used >= 2, "{name}: {:?}", ingested.diagnostics);
    }
}

/// Files that once broke something, each the whole way.
#[test]
fn what_was_found_stays_mended() {
    let mut names: Vec<_> =
        fs::read_dir("tests/fuzz/found").into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    names.sort();
    for path in names {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("a file");
        if name.ends_with(".toml") {
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(folder.path().join("orders.csv"), seed("orders.csv")).expect("written");
            fs::write(folder.path().join(&name), bytes).expect("written");
            if checked(&folder.path().join(&name)) {
                ran(&folder.path().join(&name), &folder.path().join("out"));
            }
        } else {
            all_ways(&mut Rng::with_seed(0), &name, &bytes);
        }
    }
}

#[test]
fn text() {
    fuzz("text", 40, |rng| {
        let (head, rows) = std::str::from_utf8(seed("orders.csv")).expect("UTF-8").split_once('\n').expect("a header");
        let mut text = format!("{head}\n{}", rows.repeat(rng.usize(1..4)));
        if rng.u8(..4) == 0 {
            text = text.replace(';', one(rng, &[",", "\t", "|", ";;", " "]));
        }
        let mut bytes = match rng.u8(..6) {
            0 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            1 => [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
            2 => text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect(),
            _ => text.into_bytes(),
        };
        mutate::mutate(rng, &mut bytes, mutate::TEXT);
        all_ways(rng, "orders.csv", &bytes);
    });
}

#[test]
fn xlsx() {
    fuzz("xlsx", 40, |rng| {
        let bytes = mutate_package(rng, seed("orders.xlsx"));
        all_ways(rng, "orders.xlsx", &bytes);
    });
}

#[test]
fn xlsb() {
    fuzz("xlsb", 40, |rng| {
        let bytes = mutate_package(rng, seed("orders.xlsb"));
        all_ways(rng, "orders.xlsb", &bytes);
    });
}

#[test]
fn ods() {
    fuzz("ods", 40, |rng| {
        let bytes = mutate_package(rng, seed("orders.ods"));
        all_ways(rng, "orders.ods", &bytes);
    });
}

#[test]
fn xls() {
    fuzz("xls", 40, |rng| {
        let mut bytes = seed("orders.xls").to_vec();
        mutate_compound(rng, &mut bytes);
        all_ways(rng, "orders.xls", &bytes);
    });
}

/// A file of one form under the name of another, and text that looks like one.
#[test]
fn disguises() {
    fuzz("disguises", 40, |rng| {
        let (_, bytes) = one(rng, &SEEDS);
        let (name, _) = one(rng, &SEEDS);
        let mut bytes = bytes.to_vec();
        match rng.u8(..4) {
            0 => bytes.truncate(rng.usize(..bytes.len())),
            1 => mutate_markup(rng, &mut bytes),
            2 => mutate::mutate(rng, &mut bytes, &[b"\0", b"<?xml version=\"1.0\"?>", b"{\\rtf", b"\xff\xfe", b";;;;"]),
            _ => {}
        }
        all_ways(rng, name, &bytes);
    });
}

/// Tokens that pipelines and packs are written with, and such as nobody expects.
const TOML: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "\"",
    "'",
    "\"\"\"",
    ",",
    "#",
    "\n",
    "\n[[source]]\n",
    "\n[[account]]\n",
    "\n[[rule]]\n",
    "0",
    "-1",
    "9223372036854775807",
    "9223372036854775808",
    "1e9",
    "nan",
    "true",
    "1979-05-27",
    "2026-13-01",
    "99999-01-01",
    "\"\"",
    "\"..\"",
    "\"../../etc/passwd\"",
    "\"%Y\"",
    "\"%\"",
    "\"[\"",
    "\"(\"",
    "\"(?P<y>.*)\"",
    "\"**/*\"",
    "\"\\u0000\"",
    "\"\\u202e\"",
    "\"Europe/Nowhere\"",
    "\"EUR\"",
    "\"utf-16\"",
    "\"today\"",
    "kind",
    "layout",
    "glob",
    "columns",
    "dates",
    "version",
    "sum",
    "split",
    "order_no",
    "status_raw",
    "valid_from",
    "valid_to",
    "hold_days",
    "percent",
    "\u{feff}",
    "\u{0}",
    "\\",
    "𝕏",
];

#[test]
fn pipelines() {
    fuzz("pipelines", 30, |rng| {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("orders.csv"), seed("orders.csv")).expect("written");
        let pipeline = folder.path().join("p.toml");
        fs::write(&pipeline, mutate_tokens(rng, PIPELINE, TOML)).expect("written");
        if checked(&pipeline) && rng.u8(..4) == 0 {
            ran(&pipeline, &folder.path().join("out"));
        }
    });
}

#[test]
fn packs_beside_the_pipeline() {
    fuzz("packs", 20, |rng| {
        let read = &packs()[rng.usize(..packs().len())];
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("packs").join(format!("{}.toml", read.pack.name));
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        // Long lists are cut: what is read of them is read of their beginning.
        let text: String = read.text.chars().take(6_000).collect();
        let text = if rng.bool() { &read.text } else { &text };
        fs::write(path, mutate_tokens(rng, text, TOML)).expect("written");
        fs::write(folder.path().join("orders.csv"), seed("orders.csv")).expect("written");
        let pipeline = folder.path().join("p.toml");
        fs::write(&pipeline, PIPELINE.replace("packs = []", &format!("packs = [\"{}\"]", read.pack.name)))
            .expect("written");
        if checked(&pipeline) && rng.u8(..8) == 0 {
            ran(&pipeline, &folder.path().join("out"));
        }
    });
}

#[test]
fn rules_as_text() {
    const SQL: &[&str] = &[
        " AND ",
        " OR ",
        " NOT ",
        " IS NULL",
        " IS NOT NULL",
        " IN (",
        " BETWEEN ",
        " LIKE ",
        "(",
        ")",
        ",",
        "'",
        "''",
        "'CZK'",
        "0",
        "-1",
        "1.5",
        "9223372036854775807",
        "1e400",
        " = ",
        " < ",
        " >= ",
        " <> ",
        " + ",
        " - ",
        " * ",
        " / ",
        " % ",
        "order_no",
        "status_raw",
        "paid",
        "billed",
        "delivered_on",
        "as_of",
        "as_of_end",
        "DATE '2026-11-09'",
        "DATE '0000-00-00'",
        "INTERVAL '48' HOUR",
        "INTERVAL '9999999999' DAY",
        "CASE WHEN ",
        " THEN ",
        " END",
        "SELECT",
        "--",
        "/*",
        ";",
        "\u{202e}",
        "𝕏",
        "count(*)",
        "COALESCE(",
        "CAST(",
        " AS ",
        "NULL",
        "::",
        "||",
        "currency",
        "currency = 'CZK'",
        "delivered_on + 14 < as_of",
    ];
    fuzz("rules", 30, |rng| {
        let mut formula = text_of(rng, SQL, 9);
        if rng.u8(..3) == 0 {
            formula = format!("delivered_on IS NULL {} currency = 'CZK'", formula);
        }
        let formula =
            formula.replace('\\', "\\\\").replace('"', "\\\"").replace(|letter: char| letter.is_control(), " ");
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("orders.csv"), seed("orders.csv")).expect("written");
        let pipeline = folder.path().join("p.toml");
        let text = PIPELINE.replace("delivered_on IS NOT NULL", &formula);
        assert!(text != PIPELINE);
        fs::write(&pipeline, text).expect("written");
        if checked(&pipeline) {
            ran(&pipeline, &folder.path().join("out"));
        }
    });
}
