use std::collections::BTreeSet;
use std::path::Path;

use clinical::lab::ResultStatus;
use paper::{ChartSticker, DaySheet, ResultsSheet, TubeLabel};

use super::{DoorError, Grid, Kind, Options, Size, Symbol, write};

fn options(kind: Kind, count: u16, out: &Path) -> Options {
    Options {
        kind,
        seed: 1,
        count,
        out: out.to_owned(),
        dpi: Grid::D203,
        symbology: Symbol::Nw7,
        size: Size::A5,
        date: jiff::civil::date(2026, 4, 6),
    }
}

/// Whether a file is of a kind, by the end of its name.
fn is(name: &str, kind: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == kind)
}

/// The names of the files of a kind, and its values.
fn written<T: serde::de::DeserializeOwned>(kind: Kind, count: u16) -> (BTreeSet<String>, Vec<T>) {
    let dir = tempfile::tempdir().unwrap();
    let warnings = write(&options(kind, count, dir.path())).unwrap();
    assert_eq!(warnings, [], "every generated name can be printed");
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let begins: &[u8] = match path.extension().unwrap().to_str().unwrap() {
            "pdf" => b"%PDF-",
            "png" => b"\x89PNG",
            "zpl" => b"^XA",
            _ => b"{",
        };
        assert!(bytes.starts_with(begins), "{}", path.display());
        names.insert(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    let values = names.iter().filter(|name| is(name, "json"));
    let values =
        values.map(|name| serde_json::from_slice(&std::fs::read(dir.path().join(name)).unwrap()));
    let values = values.collect::<Result<_, _>>().unwrap();
    (names, values)
}

#[test]
fn labels_come_with_their_zpl_and_their_values() {
    let (names, labels) = written::<TubeLabel>(Kind::Label, 8);
    assert_eq!(names.len(), 8 * 4);
    for end in ["json", "pdf", "png", "zpl"] {
        assert!(names.contains(&format!("label-0008.{end}")));
    }
    let numbers: BTreeSet<_> = labels.iter().map(|label| &label.number).collect();
    assert_eq!(numbers.len(), 8, "each tube has a number of its own");
    assert!(labels.iter().all(|label| !label.items.is_empty()));
    assert!(labels.iter().any(|label| label.copy > 1));
    assert_eq!(labels, written::<TubeLabel>(Kind::Label, 8).1, "the same seed, the same labels");
}

#[test]
fn stickers_and_day_sheets_come_with_their_values() {
    let (names, stickers) = written::<ChartSticker>(Kind::Sticker, 3);
    assert_eq!((names.len(), stickers.len()), (12, 3));
    let (names, sheets) = written::<DaySheet>(Kind::DaySheet, 2);
    assert!(names.contains("day-sheet-0002.pdf") && !names.iter().any(|name| is(name, "zpl")));
    assert!(sheets[1].rows.len() > sheets[0].rows.len() && !sheets[0].rows.is_empty());
    assert_eq!(sheets.iter().map(|s| s.own_copy).collect::<Vec<_>>(), [false, true]);
    let dangers = sheets.iter().flat_map(|sheet| &sheet.rows).filter_map(|r| r.dangers.as_ref());
    assert!(dangers.flatten().next().is_some(), "somebody has a red band");
}

#[test]
fn results_are_of_several_days_and_some_are_corrected() {
    let (names, sheets) = written::<ResultsSheet>(Kind::Results, 3);
    assert!(names.contains("results-0003.pdf") && names.contains("results-0001.png"));
    for sheet in &sheets {
        let days: BTreeSet<_> = sheet.results.iter().map(|r| r.taken_at().date()).collect();
        assert_eq!(days.len(), 6);
        assert!(sheet.results.iter().all(|r| r.patient == sheet.patient.number));
        let ids: BTreeSet<_> = sheet.results.iter().map(|result| result.id).collect();
        assert_eq!(ids.len(), sheet.results.len());
    }
    let replaced: Vec<_> =
        sheets.iter().map(|s| s.results.iter().filter(|r| !r.stands()).count()).collect();
    assert_eq!(replaced, [0, 1, 0]);
    let corrected =
        |s: &ResultsSheet| s.results.iter().any(|r| r.status == ResultStatus::Corrected);
    assert!(corrected(&sheets[1]) && !corrected(&sheets[0]));
}

#[test]
fn papers_of_later_versions_are_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    for kind in [Kind::Prescription, Kind::Slip, Kind::Letter, Kind::Summary] {
        let error = write(&options(kind, 1, dir.path())).unwrap_err();
        assert!(matches!(error, DoorError::NotYet(_)));
        assert!(error.to_string().contains("not in this version"), "{error}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
