//! One test binary: linking polars is the slow part.

mod house;
