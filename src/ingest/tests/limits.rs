//! Every limit at its edge: what fits is read, one more is refused with exit 5, and the limit says its name.

use super::*;

const ROW: &str = "A1;Nová;9.11.2026;;100;0";

/// The exits and, of a refusal, its words.
fn with(limits: Limits, name: &str, content: impl AsRef<[u8]>) -> (Vec<Exit>, String) {
    let mut orders = orders();
    orders.limits = limits;
    orders.glob = name.into();
    if !name.ends_with(".csv") && !name.ends_with(".gz") {
        orders.format = Format::Xlsx(XlsxFormat::default());
    }
    let ingested = Night::new().file(name, content).source(orders).run();
    let refusal = ingested.diagnostics.iter().find(|d| d.exit != Exit::Clean).map(Diagnostic::render);
    (ingested.exits, refusal.unwrap_or_default())
}

fn assert_edge(fits: Limits, over: Limits, limit: &str, name: &str, content: &[u8]) {
    let (exits, words) = with(fits, name, content);
    assert_eq!((exits, words.as_str()), (Vec::new(), ""), "{limit}");
    let (exits, words) = with(over, name, content);
    assert_eq!(exits, vec![Exit::Limit], "{limit}");
    assert!(words.contains("[LIM701]") && words.contains(&format!("`{limit}`")), "{words}");
}

#[test]
fn text_at_the_edge_of_each_limit() {
    let text = format!("{HEADER}{ROW}\n");
    let usual = Limits::default;
    let bytes = text.len() as u64;
    let assert = |fits, over, limit| assert_edge(fits, over, limit, "orders.csv", text.as_bytes());
    assert(Limits { file_bytes: bytes, ..usual() }, Limits { file_bytes: bytes - 1, ..usual() }, "file_bytes");
    assert(Limits { rows: 2, ..usual() }, Limits { rows: 1, ..usual() }, "rows");
    assert(Limits { columns: 6, ..usual() }, Limits { columns: 5, ..usual() }, "columns");
    let record = HEADER.len() as u64 - 1;
    assert(Limits { record_bytes: record, ..usual() }, Limits { record_bytes: record - 1, ..usual() }, "record_bytes");
    let cell = "Datum doručení".len() as u64;
    assert(Limits { cell_bytes: cell, ..usual() }, Limits { cell_bytes: cell - 1, ..usual() }, "cell_bytes");
}

#[test]
fn a_record_over_too_many_lines_is_an_unclosed_quote() {
    let text = format!("{HEADER}\"A\n\n1\";Nová;9.11.2026;;100;0\n");
    let (exits, words) = with(Limits { record_lines: 3, ..Limits::default() }, "orders.csv", &text);
    assert_eq!((exits, words.as_str()), (Vec::new(), ""));
    let (exits, words) = with(Limits { record_lines: 2, ..Limits::default() }, "orders.csv", &text);
    assert_eq!(exits, vec![Exit::Refused]);
    assert!(words.contains("`record_lines`") && words.contains("row 2"), "{words}");
}

#[test]
fn the_rows_of_a_text_that_is_cut_into_pieces_are_added() {
    let text = format!("{HEADER}{}", format!("{ROW}\n").repeat(400_000));
    let (exits, words) = with(Limits { rows: 400_000, ..Limits::default() }, "orders.csv", &text);
    assert_eq!(exits, vec![Exit::Limit]);
    assert!(words.contains("`rows`"), "{words}");
}

#[test]
fn a_compressed_text_at_the_edge_of_its_limits() {
    let text = format!("{HEADER}{}", format!("{ROW}\n").repeat(3));
    let packed = packages::gzip(&text);
    let bytes = text.len() as u64;
    let usual = Limits::default();
    assert_edge(
        Limits { inflated_part_bytes: bytes, ..usual },
        Limits { inflated_part_bytes: bytes - 1, ..usual },
        "inflated_part_bytes",
        "orders.csv.gz",
        &packed,
    );
}
