//! What is asked to be printed, and what the window sees of it.

use std::sync::Arc;

use clinical::lab::{LabOrder, SpecimenNumber};
use jiff::Timestamp;
use paper::printers::PrinterState;
use paper::queue::{State, Why};
use paper::{ChartSticker, DaySheet, LabPatient, PageSize, Paper, ResultsSheet};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::local::RowPatient;

/// A paper that a person asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintOrder {
    /// Names the job (UUIDv7); asking twice is printing once.
    pub id: Uuid,
    /// What.
    pub what: ToPrint,
    /// 1 for the first print, 2 and more for reprints.
    pub copy: u32,
    /// Why again; empty for the first print.
    pub reason: String,
    /// Whose; `None` for a paper about several people.
    pub patient: Option<RowPatient>,
    /// The account of who asks; the print is put on record in this person's name.
    pub by: Option<Uuid>,
}

/// What to print: the data, not the paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ToPrint {
    /// Labels of an order's tubes.
    Labels {
        /// The order.
        order: Box<LabOrder>,
        /// Which of its tubes, in the order of printing.
        tubes: Vec<SpecimenNumber>,
        /// Whose.
        patient: LabPatient,
    },
    /// カルテシール.
    Sticker {
        /// What stands on it.
        sticker: ChartSticker,
    },
    /// 検査結果.
    Results {
        /// What stands on it.
        sheet: Box<ResultsSheet>,
        /// Another size than the settings say.
        size: Option<PageSize>,
    },
    /// 本日表.
    DaySheet {
        /// What stands on it.
        sheet: Box<DaySheet>,
    },
    /// A page without a patient that shows whether a printer works.
    Test {
        /// Name of the printer in the settings.
        printer: String,
    },
}

impl ToPrint {
    /// Which paper; `None` for a test page, which goes to the printer that it names.
    pub fn paper(&self) -> Option<Paper> {
        match self {
            Self::Labels { .. } => Some(Paper::Label),
            Self::Sticker { .. } => Some(Paper::Sticker),
            Self::Results { .. } => Some(Paper::Results),
            Self::DaySheet { .. } => Some(Paper::DaySheet),
            Self::Test { .. } => None,
        }
    }

    /// How many labels or sheets are asked for at least.
    pub fn count(&self) -> usize {
        match self {
            Self::Labels { tubes, .. } => tubes.len(),
            _ => 1,
        }
    }
}

/// Everything about printing, as one picture that does not change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrintView {
    /// Grows with each change.
    pub version: u64,
    /// Newest first.
    pub jobs: Vec<JobView>,
    /// The printers of the settings, in their order.
    pub printers: Vec<PrinterView>,
    /// Why jobs wait that should be printed: this terminal's disk does not take what must be written down first. The
    /// system's words.
    pub trouble: Option<String>,
    /// A new patient's sticker is printed by itself.
    pub first_sticker: bool,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// What was asked for.
    pub order: Arc<PrintOrder>,
    /// When.
    pub made_at: Timestamp,
    /// Name of the printer in the settings; empty where none is set for the paper.
    pub printer: String,
    /// What is known of it.
    pub state: State,
    /// How many characters (外字) were printed as 〓 because no font here has them.
    pub missing_glyphs: usize,
}

impl JobView {
    /// The job's name.
    pub fn id(&self) -> Uuid {
        self.order.id
    }

    /// Whether a person must do something: look at the printer, or try again.
    pub fn wants_person(&self) -> bool {
        matches!(self.state, State::Unknown { .. } | State::Failed { .. })
    }
}

/// A printer of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrinterView {
    /// Its name in the settings.
    pub name: String,
    /// The system's name of it, or the folder's path.
    pub place: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// What it can do now; [`PrinterState::Unknown`] before it was asked.
    pub state: PrinterState,
    /// The system's own words; empty where it has none.
    pub detail: String,
    /// The papers that go to it.
    pub papers: Vec<Paper>,
}

impl PrintView {
    /// The printer that a paper goes to.
    pub fn printer_of(&self, paper: Paper) -> Option<&PrinterView> {
        self.printers.iter().find(|printer| printer.papers.contains(&paper))
    }

    /// The job of this name.
    pub fn job(&self, id: Uuid) -> Option<&JobView> {
        self.jobs.iter().find(|job| job.id() == id)
    }
}

/// Something about a job that the program acts on or tells.
#[derive(Debug, Clone)]
pub struct PrintOutcome {
    /// What was asked for.
    pub order: Arc<PrintOrder>,
    /// Name of the printer in the settings.
    pub printer: String,
    /// What has happened.
    pub event: PrintEvent,
}

/// What has happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintEvent {
    /// The printer's spooler has it (or a person said that it was printed): now it is put on record. Told again after
    /// each start until [`super::Handle::acknowledge`]; the record should bear the job's id, so that it stands once.
    HandedOver,
    /// The spooler says that it was printed.
    Printed,
    /// It was not printed.
    Failed(Why),
    /// The program had stopped while it was being handed over: a person must look.
    Unknown,
}
