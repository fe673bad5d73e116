//! Confirming, the outbox on disk, drafts.

use api::ErrorCode;
use api::entries::{Entry, EntryContent, EntryResult, Receipt};
use api::profile::StaffList;
use api::proof;
use api::receptions::StateChange;
use api::session::SessionInfo;
use clinical::profile::{
    Act, Item, Measurement, MeasurementValue, Outcome, ProfileEntry, ProfileValue, Source, Version,
};
use clinical::{Reception, ReceptionKey, ReceptionState, Role, Staff};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::*;

pub(super) const DOCTOR: Uuid = Uuid::from_u128(0xd0c);
pub(super) const CLERK: Uuid = Uuid::from_u128(0xc1e);
pub(super) const PASSWORD: &str = "correct horse battery";

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(MORNING + second).unwrap()
}

pub(super) fn session(login: &str, account: Uuid) -> SessionInfo {
    SessionInfo {
        institution: "見本医院".to_owned(),
        account_id: account,
        login: login.to_owned(),
        display_name: format!("{login}さん"),
        role: if account == DOCTOR { Role::Practitioner } else { Role::Receptionist },
        station: Some(7),
        idle_limit_seconds: 900,
        expires_at: at(36_000),
    }
}

/// Signs somebody in with the line up.
pub(super) fn sign_in(run: &Run, login: &str, account: Uuid) -> String {
    let key = run.entry_key(login).unwrap();
    run.remember_person(login, session(login, account), Zeroizing::new(PASSWORD.to_owned()));
    assert!(run.settle(LIMIT));
    key
}

pub(super) fn patient_of(of: &str) -> RowPatient {
    RowPatient { number: Some(number(of)), name: view(of).patient.name }
}

pub(super) fn profile_entry(of: &str, item: Uuid, base: Option<Uuid>) -> ProfileEntry {
    let value = ProfileValue::Measurement(Measurement {
        value: MeasurementValue::Pulse(71),
        measured_at: at(0),
    });
    ProfileEntry {
        patient: number(of),
        item,
        base,
        act: Act::Record { value, source: Source::Clinic },
        on_behalf_of: None,
        reason: String::new(),
        settles: None,
    }
}

/// Something new about a patient, confirmed by the doctor.
pub(super) fn pulse(of: &str) -> Confirm {
    let entry = profile_entry(of, Uuid::now_v7(), None);
    confirm_of(of, EntryContent::Profile { entry })
}

pub(super) fn confirm_of(of: &str, content: EntryContent) -> Confirm {
    Confirm {
        author: DOCTOR,
        entry: Entry { id: Uuid::now_v7(), entered_at: at(1), content },
        patient: patient_of(of),
        draft: None,
        replaces: None,
    }
}

pub(super) fn key_of(form: &str) -> DraftKey {
    DraftKey { account: DOCTOR, patient: "127".to_owned(), form: form.to_owned() }
}

pub(super) fn receipt(row: &OutboxRow) -> Receipt {
    let EntryContent::Profile { entry } = &row.entry.content else { panic!("another kind") };
    let version = Version {
        id: row.id,
        entry: entry.clone(),
        author: row.author.clone(),
        terminal: "受付1".to_owned(),
        entered_at: row.entry.entered_at,
        stored_at: Some(at(5)),
    };
    let item = Box::new(Item::begin(&version).unwrap());
    let result = EntryResult::Profile { outcome: Outcome::Stands, item };
    Receipt { id: row.id, hash: row.hash.clone(), stored_at: at(5), result }
}

fn saved(run: &Run) -> Vec<Uuid> {
    let kept = run.kept();
    assert!(kept.iter().all(|kept| matches!(kept, Kept::Saved { .. })), "{kept:?}");
    kept.iter().map(Kept::id).collect()
}

