//! The demo's other half: the receipt computer and the cloud, on a thread of their own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ::cloud::accounts::{Accounts, SessionLimits};
use ::cloud::config::{Listen, Pem, ReceiptLink};
use ::cloud::store::{Actor, NewAccount, Store};
use ::sandbox::certificates::Identity;
use ::sandbox::clinic::{INSTITUTION_CODE, INSTITUTION_NAME, STAFF};
use ::sandbox::{Clinic, Control, Sandbox, SandboxConfig};
use api::session::Role;
use jiff::SignedDuration;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::clock::{DemoClock, OFFSET};
use super::line::{Near, Plug};

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
}

/// The world outside the window, once it is up.
#[derive(Clone)]
pub struct World {
    /// Behind the scenes of the receipt computer.
    pub control: Control,
    /// Who the patients are.
    pub clinic: Arc<Clinic>,
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
                        Ok((sandbox, running)) => {
                            let world = World {
                                control: sandbox.control.clone(),
                                clinic: Arc::clone(&sandbox.clinic),
                            };
                            let _ = tell.send(Ok(world));
                            // Ends by the word or when nobody is left to say it.
                            let _ = stopped.await;
                            running.stop().await;
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

async fn start(wanted: Wanted) -> Result<(Sandbox, ::cloud::Running), Fault> {
    let Wanted { seed, patients, receptions, folder, identity, clock, near, plug } = wanted;
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
    let config = cloud_config(&folder, identity, &sandbox)?;
    seed_accounts(&config, cloud_clock.clone()).await?;
    let running = ::cloud::serve(config, cloud_clock).await?;
    plug.reach(running.addr);
    Ok((sandbox, running))
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
        ..::cloud::Config::default()
    };
    config.database.url = format!("sqlite:{}", database.display()).parse()?;
    Ok(config)
}

/// The institution and its people, through the cloud's own store.
async fn seed_accounts(
    config: &::cloud::Config,
    clock: ::cloud::clock::Clock,
) -> Result<(), Fault> {
    let store = Store::open(&config.database_url()?, clock).await?;
    store.migrate().await?;
    let institution = match store.institution(INSTITUTION_CODE).await? {
        Some(institution) => institution,
        None => store.add_institution(INSTITUTION_CODE, INSTITUTION_NAME, OFFSET).await?,
    };
    let actor = Actor::operator(institution.tenant, "demo");
    let limits = SessionLimits {
        idle: SignedDuration::from_mins(30),
        absolute: SignedDuration::from_hours(12),
    };
    let accounts = Accounts::new(store.clone(), limits);
    for person in STAFF {
        if store.account(institution.tenant, person.login).await?.is_some() {
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
    store.close().await;
    Ok(())
}
