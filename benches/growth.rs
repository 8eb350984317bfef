//! How time and memory grow with hostile distributions of rows: one run of the main job for each shape and size, in a process of its
//! own. `cargo bench --bench growth -- history 40000` measures the shapes whose names hold a word, up to a size.

#![allow(missing_docs, clippy::expect_used, clippy::print_stdout, reason = "a benchmark fails by panicking and prints")]

mod shapes;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use shapes::SHAPES;
use trueup::publish::history::Wanted;
use trueup::run::{Request, run};

/// How far sizes go where none is asked for.
const MOST: usize = 40_000;

/// Beyond this no greater size of a shape is tried.
const PATIENCE: f64 = 60.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match &arguments[..] {
        [only, pipeline] if only == "run" => run_once(Path::new(pipeline)),
        [only, folder, size] if only == "write" => write_all(Path::new(folder), size.parse().expect("a size")),
        _ => measure(&arguments),
    }
}

/// One run, and what it took: seconds, mebibytes, exit code.
fn run_once(pipeline: &Path) {
    let out = pipeline.with_file_name("out");
    let request = Request {
        pipeline: pipeline.to_owned(),
        as_of: None,
        out: Some(out),
        fail_on: None,
        previous: Wanted::Nothing,
        lang: None,
    };
    let begun = Instant::now();
    let outcome = run(&request, &|_| {});
    let took = begun.elapsed().as_secs_f64();
    println!("{took:.3} {} {}", peak_mebibytes(), outcome.exit as u8);
}

/// The most memory that this process held; 0 where the system does not tell.
fn peak_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0) / 1024
}

fn write_all(folder: &Path, size: usize) {
    for shape in SHAPES {
        shape.write(size, &folder.join(shape.name.replace(' ', "-"))).expect("files");
    }
}

fn measure(words: &[String]) {
    let most = words.iter().find_map(|word| word.parse().ok()).unwrap_or(MOST);
    let is_asked = |name: &str| {
        let mut named = words.iter().filter(|word| word.parse::<usize>().is_err()).peekable();
        named.peek().is_none() || named.any(|word| name.contains(word.as_str()))
    };
    println!("| shape | size | seconds | MiB | exit | growth |\n|---|---|---|---|---|---|");
    for shape in SHAPES.iter().filter(|shape| is_asked(shape.name)) {
        let mut before: Option<f64> = None;
        for size in shape.sizes().into_iter().filter(|size| *size <= most) {
            let scratch = tempfile::tempdir().expect("a folder");
            let pipeline = shape.write(size, scratch.path()).expect("files");
            let program = std::env::current_exe().expect("this program");
            let output = Command::new(program).arg("run").arg(&pipeline).output().expect("it runs");
            let told = String::from_utf8(output.stdout).expect("text");
            let mut told = told.split_whitespace();
            let mut next = || told.next().unwrap_or("?").to_owned();
            let (seconds, mebibytes, exit) = (next(), next(), next());
            let took = seconds.parse().unwrap_or(f64::INFINITY);
            let growth = before.map(|before| format!("{:.1}", took / before)).unwrap_or_default();
            println!("| {} | {size} | {seconds} | {mebibytes} | {exit} | {growth} |", shape.name);
            before = Some(took);
            if took > PATIENCE {
                break;
            }
        }
    }
}
