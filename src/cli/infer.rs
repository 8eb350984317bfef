//! `trueup infer FILE…`: looks at unknown exports and writes a starter `[[source]]` for each table in them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::cli::args::InferArguments;
use crate::cli::paint;
use crate::diagnose::Exit;
use crate::ingest::infer::{Known, look};
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
    let mut told = BTreeSet::new();
    let mut exits = Vec::new();
    let mut all: Vec<Value> = Vec::new();
    for file in &arguments.files {
        let shown = file.display().to_string().replace('\\', "/");
        match look(file, &shown, &known, arguments.kind) {
            Ok(looked) if arguments.json => all.push(looked.json(&known)),
            Ok(looked) => paint::line(&looked.text(&known, &mut told)),
            Err(refusal) => {
                exits.push(refusal.exit);
                paint::diagnostics(&[*refusal]);
            }
        }
    }
    if arguments.json {
        paint::line(&Value::Array(all).to_string());
    }
    Exit::worst(exits)
}
