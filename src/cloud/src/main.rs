//! `soegaki-cloud`: runs the service and keeps its accounts.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use cloud::admin::{self, AdminError, PasswordSource};
use cloud::clock::Clock;
use cloud::config::{Config, ConfigError};
use cloud::store::audit::Verdict;
use cloud::store::{Store, StoreError};
use cloud::{StartError, logs};

/// The cloud service of Soegaki: what the terminals of a clinic talk to.
#[derive(Parser)]
#[command(name = "soegaki-cloud", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answers terminals until it is told to stop (Ctrl+C or SIGTERM).
    Serve {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Brings the database's tables to this program's version.
    Migrate {
        #[command(flatten)]
        database: Database,
    },
    /// Adds and lists institutions.
    #[command(subcommand)]
    Institution(InstitutionCommand),
    /// Adds, lists, disables and enables accounts, and sets their passwords.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Shows and verifies the audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Verifies what people have entered.
    #[command(subcommand)]
    Records(RecordsCommand),
    /// Prints the OpenAPI document of the contract.
    Openapi,
    /// Reads a settings file and says what is wrong with it.
    CheckConfig {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Args)]
struct ConfigFile {
    /// Settings of the service.
    #[arg(long, value_name = "FILE", default_value = "config/cloud.toml")]
    config: PathBuf,
}

