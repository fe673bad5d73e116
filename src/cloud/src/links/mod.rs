//! Links to outside services: one folder a service. A link takes an address and credentials from the settings
//! and speaks the real protocol; what it learns goes into the store.

pub mod lab;
mod line;
pub mod receipt;
mod tls;

use std::collections::HashMap;
use std::time::Duration;

use clinical::PatientNumber;

use crate::clock::Clock;
use crate::config::{Config, ConfigError, ReceiptLink};
use crate::store::{Institution, Store, StoreError, Tenant};

/// Why a link cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// A setting or a file that it names cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Certificates or addresses cannot be used.
    #[error("link of '{institution}': {what}")]
    Setup {
        /// Whose link.
        institution: String,
        /// What is wrong.
        what: String,
    },
    /// No such institution.
    #[error("link of '{0}': there is no such institution; run `soegaki-cloud institution add`")]
    NoInstitution(String),
    /// The store cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All links of this process.
pub(crate) struct Links {
    receipt: HashMap<Tenant, receipt::Link>,
    lab: Vec<lab::Link>,
}

impl Links {
    /// Starts those of the settings.
    pub(crate) async fn start(
        store: &Store,
        clock: &Clock,
        config: &Config,
    ) -> Result<Self, LinkError> {
        let mut links = Self { receipt: HashMap::new(), lab: Vec::new() };
        if let Err(error) = links.add_all(store, clock, config).await {
            links.stop().await;
            return Err(error);
        }
        Ok(links)
    }

    async fn add_all(
        &mut self,
        store: &Store,
        clock: &Clock,
        config: &Config,
    ) -> Result<(), LinkError> {
        for link in &config.receipt {
            self.add_receipt(store, clock, link).await?;
        }
        for link in &config.lab {
            let institution = find(store, link.institution.as_str()).await?;
            self.lab.push(lab::Link::start(store, clock, &institution, link).await?);
        }
        Ok(())
    }

    async fn add_receipt(
        &mut self,
        store: &Store,
        clock: &Clock,
        link: &ReceiptLink,
    ) -> Result<(), LinkError> {
        let institution = find(store, link.institution.as_str()).await?;
        let running = receipt::Link::start(store, clock, &institution, link)?;
        self.receipt.insert(institution.tenant, running);
        Ok(())
    }

    /// Waits, at most `longest`, until the store holds all that the receipt computer tells about a patient.
    /// Where that cannot be had, the store's own words must do. Whether there was an answer to go by.
    pub(crate) async fn complete_patient(
        &self,
        tenant: Tenant,
        number: &PatientNumber,
        longest: Duration,
    ) -> bool {
        match self.receipt.get(&tenant) {
            Some(link) => link.complete_patient(number, longest).await,
            None => true,
        }
    }

    /// Ends all of them; what is under way is given up.
    pub(crate) async fn stop(&self) {
        for link in self.receipt.values() {
            link.stop().await;
        }
        for link in &self.lab {
            link.stop().await;
        }
    }
}

/// The institution that a link's settings name.
async fn find(store: &Store, code: &str) -> Result<Institution, LinkError> {
    let institution = store.institution(code).await?;
    institution.ok_or_else(|| LinkError::NoInstitution(code.to_owned()))
}
