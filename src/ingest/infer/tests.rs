//! Files of systems that nobody has seen, small and made by hand in the shapes that carriers §1.4 tells of.

use std::path::Path;

use super::*;
use crate::ingest::infer::look::Look;
use crate::ingest::infer::table::HeaderRow;
use crate::ingest::tests::packages;
use crate::pipeline::all_packs;

fn known() -> Known {
    Known::new(all_packs(Path::new("/no such folder")).unwrap())
}

fn looked(content: impl AsRef<[u8]>, name: &str, kind: Option<Kind>) -> Looked {
    let known = known();
    let mut files = [look_at(content.as_ref().to_vec(), content.as_ref().len() as u64, name, &known, kind).unwrap()];
    write_starters(&mut files, &known, kind);
    let [looked] = files;
    looked
}

fn table(looked: &Looked) -> &Table {
    &looked.tables[0].table
}

fn look_of<'a>(looked: &'a Looked, header: &str) -> &'a Look {
    &table(looked).columns.iter().find(|column| column.header == header).unwrap().look
}

fn header_row(looked: &Looked) -> Option<u32> {
    match &table(looked).header {
        HeaderRow::At(row, ..) => Some(*row),
        HeaderRow::None(..) => None,
    }
}

#[test]
fn a_preamble_of_eleven_lines() {
    let preamble = "------------------------------\n\"Order earnings report, all dates, times in UTC\"\n\nSeller,some shop\nFrom,\"Nov 1, 2026\"\nTo,\"Nov 30, 2026\"\n--\n-- fees are estimates\n--\n\n----\n";
    assert_eq!(preamble.matches('\n').count(), 11);
    let rows = "Sale date,Sale number,Buyer id,Gross earnings,Fees,Refund\n2026-11-02,12-001,b1,\"$1,234.56\",-$12.10,--\n2026-11-03,12-002,b2,$8.00,-$0.80,--\n2026-11-04,12-003,b3,$19.99,-$2.00,$19.99\n";
    let looked = looked(format!("{preamble}{rows}"), "earnings.csv", None);
    assert_eq!((header_row(&looked), table(&looked).above, table(&looked).rows), (Some(12), 11, 3));
    let Look::Money(form) = look_of(&looked, "Gross earnings") else { panic!("{looked:?}") };
    assert_eq!((form.decimal, form.units.as_slice()), (Some('.'), ["$".to_owned()].as_slice()));
    assert!(matches!(look_of(&looked, "Refund"), Look::Money(_)));
    assert_eq!(table(&looked).columns[5].nulls, ["--"]);
    assert_eq!(*look_of(&looked, "Sale number"), Look::Identifier);
    let starter = looked.starters()[0];
    assert!(starter.contains("# fill in: `kind`"), "{starter}");
    assert!(starter.contains("decimal = \".\"") && starter.contains("dates = [\"%Y-%m-%d\"]"), "{starter}");
    assert!(!starter.contains("\nkind ="), "no kind is proved: {starter}");
}

#[test]
fn banners_that_are_padded_to_the_width_of_the_table() {
    let text = "Výpis obchodu;;;;\nZa měsíc;11/2026;;;\n;;;;\nKlíč;Vznik;Zákazník;Suma;Kusy\n\
                BD-1;09.11.2026;Ema;1290,00;2\nBD-2;10.11.2026;Jan;499,50;1\nBD-3;11.11.2026;Eva;20,00;3\n";
    let looked = looked(text, "obchod.csv", None);
    assert_eq!((header_row(&looked), table(&looked).rows), (Some(4), 3));
    assert!(matches!(look_of(&looked, "Suma"), Look::Money(_)));
}

#[test]
fn no_header_and_ragged_rows() {
    let row = |number: &str, rest: &str| format!("{number};;{rest}\n");
    let text = [
        row("DR6081444514M", "03.09.2026;00;;;;;;;;;;;;;;;499,00"),
        row("DR6081444514M", "03.09.2026 13:33;21"),
        row("DR6081444514M", "04.09.2026;75;;;;;;;;;;;;;;;;;;;;4102000030"),
        row("NB4841298967U", "05.09.2026;91"),
    ]
    .concat();
    let looked = looked(&text, "tracking.csv", None);
    assert_eq!((header_row(&looked), table(&looked).rows, table(&looked).above), (None, 4, 0));
    let starter = looked.starters()[0];
    assert!(
        starter.contains("layout = \"carriers/ceska-posta/tracking\"") && starter.contains("carrier = \"ceska-posta\""),
        "{starter}"
    );
    assert!(!starter.contains("[source.csv]"), "nothing but account and glob is left: {starter}");
    // Codes of nobody: the same shape, and no layout.
    let other = super::tests::looked(
        text.replace(";21", ";A21").replace(";00", ";A00").replace(";75", ";A75").replace(";91", ";A91"),
        "tracking.csv",
        None,
    );
    assert!(!other.starters()[0].contains("\nlayout ="), "{}", other.starters()[0]);
    assert!(other.starters()[0].contains("header = false"), "{}", other.starters()[0]);
}

