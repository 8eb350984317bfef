//! The way from a published run to the pipeline's folder, so that a moved tree still finds its inputs.

use std::path::{Component, Path, PathBuf};

/// The relative path from `run` to `folder`, with `/`; `None` when they have no folder in common, so that no place of this
/// machine stands in the manifest. `run` need not exist, its parent must.
pub fn lead(run: &Path, folder: &Path) -> Option<String> {
    let run = run.parent()?.canonicalize().ok()?.join(run.file_name()?);
    between(&run, &folder.canonicalize().ok()?)
}

fn between(run: &Path, folder: &Path) -> Option<String> {
    let names = |path: &Path| -> Vec<PathBuf> {
        path.components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .map(|part| PathBuf::from(part.as_os_str()))
            .collect()
    };
    let (from, to) = (names(run), names(folder));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return None;
    }
    let mut steps: Vec<String> = vec!["..".to_owned(); from.len() - common];
    for name in &to[common..] {
        steps.push(name.to_str()?.to_owned());
    }
    Some(steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_the_common_folder_and_down() {
        let lead = |from: &str, to: &str| between(Path::new(from), Path::new(to));
        assert_eq!(lead("/job/reports/nightly/2026-12-11", "/job/pipelines").as_deref(), Some("../../../pipelines"));
        assert_eq!(lead("/job/reports/nightly/2026-12-11", "/job").as_deref(), Some("../../.."));
        assert_eq!(lead("/srv/reports/nightly/2026-12-11", "/job/pipelines"), None);
    }
}
