//! A cloud that is linked to the sandbox's receipt computer, both over TLS on loopback.

use std::time::Duration;

use api::entries::{Entry, EntryContent, EntryResult, KEY_HEADER, Receipt, SIGNATURE_HEADER};
use api::proof::Signer;
use api::receptions::{LinkState, StateChange};
use api::session::{SignIn, SignedIn};
use clinical::{Patient, PatientNumber, Reception, ReceptionState};
use cloud::clock::Clock;
use cloud::config::{Config, Lasting, Pem, ReceiptLink};
use cloud::store::{Actor, Institution, Store};
use cloud::{Running, admin};
use jiff::civil::{Date, date, time};
use sandbox::certificates::{Authority, Identity};
use sandbox::{Sandbox, SandboxConfig};
use uuid::Uuid;

pub const TODAY: Date = date(2026, 11, 24);
pub const PASSWORD: &str = "akarui-Asa-2026!";
/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct World {
    pub sandbox: Sandbox,
    pub cloud: Running,
    pub clock: Clock,
    pub clinic: Institution,
    pub link: ReceiptLink,
    authority: Authority,
    dir: tempfile::TempDir,
}

/// An empty day of a small clinic whose clock stands.
pub fn quiet() -> SandboxConfig {
    SandboxConfig {
        patients: 60,
        receptions: 0,
        today: TODAY,
        day_start: time(9, 0, 0, 0),
        clock_rate: 0.0,
        ..SandboxConfig::default()
    }
}

impl World {
    pub async fn start(config: SandboxConfig) -> Self {
        Self::start_with(config, |_| {}).await
    }

    /// `change` alters the link's settings before the cloud starts.
    pub async fn start_with(config: SandboxConfig, change: impl FnOnce(&mut ReceiptLink)) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let access = &sandbox.receipt;
        let mut link =
            ReceiptLink::new("demo", &access.base_url, &access.user, &access.password).unwrap();
        link.push_url = Some(access.push_url.parse().unwrap());
        link.ca = Some(Pem::text(access.ca_pem.clone()));
        link.client_identity = Some(Pem::text(access.client_identity_pem.clone()));
        change(&mut link);
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::held("2026-11-24T09:00:00+09:00".parse().unwrap());
        let clinic = prepare(&database(&dir), &clock).await;
        let authority = Authority::new("Soegaki test").unwrap();
        let cloud = serve(&dir, &authority, &link, &clock).await;
        Self { sandbox, cloud, clock, clinic, link, authority, dir }
    }

    /// Stops the cloud and starts it again on the same records.
    pub async fn restart_cloud(self) -> Self {
        let Self { sandbox, cloud, clock, clinic, link, authority, dir } = self;
        cloud.stop().await;
        let cloud = serve(&dir, &authority, &link, &clock).await;
        Self { sandbox, cloud, clock, clinic, link, authority, dir }
    }

    pub async fn stop(self) {
        self.cloud.stop().await;
        self.sandbox.stop().await;
    }

    pub fn actor(&self) -> Actor {
        Actor::service(self.clinic.tenant, "test")
    }

    pub async fn receptions(&self) -> Vec<Reception> {
        self.cloud.store.reception_list(&self.actor(), TODAY).await.unwrap().receptions
    }

    pub async fn reception(&self, id: &str) -> Option<Reception> {
        self.receptions().await.into_iter().find(|reception| reception.key.id == id)
    }

    pub async fn patient(&self, number: &PatientNumber) -> Option<Patient> {
        self.cloud.store.patient(&self.actor(), number).await.ok().map(|(patient, _)| patient)
    }

    pub async fn link_state(&self) -> LinkState {
        self.cloud.store.link_status(self.clinic.tenant).await.unwrap().state
    }

    /// Waits for the link to be in that state.
    pub async fn until_link(&self, state: LinkState) {
        until(&format!("link {state:?}"), async || self.link_state().await == state).await;
    }

    /// Number of the nth patient of the clinic.
    pub fn number(&self, n: usize) -> PatientNumber {
        self.sandbox.clinic.patients()[n].number.clone()
    }

    /// An HTTPS client of the cloud and a receptionist's token.
    pub async fn signed_in(&self) -> (reqwest::Client, String) {
        self.sign_in(None).await
    }

    /// The receptionist moves a reception: whether that was done.
    pub async fn move_reception(&self, reception: &Reception, state: ReceptionState) -> bool {
        let signer = Signer::generate().unwrap().0;
        let (client, _) = self.sign_in(Some(signer.public_key())).await;
        let change = StateChange { key: reception.key.clone(), state, seen: reception.state };
        let content = EntryContent::ReceptionState { change };
        let entry = Entry { id: Uuid::now_v7(), entered_at: self.clock.now(), content };
        let body = serde_json::to_vec(&entry).unwrap();
        let path = api::routes::fill(api::routes::ENTRY, &[&entry.id.to_string()]);
        let request = client
            .put(self.url(&path))
            .header("content-type", "application/json")
            .header(KEY_HEADER, signer.public_key())
            .header(SIGNATURE_HEADER, signer.sign(&body));
        let response = request.body(body).send().await.unwrap();
        let receipt: Receipt = response.error_for_status().unwrap().json().await.unwrap();
        matches!(receipt.result, EntryResult::ReceptionState { applied: true, .. })
    }

    async fn sign_in(&self, entry_key: Option<String>) -> (reqwest::Client, String) {
        let client = e2e::https_client(&self.authority.ca_pem(), None).unwrap();
        let body = SignIn {
            institution: "demo".to_owned(),
            login: "uketsuke".to_owned(),
            password: PASSWORD.to_owned(),
            terminal: "受付1".to_owned(),
            entry_key,
            store: None,
        };
        let url = self.url(api::routes::SESSIONS);
        let response = client.post(url).json(&body).send().await.unwrap();
        let signed_in: SignedIn = response.json().await.unwrap();
        (client, signed_in.token)
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.cloud.addr)
    }
}

fn database(dir: &tempfile::TempDir) -> String {
    format!("sqlite:{}", dir.path().join("cloud.db").display())
}

async fn prepare(url: &str, clock: &Clock) -> Institution {
    let store = Store::open(url, clock.clone()).await.unwrap();
    store.migrate().await.unwrap();
    let clinic = admin::add_institution(&store, "demo", "みどり診療所", "+09:00").await.unwrap();
    let password = zeroize::Zeroizing::new(PASSWORD.to_owned());
    admin::account_add(&store, "demo", "uketsuke", "受付 花子", "receptionist", password)
        .await
        .unwrap();
    store.close().await;
    clinic
}

async fn serve(
    dir: &tempfile::TempDir,
    authority: &Authority,
    link: &ReceiptLink,
    clock: &Clock,
) -> Running {
    let Identity { cert_pem, key_pem, .. } = authority.server(&["127.0.0.1"]).unwrap();
    let mut config = Config::on_loopback(&database(dir), &cert_pem, &key_pem).unwrap();
    config.receipt = vec![link.clone()];
    cloud::serve(config, clock.clone()).await.unwrap()
}

/// Short waits, for tests in which the line is bad.
pub fn impatient(link: &mut ReceiptLink) {
    link.timeout = Lasting::secs(2);
    link.reconcile_every = Lasting::secs(1);
}

/// Waits until something holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "never came: {what}");
}
