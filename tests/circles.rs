//! No file of `src` imports in a circle: what two files share stands in a third.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use regex::Regex;

/// Module path below the crate, such as `["rules", "engine"]` → its file.
type Modules = BTreeMap<Vec<String>, String>;
/// File → files that it imports from.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The text of a file without comments, its test module, and attributes of tests.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    let is_code = |line: &&str| !line.trim_start().starts_with("//") && !line.contains("cfg_attr(test");
    text[..end].lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

fn is_of_tests(file: &str, sources: &BTreeMap<String, String>) -> bool {
    let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".rs");
    let parent = file.rsplit_once('/').map_or("lib.rs".to_owned(), |(folder, _)| format!("{folder}/mod.rs"));
    let declared = sources.get(&parent).is_some_and(|text| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.windows(2).any(|pair| pair[0] == "#[cfg(test)]" && pair[1].ends_with(&format!("mod {stem};")))
    });
    declared || file.contains("/tests/") || file.ends_with("tests.rs")
}

fn module_of(file: &str) -> Vec<String> {
    let mut parts: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    parts.pop_if(|last| last == "mod" || last == "lib");
    parts
}

/// `a::{b, c::{d, e as f}}` as `a::b`, `a::c::d`, `a::c::e`, each as its names.
fn paths_of(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((head, list)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree);
        return vec![path.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()];
    };
    let list = list.trim_end().trim_end_matches('}');
    let list = &tree[head.len() + 1..tree.rfind('}').unwrap_or(head.len() + 1 + list.len())];
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for letter in list.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(letter);
    }
    parts.push(part);
    let head: Vec<String> =
        head.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| paths_of(part)).map(|tail| head.iter().cloned().chain(tail).collect()).collect()
}

/// The path from the root of the crate; `None` for another crate.
fn from_root(path: &[String], module: &[String], modules: &Modules) -> Option<Vec<String>> {
    let first = path.first()?.as_str();
    let supers = path.iter().take_while(|name| *name == "super").count();
    match first {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([module, &path[1..]].concat()),
        "super" => Some([module.get(..module.len().checked_sub(supers)?)?, &path[supers..]].concat()),
        _ => modules.contains_key(&[module, &path[..1]].concat()).then(|| [module, path].concat()),
    }
}

struct Crate {
    sources: BTreeMap<String, String>,
    modules: Modules,
}

impl Crate {
    fn of(sources: BTreeMap<String, String>) -> Crate {
        let modules =
            sources.keys().filter(|file| *file != "main.rs").map(|file| (module_of(file), file.clone())).collect();
        Crate { sources, modules }
    }

    /// Names that a module gives on from elsewhere, with where they come from.
    fn re_exports(&self, module: &[String]) -> BTreeMap<String, Vec<String>> {
        let Some(file) = self.modules.get(module) else { return BTreeMap::new() };
        let given = Regex::new(r"(?s)pub(?:\([^)]*\))?\s+use\s+(.*?);").expect("a pattern");
        let text = code(&self.sources[file]);
        let trees = given.captures_iter(&text).flat_map(|found| paths_of(&found[1])).collect::<Vec<_>>();
        trees
            .into_iter()
            .filter_map(|path| Some((path.last()?.clone(), from_root(&path, module, &self.modules)?)))
            .collect()
    }

    /// The file in which a path ends.
    fn file_of(&self, path: &[String], depth: usize) -> Option<String> {
        let known = (0..=path.len()).rev().find(|end| self.modules.contains_key(&path[..*end]))?;
        if let Some(name) = path.get(known)
            && depth < 8
            && let Some(origin) = self.re_exports(&path[..known]).get(name)
            && origin != path
        {
            return self.file_of(origin, depth + 1);
        }
        self.modules.get(&path[..known]).cloned()
    }

    fn imports(&self) -> Imports {
        let used = Regex::new(r"(?s)(pub(?:\([^)]*\))?\s+)?\buse\s+(.*?);").expect("a pattern");
        let inline = Regex::new(r"\bcrate::\w+(?:::\w+)*").expect("a pattern");
        let mut imports = Imports::new();
        for (file, text) in
            self.sources.iter().filter(|(file, _)| *file != "main.rs" && !is_of_tests(file, &self.sources))
        {
            let (module, text) = (module_of(file), code(text));
            let uses = used.captures_iter(&text).filter(|found| found.get(1).is_none());
            let mut paths: Vec<Vec<String>> = uses.flat_map(|found| paths_of(&found[2])).collect();
            let within = inline.find_iter(&text).filter(|found| !text[found.end()..].starts_with("::"));
            paths.extend(within.flat_map(|found| paths_of(found.as_str())));
            let roots = paths.iter().filter_map(|path| from_root(path, &module, &self.modules));
            let files = roots.filter_map(|path| self.file_of(&path, 0)).filter(|other| other != file);
            imports.insert(file.clone(), files.collect());
        }
        imports
    }
}

