//! Orders, tubes and papers through the whole window: who is meant, what is printed, what is told.

use api::entries::{EntryContent, EntryResult};
use api::lab::{LabDay, LabDayOrder, LabInbox, LabSets, LabWaiting};
use api::papers::PaperKind;
use api::patients::PatientView;
use clinical::lab::{
    Flag, LabAct, LabCode, LabEntry, LabOutcome, LabResult, ReferenceRange, ResultStatus,
    ResultValue, SpecimenNumber,
};
use clinical::{PersonName, Role, Sex, chart_code};
use egui::Key;
use kiosk::app::Route;
use kiosk::client::{Request, Update};
use kiosk::config;
use uuid::Uuid;

use crate::lab_order::{order, set, with_orders};
use crate::support::{
    Bench, NOW, Setup, directors_session, number, receptions, refused, session, today, view,
};

fn tube(serial: u32) -> SpecimenNumber {
    SpecimenNumber::new(today(), 1, serial).unwrap()
}

fn route(bench: &Bench) -> Route {
    bench.harness.state().route()
}

fn acts(bench: &mut Bench, count: usize) -> Vec<LabAct> {
    let rows = bench.kept(count);
    let acts = rows.iter().filter_map(|row| match &row.entry.content {
        EntryContent::Lab { entry } => Some(entry.act.clone()),
        _ => None,
    });
    acts.collect()
}

/// The day's orders of two patients.
fn day() -> Update {
    let row = |patient: &str, kanji: &str, n, serial| LabDayOrder {
        name: PersonName { kanji: kanji.to_owned(), kana: "カナ".to_owned() },
        birth_date: None,
        sex: Sex::Male,
        order: order(n, patient, serial, &["WBC", "AST"]),
    };
    let orders = vec![row("01873", "厚労　太郎", 1, 1), row("00942", "患者　和子", 2, 11)];
    Update::LabDay(Box::new(LabDay { date: today(), orders }))
}

/// A sample desk with that day.
fn sample_desk() -> Bench {
    let setup = Setup {
        desk: config::Desk::Samples,
        known: vec![with_orders(Vec::new()), view("00942", "患者　和子", "カンジャ　カズコ")],
        ..Setup::default()
    };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.give(day());
    bench
}

/// A practitioner with the patient open and a set to order.
fn consulting(setup: &Setup) -> Bench {
    let mut bench = Bench::signed_in_with(setup, receptions());
    bench.sign_in(directors_session());
    bench.give(Update::LabSets(LabSets {
        sets: vec![set(2, "採血一式", None, &["WBC", "AST"])]
    }));
    bench
}

fn known() -> Setup {
    Setup { known: vec![with_orders(Vec::new())], ..Setup::default() }
}

/// Frames until the label was put on record: the rows then.
fn recorded(bench: &mut Bench, count: usize) {
    bench.until("on record", |bench| {
        bench.harness.state().desk().outbox.rows.len() == count
            && bench.harness.state().desk().saving.is_empty()
    });
}

#[test]
fn three_keys_order_and_print_the_labels_and_the_print_is_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup { printer: Some(folder.path().to_owned()), ..known() };
    let mut bench = consulting(&setup);
    bench.scan("01873");
    bench.run();
    for key in [Key::F4, Key::Num1, Key::F11] {
        bench.key(key);
    }
    recorded(&mut bench, 2);
    let acts = acts(&mut bench, 2);
    let [LabAct::Order { request }, LabAct::Labels { tubes, copy: 1, printer, reason }] =
        acts.as_slice()
    else {
        panic!("{acts:?}")
    };
    let ordered: Vec<_> = request.tubes.iter().map(|tube| tube.number.clone()).collect();
    assert_eq!(*tubes, ordered);
    assert_eq!((printer.as_str(), reason.as_str()), ("紙", ""));
    assert_eq!(route(&bench), Route::Patient);
    bench.sees("検査を依頼しました。ラベルを印刷しています");
    let files: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(files.iter().any(|f| f.contains("label")), "{files:?}");
    // Each tube counts its label, and the next one would be a second.
    let lab = bench.harness.state().desk().patient_lab();
    assert!(lab.orders[0].tubes.iter().all(|tube| tube.labels == 1));
}

