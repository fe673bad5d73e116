//! Labels as data for their form.

use clinical::lab::SpecimenNumber;
use clinical::{PatientNumber, calendar, chart_code};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ChartSticker, Dpi, LabelSpec, TubeLabel, sex_word, symbol};
use crate::error::PaperError;
use crate::results::moment;

/// Tube labels.
pub(crate) fn tube_data(labels: &[TubeLabel], spec: &LabelSpec) -> Result<Value, PaperError> {
    let labels = labels.iter().map(|label| tube(label, spec)).collect::<Result<Vec<_>, _>>()?;
    sheet(&labels, spec)
}

fn sheet(labels: &[Value], spec: &LabelSpec) -> Result<Value, PaperError> {
    if labels.is_empty() {
        return Err(PaperError::Nothing);
    }
    let (width, height) = spec.size()?;
    Ok(json!({"dpi": spec.dpi.dots(), "width": width, "height": height, "labels": labels}))
}

fn tube(label: &TubeLabel, spec: &LabelSpec) -> Result<Value, PaperError> {
    Ok(json!({
        "kind": "tube",
        "symbol": symbol::bars(&label.number, spec)?,
        "number": label.number,
        "patient": label.patient_number,
        "kana": label.kana,
        "kanji": label.kanji,
        "sex_age": label.sex_age,
        "collect_on": label.collect_on,
        "container": label.container,
        "colour": label.colour,
        "items": label.items,
        "urgent": label.urgent,
        "copy": label.copy,
    }))
}

/// A chart sticker.
pub(crate) fn sticker_data(sticker: &ChartSticker, spec: &LabelSpec) -> Result<Value, PaperError> {
    let (width, height) = spec.size()?;
    // Modules of 0.37 or 0.34 mm and more, which the cheapest scanner reads from the folder's edge.
    let least = match spec.dpi {
        Dpi::D203 => 3,
        Dpi::D300 => 4,
    };
    let side = height.min(width * 9 / 20);
    let code = symbol::qr(&chart_code::write(&sticker.number), side, least, spec)?;
    let birth = sticker.birth_date.map(|day| json!([calendar::wareki(day), day.to_string()]));
    let label = json!({
        "kind": "sticker",
        "symbol": code,
        "number": sticker.number,
        "kana": sticker.name.kana,
        "kanji": sticker.name.kanji,
        "birth": birth,
        "sex": sex_word(sticker.sex),
    });
    sheet(&[label], spec)
}

/// A label that shows whether a printer is set rightly.
pub(crate) fn test_data(
    printer: &str,
    spec: &LabelSpec,
    at: Timestamp,
) -> Result<Value, PaperError> {
    let unencodable = |_| PaperError::Unencodable { symbol: spec.symbology.name() };
    // The last number of the last terminal, which nobody is given.
    let number = SpecimenNumber::new(calendar::day_of(at), 99, 999).map_err(unencodable)?;
    let patient_number = PatientNumber::parse("0")
        .map_err(|_| PaperError::Unencodable { symbol: spec.symbology.name() })?;
    let label = TubeLabel {
        number,
        patient_number,
        kana: printer.to_owned(),
        kanji: "試し印刷".to_owned(),
        sex_age: String::new(),
        collect_on: moment(at),
        container: format!("{} x {} mm", spec.width_mm, spec.height_mm),
        colour: format!("{} dpi", spec.dpi.dots()),
        items: vec![spec.symbology.name().to_owned()],
        urgent: false,
        copy: 1,
    };
    tube_data(&[label], spec)
}
