//! The packs of the binary.

use include_dir::{Dir, include_dir};

pub(super) static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/pipelines/packs");

/// The text of a pack of the binary.
pub(super) fn embedded_text(name: &str) -> Option<&'static str> {
    EMBEDDED.get_file(format!("{name}.toml"))?.contents_utf8()
}
