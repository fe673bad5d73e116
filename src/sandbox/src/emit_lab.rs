//! `emit`: messages with a laboratory.

use clinical::PersonName;
use clinical::lab::ToldPatient;
use exchange::hl7v2::{
    Charset, Head, Lost, OrderControl, OrderMessage, Party, ResultKind, ResultMessage, Written,
};
use jiff::civil::{Date, DateTime, time};
use sandbox::Clinic;
use sandbox::clinic::{DrawnOrder, FACILITY, INSTITUTION_NAME, lab_orders};
use sandbox::lab::{Fate, Stage, course};

use crate::CliError;
use crate::emit::Emitted;

/// Orders, each a message; every tenth takes an order back.
pub(crate) fn orders(
    seed: u64,
    count: usize,
    date: Date,
    charset: Charset,
) -> Result<Vec<Emitted>, CliError> {
    let drawn = drawn(seed, count, date);
    drawn
        .iter()
        .enumerate()
        .map(|(at, drawn)| {
            let control = if at % 10 == 9 { OrderControl::Cancel } else { OrderControl::New };
            let head = head(clinic(), laboratory(), date, "ORDER", at, charset);
            let message = order(drawn, head, control);
            emitted(message.write()?, &message)
        })
        .collect()
}

/// Results: of each order all of one patient in one message, every third by order instead of by specimen, at every stage.
pub(crate) fn results(
    seed: u64,
    count: usize,
    date: Date,
    charset: Charset,
) -> Result<Vec<Emitted>, CliError> {
    let mut messages = Vec::new();
    for (at, drawn) in drawn(seed, count, date).iter().enumerate() {
        let head = head(laboratory(), clinic(), date, "RESULT", at, charset);
        let order = order(drawn, head.clone(), OrderControl::New);
        // Each fate in turn, so that a few messages show all of them.
        let fate = Fate {
            partial: at % 5 == 1,
            corrected: at % 5 == 2,
            haemolysed: at % 5 == 3,
            panic: at % 5 == 4,
            cancelled: at % 7 == 6,
        };
        let wanted = match at % 5 {
            1 => Stage::Partial,
            2 => Stage::Corrected,
            _ => Stage::Full,
        };
        let moment = |stage| reported(date, stage);
        let reports = order.specimens.iter().enumerate().filter_map(|(nth, specimen)| {
            let filler = format!("L{:06}{:02}", at + 1, nth + 1);
            let told = course(seed, &order.patient, specimen, fate, &filler, moment);
            // Not every specimen comes to every stage.
            let stage = told.iter().position(|(stage, _)| *stage == wanted);
            stage.or(told.len().checked_sub(1)).map(|at| told[at].1.clone())
        });
        let kind = if at % 3 == 2 { ResultKind::ByOrder } else { ResultKind::BySpecimen };
        let message = ResultMessage { head, kind, reports: reports.collect() };
        messages.push(emitted(message.write()?, &message)?);
    }
    Ok(messages)
}

fn drawn(seed: u64, count: usize, date: Date) -> Vec<DrawnOrder> {
    lab_orders(seed, &Clinic::generate(seed, count, date), count)
}

fn clinic() -> Party {
    Party { application: "SOEGAKI".to_owned(), facility: FACILITY.to_owned() }
}

fn laboratory() -> Party {
    Party { application: "LIS".to_owned(), facility: "LABCENTER".to_owned() }
}

fn head(
    sender: Party,
    receiver: Party,
    day: Date,
    name: &str,
    at: usize,
    charset: Charset,
) -> Head {
    let control_id = format!("{name}{:06}", at + 1);
    Head { sender, receiver, at: Some(day.to_datetime(time(18, 0, 0, 0))), control_id, charset }
}

fn order(drawn: &DrawnOrder, head: Head, control: OrderControl) -> OrderMessage {
    let tubes: Vec<_> = drawn.order.tubes.iter().map(|tube| tube.number.clone()).collect();
    let patient = carried(drawn.told(), head.charset);
    OrderMessage::of(head, control, &drawn.order, &tubes, patient, INSTITUTION_NAME.to_owned())
}

/// A name as the character set carries it: what stands in the .json is what the message can say.
fn carried(patient: ToldPatient, charset: Charset) -> ToldPatient {
    let name = |text: &str| charset.carry(text).0;
    let name = PersonName { kanji: name(&patient.name.kanji), kana: name(&patient.name.kana) };
    ToldPatient { name, ..patient }
}

fn reported(date: Date, stage: Stage) -> DateTime {
    let days = match stage {
        Stage::Partial => return date.to_datetime(time(17, 40, 0, 0)),
        Stage::Full => 1,
        Stage::Corrected => 2,
    };
    date.saturating_add(jiff::Span::new().days(days)).to_datetime(time(9, 15, 0, 0))
}

fn emitted<T: serde::Serialize>(written: Written, value: &T) -> Result<Emitted, CliError> {
    if let Some(Lost { place, .. }) = written.lost.first() {
        eprintln!("{place}: characters without a place in the character set are written as 〓");
    }
    Ok(Emitted { message: written.bytes, extension: "hl7", value: serde_json::to_value(value)? })
}