/// Where the records are: as the settings say, or given here.
#[derive(Args)]
struct Database {
    #[command(flatten)]
    config: ConfigFile,
    /// The database itself, without a settings file: `sqlite:FILE` or `postgres://USER@HOST/NAME`. A password is
    /// taken from the settings, PGPASSWORD or the .pgpass file, never from here.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

#[derive(Subcommand)]
enum InstitutionCommand {
    /// Adds an institution.
    Add {
        #[command(flatten)]
        database: Database,
        /// Its code in this service, as set on the terminals.
        code: String,
        /// Its name as written on its papers.
        name: String,
        /// Its local time.
        #[arg(long, default_value = "+09:00")]
        offset: String,
    },
    /// Lists the institutions.
    List {
        #[command(flatten)]
        database: Database,
    },
}

/// Whose account.
#[derive(Args)]
struct Whose {
    #[command(flatten)]
    database: Database,
    /// Code of the institution.
    #[arg(long)]
    institution: String,
    /// The person's ID.
    login: String,
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Adds an account; the password is read from standard input or a file.
    Add {
        #[command(flatten)]
        whose: Whose,
        /// The person's name as shown on the screen.
        #[arg(long)]
        name: String,
        /// receptionist, nurse, practitioner or administrator.
        #[arg(long)]
        role: String,
        /// Reads the password from the first line of a file.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Lists an institution's accounts.
    List {
        #[command(flatten)]
        database: Database,
        /// Code of the institution.
        #[arg(long)]
        institution: String,
    },
    /// Disables an account; its sessions end.
    Disable(Whose),
    /// Enables an account again.
    Enable(Whose),
    /// Forgets wrong passwords, so that the person need not wait.
    Unlock(Whose),
    /// Sets a new password; the account's sessions end.
    Password {
        #[command(flatten)]
        whose: Whose,
        /// Reads the password from the first line of a file.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Says whether the log is whole; exit status 1 when it is not.
    Verify {
        #[command(flatten)]
        database: Database,
        /// Only this institution.
        #[arg(long)]
        institution: Option<String>,
        /// A row as an earlier `verify` printed it (NUMBER:HASH): the log must still hold it.
        #[arg(long)]
        noted: Option<String>,
    },
    /// Shows rows of the log, one JSON object a line.
    Show {
        #[command(flatten)]
        database: Database,
        /// Code of the institution.
        #[arg(long)]
        institution: String,
        /// Only rows after this number.
        #[arg(long, default_value_t = 0)]
        after: i64,
        /// At most so many rows.
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
}

#[derive(Subcommand)]
enum RecordsCommand {
    /// Says whether every entry is as its author has signed it, every version its entry, and every item what its
    /// versions make it; exit status 1 when not.
    Verify {
        #[command(flatten)]
        database: Database,
        /// Only this institution.
        #[arg(long)]
        institution: Option<String>,
    },
}

/// Why a command failed, in words.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("the document cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = runtime.map_err(Failure::from).and_then(|rt| rt.block_on(run(cli.command)));
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("soegaki-cloud: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve { config } => serve(Config::read(&config.config)?).await?,
        Command::Migrate { database } => println!("{}", admin::migrate(&database.url()?).await?),
        Command::Institution(command) => institution(command).await?,
        Command::Account(command) => account(command).await?,
        Command::Audit(command) => return audit(command).await,
        Command::Records(command) => return records(command).await,
        Command::Openapi => {
            println!("{}", serde_json::to_string_pretty(&cloud::http::document())?);
        }
        Command::CheckConfig { file } => {
            Config::read(&file)?;
            println!("{}: ok", file.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Database {
    fn url(&self) -> Result<String, Failure> {
        match &self.database {
            Some(url) => Ok(admin::without_password(url)?.to_owned()),
            None => Ok(Config::read_database_url(&self.config.config)?.to_string()),
        }
    }

    async fn open(&self) -> Result<Store, Failure> {
        Ok(admin::open(&self.url()?).await?)
    }
}

async fn serve(config: Config) -> Result<(), Failure> {
    logs::install(&config.log);
    let running = cloud::serve(config, Clock::system()).await?;
    stop_signal().await?;
    running.stop().await;
    Ok(())
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

async fn institution(command: InstitutionCommand) -> Result<(), Failure> {
    let store = match command {
        InstitutionCommand::Add { database, code, name, offset } => {
            let store = database.open().await?;
            let added = admin::add_institution(&store, &code, &name, &offset).await?;
            println!("{}\t{}\t{}", added.code, added.offset, added.name);
            store
        }
        InstitutionCommand::List { database } => {
            let store = database.open().await?;
            for one in store.institutions().await? {
                println!("{}\t{}\t{}", one.code, one.offset, one.name);
            }
            store
        }
    };
    store.close().await;
    Ok(())
}

async fn account(command: AccountCommand) -> Result<(), Failure> {
    let store = match command {
        AccountCommand::List { database, institution } => {
            let store = database.open().await?;
            for account in admin::account_list(&store, &institution).await? {
                let state = if account.disabled { "disabled" } else { "enabled" };
                let role = account.role.as_str();
                println!("{}\t{role}\t{state}\t{}", account.login, account.display_name);
            }
            store
        }
        AccountCommand::Add { whose, name, role, password_file } => {
            let store = whose.database.open().await?;
            let password = password(password_file.as_deref()).await?;
            let code = &whose.institution;
            let added =
                admin::account_add(&store, code, &whose.login, &name, &role, password).await?;
            println!("{}: added as {}", added.login, added.role.as_str());
            store
        }
        AccountCommand::Password { whose, password_file } => {
            let store = whose.database.open().await?;
            let password = password(password_file.as_deref()).await?;
            admin::account_password(&store, &whose.institution, &whose.login, password).await?;
            println!("{}: password changed, sessions ended", whose.login);
            store
        }
        AccountCommand::Disable(whose) => set_disabled(&whose, true).await?,
        AccountCommand::Enable(whose) => set_disabled(&whose, false).await?,
        AccountCommand::Unlock(whose) => {
            let store = whose.database.open().await?;
            admin::account_unlock(&store, &whose.institution, &whose.login).await?;
            println!("{}: unlocked", whose.login);
            store
        }
    };
    store.close().await;
    Ok(())
}

async fn set_disabled(whose: &Whose, disabled: bool) -> Result<Store, Failure> {
    let store = whose.database.open().await?;
    admin::account_set_disabled(&store, &whose.institution, &whose.login, disabled).await?;
    println!("{}: {}", whose.login, if disabled { "disabled" } else { "enabled" });
    Ok(store)
}

/// Reading waits for the keyboard, which no task of the runtime may do.
async fn password(file: Option<&std::path::Path>) -> Result<zeroize::Zeroizing<String>, Failure> {
    let file = file.map(std::path::Path::to_owned);
    let reading = tokio::task::spawn_blocking(move || {
        admin::read_password(file.as_deref().map_or(PasswordSource::Input, PasswordSource::File))
    });
    Ok(reading.await.map_err(std::io::Error::other)??)
}

async fn audit(command: AuditCommand) -> Result<ExitCode, Failure> {
    match command {
        AuditCommand::Verify { database, institution, noted } => {
            let noted = noted.as_deref().map(admin::parse_noted).transpose()?;
            let store = database.open().await?;
            let verdicts =
                admin::audit_verify(&store, institution.as_deref(), noted.as_ref()).await?;
            store.close().await;
            for (institution, verdict) in &verdicts {
                println!("{}", admin::verdict_line(institution, verdict));
            }
            let whole = verdicts.iter().all(|(_, v)| matches!(v, Verdict::Whole { .. }));
            Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        AuditCommand::Show { database, institution, after, limit } => {
            let store = database.open().await?;
            for row in admin::audit_rows(&store, &institution, after, limit).await? {
                println!("{}", serde_json::to_string(&row)?);
            }
            store.close().await;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn records(command: RecordsCommand) -> Result<ExitCode, Failure> {
    let RecordsCommand::Verify { database, institution } = command;
    let store = database.open().await?;
    let found = admin::records_verify(&store, institution.as_deref()).await?;
    store.close().await;
    for (institution, records) in &found {
        for line in admin::records_lines(institution, records) {
            println!("{line}");
        }
    }
    let whole = found.iter().all(|(_, records)| records.is_whole());
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
