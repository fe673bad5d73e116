use super::super::samples::{request, today, tube};
use super::*;
use crate::lab::{Container, LabRequestError, TubeState};

fn broken(change: impl FnOnce(&mut LabRequest)) -> LabRequestError {
    let mut request = request();
    change(&mut request);
    request.check(today()).unwrap_err()
}

#[test]
fn what_is_planned_is_right() {
    assert_eq!(request().check(today()), Ok(()));
    let mut other = request();
    other.collect_on = today().tomorrow().unwrap();
    assert_eq!(other.check(today()), Ok(()));
    other.collect_on = jiff::civil::date(2027, 11, 22);
    other.comment = "あ".repeat(LONGEST_TEXT);
    assert_eq!(other.check(today()), Ok(()));
}

#[test]
fn each_rule_is_told() {
    use LabRequestError as Error;
    assert_eq!(broken(|r| r.items.clear()), Error::Empty);
    let many = |r: &mut LabRequest| {
        let first = r.items[0].clone();
        r.items = (0..101)
            .map(|n| {
                let mut item = first.clone();
                item.code.local = format!("I{n}");
                item
            })
            .collect();
        r.tubes.truncate(1);
    };
    assert_eq!(broken(many), Error::TooMany);
    assert_eq!(broken(|r| r.items[1].code = r.items[0].code.clone()), Error::Twice);
    assert_eq!(broken(|r| r.items[0].tube = None), Error::NoTube);
    assert_eq!(broken(|r| r.items[0].tube = Some(tube(9))), Error::NoTube);
    assert_eq!(broken(|r| r.items[0].reported = Reported::Final), Error::BadTube);
    assert_eq!(broken(|r| r.items.truncate(2)), Error::BadTube, "a tube without use");
    assert_eq!(broken(|r| r.tubes.push(r.tubes[0].clone())), Error::BadTube, "twice");
    assert_eq!(broken(|r| r.tubes[0].labels = 1), Error::BadTube);
    let accepted = AtLab::Accepted { time: jiff::Timestamp::UNIX_EPOCH, filler: String::new() };
    assert_eq!(broken(|r| r.tubes[0].lab = accepted), Error::BadTube);
    let done =
        crate::lab::Done { by: super::super::samples::nurse(), time: jiff::Timestamp::UNIX_EPOCH };
    let drawn = TubeState::Drawn { done, identified: crate::lab::Identified::Card };
    assert_eq!(broken(|r| r.tubes[0].state = drawn), Error::BadTube);
    assert_eq!(broken(|r| r.comment = "あ".repeat(201)), Error::BadText);
    assert_eq!(broken(|r| r.comment = "a\nb".to_owned()), Error::BadText);
    assert_eq!(broken(|r| r.items[0].name.clear()), Error::BadText);
    assert_eq!(broken(|r| r.items[0].code.jlac10 = Some("\u{1b}".to_owned())), Error::BadText);
    let container = |c: &mut Container| c.name = "\r".to_owned();
    assert_eq!(broken(|r| container(&mut r.tubes[0].container)), Error::BadText);
    assert_eq!(broken(|r| r.collect_on = today().yesterday().unwrap()), Error::BadDay);
    assert_eq!(broken(|r| r.collect_on = jiff::civil::date(2027, 11, 23)), Error::BadDay);
}

#[test]
fn a_hundred_items_fit() {
    let mut request = request();
    let first = request.items[0].clone();
    request.tubes.truncate(1);
    request.items = (0..100)
        .map(|n| {
            let mut item = first.clone();
            item.code.local = format!("I{n}");
            item
        })
        .collect();
    assert_eq!(request.check(today()), Ok(()));
}

#[test]
fn a_reason_of_its_own_wants_words() {
    let not_drawn = |reason, note: &str| {
        LabAct::NotDrawn { tube: tube(1), reason, note: note.to_owned() }.check_form()
    };
    assert_eq!(not_drawn(NotDrawn::Difficult, ""), Ok(()));
    assert_eq!(not_drawn(NotDrawn::Other, "  "), Err(LabRequestError::BadText));
    assert_eq!(not_drawn(NotDrawn::Other, "後日"), Ok(()));
    let long = LabAct::Cancel { reason: "x".repeat(201) };
    assert_eq!(long.check_form(), Err(LabRequestError::BadText));
}
