//! How fast papers are made.

use std::time::Instant;

use clinical::lab::{
    Flag, LabCode, LabResult, ReferenceRange, ResultStatus, ResultValue, SpecimenNumber,
};
use clinical::{PatientNumber, PersonName, Sex};
use jiff::civil::date;
use paper::{Engine, LabPatient, LabelSpec, PageSize, ResultsSheet, TubeLabel};
use uuid::Uuid;

/// Papers of which the median counts, after one that warms up.
const TIMES: u32 = 30;
/// Labels of one print.
const LABELS: u32 = 10;

/// Milliseconds.
pub(crate) struct Measured {
    /// Ten tube labels to ZPL.
    pub(crate) labels_ms: Vec<f64>,
    /// A page of results to PDF.
    pub(crate) form_ms: Vec<f64>,
}

fn text(e: impl std::fmt::Display) -> String {
    e.to_string()
}

/// Makes papers, each with other texts than the one before, so that nothing is drawn from memory.
pub(crate) fn measure() -> Result<Measured, String> {
    let mut engine = Engine::new().map_err(text)?;
    let mut measured = Measured { labels_ms: Vec::new(), form_ms: Vec::new() };
    for nth in 0..=TIMES {
        let labels = labels(nth)?;
        let began = Instant::now();
        let drawn = engine.tube_labels(&labels, &LabelSpec::default()).map_err(text)?;
        let labels_ms = began.elapsed().as_secs_f64() * 1000.0;
        if drawn.zpl.is_none_or(|zpl| zpl.is_empty()) {
            return Err("a label without ZPL".to_owned());
        }
        let sheet = sheet(nth)?;
        let began = Instant::now();
        let drawn = engine.results(&sheet, PageSize::A4).map_err(text)?;
        let form_ms = began.elapsed().as_secs_f64() * 1000.0;
        if drawn.page_count() != 1 {
            return Err("the measured form is not one page".to_owned());
        }
        if nth > 0 {
            measured.labels_ms.push(labels_ms);
            measured.form_ms.push(form_ms);
        }
    }
    Ok(measured)
}

fn patient(nth: u32) -> Result<LabPatient, String> {
    Ok(LabPatient {
        number: PatientNumber::parse(&format!("{:05}", 1873 + nth)).map_err(text)?,
        name: PersonName {
            kanji: format!("厚労　太郎{nth}"), kana: "コウロウ　タロウ".to_owned()
        },
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Male,
    })
}

fn labels(nth: u32) -> Result<Vec<TubeLabel>, String> {
    let day = date(2026, 4, 6);
    let patient = patient(nth)?;
    let label = |index: u32| {
        let serial = (nth * LABELS + index) % 999 + 1;
        Ok(TubeLabel {
            number: SpecimenNumber::new(day, 1, serial).map_err(text)?,
            patient_number: patient.number.clone(),
            kana: patient.name.kana.clone(),
            kanji: patient.name.kanji.clone(),
            sex_age: patient.sex_age(day),
            collect_on: "2026/04/06(月)".to_owned(),
            container: "EDTA-2K".to_owned(),
            colour: "紫".to_owned(),
            items: ["WBC", "RBC", "Hb", "Ht", "PLT", "HbA1c"].map(str::to_owned).to_vec(),
            urgent: index.is_multiple_of(2),
            copy: 1,
        })
    };
    (0..LABELS).map(label).collect()
}

/// Thirty items at seven dates.
fn sheet(nth: u32) -> Result<ResultsSheet, String> {
    let patient = patient(nth)?;
    let day = date(2026, 4, 6);
    let printed_at = clinical::calendar::CLINIC_ZONE.to_timestamp(day.at(18, 0, 0, 0));
    let printed_at = printed_at.map_err(text)?;
    let result = |item: u32, ago: u32| LabResult {
        id: Uuid::now_v7(),
        patient: patient.number.clone(),
        order: Uuid::from_u128(u128::from(ago)),
        report: Uuid::nil(),
        specimen: String::new(),
        code: LabCode { jlac10: None, local: format!("T{item}") },
        name: format!("検査項目 {item}"),
        abbr: format!("T{item}"),
        value: ResultValue(format!("{}.{}", item * 7 + ago, nth % 10)),
        unit: "mg/dL".to_owned(),
        range: ReferenceRange("3.6-4.8".to_owned()),
        flag: if (item + ago).is_multiple_of(5) { Flag::High } else { Flag::Normal },
        status: ResultStatus::Final,
        collected_at: Some(
            day.saturating_sub(jiff::Span::new().weeks(i64::from(ago))).at(9, 30, 0, 0),
        ),
        received_at: printed_at,
        comments: Vec::new(),
        replaces: None,
        replaced_by: None,
        confirmed: None,
    };
    let results = (0..7).flat_map(|ago| (0..30).map(move |item| (item, ago)));
    Ok(ResultsSheet {
        clinic: "標準診療所".to_owned(),
        results: results.map(|(item, ago)| result(item, ago)).collect(),
        patient: patient.clone(),
        printed_at,
    })
}
