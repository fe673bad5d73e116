//! Reading results: whoever wrote them, in whichever order.

use clinical::lab::{
    LabReport, ReferenceRange, ReportedResult, ResultStatus, ResultValue, SpecimenNumber,
    ToldPatient,
};
use jiff::civil::DateTime;

use super::error::Hl7Error;
use super::fields::{Coded, Notes, coded, japanese};
use super::heard::Body;
use super::order::specimen_number;
use super::raw::Segment;
use super::result::{ResultKind, ResultMessage};
use super::{person, value};

/// Reads the body of OUL or ORU.
pub(super) fn take(body: &mut Body) -> Result<ResultMessage, Hl7Error> {
    let kind = match body.kind() {
        ("ORU", _) => ResultKind::ByOrder,
        _ => ResultKind::BySpecimen,
    };
    let head = body.take_head();
    let mut reader = Reader { kind, ..Reader::default() };
    for segment in body.walk() {
        reader.segment(&segment, body)?;
    }
    let reports = reader.finish(&mut body.notes);
    if reports.iter().all(|report| report.results.is_empty()) {
        return Err(Hl7Error::field("OBX", "the message tells no result"));
    }
    Ok(ResultMessage { head, kind, reports })
}

/// A request with its results, before it is known which specimen it belongs to.
#[derive(Default)]
struct Group {
    specimen: Option<usize>,
    patient: ToldPatient,
    placer: String,
    filler: String,
    code: Option<Coded>,
    status: Option<ResultStatus>,
    collected_at: Option<DateTime>,
    reported_at: Option<DateTime>,
    comments: Vec<String>,
    results: Vec<ReportedResult>,
    has_orc: bool,
    has_obr: bool,
    has_obx: bool,
}

#[derive(Default)]
struct Specimen {
    number: String,
    collected_at: Option<DateTime>,
    comments: Vec<String>,
}

/// What a comment belongs to.
#[derive(Default, Clone, Copy)]
enum Last {
    #[default]
    Message,
    Specimen,
    Group,
    Result,
    /// A line that told no result.
    Skipped,
}

#[derive(Default)]
struct Reader {
    kind: ResultKind,
    patient: ToldPatient,
    comments: Vec<String>,
    specimens: Vec<Specimen>,
    /// The specimen of what follows.
    current: Option<usize>,
    groups: Vec<Group>,
    /// Whether the last group still takes what comes.
    open: bool,
    last: Last,
}

impl Reader {
    fn segment(&mut self, segment: &Segment, body: &mut Body) -> Result<(), Hl7Error> {
        match segment.name.as_str() {
            "PID" => {
                self.patient = person::read(segment, &mut body.notes);
                (self.current, self.open, self.last) = (None, false, Last::Message);
            }
            "SPM" => self.specimen(segment, &mut body.notes),
            "SAC" => self.container(segment),
            "ORC" => {
                let group = self.group(|group| group.has_orc || group.has_obx);
                group.has_orc = true;
                group.numbers(segment);
            }
            "OBR" => self.request(segment, &mut body.notes),
            "OBX" => self.result(segment, &mut body.notes)?,
            "NTE" => self.comment(japanese(&segment.whole(3))),
            _ => body.keep(segment),
        }
        Ok(())
    }

    /// The group that takes the next segment: the last one, unless it is full.
    fn group(&mut self, full: impl Fn(&Group) -> bool) -> &mut Group {
        if !self.open || self.groups.last().is_none_or(full) {
            self.groups.push(Group {
                specimen: self.current,
                patient: self.patient.clone(),
                ..Group::default()
            });
        }
        self.open = true;
        self.last = Last::Group;
        let at = self.groups.len() - 1;
        &mut self.groups[at]
    }

    fn specimen(&mut self, segment: &Segment, notes: &mut Notes) {
        self.specimens.push(Specimen {
            number: specimen_number(segment),
            collected_at: notes.moment(segment, 17),
            comments: segment
                .repetitions(14)
                .map(|part| japanese(&part.whole()))
                .filter(|text| !text.is_empty())
                .collect(),
        });
        let own = self.specimens.len() - 1;
        self.last = Last::Specimen;
        // By order the specimen follows its results; by specimen it leads them.
        let behind = self.groups.last_mut().filter(|group| {
            self.kind == ResultKind::ByOrder
                && self.open
                && group.has_obx
                && group.specimen.is_none()
        });
        if let Some(group) = behind {
            group.specimen = Some(own);
        } else {
            self.current = Some(own);
        }
        self.open = false;
    }

    fn container(&mut self, segment: &Segment) {
        let number = segment.first(3).sub(1, 1);
        if let Some(specimen) = self.specimens.last_mut().filter(|s| s.number.is_empty()) {
            specimen.number = number;
        }
    }

