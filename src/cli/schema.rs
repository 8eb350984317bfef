//! `trueup schema pipeline|pack`: the JSON Schema of a configuration file, on stdout. The texts are those of the guide: a test keeps
//! them what the types say, so that nothing that makes schemas is part of the program.

use crate::cli::args::{SchemaArguments, SchemaFile};
use crate::cli::paint;
use crate::diagnose::Exit;

pub(super) fn schema(arguments: &SchemaArguments) -> Exit {
    let text = match arguments.file {
        SchemaFile::Pipeline => include_str!("../guide/schema/pipeline.schema.json"),
        SchemaFile::Pack => include_str!("../guide/schema/pack.schema.json"),
    };
    paint::text(text.trim_end());
    Exit::Clean
}
