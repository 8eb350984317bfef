//! What a person typed: one file per command. Results go to stdout, talk to stderr.

mod args;
mod calendar;
mod check;
mod completions;
mod explain;
mod infer;
mod pack;
mod packs;
mod paint;
mod rules;
mod run;
mod sample;
mod schema;
mod unknown_words;

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::Parser;

use crate::cli::args::{Arguments, Command, PackCommand};
use crate::diagnose::Exit;

/// The place in the code where something gave up last.
static LAST_PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Parses the command line and runs the command.
pub fn enter() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Clean };
            paint::command_line(&error);
            return exit_code(code);
        }
    };
    if let Command::Run(run) = &arguments.command {
        bind_threads(run.threads);
    }
    // Nothing is dumped where something gives up: mostly one file is refused, and the others are read.
    std::panic::set_hook(Box::new(|given_up| {
        let mut last = LAST_PLACE.lock().unwrap_or_else(PoisonError::into_inner);
        *last = given_up.location().map(ToString::to_string);
    }));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(&arguments.command)));
    exit_code(caught.unwrap_or_else(|_| {
        let last = LAST_PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
        let place = last.map_or(String::new(), |place| format!(" ({place})"));
        paint::error(&format!("an invariant did not hold{place}: this is a bug of trueup; nothing was published"));
        Exit::Invariant
    }))
}

fn dispatch(command: &Command) -> Exit {
    match command {
        Command::Run(arguments) => run::run(arguments),
        Command::Check(arguments) => check::check(arguments),
        Command::Infer(arguments) => infer::infer(arguments),
        Command::Explain(arguments) => explain::explain(arguments),
        Command::Rules(arguments) => rules::rules(arguments),
        Command::Calendar(arguments) => calendar::calendar(arguments),
        Command::Pack(PackCommand::Test(arguments)) => pack::test(arguments),
        Command::Pack(PackCommand::Show(arguments)) => packs::show(arguments),
        Command::Pack(PackCommand::List(arguments)) => packs::list(arguments),
        Command::Sample(arguments) => sample::sample(arguments),
        Command::Schema(arguments) => schema::schema(arguments),
        Command::Completions(arguments) => completions::completions(arguments),
    }
}

fn exit_code(exit: Exit) -> ExitCode {
    ExitCode::from(exit as u8)
}

/// Tells both thread pools their size. polars reads its variable once, at first touch, so this comes before everything else.
fn bind_threads(threads: Option<usize>) {
    let Some(threads) = threads else { return };
    #[allow(unsafe_code, reason = "no other thread runs yet; see src/guide/decisions/0004-threads.md")]
    // SAFETY: main has started no thread, and nothing has read the environment concurrently.
    unsafe {
        std::env::set_var("POLARS_MAX_THREADS", threads.to_string());
    }
    // A pool that exists already keeps its size: results do not depend on it.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
}
