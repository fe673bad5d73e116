//! The Windows spooler: labels as they are, through the `printers` crate; pages as pictures.
//!
//! A PDF that is sent as it is comes out of a normal printer as garbage, so pages are drawn by the printer's own driver.
//! That is done by a fixed script that Windows' own PowerShell runs; everything about a document reaches it as data
//! through its standard input, and nothing is written to a file.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::os::windows::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use printers::common::base::job::{PrinterJobOptions, PrinterJobState};
use printers::common::base::printer::{Printer, PrinterState as SystemState};
use printers::common::converters::Converter;

use super::{
    Body, Document, JobNumber, JobState, Options, PrinterInfo, PrinterState, Spooler, SubmitError,
};
use crate::results::PageSize;

/// Dots per inch of the pictures that are sent to a printer.
const DPI: u32 = 300;
/// A driver that takes longer than this hangs.
const LIMIT: Duration = Duration::from_mins(3);
/// The script's own window stays away.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;
/// The script's words for "there is no such printer" and "not begun".
const NO_PRINTER: i32 = 3;
const NOT_BEGUN: i32 = 5;

/// Draws pictures on a printer. Reads from its input, a line each in base64: the printer's name, the title, the tray,
/// width and height of the paper in hundredths of an inch, and the pictures, until the end.
const SCRIPT: &str = r"
$ErrorActionPreference = 'Stop'
try {
  Add-Type -AssemblyName System.Drawing
  function Text { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String([Console]::In.ReadLine())) }
  $doc = New-Object Drawing.Printing.PrintDocument
  $doc.PrinterSettings.PrinterName = Text
  if (-not $doc.PrinterSettings.IsValid) { exit 3 }
  $doc.DocumentName = Text
  $tray = Text
  $width = [int](Text)
  $height = [int](Text)
  $doc.PrintController = New-Object Drawing.Printing.StandardPrintController
  $page = $doc.DefaultPageSettings
  $size = $null
  foreach ($each in $doc.PrinterSettings.PaperSizes) {
    if ([Math]::Abs($each.Width - $width) -le 4 -and [Math]::Abs($each.Height - $height) -le 4) { $size = $each; break }
  }
  if ($null -eq $size) { $size = New-Object Drawing.Printing.PaperSize 'Soegaki', $width, $height }
  $page.PaperSize = $size
  $page.Margins = New-Object Drawing.Printing.Margins 0, 0, 0, 0
  if ($tray -ne '') {
    foreach ($each in $doc.PrinterSettings.PaperSources) { if ($each.SourceName -eq $tray) { $page.PaperSource = $each } }
  }
  $pictures = New-Object Collections.ArrayList
  while ($null -ne ($line = [Console]::In.ReadLine())) {
    $stream = New-Object IO.MemoryStream (, [Convert]::FromBase64String($line))
    [void]$pictures.Add([Drawing.Image]::FromStream($stream))
  }
  $script:at = 0
  $doc.add_PrintPage({
    param($from, $e)
    $e.Graphics.InterpolationMode = [Drawing.Drawing2D.InterpolationMode]::NearestNeighbor
    $left = -$e.PageSettings.HardMarginX
    $top = -$e.PageSettings.HardMarginY
    $e.Graphics.DrawImage($pictures[$script:at], $left, $top, [single]$width, [single]$height)
    $script:at++
    $e.HasMorePages = $script:at -lt $pictures.Count
  })
} catch { [Console]::Error.Write($_.Exception.GetType().Name); exit 5 }
try { $doc.Print() } catch { [Console]::Error.Write($_.Exception.GetType().Name); exit 6 }
";

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
        let found = queue(printer)
            .ok_or_else(|| SubmitError::NotThere(format!("Windows has no printer '{printer}'")))?;
        match document.body {
            Body::Raw(bytes) => {
                let options = PrinterJobOptions {
                    name: Some(document.title),
                    raw_properties: &[],
                    converter: Converter::None,
                };
                let told = found.print(bytes, options);
                told.map(|number| Some(JobNumber(number)))
                    .map_err(|e| SubmitError::Refused(e.message))
            }
            Body::Pdf(_) => {
                draw(printer, document, options)?;
                Ok(self.find(printer, document.title))
            }
        }
    }

    fn job(&mut self, printer: &str, number: JobNumber, title: &str) -> JobState {
        let Some(queue) = queue(printer) else { return JobState::Held };
        let jobs = queue.get_active_jobs();
        match jobs.iter().find(|job| job.id == number.0 && job.name == title) {
            // Windows strikes a job out when the printer has taken it, and when somebody deletes it.
            None => JobState::Forgotten,
            Some(job) => match job.state {
                PrinterJobState::PAUSED => JobState::Held,
                PrinterJobState::CANCELLED => JobState::GivenUp,
                PrinterJobState::COMPLETED => JobState::Done,
                _ if info(&queue).state.is_good() => JobState::Pending,
                _ => JobState::Held,
            },
        }
    }

    fn find(&mut self, printer: &str, title: &str) -> Option<JobNumber> {
        let jobs = queue(printer)?.get_active_jobs();
        jobs.iter().find(|job| job.name == title).map(|job| JobNumber(job.id))
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
        .filter(|reason| !["none", "ready"].contains(reason))
        .collect();
    let has = |words: &[&str]| told.iter().any(|reason| words.contains(reason));
    let state = match printer.state {
        _ if has(&["offline", "not_available", "server_unknown"]) => PrinterState::Offline,
        _ if has(&["paused"]) => PrinterState::Paused,
        _ if has(&[
            "error",
            "paper_jam",
            "paper_out",
            "paper_problem",
            "manual_feed",
            "output_bin_full",
            "no_toner",
            "user_intervention",
            "door_open",
        ]) =>
        {
            PrinterState::Attention
        }
        SystemState::READY => PrinterState::Ready,
        SystemState::PRINTING => PrinterState::Printing,
        SystemState::PAUSED => PrinterState::Paused,
        SystemState::OFFLINE => PrinterState::Offline,
        SystemState::UNKNOWN => PrinterState::Unknown,
    };
    PrinterInfo { name: printer.system_name.clone(), state, detail: told.join(", ") }
}

