//! One row per source: how good its data is, beside the previous publication.

use super::column::{MOST, Members, frame};
use super::refused_rows;

/// Its rows in quarantine.
const REFUSED: &Members =
    &Members { frame: &refused_rows::FRAME, on: &[("source", "source")], only: &[], beside: &[], most: MOST };

frame! {
    source_facts, sorted by [source] {
        /// The account of the source, or empty.
        account: Word,
        /// Its marketplace, or empty.
        marketplace: Word,
        /// The source's name.
        source: Word,
        /// What it holds ([`crate::vocab::Kind`]).
        kind: Word<Kind>,
        /// Currency of the account, or empty.
        currency: Word,
        /// Files read.
        files: Int,
        /// Rows in quarantine.
        quarantined: Int as Count of REFUSED.value,
        /// How many rows for which reason: `not_a_date 2, empty 1`.
        quarantine_reasons: Text,
        /// Where the first of them stands.
        first_quarantined: Text,
        /// Used rows dated after the as-of day.
        after_as_of: Int,
        /// The latest main date of its used rows.
        newest_on: Date from newest_row.fields,
        /// Where the row with that date stands.
        newest_place: Text,
        /// Keys of the previous publication that no input of tonight holds.
        vanished: Int,
        /// Their control amounts in the currency of the account.
        vanished_money: Money,
        /// The first of them.
        vanished_keys: Text,
        /// Headers that are new, gone or renamed since the previous publication; empty when there is none.
        header_drift: Text,
        /// Cells whose excess decimals were booked half up.
        booked_excess_decimals: Int,
        /// What those cells say beyond what was booked, added up by currency: `-0.005 CZK`.
        booked_residue: Text,
        /// Rows whose civil day a DST policy has moved.
        dst_moved_days: Int,
        /// The calendar that ended before a date that the source's orders need, or empty.
        short_calendar: Text,
        /// The first day that was needed and is not covered.
        beyond_calendar_on: Date,
        /// Orders created on a day on which the marketplace took none by the rules of its pack.
        outside_validity: Int,
        /// The first such day.
        outside_validity_on: Date,
        /// The field of the newest day.
        fields: Text,
        /// The row of the newest day.
        newest_row: Row,
    }
}
