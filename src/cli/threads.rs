//! The threads of a command are had at its beginning or not at all: a library that misses one in the middle of its work panics, or
//! waits for ever.

use std::sync::{Mutex, PoisonError};

/// Threads that work side by side, beside those of the pool, for each one of the pool: of the frame engine, of its runtime (one that
/// serves and one that waits), of the rules.
const KINDS: usize = 4;
/// Writes frames while the rest is worked out.
const WRITER: usize = 1;
/// The library of workbooks takes one for each sheet, and two workbooks are written at a time.
const SHEETS: usize = 24;
/// The largest stack that one of them has (of a rule): memory may be limited, too.
const STACK: usize = 16 << 20;

/// Tells both thread pools their size and makes sure that a command gets its threads. polars reads its variable once, at first touch,
/// so this comes before everything else.
///
/// # Errors
/// There are not enough threads: how many, as a sentence.
pub(super) fn bind(threads: Option<usize>) -> Result<(), String> {
    if let Some(threads) = threads {
        #[allow(unsafe_code, reason = "no other thread runs yet; see src/guide/decisions/0004-threads.md")]
        // SAFETY: main has started no thread, and nothing has read the environment concurrently.
        unsafe {
            std::env::set_var("POLARS_MAX_THREADS", threads.to_string());
        }
    }
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let wanted = threads * (KINDS + 1) + WRITER + SHEETS;
    let lacking = |started: usize| format!("only {started} of {wanted} threads can be had");
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|_| lacking(0))?;
    let others = wanted - threads;
    let started = at_once(others);
    if started < others { Err(lacking(threads + started)) } else { Ok(()) }
}

/// Whether a panic says that a thread could not be had after all: another process may have taken it.
pub(super) fn is_lacking(panic: &(dyn std::any::Any + Send)) -> bool {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.is_some_and(|text| ["failed to spawn thread", "could not spawn threads"].iter().any(|of| text.contains(of)))
}

/// How many of so many threads can run at once. All have ended when this returns.
fn at_once(wanted: usize) -> usize {
    let gate = Mutex::new(());
    std::thread::scope(|scope| {
        let closed = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = || drop(gate.lock().unwrap_or_else(PoisonError::into_inner));
        let start = |_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, wait).ok();
        let started = (0..wanted).map_while(start).count();
        drop(closed);
        started
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn threads_are_counted_while_they_all_run() {
        assert_eq!(super::at_once(9), 9);
        assert_eq!(super::at_once(0), 0);
    }

    #[test]
    fn a_panic_for_want_of_a_thread_is_known() {
        let panic = |text: &str| -> Box<dyn std::any::Any + Send> { Box::new(text.to_owned()) };
        assert!(super::is_lacking(&*panic("failed to spawn thread: Os { code: 11, kind: WouldBlock }")));
        assert!(!super::is_lacking(&*panic("index out of bounds")));
    }
}
