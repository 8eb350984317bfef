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
mod threads;
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
    if let Err(lacking) = threads_of(&arguments.command).map_or(Ok(()), threads::bind) {
        no_threads(&format!("{lacking}: nothing was done"));
        return exit_code(Exit::Limit);
    }
    // Nothing is dumped where something gives up: mostly one file is refused, and the others are read.
    std::panic::set_hook(Box::new(|given_up| {
        let mut last = LAST_PLACE.lock().unwrap_or_else(PoisonError::into_inner);
        *last = given_up.location().map(ToString::to_string);
    }));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(&arguments.command)));
    let exit = caught.unwrap_or_else(|panic| {
        if threads::is_lacking(&*panic) {
            no_threads("the system gave no more threads: nothing was published");
            return Exit::Limit;
        }
        let last = LAST_PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
        let place = last.map_or(String::new(), |place| format!(" ({place})"));
        paint::error(&format!("an invariant did not hold{place}: this is a bug of trueup; nothing was published"));
        Exit::Invariant
    });
    if let Some(lost) = paint::finish() {
        paint::error(&format!("what belongs on standard output could not be written there: {lost}"));
        return exit_code(Exit::Publication);
    }
    exit_code(exit)
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

fn no_threads(error: &str) {
    paint::error(error);
    paint::note(
        "raise the limit of threads (`ulimit -u`, or that of the container) or of memory (`ulimit -v`); \
         `run` needs fewer with `--threads 1`",
    );
}

/// How many threads a command asks for; `None`: it needs none but its own.
fn threads_of(command: &Command) -> Option<Option<usize>> {
    match command {
        Command::Run(arguments) => Some(arguments.threads),
        Command::Check(_) | Command::Infer(_) | Command::Explain(_) | Command::Pack(PackCommand::Test(_)) => Some(None),
        _ => None,
    }
}