#[test]
fn what_is_confirmed_is_signed_and_outlives_the_program() {
    let desk = Desk::new();
    let run = desk.open();
    let key = sign_in(&run, "incho", DOCTOR);
    let confirms = [pulse("00127"), pulse("00128"), pulse("00127")];
    let ids: Vec<Uuid> = confirms.iter().map(|confirm| confirm.entry.id).collect();
    let before = run.outbox().version;
    for confirm in &confirms {
        run.confirm(confirm.clone());
    }
    assert!(run.settle(LIMIT));
    assert_eq!(saved(&run), ids);
    assert_ne!(run.outbox().version, before);
    let rows = run.outbox().rows.clone();
    drop(run);

    let run = desk.open();
    assert_eq!(run.outbox().rows, rows);
    assert_eq!(run.outbox().unsent(), 3);
    for (row, confirm) in rows.iter().zip(&confirms) {
        assert_eq!(row.entry, confirm.entry);
        assert_eq!(serde_json::from_slice::<Entry>(&row.body).unwrap(), confirm.entry);
        assert_eq!(row.hash, proof::hash(&row.body));
        assert!(proof::verify(&key, &row.body, &row.signature));
        assert_eq!(row.public_key, key);
        let author =
            Staff { account: DOCTOR, name: "inchoさん".to_owned(), role: Role::Practitioner };
        assert_eq!(row.author, author);
        assert_eq!(row.patient, confirm.patient);
        assert_eq!(row.made_at, at(0));
    }
    assert_eq!(run.entry_key("incho").as_deref(), Some(&*key), "the key stays");
    assert_ne!(run.entry_key("uketsuke").as_deref(), Some(&*key));
}

#[test]
fn the_same_entry_twice_is_one_row() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    let confirm = pulse("1");
    run.confirm(confirm.clone());
    assert!(run.settle(LIMIT));
    run.confirm(confirm.clone());
    assert!(run.settle(LIMIT));
    assert_eq!(saved(&run), [confirm.entry.id, confirm.entry.id]);
    assert_eq!(run.outbox().rows.len(), 1);
}

#[test]
fn who_cannot_sign_cannot_confirm() {
    let desk = Desk::new();
    let run = desk.open();
    run.keep_draft(key_of("allergy"), "a".into());
    run.confirm(Confirm { draft: Some(key_of("allergy")), ..pulse("1") });
    assert!(run.settle(LIMIT));
    let kept = run.kept();
    assert!(matches!(kept[..], [Kept::NotSaved { why: NotKept::NoKey, .. }]), "{kept:?}");
    assert!(run.draft(&key_of("allergy")).is_some(), "the form's content stays");
    assert_eq!(run.outbox().unsent(), 0);
}

#[test]
fn without_a_store_nothing_is_promised() {
    let handle = Handle::in_memory(3);
    handle.confirm(pulse("1"));
    let kept = handle.kept();
    assert!(matches!(kept[..], [Kept::NotSaved { why: NotKept::NoStore, .. }]), "{kept:?}");
    assert_eq!(handle.entry_key("incho"), None);

    let desk = Desk::new();
    let first = desk.open();
    let second = desk.open();
    second.confirm(pulse("1"));
    assert!(second.settle(LIMIT));
    let kept = second.kept();
    assert!(matches!(kept[..], [Kept::NotSaved { why: NotKept::NoStore, .. }]), "{kept:?}");
    assert_eq!(second.entry_key("incho"), None);
    drop((first, second));
}

