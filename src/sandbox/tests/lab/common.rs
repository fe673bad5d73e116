//! A laboratory with a held clock that reports only when it is told to, and a client that knows no more than
//! [`LabAccess`].

use std::path::PathBuf;
use std::time::Duration;

use clinical::lab::LabCode;
use exchange::hl7v2::{
    AckMessage, AnswerMessage, Charset, Head, OrderControl, OrderMessage, Party, ResultMessage,
    Verdict,
};
use jiff::civil::{Date, DateTime};
use reqwest::{Certificate, Identity, Response, StatusCode};
use sandbox::clinic::{Clinic, DrawnOrder, FACILITY, INSTITUTION_NAME, lab_orders};
use sandbox::{LabAccess, LabCompany, LabConfig, SandboxClock};

pub const TODAY: Date = Date::constant(2026, 11, 24);
pub const NOW: DateTime = DateTime::constant(2026, 11, 24, 15, 0, 0, 0);

pub async fn start(folder: Option<PathBuf>) -> (LabCompany, Client) {
    start_with(LabConfig { folder, ..config() }).await
}

pub fn config() -> LabConfig {
    LabConfig { seed: 7, pace: None, clock: SandboxClock::new(NOW, 0.0), ..LabConfig::default() }
}

pub async fn start_with(config: LabConfig) -> (LabCompany, Client) {
    let lab = LabCompany::start(config).await.unwrap();
    let client = Client::new(lab.access.clone());
    (lab, client)
}

/// Orders of a clinic that was never there.
pub fn drawn(count: usize) -> Vec<DrawnOrder> {
    lab_orders(7, &Clinic::generate(7, 60, TODAY), count)
}

/// The message of an order.
pub fn message(drawn: &DrawnOrder, control_id: &str, charset: Charset) -> OrderMessage {
    let head = Head {
        sender: Party { application: "SOEGAKI".to_owned(), facility: FACILITY.to_owned() },
        receiver: Party { application: "LIS".to_owned(), facility: "LABCENTER".to_owned() },
        at: Some(NOW),
        control_id: control_id.to_owned(),
        charset,
    };
    let tubes: Vec<_> = drawn.order.tubes.iter().map(|tube| tube.number.clone()).collect();
    let (new, name) = (OrderControl::New, INSTITUTION_NAME.to_owned());
    OrderMessage::of(head, new, &drawn.order, &tubes, drawn.told(), name)
}

/// One tube with potassium and creatinine of the first patient.
pub fn potassium(control_id: &str) -> OrderMessage {
    let mut message = message(&drawn(1)[0], control_id, Charset::Utf8);
    message.specimens.truncate(1);
    let test = message.specimens[0].tests[0].clone();
    message.specimens[0].tests.clear();
    for key in ["K", "CRE"] {
        let item = codes::labs::by_key(key).unwrap();
        let mut test = test.clone();
        test.code = LabCode { jlac10: item.jlac10.clone(), local: item.key.clone() };
        (test.name, test.abbr) = (item.name.clone(), item.abbr.clone());
        message.specimens[0].tests.push(test);
    }
    message
}

pub fn bytes(message: &OrderMessage) -> Vec<u8> {
    message.write().unwrap().bytes
}

pub struct Client {
    pub http: reqwest::Client,
    pub access: LabAccess,
}

impl Client {
    fn new(access: LabAccess) -> Self {
        let identity = Identity::from_pem(access.client_identity_pem.as_bytes()).unwrap();
        let http = builder(&access).identity(identity).build().unwrap();
        Self { http, access }
    }

    pub async fn try_post(&self, path: &str, bytes: Vec<u8>) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.access.base_url);
        let request =
            self.http.post(url).basic_auth(&self.access.user, Some(&self.access.password));
        request.header("content-type", "application/hl7-v2; charset=utf-8").body(bytes).send().await
    }

    /// Sends an order and reads the answer.
    pub async fn order(&self, bytes: Vec<u8>) -> AnswerMessage {
        let reply = self.try_post("/orders", bytes).await.unwrap();
        assert_eq!(reply.status(), StatusCode::OK);
        assert!(
            reply.headers()["content-type"].to_str().unwrap().starts_with("application/hl7-v2")
        );
        AnswerMessage::read(&reply.bytes().await.unwrap()).unwrap().value
    }

    /// The message that waits, as bytes; `None` where there is none.
    pub async fn fetch(&self) -> Option<Vec<u8>> {
        let url = format!("{}/results", self.access.base_url);
        let request = self.http.get(url).basic_auth(&self.access.user, Some(&self.access.password));
        let reply = request.send().await.unwrap();
        if reply.status() == StatusCode::NO_CONTENT {
            return None;
        }
        assert_eq!(reply.status(), StatusCode::OK);
        Some(reply.bytes().await.unwrap().to_vec())
    }

    /// Fetches a message and acknowledges it.
    pub async fn take(&self) -> Option<ResultMessage> {
        let bytes = self.fetch().await?;
        let heard = ResultMessage::read(&bytes).unwrap();
        assert_eq!(heard.warnings, []);
        assert_eq!(self.acknowledge(&heard.value, Verdict::Accepted, "").await, 204);
        Some(heard.value)
    }

    pub async fn acknowledge(&self, message: &ResultMessage, verdict: Verdict, text: &str) -> u16 {
        let ack = AckMessage {
            head: message.head.answered(NOW, "A1".to_owned()),
            event: message.event().to_owned(),
            to: message.head.control_id.clone(),
            verdict,
            text: text.to_owned(),
            problems: Vec::new(),
        };
        let bytes = ack.write().unwrap().bytes;
        self.try_post("/results/ack", bytes).await.unwrap().status().as_u16()
    }
}

pub fn builder(access: &LabAccess) -> reqwest::ClientBuilder {
    // Another test of this process was first: fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(access.ca_pem.as_bytes()).unwrap()])
        .timeout(Duration::from_mins(1))
}
