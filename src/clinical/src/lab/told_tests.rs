use jiff::civil::date;

use super::super::samples::{
    at, at_the_lab, doctor, draw, nurse, ordered, report, send, told, tube, version,
};
use super::super::{Flag, LabAct, LabOrderState, LabOutcome, Mismatch, ResultValue};
use super::*;

/// An order at the laboratory, its results, and reports that come one after the other.
struct Place {
    order: LabOrder,
    results: Vec<LabResult>,
    reports: u128,
}

impl Place {
    fn new() -> Self {
        Self { order: at_the_lab(), results: Vec::new(), reports: 0 }
    }

    /// How many are new and how many replaced.
    fn take(&mut self, report: &LabReport) -> (usize, usize) {
        self.reports += 1;
        let arrival = Arrival {
            report: Uuid::from_u128(self.reports),
            received_at: at(1000 + i64::try_from(self.reports).unwrap()),
        };
        let base = self.reports * 100;
        let mut next = base;
        let taken = self.order.take_report(&mut self.results, report, arrival, || {
            next += 1;
            Uuid::from_u128(next)
        });
        (taken.added.len(), taken.replaced.len())
    }

    fn value(&mut self, value: &str, status: ResultStatus) -> (usize, usize) {
        self.take(&report(1, vec![told(1, value, status)]))
    }

    fn standing(&self) -> Vec<&str> {
        let standing = self.results.iter().filter(|result| result.stands());
        standing.map(|result| result.value.0.as_str()).collect()
    }
}

#[test]
fn results_find_their_items() {
    let mut place = Place::new();
    let mut first = report(1, vec![told(1, "20", ResultStatus::Final)]);
    first.comments = vec!["軽度溶血".to_owned()];
    assert_eq!(place.take(&first), (1, 0));
    let result = &place.results[0];
    assert_eq!((result.order, result.abbr.as_str()), (place.order.id, "T1"));
    assert_eq!(result.comments, ["軽度溶血"]);
    // Nobody told when it was taken: the tube knows.
    assert_eq!(result.collected_at, Some(jiff::tz::offset(9).to_datetime(at(2))));
    assert_eq!(place.order.items[0].reported, Reported::Final);
    assert_eq!(place.order.items[1].reported, Reported::NotYet);
    assert_eq!(place.order.unconfirmed, 1);
}

#[test]
fn a_code_that_differs_in_the_method_is_the_ordered_item() {
    let mut place = Place::new();
    let mut other = told(2, "33", ResultStatus::Final);
    let jlac10 = other.code.jlac10.clone().unwrap();
    other.code = LabCode {
        jlac10: Some(format!("{}999{}", &jlac10[..12], &jlac10[15..])),
        local: "0451".to_owned(),
    };
    other.name = "検査センターの名".to_owned();
    place.take(&report(1, vec![other]));
    assert_eq!(place.results[0].code.local, "TEST2");
    assert_eq!(place.results[0].name, "検査2");
    assert_eq!(place.order.items[1].reported, Reported::Final);
}

#[test]
fn a_local_code_does_not_beat_jlac10() {
    let mut place = Place::new();
    let mut other = told(2, "33", ResultStatus::Final);
    // The laboratory's own TEST3 is not the clinic's.
    other.code.local = "TEST3".to_owned();
    place.take(&report(1, vec![other]));
    assert_eq!(place.results[0].code.local, "TEST2");
    assert_eq!(place.order.items[2].reported, Reported::NotYet);
}

#[test]
fn what_nobody_ordered_is_kept_with_the_order() {
    let mut place = Place::new();
    let extra = told(7, "5", ResultStatus::Final);
    place.take(&report(1, vec![extra.clone()]));
    assert_eq!(place.results[0].code, extra.code);
    assert_eq!(place.results[0].abbr, extra.name);
    assert_eq!(place.order.state(), LabOrderState::PartlyReported);
}

