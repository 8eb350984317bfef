//! JSON Schemas of pipelines and packs, and the page of their keys, written from the types that read them:
//! `TRUEUP_WRITE=1 cargo test reference` writes them again, and a test fails when they are stale.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use crate::pipeline::written::{WrittenPack, WrittenPipeline};

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide")
}

fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let mut schema = schemars::schema_for!(T).to_value();
    schema["title"] = json!(title);
    // Editors name the schema itself under this key.
    schema["properties"]["$schema"] = json!({ "type": "string" });
    schema
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
                    `schema/pipeline.schema.json` or `schema/pack.schema.json`.\n"
        .to_owned();
    for (_, schema) in schemas() {
        let _ = write!(page, "\n## {}\n", schema["title"].as_str().unwrap_or_default());
        table(&mut page, &schema);
        for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
            if definition["properties"].is_object() {
                let _ = write!(page, "\n### {}\n", shown(name));
                table(&mut page, definition);
            }
        }
    }
    check("keys.md", &page);
}

/// One table of keys.
fn table(page: &mut String, object: &Value) {
    let text = one_line(object["description"].as_str().unwrap_or_default());
    let _ = write!(page, "\n{text}\n\n| key | holds | meaning |\n|---|---|---|\n");
    let required: Vec<&str> = object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (key, value) in object["properties"].as_object().into_iter().flatten().filter(|(key, _)| *key != "$schema") {
        let must = if required.contains(&key.as_str()) { " (must be there)" } else { "" };
        let meaning = one_line(value["description"].as_str().unwrap_or_default());
        let _ = writeln!(page, "| `{key}` | {}{must} | {meaning} |", holds(value));
    }
}

/// What a person calls a type: all of them are written.
fn shown(name: &str) -> &str {
    name.trim_start_matches("Written")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// What a value may be, in words.
fn holds(value: &Value) -> String {
    let several = |values: &Value| {
        let forms: Vec<String> =
            values.as_array().into_iter().flatten().map(holds).filter(|form| form != "null").collect();
        forms.join(", or ")
    };
    if let Some(name) = value["$ref"].as_str() {
        let name = shown(name.rsplit('/').next().unwrap_or_default());
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(words) = value["enum"].as_array() {
        return words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    if value["anyOf"].is_array() {
        return several(&value["anyOf"]);
    }
    let kind = match &value["type"] {
        Value::String(kind) => kind.as_str(),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("any"),
        _ => "any",
    };
    match (kind, value["format"].as_str()) {
        ("string", Some("date")) => "day".to_owned(),
        ("string", _) => "text".to_owned(),
        ("boolean", _) => "`true` or `false`".to_owned(),
        ("integer" | "number", _) => "number".to_owned(),
        ("array", _) => format!("list of {}", holds(&value["items"])),
        ("object", _) if value["additionalProperties"].is_object() => {
            format!("name → {}", holds(&value["additionalProperties"]))
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
}
