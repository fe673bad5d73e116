//! What the laboratory tells of a specimen, and in which order.

use clinical::lab::{LabReport, ReportedResult, ResultStatus, ResultValue, ToldPatient};
use exchange::hl7v2::OrderedSpecimen;
use jiff::civil::DateTime;

use super::analyser::{Fate, Test, measure};

/// How far the laboratory is with a specimen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Some of the results.
    Partial,
    /// All of them.
    Full,
    /// A result that was wrong.
    Corrected,
}

/// All reports of a specimen, the earliest first; `filler` is the laboratory's number, `at` tells when a stage is reached.
pub fn course(
    seed: u64,
    patient: &ToldPatient,
    specimen: &OrderedSpecimen,
    fate: Fate,
    filler: &str,
    at: impl Fn(Stage) -> DateTime,
) -> Vec<(Stage, LabReport)> {
    let report = |stage, results| LabReport {
        specimen: specimen.number.clone(),
        placer: specimen.tests.first().map(|test| test.placer.clone()).unwrap_or_default(),
        filler: filler.to_owned(),
        patient: patient.clone(),
        collected_at: specimen.collected_at,
        reported_at: Some(at(stage)),
        comments: if fate.haemolysed { vec!["軽度溶血".to_owned()] } else { Vec::new() },
        results,
    };
    let right = results(seed, patient, specimen, fate, at(Stage::Full));
    let mut told = right.clone();
    let wrong =
        fate.corrected.then(|| wrong_one(seed, &mut told, patient, specimen, fate)).flatten();
    let mut course = Vec::new();
    if fate.partial && told.len() > 1 {
        let mut first: Vec<_> = told[..told.len().div_ceil(2)].to_vec();
        for result in &mut first {
            result.analysed_at = Some(at(Stage::Partial));
        }
        if let Some(last) = first.last_mut() {
            last.status = ResultStatus::Preliminary;
        }
        course.push((Stage::Partial, report(Stage::Partial, first)));
    }
    course.push((Stage::Full, report(Stage::Full, told)));
    if let Some(wrong) = wrong {
        let mut corrected = right[wrong].clone();
        corrected.status = ResultStatus::Corrected;
        corrected.analysed_at = Some(at(Stage::Corrected));
        corrected.comments.push("再検により訂正".to_owned());
        course.push((Stage::Corrected, report(Stage::Corrected, vec![corrected])));
    }
    course
}

/// Every result as it will stand in the end.
fn results(
    seed: u64,
    patient: &ToldPatient,
    specimen: &OrderedSpecimen,
    fate: Fate,
    at: DateTime,
) -> Vec<ReportedResult> {
    let last = specimen.tests.len().saturating_sub(1);
    let tests = specimen.tests.iter().enumerate();
    let measured = tests.map(|(nth, test)| {
        let wanted = Test {
            code: &test.code,
            name: &test.name,
            patient: &patient.number,
            sex: patient.sex,
            specimen: &specimen.number,
        };
        let mut result = measure(seed, &wanted, fate, at);
        if fate.haemolysed && matches!(test.code.local.as_str(), "K" | "LD" | "AST") {
            result.comments.push("溶血の影響あり".to_owned());
        }
        if fate.cancelled && nth == last {
            result.value = ResultValue::default();
            result.flag = clinical::lab::Flag::Normal;
            result.status = ResultStatus::Cancelled;
            result.comments.push("検体量不足のため検査中止".to_owned());
        }
        result
    });
    measured.collect()
}

/// Makes one number wrong: that of another day. Says which; `None` where no value would differ.
fn wrong_one(
    seed: u64,
    told: &mut [ReportedResult],
    patient: &ToldPatient,
    specimen: &OrderedSpecimen,
    fate: Fate,
) -> Option<usize> {
    for (nth, test) in specimen.tests.iter().enumerate() {
        let right = &told[nth];
        if right.value.number().is_none() {
            continue;
        }
        for other in 1..9 {
            let wanted = Test {
                code: &test.code,
                name: &test.name,
                patient: &patient.number,
                sex: patient.sex,
                specimen: &format!("{}/{other}", specimen.number),
            };
            let at = right.analysed_at.unwrap_or_default();
            let wrong = measure(seed.wrapping_add(other), &wanted, fate, at);
            if wrong.value != right.value && wrong.value.number().is_some() {
                told[nth] = wrong;
                return Some(nth);
            }
        }
    }
    None
}
