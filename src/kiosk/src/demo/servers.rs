//! The demo's other half: the receipt computer and the cloud, on a thread of their own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ::cloud::accounts::{Accounts, SessionLimits};
use ::cloud::config::{LabLink, Lasting, Listen, Pem, ReceiptLink};
use ::cloud::store::{Actor, NewAccount, Store, Tenant};
use ::sandbox::certificates::Identity;
use ::sandbox::clinic::{FACILITY, INSTITUTION_CODE, INSTITUTION_NAME, STAFF};
use ::sandbox::lab::{LabCompany, LabConfig, LabControl, Pace};
use ::sandbox::{Clinic, Control, Sandbox, SandboxConfig};
use api::session::Role;
use jiff::SignedDuration;
use settings::Secret;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::before::{self, Before};
use super::clock::{DemoClock, OFFSET};
use super::line::{Near, Plug};

/// Who orders.
const PRACTITIONER: &str = "ishi";

/// The laboratory as the settings call it.
pub(super) const LABORATORY: &str = "標準検査センター";

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What the servers need to know.
pub struct Wanted {
    /// Which synthetic clinic.
    pub seed: u64,
    /// How many patients it has.
    pub patients: usize,
    /// How many of them come today.
    pub receptions: usize,
    /// Folder of the cloud's database.
    pub folder: PathBuf,
    /// The cloud's certificate.
    pub identity: Identity,
    /// Everybody's clock.
    pub clock: DemoClock,
    /// The near end of the line.
    pub near: Near,
    /// The hand on its plug.
    pub plug: Plug,
    /// How long the laboratory takes; `None` leaves that to the script.
    pub pace: Option<Pace>,
}

/// The world outside the window, once it is up.
#[derive(Clone)]
pub struct World {
    /// Behind the scenes of the receipt computer.
    pub control: Control,
    /// Who the patients are.
    pub clinic: Arc<Clinic>,
    /// Behind the scenes of the laboratory.
    pub lab: LabControl,
}

/// The running servers.
pub struct Servers {
    thread: Option<JoinHandle<()>>,
    stop: Option<oneshot::Sender<()>>,
    up: Receiver<Result<World, String>>,
}

