//! Forms of cells that hold only where the source declares them: minus, thousands, lost zeros, serial days, clock changes.

use super::workbooks::replaced;
use super::*;

fn run(orders: Source, rows: &str) -> Ingested {
    Night::new().file("orders.csv", format!("{HEADER}{rows}")).source(orders).run()
}

#[test]
fn forms_of_minus_and_thousands() {
    let rows = "A1;Nová;9.11.2026;;(100);0\nA2;Nová;9.11.2026;;100-;0\nA3;Nová;9.11.2026;;1'234,50;0\n";
    let ingested = run(orders(), rows);
    let found: Vec<_> = ingested.quarantine.iter().map(|row| row.line).collect();
    assert_eq!((found, ingested.exits), (vec![2, 3, 4], vec![Exit::Quarantine]));
    let mut declared = orders();
    declared.cells = CellForms { minus_by_parentheses: true, minus_behind: true, apostrophes: true, ..declared.cells };
    let ingested = run(declared, rows);
    let amounts: Vec<_> = (0..3).map(|row| number(&ingested.frames.orders, "goods_amount", row)).collect();
    assert_eq!((amounts, ingested.exits), (vec![Some(-10_000), Some(-10_000), Some(123_450)], vec![]));
}

#[test]
fn lost_zeros_come_back_where_the_source_says_how_many_digits_there_are() {
    let mut padded = orders();
    padded.pad = BTreeMap::from([("order_no".to_owned(), 6)]);
    let rows = "123;Nová;9.11.2026;;100;0\n0000456;Nová;9.11.2026;;100;0\nA7;Nová;9.11.2026;;100;0\n";
    let ingested = run(padded.clone(), rows);
    let numbers: Vec<_> = (0..3).map(|row| text(&ingested.frames.orders, "order_no", row).to_owned()).collect();
    assert_eq!(numbers, ["0000456", "000123", "A7"]);
    let note = ingested.diagnostics.iter().find(|d| d.code == "CEL321").unwrap();
    assert_eq!((note.found.as_str(), note.exit), ("1 cells", Exit::Clean));
    assert_eq!(text(&run(orders(), rows).frames.orders, "order_no", 1), "123");
    // two spellings of one order meet
    let ingested = run(padded, "123;Nová;9.11.2026;;100;0\n000123;Nová;9.11.2026;;100;0\n");
    assert_eq!((ingested.inputs[0].rows.used, ingested.inputs[0].rows.duplicate), (1, 1));
}

#[test]
fn a_code_that_a_spreadsheet_took_for_a_date_is_no_code() {
    let mut events = source("events", Kind::TrackingEvents, "orders.csv", "tracking_number_raw=1 at=2 code_raw=3");
    (events.account, events.carrier, events.vocabulary) = (None, Some("mover".into()), Some("api".into()));
    csv(&mut events).header = false;
    let content = "Z1;9.11.2026;02.II\nZ1;9.11.2026;2-Feb\nZ1;9.11.2026;2.2\nZ1;9.11.2026;D1\n";
    let ingested = Night::new().file("orders.csv", content).source(events).run();
    assert_eq!(reasons(&ingested), vec![(1, "damaged_id", "3"), (2, "damaged_id", "3")]);
    let codes: Vec<_> = (0..2).map(|row| text(&ingested.frames.tracking_events, "code", row).to_owned()).collect();
    assert_eq!(codes, ["unknown", "delivered"]);
}

