//! OML^O33: an order, tube by tube.

use clinical::lab::{LabCode, LabOrder, SpecimenNumber, ToldPatient, TubeState};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::error::Hl7Error;
use super::fields::{coded, write_code};
use super::head::Head;
use super::heard::{Body, Heard};
use super::out::{Out, Written, need, parts};
use super::raw::Segment;
use super::{JLAC10, OWN_CODES, person};

/// An order for a laboratory (OML^O33).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderMessage {
    /// Who writes to whom.
    pub head: Head,
    /// Whether tests are wanted, or no longer.
    pub control: OrderControl,
    /// The clinic's name for the whole order (ORC-4).
    pub group: String,
    /// Whose.
    pub patient: ToldPatient,
    /// The practitioner's name.
    pub orderer: String,
    /// The clinic's name.
    pub clinic: String,
    /// When it was ordered.
    pub ordered_at: Option<DateTime>,
    /// 採取予定日.
    pub collect_on: Option<Date>,
    /// 至急.
    pub urgent: bool,
    /// 絶食.
    pub fasting: bool,
    /// For the laboratory.
    pub comment: String,
    /// Each tube with its tests.
    pub specimens: Vec<OrderedSpecimen>,
}

/// Whether tests are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderControl {
    /// NW.
    New,
    /// CA.
    Cancel,
}

/// A tube on its way to the laboratory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedSpecimen {
    /// Specimen number as on the label.
    pub number: String,
    /// Material by JLAC10, three digits.
    pub material: Option<String>,
    /// Its name.
    pub material_name: String,
    /// The clinic's key of the container.
    pub container: String,
    /// Its name.
    pub container_name: String,
    /// When it was taken.
    pub collected_at: Option<DateTime>,
    /// What is asked for.
    pub tests: Vec<OrderedTest>,
}

/// A test that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedTest {
    /// The clinic's number of it (ORC-2): [`placer_number`].
    pub placer: String,
    /// Codes.
    pub code: LabCode,
    /// Name.
    pub name: String,
    /// Short name; empty where it goes without JLAC10.
    pub abbr: String,
}

/// ORC-2 of an item: its tube's number and its place in the order, from one.
pub fn placer_number(tube: &SpecimenNumber, place: usize) -> String {
    format!("{tube}{place:02}")
}

/// What the clinic's wall clock shows. Japan has one zone and no summer time.
fn wall(at: Timestamp) -> DateTime {
    let shown = jiff::tz::offset(9).to_datetime(at);
    // The message tells seconds.
    shown.date().to_datetime(jiff::civil::time(shown.hour(), shown.minute(), shown.second(), 0))
}

impl OrderMessage {
    /// The message of an order's `tubes`, each with the items that are drawn into it.
    pub fn of(
        head: Head,
        control: OrderControl,
        order: &LabOrder,
        tubes: &[SpecimenNumber],
        patient: ToldPatient,
        clinic: String,
    ) -> Self {
        let specimens =
            order.tubes.iter().filter(|tube| tubes.contains(&tube.number)).map(|tube| {
                let tests = order.items.iter().enumerate();
                let tests = tests.filter(|(_, item)| item.tube.as_ref() == Some(&tube.number));
                OrderedSpecimen {
                    number: tube.number.to_string(),
                    material: tube.material.clone(),
                    material_name: tube.specimen.clone(),
                    container: tube.container.key.clone(),
                    container_name: tube.container.name.clone(),
                    collected_at: match &tube.state {
                        TubeState::Drawn { done, .. } => Some(wall(done.time)),
                        TubeState::Planned | TubeState::NotDrawn { .. } => None,
                    },
                    tests: tests
                        .map(|(at, item)| OrderedTest {
                            placer: placer_number(&tube.number, at + 1),
                            code: item.code.clone(),
                            name: item.name.clone(),
                            abbr: if item.code.jlac10.is_some() {
                                item.abbr.clone()
                            } else {
                                String::new()
                            },
                        })
                        .collect(),
                }
            });
        Self {
            head,
            control,
            group: order.id.to_string(),
            patient,
            orderer: order.on_behalf_of.as_ref().unwrap_or(&order.ordered.by).name.clone(),
            clinic,
            ordered_at: Some(wall(order.ordered.time)),
            collect_on: Some(order.collect_on),
            urgent: order.urgent,
            fasting: order.fasting,
            comment: order.comment.clone(),
            specimens: specimens.collect(),
        }
    }