/// Draws the pages with the printer's driver.
fn draw(printer: &str, document: &Document<'_>, options: &Options) -> Result<(), SubmitError> {
    let not_begun = |e: std::io::Error| SubmitError::Refused(format!("PowerShell: {e}"));
    let input = script_input(printer, document, options);
    let mut child = Command::new(powershell())
        .args(["-NoProfile", "-NonInteractive", "-NoLogo", "-EncodedCommand", &encoded(SCRIPT)])
        .creation_flags(CREATE_NO_WINDOW)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_begun)?;
    if let Some(mut stdin) = child.stdin.take() {
        // Where the script has ended early, its exit code says why.
        let _ = stdin.write_all(input.as_bytes());
    }
    let until = Instant::now() + LIMIT;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(50)),
            Ok(None) => {
                // Gone either way: nothing can be done about a process that will not end.
                let _ = child.kill();
                let _ = child.wait();
                return Err(SubmitError::Uncertain("the driver does not answer".to_owned()));
            }
            Err(e) => return Err(SubmitError::Uncertain(e.to_string())),
        }
    };
    let mut words = String::new();
    if let Some(stderr) = child.stderr.take() {
        // The name of the exception alone, and only for the support line.
        let _ = stderr.take(200).read_to_string(&mut words);
    }
    match status.code() {
        Some(0) => Ok(()),
        Some(NO_PRINTER) => {
            Err(SubmitError::NotThere(format!("Windows has no printer '{printer}'")))
        }
        Some(NOT_BEGUN) => Err(SubmitError::Refused(words)),
        _ => Err(SubmitError::Uncertain(words)),
    }
}

fn script_input(printer: &str, document: &Document<'_>, options: &Options) -> String {
    let (width, height) = options.media.unwrap_or(super::Media::Iso(PageSize::A4)).size();
    // From tenths of a millimetre to hundredths of an inch.
    let hundredths = |tenths: u32| ((f64::from(tenths) / 2.54).round()).to_string();
    let tray = options.tray.clone().unwrap_or_default();
    let texts = [printer, document.title, &tray, &hundredths(width), &hundredths(height)];
    let mut input = String::new();
    for text in texts {
        // Writing to a text cannot fail.
        let _ = writeln!(input, "{}", STANDARD.encode(text));
    }
    for picture in (document.pictures)(Some(DPI)) {
        let _ = writeln!(input, "{}", STANDARD.encode(picture));
    }
    input
}

/// A command as PowerShell wants to be given it: UTF-16 in base64.
fn encoded(script: &str) -> String {
    let bytes: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
    STANDARD.encode(bytes)
}

/// Windows' own, wherever the search path leads.
fn powershell() -> PathBuf {
    let root =
        std::env::var_os("SystemRoot").map_or_else(|| PathBuf::from(r"C:\Windows"), PathBuf::from);
    root.join(r"System32\WindowsPowerShell\v1.0\powershell.exe")
}
