//! 届いた検査結果: what waits for a practitioner, and the reports of which it is not known whose they are.

use api::lab::{LabInbox, LabLink, LabWaiting, TrayDecision, TrayEntry, TrayRow};
use api::patients::PatientHit;
use api::receptions::LinkState;
use clinical::lab::{
    Flag, LabCode, LabReport, LabResult, Mismatch, ReferenceRange, ReportedResult, ResultStatus,
    ResultValue, ToldPatient, TrayReport,
};
use clinical::{PersonName, Sex};
use egui_kittest::kittest::Queryable;
use jiff::civil::date;
use kiosk::app::Desk;
use kiosk::app::intent::Intent;
use kiosk::app::keys::Command as C;
use kiosk::client::FailureKind;
use kiosk::config::{Lang, Theme};
use kiosk::screens::lab_inbox::InboxScreen;

use crate::lab_stage::{
    A1C, K, LARGE, Look, SMALL, Stage, days, desk, id, order, patient, result, with_lab,
    with_session,
};
use crate::support::{NOW, failure, hit, session};

fn show(
    screen: &mut InboxScreen,
    ui: &mut egui::Ui,
    desk: &Desk,
    pressed: Option<C>,
) -> Option<Intent> {
    screen.show(ui, desk, pressed)
}

fn name(kanji: &str, kana: &str) -> PersonName {
    PersonName { kanji: kanji.to_owned(), kana: kana.to_owned() }
}

fn waiting(number: &str, kanji: &str, order_id: u128, results: Vec<LabResult>) -> LabWaiting {
    let mut order = order(days().0, u32::try_from(results.len()).unwrap());
    order.id = id(order_id);
    order.patient = patient(number);
    LabWaiting {
        number: patient(number),
        name: name(kanji, "ヨミ"),
        birth_date: Some(date(1955, 3, 4)),
        sex: Sex::Male,
        order,
        results,
    }
}

fn report(n: u128, why: Mismatch, told: ToldPatient, candidates: Vec<PatientHit>) -> TrayRow {
    let value = ReportedResult {
        code: LabCode { jlac10: None, local: "K".to_owned() },
        name: "カリウム".to_owned(),
        value: ResultValue("5.9".to_owned()),
        unit: "mmol/L".to_owned(),
        range: ReferenceRange("3.6-4.8".to_owned()),
        flag: Flag::High,
        status: ResultStatus::Final,
        analysed_at: None,
        comments: Vec::new(),
    };
    TrayRow {
        report: TrayReport {
            id: id(n),
            lab: "中央検査センター".to_owned(),
            received_at: NOW.parse().unwrap(),
            why,
            order: None,
            report: LabReport {
                specimen: "261122010018".to_owned(),
                placer: String::new(),
                filler: String::new(),
                patient: told,
                collected_at: Some(days().0.at(9, 53, 0, 0)),
                reported_at: None,
                comments: Vec::new(),
                results: vec![value],
            },
        },
        candidates,
    }
}

fn told(number: &str, kanji: &str) -> ToldPatient {
    ToldPatient {
        number: number.to_owned(),
        name: name(kanji, ""),
        birth_date: Some(date(1955, 3, 4)),
        sex: Some(Sex::Female),
    }
}

/// A panic value, an order that is all normal, and two reports in the tray.
fn inbox() -> LabInbox {
    let (day, _) = days();
    let panic = vec![
        result(1, A1C, "7.1", Flag::High, day),
        result(2, K, "6.8", Flag::PanicHigh, day),
        result(3, A1C, "5.5", Flag::Normal, day),
    ];
    let calm = vec![result(4, K, "4.1", Flag::Normal, day)];
    let candidate = hit("00942", "患者　和子", "カンジャ　カズコ");
    LabInbox {
        waiting: vec![
            waiting("01873", "厚労　太郎", 11, panic),
            waiting("00127", "処方　元", 12, calm),
        ],
        total: 2,
        tray: vec![
            report(21, Mismatch::NameDiffers, told("942", "患者　数子"), vec![candidate.clone()]),
            report(22, Mismatch::UnknownSpecimen, told("00942", "患者和子"), vec![candidate]),
        ],
        labs: vec![
            LabLink {
                name: "中央検査センター".to_owned(),
                state: LinkState::Unreachable,
                last_success: None,
                undelivered: 3,
            },
            LabLink {
                name: "院内検査".to_owned(),
                state: LinkState::Up,
                last_success: Some(NOW.parse().unwrap()),
                undelivered: 0,
            },
        ],
    }
}

fn with_inbox(mut desk: Desk, inbox: LabInbox) -> Desk {
    desk.lab.inbox.shown = inbox;
    desk.lab.inbox.told_at = Some(NOW.parse().unwrap());
    desk.lab.inbox.version += 1;
    desk
}

fn stage_of(look: Look, desk: Desk) -> Stage<InboxScreen> {
    Stage::new(look, desk, InboxScreen::default(), show)
}

