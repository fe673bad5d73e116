//! 検査依頼: the usual set in three keys, items by their first letters, what is asked before it is ordered.

use api::entries::EntryContent;
use api::lab::{LabSets, PatientLab};
use api::patients::PatientView;
use clinical::lab::{
    LabAct, LabEntry, LabOrder, LabRequest, LabSet, LabSetAct, LabVersion, SpecimenNumber,
    plan_tubes,
};
use clinical::{PatientNumber, Staff};
use egui::Key;
use egui_kittest::kittest::Queryable;
use jiff::civil::date;
use kiosk::app::Route;
use kiosk::client::Update;
use kiosk::config::{Lang, Theme};
use uuid::Uuid;

use crate::records::id;
use crate::support::{
    Bench, NOW, Setup, director, directors_session, number, receptions, session, today, view,
};

/// A set of the catalogue's items.
pub fn set(n: u128, name: &str, owner: Option<Uuid>, items: &[&str]) -> LabSet {
    LabSet {
        id: id(n),
        name: name.to_owned(),
        owner,
        place: u32::try_from(n).unwrap(),
        items: items.iter().map(|item| (*item).to_owned()).collect(),
    }
}

/// An order as the cloud tells it, its tubes numbered from `serial`.
pub fn order(n: u128, patient: &str, serial: u32, items: &[&str]) -> LabOrder {
    let mut serial = serial;
    let next = || {
        serial += 1;
        SpecimenNumber::new(today(), 1, serial - 1)
    };
    let items: Vec<_> = items.iter().map(|key| codes::labs::by_key(key).unwrap().clone()).collect();
    let (items, tubes) = plan_tubes(&items, next).unwrap();
    let request = LabRequest {
        on_behalf_of: None,
        collect_on: today(),
        urgent: false,
        fasting: false,
        comment: String::new(),
        set_name: String::new(),
        items,
        tubes,
    };
    let mut orders = Vec::new();
    act(&mut orders, n, patient, n + 100, LabAct::Order { request });
    orders.remove(0)
}

/// Something more about an order.
pub fn act(orders: &mut Vec<LabOrder>, order: u128, patient: &str, version: u128, act: LabAct) {
    let at = NOW.parse().unwrap();
    let version = LabVersion {
        id: id(version),
        entry: LabEntry { patient: number(patient), order: id(order), act },
        author: director(),
        terminal: "shinsatsu-1".to_owned(),
        entered_at: at,
        stored_at: Some(at),
    };
    LabOrder::apply(orders, &version).unwrap();
}

/// The patient of the second reception, with these orders.
pub fn with_orders(orders: Vec<LabOrder>) -> PatientView {
    let view = view("01873", "厚労　太郎", "コウロウ　タロウ");
    PatientView { lab: PatientLab { orders, ..PatientLab::default() }, ..view }
}

fn sets() -> Vec<LabSet> {
    let own = Some(director().account);
    vec![
        set(1, "糖尿病", own, &["A1C", "GLU"]),
        set(2, "採血一式", None, &["WBC", "RBC", "AST", "ALT"]),
    ]
}

