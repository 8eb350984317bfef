//! Lists as one JSON object a line, with exact values.

use std::io::{self, BufWriter, Write};

use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::publish::csv::PIECE;
use crate::report::table::{Cells, Table, TableColumn};

/// Writes the file. Text is exact, money a decimal string, a date ISO; an absent number or date is null, absent text is empty.
///
/// # Errors
/// It cannot be written; a cell that should hold JSON does not.
pub fn write(table: &Table, file: impl Write) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(PIECE, file);
    for row in 0..table.rows {
        serde_json::to_writer(&mut file, &Object { table, row })?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

/// One row of a table.
struct Object<'table> {
    table: &'table Table,
    row: usize,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.table.columns.len()))?;
        for column in &self.table.columns {
            object.serialize_entry(&column.title, &Cell { table: self.table, column, row: self.row })?;
        }
        object.end()
    }
}

/// One cell of a row.
struct Cell<'table> {
    table: &'table Table,
    column: &'table TableColumn,
    row: usize,
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.column.cells {
            Cells::Text(texts) => serializer.serialize_str(texts.get(self.row).unwrap_or("")),
            // What is JSON already is checked and goes on as it is.
            Cells::Json(texts) => {
                let json: &RawValue =
                    serde_json::from_str(texts.get(self.row).unwrap_or("null")).map_err(S::Error::custom)?;
                json.serialize(serializer)
            }
            Cells::Int(numbers) => numbers.get(self.row).serialize(serializer),
            _ => match self.table.plain(self.column, self.row) {
                empty if empty.is_empty() => serializer.serialize_none(),
                text => serializer.serialize_str(&text),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_exact() {
        let table = Table::new(1)
            .texts("name", ["=1+1"])
            .column("evidence", Cells::Json([Some(r#"[{"row":7}]"#)].into_iter().collect()))
            .ints("nights", [Some(0)])
            .dates("due", [None])
            .money_in("money", "CZK", [Some(5)]);
        let mut bytes = Vec::new();
        write(&table, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text,
            "{\"name\":\"=1+1\",\"evidence\":[{\"row\":7}],\"nights\":0,\"due\":null,\"money\":\"0.05\"}\n"
        );
    }
}