#[test]
fn a_row_leaves_on_its_own_receipt_alone() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    run.remember_patient(view("00127"));
    run.confirm(pulse("127"));
    run.confirm(pulse("127"));
    assert!(run.settle(LIMIT));
    let rows = run.outbox().rows.clone();
    let right = receipt(&rows[0]);
    let other_bytes = Receipt { hash: rows[1].hash.clone(), ..right.clone() };
    assert_eq!(run.received(&other_bytes), Err(BadReceipt::OtherHash));
    let stranger = Receipt { id: Uuid::now_v7(), ..right.clone() };
    assert_eq!(run.received(&stranger), Err(BadReceipt::Unknown));
    assert_eq!(run.outbox().rows, rows);
    assert_eq!(run.received(&right), Ok(()));
    assert_eq!(run.received(&right), Err(BadReceipt::Unknown));
    let check = |run: &Run| {
        assert_eq!(run.outbox().rows, rows[1..]);
        let known = run.known_patient(&number("127")).unwrap().view;
        let items: Vec<Uuid> = known.profile.iter().map(|item| item.head).collect();
        assert_eq!(items, [rows[0].id], "the receipt's item is on the patient's page");
    };
    check(&run);
    assert!(run.settle(LIMIT));
    drop(run);
    check(&desk.open());
}

#[test]
fn an_old_receipt_does_not_undo_newer_knowledge() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    run.confirm(pulse("127"));
    assert!(run.settle(LIMIT));
    let row = run.outbox().rows[0].clone();
    let old = receipt(&row);
    let EntryResult::Profile { item, .. } = &old.result else { panic!() };
    let mut newer = (**item).clone();
    newer.revision += 1;
    newer.content.version = Uuid::now_v7();
    newer.head = newer.content.version;
    let mut seen = view("127");
    seen.profile = vec![newer.clone()];
    run.remember_patient(seen);
    assert_eq!(run.received(&old), Ok(()));
    assert_eq!(run.known_patient(&number("127")).unwrap().view.profile, [newer]);
}

#[test]
fn a_changed_reception_goes_into_list_and_page() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    let reception = Reception {
        key: ReceptionKey { date: TODAY, id: "00005".to_owned() },
        patient: Some(number("127")),
        name: view("127").patient.name,
        birth_date: None,
        sex: Sex::Female,
        time: jiff::civil::time(8, 44, 0, 0),
        appointment: None,
        paid_at: None,
        department: clinical::Department::default(),
        physician: clinical::Physician::default(),
        content: clinical::MedicalContent::default(),
        insurance_combination: None,
        state: ReceptionState::Waiting,
        revision: 3,
    };
    run.remember_list(ReceptionList { receptions: vec![reception.clone()], ..list(TODAY) });
    let mut seen = view("127");
    seen.receptions = vec![reception.clone()];
    run.remember_patient(seen);
    let change = StateChange {
        key: reception.key.clone(),
        state: ReceptionState::InConsultation,
        seen: ReceptionState::Waiting,
    };
    let content = EntryContent::ReceptionState { change };
    run.confirm(confirm_of("127", content));
    assert!(run.settle(LIMIT));
    let row = run.outbox().rows[0].clone();
    let after = Reception { state: ReceptionState::InConsultation, revision: 4, ..reception };
    let result = EntryResult::ReceptionState { applied: true, reception: Box::new(after.clone()) };
    let receipt = Receipt { id: row.id, hash: row.hash.clone(), stored_at: at(5), result };
    assert_eq!(run.received(&receipt), Ok(()));
    assert!(run.settle(LIMIT));
    drop(run);
    let run = desk.open();
    assert_eq!(run.last_list(TODAY).unwrap().0.receptions, std::slice::from_ref(&after));
    assert_eq!(run.known_patient(&number("127")).unwrap().view.receptions, [after]);
    assert_eq!(run.outbox().rows, []);
}

