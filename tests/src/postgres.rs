//! A PostgreSQL of the tests' own: made in a temporary folder, on a free loopback port. A shell that holds the other
//! end of a pipe stops it and removes its folder when this process ends, however it ends.
//!
//! Shared by the end-to-end tests and, by path, by the cloud's storage suite.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server, running or stopped.
pub struct Server {
    /// Its version.
    pub version: String,
    bin: PathBuf,
    user: As,
    folder: PathBuf,
    port: u16,
    password: String,
    databases: AtomicU32,
    /// Its standard input is the pipe; the server lives as long as this.
    guard: Child,
}

/// One server for a whole run, or why there is none.
pub fn server() -> Result<&'static Server, &'static str> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref().map_err(String::as_str)
}

impl Server {
    /// Makes a server and starts it. It does not sync its files: what is killed here is programs, not the machine.
    pub fn start() -> Result<Self, String> {
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
        // A Japanese collation: whatever relied on byte order in the database would show.
        let make = |more: &[&str]| {
            output(
                user.command(&bin.join("initdb"))
                    .current_dir("/")
                    .args(["-U", "soegaki", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"])
                    .args(more)
                    .arg(format!("--pwfile={}", secret.display()))
                    .arg("-D")
                    .arg(folder.join("data")),
            )
        };
        make(&["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=ja-JP"])
            .or_else(|_| make(&["--locale=C.UTF-8"]))?;
        let version = output(Command::new(bin.join("postgres")).arg("--version"))?;
        let version = version.split_whitespace().nth(2).unwrap_or("?").to_owned();
        let databases = AtomicU32::new(0);
        let mut server = Self { version, bin, user, folder, port: 0, password, databases, guard };
        server.launch()?;
        Ok(server)
    }

    /// Address of a new, empty database.
    pub fn fresh_database(&self) -> Result<String, String> {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::SeqCst));
        let statement = format!("CREATE DATABASE {name}");
        output(
            Command::new(self.bin.join("psql"))
                .args(["-X", "-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .args(["-U", "soegaki", "-d", "postgres", "-c", &statement])
                .env("PGPASSWORD", &self.password),
        )?;
        Ok(format!("postgres://soegaki:{}@127.0.0.1:{}/{name}", self.password, self.port))
    }

    /// Stops the server at once, as when its machine fails: connections break, nothing is written out, and the
    /// next start recovers from the log.
    pub fn stop_at_once(&self) -> Result<(), String> {
        output(self.control().args(["stop", "-w", "-m", "immediate"])).map(drop)
    }

    /// Starts it again where it was.
    pub fn start_again(&self) -> Result<(), String> {
        self.try_start(self.port)
    }

    /// Starts the server; another port when somebody took the first one in between.
    fn launch(&mut self) -> Result<(), String> {
        let mut last = String::new();
        for _ in 0..5 {
            let free = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
            self.port = free.local_addr().map_err(|e| e.to_string())?.port();
            drop(free);
            match self.try_start(self.port) {
                Ok(()) => return Ok(()),
                Err(why) => last = why,
            }
        }
        Err(format!("pg_ctl start failed five times: {last}"))
    }

    fn try_start(&self, port: u16) -> Result<(), String> {
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
             -c max_connections=200 -c shared_buffers=32MB -c fsync=off"
        );
        // Without pipes: the server would hold them open.
        let started = self
            .control()
            .args(["start", "-w", "-t", "120", "-o", &options])
            .arg("-l")
            .arg(self.folder.join("log"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|e| e.to_string())?;
        if started.success() {
            return Ok(());
        }
        Err(std::fs::read_to_string(self.folder.join("log")).unwrap_or_default())
    }

    fn control(&self) -> Command {
        let mut command = self.user.command(&self.bin.join("pg_ctl"));
        command.current_dir("/").arg("-D").arg(self.folder.join("data"));
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
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
    let done = command.stdin(Stdio::null()).output().map_err(|e| format!("{command:?}: {e}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() {
        Ok(text(&done.stdout))
    } else {
        Err(format!("{command:?}: {}: {}{}", done.status, text(&done.stdout), text(&done.stderr)))
    }
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
