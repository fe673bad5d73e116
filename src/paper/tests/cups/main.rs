//! Real printing: through the CUPS of this machine's packages into a raw queue, a socket, and a PDF printer.
//!
//! The spooler's library looks for its server in the environment, once. So `real_queues` starts a CUPS and runs the
//! other tests, each in a process of its own that was started with that server.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

mod server;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use clinical::PatientNumber;
use clinical::lab::SpecimenNumber;
use jiff::Timestamp;
use jiff::civil::date;
use paper::printers::{
    Body, Document, JobNumber, JobState, Media, Options, PrinterState, Spooler as _, SubmitError,
    System,
};
use paper::{Engine, LabelSpec, PageSize, Rendered, TubeLabel};
use server::{Cups, client, done, is_root, own_place, wait_for};

const CUPS_PDF: &str = "/usr/share/ppd/cups-pdf/CUPS-PDF_noopt.ppd";
const SPEC: LabelSpec = LabelSpec {
    width_mm: 50.0,
    height_mm: 30.0,
    dpi: paper::Dpi::D203,
    symbology: paper::Symbology::Nw7,
};

#[test]
fn real_queues() {
    let mut cups = Cups::start();
    let at = cups.place().display().to_string();
    cups.queue("RAW", &format!("tofile:{at}/out/raw.zpl"), None);
    cups.queue("SLOW", &format!("tofile:{at}/out/slow.zpl"), None);
    cups.queue("NOWHERE", &format!("tofile:{at}/out/nowhere"), None);
    cups.queue("FORMS", &format!("tofile:{at}/out/forms.pdf"), Some(&cups.pdf_driver()));
    cups.run("zpl_arrives_byte_for_byte");
    cups.run("a_label_goes_through_a_socket");
    cups.run("a_pdf_arrives_and_its_symbol_is_read");
    cups.run("a_form_names_its_paper_and_its_tray");
    cups.run("a_stopped_queue_says_so_and_prints_later");
    cups.run("a_job_can_be_taken_back");
    cups.run("an_unknown_printer_is_told");
    if is_root() {
        cups.queue("PDF", "cups-pdf:/", Some(CUPS_PDF));
        cups.run("cups_pdf_writes_a_page_whose_symbol_is_read");
    } else {
        println!("not run: cups-pdf, whose backend wants root");
    }
    nothing_is_left_after_a_kill(&cups);
    cups.stop();
    cups.run("a_spooler_that_is_gone_is_told");
    assert_eq!(names(&cups.place().join("tmp")), [""; 0], "left behind in TMPDIR");
}

fn number() -> SpecimenNumber {
    SpecimenNumber::new(date(2026, 11, 22), 1, 7).unwrap()
}

fn label() -> Rendered {
    let label = TubeLabel {
        number: number(),
        patient_number: PatientNumber::parse("00123").unwrap(),
        kana: "ケンサ ハナコ".to_owned(),
        kanji: "検査 花子".to_owned(),
        sex_age: "女 71歳".to_owned(),
        collect_on: "2026/11/22(日)".to_owned(),
        container: "EDTA-2K".to_owned(),
        colour: "紫".to_owned(),
        items: vec!["CBC".to_owned(), "HbA1c".to_owned()],
        urgent: false,
        copy: 1,
    };
    Engine::new().unwrap().tube_labels(&[label], &SPEC).unwrap()
}

fn options() -> Options {
    Options { tray: None, media: Some(Media::of_mm(SPEC.width_mm, SPEC.height_mm)) }
}

fn submit(printer: &str, title: &str, body: Body<'_>) -> Result<Option<JobNumber>, SubmitError> {
    let pictures = |_: Option<u32>| Vec::new();
    let document = Document { kind: "label", subject: "00123", title, body, pictures: &pictures };
    System.submit(printer, &document, &options())
}

