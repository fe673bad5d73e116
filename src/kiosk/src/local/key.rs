//! The key of the cache: in the operating system's keyring where there is one, else in a file that the user
//! alone can read. Decided once; `cache.key` in the cache's folder says which, and `cache.key.2` says it again:
//! one damaged place must not cost the key, and with it every entry that is not sent yet.
//!
//! Either copy tells by itself whether it is what was written. The first is written first, so that it counts
//! where both are sound and differ. Each start makes both say the same.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::cipher::{MasterKey, random};
use super::disk::{set_aside, sync_folder};
use super::{Disk, NoticeKind, Step};
use crate::config::Keyring;

/// The key is in the keyring. This text is its own check.
const IN_RING: &str = "soegaki cache key 1 keyring\n";
/// Before a key and its check; see [`Said::text`].
const IN_FILE: &str = "soegaki key with check 2 ";
/// Before a key without a check: one copy, as it was once written.
const UNCHECKED: &str = "soegaki cache key 1 file ";
/// Longer than anything that is ours.
const LONGEST: usize = 255;
const CHECK: usize = 16;
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
    match read(folder, disk, tell)? {
        Some(Said::File(key)) => Ok(key),
        Some(Said::Ring) => match ring.get() {
            Ok(Some(key)) => Ok(key),
            // Somebody emptied the keyring: what was encrypted is lost, a new cache begins.
            Ok(None) => make(folder, Keyring::Auto, ring, disk, tell),
            Err(why) => Err(KeyError::Silent(why)),
        },
        None => make(folder, wish, ring, disk, tell),
    }
}

fn make(
    folder: &Path,
    wish: Keyring,
    ring: &dyn Ring,
    disk: &Disk,
    tell: &mut dyn FnMut(NoticeKind, String),
) -> Result<MasterKey, KeyError> {
    let key = Zeroizing::new(random().map_err(|e| io::Error::other(e.to_string()))?);
    let why_not = match wish {
        Keyring::File => None,
        Keyring::Auto => match into_ring(ring, &key) {
            Ok(kept) => {
                write(folder, &Said::Ring, disk)?;
                return Ok(kept);
            }
            Err(why) => Some(why),
        },
    };
    write(folder, &Said::File(key.clone()), disk)?;
    if let Some(why) = why_not {
        let [path, _] = copies(folder);
        tell(NoticeKind::KeyInFile, format!("{} ({why})", path.display()));
    }
    Ok(key)
}

/// Keeps the key in the keyring. One that lies there already stays the key: the files that said so may be gone
/// while what it opens is not.
fn into_ring(ring: &dyn Ring, key: &MasterKey) -> Result<MasterKey, String> {
    if let Some(kept) = ring.get()? {
        return Ok(kept);
    }
    ring.set(key)?;
    let back = ring.get()?.filter(|back| back == key);
    back.ok_or_else(|| "the keyring does not give back what it was given".to_owned())
}

/// What a key file says.
#[derive(Clone, PartialEq)]
enum Said {
    Ring,
    File(MasterKey),
}

impl Said {
    /// As it is written: a key and the beginning of the SHA-256 of all before it, in hexadecimal digits.
    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LONGEST));
        match self {
            Self::Ring => text.push_str(IN_RING),
            Self::File(key) => {
                text.push_str(IN_FILE);
                push_hex(&mut text, &**key);
                let check = Sha256::digest(text.as_bytes());
                text.push(' ');
                push_hex(&mut text, &check[..CHECK]);
                text.push('\n');
            }
        }
        text
    }

    /// `None` for anything that is not as it was written. Only blanks at the end are nobody's harm.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.trim_end();
        if text == IN_RING.trim_end() {
            return Some(Self::Ring);
        }
        if let Some(digits) = text.strip_prefix(UNCHECKED) {
            return key_of(digits).map(Self::File);
        }
        let said = Self::File(key_of(text.strip_prefix(IN_FILE)?.get(..64)?)?);
        (said.text().trim_end() == text).then_some(said)
    }
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
}

fn key_of(digits: &str) -> Option<MasterKey> {
    if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = Zeroizing::new([0; 32]);
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    Some(key)
}

