//! A cloud of the contract's shape whose every misbehaviour a test can choose.

pub(crate) mod entries;
pub(crate) mod lab;

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};

use api::event::{Event, EventKind};
use api::patients::{PatientHit, PatientQuery, PatientSearch, PatientView};
use api::profile::{Confirmations, History, StaffList};
use api::receptions::{LinkState, LinkStatus, ReceptionList, ReceptionQuery, Reference};
use api::session::{Health, Role, SessionInfo, SignIn, SignedIn, Staff};
use api::{ErrorBody, ErrorCode, routes};
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use axum_server::tls_rustls::RustlsConfig;
use clinical::{
    Address, Department, MedicalContent, Patient, PatientNumber, PersonName, Physician, Reception,
    ReceptionKey, ReceptionState, Sex,
};
use jiff::Timestamp;
use jiff::civil::{Date, date, time};
use serde::Deserialize;
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::UnboundedReceiverStream;
use uuid::Uuid;

pub(crate) const TODAY: Date = date(2026, 11, 22);
pub(crate) const PASSWORD: &str = "Uketsuke-no-hirusugi-5";
/// Who works here.
const PEOPLE: [(&str, &str, Role); 2] =
    [("uketsuke", "受付係", Role::Receptionist), ("incho", "院長", Role::Practitioner)];

/// A person of the clinic.
pub(crate) fn staff(login: &str) -> Staff {
    let (place, (_, name, role)) =
        (1..).zip(PEOPLE).find(|(_, (known, ..))| *known == login).unwrap();
    Staff { account: Uuid::from_u128(place), name: name.to_owned(), role }
}

/// What the tests can set and see.
pub(crate) struct Inner {
    pub(crate) today: Date,
    pub(crate) receptions: HashMap<ReceptionKey, Reception>,
    pub(crate) events: Vec<Event>,
    streams: Vec<mpsc::UnboundedSender<Result<String, Infallible>>>,
    pub(crate) tokens: Vec<String>,
    /// Requests by "METHOD what", in their order.
    pub(crate) seen: Vec<String>,
    pub(crate) entries: entries::Entries,
    pub(crate) lab: lab::Lab,
    /// No session lasts longer.
    pub(crate) expires_at: Timestamp,
    /// Nobody can be looked up.
    pub(crate) storeless: bool,
    /// Wrong passwords of others at this address hold up everybody's sign-in.
    pub(crate) delayed: bool,
    /// Everybody's password.
    pub(crate) password: &'static str,
    /// Events up to here are no longer kept.
    pub(crate) forgotten: i64,
    /// What the cloud's clock is ahead.
    pub(crate) ahead_seconds: i64,
    /// Answers to patients and entries wait for the gate.
    pub(crate) held: bool,
    /// A patient is answered with this.
    pub(crate) patient_body: Option<(u16, &'static str)>,
    /// Events are kept back here while there is something to keep them in.
    unsent: Option<Vec<String>>,
}

#[derive(Clone)]
pub(crate) struct Fake {
    inner: Arc<Mutex<Inner>>,
    pub(crate) gate: Arc<Notify>,
    pub(crate) addr: SocketAddr,
    pub(crate) ca_pem: String,
}

/// The CA's certificate, the server's certificate and key.
pub(crate) fn certificates(name: &str) -> (String, String, String) {
    let mut params = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "test authority");
    let key = rcgen::KeyPair::generate().unwrap();
    let ca = rcgen::CertifiedIssuer::self_signed(params, key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = server.signed_by(&key, &ca).unwrap();
    (ca.pem(), certificate.pem(), key.serialize_pem())
}

impl Fake {
    /// Starts on the current runtime.
    pub(crate) async fn start() -> Self {
        Self::start_named("localhost").await
    }

