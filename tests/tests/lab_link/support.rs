//! A cloud that is linked to the sandbox's laboratory; a nurse and a practitioner who confirm entries.

use std::time::Duration;

use api::entries::{Entry, EntryContent, EntryResult, KEY_HEADER, Receipt, SIGNATURE_HEADER};
use api::lab::{LabInbox, PatientLab, TrayDecision, TrayEntry};
use api::proof::Signer;
use api::receptions::LinkState;
use api::session::{SignIn, SignedIn};
use clinical::lab::{
    Identified, LabAct, LabEntry, LabItem, LabOrder, LabOutcome, LabRequest, LabResult,
    SpecimenNumber, ToldPatient, TrayReport, plan_tubes,
};
use clinical::{Address, Patient, PatientNumber, PersonName, Sex};
use cloud::clock::Clock;
use cloud::config::{Config, LabLink, Lasting, Pem};
use cloud::store::{Actor, Institution, Store};
use cloud::{Running, admin};
use jiff::civil::{Date, date};
use sandbox::certificates::{Authority, Identity};
use sandbox::clinic::FACILITY;
use sandbox::lab::Fate;
use sandbox::{LabCompany, LabConfig};
use uuid::Uuid;

const PASSWORD: &str = "akarui-Asa-2026!";
/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_mins(1);
const LAB: &str = "そえがき検査センター";

pub struct World {
    pub lab: LabCompany,
    pub cloud: Running,
    pub clock: Clock,
    pub clinic: Institution,
    pub dir: tempfile::TempDir,
    pub doctor: Person,
    pub nurse: Person,
    link: LabLink,
    authority: Authority,
    serial: u32,
}

/// Somebody who is signed in at a terminal.
pub struct Person {
    login: &'static str,
    signer: Signer,
    client: reqwest::Client,
}

/// An order that somebody has made.
pub struct Ordered {
    pub patient: PatientNumber,
    pub id: Uuid,
    pub tubes: Vec<SpecimenNumber>,
}

/// Patients of the clinic: the number of the nth, from nought.
pub fn number(n: usize) -> PatientNumber {
    PatientNumber::parse(&format!("{:05}", 127 + n)).unwrap()
}

/// As the clinic's own patient would be told.
pub fn told(n: usize) -> ToldPatient {
    let patient = patient(n);
    ToldPatient {
        number: patient.number.to_string(),
        name: patient.name,
        birth_date: patient.birth_date,
        sex: Some(patient.sex),
    }
}

fn patient(n: usize) -> Patient {
    let (kanji, kana, birth) = [
        ("髙橋　花子", "タカハシ　ハナコ", date(1948, 4, 5)),
        ("見本　太郎", "ミホン　タロウ", date(1960, 6, 6)),
    ][n];
    Patient {
        number: number(n),
        name: PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() },
        birth_date: Some(birth),
        sex: if n == 0 { Sex::Female } else { Sex::Male },
        householder: String::new(),
        address: Address::default(),
        phones: Vec::new(),
        insurance: Vec::new(),
        safety: Vec::new(),
        first_visit: None,
        last_visit: None,
        test_patient: false,
        deceased: false,
    }
}

impl World {
    /// Over HTTPS.
    pub async fn https() -> Self {
        Self::https_with(|_| {}).await
    }

    /// `change` alters the link's settings before the cloud starts.
    pub async fn https_with(change: impl FnOnce(&mut LabLink)) -> Self {
        let lab = LabCompany::start(company()).await.unwrap();
        let access = &lab.access;
        let mut link = LabLink::https("demo", LAB, FACILITY, &access.base_url).unwrap();
        link.user = Some(access.user.parse().unwrap());
        link.password = Some(settings_secret(&access.password));
        link.ca = Some(Pem::text(access.ca_pem.clone()));
        link.client_identity = Some(Pem::text(access.client_identity_pem.clone()));
        change(&mut link);
        Self::start(lab, link, tempfile::tempdir().unwrap()).await
    }

