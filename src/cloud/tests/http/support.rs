//! A service with two institutions, six accounts and a few synthetic patients.

#[path = "support/profile.rs"]
pub(crate) mod profile;

use std::sync::Arc;
use std::time::Duration;

use api::entries::{Entry, EntryContent, KEY_HEADER, Receipt, SIGNATURE_HEADER};
use api::profile::History;
use api::proof::Signer;
use api::receptions::StateChange;
use api::session::{SignIn, SignedIn};
use api::{ErrorBody, ErrorCode};
use clinical::{
    Address, Department, MedicalContent, Patient, PatientNumber, PersonName, Physician, Reception,
    ReceptionKey, ReceptionState, SafetyKind, SafetyRemark, Sex, Staff,
};
use cloud::clock::Clock;
use cloud::config::{Config, DatabaseUrl, Listen, Pem};
use cloud::store::{Actor, Store, Tenant};
use cloud::{Running, admin};
use jiff::Timestamp;
use jiff::civil::{Date, date, time};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde::de::DeserializeOwned;
use uuid::Uuid;
use zeroize::Zeroizing;

pub(crate) const PASSWORD: &str = "akarui-Asa-2026!";
pub(crate) const TODAY: Date = date(2026, 11, 22);

/// A running service and what a test needs to talk to it.
pub(crate) struct World {
    pub(crate) running: Running,
    pub(crate) clock: Clock,
    pub(crate) client: reqwest::Client,
    pub(crate) tenant: Tenant,
    pub(crate) ca_pem: String,
    _dir: tempfile::TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("cloud.db").display());
        let clock = Clock::held("2026-11-22T08:30:00+09:00".parse().unwrap());
        let tenant = prepare(&url, &clock).await;
        let pair = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let ca_pem = pair.cert.pem();
        let mut config = Config {
            listen: Listen {
                address: "127.0.0.1:0".parse().unwrap(),
                certificate: Pem::text(ca_pem.clone()),
                private_key: Pem::text(pair.signing_key.serialize_pem()),
                ..Listen::default()
            },
            ..Config::default()
        };
        config.database.url = url.parse::<DatabaseUrl>().unwrap();
        let running = cloud::serve(config, clock.clone()).await.unwrap();
        let client = client(&ca_pem);
        Self { running, clock, client, tenant, ca_pem, _dir: dir }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.running.addr)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Response {
        self.sign_in_at("demo", login, password).await
    }

    pub(crate) async fn sign_in_at(&self, place: &str, login: &str, password: &str) -> Response {
        self.sign_in_with(&sign_in(place, login, password)).await
    }

    pub(crate) async fn sign_in_with(&self, body: &SignIn) -> Response {
        self.request(Method::POST, "/v1/sessions").json(body).send().await.unwrap()
    }

    /// Somebody who has signed in at a terminal that keeps a key for the person.
    pub(crate) async fn person(&self, login: &str) -> Person {
        self.person_at("demo", login).await
    }

    pub(crate) async fn person_at(&self, place: &str, login: &str) -> Person {
        let signer = Signer::generate().unwrap().0;
        let entry_key = Some(signer.public_key());
        let body = SignIn { entry_key, ..sign_in(place, login, PASSWORD) };
        let response = self.sign_in_with(&body).await;
        let SignedIn { token, session } = read(response, StatusCode::CREATED).await;
        let staff =
            Staff { account: session.account_id, name: session.display_name, role: session.role };
        Person { token, signer, staff }
    }

    /// Hands in bytes that the person signs; no session is shown.
    pub(crate) async fn hand_in_bytes(
        &self,
        person: &Person,
        id: Uuid,
        body: impl Into<Vec<u8>>,
    ) -> Response {
        let body = body.into();
        let request = self
            .request(Method::PUT, &api::routes::fill(api::routes::ENTRY, &[&id.to_string()]))
            .header("content-type", "application/json")
            .header(KEY_HEADER, person.signer.public_key())
            .header(SIGNATURE_HEADER, person.signer.sign(&body));
        request.body(body).send().await.unwrap()
    }

    pub(crate) async fn hand_in(&self, person: &Person, entry: &Entry) -> Response {
        self.hand_in_bytes(person, entry.id, serde_json::to_vec(entry).unwrap()).await
    }

    /// Hands in what must be taken.
    pub(crate) async fn taken(&self, person: &Person, entry: &Entry) -> Receipt {
        let receipt: Receipt = read(self.hand_in(person, entry).await, StatusCode::OK).await;
        assert_eq!(receipt.id, entry.id);
        assert_eq!(receipt.hash, api::proof::hash(&serde_json::to_vec(entry).unwrap()));
        receipt
    }

    /// An entry that is confirmed now.
    pub(crate) fn entry(&self, content: EntryContent) -> Entry {
        Entry { id: Uuid::now_v7(), entered_at: self.clock.now(), content }
    }

    pub(crate) async fn history(&self, person: &Person, number: &str) -> History {
        let path = api::routes::fill(api::routes::PATIENT_HISTORY, &[number]);
        read(self.get(&person.token, &path).send().await.unwrap(), StatusCode::OK).await
    }

    pub(crate) fn state_entry(
        &self,
        id: &str,
        seen: ReceptionState,
        state: ReceptionState,
    ) -> Entry {
        let change = StateChange { key: key(id), state, seen };
        self.entry(EntryContent::ReceptionState { change })
    }

    /// A token of that account.
    pub(crate) async fn token(&self, login: &str) -> String {
        let response = self.sign_in(login, PASSWORD).await;
        read::<SignedIn>(response, StatusCode::CREATED).await.token
    }

    pub(crate) fn get(&self, token: &str, path: &str) -> RequestBuilder {
        self.request(Method::GET, path).bearer_auth(token)
    }

    pub(crate) fn service(&self) -> Actor {
        Actor::service(self.tenant, "test")
    }

    /// Another change of the day's list, as the link would bring it: one event.
    pub(crate) async fn change_list(&self, minute: i8) {
        let mut list = receptions();
        list[0].time = time(9, minute, 0, 0);
        self.running.store.reconcile_day(&self.service(), TODAY, list).await.unwrap();
    }
}