    /// The message, or what is missing for a laboratory to work with it.
    pub fn write(&self) -> Result<Written, Hl7Error> {
        let mut out = Out::default();
        self.head.write(&mut out, ["OML", "O33", "OML_O33"])?;
        if !self.comment.is_empty() {
            out.segment("NTE").number(1).text(2, "P").text(3, &self.comment);
        }
        person::write(&mut out, &self.patient)?;
        if self.specimens.is_empty() {
            return Err(Hl7Error::field("SPM", "no specimen"));
        }
        let mut tests = 0;
        for (at, specimen) in self.specimens.iter().enumerate() {
            self.write_specimen(&mut out, specimen, at + 1)?;
            for test in &specimen.tests {
                tests += 1;
                self.write_test(&mut out, specimen, test, tests)?;
            }
        }
        Ok(out.finish(self.head.charset))
    }

    fn write_specimen(
        &self,
        out: &mut Out,
        specimen: &OrderedSpecimen,
        at: usize,
    ) -> Result<(), Hl7Error> {
        need(&specimen.number, "SPM-2")?;
        if specimen.tests.is_empty() {
            return Err(Hl7Error::field("ORC", "a specimen without a test"));
        }
        let placer = [specimen.number.as_str(), self.head.sender.facility.as_str()];
        let line = out
            .segment("SPM")
            .number(at)
            .raw(2, placer.map(super::raw::escape).join("&"))
            .raw(4, write_material(specimen.material.as_deref(), &specimen.material_name))
            .date_time(17, specimen.collected_at)
            .text(26, "1");
        if !specimen.container.is_empty() {
            line.parts(27, &[&specimen.container, &specimen.container_name, OWN_CODES]);
        }
        out.segment("SAC").text(3, &specimen.number);
        Ok(())
    }

    fn write_test(
        &self,
        out: &mut Out,
        specimen: &OrderedSpecimen,
        test: &OrderedTest,
        at: usize,
    ) -> Result<(), Hl7Error> {
        need(&test.placer, "ORC-2")?;
        need(&test.code.local, "OBR-4")?;
        let orderer = orderer(&self.orderer);
        out.segment("ORC")
            .text(1, if self.control == OrderControl::New { "NW" } else { "CA" })
            .text(2, &test.placer)
            .text(4, &self.group)
            .date_time(9, self.ordered_at)
            .raw(12, orderer.clone())
            .text(21, &self.clinic)
            .parts(29, &["O", "外来患者オーダ", "HL70482"]);
        let (code, word) = if self.urgent { ("S", "至急") } else { ("R", "ルーチン") };
        out.segment("TQ1").number(1).date(7, self.collect_on).parts(9, &[code, word, "HL70485"]);
        out.segment("OBR")
            .number(at)
            .text(2, &test.placer)
            .raw(4, write_code(&test.code, &test.name, &test.abbr))
            .date_time(7, specimen.collected_at)
            .text(13, if self.fasting { FASTING } else { "" })
            .raw(16, orderer);
        Ok(())
    }

    /// Reads an order as a laboratory does.
    pub fn read(bytes: &[u8]) -> Result<Heard<Self>, Hl7Error> {
        let body = Body::open(bytes)?;
        if body.kind().0 == "OML" { body.read(Self::take) } else { Err(body.wrong("OML^O33")) }
    }

    pub(super) fn take(body: &mut Body) -> Result<Self, Hl7Error> {
        let mut message = Self {
            head: body.take_head(),
            control: OrderControl::New,
            group: String::new(),
            patient: ToldPatient::default(),
            orderer: String::new(),
            clinic: String::new(),
            ordered_at: None,
            collect_on: None,
            urgent: false,
            fasting: false,
            comment: String::new(),
            specimens: Vec::new(),
        };
        let mut controls = Vec::new();
        let mut placer = String::new();
        for segment in body.walk() {
            match segment.name.as_str() {
                "PID" => message.patient = person::read(&segment, &mut body.notes),
                "NTE" => add_line(&mut message.comment, &segment.whole(3)),
                "SPM" => message.specimens.push(read_specimen(&segment, body)),
                "SAC" => message.take_container(&segment),
                "ORC" => {
                    controls.push(segment.text(1));
                    placer = segment.text(2);
                    message.take_orc(&segment, body);
                }
                "TQ1" => {
                    message.collect_on = message.collect_on.or(body.notes.day(&segment, 7));
                    message.urgent |= matches!(segment.text(9).as_str(), "S" | "A");
                }
                "OBR" => message.take_obr(&segment, &placer, body)?,
                "OBX" => body.notes.warn(&segment, 0, "a value in an order; not read"),
                _ => body.keep(&segment),
            }
        }
        message.control = control(&controls)?;
        Ok(message)
    }

