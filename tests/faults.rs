//! Faults of the machine: the exit code, a sentence of ours, and whole publications.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::workbench::{bytes_of, sample, trueup};

/// The program under a limit of the shell, such as `ulimit -n 32`; as another user than root, who has no limit of threads.
fn limited(folder: &Path, limit: &str, command: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_trueup");
    let script = format!("{limit}; exec {program} {command}");
    Command::new("bash").current_dir(folder).args(["-c", &script]).output().expect("it runs")
}

fn told(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked at") && !text.contains("RUST_BACKTRACE"), "{text}");
    text
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

#[test]
fn a_disk_that_refuses_the_report() {
    let folder = tempfile::tempdir().expect("a folder");
    sample(&folder.path().join("data"), 40, 1, false);
    let run = |out: &str| {
        let output = trueup(folder.path(), &["run", "data/pipeline.toml", "--out", out]);
        (output.status.code(), told(&output))
    };
    fs::write(folder.path().join("file"), "").expect("written");
    let refused = run("file");
    assert_eq!(refused.0, Some(7), "{}", refused.1);
    assert!(
        refused.1.contains("a file stands where a folder must be") || refused.1.contains("another file stands"),
        "{}",
        refused.1
    );
    assert!(refused.1.contains("the report cannot be written: file/sample: nothing was published"), "{}", refused.1);
    symlink("/nowhere/at/all", folder.path().join("gone")).expect("linked");
    let refused = run("gone");
    assert_eq!(refused.0, Some(7), "{}", refused.1);
    assert!(refused.1.contains("the reports published before are intact"), "{}", refused.1);
    // A folder takes the place of `latest`: the publication is whole, and the run says what is in the way.
    fs::create_dir_all(folder.path().join("out/sample/latest/x")).expect("made");
    let refused = run("out");
    assert_eq!(refused.0, Some(7), "{}", refused.1);
    assert!(refused.1.contains("out/sample/latest"), "{}", refused.1);
    if !is_root() {
        fs::create_dir(folder.path().join("shut")).expect("made");
        fs::set_permissions(folder.path().join("shut"), fs::Permissions::from_mode(0o500)).expect("shut");
        let refused = run("shut");
        assert!(refused.0 == Some(7) && refused.1.contains("no right to it"), "{}", refused.1);
    }
}

#[test]
fn limits_of_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    sample(&folder.path().join("data"), 40, 1, false);
    // Files of at most 4 kB: the workbook is larger.
    let output = limited(folder.path(), "trap '' XFSZ; ulimit -f 4", "run data/pipeline.toml --out small");
    let text = told(&output);
    assert_eq!(output.status.code(), Some(7), "{text}");
    assert!(text.contains("small/sample/.stage-"), "{text}");
    assert!(text.contains("ulimit -f") && text.contains("nothing was published"), "{text}");
    let left: Vec<_> = fs::read_dir(folder.path().join("small/sample")).expect("a folder").collect();
    assert_eq!(left.len(), 1, "the lock alone: {left:?}");
    for files in [8, 10, 12, 16] {
        let output = limited(folder.path(), &format!("ulimit -n {files}"), "run data/pipeline.toml --out few");
        let text = told(&output);
        assert!(matches!(output.status.code(), Some(0 | 4 | 5)), "{files}: {:?} {text}", output.status);
        if output.status.code() == Some(5) {
            assert!(text.contains("too many open files") && text.contains("ulimit -n"), "{files}: {text}");
        }
    }
    // Room for the program, and for some threads but not all.
    for memory in [150_000, 300_000, 450_000] {
        let output = limited(folder.path(), &format!("ulimit -v {memory}"), "check data/pipeline.toml");
        if output.status.code() == Some(5) {
            let text = told(&output);
            assert!(text.contains("threads can be had") && text.contains("ulimit"), "{memory}: {text}");
        }
    }
}

