//! Every operation on a file fails once, fails for ever, or is the last of the process: what was published stays whole, and the next
//! run publishes the same bytes.

use std::collections::BTreeMap;
use std::process::Command;

use super::tests::{files, whole};
use super::*;
use crate::base::disk::faults::{Fault, inject};
use crate::diagnose::Exit;
use crate::publish::history::{LATEST, Wanted};
use crate::report::specimen::{Specimen, as_of};
use crate::run::{Request, run};

/// `ENOSPC`, `EIO`, `EACCES`.
const CODES: [i32; 3] = [28, 5, 13];
/// For a child process: the folder, the kind of night, the operation at which it dies.
const CHILD: &str = "TRUEUP_TEST_INTERRUPTED";

/// A night into `<root>/out`: the exit code, and what a refusal says.
type Night = fn(&Path) -> (Exit, String);

/// Publishes the specimen a second time, with another configuration.
fn specimen_night(root: &Path) -> (Exit, String) {
    let mut specimen = Specimen::small();
    specimen.pipeline.config[0].sha256 = "ef".repeat(32);
    let published = Target::hold(&root.join("out"), &specimen.pipeline, as_of());
    match published.and_then(|target| whole(&specimen, &target)) {
        Ok(_) => (Exit::Clean, String::new()),
        Err(error) => (error.exit(), error.diagnostic().render()),
    }
}

/// Runs the sample in `<root>/data` on the day after the first night.
fn sample_night(root: &Path) -> (Exit, String) {
    sample_run(root, None)
}

fn sample_run(root: &Path, day: Option<&str>) -> (Exit, String) {
    let outcome = run(
        &Request {
            pipeline: root.join("data/pipeline.toml"),
            as_of: day.map(|day| day.parse().unwrap()),
            out: Some(root.join("out")),
            fail_on: None,
            previous: Wanted::Highest,
            lang: None,
        },
        &|_| {},
    );
    (outcome.exit, crate::diagnose::render_all(&outcome.diagnostics))
}

/// A folder with one publication, and what a second night makes of it when nothing happens.
struct Scene {
    root: tempfile::TempDir,
    name: &'static str,
    night: Night,
    before: BTreeMap<String, Vec<u8>>,
    after: BTreeMap<String, Vec<u8>>,
    operations: usize,
    exit: Exit,
}

impl Scene {
    fn new(name: &'static str) -> Scene {
        let root = tempfile::tempdir().unwrap();
        let night: Night = match name {
            "specimen" => {
                let specimen = Specimen::small();
                let target = Target::hold(&root.path().join("out"), &specimen.pipeline, as_of()).unwrap();
                whole(&specimen, &target).unwrap();
                specimen_night
            }
            _ => {
                let out = root.path().join("data");
                crate::sample::write_sample(&crate::sample::Request { orders: 40, seed: 1, out, clean: false })
                    .unwrap();
                sample_run(root.path(), Some("2026-12-09"));
                sample_night
            }
        };
        let before = files(&root.path().join("out"));
        let count = inject(root.path(), usize::MAX, false, Fault::Kill);
        let (exit, told) = night(root.path());
        let operations = count.seen();
        drop(count);
        let after = files(&root.path().join("out"));
        assert!(after.len() > before.len() + 5 && operations > 50, "{exit:?} {operations}: {told}");
        Scene { root, name, night, before, after, operations, exit }
    }

    fn out(&self) -> PathBuf {
        self.root.path().join("out")
    }

    fn restore(&self) {
        std::fs::remove_dir_all(self.out()).unwrap();
        for (path, bytes) in &self.before {
            let full = self.out().join(path);
            std::fs::create_dir_all(full.parent().unwrap()).unwrap();
            std::fs::write(full, bytes).unwrap();
        }
    }