#[test]
fn a_mark_and_decimal_commas() {
    let text = "\u{feff}Váš e-shop;Datum vložení;Vaše obj. č.;Jméno;Příjmení;Čárový kód;Vybraná dobírka;Měna dobírky;Služby s DPH\r\nobchod;2026-11-02;A-1;Jan;Novák;Z4507169488;499,00;CZK;79,50\r\nobchod;2026-11-03;A-2;Eva;Malá;Z4507169489;0,00;CZK;65,00\r\n";
    let looked = looked(text, "cod.csv", None);
    let form = looked.text.as_ref().unwrap();
    assert_eq!(
        (form.encoding.as_str(), form.confidence, form.dialect.delimiter, form.dialect.width),
        ("utf-8", 100, b';', 9)
    );
    assert_eq!(form.dialect.line_ends.told(), ("CRLF", 3, 3));
    assert_eq!(table(&looked).columns[0].header, "Váš e-shop", "the mark is no part of it");
    let Look::Money(amounts) = look_of(&looked, "Vybraná dobírka") else { panic!("{looked:?}") };
    assert_eq!(amounts.decimal, Some(','));
    let Look::Date(dates) = look_of(&looked, "Datum vložení") else { panic!("{looked:?}") };
    assert_eq!(dates.patterns, ["%Y-%m-%d"]);
}

#[test]
fn utf_16_with_tabs() {
    let text = "settlement-id\tline-type\tamount\tposted-date\n17\tItemPrice\t12.50\t2026-11-02T10:00:00+00:00\n17\tItemFees\t-1.90\t2026-11-02T10:00:00+00:00\n";
    let bytes: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let looked = looked(bytes, "settlement.txt", Some(Kind::PayoutLines));
    let form = looked.text.as_ref().unwrap();
    assert_eq!((form.encoding.as_str(), form.dialect.delimiter), ("utf-16le", b'\t'));
    let starter = looked.starters()[0];
    assert!(
        starter.contains("kind = \"payout_lines\"  # 100 %") && starter.contains("delimiter = \"\\t\""),
        "{starter}"
    );
    assert!(starter.contains("amount = \"amount\"  # "), "{starter}");
    assert!(starter.contains("dates = [\"%+\"]"), "{starter}");
    assert!(starter.contains("# fill in: kind_raw is required; perhaps"), "{starter}");
}

#[test]
fn day_first_or_month_first_stays_open() {
    let text =
        |second: &str| format!("Date,Type,Title,Amount\n04/03/2026,Sale,Mug,\"1,50\"\n{second},Fee,Lamp,\"2,25\"\n");
    let open = looked(text("05/06/2026"), "statement.csv", None);
    let starter = open.starters()[0];
    assert!(starter.contains("# fill in: a pattern of `dates`: `Date` is \"%d/%m/%Y\" or \"%m/%d/%Y\""), "{starter}");
    assert!(!starter.contains("\ndates ="), "{starter}");
    let settled = looked(text("04/13/2026"), "statement.csv", None);
    assert!(settled.starters()[0].contains("dates = [\"%m/%d/%Y\"]"), "{}", settled.starters()[0]);
}

#[test]
fn a_title_two_sender_rows_and_a_note_above_the_header() {
    let text = "Poštovní podací arch\nOdesílatel;IČ;Ulice\nObchod s.r.o.;123;Dlouhá 1\npoznámka\nId. číslo zásilky;PSČ;Obec;Hmotnost;Udaná cena;Dobírka;Datum\nDR6081444514M;11000;Praha;1,250;500,00;499,00;02.11.2026\nDR6081444515M;60200;Brno;0,750;300,00;0,00;03.11.2026\n";
    let looked = looked(text, "arch.csv", None);
    assert_eq!((header_row(&looked), table(&looked).above), (Some(5), 4));
}