#[test]
fn without_a_printer_the_order_is_safe_and_that_is_said() {
    let mut bench = consulting(&known());
    bench.scan("01873");
    bench.run();
    bench.key(Key::F4);
    bench.key(Key::Num1);
    bench.key(Key::F11);
    assert!(matches!(acts(&mut bench, 1).as_slice(), [LabAct::Order { .. }]));
    bench.sees("検査を依頼しました");
}

#[test]
fn a_terminal_without_digits_says_what_to_do_and_orders_nothing() {
    // A sign-in that named no store.
    let who = directors_session();
    let folder = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(std::sync::Mutex::new(NOW.parse().unwrap()));
    let cache = crate::support::store(folder.path(), &clock);
    assert!(cache.settle(std::time::Duration::from_mins(1)));
    cache.remember_patient(with_orders(Vec::new()));
    let mut bench = Bench::new(&Setup { cache: Some(cache.clone()), ..Setup::default() });
    cache.entry_key(&who.login).unwrap();
    cache.remember_person(&who.login, who.clone(), zeroize::Zeroizing::new("himitsu".to_owned()));
    bench.give(Update::SignedIn(who));
    bench.give(Update::LabSets(LabSets { sets: vec![set(2, "採血一式", None, &["WBC"])] }));
    bench.scan("01873");
    bench.run();
    bench.key(Key::F4);
    bench.key(Key::Num1);
    bench.key(Key::F11);
    bench.sees("この端末は、まだ検体番号を受け取っていません");
    assert_eq!(route(&bench), Route::LabOrder);
    assert!(bench.kept(0).is_empty());
}

#[test]
fn a_card_at_the_sample_desk_opens_the_tubes_and_identifies() {
    let mut bench = sample_desk();
    assert_eq!(route(&bench), Route::Samples);
    bench.scan("00942");
    bench.run();
    assert_eq!(route(&bench), Route::Specimens);
    bench.scan(tube(11).as_str());
    bench.run();
    let acts = acts(&mut bench, 1);
    assert!(matches!(&acts[0], LabAct::Draw { tube: t, .. } if *t == tube(11)), "{acts:?}");
    // The second scan of the same tube is no second entry.
    bench.scan(tube(11).as_str());
    bench.run();
    bench.kept(1);
}

#[test]
fn a_tube_alone_identifies_nobody() {
    let mut bench = sample_desk();
    bench.scan(tube(11).as_str());
    bench.run();
    assert_eq!(route(&bench), Route::Specimens);
    bench.scan(tube(11).as_str());
    bench.run();
    bench.kept(0);
    bench.sees("先に診察券を読み取るか");
    // Another patient's identification is not this one's.
    bench.scan("01873");
    bench.run();
    bench.scan(tube(11).as_str());
    bench.run();
    assert_eq!(route(&bench), Route::WrongTube);
    bench.kept(0);
}

#[test]
fn on_the_red_screen_a_card_changes_nothing() {
    let mut bench = sample_desk();
    bench.scan("01873");
    bench.run();
    bench.scan(tube(11).as_str());
    bench.run();
    assert_eq!(route(&bench), Route::WrongTube);
    for code in ["00942", tube(1).as_str()] {
        bench.scan(code);
        bench.run();
        assert_eq!(route(&bench), Route::WrongTube, "{code}");
        bench.sees("先に、赤い画面の管を取り分けて");
    }
    for key in [Key::F1, Key::F10, Key::F12, Key::Escape] {
        bench.key(key);
        assert_eq!(route(&bench), Route::WrongTube, "{key:?}");
    }
    bench.ctrl(Key::P);
    assert_eq!(route(&bench), Route::WrongTube);
    bench.key(Key::F11);
    assert_eq!(route(&bench), Route::Specimens);
    assert!(bench.harness.state().desk().opened.as_ref().unwrap().is(&number("01873")));
}

