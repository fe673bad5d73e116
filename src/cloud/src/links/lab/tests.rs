use clinical::lab::{Done, LabOrder, LabReport, Mismatch, ToldPatient, TrayReport};
use clinical::{Address, Patient, PatientNumber, PersonName, Role, Sex, Staff};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use uuid::Uuid;

use super::courier::row_of;
use super::folder::Folder;
use super::matching::rule;
use crate::store::lab::Known;

const BORN: Date = date(1948, 4, 5);

fn patient(number: &str) -> Patient {
    Patient {
        number: PatientNumber::parse(number).unwrap(),
        name: PersonName {
            kanji: "髙橋　花子".to_owned(), kana: "タカハシ　ハナコ".to_owned()
        },
        birth_date: Some(BORN),
        sex: Sex::Female,
        householder: String::new(),
        address: Address::default(),
        phones: Vec::new(),
        insurance: Vec::new(),
        safety: Vec::new(),
        first_visit: None,
        last_visit: None,
        test_patient: false,
        deceased: false,
    }
}

fn report(number: &str, kanji: &str, kana: &str, birth_date: Option<Date>) -> LabReport {
    let name = PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() };
    LabReport {
        specimen: "261122010018".to_owned(),
        placer: String::new(),
        filler: String::new(),
        patient: ToldPatient { number: number.to_owned(), name, birth_date, sex: None },
        collected_at: None,
        reported_at: None,
        comments: Vec::new(),
        results: Vec::new(),
    }
}

/// The specimen is of an order of 00127.
fn known_specimen() -> Known {
    let patient = patient("00127");
    let tray = TrayReport {
        id: Uuid::from_u128(1),
        lab: String::new(),
        received_at: Timestamp::UNIX_EPOCH,
        why: Mismatch::UnknownSpecimen,
        order: None,
        report: report("127", "", "", None),
    };
    let by = Staff { account: Uuid::nil(), name: "看護".to_owned(), role: Role::Nurse };
    let done = Done { by, time: Timestamp::UNIX_EPOCH };
    let order = LabOrder::of_report(&tray, &patient.number, done);
    Known { specimen: Some((order, patient)), by_number: None }
}

#[test]
fn a_known_specimen_wants_its_patient() {
    let known = known_specimen();
    for (number, kanji, kana, birth) in [
        ("00127", "髙橋　花子", "タカハシ　ハナコ", Some(BORN)),
        ("127", "高橋花子", "", Some(BORN)),
        (" 127 ", "", "ﾀｶﾊｼ ﾊﾅｺ", None),
        ("00127", "", "", None),
        ("00127", "〓橋　花子", "タカハシ　ハナコ", Some(BORN)),
    ] {
        let report = report(number, kanji, kana, birth);
        assert_eq!(rule(&report, &known), None, "{:?}", report.patient);
    }
    for (number, kanji, kana, birth) in [
        ("00128", "髙橋　花子", "タカハシ　ハナコ", Some(BORN)),
        ("", "髙橋　花子", "タカハシ　ハナコ", Some(BORN)),
        ("患者", "髙橋　花子", "", Some(BORN)),
        ("00127", "見本　太郎", "ミホン　タロウ", Some(BORN)),
        ("00127", "髙橋　花子", "タカハシ　ハナコ", Some(date(1948, 4, 6))),
    ] {
        let report = report(number, kanji, kana, birth);
        assert_eq!(rule(&report, &known), Some(Mismatch::OtherPatient), "{:?}", report.patient);
    }
}

#[test]
fn an_unknown_specimen_never_goes_to_anybody_by_itself() {
    let numbered = || Known { specimen: None, by_number: Some(patient("00127")) };
    let fits = report("127", "高橋　花子", "", Some(BORN));
    assert_eq!(rule(&fits, &numbered()), Some(Mismatch::UnknownSpecimen));
    let name = report("127", "見本　太郎", "ミホン　タロウ", Some(BORN));
    assert_eq!(rule(&name, &numbered()), Some(Mismatch::NameDiffers));
    let birth = report("127", "高橋　花子", "", Some(date(2000, 1, 1)));
    assert_eq!(rule(&birth, &numbered()), Some(Mismatch::NameDiffers));
    assert_eq!(rule(&fits, &Known::default()), Some(Mismatch::UnknownPatient));
}

#[test]
fn a_birth_date_that_we_do_not_have_is_not_taken_on_trust() {
    let mut known = known_specimen();
    if let Some((_, patient)) = &mut known.specimen {
        patient.birth_date = None;
    }
    let report = report("127", "高橋　花子", "", Some(BORN));
    assert_eq!(rule(&report, &known), Some(Mismatch::OtherPatient));
}

#[test]
fn our_messages_names_are_read_back() {
    assert_eq!(row_of("SGK000000000042"), Some(42));
    for other in ["", "42", "SGK", "SGKx", "LAB0001"] {
        assert_eq!(row_of(other), None, "{other}");
    }
}

#[tokio::test]
async fn a_flag_never_stays_behind_alone() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    let results = dir.path().join("results");
    std::fs::create_dir_all(&results).unwrap();
    std::fs::write(results.join("0001.HL7"), "MSH|").unwrap();
    std::fs::write(results.join("0001.FLG"), "").unwrap();
    let letter = folder.next().await.unwrap().unwrap();
    // As a crash between the two moves: the message cannot be moved.
    std::fs::remove_file(results.join("0001.HL7")).unwrap();
    folder.done(&letter).await.unwrap_err();
    assert!(!results.join("0001.FLG").exists());
    // The next file of that name counts only when its own flag is there.
    std::fs::write(results.join("0001.HL7"), "MSH|half").unwrap();
    assert!(folder.next().await.unwrap().is_none());
    std::fs::write(results.join("0001.FLG"), "").unwrap();
    let letter = folder.next().await.unwrap().unwrap();
    folder.done(&letter).await.unwrap();
    assert!(results.join("done/0001.HL7").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_elsewhere_is_no_message() {
    let dir = tempfile::tempdir().unwrap();
    let results = dir.path().join("results");
    std::fs::create_dir_all(&results).unwrap();
    std::fs::write(dir.path().join("secret"), "MSH|").unwrap();
    std::os::unix::fs::symlink(dir.path().join("secret"), results.join("0001.HL7")).unwrap();
    std::fs::write(results.join("0001.FLG"), "").unwrap();
    assert!(Folder::new(dir.path()).next().await.unwrap().is_none());
}

#[tokio::test]
async fn an_order_file_is_written_once_and_whole() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    let at = date(2026, 11, 22).at(9, 5, 7, 123_000_000);
    folder.order(at, 7, b"MSH|first").await.unwrap();
    // Tried again since the service did not live to note it: the laboratory may be reading the file.
    folder.order(at, 7, b"MSH|second").await.unwrap();
    let orders = dir.path().join("orders");
    let mut names: Vec<_> = std::fs::read_dir(&orders)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["20261122090507123-7.FLG", "20261122090507123-7.HL7"]);
    let text = std::fs::read(orders.join("20261122090507123-7.HL7")).unwrap();
    assert_eq!(text, b"MSH|first");
}
