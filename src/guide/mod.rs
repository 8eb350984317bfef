//! Documentation: how the house is built and how to work in it.

#[doc = include_str!("architecture.md")]
pub mod architecture {}

#[doc = include_str!("tutorial.md")]
pub mod tutorial {}

#[doc = include_str!("cookbook.md")]
pub mod cookbook {}

#[doc = include_str!("dates.md")]
pub mod dates {}

#[doc = include_str!("reasons.md")]
pub mod reasons {}

#[doc = include_str!("reference.md")]
pub mod reference {}

#[doc = include_str!("keys.md")]
pub mod keys {}

#[doc = include_str!("words.md")]
pub mod words {}

#[doc = include_str!("values.md")]
pub mod values {}

#[doc = include_str!("sources.md")]
pub mod sources {}

#[doc = include_str!("changelog.md")]
pub mod changelog {}

/// What marketplaces, carriers and calendars demand, with sources; code cites it by section and tag.
#[doc = include_str!("rulebook/README.md")]
pub mod rulebook {}

/// Decisions, one page each, numbered and dated; superseded by link, never deleted.
pub mod decisions {
    #[doc = include_str!("decisions/0001-rows-are-judged-by-our-reader.md")]
    pub mod d0001_rows_are_judged_by_our_reader {}

    #[doc = include_str!("decisions/0002-reconcile-by-loops-rules-by-expressions.md")]
    pub mod d0002_reconcile_by_loops_rules_by_expressions {}

    #[doc = include_str!("decisions/0003-one-number-of-lineage.md")]
    pub mod d0003_one_number_of_lineage {}

    #[doc = include_str!("decisions/0004-threads.md")]
    pub mod d0004_threads {}

    #[doc = include_str!("decisions/0005-words-are-text-in-frames.md")]
    pub mod d0005_words_are_text_in_frames {}

    #[doc = include_str!("decisions/0006-packs-on-demand-and-common.md")]
    pub mod d0006_packs_on_demand_and_common {}

    #[doc = include_str!("decisions/0007-a-contested-cut-off-is-not-overdue.md")]
    pub mod d0007_a_contested_cut_off_is_not_overdue {}

    #[doc = include_str!("decisions/0008-what-cannot-be-judged-stays-open.md")]
    pub mod d0008_what_cannot_be_judged_stays_open {}

    #[doc = include_str!("decisions/0009-infer-proves-or-asks.md")]
    pub mod d0009_infer_proves_or_asks {}

    #[doc = include_str!("decisions/0010-our-own-scanner-of-sheets.md")]
    pub mod d0010_our_own_scanner_of_sheets {}

    #[doc = include_str!("decisions/0011-our-own-rows-of-large-sheets.md")]
    pub mod d0011_our_own_rows_of_large_sheets {}

    #[doc = include_str!("decisions/0012-one-row-is-one-line.md")]
    pub mod d0012_one_row_is_one_line {}

    #[doc = include_str!("decisions/0013-a-clawback-is-a-due-of-its-own.md")]
    pub mod d0013_a_clawback_is_a_due_of_its_own {}

    #[doc = include_str!("decisions/0014-a-gap-of-statements-needs-something-due.md")]
    pub mod d0014_a_gap_of_statements_needs_something_due {}

    #[doc = include_str!("decisions/0015-packs-ship-their-examples.md")]
    pub mod d0015_packs_ship_their_examples {}

    #[doc = include_str!("decisions/0016-rules-run-on-threads-of-their-own.md")]
    pub mod d0016_rules_run_on_threads_of_their_own {}

    #[doc = include_str!("decisions/0017-check-characters-are-advice.md")]
    pub mod d0017_check_characters_are_advice {}

    #[doc = include_str!("decisions/0020-rules-as-text-are-sql.md")]
    pub mod d0020_rules_as_text_are_sql {}

    #[doc = include_str!("decisions/0021-cells-are-slices-of-the-text.md")]
    pub mod d0021_cells_are_slices_of_the_text {}

    #[doc = include_str!("decisions/0022-a-dictionary-where-values-repeat.md")]
    pub mod d0022_a_dictionary_where_values_repeat {}
    #[doc = include_str!("decisions/0023-text-grows-in-the-arrays-of-the-frame.md")]
    pub mod d0023_text_grows_in_the_arrays_of_the_frame {}
    #[doc = include_str!("decisions/0024-columns-are-read-where-they-lie.md")]
    pub mod d0024_columns_are_read_where_they_lie {}
    #[doc = include_str!("decisions/0025-text-is-read-in-windows.md")]
    pub mod d0025_text_is_read_in_windows {}
    #[doc = include_str!("decisions/0026-polars-without-its-feature-parquet.md")]
    pub mod d0026_polars_without_its_feature_parquet {}
    #[doc = include_str!("decisions/0027-text-behind-a-closing-quote.md")]
    pub mod d0027_text_behind_a_closing_quote {}
    #[doc = include_str!("decisions/0028-cited-cells-are-read-again.md")]
    pub mod d0028_cited_cells_are_read_again {}
    #[doc = include_str!("decisions/0029-the-hold-of-an-order-begins-with-an-event.md")]
    pub mod d0029_the_hold_of_an_order_begins_with_an_event {}
    #[doc = include_str!("decisions/0030-orders-are-worked-out-part-by-part.md")]
    pub mod d0030_orders_are_worked_out_part_by_part {}
    #[doc = include_str!("decisions/0031-the-engine-compares-the-program-joins.md")]
    pub mod d0031_the_engine_compares_the_program_joins {}
    #[doc = include_str!("decisions/0032-a-publication-holds-what-somebody-reads.md")]
    pub mod d0032_a_publication_holds_what_somebody_reads {}
}
