//! CUPS, through the `printers` crate.
//!
//! The crate's `print(buffer)` leaves the document in a file that everybody can read. So a document goes into a file
//! without a name (nothing is left of it even when the program is killed), and CUPS is given the path under which the
//! system shows this process's open files.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use printers::common::base::job::{PrinterJobOptions, PrinterJobState};
use printers::common::base::printer::{Printer, PrinterState as SystemState};
use printers::common::converters::Converter;

use super::{
    Body, Document, JobNumber, JobState, Media, Options, PrinterInfo, PrinterState, Spooler,
    SubmitError,
};

/// The printers of this machine.
#[derive(Debug, Default)]
pub struct System;

impl Spooler for System {
    fn list(&mut self) -> Vec<PrinterInfo> {
        printers::get_printers().iter().map(info).collect()
    }

    fn submit(
        &mut self,
        printer: &str,
        document: &Document<'_>,
        options: &Options,
    ) -> Result<Option<JobNumber>, SubmitError> {
        // A look first: whether a failed call has handed something over cannot be told afterwards.
        let queue = queue(printer).ok_or_else(|| {
            SubmitError::NotThere(format!("CUPS does not answer or has no queue '{printer}'"))
        })?;
        let (bytes, raw) = match document.body {
            Body::Raw(bytes) => (bytes, true),
            Body::Pdf(bytes) => (bytes, false),
        };
        let (file, path) = nameless(bytes).map_err(|e| SubmitError::NotThere(e.to_string()))?;
        let path = path.to_str().unwrap_or_default();
        let properties = properties(raw, options);
        let properties: Vec<(&str, &str)> =
            properties.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let options = PrinterJobOptions {
            name: Some(document.title),
            raw_properties: &properties,
            converter: Converter::None,
        };
        let told = queue.print_file(path, options);
        drop(file);
        // CUPS takes a job back whose document did not arrive whole, so it is certain that nothing is printed.
        told.map(|number| Some(JobNumber(number))).map_err(|e| SubmitError::Refused(e.message))
    }

    fn job(&mut self, printer: &str, number: JobNumber, title: &str) -> JobState {
        let Some(queue) = queue(printer) else { return JobState::Held };
        let same = |id: u64, name: &str| id == number.0 && name == title;
        // The books of what is over are long, and the crate never frees them: they are opened once for each job.
        let active = queue.get_active_jobs();
        let found = active.iter().find(|job| same(job.id, &job.name)).map(|job| job.state.clone());
        let found = found.or_else(|| {
            let books = queue.get_job_history();
            books.iter().find(|job| same(job.id, &job.name)).map(|job| job.state.clone())
        });
        match found {
            None => JobState::Forgotten,
            Some(
                PrinterJobState::PENDING | PrinterJobState::PROCESSING | PrinterJobState::UNKNOWN,
            ) => {
                if info(&queue).state.is_good() {
                    JobState::Pending
                } else {
                    JobState::Held
                }
            }
            Some(PrinterJobState::PAUSED) => JobState::Held,
            Some(PrinterJobState::COMPLETED) => JobState::Done,
            Some(PrinterJobState::CANCELLED) => JobState::GivenUp,
        }
    }

    fn find(&mut self, printer: &str, title: &str) -> Option<JobNumber> {
        let books = queue(printer)?.get_job_history();
        books.iter().filter(|job| job.name == title).map(|job| JobNumber(job.id)).max()
    }

    fn cancel(&mut self, printer: &str, number: JobNumber) {
        if let Some(queue) = queue(printer) {
            // A job that is over cannot be taken back; its state tells that.
            let _ = queue.cancel_job(number.0);
        }
    }
}

fn queue(name: &str) -> Option<Printer> {
    printers::get_printers().into_iter().find(|printer| printer.system_name == name)
}

fn info(printer: &Printer) -> PrinterInfo {
    let told: Vec<&str> = printer
        .state_reasons
        .iter()
        .map(String::as_str)
        .filter(|reason| *reason != "none")
        .collect();
    let has = |words: &[&str]| {
        told.iter().any(|reason| words.iter().any(|word| reason.starts_with(word)))
    };
    let state = match printer.state {
        _ if has(&["offline", "connecting-to-device", "timed-out", "shutdown"]) => {
            PrinterState::Offline
        }
        SystemState::PAUSED => PrinterState::Paused,
        SystemState::OFFLINE => PrinterState::Offline,
        _ if has(&[
            "media-empty",
            "media-needed",
            "media-jam",
            "toner-empty",
            "marker-supply-empty",
            "cover-open",
            "door-open",
        ]) =>
        {
            PrinterState::Attention
        }
        SystemState::READY => PrinterState::Ready,
        SystemState::PRINTING => PrinterState::Printing,
        SystemState::UNKNOWN => PrinterState::Unknown,
    };
    PrinterInfo { name: printer.system_name.clone(), state, detail: told.join(", ") }
}

/// The bytes in an open file that has no name, and the path that leads to it while it is open.
fn nameless(bytes: &[u8]) -> std::io::Result<(File, PathBuf)> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    file.seek(SeekFrom::Start(0))?;
    let path = Path::new("/dev/fd").join(file.as_raw_fd().to_string());
    Ok((file, path))
}

fn properties(raw: bool, options: &Options) -> Vec<(&'static str, String)> {
    if raw {
        return vec![("document-format", "application/vnd.cups-raw".to_owned())];
    }
    let mut properties = vec![
        ("document-format", "application/pdf".to_owned()),
        // The paper is as large as its page: bars must keep their width.
        ("print-scaling", "none".to_owned()),
    ];
    properties.extend(options.media.map(|media| ("media", media_name(media))));
    properties.extend(options.tray.clone().map(|tray| ("InputSlot", tray)));
    properties
}

fn media_name(media: Media) -> String {
    match media {
        Media::Iso(size) => size.name().to_owned(),
        Media::Custom { width, height } => {
            format!("Custom.{}.{}x{}.{}mm", width / 10, width % 10, height / 10, height % 10)
        }
    }
}
