//! Names that stand in a publication, and how much a pipeline may hold.

use super::Loader;
use crate::pipeline::bounds;
use crate::pipeline::name::{EXPECTED, mistake_of_folder, mistake_of_name};
use crate::pipeline::spanned::Spanned;
use crate::pipeline::written::WrittenPipeline;

impl Loader {
    /// Checks the names, how many there are, and the length of patterns of files.
    pub(super) fn check_names(&mut self, written: &WrittenPipeline) {
        let name = &written.pipeline.name;
        if let Some(why) = mistake_of_folder(name.get_ref()) {
            self.mistake("CFG062", &why, name.span(), name.get_ref(), EXPECTED, "");
        }
        let accounts: Vec<&Spanned<String>> = written.account.iter().map(|account| &account.name).collect();
        let sources: Vec<&Spanned<String>> = written.source.iter().map(|source| &source.name).collect();
        for (names, what) in [(accounts, "accounts"), (sources, "sources")] {
            for name in &names {
                if let Some(why) = mistake_of_name(name.get_ref()) {
                    self.mistake("CFG062", &why, name.span(), name.get_ref(), EXPECTED, "");
                }
            }
            if let Some(beyond) = names.get(bounds::ENTRIES) {
                let (message, expected) = (format!("{} {what}", names.len()), format!("at most {}", bounds::ENTRIES));
                self.mistake("CFG063", &message, beyond.span(), beyond.get_ref(), &expected, "");
            }
        }
        for glob in written.source.iter().map(|source| &source.glob) {
            if glob.get_ref().len() > bounds::GLOB_BYTES {
                let expected = format!("at most {} bytes", bounds::GLOB_BYTES);
                self.mistake("CFG063", "a file pattern that is too long", glob.span(), "here", &expected, "");
            }
        }
    }
}