#[test]
fn what_the_cloud_says_of_a_strange_tube_reaches_the_red_screen() {
    let mut bench = sample_desk();
    bench.scan("01873");
    bench.run();
    bench.asked();
    bench.scan(tube(77).as_str());
    bench.run();
    assert_eq!(route(&bench), Route::WrongTube);
    let ticket = bench.asked().into_iter().find_map(|request| match request {
        Request::LabSpecimen { ticket, number } if number == tube(77) => Some(ticket),
        _ => None,
    });
    let other = LabDayOrder {
        name: PersonName { kanji: "連携　理子".to_owned(), kana: String::new() },
        birth_date: None,
        sex: Sex::Female,
        order: order(9, "00388", 77, &["WBC"]),
    };
    bench.give(Update::LabSpecimen { ticket: ticket.unwrap(), order: Box::new(other) });
    let wrong = bench.harness.state().desk().lab.wrong_tube.clone().unwrap();
    assert_eq!(wrong.other.unwrap().0, number("00388"));
    bench.sees("00388");
}

#[test]
fn a_tube_ordered_elsewhere_just_now_turns_out_to_be_right() {
    let mut bench = sample_desk();
    bench.scan("01873");
    bench.run();
    bench.asked();
    bench.scan(tube(77).as_str());
    bench.run();
    let ticket = bench.asked().into_iter().find_map(|request| match request {
        Request::LabSpecimen { ticket, .. } => Some(ticket),
        _ => None,
    });
    let own = LabDayOrder {
        name: PersonName::default(),
        birth_date: None,
        sex: Sex::Male,
        order: order(9, "01873", 77, &["WBC"]),
    };
    bench.give(Update::LabSpecimen { ticket: ticket.unwrap(), order: Box::new(own) });
    assert_eq!(route(&bench), Route::Specimens);
    bench.sees("もう一度、管を読み取ってください");
    bench.scan(tube(77).as_str());
    bench.run();
    let acts = acts(&mut bench, 1);
    assert!(matches!(&acts[0], LabAct::Draw { tube: t, .. } if *t == tube(77)), "{acts:?}");
}

#[test]
fn a_tube_scanned_over_a_form_costs_nothing_of_it() {
    let mut bench = consulting(&known());
    bench.give(day());
    bench.scan("01873");
    bench.run();
    bench.key(Key::F4);
    bench.key(Key::Num1);
    bench.scan(tube(11).as_str());
    bench.run();
    assert_eq!(route(&bench), Route::Specimens);
    assert!(bench.harness.state().desk().opened.as_ref().unwrap().is(&number("00942")));
    bench.scan("01873");
    bench.run();
    // The scan of a card at the tubes stays at the tubes; by the list the way leads to the page.
    bench.key(Key::F2);
    bench.key(Key::F2);
    assert_eq!(route(&bench), Route::Receptions);
    bench.scan("01873");
    bench.run();
    bench.key(Key::F4);
    bench.key(Key::F11);
    let acts = acts(&mut bench, 1);
    assert!(matches!(&acts[0], LabAct::Order { request } if request.items.len() == 2), "{acts:?}");
}

#[test]
fn a_sticker_opens_its_patient_and_a_damaged_one_nobody() {
    let mut bench = Bench::signed_in_with(&known(), receptions());
    let code = chart_code::write(&number("01873"));
    bench.scan(&code);
    bench.run();
    assert_eq!(route(&bench), Route::Patient);
    assert!(bench.harness.state().desk().opened.as_ref().unwrap().is(&number("01873")));
    // Another digit, and the check characters tell.
    let damaged = code.replacen("18", "81", 1);
    assert_ne!(damaged, code);
    bench.scan(&damaged);
    bench.run();
    assert_eq!(route(&bench), Route::UnknownCard);
}