    /// Starts with a certificate for a name.
    pub(crate) async fn start_named(name: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (ca_pem, certificate, key) = certificates(name);
        let tls = RustlsConfig::from_pem(certificate.into(), key.into()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let addr = listener.local_addr().unwrap();
        let inner = Inner {
            today: TODAY,
            receptions: HashMap::new(),
            events: Vec::new(),
            streams: Vec::new(),
            tokens: Vec::new(),
            seen: Vec::new(),
            entries: entries::Entries::default(),
            lab: lab::Lab::default(),
            expires_at: Timestamp::MAX,
            storeless: false,
            delayed: false,
            password: PASSWORD,
            forgotten: 0,
            ahead_seconds: 0,
            held: false,
            patient_body: None,
            unsent: None,
        };
        let fake = Self {
            inner: Arc::new(Mutex::new(inner)),
            gate: Arc::new(Notify::new()),
            addr,
            ca_pem,
        };
        let app = Router::new()
            .route(routes::HEALTH, get(health))
            .route(routes::SESSIONS, post(sign_in))
            .route(routes::SESSION, axum::routing::delete(sign_out))
            .route(routes::REFERENCE, get(reference))
            .route(routes::RECEPTIONS, get(receptions))
            .route(routes::RECEPTION, get(reception))
            .route(routes::ENTRY, put(entries::put))
            .route(routes::PATIENT_HISTORY, get(history))
            .route(routes::CONFIRMATIONS, get(confirmations))
            .route(routes::STAFF, get(colleagues))
            .route(routes::PATIENTS, get(search))
            .route(routes::PATIENT, get(patient))
            .route(routes::LAB_DAY, get(lab::day))
            .route(routes::PATIENT_LAB, get(lab::of_patient))
            .route(routes::LAB_INBOX, get(lab::inbox))
            .route(routes::LAB_SETS, get(lab::sets))
            .route(routes::LAB_SPECIMEN, get(lab::specimen))
            .route(routes::EVENTS, get(events))
            .with_state(fake.clone());
        let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
        tokio::spawn(async move { server.serve(app.into_make_service()).await });
        fake
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Adds or changes a reception and tells it.
    pub(crate) fn put(&self, id: &str, state: ReceptionState) -> i64 {
        let today = self.lock().today;
        self.put_on(today, id, state)
    }

    pub(crate) fn put_on(&self, day: Date, id: &str, state: ReceptionState) -> i64 {
        let key = ReceptionKey { date: day, id: id.to_owned() };
        let revision = {
            let mut inner = self.lock();
            let old = inner.receptions.get(&key).map_or(0, |r| r.revision);
            let reception = a_reception(key.clone(), state, old + 1);
            inner.receptions.insert(key.clone(), reception);
            old + 1
        };
        self.tell(EventKind::ReceptionChanged { key, revision })
    }

    /// Stores an event and sends it on the open streams.
    pub(crate) fn tell(&self, kind: EventKind) -> i64 {
        let mut inner = self.lock();
        let seq = inner.events.last().map_or(0, |e| e.seq) + 1;
        let event = Event { seq, at: Timestamp::now(), kind };
        let text = written(&event);
        inner.events.push(event);
        match &mut inner.unsent {
            Some(unsent) => unsent.push(text),
            None => inner.streams.retain(|stream| stream.send(Ok(text.clone())).is_ok()),
        }
        seq
    }

    /// Keeps events back from the streams.
    pub(crate) fn hold_events(&self) {
        self.lock().unsent = Some(Vec::new());
    }

    /// Sends what was kept back.
    pub(crate) fn release_events(&self) {
        let unsent = self.lock().unsent.take().unwrap_or_default();
        self.send(&unsent.concat());
    }

    /// Sends bytes of the test's own on the open streams.
    pub(crate) fn send(&self, text: &str) {
        self.lock().streams.retain(|stream| stream.send(Ok(text.to_owned())).is_ok());
    }

    /// Closes the open streams in good order.
    pub(crate) fn close_streams(&self) {
        self.lock().streams.clear();
    }

    /// How often a request came.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.lock().seen.iter().filter(|seen| *seen == what).count()
    }
}

fn written(event: &Event) -> String {
    format!("id: {}\ndata: {}\n\n", event.seq, serde_json::to_string(event).unwrap())
}

pub(crate) fn name() -> PersonName {
    PersonName {
        kanji: "標準　花子".to_owned(), kana: "ヒョウジュン　ハナコ".to_owned()
    }
}

pub(crate) fn a_reception(key: ReceptionKey, state: ReceptionState, revision: i64) -> Reception {
    Reception {
        key,
        patient: Some("00127".to_owned().try_into().unwrap()),
        name: name(),
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Female,
        time: time(8, 44, 0, 0),
        appointment: None,
        paid_at: None,
        department: Department::default(),
        physician: Physician::default(),
        content: MedicalContent::default(),
        insurance_combination: None,
        state,
        revision,
    }
}

fn a_patient(number: &str) -> PatientView {
    let patient = Patient {
        number: number.to_owned().try_into().unwrap(),
        name: name(),
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Female,
        householder: String::new(),
        address: Address::default(),
        phones: vec![],
        insurance: vec![],
        safety: vec![],
        first_visit: None,
        last_visit: None,
        test_patient: false,
        deceased: false,
    };
    PatientView {
        patient,
        receptions: vec![],
        fetched_at: Timestamp::UNIX_EPOCH,
        whole: true,
        profile: vec![],
        lab: api::lab::PatientLab::default(),
    }
}

fn error(status: u16, code: ErrorCode) -> Response {
    refused(status, code, None)
}

fn refused(status: u16, code: ErrorCode, retry_after_seconds: Option<u64>) -> Response {
    let body = ErrorBody {
        code,
        message: "no".to_owned(),
        request_id: "r-1".to_owned(),
        retry_after_seconds,
    };
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

/// Notes the request; an answer when the token is not one.
fn checked(fake: &Fake, headers: &HeaderMap, what: &str) -> Result<(), Box<Response>> {
    let mut inner = fake.lock();
    inner.seen.push(what.to_owned());
    let token = headers.get("authorization").and_then(|v| v.to_str().ok());
    let known = inner.tokens.iter().any(|t| token == Some(&format!("Bearer {t}")));
    if known { Ok(()) } else { Err(Box::new(error(401, ErrorCode::SessionExpired))) }
}

async fn gate(fake: &Fake) {
    loop {
        let opened = fake.gate.notified();
        if !fake.lock().held {
            return;
        }
        opened.await;
    }
}

async fn health(State(fake): State<Fake>) -> Json<Health> {
    let ahead = {
        let mut inner = fake.lock();
        inner.seen.push("GET health".to_owned());
        inner.ahead_seconds
    };
    let now = Timestamp::from_second(Timestamp::now().as_second() + ahead).unwrap();
    Json(Health { version: "0".to_owned(), now })
}

async fn sign_in(State(fake): State<Fake>, Json(sign_in): Json<SignIn>) -> Response {
    let mut inner = fake.lock();
    inner.seen.push(format!("POST sessions {} {}", sign_in.institution, sign_in.terminal));
    let known = PEOPLE.iter().any(|(login, ..)| *login == sign_in.login);
    match sign_in.login.as_str() {
        _ if inner.storeless => refused(503, ErrorCode::Unavailable, None),
        _ if inner.delayed => refused(429, ErrorCode::AccountLocked, Some(2)),
        "locked" => refused(429, ErrorCode::AccountLocked, Some(300)),
        _ if known && sign_in.password == inner.password => {
            let person = staff(&sign_in.login);
            if let Some(key) = sign_in.entry_key.clone() {
                inner.entries.keys.insert(key, person.clone());
            }
            let token = format!("token-{}", Uuid::now_v7());
            inner.tokens.push(token.clone());
            let session = SessionInfo {
                institution: "標準診療所".to_owned(),
                account_id: person.account,
                login: sign_in.login.clone(),
                display_name: person.name,
                role: person.role,
                station: inner.lab.station(sign_in.store),
                idle_limit_seconds: 3600,
                expires_at: inner.expires_at,
            };
            (StatusCode::CREATED, Json(SignedIn { token, session })).into_response()
        }
        _ => error(401, ErrorCode::BadCredentials),
    }
}

async fn sign_out(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "DELETE session") {
        return *refusal;
    }
    let token = headers.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    fake.lock().tokens.retain(|t| token != format!("Bearer {t}"));
    StatusCode::NO_CONTENT.into_response()
}

async fn reference(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET reference") {
        return *refusal;
    }
    Json(Reference::default()).into_response()
}

async fn receptions(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Query(query): Query<ReceptionQuery>,
) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET receptions") {
        return *refusal;
    }
    let inner = fake.lock();
    let date = query.date.unwrap_or(inner.today);
    let mut receptions: Vec<Reception> =
        inner.receptions.values().filter(|r| r.key.date == date).cloned().collect();
    receptions.sort_by(|a, b| a.key.cmp(&b.key));
    let link = LinkStatus { state: LinkState::Up, last_success: None };
    let event_seq = inner.events.last().map_or(0, |e| e.seq);
    Json(ReceptionList { date, receptions, event_seq, link }).into_response()
}

