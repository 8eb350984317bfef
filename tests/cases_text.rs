//! Text of others stays text: in every list under every separator, in the workbook, on the page and on a terminal. Every column of every
//! kind that takes a text gets each payload in turn; what the kinds are is read from the program, so that a new column is tried, too.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use calamine::{Data, Reader as _};
use trueup::diagnose::visible::is_hidden;
use trueup::frame::kind::{Cell, Field, spec_of};
use trueup::vocab::{Kind, Word as _};

use crate::workbench::{bytes_of, stdout, trueup};

/// What acts somewhere: in a spreadsheet under one of three separators, in a page, on a terminal, in the parts of a workbook.
const PAYLOADS: &[&str] = &[
    "=1+1",
    "a;=cmd|' /C calc'!A1",
    "a,@SUM(1)",
    "a\t+1+1",
    "a\n-2+3+cmd|' /C calc'!A1",
    "a;\"=1+1\"",
    "=HYPERLINK(\"https://evil.invalid\";\"x\")",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\u{202e}txt\u{2066}exe",
    "z\u{200b}w\u{feff}x",
    "\u{1b}]0;T\u{7}\u{1b}[2J\u{7f}ALL PAID",
    "_x0041__xD800_",
    "]]></t><f>1+1</f>",
];

/// What stands in a column that is not under attack.
fn usual(field: &Field, row: usize) -> String {
    match field.cell {
        Cell::Money => "10.50".to_owned(),
        Cell::Percent => "10".to_owned(),
        Cell::Rate => "1".to_owned(),
        Cell::Date => "2026-11-02".to_owned(),
        Cell::Instant => "2026-11-02 10:00:00".to_owned(),
        Cell::Int => "1".to_owned(),
        Cell::Currency => "CZK".to_owned(),
        Cell::Identifier => format!("I{row}"),
        Cell::Text | Cell::CarrierCode | Cell::Name { .. } => "x".to_owned(),
        Cell::Word { table, empty: None, .. } => first_word(table).to_owned(),
        Cell::Word { .. } | Cell::Flag => String::new(),
    }
}

fn first_word(table: &str) -> &'static str {
    trueup::pipeline::words::words_of(table).and_then(|words| words.first()).copied().unwrap_or("x")
}

fn takes_text(field: &Field) -> bool {
    !matches!(field.cell, Cell::Money | Cell::Percent | Cell::Rate | Cell::Date | Cell::Instant | Cell::Int)
}

/// A pipeline with a source of every kind, each column of which is attacked in rows of its own.
fn scene(folder: &Path) {
    let mut pipeline = "[pipeline]\nname = \"text\"\npacks = [\"marketplaces/slevomat\", \"carriers/dpd\"]\nas_of = \"2026-12-11\"\n\n\
         [[account]]\nname = \"a\"\nmarketplace = \"slevomat\"\ncurrency = \"CZK\"\ntimezone = \"Europe/Prague\"\n"
        .to_owned();
    let mut tables = BTreeSet::new();
    for kind in Kind::ALL {
        let name = kind.text();
        let fields = spec_of(*kind).fields;
        tables.extend(fields.iter().filter_map(|field| match field.cell {
            Cell::Word { table, empty: None, .. } => Some(table),
            _ => None,
        }));
        let mut file = csv::WriterBuilder::new().delimiter(b';').from_path(folder.join(format!("{name}.csv"))).unwrap();
        file.write_record(fields.iter().map(|field| field.name)).unwrap();
        let mut row = 0;
        for attacked in fields.iter().filter(|field| takes_text(field)) {
            for payload in PAYLOADS {
                row += 1;
                let cell = |field: &Field| match field.name == attacked.name {
                    true => (*payload).to_owned(),
                    false => usual(field, row),
                };
                file.write_record(fields.iter().map(cell)).unwrap();
            }
        }
        file.flush().unwrap();
        let _ = write!(
            pipeline,
            "\n[[source]]\nname = \"{name}\"\nkind = \"{name}\"\naccount = \"a\"\nglob = \"{name}.csv\"\n\
             quarantine_max = {{ percent = 100.0 }}\n"
        );
        if *kind == Kind::TrackingEvents {
            pipeline.push_str("carrier = \"dpd\"\nvocabulary = \"dpd-web\"\n");
        }
        if *kind == Kind::CodRemittances {
            pipeline.push_str("carrier = \"dpd\"\n");
        }
        pipeline.push_str(
            "\n[source.csv]\nencoding = \"utf-8\"\ndelimiter = \";\"\ndecimal = \".\"\n\
             dates = [\"%Y-%m-%d %H:%M:%S\", \"%Y-%m-%d\"]\n\n[source.columns]\n",
        );
        for field in fields {
            let _ = writeln!(pipeline, "{0} = \"{0}\"", field.name);
        }
    }
    for table in tables {
        let word = first_word(table);
        let _ = write!(pipeline, "\n[[words.{table}]]\nword = \"{word}\"\nlabels = [\"{word}\"]\n");
    }
    fs::write(folder.join("p.toml"), pipeline).unwrap();
}

