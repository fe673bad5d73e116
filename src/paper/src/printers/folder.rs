//! A printer that is a folder: each document becomes files, counted up. For clinics that archive, and for tests.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{
    Body, Document, JobNumber, JobState, Options, PrinterInfo, PrinterState, Spooler, SubmitError,
};

/// Writes `NN-kind-subject.zpl`, `.pdf` and `.png` into the folder that a printer's name is the path of.
#[derive(Debug, Default)]
pub struct Folder;

impl Spooler for Folder {
    fn list(&mut self) -> Vec<PrinterInfo> {
        Vec::new()
    }

    fn printer(&mut self, name: &str) -> PrinterInfo {
        let folder = Path::new(name);
        let (state, detail) = match std::fs::metadata(folder) {
            Ok(meta) if meta.is_dir() && !meta.permissions().readonly() => {
                (PrinterState::Ready, String::new())
            }
            Ok(meta) if meta.is_dir() => (PrinterState::Offline, "read-only".to_owned()),
            Ok(_) => (PrinterState::Missing, "not a folder".to_owned()),
            // It is made with the first document.
            Err(e) if e.kind() == io::ErrorKind::NotFound => (PrinterState::Ready, String::new()),
            Err(e) => (PrinterState::Offline, e.to_string()),
        };
        PrinterInfo { name: name.to_owned(), state, detail }
    }

    fn submit(
        &mut self,
        printer: &str,
        document: &Document<'_>,
        _options: &Options,
    ) -> Result<Option<JobNumber>, SubmitError> {
        let folder = Path::new(printer);
        let not_there = |e: io::Error| SubmitError::NotThere(format!("{}: {e}", folder.display()));
        make_folder(folder).map_err(not_there)?;
        let number = next_number(folder).map_err(not_there)?;
        let stem = format!("{number:02}-{}-{}", document.kind, clean(document.subject));
        write_all(folder, &stem, document)
            .map(|()| None)
            .map_err(|e| SubmitError::Refused(format!("{}: {e}", folder.display())))
    }

    fn job(&mut self, _printer: &str, _number: JobNumber, _title: &str) -> JobState {
        JobState::Forgotten
    }

    fn find(&mut self, _printer: &str, _title: &str) -> Option<JobNumber> {
        None
    }

    fn cancel(&mut self, _printer: &str, _number: JobNumber) {}
}

/// Only what every file system takes in a name.
fn clean(subject: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = subject.chars().take(60).map(kept).collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// One more than the highest that stands in front of a name here.
fn next_number(folder: &Path) -> io::Result<u32> {
    let mut highest = 0;
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.split_once('-')?.0.parse::<u32>().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest + 1)
}

/// All files of a document, or none: what was begun is taken away where the disk refuses.
fn write_all(folder: &Path, stem: &str, document: &Document<'_>) -> io::Result<()> {
    let pictures = (document.pictures)(None);
    let (main, bytes) = match document.body {
        Body::Raw(bytes) => ("zpl", bytes),
        Body::Pdf(bytes) => ("pdf", bytes),
    };
    let mut files: Vec<(PathBuf, &[u8])> = vec![(folder.join(format!("{stem}.{main}")), bytes)];
    for (at, picture) in pictures.iter().enumerate() {
        let one = pictures.len() == 1;
        let name = if one { format!("{stem}.png") } else { format!("{stem}-{}.png", at + 1) };
        files.push((folder.join(name), picture));
    }
    for (at, (path, bytes)) in files.iter().enumerate() {
        if let Err(e) = write(path, bytes) {
            for (begun, _) in &files[..=at] {
                // The disk has just refused; what cannot be removed stays for the person to see.
                let _ = std::fs::remove_file(begun);
            }
            return Err(e);
        }
    }
    sync_folder(folder)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{Folder, clean};
    use crate::printers::{Body, Document, Options, PrinterState, Spooler as _, SubmitError};

    fn print(folder: &str, subject: &str, pages: usize) -> Result<(), SubmitError> {
        let pictures = move |_: Option<u32>| vec![b"png".to_vec(); pages];
        let body = Body::Pdf(b"%PDF");
        let title = "Soegaki results 1";
        let document = Document { kind: "results", subject, title, body, pictures: &pictures };
        Folder
            .submit(folder, &document, &Options::default())
            .map(|number| assert!(number.is_none()))
    }

    fn names(folder: &std::path::Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_counted_up_and_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new/prints");
        let name = folder.to_str().unwrap();
        assert_eq!(Folder.printer(name).state, PrinterState::Ready, "made with the first document");
        print(name, "00123", 1).unwrap();
        std::fs::write(folder.join("41-by-hand.txt"), "x").unwrap();
        print(name, "../a b", 2).unwrap();
        assert_eq!(
            names(&folder),
            [
                "01-results-00123.pdf",
                "01-results-00123.png",
                "41-by-hand.txt",
                "42-results-___a_b-1.png",
                "42-results-___a_b-2.png",
                "42-results-___a_b.pdf",
            ]
        );
    }

    #[test]
    fn a_folder_that_cannot_be_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let name = file.to_str().unwrap();
        assert_eq!(Folder.printer(name).state, PrinterState::Missing);
        let refused = print(name, "1", 1).unwrap_err();
        assert!(matches!(refused, SubmitError::NotThere(_)), "{refused}");
    }

    #[test]
    fn names_of_files_hold_only_what_every_system_takes() {
        assert_eq!(clean("00123-A"), "00123-A");
        assert_eq!(clean("a/b:受付"), "a_b___");
        assert_eq!(clean(""), "_");
    }
}
