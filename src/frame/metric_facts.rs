//! One row per account, metric and window.

use super::column::{MOST, Members, frame};
use super::metric_orders;

/// Orders that count against the target.
const AGAINST: &Members = &Members {
    frame: &metric_orders::FRAME,
    on: &[("from", "from"), ("account", "account"), ("metric", "metric"), ("window", "window")],
    only: &[],
    beside: &["order_no", "status_raw"],
    most: MOST,
};

frame! {
    metric_facts, sorted by [account, metric, window, from] {
        /// The account's name.
        account: Word,
        /// Its marketplace.
        marketplace: Word,
        /// The metric's name.
        metric: Word,
        /// Which window ([`crate::vocab::Window`]).
        window: Word<Window>,
        /// First day, inclusive.
        from: Date,
        /// Last day, inclusive.
        to: Date,
        /// All sources that it needs were read.
        computable: Flag,
        /// Orders that count.
        numerator: Int by "against" or "denominator - against",
        /// Orders in all.
        denominator: Int,
        /// Orders that count against the target.
        against: Int as Count of AGAINST.order_no,
        /// Excluded orders by reason, as a JSON object.
        excluded: Text,
        /// Numerator of the target.
        target_num: Int set in policy,
        /// Denominator of the target.
        target_den: Int set in policy,
        /// The rate must not be below the target; else not above.
        at_least: Flag,
        /// The bound itself misses the target.
        strict: Flag,
        /// First day of the target's validity.
        target_from: Date,
        /// The target is met, whichever way the refused rows fall; null without a target, with denominator 0, or where they decide.
        met: Flag,
        /// The refused rows, or orders of which the export does not say what decides, decide whether the target is met.
        open: Flag,
        /// Refused rows that may belong to the numerator or the denominator.
        quarantined: Int,
        /// Orders that may still fail (at or above 0), or that must be mended (below 0); null without a target.
        distance: Int,
        /// The window is a calendar month that ended by as-of.
        closed: Flag,
    }
}
