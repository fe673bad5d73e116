//! system01lstv2: departments, physicians, the hospital, what a visit can be for.

use exchange::orca::system01lstv2::{self, Content, List, Reply};
use exchange::orca::{ApiResult, Node};

use super::date;
use crate::receipt::books::Books;
use crate::receipt::refusal::{Refusal, common, system as refused};

pub(super) fn answer(books: &Books, class: &str, asked: &Node) -> Result<String, Refusal> {
    // Older callers name the list in the query.
    let number = match asked.text("Request_Number") {
        "" => class,
        number => number,
    };
    let day = date(asked.text("Base_Date")).map_err(|()| common::WRONG)?;
    let day = day.unwrap_or_else(|| books.clock.now().date());
    let content = match List::parse(number) {
        Some(List::Departments) => Content::Departments(books.lists.departments.clone()),
        Some(List::Physicians) => Content::Staff(books.lists.physicians.clone()),
        Some(List::Hospital) => Content::Hospital(Box::new(books.lists.hospital.clone())),
        Some(List::Contents) => Content::Contents(books.lists.contents.clone()),
        // The clinic has no other staff, and does not tell of payment methods or state comments.
        Some(List::Staff) => return Err(refused::NONE),
        None if number == "05" || number == "07" => return Err(refused::NONE),
        None => return Err(common::NO_CLASS),
    };
    let reply = Reply {
        at: Some(books.clock.now()),
        result: ApiResult::ok(),
        date: Some(day),
        content,
        warnings: Vec::new(),
    };
    Ok(system01lstv2::write_reply(&reply))
}
