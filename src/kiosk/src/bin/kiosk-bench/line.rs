//! The other end of the line: a clinic of the wanted size, its servers in this process.

use std::time::{Duration, Instant};

use api::patients::PatientSearch;
use api::routes;
use api::session::{SignIn, SignedIn};
use clinical::search::SearchKeys;
use jiff::civil::Time;
use kiosk::config::Config;
use kiosk::demo::clock::DemoClock;
use kiosk::demo::line::{Near, Plug};
use kiosk::demo::servers::{Servers, Wanted, World};
use sandbox::certificates::Authority;
use sandbox::clinic::{INSTITUTION_CODE, STAFF};

/// Everybody has come and nobody comes any more, so that nothing but the bench makes frames.
const EVENING: Time = Time::constant(19, 30, 0, 0);
/// For the whole import.
const IMPORT: Duration = Duration::from_mins(20);

/// A clinic with its line.
pub(crate) struct Clinic {
    /// Everybody's clock.
    pub(crate) clock: DemoClock,
    /// The cloud's address.
    pub(crate) url: String,
    /// The authority of its certificate.
    pub(crate) ca_pem: String,
    world: World,
    // Dropped in this order: the servers write until they have ended.
    _servers: Servers,
    /// Folder of databases and caches.
    pub(crate) folder: tempfile::TempDir,
}

fn text(e: impl std::fmt::Display) -> String {
    e.to_string()
}

impl Clinic {
    /// Opens a clinic and waits until the cloud has read all its patients in.
    pub(crate) fn open(patients: usize, receptions: usize) -> Result<Self, String> {
        eprintln!("a clinic of {patients} patients is being set up and read in …");
        let clock = DemoClock::begin_at(kiosk::demo::today(), EVENING);
        let near = Near::bind().map_err(text)?;
        let url = format!("https://{}", near.address);
        let authority = Authority::new("Soegaki bench").map_err(text)?;
        let identity = authority.server(&["127.0.0.1"]).map_err(text)?;
        let folder = tempfile::tempdir().map_err(text)?;
        let servers = Servers::start(Wanted {
            seed: 1,
            patients,
            receptions,
            folder: folder.path().to_owned(),
            identity,
            clock,
            near,
            plug: Plug::new(),
            pace: None,
        })
        .map_err(text)?;
        let world = servers.world(IMPORT)?;
        let ca_pem = authority.ca_pem();
        let clinic = Self { clock, url, ca_pem, world, _servers: servers, folder };
        clinic.wait_for_import()?;
        Ok(clinic)
    }

    /// Numbers of patients from the middle of the register on.
    pub(crate) fn numbers(&self, count: usize) -> Vec<String> {
        let patients = self.world.clinic.patients();
        let alive = patients.iter().skip(patients.len() / 2).filter(|p| !p.test_patient);
        alive.take(count).map(|p| p.number.to_string()).collect()
    }

    /// What somebody types: romaji names of patients from all over the register.
    pub(crate) fn search_words(&self) -> Vec<String> {
        let patients = self.world.clinic.patients();
        let step = (patients.len() / 40).max(1);
        let romaji =
            patients.iter().step_by(step).map(|p| SearchKeys::of(&p.number, &p.name).romaji);
        romaji.filter(|words| words.is_ascii() && !words.is_empty()).collect()
    }

    /// A terminal's settings for this clinic.
    pub(crate) fn terminal(&self) -> Result<Config, String> {
        terminal(&self.url, self.ca_pem.clone(), &self.folder.path().join("terminal"))
    }

    /// Milliseconds of reading patients over a kept connection, from question to whole answer.
    pub(crate) fn round_trips(&self) -> Result<Vec<f64>, String> {
        let numbers = self.numbers(300);
        self.asking(async |client, url, token| {
            let mut times = Vec::new();
            for number in &numbers {
                let url = format!("{url}{}", routes::fill(routes::PATIENT, &[number]));
                let began = Instant::now();
                let answer = client.get(url).bearer_auth(token).send().await.map_err(text)?;
                answer.error_for_status().map_err(text)?.bytes().await.map_err(text)?;
                times.push(began.elapsed().as_secs_f64() * 1000.0);
            }
            Ok(times)
        })
    }

    fn wait_for_import(&self) -> Result<(), String> {
        let patients = self.world.clinic.patients();
        let last = patients.last().map(|p| p.number.to_string()).unwrap_or_default();
        self.asking(async |client, url, token| {
            let until = Instant::now() + IMPORT;
            while Instant::now() < until {
                let answer = client
                    .get(format!("{url}{}", routes::PATIENTS))
                    .query(&[("q", &last)])
                    .bearer_auth(token)
                    .send()
                    .await
                    .map_err(text)?;
                let found: PatientSearch = answer.json().await.map_err(text)?;
                if found.hits.iter().any(|hit| hit.number.as_str() == last) {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err("the cloud did not read all patients in".to_owned())
        })
    }

    /// Signs in and asks the cloud directly.
    fn asking<T>(
        &self,
        ask: impl AsyncFnOnce(&reqwest::Client, &str, &str) -> Result<T, String>,
    ) -> Result<T, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(text)?.block_on(async {
            // The terminal's own worker has made ring the process's provider, or this does.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let authority = reqwest::Certificate::from_pem(self.ca_pem.as_bytes()).map_err(text)?;
            let client =
                reqwest::Client::builder().tls_certs_only([authority]).build().map_err(text)?;
            let person = STAFF[0];
            let sign_in = SignIn {
                institution: INSTITUTION_CODE.to_owned(),
                login: person.login.to_owned(),
                password: person.password.to_owned(),
                terminal: "bench".to_owned(),
                entry_key: None,
                store: None,
            };
            let url = format!("{}{}", self.url, routes::SESSIONS);
            let answer = client.post(url).json(&sign_in).send().await.map_err(text)?;
            let signed: SignedIn =
                answer.error_for_status().map_err(text)?.json().await.map_err(text)?;
            ask(&client, &self.url, &signed.token).await
        })
    }
}

/// A terminal's settings.
pub(crate) fn terminal(
    url: &str,
    ca_pem: String,
    folder: &std::path::Path,
) -> Result<Config, String> {
    let institution = INSTITUTION_CODE.parse().map_err(text)?;
    let mut config = Config { institution, ..Config::default() };
    config.server.url = url.parse().map_err(text)?;
    config.server.ca_pem = Some(ca_pem);
    config.local.keyring = kiosk::config::Keyring::File;
    config.local.dir = Some(folder.display().to_string().parse().map_err(text)?);
    Ok(config)
}