#[test]
fn readers_that_close_the_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    sample(&folder.path().join("data"), 40, 1, false);
    for (command, code) in
        [("run data/pipeline.toml --out out", 4), ("check data/pipeline.toml", 4), ("rules", 0), ("--help", 0)]
    {
        let program = env!("CARGO_BIN_EXE_trueup");
        for script in [
            format!("{program} {command} 2>err | true; echo ${{PIPESTATUS[0]}}"),
            format!("{program} {command} >&- 2>err; echo $?"),
            format!("{program} {command} 2>&- >/dev/null; echo $?"),
        ] {
            let output =
                Command::new("bash").current_dir(folder.path()).args(["-c", &script]).output().expect("it runs");
            let exit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            assert_eq!(exit, code.to_string(), "{script}");
            let text = fs::read_to_string(folder.path().join("err")).unwrap_or_default();
            assert!(!text.contains("panicked"), "{script}: {text}");
        }
    }
}

#[test]
fn days_beyond_the_years_of_the_program() {
    let folder = tempfile::tempdir().expect("a folder");
    sample(&folder.path().join("data"), 40, 1, false);
    let pipeline = folder.path().join("data/pipeline.toml");
    let text = fs::read_to_string(&pipeline).expect("a text");
    for day in ["1989-12-31", "2101-01-01", "0001-01-01", "-2026-01-01"] {
        let output = trueup(folder.path(), &["run", "data/pipeline.toml", &format!("--as-of={day}")]);
        assert_eq!(output.status.code(), Some(2), "{day}: {}", told(&output));
        let other: String = text
            .lines()
            .map(|line| if line.starts_with("as_of") { format!("as_of = \"{day}\"\n") } else { format!("{line}\n") })
            .collect();
        assert!(other.contains(day));
        fs::write(folder.path().join("data/other.toml"), other).expect("written");
        for command in ["run", "check"] {
            let output = trueup(folder.path(), &[command, "data/other.toml"]);
            assert_eq!(output.status.code(), Some(2), "{day}: {}", told(&output));
            assert!(told(&output).contains("1990"), "{day}: {}", told(&output));
        }
    }
}

/// Kills runs at so many moments: the publication of the day before stays, and the run that follows gives the bytes of an undisturbed one.
fn killed_at(moments: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    sample(&folder.path().join("data"), 40, 1, false);
    let run = |out: &str, day: &str| {
        let output = trueup(folder.path(), &["run", "data/pipeline.toml", "--out", out, "--as-of", day]);
        assert_eq!(output.status.code(), Some(4), "{}", told(&output));
    };
    run("whole", "2026-12-09");
    run("out", "2026-12-09");
    let before = bytes_of(&folder.path().join("out"));
    let begin = std::time::Instant::now();
    run("whole", "2026-12-10");
    let length = begin.elapsed();
    let whole = bytes_of(&folder.path().join("whole"));
    for moment in 0..moments {
        let mut child = Command::new(env!("CARGO_BIN_EXE_trueup"))
            .current_dir(folder.path())
            .args(["run", "data/pipeline.toml", "--out", "out", "--as-of", "2026-12-10"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        // Most of the moments lie where files are written.
        let part = f64::from(moment + 1) / f64::from(moments);
        std::thread::sleep(Duration::from_secs_f64(length.as_secs_f64() * part.sqrt()));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let left = bytes_of(&folder.path().join("out"));
        let changed =
            before.iter().filter(|(path, bytes)| !path.ends_with("latest") && left.get(*path) != Some(*bytes));
        assert_eq!(changed.count(), 0, "moment {moment}");
        run("out", "2026-12-10");
        assert!(bytes_of(&folder.path().join("out")) == whole, "moment {moment}");
        fs::remove_dir_all(folder.path().join("out/sample/2026-12-10")).expect("removed");
        fs::write(folder.path().join("out/sample/latest"), "2026-12-09\n").expect("written");
    }
}

#[test]
fn a_run_that_is_killed() {
    killed_at(3);
}

#[test]
#[ignore = "the long form, which .ci/run calls: a hundred moments, some minutes"]
fn a_run_that_is_killed_at_a_hundred_moments() {
    killed_at(100);
}