async fn reception(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Path((date, id)): Path<(Date, String)>,
) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET reception") {
        return *refusal;
    }
    match fake.lock().receptions.get(&ReceptionKey { date, id }) {
        Some(reception) => Json(reception.clone()).into_response(),
        None => error(404, ErrorCode::NotFound),
    }
}

async fn colleagues(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET staff") {
        return *refusal;
    }
    Json(StaffList { staff: vec![staff("incho"), staff("uketsuke")] }).into_response()
}

async fn confirmations(State(fake): State<Fake>, headers: HeaderMap) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET confirmations") {
        return *refusal;
    }
    Json(Confirmations { waiting: vec![], total: 0 }).into_response()
}

async fn history(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET history") {
        return *refusal;
    }
    match PatientNumber::try_from(number) {
        Ok(number) if number.to_string() != "99999" => {
            Json(History { number, versions: vec![] }).into_response()
        }
        _ => error(404, ErrorCode::NotFound),
    }
}

async fn search(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Query(query): Query<PatientQuery>,
) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET patients") {
        return *refusal;
    }
    if query.q == "slow" {
        std::future::pending::<()>().await;
    }
    let hit = PatientHit {
        number: "00127".to_owned().try_into().unwrap(),
        name: name(),
        birth_date: None,
        sex: Sex::Female,
        last_visit: None,
    };
    Json(PatientSearch { hits: vec![hit], more: true }).into_response()
}

