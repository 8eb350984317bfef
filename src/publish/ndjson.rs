//! Lists as one JSON object a line, with exact values.

use serde_json::{Map, Value};

use crate::report::table::{Cells, Table, TableColumn};

/// The file. Text is exact, money a decimal string, a date ISO; an absent number or date is null, absent text is empty.
///
/// # Errors
/// A cell that should hold JSON does not.
pub fn render(table: &Table) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for row in 0..table.rows {
        let mut object = Map::new();
        for column in &table.columns {
            object.insert(column.title.clone(), value(table, column, row)?);
        }
        serde_json::to_writer(&mut bytes, &object)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

fn value(table: &Table, column: &TableColumn, row: usize) -> serde_json::Result<Value> {
    Ok(match &column.cells {
        Cells::Text(texts) => Value::from(texts.get(row).unwrap_or("")),
        Cells::Json(texts) => serde_json::from_str(texts.get(row).unwrap_or("null"))?,
        Cells::Int(numbers) => numbers.get(row).map_or(Value::Null, Value::from),
        _ => match table.plain(column, row) {
            empty if empty.is_empty() => Value::Null,
            text => Value::from(text),
        },
    })
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
        let text = String::from_utf8(render(&table).unwrap()).unwrap();
        assert_eq!(
            text,
            "{\"name\":\"=1+1\",\"evidence\":[{\"row\":7}],\"nights\":0,\"due\":null,\"money\":\"0.05\"}\n"
        );
    }
}
