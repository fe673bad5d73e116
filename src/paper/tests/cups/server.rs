//! A CUPS of the test's own: its folders and its socket lie in a scratch folder, and it runs as whoever runs the test.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Says to the inner tests that they were started with a CUPS of their own, and where it lies.
pub const PLACE: &str = "SOEGAKI_TEST_CUPS";

pub struct Cups {
    scratch: tempfile::TempDir,
    server: Child,
}

/// Whether cups-pdf can run: its backend must become the owner of the job.
pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id (coreutils)");
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

impl Cups {
    pub fn start() -> Self {
        let scratch = tempfile::Builder::new().prefix("cups").tempdir().unwrap();
        let place = scratch.path();
        // Filters and backends run as another user when cupsd runs as root.
        open_to_all(place, 0o755);
        for (folder, mode) in [
            ("etc/ppd", 0o755),
            ("spool/tmp", 0o700),
            ("cache", 0o755),
            ("run", 0o755),
            ("log", 0o755),
            ("home", 0o700),
            ("tmp", 0o700),
            ("out", 0o777),
            ("bin/backend", 0o755),
        ] {
            std::fs::create_dir_all(place.join(folder)).unwrap();
            open_to_all(&place.join(folder), mode);
        }
        own_backend(place);
        let at = place.display();
        let write =
            |name: &str, text: String| std::fs::write(place.join("etc").join(name), text).unwrap();
        write(
            "cups-files.conf",
            format!(
                "ServerRoot {at}/etc\nRequestRoot {at}/spool\nCacheDir {at}/cache\nStateDir {at}/run\n\
                 TempDir {at}/spool/tmp\nErrorLog {at}/log/error\nAccessLog {at}/log/access\n\
                 PageLog {at}/log/page\nServerBin {at}/bin\n"
            ),
        );
        write(
            "cupsd.conf",
            format!(
                "LogLevel warn\nListen {at}/run/sock\nDefaultAuthType None\nWebInterface No\nBrowsing No\n\
                 PreserveJobFiles No\n<Location />\n Order deny,allow\n Allow all\n</Location>\n\
                 <Policy default>\n<Limit All>\n Order deny,allow\n Allow all\n</Limit>\n</Policy>\n"
            ),
        );
        write("pdf.ppd", include_str!("pdf.ppd").to_owned());
        let server = Command::new("/usr/sbin/cupsd")
            .arg("-f")
            .args([
                "-c",
                &format!("{at}/etc/cupsd.conf"),
                "-s",
                &format!("{at}/etc/cups-files.conf"),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("cupsd (Debian package cups)");
        let cups = Self { scratch, server };
        wait_for("CUPS to answer", || {
            let told = cups.client("lpstat").arg("-r").output().expect("lpstat (cups-client)");
            String::from_utf8_lossy(&told.stdout).contains("is running")
        });
        cups
    }

    pub fn place(&self) -> &Path {
        self.scratch.path()
    }

    /// A program that talks to this CUPS and leaves nothing anywhere else.
    pub fn client(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        client(self.place(), program)
    }

    /// A driver that passes PDF on as it is, on paper of any size.
    pub fn pdf_driver(&self) -> String {
        self.place().join("etc/pdf.ppd").display().to_string()
    }

    pub fn queue(&self, name: &str, device: &str, driver: Option<&str>) {
        let mut command = self.client("/usr/sbin/lpadmin");
        command.args(["-p", name, "-v", device, "-E"]);
        match driver {
            Some(ppd) => command.args(["-P", ppd]),
            None => command.args(["-m", "raw"]),
        };
        done(&mut command);
    }

    /// Runs one of the tests below in a process of its own, whose CUPS is this one.
    pub fn run(&self, test: &str) {
        done(&mut self.inner(test));
    }

    pub fn inner(&self, test: &str) -> Command {
        let mut command = self.client(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        command
    }

    pub fn stop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Drop for Cups {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.place().join("log/error")).unwrap_or_default();
            eprintln!("CUPS says:\n{log}");
        }
        self.stop();
    }
}

pub fn client(place: &Path, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env("CUPS_SERVER", place.join("run/sock"))
        .env("HOME", place.join("home"))
        .env("TMPDIR", place.join("tmp"))
        .env(PLACE, place);
    command
}

/// Where the CUPS lies that an inner test was started with.
pub fn own_place() -> PathBuf {
    let place = std::env::var_os(PLACE).map(PathBuf::from);
    place.expect("this test is run by `real_queues`, which starts a CUPS for it")
}

pub fn done(command: &mut Command) -> Output {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        out.status.success(),
        "{command:?}: {}\n{}\n{}",
        out.status,
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    out
}

pub fn wait_for(what: &str, mut ready: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_mins(2);
    while !ready() {
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}

/// CUPS' own programs, and beside its backends one that writes what it gets into a file, byte for byte, and its options
/// into another: CUPS' own `file:` throws away what comes through a raw queue.
fn own_backend(place: &Path) {
    const TO_FILE: &str = "#!/bin/sh\n\
        if [ $# -eq 0 ]; then echo 'direct tofile \"Unknown\" \"to a file\"'; exit 0; fi\n\
        printf '%s' \"$5\" > \"${DEVICE_URI#tofile:}.options\"\n\
        if [ $# -ge 6 ]; then exec cat \"$6\" > \"${DEVICE_URI#tofile:}\"; fi\n\
        exec cat > \"${DEVICE_URI#tofile:}\"\n";
    let link = |from: PathBuf, to: PathBuf| std::os::unix::fs::symlink(from, to).unwrap();
    for entry in std::fs::read_dir("/usr/lib/cups").expect("/usr/lib/cups (Debian package cups)") {
        let entry = entry.unwrap();
        if entry.file_name() != "backend" {
            link(entry.path(), place.join("bin").join(entry.file_name()));
        }
    }
    for entry in std::fs::read_dir("/usr/lib/cups/backend").unwrap() {
        let entry = entry.unwrap();
        link(entry.path(), place.join("bin/backend").join(entry.file_name()));
    }
    let script = place.join("bin/backend/tofile");
    std::fs::write(&script, TO_FILE).unwrap();
    open_to_all(&script, 0o755);
}

fn open_to_all(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