    fn request(&mut self, segment: &Segment, notes: &mut Notes) {
        let group = self.group(|group| group.has_obr || group.has_obx);
        group.has_obr = true;
        group.numbers(segment);
        group.code = coded(segment.first(4));
        group.collected_at = notes.moment(segment, 7);
        group.reported_at = notes.moment(segment, 22);
        group.status = notes.status(segment, 25, ResultStatus::Final);
    }

    fn result(&mut self, segment: &Segment, notes: &mut Notes) -> Result<(), Hl7Error> {
        if !self.open {
            notes.warn(segment, 0, "a result without an OBR before it");
        }
        let group = self.group(|_| false);
        group.has_obx = true;
        let default = group.status.unwrap_or(ResultStatus::Final);
        let Some(status) = notes.status(segment, 11, default) else {
            notes.warn(segment, 11, "no result yet; left out");
            self.last = Last::Skipped;
            return Ok(());
        };
        let code = coded(segment.first(3)).or_else(|| {
            notes.warn(segment, 3, "no test is named; taken from OBR-4");
            group.code.clone()
        });
        let coded = code.ok_or_else(|| Hl7Error::field(segment.place(3), "no test is named"))?;
        let (value, remark) = value::read(segment, notes);
        if value.is_empty() && status != ResultStatus::Cancelled && remark.is_none() {
            notes.warn(segment, 5, "no value");
        }
        let unit = segment.first(6);
        let words = [unit.component(2), unit.component(1)];
        group.results.push(ReportedResult {
            code: coded.code,
            name: coded.name,
            value: ResultValue(value),
            unit: words.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
            range: ReferenceRange(segment.whole(7)),
            flag: notes.flag(segment, 8),
            status,
            analysed_at: notes.moment(segment, 19),
            comments: remark.map(str::to_owned).into_iter().collect(),
        });
        if group.collected_at.is_none() {
            group.collected_at = notes.moment(segment, 14);
        }
        self.last = Last::Result;
        Ok(())
    }

    fn comment(&mut self, text: String) {
        if text.is_empty() {
            return;
        }
        let group = self.groups.last_mut();
        let place = match (self.last, group) {
            (Last::Result, Some(group)) => group.results.last_mut().map(|r| &mut r.comments),
            (Last::Group | Last::Skipped, Some(group)) => Some(&mut group.comments),
            (Last::Specimen, _) => self.specimens.last_mut().map(|s| &mut s.comments),
            _ => None,
        };
        place.unwrap_or(&mut self.comments).push(text);
    }

    /// One report for each specimen, in the order of the message.
    fn finish(self, notes: &mut Notes) -> Vec<LabReport> {
        let mut reports: Vec<LabReport> = Vec::new();
        for group in self.groups {
            let specimen = group.specimen.and_then(|at| self.specimens.get(at));
            let number = match specimen.filter(|specimen| !specimen.number.is_empty()) {
                Some(specimen) => specimen.number.clone(),
                None => from_placer(&group.placer),
            };
            let same = |r: &LabReport| r.specimen == number && r.patient == group.patient;
            let at = reports.iter().position(same).unwrap_or_else(|| {
                reports.push(LabReport {
                    specimen: number.clone(),
                    placer: String::new(),
                    filler: String::new(),
                    patient: group.patient.clone(),
                    collected_at: None,
                    reported_at: None,
                    comments: self.comments.clone(),
                    results: Vec::new(),
                });
                reports.len() - 1
            });
            let report = &mut reports[at];
            keep(&mut report.placer, group.placer);
            keep(&mut report.filler, group.filler);
            let told = specimen.and_then(|specimen| specimen.collected_at);
            report.collected_at = report.collected_at.or(told).or(group.collected_at);
            report.reported_at = report.reported_at.max(group.reported_at);
            let of_specimen = specimen.map(|s| s.comments.as_slice()).unwrap_or_default();
            for comment in of_specimen.iter().cloned().chain(group.comments) {
                if !report.comments.contains(&comment) {
                    report.comments.push(comment);
                }
            }
            report.results.extend(group.results);
        }
        reports.retain(|report| !report.results.is_empty());
        if reports.iter().any(|report| report.specimen.is_empty()) {
            let reason = "results without a specimen number".to_owned();
            notes.0.push(super::Warning { place: "SPM-2".to_owned(), reason });
        }
        reports
    }
}

impl Group {
    /// Numbers of ORC-2, ORC-3 or OBR-2, OBR-3.
    fn numbers(&mut self, segment: &Segment) {
        keep(&mut self.placer, segment.first(2).sub(1, 1));
        keep(&mut self.filler, segment.first(3).sub(1, 1));
    }
}

fn keep(place: &mut String, text: String) {
    if place.is_empty() {
        *place = text;
    }
}

/// Our own number of a request begins with the tube's; anything else names no tube.
fn from_placer(placer: &str) -> String {
    let tube = placer.get(..12).and_then(|front| SpecimenNumber::parse(front).ok());
    tube.map(|number| number.to_string()).unwrap_or_default()
}