fn printed(printer: &str, title: &str, body: Body<'_>) {
    let job = submit(printer, title, body).unwrap().expect("CUPS numbers its jobs");
    assert_eq!(System.find(printer, title), Some(job));
    assert_eq!(System.job(printer, job, "another title"), JobState::Forgotten);
    wait_for("the job to be done", || System.job(printer, job, title) == JobState::Done);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// What `zbarimg` reads from the first page of a PDF at a label printer's resolution.
fn symbol_of(pdf: &Path, place: &Path) -> String {
    let page = place.join("out/page");
    done(Command::new("pdftoppm").args(["-r", "203", "-gray", "-singlefile"]).arg(pdf).arg(&page));
    let mut zbar = Command::new("zbarimg");
    zbar.args(["--quiet", "--raw", "--set", "codabar.enable=1"]).arg(page.with_extension("pgm"));
    String::from_utf8_lossy(&done(&mut zbar).stdout).trim().to_owned()
}

#[test]
#[ignore = "run by real_queues"]
fn zpl_arrives_byte_for_byte() {
    let place = own_place();
    let label = label();
    let zpl = label.zpl.as_ref().unwrap();
    printed("RAW", "Soegaki label 1", Body::Raw(zpl));
    assert_eq!(std::fs::read(place.join("out/raw.zpl")).unwrap(), *zpl);
    assert_eq!(names(&place.join("tmp")), [""; 0], "left behind in TMPDIR");
    let info = System.printer("RAW");
    assert_eq!((info.state, info.detail.as_str()), (PrinterState::Ready, ""));
}

#[test]
#[ignore = "run by real_queues"]
fn a_label_goes_through_a_socket() {
    let place = own_place();
    let printer = TcpListener::bind("127.0.0.1:0").unwrap();
    let device = format!("socket://{}/?waiteof=false", printer.local_addr().unwrap());
    let mut lpadmin = client(&place, "/usr/sbin/lpadmin");
    done(lpadmin.args(["-p", "ZEBRA", "-m", "raw", "-E", "-v", &device]));
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let (mut line, _) = printer.accept().unwrap();
        let mut bytes = Vec::new();
        line.read_to_end(&mut bytes).unwrap();
        tell.send(bytes).unwrap();
    });
    let label = label();
    let zpl = label.zpl.as_ref().unwrap();
    let job = submit("ZEBRA", "Soegaki label 2", Body::Raw(zpl)).unwrap().unwrap();
    assert_eq!(told.recv_timeout(Duration::from_mins(2)).unwrap(), *zpl);
    wait_for("the job to be done", || {
        System.job("ZEBRA", job, "Soegaki label 2") == JobState::Done
    });
}

#[test]
#[ignore = "run by real_queues"]
fn a_pdf_arrives_and_its_symbol_is_read() {
    let place = own_place();
    printed("FORMS", "Soegaki label 3", Body::Pdf(&label().pdf));
    let pdf = place.join("out/forms.pdf");
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
    let fonts = done(Command::new("pdffonts").arg(&pdf));
    let fonts = String::from_utf8_lossy(&fonts.stdout);
    assert!(fonts.contains("BIZUDPGothic") && fonts.contains("yes yes"), "{fonts}");
    let info = done(Command::new("pdfinfo").arg(&pdf));
    let info = String::from_utf8_lossy(&info.stdout);
    assert!(info.contains("141 x 85 pts"), "50 x 30 mm are 141.7 x 85 points: {info}");
    assert_eq!(symbol_of(&pdf, &place), format!("A{}A", number()));
    assert_eq!(names(&place.join("tmp")), [""; 0], "left behind in TMPDIR");
}

#[test]
#[ignore = "run by real_queues"]
fn a_form_names_its_paper_and_its_tray() {
    let place = own_place();
    let at = Timestamp::from_second(1_795_305_600).unwrap();
    let page = Engine::new().unwrap().test_page("FORMS", PageSize::A5, at).unwrap();
    let pictures = |_: Option<u32>| Vec::new();
    let title = "Soegaki test 1";
    let body = Body::Pdf(&page.pdf);
    let document = Document { kind: "test", subject: "FORMS", title, body, pictures: &pictures };
    let tray = Some("Tray2".to_owned());
    let options = Options { tray, media: Some(Media::Iso(PageSize::A5)) };
    let job = System.submit("FORMS", &document, &options).unwrap().unwrap();
    wait_for("the job to be done", || System.job("FORMS", job, title) == JobState::Done);
    let told = std::fs::read_to_string(place.join("out/forms.pdf.options")).unwrap();
    assert!(told.contains("InputSlot=Tray2") && told.contains("media=A5"), "{told}");
    let info = done(Command::new("pdfinfo").arg(place.join("out/forms.pdf")));
    let info = String::from_utf8_lossy(&info.stdout);
    assert!(info.contains("(A5)"), "{info}");
}

#[test]
#[ignore = "run by real_queues"]
fn cups_pdf_writes_a_page_whose_symbol_is_read() {
    let place = own_place();
    // It writes into the home of the job's owner, whatever the environment says.
    let entry = done(Command::new("getent").args(["passwd", "0"])).stdout;
    let home = String::from_utf8_lossy(&entry).split(':').nth(5).map(PathBuf::from).unwrap();
    let folder = home.join("PDF");
    let was_there = folder.exists();
    let title = format!("Soegaki-label-{}", std::process::id());
    printed("PDF", &title, Body::Pdf(&label().pdf));
    let ours = names(&folder).into_iter().find(|name| name.starts_with(&title));
    let written = folder.join(ours.expect("cups-pdf wrote nothing"));
    let pdf = place.join("out/cups-pdf.pdf");
    std::fs::copy(&written, &pdf).unwrap();
    std::fs::remove_file(&written).unwrap();
    if !was_there {
        // Somebody else may have printed meanwhile.
        let _ = std::fs::remove_dir(&folder);
    }
    assert_eq!(symbol_of(&pdf, &place), format!("A{}A", number()));
}