#[test]
fn cash_on_delivery_of_a_carrier() {
    let text = "Symbol;Parcel;Reference;AMOUNT;CURRENCY;Day;Proof;Bank;Code;Other\n2611001;012-34567890;A1;49.90;EUR;02.11.2026;X;SK1;B;\n2611001;012-34567891;A2;120.00;EUR;02.11.2026;X;SK1;B;\n";
    let looked = looked(text, "sps-2026-11-02.csv", Some(Kind::PayoutLines));
    let starter = looked.starters()[0];
    assert!(starter.contains("decimal = \".\"") && starter.contains("dates = [\"%d.%m.%Y\"]"), "{starter}");
    assert!(
        starter.contains("export_date = \"sps-{yyyy}-{mm}-{dd}.csv\"") && starter.contains("glob = \"sps-*.csv\""),
        "{starter}"
    );
    assert!(starter.contains("currency = \"CURRENCY\""), "{starter}");
}

#[test]
fn personal_columns_are_masked_everywhere() {
    let text = "\u{feff}Name;Street;Phone;Email;COD_Amount\r\nJan Novák;\"Dlhá 34, 040 01 Košice\";+421 905 123 456;jan@example.com;12.50\r\nEva Malá;\"Krátka 5, 811 01 Bratislava\";+421 905 123 457;eva@example.com;0.00\r\n";
    let looked = looked(text, "labels.csv", None);
    let starter = looked.starters()[0];
    assert!(starter.contains("personal = [\"Name\", \"Street\", \"Phone\", \"Email\"]"), "{starter}");
    let told = looked.text(&known()) + &looked.json(&known()).to_string();
    for secret in ["Novák", "Dlhá", "905 123", "jan@"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}

#[test]
fn gzip_and_what_is_no_table() {
    let looked = looked(packages::gzip("a;b\n1;2\n3;4\n"), "x.csv.gz", None);
    assert_eq!((looked.compression, table(&looked).rows), (Some("gzip"), 2));
    let refused = |bytes: &[u8]| look_at(bytes.to_vec(), bytes.len() as u64, "x", &known(), None).unwrap_err().code;
    assert_eq!(refused(b""), "FIL102");
    assert_eq!(refused(b"one\ntwo\n"), "FIL114");
    assert!(refused(b"PK\x03\x04broken").starts_with("ARC"));
    assert_eq!(refused(b"PK\x03\x04 xl/ broken"), "XLS405");
    let looked = super::tests::looked(packages::zip(&[("orders.csv", "a;b\n1;2\n")]), "x.zip", None);
    assert_eq!((looked.compression, table(&looked).rows), (Some("zip"), 1));
}

#[test]
fn a_known_layout_in_another_dialect() {
    let headers = "Číslo objednávky,Datum vytvoření,Datum platby,Stav,Očekávané doručení,Odesláno,Doručeno,Datum storna,Stornoval,Datum vyúčtování,Typ produktu,Doprava,Poštovné,Dopravce,Číslo zásilky,Sledování zásilky,Kód zboží,Název,Počet kusů,Stornováno kusů,Datum storna kusů,Cena za kus,Provize (%)";
    let row = |order: &str, status: &str, price: &str| {
        format!("{order},2026-11-02,,{status},,,,,,,zboží,PPL,79.00,PPL,Z4507169488,,KV-1,Lampa,1,0,,{price},18\n")
    };
    let text = format!("{headers}\n{}{}", row("A1", "Doručeno", "1290.00"), row("A2", "Čeká na zázrak", "10.50"));
    let looked = looked(text, "orders.csv", None);
    let starter = looked.starters()[0];
    assert!(starter.contains("\nlayout = \"marketplaces/slevomat/orders\"  # 8"), "{starter}");
    for line in [
        "the layout's delimiter is ';'",
        "the layout's encoding is windows-1250",
        "delimiter = \",\"",
        "decimal = \".\"",
        "dates = [\"%Y-%m-%d\"]",
        "words of status_raw that the pack does not know: Čeká na zázrak",
    ] {
        assert!(starter.contains(line), "{line}: {starter}");
    }
}

#[test]
fn a_layout_with_few_of_its_headers_is_only_proposed() {
    let text = "Číslo objednávky,Stav,Poštovné,Počet kusů,Cena za kus\nA1,Doručeno,79.00,1,1290.00\n";
    let looked = looked(text, "orders.csv", None);
    let starter = looked.starters()[0];
    assert!(starter.contains("# fill in, if it is so: layout = \"marketplaces/slevomat/orders\""), "{starter}");
    assert!(!starter.contains("\nlayout =") && starter.contains("lines = true"), "{starter}");
}

#[test]
fn a_starter_is_toml() {
    let texts = [
        "a;\"b \"\"c\"\"\"\n1;x\n2;y\n",
        "Číslo objednávky,Stav,Poštovné\nA1,Doručeno,79.00\n",
        "id;\"a\nb = 1\"\n1;\"x\ny = [\"\n2;\"x\ny = [\"\n",
        "a\tb#c\n04/03/2026\t1.234\n05/03/2026\t1.235\n",
    ];
    for text in texts {
        let looked = looked(text, "odd \"name\".csv", None);
        let whole = looked.text(&known());
        toml::from_str::<toml::Table>(&whole).unwrap_or_else(|error| panic!("{error}: {whole}"));
    }
}

/// A folder, a link, a pipe and a device are refused without being opened: whoever opened the pipe would wait forever.
#[test]
fn only_regular_files_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a.csv"), "a;b\n1;2\n3;4\n").unwrap();
    std::os::unix::fs::symlink(at("a.csv"), at("link.csv")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(at("pipe.csv")).status().unwrap().success());
    let known = known();
    let look = |path: &Path| look(path, "x", &known, None);
    assert_eq!(look(&at("a.csv")).unwrap().tables.len(), 1);
    for (path, found) in [
        (folder.path().to_owned(), "a folder"),
        (at("link.csv"), "a link"),
        (at("pipe.csv"), "a pipe or a device"),
        ("/dev/zero".into(), "a pipe or a device"),
    ] {
        let refusal = look(&path).unwrap_err();
        assert_eq!((refusal.code, refusal.found.as_str()), ("FIL106", found));
    }
    assert_eq!(look(&at("none.csv")).unwrap_err().code, "FIL104");
}

