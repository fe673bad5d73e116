//! Messages as files, for laboratories that fetch and bring files: `orders` holds ours, `results` theirs. A file
//! counts once an empty file of the same name with the ending `FLG` stands beside it. Nothing is ever removed: what was
//! read is moved to `results/done`, what cannot be read to `results/trouble` with the reason beside it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use tokio::fs;
use tokio::io::AsyncWriteExt as _;

use crate::links::line::Failure;

/// Larger than any message of results, pictures in it included.
const LARGEST_MESSAGE: u64 = 16 * 1024 * 1024;

/// The folder that is shared with a laboratory.
pub(super) struct Folder {
    orders: PathBuf,
    results: PathBuf,
}

/// A file of the laboratory.
pub(super) struct Letter {
    path: PathBuf,
    flag: PathBuf,
    /// What it says; `Err` in words where it is too large to be a message.
    pub(super) bytes: Result<Vec<u8>, String>,
}

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self { orders: path.join("orders"), results: path.join("results") }
    }

    /// Leaves an order. The name follows from the message, so that trying again writes the same file.
    pub(super) async fn order(&self, at: DateTime, seq: i64, bytes: &[u8]) -> Result<(), Failure> {
        self.write(at, seq, bytes).await.map_err(|error| failed("orders", &error))
    }

    async fn write(&self, at: DateTime, seq: i64, bytes: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.orders).await?;
        let name = format!("{}-{seq}", at.strftime("%Y%m%d%H%M%S%3f"));
        let flag = self.orders.join(format!("{name}.FLG"));
        if fs::try_exists(&flag).await? {
            return Ok(());
        }
        let half = self.orders.join(format!("{name}.tmp"));
        let mut file = fs::File::create(&half).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        fs::rename(&half, self.orders.join(format!("{name}.HL7"))).await?;
        fs::write(&flag, b"").await?;
        keep_names(&self.orders).await
    }

    /// The oldest file of the laboratory by its name, if one is complete.
    pub(super) async fn next(&self) -> Result<Option<Letter>, Failure> {
        self.find().await.map_err(|error| failed("results", &error))
    }

    async fn find(&self) -> io::Result<Option<Letter>> {
        fs::create_dir_all(&self.results).await?;
        let mut messages = Vec::new();
        let mut flags = Vec::new();
        let mut entries = fs::read_dir(&self.results).await?;
        while let Some(entry) = entries.next_entry().await? {
            let path = entry.path();
            if !entry.file_type().await?.is_file() {
                continue;
            }
            if has_ending(&path, "hl7") {
                messages.push(path);
            } else if has_ending(&path, "flg") {
                flags.push(path);
            }
        }
        messages.sort();
        for path in messages {
            let Some(flag) = flags.iter().find(|flag| same_name(flag, &path)) else { continue };
            let flag = flag.clone();
            let length = fs::metadata(&path).await?.len();
            let bytes = if length <= LARGEST_MESSAGE {
                Ok(fs::read(&path).await?)
            } else {
                Err(format!("the file has {length} bytes, which no message has"))
            };
            return Ok(Some(Letter { path, flag, bytes }));
        }
        Ok(None)
    }

    /// Puts a file away that was read.
    pub(super) async fn done(&self, letter: &Letter) -> Result<(), Failure> {
        let moved = self.put(letter, "done", None).await;
        moved.map_err(|error| failed("results/done", &error))
    }

    /// Puts a file aside that cannot be read, and says why.
    pub(super) async fn trouble(&self, letter: &Letter, words: &str) -> Result<(), Failure> {
        let moved = self.put(letter, "trouble", Some(words)).await;
        moved.map_err(|error| failed("results/trouble", &error))
    }

    async fn put(&self, letter: &Letter, place: &str, words: Option<&str>) -> io::Result<()> {
        let place = self.results.join(place);
        fs::create_dir_all(&place).await?;
        let stem = letter.path.file_stem().unwrap_or_default().to_owned();
        let named = |n: u32, ending: &OsStr| {
            let mut name = stem.clone();
            if n > 0 {
                name.push(format!("-{n}"));
            }
            name.push(".");
            name.push(ending);
            place.join(name)
        };
        let ending = |path: &Path| path.extension().unwrap_or_default().to_owned();
        let mut n = 0;
        // A laboratory may use a name twice.
        while fs::try_exists(named(n, &ending(&letter.path))).await? {
            n += 1;
        }
        if let Some(words) = words {
            fs::write(named(n, OsStr::new("txt")), format!("{words}\n")).await?;
        }
        // The flag first: one that a crash left behind alone would say of the name's next file that it is whole.
        fs::rename(&letter.flag, named(n, &ending(&letter.flag))).await?;
        fs::rename(&letter.path, named(n, &ending(&letter.path))).await
    }
}

/// Makes the names in a folder outlive a loss of power, where the system lets one ask for that: what is told as handed
/// over must be there afterwards.
async fn keep_names(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder).await?.sync_all().await } else { Ok(()) }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn same_name(one: &Path, other: &Path) -> bool {
    let stem = |path: &Path| path.file_stem().map(OsStr::to_ascii_lowercase);
    stem(one) == stem(other)
}

fn failed(place: &str, error: &io::Error) -> Failure {
    Failure::unreachable(&format!("the folder '{place}': {}", error.kind()))
}
