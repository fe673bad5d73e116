//! A PostgreSQL of the suite's own: made in a temporary folder, on a free loopback port, one for the whole
//! run. A shell that holds the other end of a pipe stops it and removes its folder when this process ends,
//! however it ends.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyConnection, AssertSqlSafe, Connection};

/// The running server.
pub struct Server {
    pub version: String,
    port: u16,
    password: String,
    databases: AtomicU32,
    /// Its standard input is the pipe; the server lives as long as this process.
    _guard: Child,
}

/// The one server of this run, or why there is none.
pub fn server() -> Result<&'static Server, &'static str> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    SERVER.get_or_init(start).as_ref().map_err(String::as_str)
}

impl Server {
    /// Address of a new, empty database.
    pub fn fresh_database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::SeqCst));
        let admin = self.url("postgres");
        let statement = format!("CREATE DATABASE {name}");
        // A runtime of its own: the test's is not there yet.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            sqlx::any::install_default_drivers();
            let mut conn = AnyConnection::connect(&admin).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut conn).await.unwrap();
            conn.close().await.unwrap();
        });
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://soegaki:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }
}

/// The folder with `initdb` and `postgres`: of the newest version installed, or on the PATH.
fn programs() -> Result<PathBuf, String> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    };
    found.pop().map(|(_, bin)| bin).or_else(on_path).ok_or_else(|| {
        "no initdb in /usr/lib/postgresql/*/bin or on the PATH; on Debian: apt-get install postgresql"
            .to_owned()
    })
}

/// PostgreSQL refuses to run as root; then everything of it is done as another user.
struct As {
    user: Option<String>,
}

impl As {
    fn new() -> Result<Self, String> {
        if output(Command::new("id").arg("-u"))?.trim() != "0" {
            return Ok(Self { user: None });
        }
        for user in ["postgres", "nobody"] {
            if output(Command::new("id").args(["-u", user])).is_ok() {
                return Ok(Self { user: Some(user.to_owned()) });
            }
        }
        Err("running as root, and there is neither a user postgres nor nobody".to_owned())
    }

    fn command(&self, program: &Path) -> Command {
        let Some(user) = &self.user else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]).arg(program);
        command.env("HOME", "/tmp");
        command
    }

    fn give(&self, path: &Path) -> Result<(), String> {
        match &self.user {
            Some(user) => output(Command::new("chown").arg("-R").arg(user).arg(path)).map(drop),
            None => Ok(()),
        }
    }
}

fn output(command: &mut Command) -> Result<String, String> {
    let done = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() {
        Ok(text(&done.stdout))
    } else {
        Err(format!("{command:?}: {}: {}{}", done.status, text(&done.stdout), text(&done.stderr)))
    }
}

fn start() -> Result<Server, String> {
    let bin = programs()?;
    let user = As::new()?;
    let folder = tempfile::Builder::new()
        .prefix("soegaki-postgres-")
        .tempdir()
        .map_err(|e| e.to_string())?
        .keep();
    let guard = guard(&folder)?;
    let password = uuid::Uuid::new_v4().simple().to_string();
    let secret = folder.join("password");
    std::fs::write(&secret, &password).map_err(|e| e.to_string())?;
    user.give(&folder)?;
    let data = folder.join("data");
    // A Japanese collation: whatever relied on byte order in the database would show.
    let make = |more: &[&str]| {
        output(
            user.command(&bin.join("initdb"))
                .current_dir("/")
                .args(["-U", "soegaki", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"])
                .args(more)
                .arg(format!("--pwfile={}", secret.display()))
                .arg("-D")
                .arg(&data),
        )
    };
    make(&["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=ja-JP"])
        .or_else(|_| make(&["--locale=C.UTF-8"]))?;
    let version = output(Command::new(bin.join("postgres")).arg("--version"))?;
    let version = version.split_whitespace().nth(2).unwrap_or("?").to_owned();
    let port = launch(&bin, &user, &folder, &data)?;
    Ok(Server { version, port, password, databases: AtomicU32::new(0), _guard: guard })
}

/// Starts the server; another port when somebody took the first one in between.
fn launch(bin: &Path, user: &As, folder: &Path, data: &Path) -> Result<u16, String> {
    let mut last = String::new();
    for _ in 0..5 {
        let free = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        let port = free.local_addr().map_err(|e| e.to_string())?.port();
        drop(free);
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
             -c max_connections=200 -c shared_buffers=32MB -c fsync=off"
        );
        let started = user
            .command(&bin.join("pg_ctl"))
            .current_dir("/")
            .args(["start", "-w", "-t", "120", "-o", &options])
            .arg("-l")
            .arg(folder.join("log"))
            .arg("-D")
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|e| e.to_string())?;
        if started.success() {
            return Ok(port);
        }
        last = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    }
    Err(format!("pg_ctl start failed five times: {last}"))
}

/// Waits for the end of its standard input, which comes when this process is gone, then clears away.
fn guard(folder: &Path) -> Result<Child, String> {
    let script = r#"
        trap '' INT TERM HUP
        cat > /dev/null
        if [ -f "$1/data/postmaster.pid" ]; then
            kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")"
            for _ in 1 2 3 4 5 6 7 8 9 10; do
                [ -f "$1/data/postmaster.pid" ] || break
                sleep 0.2
            done
        fi
        rm -rf "$1"
    "#;
    let mut child = Command::new("sh")
        .args(["-c", script, "guard"])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("sh: {e}"))?;
    child
        .stdin
        .as_mut()
        .ok_or_else(|| "the guard has no pipe".to_owned())?
        .write_all(b"alive\n")
        .map_err(|e| e.to_string())?;
    Ok(child)
}