#[test]
fn refused_rows_wait_for_a_person_across_restarts() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    for of in ["1", "2", "3"] {
        run.confirm(pulse(of));
    }
    assert!(run.settle(LIMIT));
    let ids: Vec<Uuid> = run.outbox().rows.iter().map(|row| row.id).collect();
    assert!(!run.withdraw_row(ids[0]), "it may be there already");
    run.refused(ids[0], ErrorCode::Invalid, "because");
    run.refused(ids[1], ErrorCode::NotFound, "no such patient");
    assert_eq!((run.outbox().unsent(), run.outbox().refused()), (3, 2));
    assert!(run.withdraw_row(ids[0]));
    let mends = Confirm { replaces: Some(ids[1]), ..pulse("2") };
    run.confirm(mends.clone());
    assert!(run.settle(LIMIT));
    drop(run);
    let run = desk.open();
    let states: Vec<_> = run.outbox().rows.iter().map(|row| (row.id, row.state.clone())).collect();
    let expected = [
        (ids[0], RowState::Withdrawn { at: at(0) }),
        (ids[2], RowState::Waiting),
        (mends.entry.id, RowState::Waiting),
    ];
    assert_eq!(states, expected);
    assert_eq!(run.outbox().unsent(), 2);
    drop(run);
    // What was taken back goes out of sight after a week, from the disk too.
    desk.now.fetch_add(8 * 24 * 3600, Ordering::Relaxed);
    drop(desk.open());
    desk.now.store(MORNING, Ordering::Relaxed);
    assert_eq!(desk.open().outbox().rows.len(), 2);
}

#[test]
fn a_waiting_row_is_not_replaced() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    run.confirm(pulse("1"));
    assert!(run.settle(LIMIT));
    let first = run.outbox().rows[0].id;
    run.confirm(Confirm { replaces: Some(first), ..pulse("1") });
    assert!(run.settle(LIMIT));
    assert_eq!(run.outbox().rows.len(), 2, "it may be on its way");
}

#[test]
fn an_unknown_key_waits_for_its_person() {
    let desk = Desk::new();
    let run = desk.open();
    let key = sign_in(&run, "incho", DOCTOR);
    sign_in(&run, "uketsuke", CLERK);
    run.confirm(pulse("1"));
    assert!(run.settle(LIMIT));
    let row = run.outbox().rows[0].clone();
    run.key_unknown(row.id);
    assert_eq!(run.outbox().rows[0].state, RowState::NeedsSignIn);
    assert_eq!(run.next_to_send(at(0)), NextToSend::Nothing);
    sign_in(&run, "uketsuke", CLERK);
    assert_eq!(run.outbox().rows[0].state, RowState::NeedsSignIn, "somebody else's sign-in");
    drop(run);
    let run = desk.open();
    assert_eq!(run.outbox().rows[0].state, RowState::NeedsSignIn);
    sign_in(&run, "incho", DOCTOR);
    let signed = run.outbox().rows[0].clone();
    assert_eq!(run.next_to_send(at(0)), NextToSend::Row(signed.clone()));
    assert!(proof::verify(&key, &signed.body, &signed.signature));
    assert_eq!((&signed.body, &signed.hash), (&row.body, &row.hash), "as it was confirmed");
}

#[test]
fn drafts_survive_and_go_with_the_save() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    for text in ["さ", "さば", "さばアレルギー"] {
        run.keep_draft(key_of("allergy"), text.into());
    }
    run.keep_draft(key_of("weight"), 61.into());
    run.keep_draft(DraftKey { account: CLERK, ..key_of("allergy") }, "かに".into());
    assert!(run.settle(LIMIT));
    drop(run);
    desk.now.fetch_add(30, Ordering::Relaxed);
    let run = desk.open();
    let draft = run.draft(&key_of("allergy")).unwrap();
    assert_eq!(draft, Draft { content: "さばアレルギー".into(), at: at(0) });
    assert_eq!(run.drafts_of(DOCTOR), [key_of("allergy"), key_of("weight")]);
    run.confirm(Confirm { draft: Some(key_of("allergy")), ..pulse("1") });
    run.drop_draft(&key_of("weight"));
    assert!(run.settle(LIMIT));
    assert_eq!(run.draft(&key_of("allergy")), None);
    drop(run);
    let run = desk.open();
    assert_eq!(run.drafts_of(DOCTOR), []);
    assert_eq!(run.drafts_of(CLERK).len(), 1, "nobody else's draft went");
}

