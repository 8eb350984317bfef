//! Hostile distributions of rows grow no faster than their rows: each shape of `benches/shapes.rs` at a size and at eight times that size.

use std::time::{Duration, Instant};

use crate::shapes::{SHAPES, Shape};
use crate::workbench::run_into;

/// How much larger the larger size is.
const TIMES: usize = 8;

/// A machine that is busy may take so much longer for the larger size; what grows with the square takes 64 times as long, and more than this.
const SLACK: u32 = 3;

/// What a run takes in any case, with room for a busy machine.
const GROUND: Duration = Duration::from_secs(4);

fn took(shape: &Shape, size: usize) -> Duration {
    let scratch = tempfile::tempdir().expect("a folder");
    let pipeline = shape.write(size, scratch.path()).expect("files");
    let begun = Instant::now();
    let outcome = run_into(&pipeline, &scratch.path().join("out"), None);
    let took = begun.elapsed();
    let told = trueup::diagnose::render_all(&outcome.diagnostics);
    assert!(told.len() < 100_000, "{}: {} bytes of messages", shape.name, told.len());
    took
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures of a failing run")]
fn no_shape_grows_with_the_square_of_its_rows() {
    let mut grown = Vec::new();
    for shape in SHAPES {
        let size = match shape.sizes()[0] {
            // Accounts and sources are dearer than files, and files than rows.
            0..100 => 5,
            100..1_000 => 250,
            _ => 500,
        };
        let (little, much) = (took(shape, size), took(shape, size * TIMES));
        println!("{:40} {:6.2} s {:6.2} s", shape.name, little.as_secs_f64(), much.as_secs_f64());
        if much > GROUND + little * TIMES as u32 * SLACK {
            grown.push(format!("{}: {size} took {little:?}, {TIMES} times as many {much:?}", shape.name));
        }
    }
    assert!(grown.is_empty(), "{grown:#?}");
}