/// The practitioner has the patient open, whose orders are these.
fn at_the_patient(orders: Vec<LabOrder>, sets: Vec<LabSet>) -> Bench {
    let setup = Setup { known: vec![with_orders(orders)], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.sign_in(directors_session());
    bench.give(Update::LabSets(LabSets { sets }));
    bench.scan("01873");
    bench.run();
    bench
}

fn at_the_form() -> Bench {
    let mut bench = at_the_patient(Vec::new(), sets());
    bench.key(Key::F4);
    assert_eq!(bench.harness.state().route(), Route::LabOrder);
    bench
}

/// What was ordered, once so many rows are kept.
#[track_caller]
fn ordered(bench: &mut Bench, count: usize) -> (PatientNumber, LabRequest) {
    let rows = bench.kept(count);
    match &rows.last().unwrap().entry.content {
        EntryContent::Lab { entry: LabEntry { patient, act: LabAct::Order { request }, .. } } => {
            (patient.clone(), request.clone())
        }
        other => panic!("{other:?}"),
    }
}

fn keys(request: &LabRequest) -> Vec<&str> {
    request.items.iter().map(|item| item.code.local.as_str()).collect()
}

#[test]
fn the_usual_set_is_ordered_in_three_keys() {
    let mut bench = at_the_patient(Vec::new(), sets());
    bench.key(Key::F4);
    bench.sees("1 糖尿病");
    bench.key(Key::Num1);
    bench.sees("管 2 本・2 項目");
    bench.sees("紫　EDTA-2K");
    bench.key(Key::F11);
    let (patient, request) = ordered(&mut bench, 1);
    assert_eq!(patient.as_str(), "01873");
    assert_eq!(keys(&request), ["A1C", "GLU"]);
    assert_eq!((request.tubes.len(), request.set_name.as_str()), (2, "糖尿病"));
    assert_eq!((request.collect_on, request.on_behalf_of), (today(), None));
    bench.until("the page", |bench| bench.harness.state().route() == Route::Patient);
    // The order stands on the page at once.
    bench.sees("検査の依頼　9:42　糖尿病　採取待ち");
}

#[test]
fn the_same_by_touch() {
    let mut bench = at_the_form();
    bench.harness.get_by_label("2 採血一式").click();
    bench.run();
    bench.harness.get_by_label("依頼する").click();
    bench.run();
    assert_eq!(keys(&ordered(&mut bench, 1).1), ["WBC", "RBC", "AST", "ALT"]);
}

#[test]
fn a_digit_that_is_a_key_is_no_text() {
    let mut bench = at_the_form();
    // As the system sends it: key and text.
    bench.harness.key_press(Key::Num2);
    bench.harness.event(egui::Event::Text("2".to_owned()));
    bench.run();
    bench.sees("管 2 本・4 項目");
    assert!(!bench.words().lines().any(|line| line == "2"), "{}", bench.words());
    // A second time takes the set out again.
    bench.key(Key::Num2);
    bench.sees("左のセットを選ぶか");
    assert!(!bench.key_enabled("F11 依頼する"));
}

#[test]
fn items_are_found_by_first_letters_and_taken_out_by_the_same() {
    let mut bench = at_the_form();
    bench.type_text("mchc");
    bench.sees("平均赤血球血色素濃度");
    bench.key(Key::Enter);
    bench.sees("MCHC を外す 独自コード");
    bench.type_text("くれあちにん");
    bench.key(Key::Enter);
    bench.sees("管 2 本・2 項目");
    bench.harness.get_by_label("Cre を外す").click();
    bench.run();
    bench.misses("Cre を外す");
    bench.type_text("mchc");
    bench.sees("選択済み");
    bench.key(Key::Enter);
    bench.sees("左のセットを選ぶか");
}

#[test]
fn two_sets_share_items_and_each_can_be_taken_out() {
    let both = vec![set(1, "一", None, &["AST", "ALT"]), set(2, "二", None, &["ALT", "CRE"])];
    let mut bench = at_the_patient(Vec::new(), both);
    bench.key(Key::F4);
    bench.key(Key::Num1);
    bench.key(Key::Num2);
    bench.sees("管 1 本・3 項目");
    bench.key(Key::Num1);
    bench.sees("ALT を外す");
    bench.misses("AST を外す");
    bench.key(Key::F11);
    assert_eq!(ordered(&mut bench, 1).1.set_name, "二");
}

#[test]
fn what_was_ordered_today_is_asked_about_and_then_ordered() {
    let mut bench = at_the_patient(vec![order(9, "01873", 1, &["A1C"])], sets());
    bench.key(Key::F4);
    bench.key(Key::Num1);
    bench.sees("同じ日に、もう依頼している項目があります：HbA1c");
    bench.key(Key::F11);
    bench.sees("もう一度依頼しますか");
    assert_eq!(bench.harness.state().desk().outbox.rows.len(), 0);
    // Esc leaves the question and not the form.
    bench.key(Key::Escape);
    assert_eq!(bench.harness.state().route(), Route::LabOrder);
    bench.key(Key::F11);
    bench.key(Key::F11);
    assert_eq!(keys(&ordered(&mut bench, 1).1), ["A1C", "GLU"]);
}

#[test]
fn urgent_fasting_and_the_day() {
    let mut bench = at_the_form();
    bench.key(Key::Num1);
    bench.key(Key::F5);
    bench.key(Key::F8);
    bench.key(Key::F6);
    bench.sees("いつ採りますか");
    bench.key(Key::Num2);
    bench.sees("採取日 明日");
    bench.key(Key::F11);
    let (_, request) = ordered(&mut bench, 1);
    assert!(request.urgent && request.fasting);
    assert_eq!(request.collect_on, date(2026, 11, 23));
}

#[test]
fn a_day_that_is_past_is_told() {
    let mut bench = at_the_form();
    bench.key(Key::Num1);
    bench.key(Key::F6);
    bench.key(Key::Num5);
    bench.type_text("8.11.1");
    bench.key(Key::F11);
    bench.sees("採取日が過ぎています");
    assert_eq!(bench.harness.state().desk().outbox.rows.len(), 0);
}

#[test]
fn items_that_want_an_empty_stomach_are_asked_about() {
    let wants = codes::labs::all().iter().find(|i| i.fasting && i.container.is_some()).unwrap();
    let mut bench = at_the_patient(Vec::new(), vec![set(1, "空腹", None, &[&wants.key])]);
    bench.key(Key::F4);
    bench.key(Key::Num1);
    bench.sees("空腹で採る項目があります");
    bench.harness.get_by_label("絶食にする").click();
    bench.run();
    bench.misses("空腹で採る項目があります");
    bench.key(Key::F11);
    assert!(ordered(&mut bench, 1).1.fasting);
}

#[test]
fn what_was_begun_is_kept_over_another_patient() {
    let mut bench = at_the_form();
    bench.key(Key::Num2);
    bench.key(Key::F5);
    bench.scan("00942");
    bench.run();
    assert_eq!(bench.harness.state().route(), Route::Patient);
    bench.misses("書きかけ");
    bench.scan("01873");
    bench.run();
    bench.sees("検査の依頼が書きかけです");
    bench.key(Key::F4);
    bench.sees("管 2 本・4 項目");
    bench.key(Key::F11);
    assert!(ordered(&mut bench, 1).1.urgent);
}

#[test]
fn chosen_items_become_a_set() {
    let mut bench = at_the_patient(Vec::new(), Vec::new());
    bench.key(Key::F4);
    bench.sees("いつもの検査のセットは、まだありません");
    bench.type_text("ast");
    bench.key(Key::Enter);
    bench.key(Key::F7);
    bench.key(Key::Num1);
    bench.sees("セットの名前");
    // A set without a name is none.
    bench.key(Key::F11);
    bench.sees("名前を入れてください");
    bench.type_text("肝 1");
    bench.key(Key::Enter);
    let rows = bench.kept(1);
    let EntryContent::LabSet { entry } = &rows[0].entry.content else { panic!("{rows:?}") };
    let LabSetAct::Keep { set } = &entry.act else { panic!("{entry:?}") };
    assert_eq!((set.name.as_str(), set.items.as_slice()), ("肝 1", &["AST".to_owned()][..]));
    assert_eq!((set.id, set.owner), (entry.set, Some(director().account)));
    bench.until_sees("1 肝 1");
}

#[test]
fn a_set_is_removed() {
    let mut bench = at_the_form();
    bench.key(Key::F7);
    bench.key(Key::Num3);
    bench.sees("どのセットを消しますか");
    bench.key(Key::Num2);
    let rows = bench.kept(1);
    let EntryContent::LabSet { entry } = &rows[0].entry.content else { panic!("{rows:?}") };
    assert_eq!((entry.set, &entry.act), (id(2), &LabSetAct::Remove));
    bench.until("gone", |bench| !bench.words().contains("採血一式"));
}

#[test]
fn a_clerk_orders_in_the_practitioner_s_name() {
    let setup = Setup { known: vec![with_orders(Vec::new())], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.sign_in(session());
    bench.give(Update::LabSets(LabSets { sets: sets() }));
    bench.scan("01873");
    bench.run();
    bench.until("the staff", |bench| !bench.harness.state().desk().staff.staff.is_empty());
    bench.key(Key::F4);
    // The practitioner's own sets are the practitioner's.
    bench.misses("糖尿病");
    bench.key(Key::Num1);
    bench.key(Key::F11);
    let proxy: Option<Staff> = ordered(&mut bench, 1).1.on_behalf_of;
    assert_eq!(proxy, Some(director()));
}

#[test]
fn an_order_is_taken_back_from_the_page() {
    let mut bench = at_the_patient(vec![order(9, "01873", 1, &["A1C"])], sets());
    bench.harness.get_by_label_contains("検査の依頼").click();
    bench.run();
    bench.sees("検体（採血）を見る");
    bench.key(Key::Num3);
    bench.sees("なぜ取り消しますか");
    bench.key(Key::Num2);
    let rows = bench.kept(1);
    let EntryContent::Lab { entry } = &rows[0].entry.content else { panic!("{rows:?}") };
    assert_eq!(entry.order, id(9));
    assert_eq!(entry.act, LabAct::Cancel { reason: "二重の依頼".to_owned() });
    bench.until("gone", |bench| !bench.words().contains("検査の依頼"));
}

#[test]
fn in_every_look_the_first_set_and_the_main_key_are_in_reach() {
    for (lang, scale, theme) in [
        (Lang::Ja, 100, Theme::Light),
        (Lang::Ja, 200, Theme::Contrast),
        (Lang::En, 100, Theme::Contrast),
        (Lang::En, 200, Theme::Light),
        (Lang::Ja, 150, Theme::Light),
    ] {
        let known = vec![with_orders(vec![order(9, "01873", 1, &["A1C"])])];
        let setup = Setup { lang, scale, theme, known, ..Setup::default() };
        let mut bench = Bench::signed_in_with(&setup, receptions());
        bench.sign_in(directors_session());
        bench.give(Update::LabSets(LabSets { sets: sets() }));
        bench.scan("01873");
        bench.run();
        bench.key(Key::F4);
        let factor = scale as f32 / 100.0;
        let window =
            egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1280.0, 800.0) / factor);
        let first = bench.harness.get_by_label("1 糖尿病").rect();
        assert!(window.contains_rect(first), "{lang:?} {scale}: {first}");
        assert!(first.height() * factor >= 56.0, "{lang:?} {scale}: {first}");
        bench.key(Key::Num1);
        bench.key(Key::Num2);
        bench.key(Key::F7);
        bench.key(Key::Num1);
        bench.key(Key::Escape);
        bench.key(Key::F6);
        bench.key(Key::Escape);
        bench.key(Key::F11);
        bench.key(Key::F11);
        assert_eq!(keys(&ordered(&mut bench, 1).1).len(), 6);
    }
}
