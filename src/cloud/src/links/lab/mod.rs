//! The link to a laboratory company (検査会社): orders go out through the queue ([`crate::jobs`]), answers and results
//! come in, each once. The messages are HL7 v2.5, over HTTPS or as files; both ways follow the same rules.
//!
//! - `courier` writes orders and cancellations and tells the store what the laboratory answered.
//! - `intake` fetches messages and takes them: results by the rule of `matching`, answers that come by themselves.
//! - `https` and `folder` carry bytes.
//! - `health` turns the outcome of the exchanges into the link's status.

mod courier;
mod folder;
mod health;
mod https;
mod intake;
mod matching;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use exchange::hl7v2::{Charset, Head, Party};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::courier::LabCourier;
use self::folder::Folder;
use self::health::Health;
use self::https::Https;
use super::LinkError;
use crate::clock::Clock;
use crate::config::LabLink;
use crate::jobs;
use crate::store::lab::outgoing::SERVICE;
use crate::store::{Actor, Institution, Store, Tenant};

/// Our name as a program in messages (MSH-3).
const APPLICATION: &str = "SOEGAKI";

/// How bytes reach the laboratory.
enum Carrier {
    Https(Https),
    Folder(Folder),
}

/// What the parts of one link share.
struct Base {
    /// The institution's code, for the log.
    institution: String,
    /// The institution's name, as laboratories read it.
    clinic: String,
    tenant: Tenant,
    /// In whose name the store is asked.
    actor: Actor,
    offset: Offset,
    clock: Clock,
    store: Store,
    /// The laboratory's name in the settings.
    lab: String,
    us: Party,
    them: Party,
    charset: Charset,
    carrier: Carrier,
    health: Health,
    poll_every: Duration,
    stopping: watch::Sender<bool>,
}

/// A running link.
pub(crate) struct Link {
    base: Arc<Base>,
    tasks: tokio::sync::Mutex<Vec<JoinHandle<()>>>,
}

impl Link {
    /// Starts the parts; none of them waits for the laboratory here.
    pub(crate) async fn start(
        store: &Store,
        clock: &Clock,
        institution: &Institution,
        settings: &LabLink,
    ) -> Result<Self, LinkError> {
        let tenant = institution.tenant;
        let lab = settings.name.as_str().to_owned();
        let carrier = match (&settings.folder, &settings.base_url) {
            (Some(path), _) => Carrier::Folder(Folder::new(path.as_path())),
            (None, Some(url)) => Carrier::Https(Https::new(settings, url)?),
            (None, None) => {
                let what = "neither base_url nor folder is set".to_owned();
                return Err(LinkError::Setup { institution: institution.code.clone(), what });
            }
        };
        store.set_labs(tenant, &[(&lab, true)]).await?;
        let code = settings.lab_code.as_ref().map(settings::Text::as_str);
        let base = Arc::new(Base {
            institution: institution.code.clone(),
            clinic: institution.name.clone(),
            tenant,
            actor: Actor::service(tenant, "links/lab"),
            offset: institution.offset,
            clock: clock.clone(),
            store: store.clone(),
            us: Party {
                application: APPLICATION.to_owned(),
                facility: settings.facility.as_str().to_owned(),
            },
            them: Party { facility: code.unwrap_or_default().to_owned(), ..Party::default() },
            lab,
            charset: settings.charset.into(),
            carrier,
            health: Health::default(),
            poll_every: settings.poll_every.get(),
            stopping: watch::Sender::new(false),
        });
        let delivering =
            jobs::run(store.clone(), tenant, SERVICE, LabCourier::new(Arc::clone(&base)));
        let tasks = vec![base.spawn(delivering), base.spawn(intake::run(Arc::clone(&base)))];
        Ok(Self { base, tasks: tokio::sync::Mutex::new(tasks) })
    }

    /// Ends the parts; an exchange under way is given up.
    pub(crate) async fn stop(&self) {
        self.base.stopping.send_replace(true);
        for task in self.tasks.lock().await.drain(..) {
            let _ = task.await;
        }
    }
}

impl Base {
    /// A part of the link, given up when the link stops.
    fn spawn(self: &Arc<Self>, part: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let base = Arc::clone(self);
        tokio::spawn(async move {
            let mut stopping = base.stopping.subscribe();
            tokio::select! {
                () = part => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
        })
    }

    /// A moment as the clinic's wall clock shows it.
    fn wall(&self, at: Timestamp) -> DateTime {
        self.offset.to_datetime(at)
    }

    /// The head of a message of ours.
    fn head(&self, control_id: String, charset: Charset) -> Head {
        Head {
            sender: self.us.clone(),
            receiver: self.them.clone(),
            at: Some(self.wall(self.clock.now())),
            control_id,
            charset,
        }
    }
}