impl Servers {
    /// Starts them; comes back at once.
    pub fn start(wanted: Wanted) -> std::io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (tell, up) = channel();
        let thread =
            std::thread::Builder::new().name("demo-servers".to_owned()).spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .thread_name("demo")
                    .enable_all()
                    .build();
                let runtime = match runtime {
                    Ok(runtime) => runtime,
                    Err(e) => {
                        let _ = tell.send(Err(e.to_string()));
                        return;
                    }
                };
                runtime.block_on(async move {
                    match start(wanted).await {
                        Ok((sandbox, lab, running)) => {
                            let world = World {
                                control: sandbox.control.clone(),
                                clinic: Arc::clone(&sandbox.clinic),
                                lab: lab.control.clone(),
                            };
                            let _ = tell.send(Ok(world));
                            // Ends by the word or when nobody is left to say it.
                            let _ = stopped.await;
                            running.stop().await;
                            lab.stop().await;
                            sandbox.stop().await;
                        }
                        Err(e) => {
                            eprintln!("the demo's servers did not start: {e}");
                            let _ = tell.send(Err(e.to_string()));
                            let _ = stopped.await;
                        }
                    }
                });
                runtime.shutdown_timeout(Duration::from_secs(1));
            })?;
        Ok(Self { thread: Some(thread), stop: Some(stop), up })
    }

    /// Waits until they are up; once.
    pub fn world(&self, limit: Duration) -> Result<World, String> {
        match self.up.recv_timeout(limit) {
            Ok(world) => world,
            Err(RecvTimeoutError::Timeout) => Err(format!("not up after {} s", limit.as_secs())),
            Err(RecvTimeoutError::Disconnected) => Err("they ended before they were up".to_owned()),
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn start(wanted: Wanted) -> Result<(Sandbox, LabCompany, ::cloud::Running), Fault> {
    let Wanted { seed, patients, receptions, folder, identity, clock, near, plug, pace } = wanted;
    near.serve(plug.clone())?;
    let sandbox = Sandbox::start(SandboxConfig {
        seed,
        patients,
        receptions,
        today: clock.today(),
        day_start: clock.wall().time(),
        ..SandboxConfig::default()
    })
    .await?;
    sandbox.control.clock().set(clock.wall());
    let cloud_clock = ::cloud::clock::Clock::held(clock.now());
    tokio::spawn(keep_time(cloud_clock.clone(), clock));
    let lab = LabCompany::start(LabConfig {
        seed,
        pace,
        clock: sandbox.control.clock().clone(),
        ..LabConfig::default()
    })
    .await?;
    let config = cloud_config(&folder, identity, &sandbox, &lab)?;
    first_day(&config, &sandbox, seed).await?;
    let running = ::cloud::serve(config, cloud_clock).await?;
    plug.reach(running.addr);
    Ok((sandbox, lab, running))
}

/// The cloud goes by the demo's clock.
async fn keep_time(cloud: ::cloud::clock::Clock, clock: DemoClock) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    loop {
        ticks.tick().await;
        cloud.set(clock.now());
    }
}

fn cloud_config(
    folder: &Path,
    identity: Identity,
    sandbox: &Sandbox,
    lab: &LabCompany,
) -> Result<::cloud::Config, Fault> {
    let access = &sandbox.receipt;
    let mut link =
        ReceiptLink::new(INSTITUTION_CODE, &access.base_url, &access.user, &access.password)?;
    link.push_url = Some(access.push_url.parse()?);
    link.ca = Some(Pem::text(access.ca_pem.clone()));
    link.client_identity = Some(Pem::text(access.client_identity_pem.clone()));
    let database = folder.join("cloud.sqlite3");
    let mut config = ::cloud::Config {
        listen: Listen {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into(),
            certificate: Pem::text(identity.cert_pem),
            private_key: Pem::text(identity.key_pem),
            ..Listen::default()
        },
        receipt: vec![link],
        lab: vec![lab_link(lab)?],
        ..::cloud::Config::default()
    };
    config.database.url = format!("sqlite:{}", database.display()).parse()?;
    Ok(config)
}

fn lab_link(lab: &LabCompany) -> Result<LabLink, Fault> {
    let access = &lab.access;
    let mut link = LabLink::https(INSTITUTION_CODE, LABORATORY, FACILITY, &access.base_url)?;
    link.user = Some(access.user.parse()?);
    link.password = Some(Secret::new(access.password.clone()));
    link.ca = Some(Pem::text(access.ca_pem.clone()));
    link.client_identity = Some(Pem::text(access.client_identity_pem.clone()));
    link.poll_every = Lasting::secs(2);
    Ok(link)
}

/// The institution, its people and what they did before the demo, through the cloud's own store. What is there already
/// stays.
async fn first_day(config: &::cloud::Config, sandbox: &Sandbox, seed: u64) -> Result<(), Fault> {
    let today = sandbox.clinic.today();
    let clock = ::cloud::clock::Clock::held(before::since(today));
    let store = Store::open(&config.database_url()?, clock.clone()).await?;
    store.migrate().await?;
    let known = store.institution(INSTITUTION_CODE).await?;
    let is_new = known.is_none();
    let institution = match known {
        Some(institution) => institution,
        None => store.add_institution(INSTITUTION_CODE, INSTITUTION_NAME, OFFSET).await?,
    };
    accounts(&store, institution.tenant).await?;
    if is_new {
        let mut before = Before::begin(&store, &clock, institution.tenant, PRACTITIONER).await?;
        before.sets(before::first_day(today)).await?;
        before.results(&sandbox.clinic, seed).await?;
    }
    store.close().await;
    Ok(())
}

async fn accounts(store: &Store, tenant: Tenant) -> Result<(), Fault> {
    let actor = Actor::operator(tenant, "demo");
    let limits = SessionLimits {
        idle: SignedDuration::from_mins(30),
        absolute: SignedDuration::from_hours(12),
    };
    let accounts = Accounts::new(store.clone(), limits);
    for person in STAFF {
        if store.account(tenant, person.login).await?.is_some() {
            continue;
        }
        let password = Zeroizing::new(person.password.to_owned());
        let account = NewAccount {
            login: person.login.to_owned(),
            display_name: person.display_name.to_owned(),
            role: Role::parse(person.role).ok_or("a role of the demo is not the contract's")?,
            password_hash: accounts.hash(person.login, password).await?,
        };
        store.add_account(&actor, &account).await?;
    }
    Ok(())
}
