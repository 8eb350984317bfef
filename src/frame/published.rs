//! The declared frames that a publication holds in `data/`.

use super::canonical::frame_of;
use super::column::{Column, Frame, Lineage, Shape};
use super::kind::spec_of;
use super::{clawback_facts, findings, metric_facts, order_facts, tracking_errors};
use crate::vocab::{Kind, Subject, Word as _};

/// All of them, by name.
pub fn frames() -> Vec<Frame> {
    let mut frames: Vec<Frame> = Kind::ALL.iter().map(|kind| frame_of(*kind)).collect();
    frames.extend(Subject::ALL.iter().map(|subject| *subject.frame()));
    frames.extend([clawback_facts::FRAME, metric_facts::FRAME, tracking_errors::FRAME, findings::FRAME]);
    frames.sort_by_key(|frame| frame.name);
    frames.dedup_by_key(|frame| frame.name);
    frames
}

/// The frame of a file.
pub fn frame(name: &str) -> Option<Frame> {
    frames().into_iter().find(|frame| frame.name == name)
}

/// The row that a subject is read from, whatever other rows add to it.
pub fn own_row(frame: &Frame) -> Option<Column> {
    frame.column(if frame.name == order_facts::FRAME.name { "order_row" } else { "row" })
}

/// Columns that the file of a fact frame leaves to the file of the canonical frame: texts and instants that are nothing but the cell of the
/// same name in the subject's own row. Keys stay, but for their spelling as written.
pub fn copies(frame: &Frame) -> Vec<Column> {
    let Some(own) = own_row(frame) else { return Vec::new() };
    let is_key = |field: &str| {
        frame.sorted_by.contains(&field)
            || !field.ends_with("_raw") && Kind::ALL.iter().any(|kind| spec_of(*kind).key.contains(&field))
    };
    let is_copy = |column: &&Column| {
        matches!(column.shape, Shape::Text | Shape::Instant)
            && matches!(column.lineage, Lineage::Cells([(row, field)]) if *row == own.name && *field == column.name)
            && !is_key(column.name)
    };
    frame.columns.iter().filter(is_copy).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_leaves_out_follows_from_its_declaration() {
        let left_out = |frame: Frame| {
            let names = copies(&frame).iter().map(|column| column.name).collect::<Vec<_>>().join(" ");
            (!names.is_empty()).then(|| format!("{}: {names}", frame.name))
        };
        let expected = [
            "order_facts: tracking_number_raw tracking_url created_at opened_at confirmed_at shipped_at delivered_at \
             cancelled_at replaced_by",
            "supplier_facts: internal_ref created_at",
            "transition_facts: at",
        ];
        assert_eq!(frames().into_iter().filter_map(left_out).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_copy_stands_in_the_rows_that_subjects_are_read_from() {
        for frame in frames() {
            for column in copies(&frame) {
                let holds =
                    |kind: &&Kind| frame_of(**kind).column(column.name).is_some_and(|of| of.shape == column.shape);
                assert!(Kind::ALL.iter().any(|kind| holds(&kind)), "{}.{}", frame.name, column.name);
            }
        }
    }
}
