//! 印刷の状況.

use std::sync::Arc;

use clinical::PersonName;
use jiff::Timestamp;
use kiosk::app::Desk;
use kiosk::app::intent::Intent;
use kiosk::app::keys::Command as C;
use kiosk::config::{Lang, Theme};
use kiosk::local::RowPatient;
use kiosk::printing::{JobView, PrintOrder, PrintView, ToPrint};
use kiosk::screens::printing::PrintingScreen;
use paper::printers::{JobNumber, PrinterState};
use paper::queue::{State, Why};
use paper::{ChartSticker, Paper};

use crate::lab_stage::{LARGE, Look, SMALL, Stage, desk, id, printer};
use crate::support::{NOW, number};

fn show(
    screen: &mut PrintingScreen,
    ui: &mut egui::Ui,
    desk: &Desk,
    pressed: Option<C>,
) -> Option<Intent> {
    screen.show(ui, desk, pressed)
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn job(n: u128, state: State) -> JobView {
    let name = PersonName { kanji: "厚労　太郎".to_owned(), kana: "コウロウ".to_owned() };
    let sticker = ChartSticker {
        number: number("01873"),
        name: name.clone(),
        birth_date: None,
        sex: clinical::Sex::Male,
    };
    let order = PrintOrder {
        id: id(n),
        what: ToPrint::Sticker { sticker },
        copy: 1,
        reason: String::new(),
        patient: Some(RowPatient { number: Some(number("01873")), name }),
        by: None,
    };
    JobView {
        order: Arc::new(order),
        made_at: now(),
        printer: "受付のプリンター".to_owned(),
        state,
        missing_glyphs: 0,
    }
}

fn handed(job: Option<u64>, held: bool, forgotten: bool) -> State {
    State::HandedOver { job: job.map(JobNumber), at: now(), held, forgotten }
}

fn stage_of(look: Look, jobs: Vec<JobView>) -> Stage<PrintingScreen> {
    let printers = vec![
        printer("受付のプリンター", PrinterState::Ready, vec![Paper::Sticker, Paper::Label]),
        printer("診察室のプリンター", PrinterState::Attention, vec![Paper::Results]),
    ];
    let mut desk = desk(look);
    desk.prints = Arc::new(PrintView { jobs, printers, ..PrintView::default() });
    Stage::new(look, desk, PrintingScreen::default(), show)
}

fn stage(state: State) -> Stage<PrintingScreen> {
    stage_of(LARGE, vec![job(1, state)])
}

fn cans(stage: &Stage<PrintingScreen>) -> Vec<C> {
    let held = stage.harness.state();
    [C::Reprint, C::RetryPrint, C::CancelPrint, C::SettlePrint]
        .into_iter()
        .filter(|command| held.screen.can(&held.desk, *command))
        .collect()
}

#[test]
fn each_state_is_said_honestly_and_offers_what_can_be_done() {
    let failed = State::Failed { why: Why::GivenUp, at: now() };
    let trying =
        State::Waiting { tries: 1, after: None, why: Some(Why::NotThere { detail: "off".into() }) };
    let cases = [
        (State::FRESH, "印刷待ち", vec![C::RetryPrint, C::CancelPrint]),
        (trying, "プリンター待ち", vec![C::RetryPrint, C::CancelPrint]),
        (State::Handing, "渡しています", vec![]),
        (handed(Some(7), false, false), "プリンターに渡しました", vec![C::Reprint, C::CancelPrint]),
        (
            handed(Some(7), true, false),
            "プリンターで止まっています",
            vec![C::Reprint, C::CancelPrint],
        ),
        (handed(Some(7), false, true), "紙を見てください", vec![C::Reprint, C::SettlePrint]),
        (handed(None, false, false), "紙を見てください", vec![C::Reprint, C::SettlePrint]),
        (State::Printed { at: now() }, "印刷済み（プリンターの知らせ", vec![C::Reprint]),
        (
            failed,
            "失敗（9:42）：プリンター側で取り消されました",
            vec![C::RetryPrint, C::CancelPrint],
        ),
        (State::Unknown { at: now() }, "印刷されたか分かりません", vec![C::SettlePrint]),
        (State::Cancelled { at: now() }, "取りやめました", vec![]),
    ];
    for (state, words, can) in cases {
        let stage = stage(state.clone());
        stage.sees("カルテシール　01873　厚労　太郎");
        stage.sees(words);
        assert_eq!(cans(&stage), can, "{state:?}");
    }
    // What was handed over is never called printed.
    stage(handed(Some(7), false, false)).misses("印刷済み（");
}

#[test]
fn printing_again_asks_why() {
    let mut stage = stage(State::Printed { at: now() });
    assert!(stage.press(C::Reprint).is_empty());
    stage.sees("もう一度印刷する理由　カルテシール　01873　厚労　太郎");
    let wishes = stage.press(C::Digit(2));
    assert!(
        matches!(wishes.as_slice(), [Intent::Reprint { id: job, reason }]
            if *job == id(1) && reason == "貼り間違えた"),
        "{wishes:?}"
    );
    stage.press(C::Reprint);
    assert!(stage.press(C::Back).is_empty());
    assert!(!stage.harness.state().screen.chooses());
}

#[test]
fn a_person_who_looked_answers_whether_it_was_printed() {
    for (key, seen) in [(C::Digit(1), true), (C::Digit(2), false)] {
        let mut stage = stage(State::Unknown { at: now() });
        assert!(stage.press(C::SettlePrint).is_empty());
        stage.sees("印刷されていましたか");
        stage.sees("もう一度印刷します");
        let wishes = stage.press(key);
        assert!(
            matches!(wishes.as_slice(), [Intent::SettlePrint { id: job, printed }]
                if *job == id(1) && *printed == seen),
            "{wishes:?}"
        );
    }
    // What was handed over is not printed again by that.
    let mut stage = stage(handed(None, false, false));
    stage.press(C::SettlePrint);
    stage.misses("もう一度印刷します");
}

#[test]
fn what_waits_for_a_person_is_marked_first() {
    let jobs = vec![
        job(1, State::Printed { at: now() }),
        job(2, State::Failed { why: Why::NoPrinter, at: now() }),
        job(3, State::FRESH),
    ];
    let mut stage = stage_of(LARGE, jobs);
    stage.sees("確かめが要る印刷 1 件");
    let wishes = stage.press(C::RetryPrint);
    assert!(matches!(wishes.as_slice(), [Intent::RetryPrint(job)] if *job == id(2)), "{wishes:?}");
    stage.press(C::Down);
    let wishes = stage.press(C::CancelPrint);
    assert!(matches!(wishes.as_slice(), [Intent::CancelPrint(job)] if *job == id(3)), "{wishes:?}");
    stage.press(C::First);
    assert!(stage.press(C::RetryPrint).is_empty(), "it is printed");
}

#[test]
fn the_printers_say_how_they_are_and_print_a_test_page() {
    let mut stage = stage_of(LARGE, Vec::new());
    stage.sees("印刷したものはまだありません");
    stage.sees("受付のプリンター");
    stage.sees("カルテシール・検体ラベル");
    stage.sees("使えます");
    stage.sees("用紙切れなどで止まっています");
    assert!(stage.press(C::TestPrint).is_empty());
    stage.sees("どのプリンターで試し印刷をしますか");
    let wishes = stage.press(C::Digit(2));
    assert!(
        matches!(wishes.as_slice(), [Intent::TestPrint(name)] if name == "診察室のプリンター"),
        "{wishes:?}"
    );
}

#[test]
fn a_question_goes_when_its_job_has_moved_on() {
    let mut stage = stage(State::Unknown { at: now() });
    stage.press(C::SettlePrint);
    stage.change(|desk| {
        let mut view = PrintView::clone(&desk.prints);
        view.jobs = vec![job(1, State::Printed { at: now() })];
        desk.prints = Arc::new(view);
    });
    assert!(!stage.harness.state().screen.chooses());
}

#[test]
fn what_could_not_be_written_and_missing_characters_are_told() {
    let mut one = job(1, State::Printed { at: now() });
    one.missing_glyphs = 2;
    let mut stage = stage_of(LARGE, vec![one]);
    stage.sees("字形のない文字が 2 字あり");
    stage.change(|desk| {
        let mut view = PrintView::clone(&desk.prints);
        view.trouble = Some("disk full".to_owned());
        desk.prints = Arc::new(view);
    });
    stage.sees("ディスクに書き込めないため、印刷を待っています");
}

#[test]
fn at_twice_the_size_the_marked_job_and_its_state_are_in_sight() {
    let english = Look { lang: Lang::En, theme: Theme::Light, ..SMALL };
    for (look, words) in [(SMALL, "印刷されたか分かりません"), (english, "not known")] {
        let stage = stage_of(look, vec![job(1, State::Unknown { at: now() })]);
        stage.sees(words);
        stage.sees("01873");
    }
}