/// Who is signed in, and the key with which the terminal signs what the person confirms.
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) signer: Signer,
    pub(crate) staff: Staff,
}

pub(crate) fn sign_in(place: &str, login: &str, password: &str) -> SignIn {
    SignIn {
        institution: place.to_owned(),
        login: login.to_owned(),
        password: password.to_owned(),
        terminal: "受付1".to_owned(),
        entry_key: None,
        store: None,
    }
}

/// A client that trusts that certificate alone.
pub(crate) fn client(ca_pem: &str) -> reqwest::Client {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .connect_timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

async fn prepare(url: &str, clock: &Clock) -> Tenant {
    let store = Store::open(url, clock.clone()).await.unwrap();
    store.migrate().await.unwrap();
    let demo = admin::add_institution(&store, "demo", "みどり診療所", "+09:00").await.unwrap();
    admin::add_institution(&store, "other", "別の診療所", "+09:00").await.unwrap();
    let accounts = [
        ("demo", "uketsuke", "受付 花子", "receptionist"),
        ("demo", "isha", "医師 一郎", "practitioner"),
        ("demo", "fuku", "副院長 二郎", "practitioner"),
        ("demo", "kango", "看護 みどり", "nurse"),
        ("demo", "kanri", "管理 次郎", "administrator"),
        ("other", "uketsuke", "受付 三郎", "receptionist"),
    ];
    for (place, login, name, role) in accounts {
        let password = Zeroizing::new(PASSWORD.to_owned());
        admin::account_add(&store, place, login, name, role, password).await.unwrap();
    }
    let actor = Actor::service(demo.tenant, "test");
    let fetched_at: Timestamp = "2026-11-22T08:00:00+09:00".parse().unwrap();
    store.upsert_patients(&actor, &patients(), fetched_at).await.unwrap();
    store.reconcile_day(&actor, TODAY, receptions()).await.unwrap();
    store.close().await;
    demo.tenant
}

pub(crate) fn number(text: &str) -> PatientNumber {
    PatientNumber::parse(text).unwrap()
}

fn patient(text: &str, kanji: &str, kana: &str, birth: Date, sex: Sex) -> Patient {
    Patient {
        number: number(text),
        name: PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() },
        birth_date: Some(birth),
        sex,
        householder: kanji.to_owned(),
        address: Address::default(),
        phones: vec!["03-0000-0127".to_owned()],
        insurance: Vec::new(),
        safety: vec![SafetyRemark {
            kind: SafetyKind::Allergy,
            text: "ペニシリン".to_owned(),
            drug_code: None,
        }],
        first_visit: None,
        last_visit: None,
        test_patient: false,
        deceased: false,
    }
}

pub(crate) fn patients() -> Vec<Patient> {
    vec![
        patient("00127", "標準　花子", "ヒョウジュン　ハナコ", date(1948, 4, 5), Sex::Female),
        patient("00128", "見本　太郎", "ミホン　タロウ", date(1960, 1, 2), Sex::Male),
        patient("00129", "例　次郎", "レイ　ジロウ", date(2001, 12, 31), Sex::Male),
    ]
}

pub(crate) fn receptions() -> Vec<Reception> {
    patients()
        .into_iter()
        .enumerate()
        .map(|(n, patient)| Reception {
            key: key(&format!("{:05}", n + 1)),
            patient: Some(patient.number),
            name: patient.name,
            birth_date: patient.birth_date,
            sex: patient.sex,
            time: time(8, 40 + i8::try_from(n).unwrap(), 0, 0),
            appointment: None,
            paid_at: None,
            department: Department { code: "01".to_owned(), name: "内科".to_owned() },
            physician: Physician { code: "10001".to_owned(), name: "医師　一郎".to_owned() },
            content: MedicalContent { code: "01".to_owned(), name: "診察".to_owned() },
            insurance_combination: Some("0001".to_owned()),
            state: ReceptionState::Waiting,
            revision: 0,
        })
        .collect()
}

pub(crate) fn key(id: &str) -> ReceptionKey {
    ReceptionKey { date: TODAY, id: id.to_owned() }
}

/// The body of an answer that must have that status.
pub(crate) async fn read<T: DeserializeOwned>(response: Response, status: StatusCode) -> T {
    let got = response.status();
    let text = response.text().await.unwrap();
    assert_eq!(got, status, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The error of an answer that must have that status and code; its request id is in the header too.
pub(crate) async fn refused(response: Response, status: StatusCode, code: ErrorCode) -> ErrorBody {
    let id = response.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned();
    let body: ErrorBody = read(response, status).await;
    assert_eq!(body.code, code, "{body:?}");
    assert_eq!(body.request_id, id);
    body
}
