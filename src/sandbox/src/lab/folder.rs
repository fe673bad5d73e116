//! The way of files: `orders/` from the clinic, `results/` to it. A file counts once its `.FLG` stands beside it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::books::{Books, Way};
use super::counter;
use crate::SandboxError;

/// How often the courier looks.
const ROUND: Duration = Duration::from_millis(100);

/// Makes the folders and sends the courier on his rounds.
pub(super) async fn open(path: &Path, books: Arc<Books>) -> Result<JoinHandle<()>, SandboxError> {
    let courier =
        Courier { orders: path.join("orders"), results: path.join("results"), written: 0 };
    let failed = |source| SandboxError::Folder { path: path.display().to_string(), source };
    for folder in [courier.orders.join("taken"), courier.results.clone()] {
        tokio::fs::create_dir_all(folder).await.map_err(failed)?;
    }
    Ok(tokio::spawn(courier.rounds(books)))
}

struct Courier {
    orders: PathBuf,
    results: PathBuf,
    written: u32,
}

impl Courier {
    async fn rounds(mut self, books: Arc<Books>) {
        loop {
            if !books.state().down
                && let Err(error) = self.round(&books).await
            {
                tracing::warn!(%error, "the sandbox's laboratory cannot use its folder");
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    async fn round(&mut self, books: &Books) -> io::Result<()> {
        for file in self.whole_orders().await? {
            let bytes = tokio::fs::read(&file).await?;
            match counter::order(books, &bytes, Way::Folder) {
                Ok(answer) => self.put(&books.now(), &answer).await?,
                Err(error) => {
                    let words = file.with_extension("txt");
                    tokio::fs::write(words, error.to_string()).await?;
                }
            }
            self.take_away(&file).await?;
        }
        // Nothing is acknowledged on this way: written is delivered.
        loop {
            let parcel = {
                let mut state = books.state();
                books.make_due(&mut state);
                let at = state.parcels.iter().position(|parcel| parcel.way == Way::Folder);
                at.and_then(|at| state.parcels.remove(at))
            };
            let Some(parcel) = parcel else { return Ok(()) };
            self.put(&books.now(), &parcel.bytes).await?;
            books.state().delivered.push(parcel);
        }
    }

    /// Orders whose flag is there, the earliest name first.
    async fn whole_orders(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut entries = tokio::fs::read_dir(&self.orders).await?;
        while let Some(entry) = entries.next_entry().await? {
            let path = entry.path();
            let is = |ext: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ext));
            if is("HL7") && flag(&path).await.is_some() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// A file under another name first, so that nobody reads half of it; then its flag.
    async fn put(&mut self, now: &jiff::civil::DateTime, bytes: &[u8]) -> io::Result<()> {
        self.written += 1;
        let stem = format!("{}-{:05}", now.strftime("%Y%m%d%H%M%S"), self.written);
        let whole = self.results.join(format!("{stem}.HL7"));
        let part = self.results.join(format!("{stem}.tmp"));
        tokio::fs::write(&part, bytes).await?;
        tokio::fs::rename(&part, &whole).await?;
        tokio::fs::write(whole.with_extension("FLG"), b"").await
    }

    async fn take_away(&self, file: &Path) -> io::Result<()> {
        if let Some(flag) = flag(file).await {
            tokio::fs::remove_file(flag).await?;
        }
        let name = file.file_name().unwrap_or_default();
        tokio::fs::rename(file, self.orders.join("taken").join(name)).await
    }
}

/// The flag beside a file, in capitals or not.
async fn flag(file: &Path) -> Option<PathBuf> {
    for extension in ["FLG", "flg"] {
        let flag = file.with_extension(extension);
        if tokio::fs::try_exists(&flag).await.unwrap_or(false) {
            return Some(flag);
        }
    }
    None
}
