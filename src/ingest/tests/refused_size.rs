//! How much a refused row takes beside its record.

use super::*;

const ROWS: usize = 4_000;

/// The most that a row may take.
const MOST: usize = 300;

/// Bytes a row, and the rows.
fn quarantined(row: impl Fn(usize) -> String) -> (usize, Ingested) {
    let content = HEADER.to_owned() + &(0..ROWS).map(row).collect::<String>();
    let mut orders = orders();
    orders.quarantine_max_ppm = Some(1_000_000);
    let ingested = Night::new().file("orders.csv", content).source(orders).run();
    assert_eq!(ingested.quarantine.len(), ROWS);
    (QuarantinedRow::bytes_beside_records(&ingested.quarantine) / ROWS, ingested)
}

/// Whatever is wrong with them, and whether it is the same in all of them; of long cells nothing stands twice.
#[test]
fn a_refused_row_takes_few_bytes_beside_its_record() {
    let long = "x".repeat(5_000);
    let shapes: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("one value", &|n| format!("A{n};Doručeno;9.11.2026;;abc;0\n")),
        ("values", &|n| format!("A{n};Doručeno;9.11.2026;;abc{n};0\n")),
        ("words", &|n| format!("A{n};slovo {n};9.11.2026;;100;0\n")),
        ("long cells", &|n| format!("A{n};{n}{long};9.11.2026;;100;0\n")),
        ("number of fields", &|n| format!("A{n};Doručeno{}\n", ";".repeat(n % 50 + 20))),
        ("all readable but one", &|n| format!("A{n};Doručeno;9.11.2026 10:{:02};x;100;89\n", n % 60)),
    ];
    for (name, row) in shapes {
        let (bytes, _) = quarantined(row);
        assert!(bytes <= MOST, "{name}: {bytes} bytes a row");
    }
}

/// Rows that each expect something else hold that themselves, beyond a number that does not grow: nothing of what they share is theirs.
#[test]
fn what_each_row_expects_is_all_that_it_has_of_its_own() {
    // Two rows of each order contradict each other, and name the other's place.
    let (bytes, ingested) = quarantined(|n| format!("A{};Doručeno;9.11.2026;;{n};0\n", n / 2));
    let expected: usize = ingested.quarantine.iter().map(|row| row.expected().len()).sum();
    assert!(bytes <= MOST + expected / ROWS + 150, "{bytes} bytes a row");
    let rows = &ingested.quarantine;
    for (n, row) in rows.iter().enumerate() {
        let other = if n % 2 == 0 { n + 3 } else { n + 1 };
        assert_eq!(row.order_no(), format!("A{}", n / 2));
        assert_eq!(row.record(), format!("A{} | Doručeno | 9.11.2026 |  | {n} | 0", n / 2));
        assert_eq!(row.expected(), format!("the same values as orders.csv:{other}; \"Zboží\" differs"));
    }
}
