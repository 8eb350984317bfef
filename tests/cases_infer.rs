//! Exports of systems as they write them, looked at by `infer`: each is recognised, a file that holds two sources gives both, files of one
//! shape give one source, and what a look cannot know is asked. The files are those of `tests/layouts/`, and some of nobody.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::workbench::{stdout, trueup};

fn layouts() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts")
}

fn json(folder: &Path, files: &[&str]) -> Vec<Value> {
    let output = trueup(folder, &[&["infer", "--json"], files].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

/// The layouts that the starters of a file name as certain.
fn named(found: &Value) -> Vec<String> {
    let starter = found["tables"][0]["starter"].as_str().unwrap_or_default();
    let lines = starter.lines().filter_map(|line| line.strip_prefix("layout = \""));
    lines.filter_map(|line| line.split('"').next()).map(str::to_owned).collect()
}

/// File, and the layouts that read it.
const KNOWN: [(&str, &[&str]); 16] = [
    ("amazon-orders/all-orders.txt", &["marketplaces/amazon/orders"]),
    ("amazon-v1/v1-36.txt", &["marketplaces/amazon/settlement-v1", "marketplaces/amazon/statement-v1"]),
    ("amazon-v2/v2.txt", &["marketplaces/amazon/settlement-v2", "marketplaces/amazon/statement-v2"]),
    ("stripe/payouts.csv", &["payments/stripe/payouts", "payments/stripe/payout-fees"]),
    ("stripe/balance_history.csv", &["payments/stripe/balance", "payments/stripe/balance-fees"]),
    ("paypal/Download.CSV", &["payments/paypal/activity", "payments/paypal/activity-fees"]),
    ("adyen/settlement_detail_report_batch_17.csv", &["payments/adyen/settlement", "payments/adyen/settlement-fees"]),
    ("shoptet/orders.csv", &["shops/shoptet/orders", "shops/shoptet/order-lines"]),
    ("woocommerce/orders.csv", &["shops/woocommerce/orders"]),
    ("woocommerce/advanced.csv", &["shops/woocommerce/orders-advanced"]),
    ("prestashop/orders.csv", &["shops/prestashop/orders"]),
    ("shopify-orders/orders_export.csv", &["marketplaces/shopify/orders"]),
    ("mirakl/transactions.csv", &["marketplaces/mirakl/transactions"]),
    ("allegro/operations.csv", &["marketplaces/allegro/payment-operations"]),
    ("gls/tracking.csv", &["carriers/gls/tracking"]),
    ("packeta-v7/v7.csv", &["carriers/packeta/cod", "carriers/packeta/services"]),
];

#[test]
fn exports_are_recognised_and_a_file_of_two_sources_gives_both() {
    let files: Vec<&str> = KNOWN.iter().map(|(file, _)| *file).collect();
    for (found, (file, layouts)) in json(&layouts(), &files).iter().zip(KNOWN) {
        let mut own = named(found);
        own.sort();
        let mut wanted: Vec<&str> = layouts.to_vec();
        wanted.sort_unstable();
        let starter = found["tables"][0]["starter"].as_str().unwrap_or_default();
        assert_eq!(own, wanted, "{file}: {starter}");
        // `amazon-v2` has one on purpose.
        assert_eq!(starter.contains("does not know"), file.starts_with("amazon-v2"), "{file}: {starter}");
    }
}

/// The starters of recognised files, with nothing but the account filled in, pass `check`.
#[test]
fn starters_of_recognised_files_pass_check() {
    for (folder, account) in
        [("stripe", "woocommerce"), ("adyen", "prestashop"), ("shoptet", "shoptet"), ("paypal", "woocommerce")]
    {
        let scratch = tempfile::tempdir().expect("a folder");
        for entry in fs::read_dir(layouts().join(folder)).expect("a folder").flatten() {
            if entry.path().extension().is_some_and(|ending| ending != "toml") {
                fs::copy(entry.path(), scratch.path().join(entry.file_name())).expect("copied");
            }
        }
        let names: Vec<String> = fs::read_dir(scratch.path())
            .expect("a folder")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let output = trueup(scratch.path(), &[&["infer"], names.as_slice()].concat());
        let sources = stdout(&output).replace("account = \"\"", "account = \"shop\"");
        let packs: Vec<String> = sources
            .lines()
            .filter_map(|line| line.strip_prefix("# packs = ["))
            .map(|line| line.trim_end_matches(']').to_owned())
            .collect();
        let own = format!("\"shops/{account}\"");
        let packs = if packs[0].contains(&own) { packs[0].clone() } else { format!("{}, {own}", packs[0]) };
        let text = format!(
            "[pipeline]\nname = \"p\"\nas_of = \"2026-12-31\"\npacks = [{packs}]\n\n[[account]]\nname = \"shop\"\nmarketplace = \"{account}\"\n\
             currency = \"EUR\"\ntimezone = \"Europe/Prague\"\n\n{}",
            sources.replace("# fill in: a pattern of `dates`: `Date` is", "dates = [\"%d/%m/%Y\"] #")
        );
        fs::write(scratch.path().join("p.toml"), &text).expect("written");
        let checked = trueup(scratch.path(), &["check", "p.toml"]);
        assert_eq!(checked.status.code(), Some(0), "{folder}: {}\n{text}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn seven_files_of_one_shape_are_one_source() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("in")).expect("a folder");
    let v1 = fs::read_to_string(layouts().join("amazon-v1/v1-33.txt")).expect("a file");
    let names: Vec<String> = (0..7).map(|number| format!("in/4102{}.txt", 1017 + 39 * number)).collect();
    for name in &names {
        fs::write(folder.path().join(name), v1.replace("S33", &name[3..8])).expect("written");
    }
    fs::write(folder.path().join("in/notes.csv"), "a;b\n1;2\n3;4\n").expect("written");
    let mut files: Vec<&str> = names.iter().map(String::as_str).collect();
    files.push("in/notes.csv");
    let output = trueup(folder.path(), &[&["infer"], files.as_slice()].concat());
    let text = stdout(&output);
    // The lines, the statements, and the notes.
    assert_eq!(text.matches("[[source]]").count(), 3, "{text}");
    assert_eq!(text.matches("glob = \"in/*.txt\"  # 7 files of one shape").count(), 2, "{text}");
    assert_eq!(text.matches("#   source     that of in/41021017.txt").count(), 6, "{text}");
    toml::from_str::<toml::Table>(&text).expect("TOML");
}

/// What one file leaves open another of its shape proves: 03/04/2026 is a day of April where 13/04/2026 stands beside it.
#[test]
fn a_file_proves_what_another_of_its_shape_leaves_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |day: &str, amount: &str| {
        format!("Order ID,status,Delivery_price,created_at,total\n1,delivered,{amount},{day},5\n2,shipped,0,{day},5\n")
    };
    fs::write(folder.path().join("a-1.csv"), file("03/04/2026", "5")).expect("written");
    fs::write(folder.path().join("a-2.csv"), file("13/04/2026", "3.90")).expect("written");
    let output = trueup(folder.path(), &["infer", "--kind", "orders", "a-1.csv", "a-2.csv"]);
    let text = stdout(&output);
    assert_eq!(text.matches("[[source]]").count(), 1, "{text}");
    assert!(text.contains("dates = [\"%d/%m/%Y\"]") && text.contains("\ndecimal = \".\""), "{text}");
    let alone = stdout(&trueup(folder.path(), &["infer", "--kind", "orders", "a-1.csv"]));
    assert!(alone.contains("# fill in: a pattern of `dates`"), "{alone}");
}

/// The export of a shop system that no pack knows: neither events of a carrier nor documents.
#[test]
fn orders_of_an_unknown_shop_are_no_tracking_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "Číslo objednávky;Datum;Stav;E-mail;Doprava;Poštovné;Číslo zásilky;Celkem\n\
                1001;02.11.2026 10:15;Vyřízená;jan@example.com;PPL;79,00;70912345678;1370,00\n\
                1002;03.11.2026 11:15;Nevyřízená;eva@example.com;PPL;0,00;;450,00\n";
    fs::write(folder.path().join("export.csv"), text).expect("written");
    let found = json(folder.path(), &["export.csv"]);
    assert_eq!(found[0]["tables"][0]["kind"]["kind"], "orders", "{:#}", found[0]["tables"][0]);
}

#[test]
fn a_payout_file_is_no_document() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "Number,Date,Type,Order,Currency,Gross,Fee,Net\n\
                T1,2026-11-02,charge,1001,EUR,50.00,-1.00,49.00\nT2,2026-11-03,refund,1001,EUR,-10.00,0.00,-10.00\n";
    fs::write(folder.path().join("money.csv"), text).expect("written");
    let table = &json(folder.path(), &["money.csv"])[0]["tables"][0];
    assert_eq!(table["kind"]["kind"], "payout_lines", "{table:#}");
    // Gross or net: only the person who knows the export can say.
    let starter = table["starter"].as_str().unwrap_or_default();
    assert!(!starter.contains("\namount ="), "{starter}");
    assert!(starter.contains("# fill in: amount is required; perhaps \"Gross\""), "{starter}");
}

/// A handful of common headers is no layout: three of six, in a file of fourteen whose words the pack does not know.
#[test]
fn a_few_common_headers_are_no_layout() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "id,object,amount,available_on,created,currency,description,exchange_rate,fee,net,category,source,status,type\n\
                t1,x,1499.00,2026-11-04,2026-11-02,czk,Order 1001,,27.49,1471.51,charge,c1,available,prodano\n\
                t2,x,-100.00,2026-11-04,2026-11-03,czk,Order 1001,,0.00,-100.00,refund,r1,available,vraceno\n";
    fs::write(folder.path().join("t.csv"), text).expect("written");
    let found = json(folder.path(), &["t.csv"]);
    assert_eq!(named(&found[0]), Vec::<String>::new(), "{:#}", found[0]["tables"][0]["starter"]);
    assert_eq!(found[0]["tables"][0]["kind"]["kind"], "payout_lines");
}

