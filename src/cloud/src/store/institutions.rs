//! The institutions of the service.

use jiff::tz::Offset;
use sqlx::any::AnyRow;

use super::audit::GENESIS;
use super::sql::{self, args};
use super::tx::Tx;
use super::writer::Work;
use super::{Institution, Store, StoreError, Tenant};

const COLUMNS: &str = "SELECT id, code, name, utc_offset_seconds FROM institutions";

fn is_code(code: &str) -> bool {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=32).contains(&code.len()) && code.bytes().all(good)
}

pub(super) fn offset(row: &AnyRow, column: usize) -> Result<Offset, StoreError> {
    i32::try_from(sql::int(row, column)?)
        .ok()
        .and_then(|seconds| Offset::from_seconds(seconds).ok())
        .ok_or_else(|| StoreError::Damaged("institutions.utc_offset_seconds".to_owned()))
}

fn institution(row: &AnyRow) -> Result<Institution, StoreError> {
    Ok(Institution {
        tenant: Tenant(sql::int(row, 0)?),
        code: sql::text(row, 1)?.to_owned(),
        name: sql::text(row, 2)?.to_owned(),
        offset: offset(row, 3)?,
    })
}

struct Add {
    code: String,
    name: String,
    offset: Offset,
}

impl Work for Add {
    type Output = Institution;

    fn tenant(&self) -> Option<Tenant> {
        None
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Institution, StoreError> {
        let known = tx
            .one("SELECT id FROM institutions WHERE code = $1", args![self.code.as_str()])
            .await?;
        if known.is_some() {
            return Err(StoreError::Invalid(format!("institution {} exists already", self.code)));
        }
        let row = tx.one("SELECT COALESCE(MAX(id), 0) + 1 FROM institutions", args![]).await?;
        let id = row.as_ref().map_or(Ok(1), |row| sql::int(row, 0))?;
        tx.exec(
            "INSERT INTO institutions (id, code, name, utc_offset_seconds) VALUES ($1, $2, $3, $4)",
            args![id, self.code.as_str(), self.name.as_str(), i64::from(self.offset.seconds())],
        )
        .await?;
        tx.exec(
            "INSERT INTO heads (institution_id, event_seq, audit_seq, audit_hash) \
             VALUES ($1, 0, 0, $2)",
            args![id, GENESIS],
        )
        .await?;
        Ok(Institution {
            tenant: Tenant(id),
            code: self.code.clone(),
            name: self.name.clone(),
            offset: self.offset,
        })
    }
}

impl Store {
    /// Adds an institution. The code is 1 to 32 of `a-z`, `0-9` and `-`.
    pub async fn add_institution(
        &self,
        code: &str,
        name: &str,
        offset: Offset,
    ) -> Result<Institution, StoreError> {
        if !is_code(code) {
            return Err(StoreError::Invalid(
                "an institution's code is 1 to 32 of a-z, 0-9 and '-'".to_owned(),
            ));
        }
        if name.trim().is_empty() {
            return Err(StoreError::Invalid("an institution needs a name".to_owned()));
        }
        self.write(Add { code: code.to_owned(), name: name.trim().to_owned(), offset }).await
    }

    /// The institution of that code.
    pub async fn institution(&self, code: &str) -> Result<Option<Institution>, StoreError> {
        if !is_code(code) {
            return Ok(None);
        }
        let row = self
            .database()
            .one(
                "SELECT id, code, name, utc_offset_seconds FROM institutions WHERE code = $1",
                args![code],
            )
            .await?;
        row.as_ref().map(institution).transpose()
    }

    /// All institutions, by code.
    pub async fn institutions(&self) -> Result<Vec<Institution>, StoreError> {
        let rows = self.database().all(COLUMNS, args![]).await?;
        let mut all = rows.iter().map(institution).collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(all)
    }
}
