//! How the links to laboratories stand: rows of `links` whose names begin with [`PREFIX`].

use api::lab::LabLink;
use api::receptions::{LinkState, LinkStatus};

use super::outgoing::SERVICE;
use crate::store::sql::{self, args};
use crate::store::tx::Tx;
use crate::store::writer::Work;
use crate::store::{Store, StoreError, Tenant};

/// The laboratory's name in the settings follows.
const PREFIX: &str = "lab/";
/// `links.place` of the laboratory to which orders go.
const ORDERS: &str = "orders";

struct SetLabs {
    tenant: Tenant,
    /// Name, and whether orders go there.
    labs: Vec<(String, bool)>,
}

impl Work for SetLabs {
    type Output = ();

    fn tenant(&self) -> Option<Tenant> {
        Some(self.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let rows =
            tx.all("SELECT name FROM links WHERE institution_id = $1", args![self.tenant]).await?;
        for row in &rows {
            let name = sql::text(row, 0)?;
            let Some(lab) = name.strip_prefix(PREFIX) else { continue };
            if !self.labs.iter().any(|(known, _)| known == lab) {
                tx.exec(
                    "DELETE FROM links WHERE institution_id = $1 AND name = $2",
                    args![self.tenant, name],
                )
                .await?;
            }
        }
        for (lab, orders) in &self.labs {
            tx.exec(
                "INSERT INTO links (institution_id, name, state, last_success, place) \
                 VALUES ($1, $2, $3, '', $4) ON CONFLICT (institution_id, name) \
                 DO UPDATE SET place = excluded.place",
                args![
                    self.tenant,
                    format!("{PREFIX}{lab}"),
                    sql::to_json(&LinkState::Starting)?,
                    if *orders { ORDERS } else { "" },
                ],
            )
            .await?;
        }
        Ok(())
    }
}

struct SetStatus {
    tenant: Tenant,
    lab: String,
    status: LinkStatus,
}

impl Work for SetStatus {
    type Output = ();

    fn tenant(&self) -> Option<Tenant> {
        Some(self.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let success = self.status.last_success.map(sql::stamp).unwrap_or_default();
        tx.exec(
            "UPDATE links SET state = $3, last_success = CASE WHEN $4 = '' \
             THEN last_success ELSE $4 END WHERE institution_id = $1 AND name = $2",
            args![
                self.tenant,
                format!("{PREFIX}{}", self.lab),
                sql::to_json(&self.status.state)?,
                success,
            ],
        )
        .await?;
        Ok(())
    }
}

impl Store {
    /// Says which laboratories the settings name, and whether orders go there; others are forgotten.
    pub async fn set_labs(&self, tenant: Tenant, labs: &[(&str, bool)]) -> Result<(), StoreError> {
        let labs = labs.iter().map(|(name, orders)| ((*name).to_owned(), *orders)).collect();
        self.write(SetLabs { tenant, labs }).await
    }

    /// Keeps how the link to a laboratory is. Without a `last_success` the old one stays.
    pub async fn set_lab_status(
        &self,
        tenant: Tenant,
        lab: &str,
        status: &LinkStatus,
    ) -> Result<(), StoreError> {
        self.write(SetStatus { tenant, lab: lab.to_owned(), status: status.clone() }).await
    }

    /// The laboratories of the settings, by name.
    pub async fn lab_links(&self, tenant: Tenant) -> Result<Vec<LabLink>, StoreError> {
        let rows = self
            .database()
            .all(
                "SELECT name, state, last_success, place FROM links \
                 WHERE institution_id = $1",
                args![tenant],
            )
            .await?;
        let waiting = self.undelivered(tenant, SERVICE).await?;
        let mut labs = Vec::new();
        for row in &rows {
            let Some(name) = sql::text(row, 0)?.strip_prefix(PREFIX) else { continue };
            let success = sql::text(row, 2)?;
            labs.push(LabLink {
                name: name.to_owned(),
                state: sql::json(row, 1, "links.state")?,
                last_success: match success {
                    "" => None,
                    at => Some(sql::parse_stamp(at, "links.last_success")?),
                },
                undelivered: if sql::text(row, 3)? == ORDERS { waiting } else { 0 },
            });
        }
        labs.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(labs)
    }
}
