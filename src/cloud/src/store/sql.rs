//! Statements and rows, for reads and for the writer's transaction alike.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, Row, SqlStr};

use super::StoreError;

/// A parameter.
#[derive(Debug, Clone)]
pub(super) enum Arg {
    Text(String),
    Int(i64),
}

/// Parameters in their order.
pub(super) type Args = Vec<Arg>;

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<super::Tenant> for Arg {
    fn from(tenant: super::Tenant) -> Self {
        Self::Int(tenant.0)
    }
}

impl From<jiff::civil::Date> for Arg {
    fn from(day: jiff::civil::Date) -> Self {
        Self::Text(day.to_string())
    }
}

/// Parameters of a statement, in their order.
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        ::std::vec::Vec::<$crate::store::sql::Arg>::from([$($crate::store::sql::Arg::from($value)),*])
    };
}
pub(super) use args;

type Prepared<'q> = sqlx::query::Query<'q, Any, AnyArguments>;

fn bind<'q>(mut query: Prepared<'q>, args: &[Arg]) -> Prepared<'q> {
    for arg in args {
        query = match arg {
            Arg::Text(text) => query.bind(text.clone()),
            Arg::Int(number) => query.bind(*number),
        };
    }
    query
}

/// All rows.
pub(super) async fn all(
    conn: &mut AnyConnection,
    text: SqlStr,
    args: &[Arg],
) -> Result<Vec<AnyRow>, StoreError> {
    Ok(bind(sqlx::query(text), args).fetch_all(conn).await?)
}

/// Runs a statement and tells how many rows it touched.
pub(super) async fn exec(
    conn: &mut AnyConnection,
    text: SqlStr,
    args: &[Arg],
) -> Result<u64, StoreError> {
    Ok(bind(sqlx::query(text), args).execute(conn).await?.rows_affected())
}

/// A text column.
pub(super) fn text(row: &AnyRow, column: usize) -> Result<&str, StoreError> {
    Ok(row.try_get::<&str, _>(column)?)
}

/// A number column.
pub(super) fn int(row: &AnyRow, column: usize) -> Result<i64, StoreError> {
    Ok(row.try_get::<i64, _>(column)?)
}

/// A text column that holds JSON. The error names the place, never the content.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &AnyRow,
    column: usize,
    what: &str,
) -> Result<T, StoreError> {
    from_json(text(row, column)?, what)
}

/// Reads stored JSON.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(
    text: &str,
    what: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| {
        StoreError::Damaged(format!("{what}, line {} column {}", e.line(), e.column()))
    })
}

/// Writes JSON.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Invalid("not writable as JSON".to_owned()))
}

/// A value that is one word, as a column holds it: its JSON without the quotation marks.
pub(super) fn word<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    Ok(to_json(value)?.trim_matches('"').to_owned())
}

/// Reads what [`word`] writes.
pub(super) fn from_word<T: serde::de::DeserializeOwned>(
    text: &str,
    what: &str,
) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::from(text))
        .map_err(|_| StoreError::Damaged(what.to_owned()))
}

/// A moment as it is stored: UTC, always six digits after the second, so that text order is time order.
pub(super) fn stamp(at: jiff::Timestamp) -> String {
    format!("{at:.6}")
}

/// Reads what [`stamp`] writes.
pub(super) fn parse_stamp(text: &str, what: &str) -> Result<jiff::Timestamp, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged(format!("{what}: not a moment")))
}

/// `($1,$2,…),($n,…)`: the places of `rows` rows of `columns` columns.
pub(super) fn places(rows: usize, columns: usize) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(rows * columns * 5);
    for row in 0..rows {
        out.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            let comma = if column == 0 { "" } else { "," };
            let _ = write!(out, "{comma}${}", row * columns + column + 1);
        }
        out.push(')');
    }
    out
}

/// Adds the values to `args` and gives their places for `IN (…)`. The last value is repeated up to one of a
/// few lengths, so that the statements stay prepared.
pub(super) fn list<'a>(args: &mut Args, values: impl Iterator<Item = &'a str>) -> String {
    let first = args.len() + 1;
    args.extend(values.map(Arg::from));
    let count = args.len() + 1 - first;
    let length = [1, 8, 32, 64, 128, 256].into_iter().find(|n| *n >= count).unwrap_or(count);
    if let Some(last) = args.last().cloned() {
        args.resize(first + length - 1, last);
    }
    let places: Vec<String> = (first..=args.len()).map(|n| format!("${n}")).collect();
    places.join(",")
}

#[cfg(test)]
mod tests {
    use super::{parse_stamp, places, stamp};

    #[test]
    fn stamps_have_one_length_and_come_back() {
        for text in
            ["2026-11-22T00:00:00Z", "2026-11-22T00:00:00.12Z", "1999-01-01T00:00:00.000001Z"]
        {
            let at: jiff::Timestamp = text.parse().unwrap();
            assert_eq!(stamp(at).len(), 27, "{}", stamp(at));
            assert_eq!(parse_stamp(&stamp(at), "x").unwrap(), at);
        }
    }

    #[test]
    fn places_count_on() {
        assert_eq!(places(2, 3), "($1,$2,$3),($4,$5,$6)");
        assert_eq!(places(1, 1), "($1)");
    }
}