/// Orders with days as plain numbers: 9 November 2026 by each count, and the 60th day.
fn serials(days: &[f64]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in HEADER.trim().split(';').enumerate() {
        sheet.write(0, column as u16, header).unwrap();
        for (row, day) in days.iter().enumerate() {
            let row = row as u32 + 1;
            match column {
                0 => sheet.write(row, 0, format!("A{row}")).unwrap(),
                1 => sheet.write(row, 1, "Nová").unwrap(),
                2 => sheet.write(row, 2, *day).unwrap(),
                3 => sheet,
                column => sheet.write(row, column as u16, 1).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn serial_days_of_both_counts_and_the_day_that_never_was() {
    let run = |bytes: &[u8], serial_dates| {
        let mut orders = source("orders", Kind::Orders, "orders.xlsx", ORDERS);
        orders.format = Format::Xlsx(XlsxFormat::default());
        orders.cells.serial_dates = serial_dates;
        Night::new().file("orders.xlsx", bytes).source(orders).run()
    };
    let from_1900 = serials(&[46_335.0, 60.0]);
    let ingested = run(&from_1900, true);
    assert_eq!(number(&ingested.frames.orders, "created_on", 0), Some(day("2026-11-09")));
    assert_eq!(reasons(&ingested), vec![(3, "not_a_date", "Vytvořeno")]);
    assert_eq!(ingested.exits, vec![Exit::Quarantine]);
    let refused = vec![(2, "not_a_date", "Vytvořeno"), (3, "not_a_date", "Vytvořeno")];
    assert_eq!(reasons(&run(&from_1900, false)), refused);
    let from_1904 = replaced(&serials(&[46_335.0 - 1_462.0, 60.0]), "<workbookPr ", "<workbookPr date1904=\"1\" ");
    let ingested = run(&from_1904, true);
    assert_eq!(number(&ingested.frames.orders, "created_on", 0), Some(day("2026-11-09")));
    assert_eq!(reasons(&ingested), vec![(3, "not_a_date", "Vytvořeno")]);
}

#[test]
fn a_clock_change_is_read_by_the_policy_of_the_source() {
    let instant = |text: &str| {
        chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp_millis()
    };
    let rows = "A1;Nová;29.3.2026 02:30;;100;0\nA2;Nová;25.10.2026 02:30;;100;0\nA3;Nová;25.10.2026 03:30;;100;0\n";
    let with = |dst| {
        let mut orders = orders();
        orders.dst = dst;
        run(orders, rows)
    };
    let created = |ingested: &Ingested| {
        let frame = &ingested.frames.orders;
        (0..frame.height()).map(|row| number(frame, "created_at", row).unwrap()).collect::<Vec<_>>()
    };
    let plain = instant("2026-10-25 02:30");
    let earlier = with(Dst::Earlier);
    assert_eq!(created(&earlier), [instant("2026-03-29 01:30"), instant("2026-10-25 00:30"), plain]);
    let later = with(Dst::Later);
    assert_eq!(created(&later), [instant("2026-03-29 00:30"), instant("2026-10-25 01:30"), plain]);
    assert_eq!((earlier.inputs[0].dst_moved_days, later.inputs[0].dst_moved_days), (0, 0));
    let refused = with(Dst::Refuse);
    assert_eq!(reasons(&refused), vec![(2, "clock_change", "Vytvořeno"), (3, "clock_change", "Vytvořeno")]);
    assert_eq!((created(&refused), refused.exits), (vec![plain], vec![Exit::Quarantine]));
}

#[test]
fn rows_whose_day_hangs_on_a_clock_change_are_counted_once() {
    let mut events = source("events", Kind::TrackingEvents, "dump*.csv", "tracking_number_raw=1 at=2 code_raw=3");
    (events.account, events.carrier, events.vocabulary) = (None, Some("mover".into()), Some("api".into()));
    csv(&mut events).header = false;
    // The Azores leave out 00:00 to 01:00 of 29 March 2026.
    events.timezone = chrono_tz::Atlantic::Azores;
    let content = "Z1;29.3.2026 00:30;D1\nZ2;29.3.2026 00:30;D1\nZ3;29.3.2026 01:30;D1\nZ4;29.3.2026;D1\n";
    let night = Night::new().file("dump-1.csv", content).file("dump-2.csv", content).source(events);
    let ingested = night.run();
    let moved: u64 = ingested.inputs.iter().map(|input| input.dst_moved_days).sum();
    assert_eq!((ingested.frames.tracking_events.height(), moved), (4, 2));
}
