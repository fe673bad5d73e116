//! The patient profile in words: what an item holds, who wrote it, where it comes from.

use clinical::Staff;
use clinical::calendar;
use clinical::profile::{
    Abo, Allergy, AllergyCategory, BloodType, CareLevel, Field, FieldValue, Infection,
    InfectionKind, InfectionResult, Informant, MeasurementValue, ProfileKind, ProfileValue, Rh,
    Severity, Source, Tenths,
};
use jiff::civil::Date;

use crate::app::model::Desk;
use crate::i18n::Lang;

/// Key of a kind's name.
pub fn kind_key(kind: ProfileKind) -> &'static str {
    match kind {
        ProfileKind::Allergy => "profile.allergy",
        ProfileKind::Contraindication => "profile.contraindication",
        ProfileKind::BloodPressure => "profile.blood_pressure",
        ProfileKind::Pulse => "profile.pulse",
        ProfileKind::Temperature => "profile.temperature",
        ProfileKind::Height => "profile.height",
        ProfileKind::Weight => "profile.weight",
        ProfileKind::BloodType => "profile.blood_type",
        ProfileKind::Infection => "profile.infection",
        ProfileKind::PastHistory => "profile.past_history",
        ProfileKind::Vaccination => "profile.vaccination",
        ProfileKind::CareLevel => "profile.care_level",
        ProfileKind::Disability => "profile.disability",
    }
}

/// Key of a source's name: 院内, レセコン, 全国.
pub fn source_key(source: Source) -> &'static str {
    match source {
        Source::Clinic => "source.clinic",
        Source::ReceiptComputer => "source.receipt_computer",
        Source::National => "source.national",
    }
}

/// Key of the name of a kind of allergy: 薬剤アレルギー.
pub fn category_key(category: AllergyCategory) -> &'static str {
    match category {
        AllergyCategory::Drug => "allergy.drug",
        AllergyCategory::Food => "allergy.food",
        AllergyCategory::Environment => "allergy.environment",
    }
}

fn severity_key(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "severity.low",
        Severity::High => "severity.high",
        Severity::UnableToAssess => "severity.unable_to_assess",
    }
}

fn informant_key(informant: Informant) -> &'static str {
    match informant {
        Informant::Patient => "informant.patient",
        Informant::Family => "informant.family",
        Informant::Document => "informant.document",
        Informant::Observed => "informant.observed",
    }
}

/// Key of an infection's name.
pub fn infection_key(kind: InfectionKind) -> &'static str {
    match kind {
        InfectionKind::Hbv => "infection.hbv",
        InfectionKind::Hcv => "infection.hcv",
        InfectionKind::Hiv => "infection.hiv",
        InfectionKind::Syphilis => "infection.syphilis",
        InfectionKind::Mrsa => "infection.mrsa",
        InfectionKind::Tuberculosis => "infection.tuberculosis",
        InfectionKind::Other => "infection.other",
    }
}

/// Key of a test's result.
pub fn result_key(result: InfectionResult) -> &'static str {
    match result {
        InfectionResult::Positive => "result.positive",
        InfectionResult::Negative => "result.negative",
        InfectionResult::Indeterminate => "result.indeterminate",
        InfectionResult::Unknown => "result.unknown",
    }
}

/// Key of a long-term-care level's name.
pub fn level_key(level: CareLevel) -> &'static str {
    match level {
        CareLevel::Independent => "care_level.independent",
        CareLevel::Support1 => "care_level.support1",
        CareLevel::Support2 => "care_level.support2",
        CareLevel::Care1 => "care_level.care1",
        CareLevel::Care2 => "care_level.care2",
        CareLevel::Care3 => "care_level.care3",
        CareLevel::Care4 => "care_level.care4",
        CareLevel::Care5 => "care_level.care5",
    }
}

/// What the value is about: `血圧`, `薬剤アレルギー`.
pub fn caption(desk: &Desk, value: &ProfileValue) -> &'static str {
    match value {
        ProfileValue::Allergy(allergy) => desk.t(category_key(allergy.category)),
        other => desk.t(kind_key(other.kind())),
    }
}

/// The value alone, as it stands on a card: `152/88 mmHg`, `ペニシリン系（発疹）`.
pub fn value(desk: &Desk, value: &ProfileValue) -> String {
    match value {
        ProfileValue::Measurement(m) => measured(desk, m.value),
        ProfileValue::BloodType(blood) => blood_words(desk, blood),
        ProfileValue::Allergy(allergy) => allergy_words(desk, allergy),
        ProfileValue::Contraindication(drug) => with_more(&drug.drug, &drug.reason),
        ProfileValue::PastHistory(past) => past.text.clone(),
        ProfileValue::Infection(infection) => infection_words(desk, infection),
        ProfileValue::Vaccination(v) => match v.dose {
            Some(n) => {
                let dose = desk.fill("vaccination.dose", &[("n", &n.to_string())]);
                format!("{}　{dose}", v.vaccine)
            }
            None => v.vaccine.clone(),
        },
        ProfileValue::Disability(d) => with_more(&d.text, &d.grade),
        ProfileValue::CareLevel(c) => desk.t(level_key(c.level)).to_owned(),
    }
}

