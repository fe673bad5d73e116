//! acceptlstv2: the receptions of a day.

use exchange::orca::{ApiResult, Node, acceptlstv2};

use super::date;
use crate::receipt::books::{Books, Line};
use crate::receipt::refusal::{Refusal, common, list as refused};

/// Fields of the request's record; one more, and the real one breaks.
pub(super) const FIELDS: [&str; 6] = [
    "Acceptance_Date",
    "Department_Code",
    "Physician_Code",
    "Medical_Information",
    "Display_Order_Sort",
    "Sel_Offset",
];

/// Which receptions a request wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Open,
    Accounted,
    All,
}

pub(super) fn answer(books: &Books, class: &str, asked: &Node) -> Result<String, Refusal> {
    let class = match class {
        "01" => Class::Open,
        "02" => Class::Accounted,
        "03" => Class::All,
        _ => return Err(common::NO_CLASS),
    };
    let today = books.clock.now().date();
    let day = date(asked.text("Acceptance_Date")).map_err(|()| refused::BAD_DATE)?;
    let day = day.unwrap_or(today);
    let (department, physician, content) = (
        asked.text("Department_Code"),
        asked.text("Physician_Code"),
        asked.text("Medical_Information"),
    );
    if !department.is_empty() {
        books.lists.department(department).ok_or(refused::NO_DEPARTMENT)?;
    }
    if !physician.is_empty() {
        books.lists.physician(physician).ok_or(refused::NO_PHYSICIAN)?;
    }
    if !content.is_empty() {
        books.lists.content(content).ok_or(refused::NO_CONTENT)?;
    }
    let offset = match asked.text("Sel_Offset") {
        text if text.is_empty() || class != Class::All => 0,
        text => text.parse().map_err(|_| common::WRONG)?,
    };
    let fits = |line: &Line| {
        let visit = &line.visit;
        let state = match class {
            Class::Open => visit.accounted.is_none(),
            Class::Accounted => visit.accounted.is_some(),
            Class::All => true,
        };
        state
            && (department.is_empty() || visit.department == department)
            && (physician.is_empty() || visit.physician == physician)
            && (content.is_empty() || visit.content == content)
    };
    let mut lines: Vec<Line> = books.lines(day).into_iter().filter(fits).collect();
    lines.sort_by_key(|line| (line.visit.time, line.visit.id));
    let mut lines: Vec<Line> = lines.into_iter().skip(offset).take(books.list_rows).collect();
    if lines.is_empty() {
        return Err(refused::NONE);
    }
    if class == Class::Open {
        for line in &mut lines {
            // Told for closed bills alone.
            line.visit.accounted = None;
        }
    }
    let reply = acceptlstv2::Reply {
        at: Some(books.clock.now()),
        result: ApiResult::ok(),
        date: Some(day),
        rows: lines.into_iter().map(row).collect(),
        warnings: Vec::new(),
    };
    Ok(acceptlstv2::write_reply(&reply))
}

fn row(line: Line) -> acceptlstv2::Row {
    acceptlstv2::Row {
        id: line.visit.id_text(),
        time: line.visit.time,
        person: line.person(),
        department: line.department,
        physician: line.physician,
        content: line.content.code,
        paid_at: line.visit.accounted,
        appointment: line.visit.appointment,
        insurance: line.combination,
        moved_to: None,
    }
}
