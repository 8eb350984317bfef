//! From a report book to files.