#[test]
fn nobodys_mail_is_an_order_number_and_a_word_is_no_tracking_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "Order;Reference;Status;Shipping\njan@example.com;DELIVERED;delivered;1,00\neva@example.com;CANCELED;shipped;2,00\nema@example.com;RETURNED;shipped;3,00\n";
    fs::write(folder.path().join("x.csv"), text).expect("written");
    let output = trueup(folder.path(), &["infer", "--kind", "orders", "x.csv"]);
    let text = stdout(&output);
    assert!(!text.contains("order_no = \"Order\""), "{text}");
    assert!(!text.contains("look like numbers of"), "{text}");
}

#[test]
fn an_empty_column_proves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "Order ID;Status;Shipping;Paid at\n7001;delivered;;\n7002;shipped;;\n";
    fs::write(folder.path().join("x.csv"), text).expect("written");
    let output = trueup(folder.path(), &["infer", "--kind", "orders", "x.csv"]);
    let text = stdout(&output);
    for line in ["\ndelivery_price =", "\npaid_at ="] {
        assert!(!text.contains(line), "{line}: {text}");
    }
    assert!(text.contains("# fill in: delivery_price is required"), "{text}");
}

/// Blanks, `_`, case and diacritics of a header count nowhere: neither for `infer` nor when the layout reads the file.
#[test]
fn headers_are_the_same_however_they_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let original = fs::read_to_string(layouts().join("woocommerce/orders.csv")).expect("a file");
    let (header, rest) = original.split_once('\n').expect("a header");
    fs::write(folder.path().join("orders.csv"), format!("{}\n{rest}", header.replace('_', " ").to_uppercase()))
        .expect("written");
    let found = json(folder.path(), &["orders.csv"]);
    assert_eq!(named(&found[0]), ["shops/woocommerce/orders"], "{:#}", found[0]["tables"][0]["layouts"]);
    let pipeline = fs::read_to_string(layouts().join("woocommerce/pipeline.toml")).expect("a pipeline");
    let pipeline = &pipeline[..pipeline.find("[[source]]\nname = \"orders-advanced\"").expect("the second source")];
    fs::write(folder.path().join("p.toml"), pipeline).expect("written");
    let checked: Output = trueup(folder.path(), &["check", "p.toml"]);
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stderr));
}