/// Caption and value on one line: `血圧　152/88 mmHg`.
pub fn words(desk: &Desk, what: &ProfileValue) -> String {
    format!("{}　{}", caption(desk, what), value(desk, what))
}

/// Everything else that the value holds, one remark each: since when, how it is known, lot numbers.
pub fn notes(desk: &Desk, value: &ProfileValue) -> Vec<String> {
    let mut notes = Vec::new();
    match value {
        ProfileValue::Measurement(m) => {
            notes.push(desk.fill("measurement.at", &[("time", &desk.clock_words(m.measured_at))]));
        }
        ProfileValue::BloodType(_) => {}
        ProfileValue::Allergy(allergy) => allergy_notes(desk, allergy, &mut notes),
        ProfileValue::Contraindication(drug) => {
            notes.extend(drug.drug_code.as_ref().map(|code| coded(desk, code)));
        }
        ProfileValue::PastHistory(past) => {
            notes.extend(term(desk, past.onset, past.ended));
            notes.push(past.note.clone());
        }
        ProfileValue::Infection(infection) => {
            let tested = infection.tested_on.map(|d| day(desk, d));
            notes.extend(tested.map(|d| desk.fill("infection.tested", &[("date", &d)])));
            notes.push(infection.note.clone());
        }
        ProfileValue::Vaccination(v) => {
            notes.push(day(desk, v.given_on));
            if !v.lot.is_empty() {
                notes.push(desk.fill("vaccination.lot", &[("lot", &v.lot)]));
            }
        }
        ProfileValue::Disability(d) => notes.extend(term(desk, d.since, None)),
        ProfileValue::CareLevel(c) => notes.extend(term(desk, Some(c.valid_from), c.valid_to)),
    }
    notes.retain(|note| !note.trim().is_empty());
    notes
}

fn allergy_notes(desk: &Desk, allergy: &Allergy, notes: &mut Vec<String>) {
    notes.extend(allergy.severity.map(|s| desk.t(severity_key(s)).to_owned()));
    notes.extend(allergy.informant.map(|i| desk.t(informant_key(i)).to_owned()));
    notes.extend(term(desk, allergy.onset, None));
    notes.extend(allergy.allergen.jfagy.as_ref().map(|code| coded(desk, code)));
}

/// What, with how it shows; that it is severe is said wherever the allergy is.
fn allergy_words(desk: &Desk, allergy: &Allergy) -> String {
    let severe = (allergy.severity == Some(Severity::High)).then(|| desk.t("severity.severe"));
    let parts: Vec<&str> =
        severe.into_iter().chain([allergy.reaction.as_str()]).filter(|p| !p.is_empty()).collect();
    with_more(&allergy.allergen.text, &parts.join("・"))
}

fn coded(desk: &Desk, code: &str) -> String {
    desk.fill("profile.code", &[("code", code)])
}

fn with_more(text: &str, more: &str) -> String {
    if more.is_empty() { text.to_owned() } else { format!("{text}（{more}）") }
}

/// A number as it is said: whole ones without their decimal place.
pub fn number(tenths: Tenths) -> String {
    if tenths.0.is_multiple_of(10) { (tenths.0 / 10).to_string() } else { tenths.to_string() }
}

/// A measured value with its unit: `68.4 kg`.
pub fn measured(desk: &Desk, value: MeasurementValue) -> String {
    match value {
        MeasurementValue::Height(cm) => format!("{} {}", number(cm), desk.t("unit.cm")),
        MeasurementValue::Weight(kg) => format!("{} {}", number(kg), desk.t("unit.kg")),
        MeasurementValue::BloodPressure { systolic, diastolic } => {
            format!("{systolic}/{diastolic} {}", desk.t("unit.mmhg"))
        }
        MeasurementValue::Pulse(beats) => format!("{beats} {}", desk.t("unit.per_minute")),
        MeasurementValue::Temperature(degrees) => format!("{degrees} {}", desk.t("unit.celsius")),
    }
}

fn blood_words(desk: &Desk, blood: &BloodType) -> String {
    let abo = blood.abo.map_or("blood.abo_unknown", abo_key);
    let rh = blood.rh.map_or("blood.rh_unknown", rh_key);
    format!("{}　{}", desk.t(abo), desk.t(rh))
}

fn infection_words(desk: &Desk, infection: &Infection) -> String {
    let name = match infection.kind {
        InfectionKind::Other => infection.name.as_str(),
        kind => desk.t(infection_key(kind)),
    };
    format!("{name}　{}", desk.t(result_key(infection.result)))
}

/// A day as it is written in running text: `令和8年11月22日`.
pub fn day(desk: &Desk, date: Date) -> String {
    match desk.lang {
        Lang::Ja => calendar::wareki(date),
        Lang::En => date.to_string(),
    }
}

/// A day in little room: `R8.11.22`, this year's as `11/22`.
pub fn short_day(desk: &Desk, date: Date) -> String {
    if date.year() == desk.today().year() {
        return format!("{}/{}", date.month(), date.day());
    }
    match desk.lang {
        Lang::Ja => calendar::wareki_short(date),
        Lang::En => date.to_string(),
    }
}