fn stage() -> Stage<InboxScreen> {
    stage_of(LARGE, with_inbox(desk(LARGE), inbox()))
}

fn main_action(stage: &Stage<InboxScreen>) -> C {
    let held = stage.harness.state();
    held.screen.main_action(&held.desk)
}

#[test]
fn a_row_says_whose_and_what_is_abnormal_the_panic_value_first() {
    let stage = stage();
    stage.sees("01873　厚労　太郎 異常 2／3 件：K 6.8 HH・HbA1c 7.1 H パニック");
    stage.sees("00127　処方　元 1 件すべて正常");
    stage.sees("医師の確認待ち　2 件");
    stage.sees("だれの結果か決まっていない報告　2 件");
    // The marked one in full: whose, value with its meaning, range.
    stage.sees("昭和30年3月4日");
    stage.sees("パニック値（非常に高い）");
    stage.sees("正常 1 件");
    // The laboratories, and what they have not got.
    stage.sees("中央検査センター　応答なし　届いていない依頼 3 件");
    stage.sees("院内検査　接続");
}

#[test]
fn abnormal_ones_are_opened_and_normal_ones_confirmed_with_one_key() {
    let mut stage = stage();
    assert_eq!(main_action(&stage), C::Results);
    let wishes = stage.press(C::Results);
    assert!(
        matches!(wishes.as_slice(), [Intent::OpenResultsOf { number, order: Some(order) }]
            if number.as_str() == "01873" && *order == id(11)),
        "{wishes:?}"
    );
    stage.press(C::Down);
    stage.sees("すべて正常・確認する");
    assert_eq!(main_action(&stage), C::ConfirmResults);
    let wishes = stage.press(C::ConfirmResults);
    assert!(
        matches!(wishes.as_slice(), [Intent::ConfirmResults { number, order, results }]
            if number.as_str() == "00127" && *order == id(12) && *results == [id(4)]),
        "{wishes:?}"
    );
    // Enter looks first.
    let wishes = stage.press(C::Confirm);
    assert!(matches!(wishes.as_slice(), [Intent::OpenResultsOf { .. }]), "{wishes:?}");
}

#[test]
fn what_came_under_the_finger_is_not_confirmed() {
    let mut stage = stage();
    stage.press(C::Down);
    stage.rest();
    stage.harness.state_mut().desk.lab.inbox.version += 1;
    stage.harness.state_mut().desk.lab.inbox.shown.waiting[1].results.push(result(
        5,
        A1C,
        "5.6",
        Flag::Normal,
        days().0,
    ));
    let wishes = stage.press(C::ConfirmResults);
    assert!(matches!(wishes.as_slice(), [Intent::Tell("lab_inbox.changed")]), "{wishes:?}");
    stage.rest();
    let wishes = stage.press(C::ConfirmResults);
    assert!(
        matches!(wishes.as_slice(), [Intent::ConfirmResults { results, .. }] if results.len() == 2),
        "{wishes:?}"
    );
}

#[test]
fn who_may_not_confirm_opens_and_is_told() {
    let desk = with_session(with_inbox(desk(LARGE), inbox()), session());
    let mut stage = stage_of(LARGE, desk);
    stage.sees("結果を確認できるのは医師だけです");
    stage.press(C::Down);
    assert_eq!(main_action(&stage), C::Results);
    assert!(stage.press(C::ConfirmResults).is_empty());
    let wishes = stage.press(C::Results);
    assert!(matches!(wishes.as_slice(), [Intent::OpenResultsOf { .. }]), "{wishes:?}");
    // A receptionist decides about no report.
    stage.press(C::Last);
    let held = stage.harness.state();
    assert!(!held.screen.can(&held.desk, C::Assign) && !held.screen.can(&held.desk, C::SetAside));
    assert!(stage.press(C::Assign).is_empty());
    assert!(stage.press(C::SetAside).is_empty());
    assert!(!stage.harness.state().screen.chooses());
}

/// On the first report.
fn at_the_tray() -> Stage<InboxScreen> {
    let mut stage = stage();
    stage.press(C::Down);
    stage.press(C::Down);
    stage
}

#[test]
fn a_report_stands_beside_its_candidates_field_by_field() {
    let stage = at_the_tray();
    stage.sees("検査会社の報告（書かれたとおり）");
    stage.sees("患者　数子");
    stage.sees("261122010018");
    stage.sees("カリウム 5.9 H");
    stage.sees("候補　00942");
    stage.sees("患者　和子　カンジャ　カズコ");
    // The number and the day agree however they are padded, the name does not.
    stage.sees("患者番号 00942 同じ");
    stage.sees("氏名 患者　和子　カンジャ　カズコ ちがいます");
    stage.sees("生年月日 昭和30年3月4日（1955-03-04） 同じ");
}