    /// By files.
    pub async fn files() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("lab");
        let config = LabConfig { folder: Some(folder.clone()), ..company() };
        let lab = LabCompany::start(config).await.unwrap();
        let link = LabLink::files("demo", LAB, FACILITY, folder).unwrap();
        Self::start(lab, link, dir).await
    }

    async fn start(lab: LabCompany, mut link: LabLink, dir: tempfile::TempDir) -> Self {
        link.poll_every = Lasting::secs(1);
        link.timeout = Lasting::secs(5);
        let clock = Clock::system();
        let clinic = prepare(&database(&dir), &clock).await;
        let authority = Authority::new("Soegaki test").unwrap();
        let cloud = serve(&dir, &authority, &link, &clock).await;
        let doctor = sign_in(&cloud, &authority, "inchou").await;
        let nurse = sign_in(&cloud, &authority, "kango").await;
        Self { lab, cloud, clock, clinic, dir, doctor, nurse, link, authority, serial: 0 }
    }

    /// Stops the cloud and starts it again on the same records.
    pub async fn restart_cloud(self) -> Self {
        let Self { lab, cloud, clock, clinic, dir, link, authority, serial, .. } = self;
        cloud.stop().await;
        let cloud = serve(&dir, &authority, &link, &clock).await;
        let doctor = sign_in(&cloud, &authority, "inchou").await;
        let nurse = sign_in(&cloud, &authority, "kango").await;
        Self { lab, cloud, clock, clinic, dir, doctor, nurse, link, authority, serial }
    }

    pub async fn stop(self) {
        self.cloud.stop().await;
        self.lab.stop().await;
    }

    fn actor(&self) -> Actor {
        Actor::service(self.clinic.tenant, "test")
    }

    fn today(&self) -> Date {
        self.clock.today(self.clinic.offset)
    }

    /// Confirms an entry; what became of it.
    pub async fn confirm(&self, person: &Person, content: EntryContent) -> EntryResult {
        let entry = Entry { id: Uuid::now_v7(), entered_at: self.clock.now(), content };
        let body = serde_json::to_vec(&entry).unwrap();
        let path = api::routes::fill(api::routes::ENTRY, &[&entry.id.to_string()]);
        let request = person
            .client
            .put(format!("https://{}{path}", self.cloud.addr))
            .header("content-type", "application/json")
            .header(KEY_HEADER, person.signer.public_key())
            .header(SIGNATURE_HEADER, person.signer.sign(&body));
        let response = request.body(body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{} {status}: {text}", person.login);
        serde_json::from_str::<Receipt>(&text).unwrap().result
    }

    /// Does something to an order; it must take effect.
    pub async fn act(&self, person: &Person, order: &Ordered, act: LabAct) -> LabOrder {
        let entry = LabEntry { patient: order.patient.clone(), order: order.id, act };
        match self.confirm(person, EntryContent::Lab { entry }).await {
            EntryResult::Lab { outcome, order } => {
                assert_eq!(outcome, LabOutcome::Done);
                *order
            }
            other => panic!("{other:?}"),
        }
    }

    /// The practitioner orders these items of the catalogue for the nth patient.
    pub async fn order(&mut self, n: usize, keys: &[&str]) -> Ordered {
        let items: Vec<LabItem> =
            keys.iter().map(|key| codes::labs::by_key(key).unwrap().clone()).collect();
        let today = self.today();
        let (items, tubes) = plan_tubes(&items, || {
            self.serial += 1;
            SpecimenNumber::new(today, 1, self.serial)
        })
        .unwrap();
        let order = Ordered {
            patient: number(n),
            id: Uuid::now_v7(),
            tubes: tubes.iter().map(|tube| tube.number.clone()).collect(),
        };
        let request = LabRequest {
            on_behalf_of: None,
            collect_on: today,
            urgent: false,
            fasting: false,
            comment: String::new(),
            set_name: String::new(),
            items,
            tubes,
        };
        self.act(&self.doctor, &order, LabAct::Order { request }).await;
        order
    }

    /// Orders, draws every tube and sends them.
    pub async fn sent(&mut self, n: usize, keys: &[&str]) -> Ordered {
        let order = self.order(n, keys).await;
        self.draw_and_send(&order).await;
        order
    }

    async fn draw_and_send(&self, order: &Ordered) {
        for tube in &order.tubes {
            let act = LabAct::Draw { tube: tube.clone(), identified: Identified::Card };
            self.act(&self.nurse, order, act).await;
        }
        self.send(order).await;
    }

    /// Sends what is drawn.
    pub async fn send(&self, order: &Ordered) {
        self.act(&self.nurse, order, LabAct::Send { tubes: order.tubes.clone() }).await;
    }

    /// Orders and sends; the laboratory has it, and does what the fate says.
    pub async fn at_the_lab(&mut self, n: usize, keys: &[&str], fate: Fate) -> Ordered {
        let order = self.order(n, keys).await;
        self.lab.control.next_fates(vec![fate; order.tubes.len()]);
        self.draw_and_send(&order).await;
        self.until_state(&order, clinical::lab::LabOrderState::InProgress).await;
        order
    }

    pub async fn standing(&self, order: &Ordered) -> LabOrder {
        self.cloud.store.lab_order(&self.actor(), order.id).await.unwrap().order
    }

    /// Waits until an order is that far.
    pub async fn until_state(&self, order: &Ordered, state: clinical::lab::LabOrderState) {
        until(&format!("{state:?}"), async || self.standing(order).await.state() == state).await;
    }

    pub async fn lab_of(&self, n: usize) -> PatientLab {
        let since = self.today().saturating_sub(jiff::Span::new().years(5));
        self.cloud.store.patient_lab(&self.actor(), &number(n), since).await.unwrap()
    }

    /// Results of an order, those that were replaced included.
    pub async fn results(&self, n: usize, order: &Ordered) -> Vec<LabResult> {
        let results = self.lab_of(n).await.results;
        results.into_iter().filter(|result| result.order == order.id).collect()
    }

    pub async fn inbox(&self) -> LabInbox {
        self.cloud.store.lab_inbox(&self.actor()).await.unwrap()
    }

    pub async fn link_state(&self) -> LinkState {
        self.inbox().await.labs[0].state
    }

    /// Waits for a report in the tray.
    pub async fn tray(&self) -> TrayReport {
        until("a report in the tray", async || !self.inbox().await.tray.is_empty()).await;
        self.inbox().await.tray[0].report.clone()
    }

    /// The nurse decides about a report.
    pub async fn decide(&self, report: &TrayReport, decision: TrayDecision) {
        let entry = TrayEntry { report: report.id, decision };
        let result = self.confirm(&self.nurse, EntryContent::LabTray { entry }).await;
        assert_eq!(result, EntryResult::LabTray { applied: true });
    }

    /// Waits until all that the laboratory has told so far is acknowledged.
    pub async fn until_told(&self) {
        until("all results acknowledged", async || self.lab.control.left().0 == 0).await;
    }

    async fn line(&self) -> sqlx::AnyConnection {
        sqlx::any::install_default_drivers();
        <sqlx::AnyConnection as sqlx::Connection>::connect(&database(&self.dir)).await.unwrap()
    }

    /// Makes an order's record one that cannot be read.
    pub async fn damage(&self, order: &Ordered) {
        let query = sqlx::query("UPDATE lab_orders SET body = '{' WHERE id = $1");
        let done = query.bind(order.id.to_string()).execute(&mut self.line().await).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
    }

    /// Rows that a table of the records has.
    pub async fn rows(&self, table: &str) -> i64 {
        let mut line = self.line().await;
        let query = format!("SELECT COUNT(*) FROM {table}");
        let query = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(query));
        query.fetch_one(&mut line).await.unwrap()
    }
}

