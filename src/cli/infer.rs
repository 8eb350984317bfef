//! `trueup infer FILE…`: looks at unknown exports and writes a starter `[[source]]` for each shape of table in them.

use std::path::Path;

use serde_json::Value;

use crate::cli::args::InferArguments;
use crate::cli::paint;
use crate::diagnose::Exit;
use crate::ingest::infer::{Known, look, pipeline_head, write_starters};
use crate::pipeline::all_packs;

/// Exit 0 when all files were read, 3 when one was refused: the others are told all the same.
pub(super) fn infer(arguments: &InferArguments) -> Exit {
    let packs = match all_packs(Path::new(".")) {
        Ok(packs) => packs,
        Err(mistakes) => {
            paint::diagnostics(&mistakes);
            return Exit::Usage;
        }
    };
    let known = Known::new(packs);
    let mut exits = Vec::new();
    let mut files = Vec::new();
    for file in &arguments.files {
        let shown = file.display().to_string();
        let shown = if cfg!(windows) { shown.replace('\\', "/") } else { shown };
        match look(file, &shown, &known, arguments.kind) {
            Ok(looked) => files.push(looked),
            Err(refusal) => {
                exits.push(refusal.exit);
                paint::diagnostics(&[*refusal]);
            }
        }
    }
    write_starters(&mut files, &known, arguments.kind);
    if arguments.json {
        let all: Vec<Value> = files.iter().map(|looked| looked.json(&known)).collect();
        paint::json(&Value::Array(all));
    } else {
        for looked in &files {
            paint::text(&looked.text(&known));
            paint::gap();
        }
        let head = pipeline_head(&files, &known);
        if !head.is_empty() {
            paint::text(&head);
            paint::gap();
        }
    }
    Exit::worst(exits)
}
