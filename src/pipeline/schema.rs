//! JSON Schemas of pipelines and packs, and the page of their keys, written from the types that read them:
//! `TRUEUP_WRITE=1 cargo test reference` writes them again, and a test fails when they are stale.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use crate::frame::kind::{Cell, Field, KindSpec, LINE_FIELDS, spec_of};
use crate::pipeline::written::{WrittenPack, WrittenPipeline};
use crate::vocab::{self, DocumentKind, Kind, MetricName, Word};

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide")
}

fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(WithoutNull);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    schema["title"] = json!(title);
    schema
}

/// An optional key is left out: TOML has no null.
#[derive(Debug, Clone)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(forms)) = schema.get_mut("anyOf") {
            forms.retain(|form| form["type"] != "null");
            if let [Value::Object(only)] = forms.as_slice() {
                let only = only.clone();
                schema.remove("anyOf");
                for (key, value) in only {
                    schema.ensure_object().entry(key).or_insert(value);
                }
            }
        }
        if schema.get("default").is_some_and(Value::is_null) {
            schema.remove("default");
        }
        transform_subschemas(self, schema);
    }
}

/// Names of canonical fields, whatever kind they belong to: which of them a kind has, the loader says.
pub(super) fn fields() -> Value {
    let lists = Kind::ALL.iter().map(|kind| spec_of(*kind).fields).chain([LINE_FIELDS]);
    let names: BTreeSet<&str> = lists.flatten().map(|field| field.name).collect();
    json!({ "title": "field", "enum": names })
}

/// Names of metrics.
pub(super) fn metrics() -> Value {
    json!({ "title": "metric", "enum": MetricName::TEXTS })
}

/// Kinds of documents.
pub(super) fn document_kinds() -> Value {
    json!({ "title": "document kind", "enum": DocumentKind::TEXTS })
}

/// Each schema with the file it stands in.
fn schemas() -> [(&'static str, Value); 2] {
    [
        ("schema/pipeline.schema.json", schema_of::<WrittenPipeline>("A pipeline of trueup")),
        ("schema/pack.schema.json", schema_of::<WrittenPack>("A pack of trueup")),
    ]
}

fn check(file: &str, text: &str) {
    let path = guide().join(file);
    if std::env::var_os("TRUEUP_WRITE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        std::fs::write(&path, text).expect("the file is written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == text, "{file} is stale: write it again with `TRUEUP_WRITE=1 cargo test reference`");
}

#[test]
fn reference_schemas_are_what_the_types_say() {
    for (file, schema) in schemas() {
        check(file, &(serde_json::to_string_pretty(&schema).expect("JSON") + "\n"));
    }
}

#[test]
fn reference_of_keys_is_what_the_types_say() {
    let mut page = "# Keys of pipelines and packs\n\nWritten from the types by `TRUEUP_WRITE=1 cargo test reference`; a test fails when it is stale. \
                    Editors that know JSON Schemas of\nTOML complete and check as one writes: `#:schema` in the first line names \
                    what `trueup schema pipeline` or `trueup schema pack`\nwrote. An unknown key is refused, with the nearest that exists.\n"
        .to_owned();
    for (_, schema) in schemas() {
        let _ = write!(page, "\n## {}\n", schema["title"].as_str().unwrap_or_default());
        let definitions = &schema["$defs"];
        table(&mut page, definitions, &schema);
        for (name, definition) in definitions.as_object().into_iter().flatten() {
            if definition["properties"].is_object() {
                let _ = write!(page, "\n### {}\n", shown(name));
                table(&mut page, definitions, definition);
            }
        }
    }
    forms_of_values(&mut page);
    fields_of_kinds(&mut page);
    check("keys.md", &page);
}

/// Values that are neither a table of keys nor a word of a list.
fn forms_of_values(page: &mut String) {
    page.push_str("\n## Forms of values\n");
    let defined =
        schemas().into_iter().flat_map(|(_, schema)| schema["$defs"].as_object().cloned().unwrap_or_default());
    let forms: BTreeMap<String, Value> =
        defined.filter(|(_, form)| !form["properties"].is_object() && !form["enum"].is_array()).collect();
    for (name, form) in forms {
        let _ =
            write!(page, "\n### {}\n\n{}\n", shown(&name), one_line(form["description"].as_str().unwrap_or_default()));
    }
}

/// The keys of `[source.columns]`, kind by kind.
fn fields_of_kinds(page: &mut String) {
    page.push_str(
        "\n## Fields of each kind\n\nKeys of `[source.columns]` and of `[layout.<name>.columns]`. A source without a field that must be there \
         is refused, unless it\nnames it under `constants` or `without`; a row with an empty one goes to quarantine.\n",
    );
    for kind in Kind::ALL {
        let spec = spec_of(*kind);
        let _ = write!(page, "\n### {kind}\n\n{}\n", row_of(spec));
        table_of_fields(page, spec.fields);
    }
    page.push_str("\n### lines\n\nFurther fields of `orders` with `lines = true`.\n");
    table_of_fields(page, LINE_FIELDS);
}

fn row_of(spec: &KindSpec) -> String {
    let key = match spec.key {
        [] => "Every row is an event of its own.".to_owned(),
        key => format!("A row is known by `{}`.", key.join("`, `")),
    };
    match spec.control {
        _ if spec.control_times_qty => format!("{key} Its control amount is price × quantity."),
        [] => key,
        control => format!("{key} Its control amount is `{}`.", control.join("` + `")),
    }
}

fn table_of_fields(page: &mut String, fields: &[Field]) {
    page.push_str("\n| field | cell | must be there |\n|---|---|---|\n");
    for field in fields {
        let must = if field.required { "yes" } else { "" };
        let _ = writeln!(page, "| `{}` | {} | {must} |", field.name, cell(field.cell));
    }
}

fn cell(cell: Cell) -> String {
    match cell {
        Cell::Text => "text".to_owned(),
        Cell::Identifier => "identifier".to_owned(),
        Cell::Money => "money".to_owned(),
        Cell::Percent => "percentage".to_owned(),
        Cell::Rate => "exchange rate".to_owned(),
        Cell::Date => "day".to_owned(),
        Cell::Instant => "day, with or without time".to_owned(),
        Cell::Int => "whole number".to_owned(),
        Cell::Currency => "currency, through the words of `currency`".to_owned(),
        Cell::Flag => "yes or no, through the words of `flag`; empty is no".to_owned(),
        Cell::CarrierCode => "code, through the vocabulary; one that it does not hold is `unknown`".to_owned(),
        Cell::Name { table } => format!("name, through the words of `{table}`; else as written"),
        Cell::Word { table, empty, unmapped } => {
            let empty = empty.map_or("; empty is refused".to_owned(), |word| format!("; empty is `{word}`"));
            let unmapped = unmapped.map(|word| format!("; one that is not there is `{word}`")).unwrap_or_default();
            format!("word, through the words of `{table}`{empty}{unmapped}")
        }
    }
}

/// One table of keys.
fn table(page: &mut String, definitions: &Value, object: &Value) {
    let text = one_line(object["description"].as_str().unwrap_or_default());
    let _ = write!(page, "\n{text}\n\n| key | holds | meaning |\n|---|---|---|\n");
    let required: Vec<&str> = object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, value) in object["properties"].as_object().into_iter().flatten() {
        let must = match &value["default"] {
            _ if required.contains(&key.as_str()) => " (must be there)".to_owned(),
            Value::Bool(_) | Value::Number(_) => format!(" ({} when absent)", value["default"]),
            _ => String::new(),
        };
        let meaning = one_line(value["description"].as_str().unwrap_or_default());
        let _ = writeln!(page, "| `{key}` | {}{must} | {meaning} |", holds(definitions, value));
    }
}

