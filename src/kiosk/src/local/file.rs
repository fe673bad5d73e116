//! The file of the cache.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use api::receptions::ReceptionList;
use jiff::Timestamp;
use jiff::civil::Date;
use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition,
};
use serde::{Deserialize, Serialize};

use super::cipher::{Cipher, FORMAT, RecordId};
use super::memory::Known;

const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const PATIENTS: TableDefinition<&RecordId, &[u8]> = TableDefinition::new("patients");
const LISTS: TableDefinition<&RecordId, &[u8]> = TableDefinition::new("lists");
/// Its decryption shows that the key is the right one.
const CHECK: &[u8] = b"soegaki";
const CHECK_ID: &RecordId = &[0; 32];

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
    /// The system refuses: full, read-only, not permitted.
    Io(String),
}

/// How the database is opened; tests put a disk of their own under it.
pub(super) type Opener = Box<dyn Fn(&Path) -> Result<Database, DatabaseError> + Send>;

pub(super) fn opener() -> Opener {
    // The whole cache is about a megabyte; redb's own limit would be a gigabyte.
    Box::new(|path| Database::builder().set_cache_size(4 << 20).create(path))
}

/// An open file whose key fits.
pub(super) struct CacheFile {
    db: Database,
    cipher: Cipher,
    institution: String,
}

