//! The printers: what the system has, and giving a document to one of them.
//!
//! [`Spooler`] is what the rest of the program sees. [`System`] is the operating system's own (CUPS, the Windows
//! spooler); [`Folder`] writes each document into a folder. All of it may wait for a system service: it is called on a
//! worker thread only.

mod folder;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use serde::{Deserialize, Serialize};

use crate::results::PageSize;

pub use folder::Folder;
#[cfg(unix)]
pub use unix::System;
#[cfg(windows)]
pub use windows::System;

/// The spooler's number of a job. It is not unique for ever: a spooler may begin again after its books were emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobNumber(pub u64);

/// A printer as the system tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterInfo {
    /// The name that it is addressed by: a CUPS queue, a Windows printer, a folder.
    pub name: String,
    /// What it can do now.
    pub state: PrinterState,
    /// The system's own words about it; empty where it has none.
    pub detail: String,
}

impl PrinterInfo {
    /// A printer that the system does not have.
    pub fn missing(name: &str) -> Self {
        Self { name: name.to_owned(), state: PrinterState::Missing, detail: String::new() }
    }
}

/// What a printer can do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrinterState {
    /// It is idle and takes jobs.
    Ready,
    /// It prints.
    Printing,
    /// It was stopped; jobs wait until somebody starts it.
    Paused,
    /// It does not answer: off, or its cable is out. Jobs wait.
    Offline,
    /// It asks for something: paper, ink, a closed lid.
    Attention,
    /// The system does not say.
    Unknown,
    /// The system knows no such printer.
    Missing,
}

impl PrinterState {
    /// Whether what is handed over now is likely to come out soon.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Ready | Self::Printing | Self::Unknown)
    }
}

/// A document for a printer.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    /// The paper's word: `label`, `sticker`, `results`, `day-sheet`, `test`.
    pub kind: &'a str,
    /// What it is about, for the name of a file: a number, never a name.
    pub subject: &'a str,
    /// The job's title in the spooler's books, which others can read: never a patient's name or number. Unique, so that
    /// the job can be found again.
    pub title: &'a str,
    /// What the printer gets.
    pub body: Body<'a>,
    /// The same as pictures (PNG), a page each: at so many dots an inch, or as the paper shows itself.
    pub pictures: &'a dyn Fn(Option<u32>) -> Vec<Vec<u8>>,
}

impl std::fmt::Debug for Document<'_> {
    /// What others may know of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("title", &self.title).finish_non_exhaustive()
    }
}

/// What a printer gets.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// The printer's own language (ZPL), byte for byte.
    Raw(&'a [u8]),
    /// Pages with a size of their own.
    Pdf(&'a [u8]),
}

/// How to print it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The printer's name of the tray (給紙トレイ); its own choice without one.
    pub tray: Option<String>,
    /// Size of the paper.
    pub media: Option<Media>,
}

/// A size of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// One that every driver knows by its name.
    Iso(PageSize),
    /// Any other, in tenths of a millimetre.
    Custom {
        /// Width.
        width: u32,
        /// Height.
        height: u32,
    },
}

impl Media {
    /// A size in millimetres.
    pub fn of_mm(width: f32, height: f32) -> Self {
        let tenths = |mm: f32| (mm * 10.0).round().max(0.0) as u32;
        Self::Custom { width: tenths(width), height: tenths(height) }
    }

    /// Width and height in tenths of a millimetre.
    pub fn size(self) -> (u32, u32) {
        match self {
            Self::Iso(PageSize::A6) => (1050, 1480),
            Self::Iso(PageSize::A5) => (1480, 2100),
            Self::Iso(PageSize::A4) => (2100, 2970),
            Self::Custom { width, height } => (width, height),
        }
    }
}

/// Why a document was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The printer or its spooler is not there; certainly nothing was handed over. Worth another try.
    #[error("the printer cannot be reached: {0}")]
    NotThere(String),
    /// It was refused; certainly nothing will be printed.
    #[error("the printer's spooler refused the document: {0}")]
    Refused(String),
    /// It may have been handed over.
    #[error("whether the document was handed over is not known: {0}")]
    Uncertain(String),
}

/// What a spooler knows of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// In its line, or printing.
    Pending,
    /// Held back: the printer is stopped, or the job is.
    Held,
    /// The printer has taken all of it.
    Done,
    /// Cancelled or aborted.
    GivenUp,
    /// Not in its books (any more).
    Forgotten,
}

/// What takes documents.
pub trait Spooler: Send {
    /// The printers that it has.
    fn list(&mut self) -> Vec<PrinterInfo>;

    /// One printer; [`PrinterState::Missing`] where it has none of that name.
    fn printer(&mut self, name: &str) -> PrinterInfo {
        let found = self.list().into_iter().find(|info| info.name == name);
        found.unwrap_or_else(|| PrinterInfo::missing(name))
    }

    /// Hands a document over. The number is `None` where there is nothing to ask for later.
    fn submit(
        &mut self,
        printer: &str,
        document: &Document<'_>,
        options: &Options,
    ) -> Result<Option<JobNumber>, SubmitError>;

    /// What it knows of a job; the title must fit, since numbers may come again.
    fn job(&mut self, printer: &str, number: JobNumber, title: &str) -> JobState;

    /// The number of a job by its title.
    fn find(&mut self, printer: &str, title: &str) -> Option<JobNumber>;

    /// Takes a job back, as far as it is still there.
    fn cancel(&mut self, printer: &str, number: JobNumber);
}