#[test]
fn an_order_is_not_confirmed_while_another_patients_card_was_scanned_last() {
    let mut bench = consulting(&known());
    bench.scan("00942");
    bench.run();
    bench.key(Key::F11);
    // By hand from the list.
    bench.key(Key::ArrowDown);
    while bench.marked().first().is_none_or(|row| !row.starts_with("01873")) {
        bench.key(Key::ArrowDown);
    }
    bench.key(Key::F11);
    assert_eq!(route(&bench), Route::Patient);
    bench.key(Key::F4);
    bench.key(Key::Num1);
    bench.key(Key::F11);
    bench.sees("最後に読み取ったカードは、別の患者さん（00942）のものです");
    // A double press is no answer.
    bench.key(Key::F11);
    bench.sees("最後に読み取ったカードは、別の患者さん（00942）のものです");
    assert!(bench.kept(0).is_empty());
    // The own card, and the form is still there.
    bench.scan("01873");
    bench.run();
    assert_eq!(route(&bench), Route::LabOrder);
    bench.key(Key::F11);
    assert_eq!(acts(&mut bench, 1).len(), 1);
}

fn potassium(flag: Flag) -> Update {
    let order = order(5, "00942", 21, &["WBC"]);
    let result = LabResult {
        id: Uuid::from_u128(800),
        patient: number("00942"),
        order: order.id,
        report: Uuid::from_u128(801),
        specimen: tube(21).as_str().to_owned(),
        code: LabCode { jlac10: None, local: "K".to_owned() },
        name: "カリウム".to_owned(),
        abbr: "K".to_owned(),
        value: ResultValue("6.9".to_owned()),
        unit: "mmol/L".to_owned(),
        range: ReferenceRange("3.6-4.8".to_owned()),
        flag,
        status: ResultStatus::Final,
        collected_at: None,
        received_at: NOW.parse().unwrap(),
        comments: Vec::new(),
        replaces: None,
        replaced_by: None,
        confirmed: None,
    };
    let waiting = LabWaiting {
        number: number("00942"),
        name: PersonName { kanji: "患者　和子".to_owned(), kana: String::new() },
        birth_date: None,
        sex: Sex::Female,
        order,
        results: vec![result],
    };
    let inbox = LabInbox { waiting: vec![waiting], total: 1, ..LabInbox::default() };
    Update::LabInbox(Box::new(inbox))
}

#[test]
fn panic_values_are_told_to_practitioners_and_nurses_alone() {
    const WORDS: &str = "すぐ見ていただきたい検査結果";
    for (role, told) in
        [(Role::Practitioner, true), (Role::Nurse, true), (Role::Receptionist, false)]
    {
        let mut bench = Bench::signed_in_with(&known(), receptions());
        bench.sign_in(kiosk_session(role));
        bench.give(potassium(Flag::PanicHigh));
        let said = bench.words().contains(WORDS);
        assert_eq!(said, told, "{role:?}");
        if told {
            bench.sees("患者　和子さん（00942）");
            bench.sees("K 6.9 mmol/L HH");
            bench.key(Key::Escape);
            bench.give(potassium(Flag::PanicHigh));
            bench.misses(WORDS);
        }
    }
    let mut bench = Bench::signed_in_with(&known(), receptions());
    bench.sign_in(directors_session());
    bench.give(potassium(Flag::High));
    bench.misses(WORDS);
}

fn kiosk_session(role: Role) -> api::session::SessionInfo {
    match role {
        Role::Practitioner => directors_session(),
        role => api::session::SessionInfo { role, ..session() },
    }
}

