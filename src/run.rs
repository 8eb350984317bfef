//! All stages in order.