/// A file of terabytes costs no more than what is looked at of it.
#[test]
fn of_a_text_no_more_is_read_than_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "a;b\n1;2\n".repeat(1 << 21)).unwrap();
    let (bytes, size) = opened::read(&path, "a.csv", &Limits::default(), TEXT_BYTES).unwrap();
    assert_eq!((bytes.len(), size), (TEXT_BYTES + 1, 16 << 20));
    let known = known();
    assert!(look(&path, "a.csv", &known, None).unwrap().notes.iter().any(|note| note.contains("bytes were looked at")));
    std::fs::File::options().write(true).open(&path).unwrap().set_len(1 << 42).unwrap();
    let refusal = look(&path, "a.csv", &known, None).unwrap_err();
    assert_eq!(refusal.exit, Exit::Limit);
    assert!(refusal.expected.contains("`file_bytes`"), "{}", refusal.expected);
}

#[test]
fn formats_that_are_no_table_are_named() {
    let refused =
        |bytes: &[u8], name: &str| look_at(bytes.to_vec(), bytes.len() as u64, name, &known(), None).unwrap_err();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let xml = "<?xml version=\"1.0\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" a=\"1;2\">\n";
    let excel = [&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], &wide("Workbook")].concat();
    let quattro = [&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], &wide("NativeContent_MAIN")].concat();
    let cases: [(&[u8], &str, &str, &str); 9] = [
        (b"BZh91AY&SY\xaa;u\n", "a.csv.bz2", "FIL115", "bzip2"),
        (xml.as_bytes(), "a.xml", "FIL115", "Excel 2003"),
        (&[&b"\xFF\xFE"[..], &wide(xml)].concat(), "a.xls", "FIL115", "Excel 2003"),
        (b"TABLE\r\n0,1\r\n\"EXCEL\"\r\n", "a.dif", "FIL115", "DIF"),
        (b"a\0\0\0;\0\0\0b\0\0\0\n\0\0\0", "a.csv", "FIL115", "UTF-32"),
        (&excel, "a.xlsx", "XLS404", "legacy .xls"),
        (&excel, "a.csv", "XLS404", "legacy .xls"),
        (&quattro, "a.qpw", "XLS404", "Quattro"),
        (&quattro, "a.xls", "XLS404", "Quattro"),
    ];
    for (bytes, name, code, is) in cases {
        let refusal = refused(bytes, name);
        assert!(refusal.code == code && refusal.found.contains(is) && !refusal.help.is_empty(), "{name}: {refusal:?}");
        if code == "FIL115" {
            assert_eq!(refused(&packages::gzip(bytes), name).code, code);
        }
    }
    let archive = packages::zip(&[("notes.txt", "a;b\n1;2\n")]);
    assert!(refused(&archive, "a.xlsx").code.starts_with("XLS"));
    assert_eq!(table(&looked(archive, "a.zip", None)).rows, 1);
    // one stray NUL does not make a text binary
    assert_eq!(table(&looked("a;b\0;c\n1;\0;2\n3;4;5\n", "a.csv", None)).rows, 2);
}