    /// The label's number, where the specimen itself has none.
    fn take_container(&mut self, segment: &Segment) {
        if let Some(specimen) = self.specimens.last_mut().filter(|s| s.number.is_empty()) {
            specimen.number = segment.first(3).sub(1, 1);
        }
    }

    fn take_orc(&mut self, segment: &Segment, body: &mut Body) {
        let keep = |place: &mut String, text: String| {
            if place.is_empty() {
                *place = text;
            }
        };
        keep(&mut self.group, segment.first(4).sub(1, 1));
        keep(&mut self.orderer, person_name(segment, 12));
        keep(&mut self.clinic, segment.text(21));
        self.ordered_at = self.ordered_at.or(body.notes.moment(segment, 9));
    }

    fn take_obr(
        &mut self,
        segment: &Segment,
        placer: &str,
        body: &mut Body,
    ) -> Result<(), Hl7Error> {
        let coded = coded(segment.first(4))
            .ok_or_else(|| Hl7Error::field(segment.place(4), "no test is named"))?;
        let Some(specimen) = self.specimens.last_mut() else {
            return Err(Hl7Error::field(segment.place(0), "a test before the first specimen"));
        };
        self.fasting |= segment.text(13) == FASTING;
        let own = segment.text(2);
        if own != placer && !own.is_empty() && !placer.is_empty() {
            body.notes.warn(segment, 2, "another number than in ORC-2");
        }
        let placer = if placer.is_empty() { own } else { placer.to_owned() };
        let (code, name, abbr) = (coded.code, coded.name, coded.abbr);
        specimen.tests.push(OrderedTest { placer, code, name, abbr });
        Ok(())
    }
}

/// OBR-13 of a patient who has eaten nothing.
const FASTING: &str = "絶食";

fn orderer(name: &str) -> String {
    let (family, given) = name.split_once('\u{3000}').unwrap_or((name, ""));
    if name.is_empty() {
        return String::new();
    }
    parts(&["", family, given, "", "", "", "", "", "", "L", "", "", "", "", "I"])
}

fn person_name(segment: &Segment, field: usize) -> String {
    let person = segment.first(field);
    let (family, given) = (person.sub(2, 1), person.component(3));
    if given.is_empty() { family } else { format!("{family}\u{3000}{given}") }
}

/// Material by JLAC10, or by its name alone.
pub(crate) fn write_material(code: Option<&str>, name: &str) -> String {
    match code {
        Some(code) => parts(&[code, name, JLAC10]),
        None if name.is_empty() => parts(&["", "不明"]),
        None => parts(&["", name]),
    }
}

fn read_specimen(segment: &Segment, body: &mut Body) -> OrderedSpecimen {
    let material = segment.first(4);
    let is_jlac = matches!(material.component(3).as_str(), "JC10" | "JLAC10");
    let code = material.component(1);
    let container = segment.first(27);
    OrderedSpecimen {
        number: specimen_number(segment),
        material: (is_jlac && !code.is_empty()).then_some(code),
        material_name: material.component(2),
        container: container.component(1),
        container_name: container.component(2),
        collected_at: body.notes.moment(segment, 17),
        tests: Vec::new(),
    }
}

/// SPM-2: the clinic's number, else the laboratory's.
pub(crate) fn specimen_number(segment: &Segment) -> String {
    let id = segment.first(2);
    let placer = id.sub(1, 1);
    if placer.is_empty() { id.sub(2, 1) } else { placer }
}

fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() && !line.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// One message wants one thing.
fn control(words: &[String]) -> Result<OrderControl, Hl7Error> {
    let all = |word: &str| !words.is_empty() && words.iter().all(|w| w == word);
    if all("NW") {
        Ok(OrderControl::New)
    } else if all("CA") {
        Ok(OrderControl::Cancel)
    } else {
        Err(Hl7Error::field("ORC-1", "neither NW nor CA throughout"))
    }
}
