//! What the store does to the disk, in one place, so that a test can stop it, refuse it or cut the power at any
//! step.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, DatabaseError};

/// How a database is opened or made.
pub type Opener = Arc<dyn Fn(&Path) -> Result<Database, DatabaseError> + Send + Sync>;

/// A change of a file's name or of the key file, told before it is made. What is inside the databases goes
/// through their [`redb::StorageBackend`] instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The key file is written beside its place.
    WriteKey,
    /// It is synced.
    SyncKey,
    /// It is moved to its place.
    MoveKey,
    /// A file that cannot be used gets another name.
    SetAside,
    /// The file with what was recovered is moved to its place.
    MoveRecovered,
    /// The folder is synced.
    SyncFolder,
}

type Before = Arc<dyn Fn(Step) -> io::Result<()> + Send + Sync>;

/// The disk under the store.
#[derive(Clone)]
pub struct Disk {
    /// Opens or makes a database.
    pub database: Opener,
    /// Called before each [`Step`]; an error refuses it.
    pub before: Before,
}

impl Default for Disk {
    fn default() -> Self {
        // The whole store is some megabytes; redb's own limit would be a gigabyte.
        let database = |path: &Path| Database::builder().set_cache_size(4 << 20).create(path);
        Self { database: Arc::new(database), before: Arc::new(|_| Ok(())) }
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").finish_non_exhaustive()
    }
}

/// Gives a file another name beside its old one; it is never deleted.
pub(super) fn set_aside(path: &Path, why: &str, disk: &Disk) -> io::Result<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    for number in 1..10_000 {
        let aside = path.with_file_name(format!("{stem}.{why}-{number}.{extension}"));
        if !aside.exists() {
            (disk.before)(Step::SetAside)?;
            std::fs::rename(path, &aside)?;
            sync_folder(path, disk)?;
            return Ok(aside);
        }
    }
    Err(io::Error::other("10,000 files have been set aside; remove some"))
}

/// Makes a file's name durable; Windows does so by itself.
pub(super) fn sync_folder(path: &Path, disk: &Disk) -> io::Result<()> {
    (disk.before)(Step::SyncFolder)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
