//! What is confirmed at one terminal, at the other and in the cloud.

use api::entries::EntryContent;
use api::profile::History;
use clinical::profile::{
    Act, Allergen, Allergy, AllergyCategory, Measurement, MeasurementValue, Outcome, ProfileEntry,
    ProfileValue, Source, Tenths,
};
use kiosk::client::{Request, Ticket, Update};
use kiosk::demo::line::Cut;
use uuid::Uuid;

use super::support::{Clinic, Terminal, begun, next, staff};

const PATIENT: &str = "00100";

fn allergy(text: &str) -> ProfileValue {
    ProfileValue::Allergy(Allergy {
        category: AllergyCategory::Food,
        allergen: Allergen { text: text.to_owned(), jfagy: None },
        severity: None,
        reaction: String::new(),
        onset: None,
        informant: None,
    })
}

fn weight(clinic: &Clinic, tenths: u32) -> ProfileValue {
    let value = MeasurementValue::Weight(Tenths(tenths));
    ProfileValue::Measurement(Measurement { value, measured_at: clinic.clock.now() })
}

fn record(value: ProfileValue) -> Act {
    Act::Record { value, source: Source::Clinic }
}

fn history(terminal: &mut Terminal, patient: &str) -> History {
    let ticket = Ticket(9_000);
    let number = clinical::PatientNumber::parse(patient).unwrap();
    terminal.ask(Request::History { ticket, number });
    terminal.wait("the history", |update| match update {
        Update::History { ticket: of, history } if *of == ticket => Some((**history).clone()),
        Update::HistoryFailed { failure, .. } => panic!("{failure:?}"),
        _ => None,
    })
}

/// Waits until a terminal hears of an item.
fn heard(terminal: &mut Terminal, item: Uuid) {
    terminal.wait("the news of the item", |update| {
        matches!(update, Update::ProfileChanged { item: of, .. } if *of == item).then_some(())
    });
}

#[test]
fn a_clerks_entry_is_confirmed_in_the_consulting_room_and_the_history_names_both() {
    let clinic = Clinic::open();
    let (mut front, mut room) = (clinic.terminal("受付"), clinic.terminal("診察室"));
    let (clerk, doctor) = (front.sign_in(0), room.sign_in(2));
    let (outcome, item) = front.enter(&clerk, begun(PATIENT, allergy("鶏卵"), Some(&doctor)));
    assert_eq!((outcome, item.awaits), (Outcome::Stands, true));

    heard(&mut room, item.id);
    assert_eq!(room.open(PATIENT, 1).unwrap().profile, std::slice::from_ref(&item));
    room.ask(Request::Confirmations);
    let waiting = room.wait("what waits", |update| match update {
        Update::Confirmations(list) => Some((**list).clone()),
        Update::ConfirmationsFailed(failure) => panic!("{failure:?}"),
        _ => None,
    });
    assert_eq!(waiting.waiting.iter().map(|w| &w.item).collect::<Vec<_>>(), [&item]);
    let (outcome, item) = room.enter(&doctor, next(PATIENT, &item, Act::Confirm));
    assert_eq!((outcome, item.awaits), (Outcome::Stands, false));

    heard(&mut front, item.id);
    let history = history(&mut front, PATIENT);
    let who: Vec<_> = history
        .versions
        .iter()
        .map(|e| (e.version.author.clone(), e.version.terminal.as_str()))
        .collect();
    assert_eq!(who, [(staff(&clerk), "受付"), (staff(&doctor), "診察室")]);
    assert_eq!(history.versions[0].version.entry.on_behalf_of, Some(staff(&doctor)));
}