/// Where it is written. The first counts where they differ.
fn copies(folder: &Path) -> [PathBuf; 2] {
    [folder.join("cache.key"), folder.join("cache.key.2")]
}

/// One of the two copies as it was found.
enum Found {
    Nothing,
    Sound {
        said: Said,
        /// To the last byte as it would be written today.
        exact: bool,
    },
    Damaged,
    /// The system does not give it out.
    Refused(io::Error),
}

/// Reads a copy and takes the others' rights to it away; whether they had any.
fn look(path: &Path) -> (Found, bool) {
    let attempt = || -> io::Result<(Found, bool)> {
        let file = File::open(path)?;
        let open = platform::close_to_others(&file)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
        file.take(LONGEST as u64).read_to_end(&mut bytes)?;
        let found = match Said::parse(&bytes) {
            Some(said) => {
                let exact = said.text().as_bytes() == bytes.as_slice();
                Found::Sound { said, exact }
            }
            None => Found::Damaged,
        };
        Ok((found, open))
    };
    match attempt() {
        Ok(seen) => seen,
        Err(e) if e.kind() == io::ErrorKind::NotFound => (Found::Nothing, false),
        Err(e) => (Found::Refused(e), false),
    }
}

/// What the sound copies say, `None` where there is none. They say the same afterwards, in today's words.
fn read(
    folder: &Path,
    disk: &Disk,
    tell: &mut dyn FnMut(NoticeKind, String),
) -> Result<Option<Said>, KeyError> {
    let seen = copies(folder).map(|path| {
        let (found, open) = look(&path);
        (path, found, open)
    });
    let were_open: Vec<_> = seen.iter().filter(|(.., open)| *open).map(|(path, ..)| path).collect();
    if !were_open.is_empty() {
        tell(NoticeKind::KeyFileWasOpen, listed(&were_open));
    }
    let sound = seen.iter().find_map(|(_, found, _)| match found {
        Found::Sound { said, .. } => Some(said.clone()),
        _ => None,
    });
    if let Some(said) = sound {
        // One after the other: the second is never newer than the first.
        let mended = seen.iter().try_for_each(|(path, found, _)| mend(path, found, &said, disk));
        if let Err(e) = mended {
            // The key is here: a disk that is full or refuses must not keep anybody from reading.
            tracing::warn!(error = %e, "the key files stay as they are");
        }
        return Ok(Some(said));
    }
    let mut aside = Vec::new();
    for (path, found, _) in seen {
        match found {
            // It may come back; a new key in its place would not open anything.
            Found::Refused(e) => return Err(e.into()),
            Found::Damaged => aside.push(path),
            Found::Nothing | Found::Sound { .. } => {}
        }
    }
    if !aside.is_empty() {
        let moved = aside.iter().map(|path| set_aside(path, "unreadable", disk));
        let moved = moved.collect::<io::Result<Vec<_>>>()?;
        tell(NoticeKind::Damaged, listed(&moved));
    }
    Ok(None)
}

fn listed(paths: &[impl AsRef<Path>]) -> String {
    paths.iter().map(|path| path.as_ref().display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Makes a copy say what counts.
fn mend(path: &Path, found: &Found, counts: &Said, disk: &Disk) -> io::Result<()> {
    match found {
        Found::Sound { said, exact: true } if said == counts => return Ok(()),
        // Another key may be the only one to a file that was set aside.
        Found::Sound { said: Said::File(key), .. } if *counts != Said::File(key.clone()) => {
            set_aside(path, "other", disk)?;
        }
        _ => {}
    }
    tracing::warn!(path = %path.display(), "a key file is written anew");
    write_copy(path, &counts.text(), disk)
}

/// Writes both copies. With the first there is a key; a second that fails now is made up for at the next start.
fn write(folder: &Path, said: &Said, disk: &Disk) -> io::Result<()> {
    let ([first, second], text) = (copies(folder), said.text());
    write_copy(&first, &text, disk)?;
    if let Err(e) = write_copy(&second, &text, disk) {
        tracing::warn!(path = %second.display(), error = %e, "there is one key file only");
    }
    Ok(())
}

/// Writes beside and renames, so that a power cut leaves the old file or the new one.
fn write_copy(path: &Path, text: &str, disk: &Disk) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
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