#[test]
fn corrections_replace_and_are_seen_anew() {
    let mut place = Place::new();
    assert_eq!(place.value("20", ResultStatus::Preliminary), (1, 0));
    assert_eq!(place.value("20", ResultStatus::Final), (1, 1), "now it is final");
    let confirm = LabAct::ConfirmResults { results: vec![place.results[1].id] };
    let mut orders = vec![place.order.clone()];
    let version = version(60, doctor(), confirm);
    LabOrder::apply_with_results(&mut orders, &mut place.results, &version).unwrap();
    place.order = orders.remove(0);
    assert_eq!(place.order.unconfirmed, 0);
    assert_eq!(place.value("25", ResultStatus::Corrected), (1, 1));
    assert_eq!(place.standing(), ["25"]);
    assert_eq!(place.order.unconfirmed, 1, "the confirmation was of another value");
    let [first, second, third] = &place.results[..] else { panic!() };
    assert_eq!((first.replaced_by, second.replaces), (Some(second.id), Some(first.id)));
    assert_eq!((second.replaced_by, third.replaces), (Some(third.id), Some(second.id)));
    assert!(second.confirmed.is_some() && third.confirmed.is_none());
}

#[test]
fn the_same_again_is_nothing_new() {
    let mut place = Place::new();
    place.value("20", ResultStatus::Preliminary);
    place.value("20", ResultStatus::Final);
    let before = (place.order.clone(), place.results.clone());
    assert_eq!(place.value("20", ResultStatus::Final), (0, 0));
    assert_eq!(place.value("20", ResultStatus::Preliminary), (0, 0), "an old message once more");
    assert_eq!((place.order.clone(), place.results.clone()), before);
    assert_eq!(place.value("21", ResultStatus::Preliminary), (1, 1), "the laboratory doubts it");
    let mut commented = told(1, "21", ResultStatus::Preliminary);
    commented.comments = vec!["再検中".to_owned()];
    assert_eq!(place.take(&report(1, vec![commented])), (1, 1), "a remark is news");
}

#[test]
fn what_was_final_does_not_come_back_over_its_correction() {
    let mut place = Place::new();
    place.value("5.0", ResultStatus::Final);
    place.value("5.5", ResultStatus::Corrected);
    let before = (place.order.clone(), place.results.clone());
    assert_eq!(place.value("5.0", ResultStatus::Final), (0, 0), "an old message once more");
    assert_eq!((place.order.clone(), place.results.clone()), before);
    assert_eq!(place.value("6.0", ResultStatus::Corrected), (1, 1), "a correction still counts");
    // Doubted, and then found right after all.
    assert_eq!(place.value("7.0", ResultStatus::Preliminary), (1, 1));
    assert_eq!(place.value("5.0", ResultStatus::Final), (1, 1));
    assert_eq!(place.standing(), ["5.0"]);
}

#[test]
fn a_correction_that_overtakes_what_it_corrects_stands() {
    let mut place = Place::new();
    place.value("4.9", ResultStatus::Preliminary);
    place.value("5.5", ResultStatus::Corrected);
    assert_eq!(place.order.unconfirmed, 1);
    assert_eq!(place.value("5.0", ResultStatus::Final), (1, 0));
    assert_eq!(place.standing(), ["5.5"]);
    assert_eq!(place.order.unconfirmed, 1, "what is replaced does not wait");
    assert_eq!(place.order.items[0].reported, Reported::Final);
    let [first, corrected, late] = &place.results[..] else { panic!() };
    assert_eq!((first.replaced_by, late.replaces), (Some(late.id), Some(first.id)));
    assert_eq!((late.replaced_by, corrected.replaces), (Some(corrected.id), Some(late.id)));
    assert_eq!(corrected.replaced_by, None);
}

#[test]
fn a_value_there_and_back_is_told_each_time() {
    let mut place = Place::new();
    for value in ["5.0", "6.0", "5.0"] {
        place.value(value, ResultStatus::Corrected);
    }
    assert_eq!(place.standing(), ["5.0"]);
    assert_eq!(place.results.len(), 3);
}

