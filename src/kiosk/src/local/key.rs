//! The key of the cache: in the operating system's keyring where there is one, else in a file that the user
//! alone can read. Decided once; `cache.key` in the cache's folder says which.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use zeroize::{Zeroize, Zeroizing};

use super::cipher::{MasterKey, random};
use super::disk::{set_aside, sync_folder};
use super::{Disk, NoticeKind, Step};
use crate::config::Keyring;

const HEAD: &str = "soegaki cache key 1 ";
const SERVICE: &str = "soegaki";
/// A keyring that asks the person to unlock it may never answer.
const KEYRING_LIMIT: Duration = Duration::from_secs(20);

/// Why there is no key.
#[derive(Debug)]
pub(super) enum KeyError {
    /// The keyring has it and does not answer.
    Silent(String),
    /// The key file cannot be read or written.
    Io(io::Error),
}

impl From<io::Error> for KeyError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// A place outside of the file system that keeps 32 bytes.
pub(super) trait Ring {
    /// The key, `None` when it has none.
    fn get(&self) -> Result<Option<MasterKey>, String>;
    /// Keeps the key.
    fn set(&self, key: &MasterKey) -> Result<(), String>;
}

/// Gets the key, or makes one and decides where it is kept.
pub(super) fn obtain(
    folder: &Path,
    wish: Keyring,
    ring: &dyn Ring,
    disk: &Disk,
    tell: &mut dyn FnMut(NoticeKind, String),
) -> Result<MasterKey, KeyError> {
    let path = folder.join("cache.key");
    match read(&path, disk, tell)? {
        Written::File(key) => Ok(key),
        Written::Ring => match ring.get() {
            Ok(Some(key)) => Ok(key),
            // Somebody emptied the keyring: what was encrypted is lost, a new cache begins.
            Ok(None) => make(&path, Keyring::Auto, ring, disk, tell),
            Err(why) => Err(KeyError::Silent(why)),
        },
        Written::Nothing => make(&path, wish, ring, disk, tell),
    }
}

fn make(
    path: &Path,
    wish: Keyring,
    ring: &dyn Ring,
    disk: &Disk,
    tell: &mut dyn FnMut(NoticeKind, String),
) -> Result<MasterKey, KeyError> {
    let key = Zeroizing::new(random().map_err(|e| io::Error::other(e.to_string()))?);
    let why_not = match wish {
        Keyring::File => None,
        Keyring::Auto => match ring.set(&key).and_then(|()| ring.get()) {
            Ok(Some(back)) if back == key => {
                write(path, &Zeroizing::new(format!("{HEAD}keyring\n")), disk)?;
                return Ok(key);
            }
            Ok(_) => Some("the keyring does not give back what it was given".to_owned()),
            Err(why) => Some(why),
        },
    };
    let mut text = Zeroizing::new(String::with_capacity(128));
    text.push_str(HEAD);
    text.push_str("file ");
    for byte in key.iter() {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    text.push('\n');
    write(path, &text, disk)?;
    if let Some(why) = why_not {
        tell(NoticeKind::KeyInFile, format!("{} ({why})", path.display()));
    }
    Ok(key)
}

/// What `cache.key` says.
enum Written {
    Nothing,
    Ring,
    File(MasterKey),
}

fn read(
    path: &Path,
    disk: &Disk,
    tell: &mut dyn FnMut(NoticeKind, String),
) -> Result<Written, KeyError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Written::Nothing),
        Err(e) => return Err(e.into()),
    };
    if platform::close_to_others(&file)? {
        tell(NoticeKind::KeyFileWasOpen, path.display().to_string());
    }
    let mut text = Zeroizing::new(String::with_capacity(128));
    // Anything longer is not ours; text that is not UTF-8 neither.
    let readable = (&file).take(127).read_to_string(&mut text).is_ok();
    let said = if readable { parse(text.trim_end()) } else { None };
    if let Some(written) = said {
        return Ok(written);
    }
    drop(file);
    let aside = set_aside(path, "unreadable", disk)?;
    tell(NoticeKind::Damaged, aside.display().to_string());
    Ok(Written::Nothing)
}

fn parse(text: &str) -> Option<Written> {
    let rest = text.strip_prefix(HEAD)?;
    if rest == "keyring" {
        return Some(Written::Ring);
    }
    let digits = rest.strip_prefix("file ")?;
    if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = Zeroizing::new([0; 32]);
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    Some(Written::File(key))
}

/// Writes beside and renames, so that a power cut leaves the old file or the new one.
fn write(path: &Path, text: &str, disk: &Disk) -> io::Result<()> {
    let beside = path.with_extension("key.new");
    match std::fs::remove_file(&beside) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    platform::for_this_user_alone(&mut options);
    (disk.before)(Step::WriteKey)?;
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    (disk.before)(Step::SyncKey)?;
    file.sync_all()?;
    drop(file);
    (disk.before)(Step::MoveKey)?;
    std::fs::rename(&beside, path)?;
    sync_folder(path, disk)
}

/// The operating system's own keyring: Secret Service, Keychain, Credential Manager.
pub(super) struct SystemRing {
    user: String,
}

impl SystemRing {
    /// One key for each cache folder.
    pub(super) fn of(folder: &Path) -> Self {
        let folder: PathBuf = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        Self { user: format!("cache {}", folder.display()) }
    }

    /// Runs on a thread of its own: the keyring may wait for a person, the cache must not.
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(keyring::Entry) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let (answer, wait) = channel();
        let user = self.user.clone();
        let body = move || {
            let entry = keyring::Entry::new(SERVICE, &user).map_err(|e| {
                // "There is no store" says less than why there is none.
                let why = keyring::Entry::store_status().as_ref().err();
                why.unwrap_or(&e).to_string()
            });
            // Nobody listens any more after the limit.
            let _ = answer.send(entry.and_then(question));
        };
        std::thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(body)
            .map_err(|e| e.to_string())?;
        wait.recv_timeout(KEYRING_LIMIT).unwrap_or_else(|_| Err("no answer".to_owned()))
    }
}

impl Ring for SystemRing {
    fn get(&self) -> Result<Option<MasterKey>, String> {
        self.ask(|entry| match entry.get_secret() {
            Ok(mut secret) => {
                let key = secret.as_slice().try_into().map(Zeroizing::new).ok();
                secret.zeroize();
                Ok(key)
            }
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(e) => Err(e.to_string()),
        })
    }

    fn set(&self, key: &MasterKey) -> Result<(), String> {
        let key = key.clone();
        self.ask(move |entry| entry.set_secret(&*key).map_err(|e| e.to_string()))
    }
}

#[cfg(unix)]
mod platform {
    use std::fs::{File, OpenOptions, Permissions};
    use std::io;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

    pub(super) fn for_this_user_alone(options: &mut OpenOptions) {
        options.mode(0o600);
    }

    /// Takes the others' rights away; whether they had any.
    pub(super) fn close_to_others(file: &File) -> io::Result<bool> {
        let open = file.metadata()?.permissions().mode() & 0o077 != 0;
        if open {
            file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok(open)
    }
}

#[cfg(not(unix))]
mod platform {
    //! On Windows the user's profile is closed to other users by its access list.
    use std::fs::{File, OpenOptions};
    use std::io;

    pub(super) fn for_this_user_alone(_: &mut OpenOptions) {}

    pub(super) fn close_to_others(_: &File) -> io::Result<bool> {
        Ok(false)
    }
}