fn company() -> LabConfig {
    LabConfig { pace: None, ..LabConfig::default() }
}

fn settings_secret(text: &str) -> settings::Secret {
    settings::Secret::new(text.to_owned())
}

fn database(dir: &tempfile::TempDir) -> String {
    format!("sqlite:{}", dir.path().join("cloud.db").display())
}

async fn prepare(url: &str, clock: &Clock) -> Institution {
    let store = Store::open(url, clock.clone()).await.unwrap();
    store.migrate().await.unwrap();
    let clinic = admin::add_institution(&store, "demo", "みどり診療所", "+09:00").await.unwrap();
    let people = [("inchou", "院長 一郎", "practitioner"), ("kango", "看護 春子", "nurse")];
    for (login, name, role) in people {
        let password = zeroize::Zeroizing::new(PASSWORD.to_owned());
        admin::account_add(&store, "demo", login, name, role, password).await.unwrap();
    }
    let actor = Actor::service(clinic.tenant, "test");
    store.upsert_patients(&actor, &[patient(0), patient(1)], clock.now()).await.unwrap();
    store.close().await;
    clinic
}

async fn serve(
    dir: &tempfile::TempDir,
    authority: &Authority,
    link: &LabLink,
    clock: &Clock,
) -> Running {
    let Identity { cert_pem, key_pem, .. } = authority.server(&["127.0.0.1"]).unwrap();
    let mut config = Config::on_loopback(&database(dir), &cert_pem, &key_pem).unwrap();
    config.lab = vec![link.clone()];
    cloud::serve(config, clock.clone()).await.unwrap()
}

async fn sign_in(cloud: &Running, authority: &Authority, login: &'static str) -> Person {
    let client = e2e::https_client(&authority.ca_pem(), None).unwrap();
    let signer = Signer::generate().unwrap().0;
    let body = SignIn {
        institution: "demo".to_owned(),
        login: login.to_owned(),
        password: PASSWORD.to_owned(),
        terminal: "採血台".to_owned(),
        entry_key: Some(signer.public_key()),
        store: None,
    };
    let url = format!("https://{}{}", cloud.addr, api::routes::SESSIONS);
    let response = client.post(url).json(&body).send().await.unwrap();
    let _: SignedIn = response.error_for_status().unwrap().json().await.unwrap();
    Person { login, signer, client }
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