#[test]
fn a_file_without_a_value_is_empty() {
    let refused = |bytes: &[u8]| look_at(bytes.to_vec(), bytes.len() as u64, "x", &known(), None).unwrap_err();
    for bytes in [&b"\r\n \t\r\n"[..], b"\xEF\xBB\xBF", b"\xFF\xFE \0\n\0"] {
        assert_eq!(refused(bytes).code, "FIL116", "{bytes:?}");
    }
    let book = |rows: &str| {
        let sheet = format!(
            "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
        );
        let parts = [
            ("[Content_Types].xml", "<Types/>".to_owned()),
            ("_rels/.rels", "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>".to_owned()),
            ("xl/workbook.xml", "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>".to_owned()),
            ("xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>".to_owned()),
            ("xl/worksheets/sheet1.xml", sheet),
        ];
        packages::zip(&parts)
    };
    let nothing = refused(&book("<row r=\"1\"><c r=\"A1\"/></row>"));
    assert!(nothing.code == "FIL116" && nothing.found.contains("1 sheets"), "{nothing:?}");
    let narrow = refused(&book("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"));
    assert_eq!((narrow.code, narrow.found.as_str()), ("FIL114", "no sheet with two columns"));
}

#[test]
fn columns_without_a_header_of_their_own_are_named_by_position() {
    let looked =
        looked("id;;Total;total\nA-1;x@example.com;2;4\nA-2;y@example.com;3;5\n", "a.csv", Some(Kind::ShopOrders));
    let starter = looked.starters()[0];
    let (_, columns) = starter.split_once("[source.columns]").unwrap();
    assert!(!columns.contains("\"\"") && !columns.contains("\"Total\""), "{starter}");
    assert!(columns.contains("# not read: 2 (text), 3 (") && starter.contains("personal = [\"2\"]"), "{starter}");
}

#[test]
fn long_cells_are_cut_where_a_person_reads_them() {
    let (header, value) = ("h".repeat(20_000), "v".repeat(30_000));
    let columns: Vec<String> = (0..300).map(|column| format!("c{column}")).collect();
    let text =
        format!("id;{header};{}\n1;{value};{}\n2;x{value};{}\n", columns.join(";"), "x;".repeat(299), "y;".repeat(299));
    let looked = looked(&text, "a.csv", Some(Kind::ShopOrders));
    let told = looked.text(&known());
    let longest = told.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest < 1_000, "{longest}");
    assert_eq!(told.matches("h\"… (19760 more characters)").count(), 3);
    assert!(looked.json(&known()).to_string().contains(&header));
}

/// Whatever is shown of a header can be pasted: it is a whole string of TOML, and a header that is not very long is whole.
#[test]
fn headers_are_shown_as_they_are_pasted() {
    let long = "Say \"in your own words\",\u{202e} and as fully as you can ".repeat(4);
    let headers = [long.trim().to_owned(), "h\u{1}\\".repeat(500)];
    let cells = headers.each_ref().map(|header| format!("\"{}\"", header.replace('"', "\"\"")));
    let rows: String = (1..6).map(|row| format!("{row},text {row},t{row}x\n")).collect();
    let looked = looked(format!("order id,{}\n{rows}", cells.join(",")), "a.csv", Some(Kind::ShopOrders));
    let told = looked.text(&known());
    let mut shown = 0;
    for line in told.lines().filter(|line| line.starts_with("# not read: ") || line.starts_with("#    ")) {
        let mut rest = line;
        while let Some(start) = rest.find('"') {
            let end = (start + 1..rest.len())
                .find(|end| toml::from_str::<toml::Table>(&format!("a = {}", &rest[start..*end])).is_ok());
            let end = end.expect("a whole string");
            let read: toml::Table = toml::from_str(&format!("a = {}", &rest[start..end])).unwrap();
            let header = read["a"].as_str().unwrap();
            let is_cut = rest[end..].starts_with('…');
            let is_one = |one: &String| if is_cut { one.starts_with(header) } else { one == header };
            assert!(header == "order id" || headers.iter().any(is_one), "{line}");
            shown += 1;
            rest = &rest[end..];
        }
    }
    assert!(shown >= 5, "{told}");
}

#[test]
fn quote_marks_that_are_letters_are_declared_so() {
    let looked = looked("id\ttitle\tn\n1\t\"open\t2\n2\tx\t3\n3\ty\t4\n", "a.tsv", None);
    let starter = looked.starters()[0];
    assert!(starter.contains("\nquote = \"none\""), "{starter}");
    assert_eq!((table(&looked).rows, looked.json(&known())["dialect"]["quote"].is_null()), (3, true));
}