fn inferred(file: &str, text: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(file), text).expect("written");
    let output = trueup(folder.path(), &[&["infer"], more, &[file]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    stdout(&output)
}

fn says(told: &str, lines: &[&str]) {
    for line in lines {
        assert!(told.contains(line), "{line}: {told}");
    }
}

/// A layout reads 5480 as 5480.00 without a word; only a person knows whether it is 54.80.
#[test]
fn amounts_without_a_mark_are_asked_for_their_unit_also_beside_a_layout() {
    let head = "id,object,amount,fee,net,currency,created,available_on,type,description,source,payout\n";
    let rows = "txn_1,balance_transaction,5480,107,5373,eur,1793614560,1793577600,charge,Order 1001,ch_1,po_1\n\
                txn_2,balance_transaction,10200,178,10022,eur,1793692920,1793664000,charge,Order 1002,ch_2,po_1\n";
    let told = inferred("balance.csv", &format!("{head}{rows}"), &[]);
    says(
        &told,
        &[
            "# fill in, if it is so: layout = \"payments/stripe/balance\"",
            "of the 12 columns here are its",
            "# fill in, if it is so: [source.csv] with amounts = \"minor\"; no amount shows a decimal mark, and 10200 is read as 10200.00, not as 102.00",
            "where 10200 is 10200.00, or amounts = \"minor\" where it is 102.00",
            "\"%s\"",
            "posted = \"created\"",
        ],
    );
    // A certain layout is asked as well: the same columns as the system writes them, with whole amounts.
    let original = fs::read_to_string(layouts().join("stripe/payouts.csv")).expect("a file");
    assert!(!inferred("payouts.csv", &original, &[]).contains("\"minor\""), "{original}");
    let (head, rows) = original.split_once('\n').expect("a header");
    let amounts = regex::Regex::new(r"(-?[0-9]+)\.([0-9]{2})\b").expect("a pattern");
    let told = inferred("payouts.csv", &format!("{head}\n{}", amounts.replace_all(rows, "$1$2")), &[]);
    says(
        &told,
        &["\nlayout = \"payments/stripe/payouts\"", "# fill in, if it is so: [source.csv] with amounts = \"minor\""],
    );
    // Order numbers of ten digits are no seconds.
    let told =
        inferred("o.csv", "Order number;Status;Shipping\n1793614560;shipped;4,90\n1793614561;shipped;0,00\n", &[]);
    says(&told, &["order_no = \"Order number\""]);
    assert!(!told.contains("%s"), "{told}");
}

#[test]
fn orders_of_any_shop_are_known_by_plain_words() {
    let german = "Bestellnummer;Bestelldatum;Status;Zwischensumme;Versandkosten;Gesamtbetrag;Währung;Zahlungsart;Kunde;Sendungsnummer\n\
                  R-1001;02.11.2026 10:15;Zugestellt;49,90;4,90;54,80;EUR;Kreditkarte;M;00340434161094000001\n\
                  R-1002;03.11.2026 08:01;In Bearbeitung;120,00;0,00;120,00;EUR;Rechnung;E;\n\
                  R-1003;03.11.2026 09:30;Storniert;35,50;4,90;40,40;EUR;Vorkasse;U;\n";
    let told = inferred("bestellungen.csv", german, &[]);
    says(
        &told,
        &[
            "\nkind = \"orders\"",
            "\norder_no = \"Bestellnummer\"",
            "\nstatus_raw = \"Status\"",
            "\ngoods_amount = \"Zwischensumme\"",
            "\ndelivery_price = \"Versandkosten\"",
            "\npayment = \"Zahlungsart\"",
            "\ntracking_number_raw = \"Sendungsnummer\"",
            "personal = [\"Kunde\"]",
        ],
    );
    assert!(!told.contains("no pack knows") && !told.contains("layout = \"suppliers"), "{told}");
    let slovak = "Číslo objednávky,Dátum,Čas,Stav,Spôsob platby,Cena prepravy,Celková suma,Telefón,Meno a priezvisko\n\
                  7001,2.11.2026,10:15,delivered,Dobierka,3.90,33.90,x,y\n7002,13.11.2026,9:05,shipped,Dobierka,0.00,12.50,x,y\n";
    let told = inferred("o.csv", slovak, &["--kind", "orders"]);
    says(
        &told,
        &[
            "\ncreated_at = { date = \"Dátum\", time = \"Čas\" }",
            "# fill in, if it is so: goods_amount = { plus = [\"Celková suma\"], minus = [\"Cena prepravy\"] }",
            "personal = [\"Telefón\", \"Meno a priezvisko\"]",
        ],
    );
    let (hungarian, polish) = (
        "Rendelésszám;Állapot;Szállítási díj;Végösszeg;Pénznem\nH-1;delivered;990,00;5990,00;HUF\nH-2;shipped;0,00;100,00;HUF\n",
        "Numer zamówienia;Status zamówienia;Koszt dostawy;Razem;Waluta\nP-1;delivered;9,90;59,90;PLN\nP-2;shipped;0,00;10,00;PLN\n",
    );
    for text in [hungarian, polish] {
        let told = inferred("o.csv", text, &[]);
        says(&told, &["\nkind = \"orders\"", "\norder_no =", "\nstatus_raw =", "\ndelivery_price =", "\ncurrency ="]);
    }
}

#[test]
fn cash_on_delivery_of_any_carrier_is_no_order_and_its_carrier_is_asked() {
    let czech = "Číslo zásilky;Variabilní symbol;Datum doručení;Částka dobírky;Měna;Datum úhrady;Číslo avíza\n\
                 40857241001;2026110001;4.11.2026;1389,00;CZK;20.11.2026;AV1\n40857241005;2026110005;6.11.2026;999,00;CZK;20.11.2026;AV1\n";
    let german = "Sendungsnummer;Bestellnummer;Nachnahmebetrag;Überweisungsdatum;Avisnummer\n\
                  012345678901;R-1;49,90;20.11.2026;A1\n012345678902;R-2;15,00;20.11.2026;A1\n";
    for text in [czech, german] {
        let told = inferred("dobirky.csv", text, &[]);
        says(
            &told,
            &[
                "\nkind = \"cod_remittances\"",
                "# fill in: `carrier`",
                "\namount = ",
                "\npaid_on = ",
                "\nstatement_id = ",
            ],
        );
    }
}

#[test]
fn a_column_is_personal_by_its_header_alone() {
    let text = "Order number;Status;Shipping;Fakturační jméno;Ulice;Adres e-mail;Telefonszám\n\
                1;shipped;4,90;secret1;secret2;secret3;secret4\n2;shipped;0,00;secret5;secret6;secret7;secret8\n";
    let told = inferred("o.csv", text, &[]) + &inferred("o.csv", text, &["--json"]);
    assert!(!told.contains("secret"), "{told}");
    says(&told, &["personal = [\"Fakturační jméno\", \"Ulice\", \"Adres e-mail\", \"Telefonszám\"]"]);
}

#[test]
fn a_provider_of_payments_is_no_account() {
    let text = fs::read_to_string(layouts().join("stripe/payouts.csv")).expect("a file");
    let told = inferred("payouts.csv", &text, &[]);
    says(
        &told,
        &["# packs = [\"payments/stripe\"]", "# name = \"my-shop\"", "# marketplace = \"\"  # fill in: the shop"],
    );
    assert!(!told.contains("marketplace = \"stripe\""), "{told}");
}

/// The recipe of the cookbook, as it stands there.
#[test]
fn a_new_carrier_is_a_file_of_a_few_lines() {
    let cookbook = include_str!("../src/guide/cookbook.md");
    let section = cookbook.split("\n## A new carrier\n").nth(1).expect("the recipe");
    let mut listings = section.split("```toml\n").skip(1).map(|rest| rest.split("```").next().expect("its end"));
    let (pack, source) = (listings.next().expect("the pack"), listings.next().expect("the source"));
    let folder = tempfile::tempdir().expect("a folder");
    let head = "[pipeline]\nname = \"p\"\npacks = [\"shops/shoptet\"]\n\n[[account]]\nname = \"shop\"\nmarketplace = \"shoptet\"\n\
                currency = \"EUR\"\ntimezone = \"Europe/Berlin\"\n\n";
    fs::create_dir_all(folder.path().join("exports")).expect("a folder");
    fs::write(folder.path().join("p.toml"), format!("{head}{source}")).expect("written");
    let events = "Sendungsnummer;Zeitpunkt;Ereignis\n00340434161094000001;03.11.2026 18:02;Die Sendung wurde abgeholt\n\
                  00340434161094000001;05.11.2026 11:20;Die Sendung wurde erfolgreich zugestellt\n\
                  00340434161094000002;05.11.2026 11:20;Ein neuer Text\n";
    fs::write(folder.path().join("exports/tracking-1.csv"), events).expect("written");
    let without = trueup(folder.path(), &["check", "p.toml"]);
    let told = String::from_utf8_lossy(&without.stderr).into_owned();
    says(&told, &["packs/carriers/dhl.toml", "\"A new carrier\" in the cookbook"]);
    assert!(!told.contains("did you mean"), "{told}");
    fs::create_dir_all(folder.path().join("packs/carriers")).expect("a folder");
    fs::write(folder.path().join("packs/carriers/dhl.toml"), pack).expect("written");
    let tried = trueup(folder.path(), &["pack", "test", "dhl"]);
    assert_eq!(tried.status.code(), Some(0), "{}", String::from_utf8_lossy(&tried.stderr));
    let checked = trueup(folder.path(), &["check", "p.toml"]);
    says(&stdout(&checked), &["3 used", "unknown words 0, unknown tracking codes 1 in 1 rows"]);
}

#[test]
fn a_pack_is_found_by_its_name_alone_and_a_far_one_is_no_hint() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = |name: &str| trueup(folder.path(), &["pack", "show", name]);
    assert!(stdout(&shown("stripe")).contains("title = \"Stripe\""));
    let told = |name: &str| String::from_utf8_lossy(&shown(name).stderr).into_owned();
    assert!(told("carriers/stripe").contains("did you mean `payments/stripe`?"), "{}", told("carriers/stripe"));
    assert!(told("stripes").contains("did you mean `payments/stripe`?"), "{}", told("stripes"));
    assert!(!told("carriers/dhl").contains("did you mean"), "{}", told("carriers/dhl"));
}
