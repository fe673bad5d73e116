//! The file of the store: tables of sealed records, whose names say nothing.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::{
    Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, StorageError,
    TableDefinition, TableError, WriteTransaction,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::cipher::{Cipher, FORMAT, FORMAT_1, RecordId};
use super::disk::Disk;
use super::frame::{Frame, Table, frame, framed};
use super::records::{Contents, Named};

const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Its decryption shows that the key is the right one.
const CHECK: &[u8] = b"soegaki";
const CHECK_ID: &RecordId = &[0; 32];
/// Version of the file: what kinds of records are in it. A program that does not know them leaves it alone.
pub(super) const FILE: u32 = 3;
/// The one before it, without lab orders and prints. Its records are as today's.
const FILE_2: u32 = 2;

/// Why the file cannot be used.
#[derive(Debug)]
pub(super) enum FileError {
    /// Another process holds it.
    InUse,
    /// A newer program wrote it.
    Newer,
    /// Written with another key.
    WrongKey,
    /// Not what was written.
    Damaged(String),
    /// There is no room.
    Full(String),
    /// The system refuses: read-only, not permitted, broken.
    Io(String),
}

impl FileError {
    /// The system's words.
    pub(super) fn what(self) -> String {
        match self {
            Self::Damaged(what) | Self::Full(what) | Self::Io(what) => what,
            other => format!("{other:?}"),
        }
    }
}

impl From<io::Error> for FileError {
    fn from(e: io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Self::Damaged(e.to_string())
            }
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full(e.to_string()),
            _ => Self::Io(e.to_string()),
        }
    }
}

/// An open file whose key fits.
pub(super) struct CacheFile {
    db: Database,
    cipher: Cipher,
    institution: String,
    /// Of the next record to be written.
    change: AtomicU64,
}

/// A change to be written.
pub(super) enum Change {
    Put { table: Table, id: RecordId, frame: Vec<u8> },
    Remove { table: Table, id: RecordId },
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Record<T> {
    pub(super) institution: String,
    /// Grows with each record written: of two that bear one name, the later one is valid.
    #[serde(default)]
    pub(super) change: u64,
    pub(super) content: T,
}

fn table(table: Table) -> TableDefinition<'static, &'static RecordId, &'static [u8]> {
    TableDefinition::new(table.name())
}

/// redb asserts on files that it did not write.
fn guarded<T>(work: impl FnOnce() -> Result<T, FileError>) -> Result<T, FileError> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err(FileError::Damaged("the file's structure".to_owned())))
}

impl CacheFile {
    /// Opens the file or makes it, checks all of it, and brings it to today's format.
    pub(super) fn open(
        path: &Path,
        disk: &Disk,
        cipher: Cipher,
        institution: &str,
    ) -> Result<Self, FileError> {
        let institution = institution.to_owned();
        guarded(|| {
            let mut db = (disk.database)(path).map_err(|e| database_error(&e))?;
            db.check_integrity().map_err(|e| database_error(&e))?;
            let file = Self { db, cipher, institution, change: AtomicU64::new(1) };
            file.greet()?;
            Ok(file)
        })
    }

    fn begin(&self) -> Result<WriteTransaction, FileError> {
        let mut transaction = self.db.begin_write().map_err(failed)?;
        transaction.set_durability(Durability::Immediate).map_err(failed)?;
        // With one phase a damaged page of the last commit would silently bring back the commit before it.
        transaction.set_two_phase_commit(true);
        Ok(transaction)
    }

    /// Compares format and check on an old file, writes them on a new one. A file of today's format is not
    /// written to, so that it can be read where the disk is full.
    fn greet(&self) -> Result<(), FileError> {
        let format = self.format()?;
        match format {
            Some(FILE) => return Ok(()),
            Some(newer) if newer > FILE => return Err(FileError::Newer),
            Some(FORMAT_1 | FILE_2) | None => {}
            Some(_) => return Err(FileError::Damaged("its format record".to_owned())),
        }
        let write = self.begin()?;
        {
            let mut meta = write.open_table(META).map_err(failed)?;
            let check = self.cipher.seal("meta", CHECK_ID, CHECK);
            let check = check.map_err(|e| FileError::Io(e.to_string()))?;
            meta.insert("format", FILE.to_be_bytes().as_slice()).map_err(failed)?;
            meta.insert("check", check.as_slice()).map_err(failed)?;
            for each in Table::ALL {
                write.open_table(table(each)).map_err(failed)?;
            }
        }
        if format == Some(FORMAT_1) {
            self.bring_up(&write)?;
        }
        write.commit().map_err(failed)
    }

