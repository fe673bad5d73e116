//! `serve`: the receipt computer of a synthetic clinic and a laboratory company, until interrupted.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use jiff::civil::Time;
use sandbox::{LabAccess, LabCompany, LabConfig, Sandbox, SandboxConfig};

use crate::CliError;
use crate::emit::write_error;

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    bind: SocketAddr,
    /// The same seed gives the same clinic and the same day
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many patients the clinic has
    #[arg(long, default_value_t = 3000)]
    patients: usize,
    /// How many of them come today
    #[arg(long, default_value_t = 80)]
    receptions: usize,
    /// What the clinic's clock shows at start
    #[arg(long, default_value = "08:30")]
    day_start: Time,
    /// How fast that clock runs: 1 is real time, 60 is a minute a second
    #[arg(long, default_value_t = 1.0, value_parser = rate)]
    clock_rate: f64,
    /// Folder in which the laboratory takes orders and leaves results, beside HTTPS
    #[arg(long)]
    lab_folder: Option<PathBuf>,
    /// Folder for the certificates and the password that a client needs; made if missing
    #[arg(long, default_value = "soegaki-sandbox")]
    out: PathBuf,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate >= 0.0 => Ok(rate),
        _ => Err("a number not below 0 is needed, for example 60".to_owned()),
    }
}

pub(crate) fn run(options: Options) -> Result<ExitCode, CliError> {
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::Runtime)?;
    runtime.block_on(serve(options))
}

async fn serve(options: Options) -> Result<ExitCode, CliError> {
    let config = SandboxConfig {
        seed: options.seed,
        patients: options.patients,
        receptions: options.receptions,
        day_start: options.day_start,
        clock_rate: options.clock_rate,
        bind: options.bind,
        ..SandboxConfig::default()
    };
    std::fs::create_dir_all(&options.out).map_err(|source| write_error(&options.out, source))?;
    let mut ending = Ending::listen().map_err(CliError::Runtime)?;
    let sandbox = Sandbox::start(config).await?;
    let access = &sandbox.receipt;
    // Whole paths, so that the lines can be pasted into a settings file that lies elsewhere.
    let out = std::path::absolute(&options.out).map_err(|e| write_error(&options.out, e))?;
    let ca = out.join("ca.pem");
    let client = out.join("client.pem");
    let password = out.join("password");
    write_private(&password, &access.password)?;
    write_private(&ca, &access.ca_pem)?;
    write_private(&client, &access.client_identity_pem)?;
    announce(&[
        ("base_url", &access.base_url),
        ("push_url", &access.push_url),
        ("user", &access.user),
        ("password_file", &password.display().to_string()),
        ("ca", &ca.display().to_string()),
        ("client_identity", &client.display().to_string()),
    ])
    .map_err(CliError::Output)?;
    let lab = LabCompany::start(LabConfig {
        seed: options.seed,
        // The address is taken by the receipt computer, unless the port is left open.
        bind: SocketAddr::new(options.bind.ip(), 0),
        folder: options.lab_folder,
        clock: sandbox.control.clock(),
        ..LabConfig::default()
    })
    .await?;
    announce_lab(&lab.access, &out)?;
    ending.wished().await;
    lab.stop().await;
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The same lines for the laboratory, below a heading of their own.
fn announce_lab(access: &LabAccess, out: &Path) -> Result<(), CliError> {
    let [ca, client, password] =
        ["lab-ca.pem", "lab-client.pem", "lab-password"].map(|name| out.join(name));
    write_private(&password, &access.password)?;
    write_private(&ca, &access.ca_pem)?;
    write_private(&client, &access.client_identity_pem)?;
    writeln!(std::io::stdout(), "[[lab]]").map_err(CliError::Output)?;
    announce(&[
        ("base_url", &access.base_url),
        ("user", &access.user),
        ("password_file", &password.display().to_string()),
        ("ca", &ca.display().to_string()),
        ("client_identity", &client.display().to_string()),
    ])
    .map_err(CliError::Output)
}

/// One `key = "value"` a line, as the receipt link in cloud.toml has them.
fn announce(lines: &[(&str, &str)]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for (key, value) in lines {
        writeln!(out, "{key} = {value:?}")?;
    }
    out.flush()
}

/// The wish to end: Ctrl-C, and on Unix SIGTERM.
#[cfg(unix)]
struct Ending {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Ending {
    /// From here on the wish is heard.
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn wished(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The wish to end: Ctrl-C.
#[cfg(windows)]
struct Ending(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Ending {
    /// From here on the wish is heard.
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn wished(&mut self) {
        self.0.recv().await;
    }
}

/// Writes a file that only its owner can read: one of them holds a key.
fn write_private(path: &Path, text: &str) -> Result<(), CliError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_ALONE);
    let mut file = options.open(path).map_err(|source| write_error(path, source))?;
    // The mode above counts for a new file only.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(OWNER_ALONE))
        .map_err(|source| write_error(path, source))?;
    file.write_all(text.as_bytes()).map_err(|source| write_error(path, source))
}

#[cfg(unix)]
const OWNER_ALONE: u32 = 0o600;