#[test]
fn payloads_stay_text_in_every_output() {
    let scene_folder = tempfile::tempdir().unwrap();
    let folder = scene_folder.path();
    scene(folder);
    let run = trueup(folder, &["run", "p.toml", "--out", "out"]);
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    let published = folder.join("out/text/2026-12-11");
    assert!(published.is_dir(), "{told}\n{}", stdout(&run));
    let files = bytes_of(&published);
    let mut exact = BTreeSet::new();
    for (name, bytes) in &files {
        match name.rsplit('.').next() {
            Some("csv") => check_csv(name, std::str::from_utf8(bytes).unwrap()),
            Some("ndjson") => exact.extend(strings_of(std::str::from_utf8(bytes).unwrap())),
            Some("html") => check_html(name, std::str::from_utf8(bytes).unwrap()),
            Some("xlsx") => check_workbook(&published.join(name)),
            _ => {}
        }
    }
    let is_kept = |payload: &&str| exact.iter().any(|text| text.contains(payload.trim()));
    let lost: Vec<&&str> = PAYLOADS.iter().filter(|payload| !is_kept(payload)).collect();
    assert!(lost.is_empty(), "no list of exact values holds {lost:?}");

    check_terminal("run", &run);
    for arguments in [vec!["check", "p.toml"], vec!["check", "p.toml", "--json"]] {
        check_terminal("check", &trueup(folder, &arguments));
    }
    for kind in Kind::ALL {
        let file = format!("{}.csv", kind.text());
        check_terminal("infer", &trueup(folder, &["infer", &file]));
        check_terminal("infer", &trueup(folder, &["infer", "--json", &file]));
    }
    for subject in PAYLOADS.iter().copied().chain(["I1", "I20", "I40", "a/I60"]) {
        check_terminal("explain", &trueup(folder, &["explain", "out/text/2026-12-11", subject]));
        check_terminal("explain", &trueup(folder, &["explain", "out/text/2026-12-11", subject, "--json"]));
    }
}

/// No reader, whatever it separates by, finds a cell that begins a formula.
fn check_csv(name: &str, text: &str) {
    for delimiter in [',', ';', '\t'] {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter as u8)
            .from_reader(text.as_bytes());
        for record in reader.records() {
            record.unwrap().iter().for_each(|cell| check_cell(name, cell));
        }
        // A reader that knows no quotes, and one that takes them anywhere.
        for cell in text.split([delimiter, '\n', '\r']) {
            check_cell(name, cell);
            check_cell(name, cell.trim_start_matches('"'));
        }
    }
}

fn check_cell(name: &str, cell: &str) {
    let is_number = |text: &str| {
        let digits = text.trim_end_matches('"').trim_start_matches('-');
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
    };
    let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    assert!(!begins || is_number(cell), "{name}: {cell:?}");
}

fn strings_of(ndjson: &str) -> Vec<String> {
    fn of(value: &serde_json::Value, into: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => into.push(text.clone()),
            serde_json::Value::Array(all) => all.iter().for_each(|value| of(value, into)),
            serde_json::Value::Object(all) => all.values().for_each(|value| of(value, into)),
            _ => {}
        }
    }
    let mut into = Vec::new();
    ndjson.lines().for_each(|line| of(&serde_json::from_str(line).unwrap(), &mut into));
    into
}

fn check_html(name: &str, page: &str) {
    for acting in ["<script>alert", "<img src=x", "onerror=alert(1)>", "href=\"javascript:", "\u{1b}", "\u{202e}"] {
        assert!(!page.contains(acting), "{name}: {acting:?}");
    }
    let hidden = page.lines().find(|line| line.contains(|letter| letter != '\t' && is_hidden(letter)));
    assert!(hidden.is_none(), "{name}: {hidden:?}");
}