/// `令和2年4月1日 から 令和4年3月31日 まで`.
pub fn term(desk: &Desk, from: Option<Date>, to: Option<Date>) -> Option<String> {
    match (from, to) {
        (None, None) => None,
        (Some(from), None) => Some(desk.fill("insurance.since", &[("from", &day(desk, from))])),
        (None, Some(to)) => Some(desk.fill("insurance.until", &[("to", &day(desk, to))])),
        (Some(from), Some(to)) => {
            let (from, to) = (day(desk, from), day(desk, to));
            Some(desk.fill("insurance.term", &[("from", &from), ("to", &to)]))
        }
    }
}

/// Who wrote it, and in whose name: `受付係 → 院長`.
pub fn author(author: &Staff, on_behalf_of: Option<&Staff>) -> String {
    match on_behalf_of {
        Some(practitioner) => format!("{} → {}", author.name, practitioner.name),
        None => author.name.clone(),
    }
}

/// Key of a field's name.
pub fn field_key(field: Field) -> &'static str {
    match field {
        Field::Height => "field.height",
        Field::Weight => "field.weight",
        Field::Systolic => "field.systolic",
        Field::Diastolic => "field.diastolic",
        Field::Pulse => "field.pulse",
        Field::Temperature => "field.temperature",
        Field::MeasuredAt => "field.measured_at",
        Field::Abo => "field.abo",
        Field::Rh => "field.rh",
        Field::Category => "field.category",
        Field::Allergen => "field.allergen",
        Field::AllergenCode => "field.allergen_code",
        Field::Severity => "field.severity",
        Field::Reaction => "field.reaction",
        Field::Onset => "field.onset",
        Field::Informant => "field.informant",
        Field::Drug => "field.drug",
        Field::DrugCode => "field.drug_code",
        Field::DrugReason => "field.drug_reason",
        Field::Illness => "field.illness",
        Field::Ended => "field.ended",
        Field::Note => "field.note",
        Field::Infection => "field.infection",
        Field::InfectionName => "field.infection_name",
        Field::InfectionResult => "field.infection_result",
        Field::TestedOn => "field.tested_on",
        Field::Vaccine => "field.vaccine",
        Field::Lot => "field.lot",
        Field::GivenOn => "field.given_on",
        Field::Dose => "field.dose",
        Field::Disability => "field.disability",
        Field::Grade => "field.grade",
        Field::Since => "field.since",
        Field::CareLevel => "field.care_level",
        Field::ValidFrom => "field.valid_from",
        Field::ValidTo => "field.valid_to",
        Field::EntryReason => "field.entry_reason",
    }
}

/// The unit in which a field counts; empty where it counts nothing.
pub fn unit(desk: &Desk, field: Field) -> &'static str {
    match field {
        Field::Height => desk.t("unit.cm"),
        Field::Weight => desk.t("unit.kg"),
        Field::Systolic | Field::Diastolic => desk.t("unit.mmhg"),
        Field::Pulse => desk.t("unit.per_minute"),
        Field::Temperature => desk.t("unit.celsius"),
        Field::Dose => desk.t("unit.times"),
        _ => "",
    }
}

/// What stands in a field, with its unit: for what changed between two contents.
pub fn field_value(desk: &Desk, field: Field, value: &FieldValue) -> String {
    let words = match value {
        FieldValue::Text(text) => text.clone(),
        // A temperature is read with its tenths, also at 37.0.
        FieldValue::Tenths(tenths) if field == Field::Temperature => tenths.to_string(),
        FieldValue::Tenths(tenths) => number(*tenths),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Date(date) => day(desk, *date),
        FieldValue::Moment(moment) => {
            let at = desk.local(*moment);
            format!("{} {}:{:02}", day(desk, at.date()), at.hour(), at.minute())
        }
        FieldValue::Abo(abo) => desk.t(abo_key(*abo)).to_owned(),
        FieldValue::Rh(rh) => desk.t(rh_key(*rh)).to_owned(),
        FieldValue::Category(category) => desk.t(category_key(*category)).to_owned(),
        FieldValue::Severity(severity) => desk.t(severity_key(*severity)).to_owned(),
        FieldValue::Informant(informant) => desk.t(informant_key(*informant)).to_owned(),
        FieldValue::Infection(infection) => desk.t(infection_key(*infection)).to_owned(),
        FieldValue::InfectionResult(result) => desk.t(result_key(*result)).to_owned(),
        FieldValue::CareLevel(level) => desk.t(level_key(*level)).to_owned(),
    };
    match unit(desk, field) {
        "" => words,
        unit => format!("{words} {unit}"),
    }
}

fn abo_key(abo: Abo) -> &'static str {
    match abo {
        Abo::A => "blood.a",
        Abo::B => "blood.b",
        Abo::O => "blood.o",
        Abo::Ab => "blood.ab",
    }
}

fn rh_key(rh: Rh) -> &'static str {
    match rh {
        Rh::Positive => "blood.rh_positive",
        Rh::Negative => "blood.rh_negative",
    }
}
