//! Sources with several rows per order.

use super::*;

const LINES: &str = "order_no=Číslo status_raw=Stav delivery_price=Poštovné sku=Zboží qty=Kusů unit_price_gross=Cena \
                     commission_ppm=Provize cancelled_at=Storno line_cancelled_at=Storno_řádku";
pub(super) const LINE_HEADER: &str = "Číslo;Stav;Poštovné;Zboží;Kusů;Cena;Provize;Storno;Storno řádku\n";

pub(super) fn line_orders() -> Source {
    let mut source = source("orders", Kind::Orders, "orders*.csv", LINES);
    source.lines = true;
    source
}

#[test]
fn rows_are_lines_and_postage_counts_once() {
    let content = format!(
        "{LINE_HEADER}A1;Nová;89;S1;2;499;18 %;;10.11.2026\nA2;Nová;0;S1;1;499;18;;\nA1;Nová;89;S2;1;1290;18,5;;\n"
    );
    let ingested = Night::new().file("orders.csv", content).source(line_orders()).run();
    let (orders, lines) = (&ingested.frames.orders, &ingested.frames.order_lines);
    assert_eq!((orders.height(), lines.height()), (2, 3));
    assert_eq!((number(orders, "goods_amount", 0), number(orders, "delivery_price", 0)), (Some(228_800), Some(8_900)));
    assert_eq!((number(orders, "commission_ppm", 0), number(orders, "cancelled_at", 0)), (None, None));
    assert_eq!(
        (number(lines, "commission_ppm", 0), number(lines, "commission_ppm", 1)),
        (Some(180_000), Some(185_000))
    );
    assert_eq!(number(lines, "cancelled_on", 0), Some(day("2026-11-10")));
    assert_eq!(
        (number(lines, "row", 0), number(lines, "row", 1), number(lines, "row", 2)),
        (Some(2), Some(4), Some(3))
    );
    let input = &ingested.inputs[0];
    assert_eq!((input.rows.used, input.money["CZK"].used), (3, 228_800 + 8_900 + 49_900));
}

#[test]
fn an_order_that_contradicts_itself_is_quarantined_whole() {
    let content = format!("{LINE_HEADER}A1;Nová;89;S1;2;499;;;\nA1;Nová;99;S2;1;100;;;\nA2;Nová;0;S1;1;499;;;\n");
    let ingested = Night::new().file("orders.csv", content).source(line_orders()).run();
    assert_eq!(reasons(&ingested), vec![(2, "conflict", "Číslo"), (3, "conflict", "Číslo")]);
    assert_eq!(ingested.conflicts.len(), 1);
    assert_eq!(ingested.inputs[0].money["CZK"].quarantined, 99_800 + 10_000 + 8_900);
    assert_eq!((ingested.frames.orders.height(), ingested.frames.order_lines.height()), (1, 1));
}

#[test]
fn an_order_that_lacks_a_row_is_not_used_in_part() {
    let content = format!("{LINE_HEADER}A1;Nová;89;S1;x;499;;;\nA1;Nová;89;S2;1;100;;;\nA2;Nová;0;S1;1;499;;;\n");
    let ingested = Night::new().file("orders.csv", content).source(line_orders()).run();
    assert_eq!(reasons(&ingested), vec![(2, "not_a_number", "Kusů"), (3, "order_incomplete", "Číslo")]);
    assert_eq!((ingested.inputs[0].rows.unreadable, ingested.inputs[0].money["CZK"].quarantined), (1, 10_000));
}

#[test]
fn lines_of_one_order_in_two_files_are_put_together() {
    let night = Night::new()
        .file("orders-a.csv", format!("{LINE_HEADER}A1;Nová;89;S1;2;499;;;\nA1;Nová;89;S2;1;100;;;\n"))
        .file("orders-b.csv", format!("{LINE_HEADER}A1;Nová;89;S2;1;100;;;\nA1;Nová;89;S3;1;50;;;\n"))
        .source(line_orders());
    let ingested = night.run();
    assert_eq!((ingested.frames.orders.height(), ingested.frames.order_lines.height()), (1, 3));
    assert_eq!(number(&ingested.frames.orders, "goods_amount", 0), Some(114_800));
    let total = |pick: fn(&MoneyBuckets) -> i128| ingested.inputs.iter().map(|i| pick(&i.money["CZK"])).sum::<i128>();
    assert_eq!((total(|m| m.used), total(|m| m.duplicate)), (114_800 + 8_900, 10_000 + 8_900));
}

#[test]
fn the_later_export_supersedes_all_lines_of_an_order() {
    let mut orders = line_orders();
    orders.export_date = Some(Regex::new(r"-(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})").unwrap());
    let night = Night::new()
        .file("orders-2026-11-01.csv", format!("{LINE_HEADER}A1;Nová;89;S1;2;499;;;\nA1;Nová;89;S2;1;100;;;\n"))
        .file("orders-2026-11-02.csv", format!("{LINE_HEADER}A1;Nová;89;S1;1;499;;;\nA1;Nová;89;S2;1;100;;;\n"))
        .source(orders);
    let ingested = night.run();
    assert_eq!((ingested.frames.order_lines.height(), ingested.revisions.len()), (2, 2));
    assert_eq!(number(&ingested.frames.orders, "goods_amount", 0), Some(59_900));
}