#[test]
fn who_was_second_is_told_that_nothing_was_done() {
    let mut bench = sample_desk();
    bench.scan("00942");
    bench.run();
    bench.scan(tube(11).as_str());
    bench.run();
    let row = bench.kept(1).remove(0);
    let EntryContent::Lab { entry: LabEntry { order: of, .. } } = &row.entry.content else {
        panic!("{row:?}")
    };
    assert_eq!(*of, order(2, "00942", 11, &["WBC"]).id);
    let stands = Box::new(order(2, "00942", 11, &["WBC", "AST"]));
    let result = EntryResult::Lab { outcome: LabOutcome::Overtaken, order: stands };
    bench.receipt(&row, result);
    bench.sees("ほかの端末で先に変わっていたため、行われませんでした");
}

#[test]
fn a_sticker_and_the_day_sheet_are_printed_by_one_key_and_are_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup { printer: Some(folder.path().to_owned()), ..known() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.scan("01873");
    bench.run();
    bench.key(Key::F5);
    recorded(&mut bench, 1);
    bench.key(Key::F11);
    bench.key(Key::F9);
    recorded(&mut bench, 2);
    let rows = bench.kept(2);
    let papers: Vec<_> = rows
        .iter()
        .map(|row| match &row.entry.content {
            EntryContent::Printed { record } => {
                (record.paper, record.copy, record.patient.is_some())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(papers, [(PaperKind::Sticker, 1, true), (PaperKind::DaySheet, 1, false)]);
}

#[test]
fn the_same_sticker_by_the_same_key_is_a_second_copy_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup { printer: Some(folder.path().to_owned()), ..known() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.scan("01873");
    bench.run();
    for count in 1..=2 {
        bench.key(Key::F5);
        recorded(&mut bench, count);
    }
    let told: Vec<_> = bench
        .kept(2)
        .into_iter()
        .map(|row| match &row.entry.content {
            EntryContent::Printed { record } => (record.copy, record.reason.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(1, String::new()), (2, "同じキーでもう一度".to_owned())]);
}

/// A patient who is here for the first time, and one who is not.
fn first_and_old() -> [PatientView; 2] {
    let mut first = view("01873", "厚労　太郎", "コウロウ　タロウ");
    first.patient.first_visit = Some(today());
    first.patient.last_visit = Some(today());
    first.receptions = vec![receptions()[1].clone()];
    [first, view("00942", "患者　和子", "カンジャ　カズコ")]
}

/// Scans a card, and the cloud answers.
fn opened(bench: &mut Bench, view: &PatientView) {
    bench.scan(view.patient.number.as_str());
    bench.run();
    let ticket = bench.open_ticket();
    bench.give(Update::Patient { ticket, view: Box::new(view.clone()) });
}

const FIRST: &str = "初めての患者さんです";

#[test]
fn a_new_patients_chart_is_offered_its_sticker_once() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup { printer: Some(folder.path().to_owned()), ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    let [first, old] = first_and_old();
    for (patient, offered) in [(&old, false), (&first, true), (&old, false), (&first, false)] {
        opened(&mut bench, patient);
        assert_eq!(bench.words().contains(FIRST), offered, "{}", patient.patient.number);
    }
    // Nobody has asked for one: nothing was printed.
    bench.kept(0);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn where_it_is_set_so_a_new_patients_sticker_is_printed_by_itself_once() {
    let folder = tempfile::tempdir().unwrap();
    let printer = Some(folder.path().to_owned());
    let setup = Setup { printer, first_sticker: true, ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    let [first, old] = first_and_old();
    opened(&mut bench, &old);
    opened(&mut bench, &first);
    recorded(&mut bench, 1);
    bench.misses(FIRST);
    opened(&mut bench, &old);
    opened(&mut bench, &first);
    let rows = bench.kept(1);
    let EntryContent::Printed { record } = &rows[0].entry.content else { panic!("{rows:?}") };
    assert_eq!((record.paper, record.copy), (PaperKind::Sticker, 1));
    assert_eq!(record.patient, Some(number("01873")));
}

#[test]
fn who_is_about_to_print_reads_first_that_the_printer_cannot() {
    const STATE: &str = "このパソコンに見つかりません";
    let folder = tempfile::tempdir().unwrap();
    // A file stands where the folder should be.
    let place = folder.path().join("printer");
    std::fs::write(&place, "").unwrap();
    let setup = Setup { printer: Some(place), desk: config::Desk::Samples, ..known() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.give(day());
    bench.scan("01873");
    bench.run();
    assert_eq!(route(&bench), Route::Specimens);
    bench.until_sees(&format!("ラベルのプリンター：{STATE}"));
    let mut bench =
        Bench::signed_in_with(&Setup { desk: config::Desk::Reception, ..setup }, receptions());
    bench.key(Key::F9);
    bench.until_sees(&format!("プリンターがまだ印刷できません。{STATE}"));
}

#[test]
fn two_touches_send_all_that_was_drawn() {
    let mut bench = sample_desk();
    bench.scan("00942");
    bench.run();
    bench.scan(tube(11).as_str());
    bench.run();
    bench.kept(1);
    bench.key(Key::F2);
    assert_eq!(route(&bench), Route::Samples);
    bench.key(Key::F9);
    let acts = acts(&mut bench, 2);
    assert!(matches!(&acts[1], LabAct::Send { tubes } if *tubes == [tube(11)]), "{acts:?}");
    bench.until_sees("1 本を検査会社に送ります");
    bench.key(Key::F9);
    bench.kept(2);
}

#[test]
fn an_answer_about_a_tube_of_before_does_not_take_the_place_of_who_was_opened_since() {
    let mut bench = consulting(&known());
    bench.scan(tube(77).as_str());
    bench.run();
    bench.sees("管を調べています");
    let ticket = bench.asked().into_iter().find_map(|request| match request {
        Request::LabSpecimen { ticket, .. } => Some(ticket),
        _ => None,
    });
    bench.scan("01873");
    bench.run();
    bench.key(Key::F4);
    assert_eq!(route(&bench), Route::LabOrder);
    let late = LabDayOrder {
        name: PersonName { kanji: "連携　理子".to_owned(), kana: String::new() },
        birth_date: None,
        sex: Sex::Female,
        order: order(9, "00388", 77, &["WBC"]),
    };
    bench.give(Update::LabSpecimen { ticket: ticket.unwrap(), order: Box::new(late) });
    assert_eq!(route(&bench), Route::LabOrder);
    assert!(bench.harness.state().desk().opened.as_ref().unwrap().is(&number("01873")));
    bench.misses("管を調べています");
}

#[test]
fn a_strange_tube_stops_also_while_the_results_stand_over_the_tubes() {
    let mut bench = sample_desk();
    bench.scan("01873");
    bench.run();
    bench.key(Key::F5);
    assert_eq!(route(&bench), Route::Results);
    bench.scan(tube(11).as_str());
    bench.run();
    assert_eq!(route(&bench), Route::WrongTube);
    bench.key(Key::F11);
    assert_eq!(route(&bench), Route::Specimens);
    assert!(bench.harness.state().desk().opened.as_ref().unwrap().is(&number("01873")));
    // The own tube leads back to the tubes.
    bench.key(Key::F5);
    bench.scan(tube(1).as_str());
    bench.run();
    assert_eq!(route(&bench), Route::Specimens);
    bench.kept(0);
}

#[test]
fn a_number_nobody_has_does_not_take_the_red_screen_away() {
    let mut bench = sample_desk();
    bench.scan("77777");
    bench.run();
    let ticket = bench.open_ticket();
    bench.scan(tube(11).as_str());
    bench.run();
    assert_eq!(route(&bench), Route::WrongTube);
    let failure = refused(api::ErrorCode::NotFound, None);
    bench.give(Update::PatientFailed { ticket, number: number("77777"), failure });
    assert_eq!(route(&bench), Route::WrongTube);
}

#[test]
fn panic_values_stay_told_when_a_patient_is_opened_and_go_when_they_are_confirmed() {
    const WORDS: &str = "すぐ見ていただきたい検査結果";
    let mut bench = consulting(&known());
    bench.give(potassium(Flag::PanicHigh));
    bench.sees(WORDS);
    bench.scan("01873");
    bench.run();
    bench.sees(WORDS);
    bench.scan("QQQQQQQQ");
    bench.run();
    bench.sees(WORDS);
    bench.give(Update::LabInbox(Box::default()));
    bench.misses(WORDS);
}

#[test]
fn labels_that_would_name_nobody_are_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup { printer: Some(folder.path().to_owned()), ..known() };
    let mut bench = consulting(&setup);
    bench.scan("77777");
    bench.run();
    bench.key(Key::F4);
    bench.key(Key::Num1);
    bench.key(Key::F11);
    assert!(matches!(acts(&mut bench, 1).as_slice(), [LabAct::Order { .. }]));
    bench.sees("ラベルは印刷していません");
    assert!(bench.harness.state().desk().prints.jobs.is_empty());
}

#[test]
fn an_answer_read_before_a_tube_was_drawn_does_not_take_that_back() {
    let mut bench = sample_desk();
    let changed = order(1, "01873", 1, &["WBC"]).id;
    bench.give(Update::LabChanged { number: number("01873"), order: changed });
    bench.scan("00942");
    bench.run();
    bench.scan(tube(11).as_str());
    bench.run();
    let row = bench.kept(1).remove(0);
    let mut drawn = vec![order(2, "00942", 11, &["WBC", "AST"])];
    let done = LabAct::Draw { tube: tube(11), identified: clinical::lab::Identified::Card };
    crate::lab_order::act(&mut drawn, 2, "00942", 300, done);
    let result = EntryResult::Lab { outcome: LabOutcome::Done, order: Box::new(drawn.remove(0)) };
    bench.receipt(&row, result);
    let is_drawn = |bench: &Bench| {
        let rows = bench.harness.state().desk().lab.day_orders();
        let own = rows.iter().find(|row| row.order.patient == number("00942")).unwrap();
        own.order.tube(&tube(11)).unwrap().is_drawn()
    };
    assert!(is_drawn(&bench));
    bench.give(day());
    assert!(is_drawn(&bench), "an old answer");
    bench.give(day());
    assert!(!is_drawn(&bench), "the cloud's last word");
}

#[test]
fn a_key_that_is_pressed_twice_prints_one_label() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup {
        desk: config::Desk::Samples,
        known: vec![with_orders(Vec::new())],
        printer: Some(folder.path().to_owned()),
        ..Setup::default()
    };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.give(day());
    bench.scan("01873");
    bench.run();
    bench.key(Key::F3);
    bench.key(Key::F3);
    recorded(&mut bench, 1);
    assert_eq!(bench.harness.state().desk().prints.jobs.len(), 1);
}

#[test]
fn each_label_bears_its_own_count() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup {
        desk: config::Desk::Samples,
        known: vec![with_orders(Vec::new())],
        printer: Some(folder.path().to_owned()),
        ..Setup::default()
    };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    let mut order = order(1, "01873", 1, &["WBC", "AST"]);
    (order.tubes[0].labels, order.tubes[1].labels) = (2, 1);
    let name = PersonName { kanji: "厚労　太郎".to_owned(), kana: "コウロウ".to_owned() };
    let row = LabDayOrder { name, birth_date: None, sex: Sex::Male, order };
    let day = LabDay { date: today(), orders: vec![row] };
    bench.give(Update::LabDay(Box::new(day)));
    bench.scan("01873");
    bench.run();
    bench.key(Key::F3);
    bench.key(Key::Num1);
    recorded(&mut bench, 2);
    let mut copies: Vec<_> = acts(&mut bench, 2)
        .into_iter()
        .map(|act| match act {
            LabAct::Labels { tubes, copy, .. } => (tubes, copy),
            other => panic!("{other:?}"),
        })
        .collect();
    copies.sort();
    assert_eq!(copies, [(vec![tube(1)], 3), (vec![tube(2)], 2)]);
}