    /// What must hold right after a fault, and after the run that follows.
    fn check(&self, fault: &str) {
        let left = files(&self.out());
        for (path, bytes) in self.before.iter().filter(|(path, _)| !path.ends_with(LATEST)) {
            assert!(left.get(path) == Some(bytes), "{fault}: {path} is not as before");
        }
        let (latest, name) = left.iter().find(|(path, _)| path.ends_with(LATEST)).expect("a newest publication");
        let newest = latest.replace(LATEST, String::from_utf8_lossy(name).trim());
        let manifest: serde_json::Value = serde_json::from_slice(&left[&format!("{newest}/{MANIFEST}")]).unwrap();
        for output in manifest["outputs"].as_array().unwrap() {
            let bytes = &left[&format!("{newest}/{}", output["path"].as_str().unwrap())];
            let digest = atomic::hex(&<sha2::Sha256 as sha2::Digest>::digest(bytes));
            assert_eq!(output["sha256"], digest, "{fault}: {}", output["path"]);
        }
        let (exit, told) = (self.night)(self.root.path());
        assert_eq!(exit, self.exit, "{fault}: the next run: {told}");
        let again = files(&self.out());
        assert_eq!(again.keys().collect::<Vec<_>>(), self.after.keys().collect::<Vec<_>>(), "{fault}");
        assert!(again == self.after, "{fault}: other bytes");
    }

    fn fails_at(&self, number: usize, is_for_ever: bool, code: i32) {
        self.restore();
        let fault = format!("{code} at {number}{}", if is_for_ever { " and for ever" } else { "" });
        let guard = inject(self.root.path(), number, is_for_ever, Fault::Code(code));
        let (exit, told) = (self.night)(self.root.path());
        drop(guard);
        if exit != self.exit {
            let expected = [Exit::Publication, Exit::Refused, Exit::Usage, Exit::Missing];
            assert!(expected.contains(&exit), "{fault}: exit {exit:?}: {told}");
            let words = ["the disk is full (", "the disk failed (", "no right to it ("];
            assert!(words.iter().any(|words| told.contains(words)), "{fault}: {told}");
        }
        self.check(&fault);
    }

    fn is_killed_at(&self, number: usize) {
        self.restore();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "publish::interrupted::the_process_that_is_killed", "--ignored"])
            .env(CHILD, format!("{} {number} {}", self.name, self.root.path().display()))
            .output()
            .unwrap();
        assert!(!child.status.success(), "killed at {number}: {}", String::from_utf8_lossy(&child.stdout));
        self.check(&format!("killed at {number}"));
    }
}

#[test]
fn a_publication_survives_every_fault_of_the_disk() {
    let scene = Scene::new("specimen");
    // Some operations of each part; `a_run_survives_every_fault` takes every one, in every way.
    let last = scene.operations - 1;
    for number in (0..last).step_by(last / 10).chain([last - 4, last - 2, last]) {
        scene.fails_at(number, number % 2 == 0, CODES[number % 3]);
    }
    for number in [last / 3, last - 7, last - 5, last - 3, last] {
        scene.is_killed_at(number);
    }
}

#[test]
fn short_writes_are_gone_on_with() {
    let scene = Scene::new("specimen");
    for is_for_ever in [false, true] {
        scene.restore();
        let _guard = inject(scene.root.path(), 0, is_for_ever, Fault::ShortWrite);
        assert_eq!((scene.night)(scene.root.path()).0, scene.exit);
        assert!(files(&scene.out()) == scene.after);
    }
}

#[test]
#[ignore = "the long form, which .ci/run calls: every operation of a publication and of a run, each way to fail; half an hour"]
#[allow(clippy::print_stderr, reason = "a long run says how far it came")]
fn a_run_survives_every_fault() {
    // Of a run a third of the operations with `TRUEUP_FAULTS_STEP=3`.
    let step = std::env::var("TRUEUP_FAULTS_STEP").ok().and_then(|step| step.parse().ok()).unwrap_or(1);
    for name in ["specimen", "sample"] {
        let scene = Scene::new(name);
        eprintln!("{name}: {} operations", scene.operations);
        for number in (0..scene.operations).step_by(step) {
            for (code, is_for_ever) in CODES.into_iter().flat_map(|code| [(code, false), (code, true)]) {
                scene.fails_at(number, is_for_ever, code);
            }
            scene.is_killed_at(number);
        }
    }
}

#[test]
#[ignore = "a child of the tests above, which dies"]
fn the_process_that_is_killed() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let mut told = told.splitn(3, ' ');
    let night: Night = if told.next() == Some("specimen") { specimen_night } else { sample_night };
    let number = told.next().unwrap().parse().unwrap();
    let root = PathBuf::from(told.next().unwrap());
    let _guard = inject(&root, number, false, Fault::Kill);
    night(&root);
}