/// Files that can be reached from `file`.
fn reached<'a>(imports: &'a Imports, file: &str) -> BTreeSet<&'a str> {
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = imports.get(file).into_iter().flatten().map(String::as_str).collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(imports.get(next).into_iter().flatten().map(String::as_str));
        }
    }
    reached
}

fn in_circles(imports: &Imports) -> Vec<&str> {
    imports.keys().map(String::as_str).filter(|file| reached(imports, file).contains(file)).collect()
}

fn imports_of_src() -> Imports {
    let mut sources = BTreeMap::new();
    for entry in walkdir::WalkDir::new("src").into_iter().map(|entry| entry.expect("an entry")) {
        if entry.path().extension().is_some_and(|ending| ending == "rs") {
            let name =
                entry.path().strip_prefix(Path::new("src")).expect("below src").to_string_lossy().replace('\\', "/");
            sources.insert(name, fs::read_to_string(entry.path()).expect("a source file"));
        }
    }
    Crate::of(sources).imports()
}

#[test]
fn no_file_imports_in_a_circle() {
    let imports = imports_of_src();
    assert!(imports["run.rs"].contains("publish/mod.rs") && imports["rules/engine.rs"].contains("rules/context.rs"));
    // A short path is followed to the file that it is given on from.
    assert!(imports["report/table.rs"].contains("report/error.rs"));
    let circles = in_circles(&imports);
    assert!(circles.is_empty(), "these files import in circles, through what they share: {circles:#?}");
}

#[test]
fn the_guard_sees_a_circle() {
    let sources = [
        ("a/mod.rs", "pub mod b;\npub mod c;\npub use b::Bee;\n"),
        ("a/b.rs", "use super::c::Sea;\npub struct Bee;\n"),
        ("a/c.rs", "use crate::a::{Bee, d::{One, Two as Three}};\npub struct Sea;\n"),
        ("a/d.rs", "// use crate::a::c::Sea;\nuse std::fmt;\n#[cfg(test)]\nmod tests { use crate::a::c::Sea; }\n"),
    ];
    let sources = sources.map(|(file, text)| (file.to_owned(), text.to_owned())).into();
    let imports = Crate::of(sources).imports();
    assert_eq!(in_circles(&imports), ["a/b.rs", "a/c.rs"]);
    assert!(imports["a/c.rs"].contains("a/d.rs") && imports["a/d.rs"].is_empty());
}

/// The part of `pipeline/` in which a file stands.
fn part_of(file: &str) -> Option<&str> {
    let inside = file.strip_prefix("pipeline/")?;
    Some(inside.split_once('/').map_or("used", |(part, _)| part))
}

/// Written types that the program uses as they are: layouts and examples of packs, and the texts of a rule.
const USED_AS_WRITTEN: [&str; 3] =
    ["pipeline/written/golden.rs", "pipeline/written/layout.rs", "pipeline/written/rule.rs"];

/// `resolve/` makes used types of written ones: neither `written/` nor the used types import it.
fn goes_up(from: &str, to: &str) -> bool {
    match (part_of(from), part_of(to)) {
        (Some("written" | "used"), Some("resolve")) => true,
        (Some("used"), Some("written")) => !USED_AS_WRITTEN.contains(&to),
        _ => false,
    }
}

#[test]
fn written_and_used_types_of_a_pipeline_do_not_import_what_resolves_them() {
    let imports = imports_of_src();
    let edges = imports.iter().flat_map(|(from, files)| files.iter().map(move |to| (from.as_str(), to.as_str())));
    let up: Vec<(&str, &str)> = edges.clone().filter(|(from, to)| goes_up(from, to)).collect();
    assert!(up.is_empty(), "{up:#?}");
    for (from, to) in [("resolve", "written"), ("resolve", "used"), ("used", "written"), ("written", "used")] {
        let is_seen = edges.clone().any(|(a, b)| part_of(a) == Some(from) && part_of(b) == Some(to));
        assert!(is_seen, "an import from {from} to {to} is seen");
    }
}

#[test]
fn the_guard_sees_an_import_that_goes_up() {
    assert!(goes_up("pipeline/pack.rs", "pipeline/resolve/load.rs"));
    assert!(goes_up("pipeline/written/rule.rs", "pipeline/resolve/rule.rs"));
    assert!(goes_up("pipeline/source.rs", "pipeline/written/mod.rs"));
    assert!(!goes_up("pipeline/pack.rs", "pipeline/written/layout.rs"));
    assert!(!goes_up("pipeline/resolve/load.rs", "pipeline/written/mod.rs"));
}
