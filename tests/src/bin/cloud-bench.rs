//! Speed and memory of the cloud on SQLite: the real program as its own process over TLS, loaded by `wrk` with
//! 16 connections on the same machine. Prints a table; nothing here fails for being slow.
//!
//! usage: `cloud-bench SOEGAKI_CLOUD [SECONDS]`

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use api::session::{SignIn, SignedIn};
use clinical::{Reception, ReceptionKey, ReceptionState};
use cloud::clock::Clock;
use cloud::store::{Actor, Store};
use jiff::civil::Date;
use sandbox::certificates::Authority;
use sandbox::clinic::Clinic;

type Fault = Box<dyn std::error::Error>;

const PATIENTS: usize = 3_000;
const RECEPTIONS: usize = 500;
const CONNECTIONS: usize = 16;
const PASSWORD: &str = "Bench-mark 2026";

/// One line of the table.
struct Measured {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    bad: u64,
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
    runtime.block_on(fill(folder.path(), today))?;
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
    let load = |script: &str, rest: &[String]| wrk(script, &base, seconds, &token, rest);
    load("reads.lua", &[PATIENTS.to_string()])?; // warms the caches
    let reads = load("reads.lua", &[PATIENTS.to_string()])?;
    let changes = load("changes.lua", &[today.to_string(), RECEPTIONS.to_string()])?;
    let resident = resident_mb(service.0.id())?;
    print!("{}", table(&reads, &changes, resident));
    Ok(())
}

async fn fill(folder: &Path, today: Date) -> Result<(), Fault> {
    let url = format!("sqlite:{}", folder.join("bench.sqlite3").display());
    let store = Store::open(&url, Clock::system()).await?;
    store.migrate().await?;
    let institution = store.add_institution("bench", "計測診療所", jiff::tz::offset(9)).await?;
    let actor = Actor::service(institution.tenant, "bench");
    cloud::admin::account_add(
        &store,
        "bench",
        "uketsuke",
        "計測",
        "receptionist",
        PASSWORD.to_owned().into(),
    )
    .await?;
    let clinic = Clinic::generate(1, PATIENTS, today);
    store.upsert_patients(&actor, clinic.patients(), jiff::Timestamp::now()).await?;
    let receptions =
        clinic.patients().iter().take(RECEPTIONS).enumerate().map(|(i, patient)| Reception {
            key: ReceptionKey { date: today, id: format!("{:05}", i + 1) },
            patient: Some(patient.number.clone()),
            name: patient.name.clone(),
            birth_date: patient.birth_date,
            sex: patient.sex,
            time: jiff::civil::time(9, 0, 0, 0),
            appointment: None,
            paid_at: None,
            department: clinical::Department::default(),
            physician: clinical::Physician::default(),
            content: clinical::MedicalContent::default(),
            insurance_combination: None,
            state: ReceptionState::Waiting,
            revision: 1,
        });
    store.reconcile_day(&actor, today, receptions.collect()).await?;
    store.close().await;
    Ok(())
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
    let wanted = SignIn {
        institution: "bench".into(),
        login: "uketsuke".into(),
        password: PASSWORD.into(),
        terminal: "bench".into(),
    };
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

fn wrk(
    script: &str,
    base: &str,
    seconds: u64,
    token: &str,
    rest: &[String],
) -> Result<Measured, Fault> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench").join(script);
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s"), "-s"])
        .arg(&script)
        .args([base, "--", token])
        .args(rest)
        .output()
        .map_err(|e| format!("wrk cannot be run ({e}); `make setup` installs it"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|l| l.strip_prefix("RESULT ")).ok_or_else(|| {
        format!("wrk gave no result: {text}{}", String::from_utf8_lossy(&output.stderr))
    })?;
    let value = |name: &str| -> Result<f64, Fault> {
        let field = line.split(' ').find_map(|f| f.strip_prefix(name)?.strip_prefix('='));
        Ok(field.ok_or_else(|| format!("no {name} in {line}"))?.parse()?)
    };
    Ok(Measured {
        per_second: value("requests")? / value("seconds")?,
        p50_ms: value("p50")?,
        p99_ms: value("p99")?,
        bad: value("bad")? as u64,
    })
}

fn resident_mb(pid: u32) -> Result<f64, Fault> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kb: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kb / 1024.0)
}

fn table(reads: &Measured, changes: &Measured, resident: f64) -> String {
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
    out += &row("durable state changes", changes, ">= 1500 /s");
    let _ = writeln!(out, "{:<44} {resident:>9.0} MB peak resident   wanted <= 70 MB", "memory");
    out
}
