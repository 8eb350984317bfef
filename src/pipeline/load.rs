//! Loads a pipeline and the packs it names, and resolves every name in them.

use std::path::Path;

use crate::diagnose::Diagnostic;
use crate::pipeline::Pipeline;

/// Loads and checks a pipeline.
///
/// # Errors
/// All mistakes of the pipeline and its packs at once.
pub fn load(_path: &Path) -> Result<Pipeline, Vec<Diagnostic>> {
    todo!()
}
