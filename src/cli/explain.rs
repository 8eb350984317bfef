//! `trueup explain RUN ORDER`
use crate::cli::args::ExplainArguments;
use crate::diagnose::Exit;
pub(super) fn explain(_arguments: &ExplainArguments) -> Exit {
    Exit::Clean
}
