//! A clinic for faults: its records in a database of its own, its cloud as a process, and the plan that the
//! terminals read.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clinical::{PatientNumber, PersonName, Reception, ReceptionKey, ReceptionState, Staff};
use cloud::clock::Clock;
use cloud::store::{Actor, Store};
use sandbox::certificates::Authority;
use sandbox::clinic::{Clinic as People, STAFF};
use serde::{Deserialize, Serialize};

use super::Fault;
use super::process::Process;

/// Longer than a start takes on the slowest machine.
const START: Duration = Duration::from_mins(2);
/// The institution's code.
pub const CODE: &str = "torture";

/// The programs that are run and killed.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The kiosk without a window.
    pub terminal: PathBuf,
    /// The program that is a cloud when it is called with `cloud`.
    pub torture: PathBuf,
}

/// What a terminal knows of the clinic.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// Address of the cloud, by way of the proxy.
    pub url: String,
    /// The authority of its certificate.
    pub ca_pem: String,
    /// Who works at the terminals: the clerk, then the practitioner.
    pub people: Vec<Person>,
    /// Who comes.
    pub patients: Vec<Patient>,
}

/// Somebody who works at the clinic.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Person {
    /// What the person types.
    pub login: String,
    /// What the person keeps secret.
    pub password: String,
    /// As records name the person.
    pub staff: Staff,
}

/// Somebody who comes to the clinic, with today's reception.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Patient {
    /// The number on the chart.
    pub number: PatientNumber,
    /// The name.
    pub name: PersonName,
    /// The visit.
    pub reception: ReceptionKey,
}

/// The clinic.
pub struct Clinic {
    /// Holds everything of it.
    pub folder: PathBuf,
    /// Where its records are.
    pub database: String,
    /// What its terminals read; [`Clinic::plan_file`] has the same.
    pub plan: Plan,
    programs: Programs,
}

impl Clinic {
    /// Makes a clinic whose terminals reach the cloud at `near`. `database` is an empty PostgreSQL database, or
    /// nothing for an SQLite file in the folder.
    pub fn prepare(
        programs: &Programs,
        folder: &Path,
        database: Option<String>,
        near: SocketAddr,
        patients: usize,
    ) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let database = database
            .unwrap_or_else(|| format!("sqlite:{}", folder.join("cloud.sqlite3").display()));
        let authority = Authority::new("torture")?;
        let server = authority.server(&["127.0.0.1"])?;
        std::fs::write(folder.join("server.pem"), server.cert_pem)?;
        std::fs::write(folder.join("server.key"), server.key_pem)?;
        let mut text = String::new();
        writeln!(text, "[listen]\naddress = \"127.0.0.1:0\"")?;
        writeln!(text, "certificate = \"server.pem\"\nprivate_key = \"server.key\"")?;
        writeln!(text, "[database]\nurl = \"{database}\"\nmigrate_at_start = true")?;
        writeln!(text, "[log]\nlevel = \"warn\"")?;
        std::fs::write(folder.join("cloud.toml"), text)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (people, patients) = runtime.block_on(fill(&database, patients))?;
        let url = format!("https://{near}");
        let plan = Plan { url, ca_pem: authority.ca_pem(), people, patients };
        std::fs::write(folder.join("clinic.json"), serde_json::to_vec_pretty(&plan)?)?;
        Ok(Self { folder, database, plan, programs: programs.clone() })
    }

    /// The plan, for the terminals.
    pub fn plan_file(&self) -> PathBuf {
        self.folder.join("clinic.json")
    }

    /// Starts the cloud; gives it and its address, which is another one each time.
    pub fn start_cloud(&self) -> Result<(Process, SocketAddr), Fault> {
        let mut command = Command::new(&self.programs.torture);
        command.args(["cloud", "--config"]).arg(self.folder.join("cloud.toml"));
        command.current_dir(&self.folder);
        let mut process = Process::spawn("cloud", &mut command, &self.folder.join("cloud.log"))?;
        let Some(address) = process.wait_line("LISTEN ", START)? else {
            let log = std::fs::read_to_string(self.folder.join("cloud.log")).unwrap_or_default();
            let last = log.lines().rev().take(5).collect::<Vec<_>>().join(" / ");
            return Err(format!("the cloud did not start: {last}").into());
        };
        Ok((process, address.parse()?))
    }

    /// The folder of a terminal.
    pub fn terminal_folder(&self, name: &str) -> PathBuf {
        self.folder.join(format!("terminal-{name}"))
    }

    /// Adds the program of a terminal and its arguments to a command that starts it in some other way.
    pub fn add_terminal(&self, command: &mut Command, name: &str, options: &[&str]) {
        command.arg(&self.programs.terminal);
        self.add_arguments(command, name, options);
    }

    fn add_arguments(&self, command: &mut Command, name: &str, options: &[&str]) {
        command.arg("--folder").arg(self.terminal_folder(name));
        command.arg("--plan").arg(self.plan_file()).args(["--name", name]).args(options);
    }

    /// Starts a terminal, which keeps its store and its journal from run to run.
    pub fn start_terminal(&self, name: &str, options: &[&str]) -> Result<Process, Fault> {
        let folder = self.terminal_folder(name);
        std::fs::create_dir_all(&folder)?;
        let mut command = Command::new(&self.programs.terminal);
        self.add_arguments(&mut command, name, options);
        Process::spawn(&format!("terminal {name}"), &mut command, &folder.join("errors"))
    }
}

async fn fill(database: &str, patients: usize) -> Result<(Vec<Person>, Vec<Patient>), Fault> {
    let store = Store::open(database, Clock::system()).await?;
    store.migrate().await?;
    let offset = jiff::tz::offset(9);
    let institution = store.add_institution(CODE, "試練診療所", offset).await?;
    let actor = Actor::service(institution.tenant, "torture");
    let mut people = Vec::new();
    for person in [STAFF[0], STAFF[2]] {
        let account = cloud::admin::account_add(
            &store,
            CODE,
            person.login,
            person.display_name,
            person.role,
            person.password.to_owned().into(),
        )
        .await?;
        let staff = Staff { account: account.id, name: account.display_name, role: account.role };
        let (login, password) = (person.login.to_owned(), person.password.to_owned());
        people.push(Person { login, password, staff });
    }
    let today = store.clock().today(offset);
    let clinic = People::generate(3, patients.max(6), today);
    store.upsert_patients(&actor, clinic.patients(), store.clock().now()).await?;
    let receptions: Vec<Reception> = clinic
        .patients()
        .iter()
        .enumerate()
        .map(|(at, patient)| Reception {
            key: ReceptionKey { date: today, id: format!("{:05}", at + 1) },
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
        })
        .collect();
    let patients = clinic
        .patients()
        .iter()
        .zip(&receptions)
        .map(|(patient, reception)| Patient {
            number: patient.number.clone(),
            name: patient.name.clone(),
            reception: reception.key.clone(),
        })
        .collect();
    store.reconcile_day(&actor, today, receptions).await?;
    store.close().await;
    Ok((people, patients))
}