/// Payloads are strings, no formula and no link; `_x0041_` is not taken for a letter.
fn check_workbook(path: &Path) {
    let mut package = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    for place in 0..package.len() {
        let mut part = package.by_index(place).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut xml = String::new();
        if part.read_to_string(&mut xml).is_err() {
            continue;
        }
        for formula in xml.split("<f").skip(1).filter(|rest| rest.starts_with(['>', ' '])) {
            let formula = formula.split("</f>").next().unwrap_or_default();
            let is_ours = !["1+1", "cmd", "HYPERLINK(\"https://evil", "calc"].iter().any(|bad| formula.contains(bad));
            assert!(is_ours, "{name}: {formula}");
        }
        assert!(!xml.contains("javascript:alert(1)\" TargetMode") && !xml.contains("Target=\"javascript"), "{name}");
        assert!(!xml.contains(|letter: char| letter < ' ' && !matches!(letter, '\n' | '\t' | '\r')), "{name}");
    }
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).unwrap();
    let mut texts = BTreeSet::new();
    for sheet in book.sheet_names() {
        for cell in book.worksheet_range(&sheet).unwrap().rows().flatten() {
            if let Data::String(text) = cell {
                texts.insert(text.clone());
            }
        }
    }
    let holds = |wanted: &str| texts.iter().any(|text| text.contains(wanted));
    for literal in ["=1+1", "<script>alert(1)</script>", "javascript:alert(1)", "_x0041__xD800_"] {
        assert!(holds(literal), "{literal} is in no cell of {}", path.display());
    }
}

/// No output holds a letter that acts on a terminal or hides on it; line ends are the program's own.
fn check_terminal(command: &str, output: &std::process::Output) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = std::str::from_utf8(bytes).unwrap();
        let acting = text.lines().find(|line| line.contains(is_hidden));
        assert!(acting.is_none(), "{command}: {acting:?}");
        assert!(!text.lines().any(|line| line.starts_with("-2+3")), "{command}: a line end of a cell");
    }
    assert_ne!(output.status.code(), Some(6), "{command}");
    assert!(output.status.code().is_some(), "{command}");
}

const HEAD: &str = "packs = [\"marketplaces/slevomat\"]\nas_of = \"2026-12-11\"\n[[account]]\nname = \"a\"\nmarketplace = \"slevomat\"\n\
     currency = \"CZK\"\ntimezone = \"Europe/Prague\"\n";

