//! The clinic's own lists, and how the links to outside services stand.

use api::EventKind;
use api::receptions::{LinkState, LinkStatus, Reference};

use super::audit::Entry;
use super::sql::{self, args};
use super::tx::Tx;
use super::writer::Work;
use super::{Actor, Store, StoreError, Tenant};

/// The link that feeds the reception list.
pub(super) const RECEIPT: &str = "receipt";

struct SetReference {
    actor: Actor,
    body: String,
}

impl Work for SetReference {
    type Output = bool;

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let tenant = self.actor.tenant;
        let row = tx
            .one("SELECT body FROM reference_lists WHERE institution_id = $1", args![tenant])
            .await?;
        if row.as_ref().is_some_and(|row| sql::text(row, 0).is_ok_and(|body| body == self.body)) {
            return Ok(false);
        }
        tx.exec(
            "INSERT INTO reference_lists (institution_id, body) VALUES ($1, $2) \
             ON CONFLICT (institution_id) DO UPDATE SET body = excluded.body",
            args![tenant, self.body.as_str()],
        )
        .await?;
        tx.event(tenant, &EventKind::ReferenceChanged)?;
        tx.audit(&self.actor, Entry::new("reference.change", "reference", ""))?;
        Ok(true)
    }
}

struct SetLink {
    tenant: Tenant,
    status: LinkStatus,
}

impl Work for SetLink {
    type Output = bool;

    fn tenant(&self) -> Option<Tenant> {
        Some(self.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let row = tx
            .one(
                "SELECT state FROM links WHERE institution_id = $1 AND name = $2",
                args![self.tenant, RECEIPT],
            )
            .await?;
        let state = sql::to_json(&self.status.state)?;
        let changed = match &row {
            Some(row) => sql::text(row, 0)? != state,
            None => true,
        };
        // Without a new success the old one stays.
        let success = self.status.last_success.map(sql::stamp).unwrap_or_default();
        tx.exec(
            "INSERT INTO links (institution_id, name, state, last_success, place) \
             VALUES ($1, $2, $3, $4, '') ON CONFLICT (institution_id, name) \
             DO UPDATE SET state = excluded.state, last_success = CASE \
             WHEN excluded.last_success = '' THEN links.last_success \
             ELSE excluded.last_success END",
            args![self.tenant, RECEIPT, state, success],
        )
        .await?;
        if changed {
            tx.event(self.tenant, &EventKind::LinkChanged { status: self.status.clone() })?;
        }
        Ok(changed)
    }
}

struct SetCursor {
    tenant: Tenant,
    name: String,
    place: String,
}

impl Work for SetCursor {
    type Output = ();

    fn tenant(&self) -> Option<Tenant> {
        Some(self.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.exec(
            "INSERT INTO links (institution_id, name, state, last_success, place) \
             VALUES ($1, $2, $3, '', $4) ON CONFLICT (institution_id, name) \
             DO UPDATE SET place = excluded.place",
            args![
                self.tenant,
                self.name.as_str(),
                sql::to_json(&LinkState::Starting)?,
                self.place.as_str(),
            ],
        )
        .await?;
        Ok(())
    }
}

impl Store {
    /// Departments, physicians and contents; empty before the first reading.
    pub async fn reference(&self, tenant: Tenant) -> Result<Reference, StoreError> {
        let row = self
            .database()
            .one("SELECT body FROM reference_lists WHERE institution_id = $1", args![tenant])
            .await?;
        row.map_or(Ok(Reference::default()), |row| sql::json(&row, 0, "reference_lists.body"))
    }

    /// Keeps the lists; says whether they are new.
    pub async fn set_reference(
        &self,
        actor: &Actor,
        reference: &Reference,
    ) -> Result<bool, StoreError> {
        self.write(SetReference { actor: actor.clone(), body: sql::to_json(reference)? }).await
    }

    /// How the link to the receipt computer is.
    pub async fn link_status(&self, tenant: Tenant) -> Result<LinkStatus, StoreError> {
        let row = self
            .database()
            .one(
                "SELECT state, last_success FROM links WHERE institution_id = $1 AND name = $2",
                args![tenant, RECEIPT],
            )
            .await?;
        let Some(row) = row else {
            return Ok(LinkStatus { state: LinkState::Starting, last_success: None });
        };
        let success = sql::text(&row, 1)?;
        Ok(LinkStatus {
            state: sql::json(&row, 0, "links.state")?,
            last_success: match success {
                "" => None,
                success => Some(sql::parse_stamp(success, "links.last_success")?),
            },
        })
    }

    /// Keeps how the link is; a change of state is an event. Without a `last_success` the old one stays.
    /// Says whether the state is a new one.
    pub async fn set_link_status(
        &self,
        tenant: Tenant,
        status: &LinkStatus,
    ) -> Result<bool, StoreError> {
        self.write(SetLink { tenant, status: status.clone() }).await
    }

    /// The place that a link keeps under a name of its own, to go on from.
    pub async fn link_cursor(
        &self,
        tenant: Tenant,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        let row = self
            .database()
            .one(
                "SELECT place FROM links WHERE institution_id = $1 AND name = $2",
                args![tenant, name],
            )
            .await?;
        let place = row.as_ref().map(|row| sql::text(row, 0)).transpose()?;
        Ok(place.filter(|place| !place.is_empty()).map(str::to_owned))
    }

    /// Keeps such a place.
    pub async fn set_link_cursor(
        &self,
        tenant: Tenant,
        name: &str,
        place: &str,
    ) -> Result<(), StoreError> {
        self.write(SetCursor { tenant, name: name.to_owned(), place: place.to_owned() }).await
    }
}
