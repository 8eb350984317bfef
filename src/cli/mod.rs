//! What a person typed: one file per command.
