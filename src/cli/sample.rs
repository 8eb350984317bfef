//! `trueup sample`: sample data with planted, labelled errors.

use crate::cli::args::SampleArguments;
use crate::cli::paint;
use crate::diagnose::Exit;
use crate::sample::{Request, write_sample};

pub(super) fn sample(arguments: &SampleArguments) -> Exit {
    let request =
        Request { orders: arguments.orders, seed: arguments.seed, out: arguments.out.clone(), clean: arguments.clean };
    match write_sample(&request) {
        Ok(written) => {
            let rows: Vec<Vec<String>> =
                written.files.iter().map(|file| vec![file.path.clone(), file.rows.to_string()]).collect();
            paint::table(&["file", "rows"], &rows);
            let out = request.out.display();
            paint::line(&format!(
                "{} orders, {} planted findings; run {out}/pipeline.toml",
                written.orders, written.truth
            ));
            Exit::Clean
        }
        Err(error) => {
            paint::error(&error.to_string());
            Exit::Usage
        }
    }
}