    /// The file's format, if it has one; the key fits then.
    fn format(&self) -> Result<Option<u32>, FileError> {
        let read = self.db.begin_read().map_err(failed)?;
        let meta = match read.open_table(META) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(None),
            other => other.map_err(failed)?,
        };
        let Some(format) = meta.get("format").map_err(failed)? else { return Ok(None) };
        let format = <[u8; 4]>::try_from(format.value()).map(u32::from_be_bytes);
        let format = format.map_err(|_| FileError::Damaged("its format record".to_owned()))?;
        if (FORMAT_1..=FILE).contains(&format) {
            let records = if format == FORMAT_1 { FORMAT_1 } else { FORMAT };
            let check = meta.get("check").map_err(failed)?;
            let check = check.as_ref().map_or(&[][..], |v| v.value());
            let opened = self.cipher.open_as(records, "meta", CHECK_ID, check);
            opened.map_err(|_| FileError::WrongKey)?;
        }
        Ok(Some(format))
    }

    /// Seals the records of format 1 anew. They are copies; one that cannot be read makes the file a damaged one.
    fn bring_up(&self, write: &WriteTransaction) -> Result<(), FileError> {
        for each in [Table::Patients, Table::Lists] {
            let mut records = write.open_table(table(each)).map_err(failed)?;
            let mut old: Vec<(RecordId, Vec<u8>)> = Vec::new();
            for entry in records.iter().map_err(failed)? {
                let (id, sealed) = entry.map_err(failed)?;
                old.push((*id.value(), sealed.value().to_vec()));
            }
            for (id, sealed) in old {
                let unreadable = || FileError::Damaged("a record of format 1".to_owned());
                let plain = self
                    .cipher
                    .open_as(FORMAT_1, each.name(), &id, &sealed)
                    .map_err(|_| unreadable())?;
                let record: Record<serde_json::Value> =
                    serde_json::from_slice(&plain).map_err(|_| unreadable())?;
                let frame = self.seal(each, &id, &record.institution, &record.content)?;
                records.insert(&id, frame.as_slice()).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Reads all records.
    pub(super) fn read(&self) -> Result<Contents, FileError> {
        guarded(|| {
            let mut contents = Contents::default();
            let transaction = self.db.begin_read().map_err(failed)?;
            for each in Table::ALL {
                let records = transaction.open_table(table(each)).map_err(failed)?;
                for entry in records.iter().map_err(failed)? {
                    let (id, bytes) = entry.map_err(failed)?;
                    let found =
                        frame(bytes.value()).filter(|f| f.table == each && f.id == id.value());
                    match found {
                        Some(found) => contents.take(&self.cipher, &self.institution, found),
                        None => contents.unreadable += 1,
                    }
                }
            }
            self.change.fetch_max(contents.last_change + 1, Ordering::Relaxed);
            Ok(contents)
        })
    }

    /// Writes all changes or none of them, durably.
    pub(super) fn write(&self, changes: &[Change]) -> Result<(), FileError> {
        guarded(|| {
            let transaction = self.begin()?;
            for change in changes {
                match change {
                    Change::Put { table: of, id, frame } => {
                        let mut records = transaction.open_table(table(*of)).map_err(failed)?;
                        records.insert(id, frame.as_slice()).map_err(failed)?;
                    }
                    Change::Remove { table: of, id } => {
                        let mut records = transaction.open_table(table(*of)).map_err(failed)?;
                        records.remove(id).map_err(failed)?;
                    }
                }
            }
            transaction.commit().map_err(failed)
        })
    }

    /// Puts a record under its name.
    pub(super) fn put<T: Serialize>(
        &self,
        named: &Named,
        content: &T,
    ) -> Result<Change, FileError> {
        let (table, id) = (named.table(), self.id(named));
        let frame = self.seal(table, &id, &self.institution, content)?;
        Ok(Change::Put { table, id, frame })
    }

    /// Removes the record of a name.
    pub(super) fn remove(&self, named: &Named) -> Change {
        Change::Remove { table: named.table(), id: self.id(named) }
    }

    fn id(&self, named: &Named) -> RecordId {
        self.cipher.id(named.table().name(), &self.institution, &named.text())
    }

    fn seal<T: Serialize>(
        &self,
        table: Table,
        id: &RecordId,
        institution: &str,
        content: &T,
    ) -> Result<Vec<u8>, FileError> {
        let change = self.change.fetch_add(1, Ordering::Relaxed);
        let record = Record { institution: institution.to_owned(), change, content };
        let plain = serde_json::to_vec(&record).map_err(|e| FileError::Io(e.to_string()))?;
        let plain = zeroize::Zeroizing::new(plain);
        let sealed = self.cipher.seal(table.name(), id, &plain);
        Ok(framed(table, id, &sealed.map_err(|e| FileError::Io(e.to_string()))?))
    }
}

/// A record out of its frame; `None` when it is not ours or not what was written.
pub(super) fn opened<T: DeserializeOwned>(cipher: &Cipher, found: Frame<'_>) -> Option<Record<T>> {
    let plain = cipher.open(found.table.name(), found.id, found.sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

fn database_error(error: &DatabaseError) -> FileError {
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            FileError::InUse
        }
        DatabaseError::UpgradeRequired(_) => FileError::Newer,
        DatabaseError::Storage(storage) => storage_error(storage),
        other => FileError::Damaged(other.to_string()),
    }
}

fn storage_error(error: &StorageError) -> FileError {
    match error {
        StorageError::Io(e) => io::Error::new(e.kind(), e.to_string()).into(),
        StorageError::Corrupted(what) => FileError::Damaged(what.clone()),
        other => FileError::Io(other.to_string()),
    }
}

fn failed(error: impl Into<redb::Error>) -> FileError {
    match error.into() {
        redb::Error::Corrupted(what) => FileError::Damaged(what),
        redb::Error::Io(e) => e.into(),
        e @ (redb::Error::TableTypeMismatch { .. }
        | redb::Error::TableIsMultimap(_)
        | redb::Error::TypeDefinitionChanged { .. }) => FileError::Damaged(e.to_string()),
        other => FileError::Io(other.to_string()),
    }
}