#[test]
fn two_terminals_at_one_item_keep_both_words_and_the_second_chooses() {
    let clinic = Clinic::open();
    let (mut one, mut two) = (clinic.terminal("診察室1"), clinic.terminal("診察室2"));
    let (nurse, doctor) = (one.sign_in(1), two.sign_in(2));
    let (_, item) = one.enter(&nurse, begun(PATIENT, weight(&clinic, 564), None));
    heard(&mut two, item.id);
    // Both see the same and correct it.
    let first = one.enter(&nurse, next(PATIENT, &item, record(weight(&clinic, 566))));
    assert_eq!(first.0, Outcome::Stands);
    let (outcome, both) = two.enter(&doctor, next(PATIENT, &item, record(weight(&clinic, 580))));
    assert_eq!((outcome, &both.content), (Outcome::Rival, &first.1.content));
    assert_eq!(both.rivals.len(), 1);
    assert_eq!(both.rivals[0].author, staff(&doctor));

    // "Take mine": the rival's content, upon what stands.
    let rival = &both.rivals[0];
    let mine =
        ProfileEntry { settles: Some(rival.id), ..next(PATIENT, &both, rival.entry.act.clone()) };
    let (outcome, settled) = two.enter(&doctor, mine);
    assert_eq!((outcome, settled.rivals.len()), (Outcome::Stands, 0));
    assert_eq!(settled.content.value, weight_of(&rival.entry));
    assert_eq!(history(&mut one, PATIENT).versions.len(), 4, "nobody's word is gone");
    assert_eq!(one.open(PATIENT, 1).unwrap().profile, [settled]);
}

fn weight_of(entry: &ProfileEntry) -> ProfileValue {
    match &entry.act {
        Act::Record { value, .. } => value.clone(),
        other => panic!("{other:?}"),
    }
}

/// The line is cut, the clerk goes on, the terminal is switched off and on again, another person signs in: what was
/// saved arrives once, in its order, under the name of who confirmed it.
#[test]
fn what_was_saved_while_the_line_was_cut_arrives_once_and_under_its_authors_name() {
    let clinic = Clinic::open();
    let mut desk = clinic.terminal("受付");
    let nurse = desk.sign_in(1);
    let (_, item) = desk.enter(&nurse, begun(PATIENT, weight(&clinic, 560), None));
    clinic.plug.set(Cut::Broken);
    desk.wait_down();

    let mut ids = Vec::new();
    // Corrections build on each other before the cloud has seen the first.
    let mut base = item.head;
    for tenths in [561, 562, 563] {
        let entry = ProfileEntry {
            base: Some(base),
            ..next(PATIENT, &item, record(weight(&clinic, tenths)))
        };
        base = desk.confirm(&nurse, EntryContent::Profile { entry });
        ids.push(base);
    }
    desk.switch_off();
    let mut desk = clinic.terminal("受付");
    assert_eq!(desk.cache.outbox().unsent(), 3);
    // Without the line the terminal knows the nurse, by the password of the morning.
    let again = desk.sign_in(1);
    assert_eq!(again.account_id, nurse.account_id);
    let entry = begun("00101", weight(&clinic, 700), None);
    ids.push(desk.confirm(&again, EntryContent::Profile { entry }));
    desk.switch_off();

    clinic.plug.set(Cut::Whole);
    let mut desk = clinic.terminal("受付");
    let doctor = desk.sign_in(2);
    assert_ne!(doctor.account_id, nurse.account_id);
    for id in &ids {
        desk.result(*id);
    }
    assert_eq!(desk.cache.outbox().unsent(), 0);
    let of_first = history(&mut desk, PATIENT);
    let versions: Vec<_> = of_first.versions.iter().map(|e| (e.version.id, e.outcome)).collect();
    let expected: Vec<_> =
        [item.head].iter().chain(&ids[..3]).map(|id| (*id, Outcome::Stands)).collect();
    assert_eq!(versions, expected);
    let of_second = history(&mut desk, "00101");
    assert_eq!(of_second.versions.iter().map(|e| e.version.id).collect::<Vec<_>>(), ids[3..]);
    for entry in of_first.versions.iter().chain(&of_second.versions) {
        assert_eq!(entry.version.author, staff(&nurse));
    }
    let page = desk.open(PATIENT, 1).unwrap().profile;
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].content.value, weight_of(&of_first.versions[3].version.entry));
}
