//! The day sheet (本日表): today's patients on paper, for the case that the machine must be given up.

use clinical::{Reception, ReceptionState, calendar};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::label::sex_word;
use crate::results::moment;

/// What stands on a day sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaySheet {
    /// Name of the clinic.
    pub clinic: String,
    /// The day.
    pub date: Date,
    /// When the cloud last told the list.
    pub as_of: Timestamp,
    /// Whether the list is the terminal's own copy (端末の控え), since the line is cut.
    pub own_copy: bool,
    /// The moment of printing.
    pub printed_at: Timestamp,
    /// In the order of the list.
    pub rows: Vec<DayRow>,
}

/// One reception on a day sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRow {
    /// The reception.
    pub reception: Reception,
    /// The red bands in words; `None` where this terminal does not know them, which the sheet says.
    pub dangers: Option<Vec<String>>,
}

/// A sheet without patients is printed too: it says that nobody had come.
pub(crate) fn data(sheet: &DaySheet) -> Value {
    let date = sheet.date;
    let rows: Vec<Value> = sheet.rows.iter().map(|row| line(row, date)).collect();
    let waiting = sheet.rows.iter().filter(|row| !row.reception.state.has_gone()).count();
    json!({
        "clinic": sheet.clinic,
        "date": format!("{}（{}）{}", calendar::wareki(date), calendar::weekday_ja(date), date),
        "as_of": moment(sheet.as_of),
        "own_copy": sheet.own_copy,
        "printed_at": moment(sheet.printed_at),
        "rows": rows,
        "waiting": waiting,
    })
}

fn line(row: &DayRow, date: Date) -> Value {
    let reception = &row.reception;
    let age = reception.birth_date.and_then(|birth| calendar::age(birth, date));
    let sex = sex_word(reception.sex);
    json!({
        "time": clock(reception.time),
        "appointment": reception.appointment.map(clock).unwrap_or_default(),
        "number": reception.patient.as_ref().map_or("未登録", |number| number.as_str()),
        "kana": reception.name.kana,
        "kanji": reception.name.kanji,
        "birth": reception.birth_date.map(calendar::wareki_short).unwrap_or_default(),
        "sex_age": age.map_or(sex.to_owned(), |age| format!("{sex}{age}")),
        "physician": reception.physician.name,
        "department": reception.department.name,
        "content": reception.content.name,
        "state": state(reception.state),
        "gone": reception.state.has_gone(),
        "dangers": row.dangers,
    })
}

fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

fn state(state: ReceptionState) -> &'static str {
    match state {
        ReceptionState::Waiting => "受付",
        ReceptionState::InConsultation => "診察中",
        ReceptionState::InExamination => "検査中",
        ReceptionState::AwaitingPayment => "会計待ち",
        ReceptionState::Done => "済",
        ReceptionState::Cancelled => "取消",
    }
}