/// The line may be cut before anybody reads the patient anew, and the program started again.
#[test]
fn that_a_copy_is_outdated_is_kept_until_it_is_read_anew() {
    let desk = Desk::new();
    let run = desk.open();
    let outdated = |run: &Handle, of: &str| {
        run.known_patient(&view(of).patient.number).map(|known| known.outdated)
    };
    run.remember_patient(view("1"));
    run.mark_outdated(&view("1").patient.number, true);
    run.mark_outdated(&view("2").patient.number, true);
    assert_eq!((outdated(&run, "1"), outdated(&run, "2")), (Some(true), None));
    assert!(run.settle(LIMIT));
    drop(run);
    let run = desk.open();
    assert_eq!(outdated(&run, "1"), Some(true));
    run.remember_patient(view("1"));
    assert!(run.settle(LIMIT));
    drop(run);
    assert_eq!(outdated(&desk.open(), "1"), Some(false));
}

#[test]
fn clearing_and_pruning_touch_copies_alone() {
    let mut desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    run.confirm(pulse("1"));
    run.keep_draft(key_of("allergy"), "a".into());
    let staff = StaffList {
        staff: vec![Staff { account: DOCTOR, name: "院長".to_owned(), role: Role::Practitioner }],
    };
    run.remember_staff(staff.clone());
    for of in 1..20 {
        run.remember_patient(view(&of.to_string()));
    }
    run.clear();
    assert!(run.settle(LIMIT));
    drop(run);
    desk.patients = 1;
    desk.now.fetch_add(400 * 24 * 3600, Ordering::Relaxed);
    let run = desk.open();
    assert_eq!(run.known_patients(), []);
    assert_eq!(run.outbox().unsent(), 1);
    assert!(run.draft(&key_of("allergy")).is_some());
    assert_eq!(run.staff(), staff);
}

#[test]
fn another_institution_keeps_what_is_unsent() {
    let mut desk = Desk::new();
    let run = desk.open();
    let key = sign_in(&run, "incho", DOCTOR);
    run.confirm(pulse("1"));
    run.keep_draft(key_of("allergy"), "a".into());
    assert!(run.settle(LIMIT));
    drop(run);
    desk.institution = "other";
    let run = desk.open();
    let notices = run.notices();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].kind, notices[0].unsent), (NoticeKind::OtherInstitution, 1));
    assert_eq!(run.outbox().rows, []);
    assert_eq!(run.draft(&key_of("allergy")), None);
    assert_ne!(sign_in(&run, "incho", DOCTOR), key);
    run.confirm(pulse("2"));
    assert!(run.settle(LIMIT));
    drop(run);
    desk.institution = "demo";
    let run = desk.open();
    assert_eq!(run.outbox().rows.len(), 1);
    assert!(run.draft(&key_of("allergy")).is_some());
    assert_eq!(run.entry_key("incho"), Some(key));
}

#[test]
fn the_sender_is_told_of_each_row() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    let changed = run.outbox_changed();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut found = 0;
        run.confirm(pulse("1"));
        while found == 0 {
            tokio::time::timeout(LIMIT, changed.notified()).await.expect("it is told");
            found = run.outbox().rows.len();
        }
    });
    assert!(matches!(run.next_to_send(at(0)), NextToSend::Row(_)));
}

#[test]
fn nothing_confirmed_is_readable_in_the_file() {
    let desk = Desk::new();
    let run = desk.open();
    let key = sign_in(&run, "incho", DOCTOR);
    run.confirm(pulse("48127"));
    run.keep_draft(key_of("allergy"), "さばアレルギー".into());
    assert!(run.settle(LIMIT));
    let id = run.outbox().rows[0].id.to_string();
    drop(run);
    let bytes = std::fs::read(desk.file()).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("outbox"), "the search finds what is there");
    for text in ["48127", "標準", "さば", "incho", "院長", PASSWORD, "argon2id", &key, &id] {
        assert!(!holds(text), "{text} is in the file");
    }
}
