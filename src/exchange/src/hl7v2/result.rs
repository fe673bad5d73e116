//! OUL^R22 and ORU^R01: results.

use clinical::lab::{Flag, LabReport, ReportedResult, ResultStatus};
use serde::{Deserialize, Serialize};

use super::error::Hl7Error;
use super::fields::write_code;
use super::head::Head;
use super::heard::{Body, Heard};
use super::order::write_material;
use super::out::{Out, Written, need, parts};
use super::{person, result_reader, value};

/// Results of a laboratory, specimen by specimen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultMessage {
    /// Who writes to whom.
    pub head: Head,
    /// In which of the two forms.
    pub kind: ResultKind,
    /// One for each specimen.
    pub reports: Vec<LabReport>,
}

/// The two messages that carry results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultKind {
    /// OUL^R22: by specimen.
    #[default]
    BySpecimen,
    /// ORU^R01: by order.
    ByOrder,
}

impl ResultMessage {
    /// The event for an acknowledgement: `R22` or `R01`.
    pub fn event(&self) -> &'static str {
        match self.kind {
            ResultKind::BySpecimen => "R22",
            ResultKind::ByOrder => "R01",
        }
    }

    /// The message, or what is missing in it. All reports of one message are one patient's.
    pub fn write(&self) -> Result<Written, Hl7Error> {
        let mut out = Out::default();
        let (code, structure) = match self.kind {
            ResultKind::BySpecimen => ("OUL", "OUL_R22"),
            ResultKind::ByOrder => ("ORU", "ORU_R01"),
        };
        self.head.write(&mut out, [code, self.event(), structure])?;
        let first = self.reports.first().ok_or(Hl7Error::field("SPM", "no specimen"))?;
        if self.reports.iter().any(|report| report.patient != first.patient) {
            return Err(Hl7Error::field("PID", "more than one patient"));
        }
        person::write(&mut out, &first.patient)?;
        let mut number = 0;
        for (at, report) in self.reports.iter().enumerate() {
            if report.results.is_empty() {
                return Err(Hl7Error::field("OBX", "a specimen without a result"));
            }
            if self.kind == ResultKind::BySpecimen {
                write_specimen(&mut out, report, at + 1)?;
            }
            for (nth, result) in report.results.iter().enumerate() {
                number += 1;
                self.write_request(&mut out, report, result, number);
                if nth == 0 {
                    write_comments(&mut out, &report.comments);
                }
                write_result(&mut out, report, result)?;
                if self.kind == ResultKind::ByOrder {
                    write_specimen(&mut out, report, 1)?;
                }
            }
        }
        Ok(out.finish(self.head.charset))
    }

    /// OBR with its ORC: after it by specimen, before it by order.
    fn write_request(
        &self,
        out: &mut Out,
        report: &LabReport,
        result: &ReportedResult,
        number: usize,
    ) {
        let orc = |out: &mut Out| {
            let done = result.status != ResultStatus::Preliminary;
            out.segment("ORC")
                .text(1, "SC")
                .text(2, &report.placer)
                .text(3, &report.filler)
                .text(5, if done { "CM" } else { "IP" });
        };
        if self.kind == ResultKind::ByOrder {
            orc(out);
        }
        out.segment("OBR")
            .number(number)
            .text(2, &report.placer)
            .text(3, &report.filler)
            .raw(4, write_code(&result.code, &result.name, ""))
            .date_time(7, report.collected_at)
            .date_time(22, report.reported_at)
            .text(25, status_code(result.status));
        if self.kind == ResultKind::BySpecimen {
            orc(out);
        }
    }

    /// Reads results in either form.
    pub fn read(bytes: &[u8]) -> Result<Heard<Self>, Hl7Error> {
        let body = Body::open(bytes)?;
        if matches!(body.kind().0, "OUL" | "ORU") {
            body.read(result_reader::take)
        } else {
            Err(body.wrong("OUL^R22 or ORU^R01"))
        }
    }
}

fn write_specimen(out: &mut Out, report: &LabReport, at: usize) -> Result<(), Hl7Error> {
    need(&report.specimen, "SPM-2")?;
    let jlac10 = report.results.iter().find_map(|result| result.code.jlac10.as_deref());
    // Digits 10 to 12 of JLAC10 are the material.
    let material = jlac10.and_then(|code| code.get(9..12));
    out.segment("SPM")
        .number(at)
        .text(2, &report.specimen)
        .raw(4, write_material(material, ""))
        .date_time(17, report.collected_at);
    Ok(())
}

fn write_result(
    out: &mut Out,
    report: &LabReport,
    result: &ReportedResult,
) -> Result<(), Hl7Error> {
    need(&result.code.local, "OBX-3")?;
    let (kind, field) = value::write(&result.value.0);
    if field.is_empty() && result.status != ResultStatus::Cancelled {
        return Err(Hl7Error::field("OBX-5", "a result without a value"));
    }
    let system = if result.unit.is_ascii() { "ISO+" } else { "99UNT" };
    let unit = match result.unit.as_str() {
        "" => String::new(),
        unit => parts(&[unit, unit, system]),
    };
    out.segment("OBX")
        .number(1)
        .text(2, kind)
        .raw(3, write_code(&result.code, &result.name, ""))
        .raw(5, field)
        .raw(6, unit)
        .text(7, &result.range.0)
        .text(8, flag_code(result.flag))
        .text(11, status_code(result.status))
        .date_time(14, report.collected_at)
        .date_time(19, result.analysed_at);
    write_comments(out, &result.comments);
    Ok(())
}

fn write_comments(out: &mut Out, comments: &[String]) {
    for (at, comment) in comments.iter().enumerate() {
        out.segment("NTE").number(at + 1).text(2, "L").text(3, comment);
    }
}

fn flag_code(flag: Flag) -> &'static str {
    match flag {
        Flag::Normal => "N",
        other => other.mark(),
    }
}

fn status_code(status: ResultStatus) -> &'static str {
    match status {
        ResultStatus::Preliminary => "P",
        ResultStatus::Final => "F",
        ResultStatus::Corrected => "C",
        ResultStatus::Cancelled => "X",
    }
}