/// Exit code of a `check`, and what it says.
fn checked(folder: &Path, pipeline: &str) -> (i32, String) {
    fs::write(folder.join("p.toml"), pipeline).unwrap();
    let output = trueup(folder, &["check", "p.toml"]);
    check_terminal("check", &output);
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(unix)]
#[test]
fn a_starter_finds_the_file_of_any_name_with_any_header() {
    let headers = ["order", "st\nav #", "cena \"[x]\" = \\", "d", "\u{202e}u\u{1b}[1mrl"];
    for name in [
        "a[1].csv",
        "b\"q\".csv",
        "c\nname = \"x\".csv",
        "d#h.csv",
        "e\\back.csv",
        "f*{x,y}?.csv",
        "g'''.csv",
        "h\u{1b}[2J.csv",
        "i\u{202e}\u{200b}.csv",
        "j\u{7f}\u{85}\u{2028}\u{fffe}.csv",
        "k{dd}-2026-01-02.csv",
        "[dir]\n/{l}].csv",
        "m!(a|b),;.csv",
    ] {
        let scene = tempfile::tempdir().unwrap();
        let folder = scene.path();
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let mut text = csv::WriterBuilder::new().delimiter(b';').from_path(&file).unwrap();
        text.write_record(headers).unwrap();
        for row in [
            ["3", "Doručeno", "5,10", "2026-11-02", "x\n[[source]]"],
            ["4", "Doručeno", "6,20", "2026-11-03", "=1\n# y"],
        ] {
            text.write_record(row).unwrap();
        }
        drop(text);
        let output = trueup(folder, &["infer", name]);
        check_terminal("infer", &output);
        let starter = stdout(&output);
        let read: toml::Table = toml::from_str(&starter).unwrap_or_else(|error| panic!("{name:?}: {error}\n{starter}"));
        assert_eq!(read["source"].as_array().unwrap().len(), 1, "{starter}");
        let kind = if read["source"][0].get("kind").is_some() { "" } else { "kind = \"orders\"\n" };
        let filled = starter.replace("account = \"\"", &format!("{kind}account = \"a\""));
        let mut pipeline = format!("[pipeline]\nname = \"n\"\n{HEAD}{filled}");
        for (field, header) in [("order_no", headers[0]), ("status_raw", headers[1]), ("delivery_price", headers[2])] {
            if !pipeline.contains(&format!("\n{field} = ")) {
                let _ = writeln!(pipeline, "{field} = {}", toml::Value::from(header));
            }
        }
        fs::write(folder.join("p.toml"), pipeline).unwrap();
        let checked = trueup(folder, &["check", "p.toml", "--json"]);
        let told: serde_json::Value = serde_json::from_str(&stdout(&checked)).unwrap();
        assert_eq!(told["inputs"][0]["path"], name, "{starter}\n{:#}", told["diagnostics"]);
        assert_eq!(told["inputs"][0]["rows"]["used"], 2, "{starter}\n{:#}", told["diagnostics"]);
        assert_eq!(told["inputs"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused_where_they_stand() {
    let scene = tempfile::tempdir().unwrap();
    let folder = scene.path().join("job");
    fs::create_dir(&folder).unwrap();
    let long = "x".repeat(101);
    for name in [
        "../out",
        "/tmp/x",
        "a/b",
        "a\\b",
        "..",
        ".x",
        "x ",
        "CON",
        "nul.txt",
        "a\u{1b}[2J",
        "a\u{202e}",
        "a\n",
        "",
        &long,
    ] {
        let written = toml::Value::from(name);
        for (pipeline, line) in [
            (format!("[pipeline]\nname = {written}\n{HEAD}"), 2),
            (format!("[pipeline]\nname = \"n\"\n{}", HEAD.replace("name = \"a\"", &format!("name = {written}"))), 6),
            (
                format!(
                    "[pipeline]\nname = \"n\"\n{HEAD}[[source]]\nname = {written}\nkind = \"orders\"\naccount = \"a\"\nglob = \"x\"\n"
                ),
                11,
            ),
        ] {
            let (exit, told) = checked(&folder, &pipeline);
            let place = format!("p.toml:{line}:");
            assert!(
                exit == 2 && told.contains("CFG062") && told.contains(&place) && told.contains('^'),
                "{name:?}: {told}"
            );
            if line == 2 {
                // A run writes nothing, here or beside.
                assert_eq!(trueup(&folder, &["run", "p.toml", "--out", "out"]).status.code(), Some(2));
                assert!(!folder.join("out").exists() && fs::read_dir(scene.path()).unwrap().count() == 1, "{name:?}");
            }
        }
    }
}

#[test]
fn a_pack_is_a_file_below_its_folder_and_shows_one_line() {
    let scene = tempfile::tempdir().unwrap();
    let folder = scene.path().join("job");
    fs::create_dir_all(folder.join("packs/shops")).unwrap();
    let secret = "first:line\npassword = \"hunter2\"\nkey = \"\"\"topsecret\n";
    fs::write(scene.path().join("secret.toml"), secret).unwrap();
    fs::write(scene.path().join("sound.toml"), "[pack]\ntitle = \"T\"\nsource = \"t\"\n").unwrap();
    let absolute = scene.path().join("sound").display().to_string().replace('\\', "/");
    let pipeline = |pack: &str| format!("[pipeline]\nname = \"n\"\n{}", HEAD.replace("marketplaces/slevomat", pack));
    for pack in [
        "../../secret",
        "../../sound",
        "shops/../../../sound",
        "./shops/x",
        "shops//x",
        "shops\\\\x",
        absolute.as_str(),
    ] {
        let (exit, told) = checked(&folder, &pipeline(pack));
        assert!(exit == 2 && told.contains("CFG062") && told.contains("p.toml:3:"), "{pack}: {told}");
        for text in ["first", "hunter2", "topsecret"] {
            assert!(!told.contains(text), "{pack}: {told}");
        }
        // Nor does any other key, nor any command, lead there.
        let (exit, told) =
            checked(&folder, &pipeline("marketplaces/slevomat").replace("\"slevomat\"", &format!("\"{pack}\"")));
        assert!(exit == 2 && told.contains("CFG062") && !told.contains("hunter2"), "{pack}: {told}");
        let shown = trueup(&folder, &["pack", "show", pack]);
        assert!(shown.status.code() == Some(2) && stdout(&shown).is_empty(), "{pack}");
    }
    // A file that is there and is no pack: the line at fault, and no other.
    fs::write(folder.join("packs/shops/x.toml"), secret).unwrap();
    let (exit, told) = checked(&folder, &pipeline("shops/x"));
    assert!(exit == 2 && told.contains("packs/shops/x.toml:1:") && told.contains("first:line"), "{told}");
    assert!(!told.contains("hunter2") && !told.contains("topsecret"), "{told}");
    let one_line = format!("password {}hunter2", " x".repeat(100_000));
    fs::write(folder.join("packs/shops/x.toml"), one_line).unwrap();
    let (_, told) = checked(&folder, &pipeline("shops/x"));
    assert!(told.lines().all(|line| line.len() < 300) && !told.contains("hunter2"), "{}", told.len());
    #[cfg(unix)]
    for (link, target) in [("packs/shops/x.toml", "../../../sound.toml"), ("packs/shops", "../..")] {
        let link = folder.join(link);
        if link.is_dir() {
            fs::remove_dir_all(&link).unwrap()
        } else {
            fs::remove_file(&link).unwrap()
        }
        std::os::unix::fs::symlink(target, &link).unwrap();
        let (exit, told) = checked(&folder, &pipeline(if link.ends_with("shops") { "shops/sound" } else { "shops/x" }));
        assert!(exit == 2 && told.contains("CFG055") && told.contains("a link to a file"), "{told}");
    }
}

#[test]
fn mistakes_and_texts_without_end_are_bounded() {
    let scene = tempfile::tempdir().unwrap();
    let folder = scene.path();
    let keys: String = (0..5_000).fold(String::new(), |keys, number| keys + &format!("k{number} = 1\n"));
    fs::write(folder.join("p.toml"), format!("[pipeline]\nname = \"n\"\npacks = []\n{keys}")).unwrap();
    let output = trueup(folder, &["check", "--json", "p.toml"]);
    assert!(output.status.code() == Some(2) && output.stdout.len() < 200_000, "{}", output.stdout.len());
    let csv = "[[source]]\nname = \"s\"\nkind = \"orders\"\naccount = \"a\"\nglob = \"x\"\n[source.csv]\nencoding = \"utf-8\"\ndelimiter = \";\"\ndecimal = \".\"\n";
    let rule = "[[rule]]\ncode = \"SHOP-001\"\nname = \"n\"\nseverity = \"low\"\nsubject = \"order\"\nremedy = \"claim\"\nwhen = \"test\"\nevidence = [\"paid\"]\nwhy = \"w\"\ntodo = \"t\"\n";
    let begin = format!("[pipeline]\nname = \"n\"\n{HEAD}");
    for (text, wanted) in [
        (format!("{begin}{csv}dates = [{}]\n", "\"%Y\",".repeat(51)), "at most 50"),
        (format!("{begin}{csv}dates = [\"{}\"]\n", "%Y".repeat(101)), "at most 200 bytes"),
        (format!("{begin}{rule}title = \"{}\"\n", "x".repeat(70_000)), "at most 65536 bytes"),
        (format!("{begin}{}", format!("{rule}title = \"t\"\n").repeat(501)), "at most 500 rules"),
        (format!("{begin}{}title = \"t\"\n", rule.replace("\"paid\"", &"\"paid\",".repeat(101))), "at most 100"),
    ] {
        let (exit, told) = checked(folder, &text);
        assert!(exit == 2 && told.contains(wanted), "{wanted}: {exit} {}", &told[..told.len().min(900)]);
    }
    for text in [
        format!("a = {}", "[".repeat(200_000)),
        format!("a = {}", "{a=".repeat(200_000)),
        format!("a{} = 1", ".a".repeat(200_000)),
        format!("[a{}]", ".a".repeat(200_000)),
        format!("#{}", " ".repeat(4 << 20)),
        format!(
            "[pipeline]\nname = \"n\"\n{HEAD}[[source]]\nname = \"s\"\nkind = \"orders\"\naccount = \"a\"\nglob = \"{}\"\n",
            "{".repeat(100_000)
        ),
        format!(
            "[pipeline]\nname = \"n\"\n{HEAD}{}",
            "[[source]]\nname = \"s\"\nkind = \"orders\"\naccount = \"a\"\nglob = \"x\"\n".repeat(2_001)
        ),
    ] {
        let (exit, told) = checked(folder, &text);
        assert!(exit == 2 && told.len() < 20_000, "{}: {exit} {}", &text[..40], &told[..told.len().min(500)]);
    }
}