async fn patient(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET patient") {
        return *refusal;
    }
    gate(&fake).await;
    if let Some((status, body)) = fake.lock().patient_body {
        return (StatusCode::from_u16(status).unwrap(), body).into_response();
    }
    match PatientNumber::try_from(number) {
        Ok(number) if number.to_string() != "99999" => {
            Json(a_patient(&number.to_string())).into_response()
        }
        _ => error(404, ErrorCode::NotFound),
    }
}

#[derive(Deserialize)]
struct After {
    after: i64,
}

async fn events(
    State(fake): State<Fake>,
    headers: HeaderMap,
    Query(After { after }): Query<After>,
) -> Response {
    if let Err(refusal) = checked(&fake, &headers, "GET events") {
        return *refusal;
    }
    let (stream, receiver) = mpsc::unbounded_channel();
    let mut inner = fake.lock();
    if after < inner.forgotten {
        let seq = inner.events.last().map_or(0, |e| e.seq);
        let reset = Event { seq, at: Timestamp::now(), kind: EventKind::Reset };
        stream.send(Ok(written(&reset))).unwrap();
    } else {
        stream.send(Ok(": welcome\n\n".to_owned())).unwrap();
        for event in inner.events.iter().filter(|e| e.seq > after) {
            stream.send(Ok(written(event))).unwrap();
        }
    }
    inner.streams.push(stream);
    let body = Body::from_stream(UnboundedReceiverStream::new(receiver));
    ([("content-type", "text/event-stream")], body).into_response()
}