/// What a person calls a type: all of them are written.
fn shown(name: &str) -> &str {
    name.trim_start_matches("Written")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// A value in words. A word list leads to the page of values, where it is printed there.
fn holds(definitions: &Value, value: &Value) -> String {
    if let Some(path) = value["$ref"].as_str() {
        let name = path.rsplit('/').next().unwrap_or_default();
        let definition = &definitions[name];
        let is_printed = vocab::LISTS.iter().any(|list| list.name == name);
        return match definition["enum"].is_array() {
            true if is_printed => format!("[{name}](values.md#{})", name.to_lowercase()),
            true => holds(definitions, definition),
            false => format!("[{}](#{})", shown(name), shown(name).to_lowercase()),
        };
    }
    if let Some(words) = value["enum"].as_array() {
        return words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(forms) = value["anyOf"].as_array() {
        return forms.iter().map(|form| holds(definitions, form)).collect::<Vec<_>>().join(", or ");
    }
    match (value["type"].as_str().unwrap_or("any"), value["format"].as_str()) {
        ("string", Some("date")) => "day".to_owned(),
        ("string", _) => "text".to_owned(),
        ("boolean", _) => "`true` or `false`".to_owned(),
        ("integer" | "number", _) => "number".to_owned(),
        ("array", _) => format!("list of {}", holds(definitions, &value["items"])),
        ("object", _) if value["additionalProperties"].is_object() => {
            let name = value["propertyNames"]["title"].as_str().unwrap_or("name");
            format!("{name} → {}", holds(definitions, &value["additionalProperties"]))
        }
        (other, _) => other.to_owned(),
    }
}

/// A TOML text as the editors' checkers see it.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(flag) => json!(flag),
        toml::Value::Datetime(date) => json!(date.to_string()),
        toml::Value::Array(values) => Value::Array(values.into_iter().map(as_json).collect()),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, as_json(value))).collect::<Map<_, _>>())
        }
    }
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a text");
    as_json(toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

#[test]
fn schemas_accept_what_is_shipped() {
    let [(_, pipeline), (_, pack)] = schemas();
    let pipeline = jsonschema::validator_for(&pipeline).expect("a schema");
    let pack = jsonschema::validator_for(&pack).expect("a schema");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = (0, 0);
    for folder in ["pipelines", "benches/reference", "tests/layouts", "sample-data"] {
        for entry in walkdir::WalkDir::new(root.join(folder)).sort_by_file_name() {
            let path = entry.expect("a folder").into_path();
            if path.extension().is_none_or(|ending| ending != "toml") {
                continue;
            }
            let value = read(&path);
            let (validator, count) = match (value["pack"].is_object(), value["pipeline"].is_object()) {
                (true, _) => (&pack, &mut seen.0),
                (_, true) if !path.ends_with("sample-plan.toml") => (&pipeline, &mut seen.1),
                // the plan of the sample is neither
                _ => continue,
            };
            let mistakes: Vec<String> =
                validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(mistakes.is_empty(), "{}: {}", path.display(), mistakes.join("\n"));
            *count += 1;
        }
    }
    assert!(seen.0 > 30 && seen.1 > 2, "{seen:?}");
}

#[test]
fn schemas_refuse_what_the_loader_refuses() {
    let [(_, pipeline), (_, pack)] = schemas();
    let pipeline = jsonschema::validator_for(&pipeline).expect("a schema");
    let pack = jsonschema::validator_for(&pack).expect("a schema");
    let head = "[pipeline]\nname = \"p\"\npacks = []\n";
    let source = "[[source]]\nname = \"s\"\nglob = \"*\"\n";
    let account = "[[account]]\nname = \"a\"\nmarketplace = \"m\"\ncurrency = \"CZK\"\ntimezone = \"UTC\"\n";
    let of_pipeline = |text: &str| {
        let text = format!("{head}{text}");
        (
            pipeline.is_valid(&as_json(toml::from_str(&text).expect("TOML"))),
            toml::from_str::<WrittenPipeline>(&text).is_ok(),
        )
    };
    for (text, is_sound) in [
        ("", true),
        (&*format!("{source}columns = {{ order_no = \"A\", qty = 3, amount = {{ plus = [\"B\"] }} }}"), true),
        (&format!("{source}columns = {{ order_no = true }}"), false),
        (&format!("{source}globb = \"*\""), false),
        (&format!("{source}kind = \"order\""), false),
        (&format!("{source}csv = {{ encoding = [\"utf-8\", \"cp852\"] }}"), true),
        (&format!("{source}csv = {{ encoding = 852 }}"), false),
        (&format!("{source}xlsx = {{ sheet = 2 }}"), true),
        (&format!("{source}limits = {{ rows = 0 }}"), false),
        (&format!("{account}policy = [{{ source = \"t\", commission = \"17.5\" }}]"), true),
        (&format!("{account}policy = [{{ source = \"t\", commission = \"17.55555\" }}]"), false),
        (
            &format!("{account}policy = [{{ source = \"t\", transitions = [{{ from = [\"new\"], to = \"sent\" }}] }}]"),
            false,
        ),
    ] {
        assert_eq!(of_pipeline(text), (is_sound, is_sound), "{text}");
    }
    let own = "[pack]\ntitle = \"T\"\nsource = \"t\"\n";
    for (text, is_sound) in [
        ("[calendar]\nfrom = 2015-01-01\nto = 2035-12-31\nsource = \"t\"\nrest = {}\n", true),
        ("[calendar]\nto = 2035-12-31\nsource = \"t\"\nrest = {}\n", false),
        (
            "[[golden.word]]\ngiven = { table = \"t\", label = \"l\" }\nexpect = { word = \"w\" }\nsource = \"t\"\n",
            true,
        ),
        ("[[golden.word]]\ngiven = { table = \"t\" }\nexpect = { word = \"w\" }\nsource = \"t\"\n", false),
    ] {
        let text = format!("{own}{text}");
        let valid = pack.is_valid(&as_json(toml::from_str(&text).expect("TOML")));
        assert_eq!((valid, toml::from_str::<WrittenPack>(&text).is_ok()), (is_sound, is_sound), "{text}");
    }
    // Names that the loader looks up after it has read.
    for text in ["columns = { ordre_no = \"A\" }", "constants = { ordre_no = \"A\" }", "pad = { ordre_no = 13 }"] {
        assert!(!of_pipeline(&format!("{source}{text}")).0, "{text}");
    }
    let target = "policy = [{ source = \"t\", target.on_tyme = { num = 9, den = 10, at_least = true } }]";
    assert!(!of_pipeline(&format!("{account}{target}")).0);
    // The schema is named in a comment: the loader knows no such key.
    assert_eq!(of_pipeline("\"$schema\" = \"pipeline.schema.json\""), (false, false));
}
