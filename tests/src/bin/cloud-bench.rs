//! Speed and memory of the cloud on SQLite: the real program as its own process over TLS, loaded by `wrk` with
//! 16 connections on the same machine. Prints a table; nothing here fails for being slow.
//!
//! usage: `cloud-bench SOEGAKI_CLOUD [SECONDS]`

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use api::entries::{Entry, EntryContent};
use api::proof::Signer;
use api::session::{SignIn, SignedIn};
use clinical::PatientNumber;
use clinical::profile::{
    Act, Allergen, Allergy, AllergyCategory, Measurement, MeasurementValue, ProfileEntry,
    ProfileValue, Source, Tenths,
};
use cloud::accounts::{Accounts, SessionLimits};
use cloud::clock::Clock;
use cloud::store::{Actor, Store};
use jiff::Timestamp;
use jiff::civil::Date;
use sandbox::certificates::Authority;
use sandbox::clinic::Clinic;
use uuid::Uuid;

type Fault = Box<dyn std::error::Error>;

const PATIENTS: usize = 3_000;
const CONNECTIONS: usize = 16;
/// More entries a second than any machine takes; each is sent once.
const ENTRIES_A_SECOND: u64 = 10_000;
/// Entries that are stored side by side while the database is filled.
const AT_ONCE: usize = 512;
const LOGIN: &str = "keisoku";
const PASSWORD: &str = "Bench-mark 2026";

/// One line of the table.
struct Measured {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    bad: u64,
    /// Entries sent, where entries were.
    sent: Option<u64>,
}

