//! What must not matter: the order of rows, how they are spread over files, encoding, delimiter, quotes, line ends, CSV or workbook.
//! And what must move only as predicted: amounts times ten, days shifted. Frames are compared up to lineage.

use proptest::prelude::*;

use super::*;

/// One order as it is, before anybody writes it.
#[derive(Debug, Clone)]
struct Fact {
    number: u32,
    status: &'static str,
    created: NaiveDate,
    delivered: Option<NaiveDate>,
    /// Minor units.
    goods: i64,
    postage: i64,
    method: &'static str,
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let day = (2024_i32..2027, 1_u32..13, 1_u32..29)
        .prop_map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap());
    let fact = (
        prop::sample::select(vec!["Doručeno", "Odesláno", "Nová"]),
        day.clone(),
        prop::option::of(day),
        -9_999_999_i64..9_999_999,
        prop_oneof![Just(0_i64), 1_i64..99_999],
        prop::sample::select(vec!["ČP", "Žluťoučký kůň; s. r. o.", "Box \"24\"", "", "Výdejna"]),
    )
        .prop_map(|(status, created, delivered, goods, postage, method)| Fact {
            number: 0,
            status,
            created,
            delivered,
            goods,
            postage,
            method,
        });
    prop::collection::vec(fact, 1..12).prop_map(|mut facts| {
        facts.iter_mut().zip(1..).for_each(|(fact, number)| fact.number = number);
        facts
    })
}

const HEADERS: [&str; 7] = ["Číslo", "Stav", "Vytvořeno", "Datum doručení", "Zboží", "Poštovné", "Doprava"];

impl Fact {
    fn cells(&self) -> [String; 7] {
        let day = |day: NaiveDate| day.format("%d.%m.%Y").to_string();
        let money =
            |minor: i64| format!("{}{},{:02}", if minor < 0 { "-" } else { "" }, minor.abs() / 100, minor.abs() % 100);
        [
            format!("A{:05}", self.number),
            self.status.to_owned(),
            day(self.created),
            self.delivered.map(day).unwrap_or_default(),
            money(self.goods),
            money(self.postage),
            self.method.to_owned(),
        ]
    }
}

/// How a text is written.
#[derive(Debug, Clone)]
struct Dialect {
    delimiter: char,
    quote_all: bool,
    line_end: &'static str,
    encoding: &'static str,
    mark: bool,
    last_line_end: bool,
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let delimiter = prop::sample::select(vec![',', ';', '\t', '|']);
    let encoding = prop::sample::select(vec!["utf-8", "windows-1250", "iso-8859-2", "utf-16le", "utf-16be"]);
    let line_end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (delimiter, any::<bool>(), line_end, encoding, any::<bool>(), any::<bool>()).prop_map(
        |(delimiter, quote_all, line_end, encoding, mark, last_line_end)| Dialect {
            delimiter,
            quote_all,
            line_end,
            encoding,
            mark: mark || encoding.starts_with("utf-16"),
            last_line_end,
        },
    )
}

const PLAIN: Dialect =
    Dialect { delimiter: ';', quote_all: false, line_end: "\n", encoding: "utf-8", mark: false, last_line_end: true };

impl Dialect {
    fn write(&self, facts: &[Fact]) -> Vec<u8> {
        let cell = |text: &str| {
            let needed = text.contains([self.delimiter, '"', '\n', '\r']);
            if self.quote_all || needed { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
        };
        let line = |cells: &[String]| {
            cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(&self.delimiter.to_string())
        };
        let rows = std::iter::once(HEADERS.map(str::to_owned)).chain(facts.iter().map(Fact::cells));
        let mut text = rows.map(|cells| line(&cells)).collect::<Vec<_>>().join(self.line_end);
        if self.last_line_end {
            text.push_str(self.line_end);
        }
        self.encode(&text)
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once('\u{feff}')
                .chain(text.chars())
                .flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec())
                .flat_map(bytes)
                .collect()
        };
        match self.encoding {
            "utf-8" if self.mark => ["\u{feff}".as_bytes(), text.as_bytes()].concat(),
            "utf-8" => text.as_bytes().to_vec(),
            "utf-16le" => wide(u16::to_le_bytes),
            "utf-16be" => wide(u16::to_be_bytes),
            label => encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(text).0.into_owned(),
        }
    }
}

fn source_of(dialect: &Dialect) -> Source {
    let mut source = source("orders", Kind::Orders, "orders*.csv", &format!("{ORDERS} shipping_method=Doprava"));
    let format = csv(&mut source);
    format.delimiter = dialect.delimiter as u8;
    format.encoding = page(dialect.encoding);
    source
}