#[test]
fn parts_of_one_message_stand_side_by_side() {
    let mut place = Place::new();
    let parts = |one: &str, other: &str| {
        report(1, vec![told(7, one, ResultStatus::Final), told(7, other, ResultStatus::Final)])
    };
    assert_eq!(place.take(&parts("大腸菌", "緑膿菌")), (2, 0));
    assert_eq!(place.standing(), ["大腸菌", "緑膿菌"]);
    assert_eq!(place.take(&parts("大腸菌", "肺炎桿菌")), (1, 1));
    assert_eq!(place.standing(), ["大腸菌", "肺炎桿菌"]);
}

#[test]
fn specimens_do_not_replace_one_another() {
    let mut place = Place::new();
    place.value("20", ResultStatus::Final);
    assert_eq!(place.take(&report(2, vec![told(1, "30", ResultStatus::Final)])), (1, 0));
    assert_eq!(place.standing(), ["20", "30"]);
}

#[test]
fn a_panic_value_and_a_test_that_will_not_be_done() {
    let mut place = Place::new();
    let mut high = told(1, "", ResultStatus::Cancelled);
    high.flag = Flag::PanicHigh;
    place.take(&report(1, vec![high]));
    assert_eq!(place.order.items[0].reported, Reported::Cancelled);
    assert!(place.results[0].is_abnormal() && place.results[0].flag.is_panic());
}

#[test]
fn results_before_the_answer_say_that_the_tube_is_there() {
    let mut orders = ordered();
    for (id, act) in [(2, draw(1)), (3, send(&[1])), (4, draw(2))] {
        let version = version(id, nurse(), act);
        assert_eq!(LabOrder::apply(&mut orders, &version), Ok(LabOutcome::Done));
    }
    let mut place = Place { order: orders.remove(0), results: Vec::new(), reports: 0 };
    place.value("20", ResultStatus::Final);
    let AtLab::Accepted { filler, .. } = &place.order.tubes[0].lab else { panic!() };
    assert_eq!(filler, "L1");
    assert_eq!(place.order.tubes[1].lab, AtLab::Here);
    assert!(!place.order.lab_refused(&tube(1), at(5), "?"), "not after results");
    assert!(!place.order.lab_accepted(&tube(1), at(5), "L1"), "no news");
    assert!(!place.order.lab_accepted(&tube(2), at(5), "L1"), "it was never sent");
}

#[test]
fn an_order_that_stands_for_a_report() {
    let told_twice = vec![
        told(1, "20", ResultStatus::Final),
        told(2, "7", ResultStatus::Preliminary),
        told(2, "8", ResultStatus::Preliminary),
    ];
    let mut report = report(1, told_twice);
    report.collected_at = Some(date(2026, 11, 20).at(9, 0, 0, 0));
    let tray = TrayReport {
        id: Uuid::from_u128(77),
        lab: "検査センター".to_owned(),
        received_at: at(0),
        why: Mismatch::UnknownSpecimen,
        order: None,
        report,
    };
    let patient = PatientNumber::parse("00127").unwrap();
    let decided = Done { by: nurse(), time: at(5) };
    let mut place = Place {
        order: LabOrder::of_report(&tray, &patient, decided.clone()),
        results: Vec::new(),
        reports: 0,
    };
    assert_eq!(place.order.id, tray.id);
    assert_eq!((place.order.items.len(), place.order.tubes.len()), (2, 0));
    assert_eq!((&place.order.ordered, place.order.collect_on), (&decided, date(2026, 11, 20)));
    assert_eq!(place.take(&tray.report), (3, 0));
    assert_eq!(place.order.state(), LabOrderState::PartlyReported);
    assert_eq!(place.order.unconfirmed, 3);
    assert_eq!(place.results[0].value, ResultValue("20".to_owned()));
}
