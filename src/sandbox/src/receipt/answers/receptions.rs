//! acceptmodv2: accepting, taking back, naming, asking.

use exchange::orca::acceptmodv2::{self, Fee, Reply};
use exchange::orca::{ApiResult, Node};

use super::{date, time};
use crate::receipt::books::{Books, Line};
use crate::receipt::counter::{Accepted, Pointer, Wanted, WantedInsurance};
use crate::receipt::refusal::{Refusal, accept as refused, common};

const MOST_COMBINATIONS: usize = 30;

pub(super) fn answer(books: &Books, class: &str, asked: &Node) -> Result<String, Refusal> {
    // The old `class` in the query still works beside the newer field.
    let number = match asked.text("Request_Number") {
        "" => class,
        number => number,
    };
    match number {
        "00" => {
            let line = books.query(&pointer(asked)?)?;
            Ok(queried(books, line))
        }
        "01" => Ok(accepted(books, "受付登録終了", books.accept(&wanted(asked)?)?)),
        "02" => {
            if asked.text("Patient_ID").is_empty() && asked.text("WholeName").is_empty() {
                return Err(refused::NO_ID);
            }
            Ok(write(books, ApiResult::new("00", "受付取消終了"), books.cancel(&pointer(asked)?)?))
        }
        "03" => {
            if asked.text("Medical_Information").is_empty() {
                return Err(refused::NO_CONTENT);
            }
            let assigned = books.assign(asked.text("Acceptance_Id"), &wanted(asked)?)?;
            Ok(accepted(books, "受付更新終了", assigned))
        }
        _ => Err(common::NO_CLASS),
    }
}

fn wanted(asked: &Node) -> Result<Wanted, Refusal> {
    let text = |name| asked.text(name).to_owned();
    Ok(Wanted {
        patient: text("Patient_ID"),
        name: text("WholeName"),
        date: date(asked.text("Acceptance_Date")).map_err(|()| refused::BAD_DATE)?,
        time: time(asked.text("Acceptance_Time")).map_err(|()| refused::BAD_TIME)?,
        department: text("Department_Code"),
        physician: text("Physician_Code"),
        content: text("Medical_Information"),
        insurance: asked.get("HealthInsurance_Information").map(insurance).unwrap_or_default(),
        appointment: None,
        at_screen: false,
    })
}

fn insurance(asked: &Node) -> WantedInsurance {
    let text = |name| asked.text(name).to_owned();
    WantedInsurance {
        combination: text("Insurance_Combination_Number"),
        class: text("InsuranceProvider_Class"),
        insurer: text("InsuranceProvider_Number"),
        public: asked
            .rows("PublicInsurance_Information")
            .map(|row| {
                let text = |name| row.text(name).to_owned();
                (text("PublicInsurance_Class"), text("PublicInsurer_Number"))
            })
            .collect(),
    }
}

fn pointer(asked: &Node) -> Result<Pointer, Refusal> {
    let text = |name| asked.text(name).to_owned();
    let combination = asked
        .get("HealthInsurance_Information")
        .map(|insurance| insurance.text("Insurance_Combination_Number").to_owned());
    Ok(Pointer {
        patient: text("Patient_ID"),
        date: date(asked.text("Acceptance_Date")).map_err(|()| refused::BAD_DATE)?,
        time: time(asked.text("Acceptance_Time")).map_err(|()| refused::BAD_TIME)?,
        id: text("Acceptance_Id"),
        department: text("Department_Code"),
        combination: combination.unwrap_or_default(),
        at_screen: false,
    })
}

/// Done; with the code of the first thing that was filled in, if any.
fn accepted(books: &Books, message: &str, accepted: Accepted) -> String {
    let code = accepted.filled.first().map_or("00", |(code, _)| code);
    let mut reply = reply(books, ApiResult::new(code, message), accepted.line);
    reply.messages = accepted.filled.iter().map(|(_, message)| (*message).to_owned()).collect();
    acceptmodv2::write_reply(&reply)
}

fn write(books: &Books, result: ApiResult, line: Line) -> String {
    acceptmodv2::write_reply(&reply(books, result, line))
}

/// The reception with the fee that would be charged; a paid one comes without, and says so.
fn queried(books: &Books, line: Line) -> String {
    if line.visit.accounted.is_some() {
        let Refusal { code, message } = refused::ALREADY_PAID;
        return write(books, ApiResult::new(code, message), line);
    }
    let fee = fee(books, &line);
    let mut reply = reply(books, ApiResult::ok(), line);
    reply.fee = Some(fee);
    acceptmodv2::write_reply(&reply)
}

/// First visit, return visit, or the second of the day.
fn fee(books: &Books, line: &Line) -> Fee {
    let fee = |class: &str, class_name: &str, code: &str, name: &str| Fee {
        class: class.to_owned(),
        class_name: class_name.to_owned(),
        code: code.to_owned(),
        name: name.to_owned(),
    };
    let seen_today = books.lines(line.visit.date).iter().any(|other| {
        other.visit.accounted.is_some()
            && other.visit.patient == line.visit.patient
            && other.visit.id != line.visit.id
    });
    let known = line.patient.as_ref().is_some_and(|patient| patient.first_visit.is_some());
    match (known, seen_today) {
        (_, true) => fee("120", "再診料", "112008350", "同日再診料"),
        (true, false) => fee("120", "再診料", "112007410", "再診料"),
        (false, false) => fee("110", "初診料", "111000110", "初診料"),
    }
}

fn reply(books: &Books, result: ApiResult, line: Line) -> Reply {
    let mut insurance =
        line.patient.as_ref().map(|patient| patient.insurance.clone()).unwrap_or_default();
    // The combination of this visit stands first; the sort is stable for the others.
    insurance.sort_by_key(|one| Some(&one.number) != line.visit.combination.as_ref());
    insurance.truncate(MOST_COMBINATIONS);
    Reply {
        date: Some(line.visit.date),
        time: Some(line.visit.time),
        id: Some(line.visit.id_text()),
        person: Some(line.person()),
        department: line.department,
        physician: line.physician,
        content: line.content.code,
        insurance,
        ..Reply::refused(Some(books.clock.now()), result)
    }
}
