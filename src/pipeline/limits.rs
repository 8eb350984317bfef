//! What an input may cost at most. A file beyond a limit is refused (exit 5), and the limit is named.

use std::num::NonZeroU64;

use serde::Deserialize;

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $default:expr;)*) => {
        /// Limits of the files of a source.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Limits { $($(#[$doc])* pub $name: u64),* }

        /// `[pipeline.limits]` and `[source.limits]`: the limits that are not as usual. None is 0, and none can be switched off.
        #[derive(Debug, Clone, Copy, Default, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct WrittenLimits {
            $($(#[$doc])* #[cfg_attr(test, schemars(extend("default" = Limits::default().$name)))] pub $name: Option<NonZeroU64>),*
        }

        impl Default for Limits {
            fn default() -> Limits {
                Limits { $($name: $default),* }
            }
        }

        impl Limits {
            /// These limits, with what is written in place of them.
            #[must_use]
            pub fn with(self, written: &WrittenLimits) -> Limits {
                Limits { $($name: written.$name.map_or(self.$name, NonZeroU64::get)),* }
            }
        }
    };
}

limits! {
    /// Bytes of a file as it lies there.
    file_bytes = 8 << 30;
    /// Bytes of a file that the library can only read whole (XLS, ODS).
    whole_file_bytes = 64 << 20;
    /// Cells of all sheets of such a file. Those of XLS count as rectangles: the library builds them, whatever is empty in them.
    whole_cells = 1 << 24;
    /// Cells of such an XLS file, or of XLSX rows wider than 1,024 cells, for each one that holds something, beyond the first million.
    cells_per_value = 16;
    /// Bytes that one part of a package, or the text in an archive, inflates to.
    inflated_part_bytes = 2 << 30;
    /// Bytes that all parts of a package together inflate to.
    inflated_bytes = 4 << 30;
    /// Bytes that all parts of a package that is read whole (ODS) inflate to.
    inflated_whole_bytes = 512 << 20;
    /// Inflated bytes for each compressed one.
    ratio = 100;
    /// Inflated bytes from which the ratio counts.
    ratio_from_bytes = 10 << 20;
    /// Entries of an archive or package, and sheets of a workbook.
    entries = 10_000;
    /// Rows of a text or of a sheet.
    rows = 1_000_000_000;
    /// Columns of a row.
    columns = 16_384;
    /// Bytes of a cell, as UTF-8.
    cell_bytes = 256 << 10;
    /// Bytes of a record of delimited text, as UTF-8.
    record_bytes = 256 << 10;
    /// Lines over which one record of delimited text may run.
    record_lines = 100;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_wins_and_the_rest_stays() {
        let written: WrittenLimits = toml::from_str("rows = 5\nratio = 20").unwrap();
        let limits = Limits::default().with(&written);
        assert_eq!((limits.rows, limits.ratio), (5, 20));
        assert_eq!(Limits { rows: 1_000_000_000, ratio: 100, ..limits }, Limits::default());
    }

    #[test]
    fn no_limit_is_zero_and_none_is_unknown() {
        assert!(toml::from_str::<WrittenLimits>("rows = 0").is_err());
        assert!(toml::from_str::<WrittenLimits>("rows = -1").is_err());
        assert!(toml::from_str::<WrittenLimits>("row = 1").is_err());
    }
}