/// The rows of the orders frame without lineage, and the money that was used.
fn canonical(ingested: &Ingested) -> (Vec<String>, i128) {
    assert_eq!(ingested.quarantine, Vec::new(), "{:?}", ingested.diagnostics);
    let frame = &ingested.frames.orders;
    let columns = frame.columns().iter().filter(|column| column.name() != "row");
    let columns: Vec<_> = columns.map(|column| column.cast(&polars::prelude::DataType::String).unwrap()).collect();
    let row = |at: usize| columns.iter().map(|column| format!("{:?}", column.get(at).unwrap())).collect::<Vec<_>>();
    let rows = (0..frame.height()).map(|at| row(at).join(" "));
    let money = ingested.inputs.iter().filter_map(|input| input.money.get("CZK"));
    (rows.collect(), money.map(|money| money.used).sum())
}

fn of_files(dialect: &Dialect, files: &[Vec<Fact>]) -> Ingested {
    let mut night = Night::new().source(source_of(dialect));
    for (place, facts) in files.iter().enumerate() {
        night = night.file(&format!("orders-{place}.csv"), dialect.write(facts));
    }
    night.run()
}

fn of_workbook(facts: &[Fact], native: bool) -> Ingested {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("d.m.yyyy");
    for (column, header) in HEADERS.into_iter().enumerate() {
        sheet.write(0, column as u16, header).unwrap();
    }
    for (row, fact) in (1..).zip(facts) {
        for (column, text) in fact.cells().iter().enumerate() {
            sheet.write(row, column as u16, text.as_str()).unwrap();
        }
        if native {
            sheet.write_datetime_with_format(row, 2, fact.created, &date).unwrap();
            sheet.write(row, 4, fact.goods as f64 / 100.0).unwrap();
            sheet.write(row, 5, fact.postage as f64 / 100.0).unwrap();
        }
    }
    let mut source = source_of(&PLAIN);
    source.format = Format::Xlsx(XlsxFormat { sheet: SheetChoice::ByHeaders, totals: Vec::new() });
    source.glob = "orders.xlsx".into();
    Night::new().file("orders.xlsx", book.save_to_buffer().unwrap()).source(source).run()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn how_rows_are_written_does_not_matter(facts in facts(), dialect in dialects()) {
        let plain = canonical(&of_files(&PLAIN, std::slice::from_ref(&facts)));
        prop_assert_eq!(plain.0.len(), facts.len());
        prop_assert_eq!(&canonical(&of_files(&dialect, &[facts])), &plain);
    }

    #[test]
    fn the_order_of_rows_and_their_files_do_not_matter(facts in facts(), shuffled in any::<u64>(), files in 1_usize..4) {
        let plain = canonical(&of_files(&PLAIN, std::slice::from_ref(&facts)));
        let mut rows = facts;
        fastrand::Rng::with_seed(shuffled).shuffle(&mut rows);
        let spread: Vec<Vec<Fact>> = rows.chunks(rows.len().div_ceil(files)).map(<[Fact]>::to_vec).collect();
        prop_assert_eq!(&canonical(&of_files(&PLAIN, &spread)), &plain);
    }

    #[test]
    fn a_workbook_is_read_like_a_text(facts in facts(), native in any::<bool>()) {
        let plain = canonical(&of_files(&PLAIN, std::slice::from_ref(&facts)));
        prop_assert_eq!(&canonical(&of_workbook(&facts, native)), &plain);
    }

    #[test]
    fn ten_times_the_amounts_is_ten_times_the_money(facts in facts()) {
        let ingested = of_files(&PLAIN, std::slice::from_ref(&facts));
        let tenfold: Vec<Fact> =
            facts.iter().map(|fact| Fact { goods: fact.goods * 10, postage: fact.postage * 10, ..fact.clone() }).collect();
        let more = of_files(&PLAIN, &[tenfold]);
        prop_assert_eq!(canonical(&more).1, canonical(&ingested).1 * 10);
        let sum: i64 = facts.iter().map(|fact| fact.goods + fact.postage).sum();
        prop_assert_eq!(canonical(&ingested).1, i128::from(sum));
        for row in 0..ingested.frames.orders.height() {
            for amount in ["goods_amount", "delivery_price"] {
                let (one, ten) = (number(&ingested.frames.orders, amount, row), number(&more.frames.orders, amount, row));
                prop_assert_eq!(ten, one.map(|one| one * 10));
            }
        }
    }

    #[test]
    fn days_shift_together(facts in facts(), days in -400_i64..400) {
        let shifted = |day: NaiveDate| day + chrono::TimeDelta::days(days);
        let later: Vec<Fact> = facts
            .iter()
            .map(|fact| Fact { created: shifted(fact.created), delivered: fact.delivered.map(shifted), ..fact.clone() })
            .collect();
        let (now, then) = (of_files(&PLAIN, &[facts]), of_files(&PLAIN, &[later]));
        prop_assert_eq!(canonical(&now).1, canonical(&then).1);
        for row in 0..now.frames.orders.height() {
            for date in ["created_on", "delivered_on"] {
                let day = |ingested: &Ingested| number(&ingested.frames.orders, date, row);
                prop_assert_eq!(day(&then), day(&now).map(|day| day + days));
            }
        }
    }
}