#[test]
#[ignore = "run by real_queues"]
fn a_stopped_queue_says_so_and_prints_later() {
    let place = own_place();
    let zpl = b"^XA^FDstopped^FS^XZ";
    done(client(&place, "/usr/sbin/cupsdisable").arg("SLOW"));
    assert_eq!(System.printer("SLOW").state, PrinterState::Paused);
    assert!(!PrinterState::Paused.is_good());
    let job = submit("SLOW", "Soegaki label 5", Body::Raw(zpl)).unwrap().unwrap();
    assert_eq!(System.job("SLOW", job, "Soegaki label 5"), JobState::Held);
    assert!(!place.join("out/slow.zpl").exists());
    done(client(&place, "/usr/sbin/cupsenable").arg("SLOW"));
    wait_for("the job to be done", || System.job("SLOW", job, "Soegaki label 5") == JobState::Done);
    assert_eq!(std::fs::read(place.join("out/slow.zpl")).unwrap(), zpl);
}

#[test]
#[ignore = "run by real_queues"]
fn a_job_can_be_taken_back() {
    let place = own_place();
    done(client(&place, "/usr/sbin/cupsdisable").arg("NOWHERE"));
    let job = submit("NOWHERE", "Soegaki label 6", Body::Raw(b"^XA^XZ")).unwrap().unwrap();
    System.cancel("NOWHERE", job);
    wait_for("the job to be given up", || {
        System.job("NOWHERE", job, "Soegaki label 6") == JobState::GivenUp
    });
    done(client(&place, "/usr/sbin/cupsenable").arg("NOWHERE"));
}

#[test]
#[ignore = "run by real_queues"]
fn an_unknown_printer_is_told() {
    own_place();
    assert_eq!(System.printer("NONE").state, PrinterState::Missing);
    let refused = submit("NONE", "Soegaki label 7", Body::Raw(b"^XA^XZ")).unwrap_err();
    assert!(
        matches!(&refused, SubmitError::NotThere(words) if words.contains("'NONE'")),
        "{refused}"
    );
    let mut known: Vec<String> = System.list().into_iter().map(|info| info.name).collect();
    known.sort_unstable();
    assert!(known.contains(&"RAW".to_owned()) && known.contains(&"FORMS".to_owned()), "{known:?}");
}

#[test]
#[ignore = "run by real_queues"]
fn a_spooler_that_is_gone_is_told() {
    own_place();
    assert_eq!(System.printer("RAW").state, PrinterState::Missing);
    let gone = submit("RAW", "Soegaki label 8", Body::Raw(b"^XA^XZ")).unwrap_err();
    assert!(matches!(gone, SubmitError::NotThere(_)), "{gone}");
    // What it has is not lost for that.
    assert_eq!(System.job("RAW", JobNumber(1), "Soegaki label 1"), JobState::Held);
    assert_eq!(System.find("RAW", "Soegaki label 1"), None);
}

/// Stands in each document that the killed process prints.
const MARK: &[u8] = b"^FX soegaki-kill-test-7f3a91 ^FS";

#[test]
#[ignore = "run by real_queues, which kills it"]
fn print_without_end() {
    own_place();
    let mut zpl = MARK.to_vec();
    zpl.resize(4 << 20, b' ');
    println!("begun");
    loop {
        // The queue throws everything away.
        let _ = submit("NOWHERE", "Soegaki label 9", Body::Raw(&zpl));
    }
}

fn nothing_is_left_after_a_kill(cups: &Cups) {
    let scratch = cups.place().join("tmp");
    let mut printing = cups
        .inner("print_without_end")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(printing.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("begun")));
    // In the middle of printing: the document is an open file of the process that has no name any more.
    let files = PathBuf::from(format!("/proc/{}/fd", printing.id()));
    wait_for("a document to be under way", || {
        let open = std::fs::read_dir(&files).unwrap().filter_map(|file| {
            let target = std::fs::read_link(file.ok()?.path()).ok()?;
            target.to_str().map(str::to_owned)
        });
        let ours = scratch.to_str().unwrap();
        open.into_iter().any(|target| target.starts_with(ours) && target.ends_with("(deleted)"))
    });
    printing.kill().unwrap();
    printing.wait().unwrap();
    assert_eq!(names(&scratch), [""; 0], "left behind in TMPDIR after a kill");
    // The crate's own habit: a file named by digits, open to all.
    for name in
        names(Path::new("/tmp")).iter().filter(|name| name.bytes().all(|b| b.is_ascii_digit()))
    {
        let bytes = std::fs::read(Path::new("/tmp").join(name)).unwrap_or_default();
        assert!(!bytes.starts_with(MARK), "left behind in /tmp: {name}");
    }
}