/// A change to be written.
pub(super) enum Change<'a> {
    Patient(&'a Known),
    DropPatient(&'a str),
    List(&'a ReceptionList, Timestamp),
    DropList(Date),
    Clear,
}

/// Everything that could be read.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) patients: Vec<Known>,
    pub(super) lists: Vec<(ReceptionList, Timestamp)>,
    /// Records of the right key and format that cannot be read.
    pub(super) unreadable: usize,
    /// Records of another institution.
    pub(super) foreign: usize,
}

#[derive(Serialize, Deserialize)]
struct Record<T> {
    institution: String,
    content: T,
}

#[derive(Serialize, Deserialize)]
struct KeptList {
    list: ReceptionList,
    at: Timestamp,
}

impl CacheFile {
    /// Opens the file or makes it, and checks all of it.
    pub(super) fn open(
        path: &Path,
        opener: &Opener,
        cipher: Cipher,
        institution: &str,
    ) -> Result<Self, FileError> {
        let institution = institution.to_owned();
        // In its debug builds redb asserts on files that it did not write.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let mut db = opener(path).map_err(|e| database_error(&e))?;
            db.check_integrity().map_err(|e| database_error(&e))?;
            let file = Self { db, cipher, institution };
            file.greet()?;
            Ok(file)
        }));
        opened.unwrap_or_else(|_| Err(FileError::Damaged("the file's structure".to_owned())))
    }

    /// Writes format and check on a new file, compares them on an old one.
    fn greet(&self) -> Result<(), FileError> {
        let write = self.db.begin_write().map_err(failed)?;
        {
            let mut meta = write.open_table(META).map_err(failed)?;
            let format = meta.get("format").map_err(failed)?.map(|v| v.value().to_vec());
            match format.map(|bytes| <[u8; 4]>::try_from(bytes).map(u32::from_be_bytes)) {
                None => {
                    let check = self
                        .cipher
                        .seal("meta", CHECK_ID, CHECK)
                        .map_err(|e| FileError::Io(e.to_string()))?;
                    meta.insert("format", FORMAT.to_be_bytes().as_slice()).map_err(failed)?;
                    meta.insert("check", check.as_slice()).map_err(failed)?;
                }
                Some(Ok(FORMAT)) => {
                    let check = meta.get("check").map_err(failed)?;
                    let check = check.as_ref().map_or(&[][..], |v| v.value());
                    self.cipher.open("meta", CHECK_ID, check).map_err(|_| FileError::WrongKey)?;
                }
                Some(Ok(newer)) if newer > FORMAT => return Err(FileError::Newer),
                Some(_) => return Err(FileError::Damaged("its format record".to_owned())),
            }
            write.open_table(PATIENTS).map_err(failed)?;
            write.open_table(LISTS).map_err(failed)?;
        }
        write.commit().map_err(failed)
    }

    /// Reads all records.
    pub(super) fn read(&self) -> Result<Contents, FileError> {
        let read = catch_unwind(AssertUnwindSafe(|| self.read_all()));
        read.unwrap_or_else(|_| Err(FileError::Damaged("the file's structure".to_owned())))
    }

    fn read_all(&self) -> Result<Contents, FileError> {
        let mut contents = Contents::default();
        let transaction = self.db.begin_read().map_err(failed)?;
        let table = transaction.open_table(PATIENTS).map_err(failed)?;
        for entry in table.iter().map_err(failed)? {
            let (id, sealed) = entry.map_err(failed)?;
            match self.record::<Known>("patients", id.value(), sealed.value()) {
                Some(Record { institution, .. }) if institution != self.institution => {
                    contents.foreign += 1;
                }
                Some(record) => contents.patients.push(record.content),
                None => contents.unreadable += 1,
            }
        }
        let table = transaction.open_table(LISTS).map_err(failed)?;
        for entry in table.iter().map_err(failed)? {
            let (id, sealed) = entry.map_err(failed)?;
            match self.record::<KeptList>("lists", id.value(), sealed.value()) {
                Some(Record { institution, .. }) if institution != self.institution => {
                    contents.foreign += 1;
                }
                Some(Record { content: KeptList { list, at }, .. }) => {
                    contents.lists.push((list, at));
                }
                None => contents.unreadable += 1,
            }
        }
        Ok(contents)
    }

    fn record<T: for<'de> Deserialize<'de>>(
        &self,
        table: &str,
        id: &RecordId,
        sealed: &[u8],
    ) -> Option<Record<T>> {
        let plain = self.cipher.open(table, id, sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Writes all changes or none of them, durably.
    pub(super) fn write(&self, changes: &[Change<'_>]) -> Result<(), FileError> {
        let written = catch_unwind(AssertUnwindSafe(|| self.write_all(changes)));
        written.unwrap_or_else(|_| Err(FileError::Damaged("the file's structure".to_owned())))
    }

    fn write_all(&self, changes: &[Change<'_>]) -> Result<(), FileError> {
        let transaction = self.db.begin_write().map_err(failed)?;
        {
            let mut patients = transaction.open_table(PATIENTS).map_err(failed)?;
            let mut lists = transaction.open_table(LISTS).map_err(failed)?;
            for change in changes {
                match change {
                    Change::Patient(known) => {
                        let id = self.patient_id(&known.view.patient.number.canonical());
                        let sealed = self.seal("patients", &id, *known)?;
                        patients.insert(&id, sealed.as_slice()).map_err(failed)?;
                    }
                    Change::DropPatient(number) => {
                        patients.remove(&self.patient_id(number)).map_err(failed)?;
                    }
                    Change::List(list, at) => {
                        let id = self.list_id(list.date);
                        let kept = KeptList { list: (*list).clone(), at: *at };
                        let sealed = self.seal("lists", &id, &kept)?;
                        lists.insert(&id, sealed.as_slice()).map_err(failed)?;
                    }
                    Change::DropList(date) => {
                        lists.remove(&self.list_id(*date)).map_err(failed)?;
                    }
                    Change::Clear => {
                        patients.retain(|_, _| false).map_err(failed)?;
                        lists.retain(|_, _| false).map_err(failed)?;
                    }
                }
            }
        }
        transaction.commit().map_err(failed)
    }

    fn seal<T: Serialize>(
        &self,
        table: &str,
        id: &RecordId,
        content: &T,
    ) -> Result<Vec<u8>, FileError> {
        let record = Record { institution: self.institution.clone(), content };
        let plain = serde_json::to_vec(&record).map_err(|e| FileError::Io(e.to_string()))?;
        let plain = zeroize::Zeroizing::new(plain);
        self.cipher.seal(table, id, &plain).map_err(|e| FileError::Io(e.to_string()))
    }

    fn patient_id(&self, canonical: &str) -> RecordId {
        self.cipher.id("patients", &self.institution, canonical)
    }

    fn list_id(&self, date: Date) -> RecordId {
        self.cipher.id("lists", &self.institution, &date.to_string())
    }
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
        StorageError::Io(e)
            if matches!(e.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
        {
            FileError::Damaged(e.to_string())
        }
        StorageError::Io(e) => FileError::Io(e.to_string()),
        StorageError::Corrupted(what) => FileError::Damaged(what.clone()),
        other => FileError::Io(other.to_string()),
    }
}

fn failed(error: impl Into<redb::Error>) -> FileError {
    match error.into() {
        redb::Error::Corrupted(what) => FileError::Damaged(what),
        redb::Error::Io(e) => storage_error(&StorageError::Io(e)),
        e @ (redb::Error::TableTypeMismatch { .. }
        | redb::Error::TableIsMultimap(_)
        | redb::Error::TypeDefinitionChanged { .. }) => FileError::Damaged(e.to_string()),
        other => FileError::Io(other.to_string()),
    }
}

/// Gives a file another name beside its old one; it is never deleted.
pub(super) fn set_aside(path: &Path, why: &str) -> io::Result<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    for number in 1..10_000 {
        let aside = path.with_file_name(format!("{stem}.{why}-{number}.{extension}"));
        if !aside.exists() {
            std::fs::rename(path, &aside)?;
            return Ok(aside);
        }
    }
    Err(io::Error::other("10,000 files have been set aside; remove some"))
}
