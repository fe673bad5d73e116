//! Stations: the two digits of a terminal's store in specimen numbers ([`clinical::lab::SpecimenNumber`]), so that
//! terminals number tubes while the line is cut and never give the same number twice.

use uuid::Uuid;

use crate::store::audit::Entry;
use crate::store::sql::{self, args};
use crate::store::tx::Tx;
use crate::store::{Actor, StoreError};

/// A store that nobody has signed in at for so long gives its station to another. Numbers begin with the day, so those
/// given earlier are no longer in its way.
const UNUSED_MS: i64 = 30 * 24 * 3600 * 1000;

/// In the order in which they are given.
fn numbers() -> impl Iterator<Item = i64> {
    (1..=99).chain([0])
}

/// The station of a terminal's store: the one that it has, else a free one, else the one unused longest. `None` while
/// all hundred are in use.
pub(in crate::store) async fn of(
    tx: &mut Tx<'_>,
    actor: &Actor,
    store: Uuid,
) -> Result<Option<u8>, StoreError> {
    let (tenant, now) = (actor.tenant, tx.now().as_millisecond());
    let rows = tx
        .all(
            "SELECT number, store, used_ms FROM stations WHERE institution_id = $1 \
             ORDER BY used_ms, number",
            args![tenant],
        )
        .await?;
    let store = store.to_string();
    let mut taken = Vec::with_capacity(rows.len());
    for row in &rows {
        let number = sql::int(row, 0)?;
        if sql::text(row, 1)? == store {
            tx.exec(
                "UPDATE stations SET used_ms = $3 WHERE institution_id = $1 AND number = $2",
                args![tenant, number, now],
            )
            .await?;
            return Ok(u8::try_from(number).ok());
        }
        taken.push(number);
    }
    let number = if let Some(number) = numbers().find(|number| !taken.contains(number)) {
        tx.exec(
            "INSERT INTO stations (institution_id, number, store, used_ms) \
             VALUES ($1, $2, $3, $4)",
            args![tenant, number, store.as_str(), now],
        )
        .await?;
        number
    } else {
        let Some(longest) = rows.first() else { return Ok(None) };
        if sql::int(longest, 2)? > now - UNUSED_MS {
            return Ok(None);
        }
        let number = sql::int(longest, 0)?;
        tx.exec(
            "UPDATE stations SET store = $3, used_ms = $4 \
             WHERE institution_id = $1 AND number = $2",
            args![tenant, number, store.as_str(), now],
        )
        .await?;
        number
    };
    let entry = Entry::new("station.give", "station", number.to_string());
    tx.audit(actor, entry.with(format!("store={store}")))?;
    Ok(u8::try_from(number).ok())
}