/// Ends the service when the bench ends, however it ends.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() -> Result<(), Fault> {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.next().ok_or("usage: cloud-bench SOEGAKI_CLOUD [SECONDS]")?;
    let seconds: u64 = arguments.next().map_or(Ok(10), |s| s.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let today =
        jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9))).date();
    let signer = runtime.block_on(fill(folder.path(), today))?;
    let prepared = seconds * ENTRIES_A_SECOND;
    let entries = write_entries(folder.path(), &signer, prepared)?;
    let authority = Authority::new("bench")?;
    let port = write_settings(folder.path(), &authority)?;
    let service = Service(
        Command::new(Path::new(&program).canonicalize()?)
            .args(["serve", "--config"])
            .arg(folder.path().join("cloud.toml"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?,
    );
    let base = format!("https://127.0.0.1:{port}");
    let token = runtime.block_on(sign_in(&base, &authority))?;
    let load = |script: &str, arguments: &[&str]| wrk(script, &base, seconds, arguments);
    let patients = PATIENTS.to_string();
    load("reads.lua", &[&token, &patients])?; // warms the caches
    let reads = load("reads.lua", &[&token, &patients])?;
    let stored = load("entries.lua", &[&entries])?;
    if stored.sent.is_none_or(|sent| sent > prepared) {
        return Err("the entries ran out; ENTRIES_A_SECOND is too small for this machine".into());
    }
    let resident = resident_mb(service.0.id())?;
    print!("{}", table(&reads, &stored, resident));
    Ok(())
}

/// Patients with a few items each, and somebody who enters more: gives the person's key.
async fn fill(folder: &Path, today: Date) -> Result<Signer, Fault> {
    let url = format!("sqlite:{}", folder.join("bench.sqlite3").display());
    let store = Store::open(&url, Clock::system()).await?;
    store.migrate().await?;
    let institution = store.add_institution("bench", "計測診療所", jiff::tz::offset(9)).await?;
    let actor = Actor::service(institution.tenant, "bench");
    let password = PASSWORD.to_owned().into();
    cloud::admin::account_add(&store, "bench", LOGIN, "計測", "practitioner", password).await?;
    let clinic = Clinic::generate(1, PATIENTS, today);
    store.upsert_patients(&actor, clinic.patients(), Timestamp::now()).await?;
    let (signer, _) = Signer::generate()?;
    let accounts = Accounts::new(store.clone(), SessionLimits::default());
    accounts.sign_in(&person(Some(&signer)), std::net::Ipv4Addr::LOCALHOST.into()).await?;
    let mut entries = Vec::new();
    for patient in clinic.patients() {
        for value in [pulse(70), pulse(72), pressure(128), weight(564), allergy("花粉")] {
            entries.push(entry(&patient.number, value));
        }
    }
    let author = store.entry_author(&signer.public_key()).await?.ok_or("the key is unknown")?;
    for some in entries.chunks(AT_ONCE) {
        let mut tasks = tokio::task::JoinSet::new();
        for entry in some {
            let (store, author, entry) = (store.clone(), author.clone(), entry.clone());
            let body = serde_json::to_vec(&entry)?;
            let signature = signer.sign(&body);
            tasks.spawn(async move {
                store.take_entry(&author, &entry, &body, &signature, today).await
            });
        }
        while let Some(taken) = tasks.join_next().await {
            taken??;
        }
    }
    store.close().await;
    Ok(signer)
}

fn entry(patient: &PatientNumber, value: ProfileValue) -> Entry {
    let entry = ProfileEntry {
        patient: patient.clone(),
        item: Uuid::now_v7(),
        base: None,
        act: Act::Record { value, source: Source::Clinic },
        on_behalf_of: None,
        reason: String::new(),
        settles: None,
    };
    let content = EntryContent::Profile { entry };
    Entry { id: Uuid::now_v7(), entered_at: Timestamp::now(), content }
}

fn measured(value: MeasurementValue) -> ProfileValue {
    ProfileValue::Measurement(Measurement { value, measured_at: Timestamp::now() })
}

fn pulse(beats: u16) -> ProfileValue {
    measured(MeasurementValue::Pulse(beats))
}

fn pressure(systolic: u16) -> ProfileValue {
    measured(MeasurementValue::BloodPressure { systolic, diastolic: 78 })
}

fn weight(tenths: u32) -> ProfileValue {
    measured(MeasurementValue::Weight(Tenths(tenths)))
}

fn allergy(text: &str) -> ProfileValue {
    ProfileValue::Allergy(Allergy {
        category: AllergyCategory::Environment,
        allergen: Allergen { text: text.to_owned(), jfagy: None },
        severity: None,
        reaction: String::new(),
        onset: None,
        informant: None,
    })
}

/// Entries as they go over the wire, a line each, for patients in turn; gives the file's path.
fn write_entries(folder: &Path, signer: &Signer, count: u64) -> Result<String, Fault> {
    let path = folder.join("entries.txt");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    let key = signer.public_key();
    for n in 0..count {
        let patient = PatientNumber::parse(&format!("{:05}", n % PATIENTS as u64 + 1))?;
        let entry = entry(&patient, pressure(110 + u16::try_from(n % 40)?));
        let body = serde_json::to_string(&entry)?;
        let signature = signer.sign(body.as_bytes());
        writeln!(file, "{}\t{key}\t{signature}\t{body}", entry.id)?;
    }
    file.flush()?;
    Ok(path.display().to_string())
}

fn person(signer: Option<&Signer>) -> SignIn {
    SignIn {
        institution: "bench".into(),
        login: LOGIN.into(),
        password: PASSWORD.into(),
        terminal: "bench".into(),
        entry_key: signer.map(Signer::public_key),
        store: None,
    }
}

fn write_settings(folder: &Path, authority: &Authority) -> Result<u16, Fault> {
    let server = authority.server(&["127.0.0.1"])?;
    std::fs::write(folder.join("server.pem"), server.cert_pem)?;
    std::fs::write(folder.join("server.key"), server.key_pem)?;
    // Free when asked; the service takes it a moment later.
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let mut text = String::new();
    writeln!(text, "[listen]\naddress = \"127.0.0.1:{port}\"")?;
    writeln!(text, "certificate = \"server.pem\"\nprivate_key = \"server.key\"")?;
    writeln!(text, "[database]\nurl = \"sqlite:bench.sqlite3\"\n[log]\nlevel = \"warn\"")?;
    std::fs::write(folder.join("cloud.toml"), text)?;
    Ok(port)
}

async fn sign_in(base: &str, authority: &Authority) -> Result<String, Fault> {
    let client = e2e::https_client(&authority.ca_pem(), None)?;
    let asked = Instant::now();
    let wanted = person(None);
    loop {
        let answer =
            client.post(format!("{base}{}", api::routes::SESSIONS)).json(&wanted).send().await;
        match answer {
            Ok(answer) if answer.status().is_success() => {
                return Ok(answer.json::<SignedIn>().await?.token);
            }
            Ok(answer) => return Err(format!("sign-in: {}", answer.text().await?).into()),
            Err(_) if asked.elapsed() < Duration::from_secs(20) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn wrk(script: &str, base: &str, seconds: u64, arguments: &[&str]) -> Result<Measured, Fault> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench").join(script);
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s"), "-s"])
        .arg(&script)
        .args([base, "--"])
        .args(arguments)
        .output()
        .map_err(|e| format!("wrk cannot be run ({e}); `make setup` installs it"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|l| l.strip_prefix("RESULT ")).ok_or_else(|| {
        format!("wrk gave no result: {text}{}", String::from_utf8_lossy(&output.stderr))
    })?;
    let field = |name: &str| line.split(' ').find_map(|f| f.strip_prefix(name)?.strip_prefix('='));
    let value = |name: &str| -> Result<f64, Fault> {
        Ok(field(name).ok_or_else(|| format!("no {name} in {line}"))?.parse()?)
    };
    Ok(Measured {
        per_second: value("requests")? / value("seconds")?,
        p50_ms: value("p50")?,
        p99_ms: value("p99")?,
        bad: value("bad")? as u64,
        sent: field("sent").map(str::parse).transpose()?,
    })
}

fn resident_mb(pid: u32) -> Result<f64, Fault> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kb: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kb / 1024.0)
}

fn table(reads: &Measured, stored: &Measured, resident: f64) -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    let row = |name: &str, m: &Measured, wanted: &str| {
        format!(
            "{name:<44} {:>9.0} /s  p50 {:>6.2} ms  p99 {:>6.2} ms  refused {:>4}   wanted {wanted}\n",
            m.per_second, m.p50_ms, m.p99_ms, m.bad
        )
    };
    let mut out = format!(
        "cloud on SQLite, TLS 1.3, {CONNECTIONS} connections, load generator on the same {cores} cores, load {load}\n"
    );
    out += &row("patient reads, authenticated and audited", reads, ">= 5000 /s, p99 <= 10 ms");
    out += &row("durable entries, signature proven and audited", stored, ">= 1500 /s");
    let _ = writeln!(out, "{:<44} {resident:>9.0} MB peak resident   wanted <= 70 MB", "memory");
    out
}