fn decided(wishes: &[Intent]) -> &TrayEntry {
    match wishes {
        [Intent::DecideTray(entry)] => entry,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_differs_is_asked_twice_and_enter_alone_decides_nothing() {
    let mut stage = at_the_tray();
    assert!(stage.press(C::Assign).is_empty());
    stage.sees("どの患者の結果ですか");
    stage.sees("氏名がちがいます");
    assert!(stage.press(C::Confirm).is_empty());
    stage.sees("本当にこの患者の結果ですか");
    stage.sees("00942 患者　和子 さんの結果にする");
    assert!(stage.press(C::Confirm).is_empty());
    assert!(!stage.harness.state().screen.chooses());
    stage.press(C::Assign);
    stage.press(C::Digit(1));
    let wishes = stage.press(C::Digit(2));
    let entry = decided(&wishes);
    assert_eq!(entry.report, id(21));
    let whose = TrayDecision::Assign { patient: patient("00942"), order: None };
    assert_eq!(entry.decision, whose);
}

#[test]
fn what_agrees_is_asked_once_and_goes_to_its_order_where_that_is_known() {
    let mut desk = with_inbox(desk(LARGE), inbox());
    let mut named =
        waiting("00942", "患者　和子", 13, vec![result(9, K, "4", Flag::High, days().0)]);
    named.order.patient = patient("00942");
    desk.lab.inbox.shown.waiting.push(named);
    desk.lab.inbox.shown.tray[1].report.order = Some(id(13));
    let mut stage = stage_of(LARGE, desk);
    stage.press(C::Last);
    stage.press(C::Assign);
    stage.sees("書かれていることは同じです");
    let wishes = stage.press(C::Digit(1));
    let whose = TrayDecision::Assign { patient: patient("00942"), order: Some(id(13)) };
    assert_eq!(decided(&wishes).decision, whose);
}

#[test]
fn a_report_of_nobody_can_be_given_to_the_opened_patient_or_set_aside() {
    let mut all = inbox();
    all.waiting.clear();
    all.total = 0;
    all.tray = vec![report(23, Mismatch::UnknownPatient, told("", "他院　花子"), Vec::new())];
    let mut stage = stage_of(LARGE, with_inbox(desk(LARGE), all.clone()));
    stage.sees("候補の患者がいません");
    stage.sees("（番号なし）　他院　花子");
    let wishes = stage.press(C::Assign);
    assert!(matches!(wishes.as_slice(), [Intent::Tell("lab_inbox.nobody")]), "{wishes:?}");
    assert!(stage.press(C::SetAside).is_empty());
    stage.sees("対象外にする理由");
    let wishes = stage.press(C::Digit(1));
    let reason = "ほかの医療機関の患者".to_owned();
    assert_eq!(decided(&wishes).decision, TrayDecision::SetAside { reason });

    let lab = crate::lab_stage::lab(Vec::new());
    let mut stage = stage_of(LARGE, with_lab(with_inbox(desk(LARGE), all), lab));
    stage.sees("開いている患者");
    stage.press(C::Assign);
    stage.press(C::Digit(1));
    stage.sees("01873 厚労　太郎 さんの結果にする");
    let wishes = stage.press(C::Digit(2));
    let whose = TrayDecision::Assign { patient: patient("01873"), order: None };
    assert_eq!(decided(&wishes).decision, whose);
}

#[test]
fn a_question_goes_with_its_report() {
    let mut stage = at_the_tray();
    stage.press(C::SetAside);
    assert!(stage.harness.state().screen.chooses());
    stage.change(|desk| {
        desk.lab.inbox.shown.tray.remove(0);
        desk.lab.inbox.version += 1;
    });
    assert!(!stage.harness.state().screen.chooses());
    assert!(stage.wishes().is_empty());
}

#[test]
fn silence_never_passes_for_nothing_to_confirm() {
    let stage = stage_of(LARGE, with_inbox(desk(LARGE), LabInbox::default()));
    stage.sees("確認を待つ検査結果はありません");
    let mut cut = desk(LARGE);
    cut.lab.inbox.failure = Some(failure(FailureKind::Unreachable));
    let stage = stage_of(LARGE, cut);
    stage.misses("確認を待つ検査結果はありません");
    stage.sees("今は分かりません");
    stage.sees("届いた検査結果を読み込めません");
    let mut old = with_inbox(desk(LARGE), inbox());
    old.lab.inbox.failure = Some(failure(FailureKind::TimedOut));
    let stage = stage_of(LARGE, old);
    stage.sees("9:42 時点の一覧です");
}

#[test]
fn at_twice_the_size_one_stands_at_a_time() {
    let english = Look { lang: Lang::En, theme: Theme::Light, ..SMALL };
    for look in [SMALL, english] {
        let mut stage = stage_of(look, with_inbox(desk(look), inbox()));
        stage.sees("01873");
        stage.misses("00127");
        let place = stage.harness.get_by_label("01873").rect();
        assert!(place.bottom() < look.size.1 - 76.0, "{place}");
        stage.press(C::Down);
        stage.sees("00127");
    }
}
