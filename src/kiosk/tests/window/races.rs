//! What happens when answers come later than the next thing a person does: nothing is saved twice, nothing is taken
//! for another patient's, nothing newer is overwritten.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::entries::{EntryContent, EntryResult, Receipt};
use api::profile::{Confirmations, Waiting};
use clinical::SafetyKind;
use clinical::profile::{Item, Outcome, ProfileEntry, Version};
use egui::Key;
use kiosk::app::Route;
use kiosk::client::{Request, Update};
use kiosk::local::Handle;
use redb::StorageBackend;
use redb::backends::FileBackend;
use tempfile::TempDir;

use crate::records::{
    allergy, clerks_allergy, confirm, item, opened, record, version, with_profile,
};
use crate::support::{
    Bench, NOW, Setup, clerk, director, directors_session, list_of, number, receptions, store_over,
    view,
};

/// A file on a disk that answers only while nobody holds the gate.
#[derive(Debug)]
struct Slow {
    file: FileBackend,
    gate: Arc<Mutex<()>>,
}

fn held(gate: &Mutex<()>) -> MutexGuard<'_, ()> {
    gate.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StorageBackend for Slow {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        drop(held(&self.gate));
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }
}

/// A store on such a disk.
fn store(folder: &Path, gate: &Arc<Mutex<()>>) -> Handle {
    let gate = Arc::clone(gate);
    store_over(folder, move |file| Slow { file, gate: Arc::clone(&gate) })
}

/// The practitioner is signed in; both patients are known.
fn on_a_slow_disk() -> (Bench, Arc<Mutex<()>>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new(Mutex::new(()));
    let known = vec![with_profile(Vec::new()), view("00942", "患者　和子", "カンジャ　カズコ")];
    let setup = Setup { known, cache: Some(store(folder.path(), &gate)), ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.sign_in(directors_session());
    assert!(bench.cache.settle(Duration::from_mins(1)));
    (bench, gate, folder)
}

/// Types a height for the patient of this card.
fn height(bench: &mut Bench, card: &str, centimetres: &str) {
    bench.scan(card);
    bench.run();
    bench.key(Key::F2);
    bench.key(Key::Num1);
    bench.type_text(centimetres);
}

/// Whose rows the outbox holds, in their order.
fn whose(bench: &Bench) -> Vec<String> {
    let rows = &bench.harness.state().desk().outbox.rows;
    let of = |content: &EntryContent| match content {
        EntryContent::Profile { entry } => entry.patient.as_str().to_owned(),
        _ => panic!("{content:?}"),
    };
    rows.iter().map(|row| of(&row.entry.content)).collect()
}

#[test]
fn the_same_form_of_the_next_patient_is_not_taken_for_the_one_that_was_saved() {
    let (mut bench, gate, _folder) = on_a_slow_disk();
    height(&mut bench, "01873", "165");
    let disk = held(&gate);
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().desk().saving.len(), 1);
    // The disk has not answered, and the next patient is there.
    height(&mut bench, "00942", "152");
    drop(disk);
    bench.until("the answer", |bench| bench.harness.state().desk().saving.is_empty());
    assert_eq!(bench.harness.state().route(), Route::Entry);
    bench.sees("152");
    assert_eq!(whose(&bench), ["01873"]);
    bench.key(Key::F11);
    bench.kept(2);
    assert_eq!(whose(&bench), ["01873", "00942"]);
    assert_eq!(bench.harness.state().route(), Route::Patient);
}

#[test]
fn the_next_patients_form_can_be_saved_while_the_disk_is_still_busy_with_the_one_before() {
    let (mut bench, gate, _folder) = on_a_slow_disk();
    height(&mut bench, "01873", "165");
    let disk = held(&gate);
    bench.key(Key::F11);
    height(&mut bench, "00942", "152");
    bench.key(Key::F11);
    assert_eq!(bench.harness.state().desk().saving.len(), 2);
    drop(disk);
    bench.kept(2);
    assert_eq!(whose(&bench), ["01873", "00942"]);
}

#[test]
fn a_remark_taken_over_twice_in_a_hurry_is_recorded_once() {
    let (mut bench, gate, _folder) = on_a_slow_disk();
    // The patient has one remark of the receipt computer.
    bench.scan("01873");
    bench.run();
    let disk = held(&gate);
    bench.touch("レセコンの注意事項を取り込む");
    bench.touch("レセコンの注意事項を取り込む");
    drop(disk);
    bench.kept(1);
    assert_eq!(whose(&bench), ["01873"]);
}

#[test]
fn an_answer_read_before_an_entry_arrived_does_not_take_the_entry_out_of_the_store() {
    let mut bench = opened(Vec::new());
    let ticket = bench.open_ticket();
    let entry = record("01873", 5, None, allergy("セフェム系"));
    let row = confirm(&mut bench, &clerk(), entry.clone());
    let row = bench.harness.state().desk().outbox.row(row).unwrap().clone();
    let stands = item(&[Version { id: row.id, ..version(1, entry, clerk()) }]);
    let result = EntryResult::Profile { outcome: Outcome::Stands, item: Box::new(stands) };
    let stored_at = NOW.parse().unwrap();
    let receipt = Receipt { id: row.id, hash: row.hash.clone(), stored_at, result };
    bench.cache.received(&receipt).unwrap();
    // The patient was read before, and the answer comes now.
    bench.give(Update::Patient { ticket, view: Box::new(with_profile(Vec::new())) });
    bench.give(Update::Receipt(Box::new(receipt), Box::new((*row).clone())));
    bench.sees("薬剤アレルギー　セフェム系（発疹）");
    // The line breaks here: what is kept must hold it.
    let known = bench.cache.known_patient(&number("01873")).unwrap();
    assert_eq!(known.view.profile.len(), 1);
}

#[test]
fn a_list_that_is_loaded_anew_asks_for_the_open_patient_anew() {
    let mut bench = opened(Vec::new());
    let first = bench.open_ticket();
    bench.ctrl(Key::H);
    bench.asked();
    // Events were missed: what the first question is answered with may be old.
    bench.give(Update::Receptions(list_of(receptions())));
    let asked = bench.asked();
    let anew = asked.iter().find_map(|request| match request {
        Request::OpenPatient { ticket, number } if number.as_str() == "01873" => Some(*ticket),
        _ => None,
    });
    let anew = anew.unwrap();
    assert!(asked.iter().any(|request| matches!(request, Request::History { .. })));
    let told = |text: &str| {
        let mut told = with_profile(Vec::new());
        told.patient.safety[0].kind = SafetyKind::Allergy;
        text.clone_into(&mut told.patient.safety[0].text);
        Box::new(told)
    };
    bench.give(Update::Patient { ticket: first, view: told("サバ") });
    bench.misses("サバ");
    bench.give(Update::Patient { ticket: anew, view: told("そば") });
    bench.sees("そば");
}

#[test]
fn what_another_terminal_puts_under_the_finger_is_not_confirmed_unseen() {
    let waiting = |item: Item| {
        let patient = with_profile(Vec::new()).patient;
        let (number, name) = (patient.number, patient.name);
        Waiting { number, name, birth_date: patient.birth_date, sex: patient.sex, item }
    };
    let told = |waiting: Vec<Waiting>| {
        Update::Confirmations(Box::new(Confirmations { total: 2, waiting }))
    };
    let (first, next) =
        (clerks_allergy(1, "01873", "セフェム系"), clerks_allergy(2, "01873", "ペニシリン系"));
    let setup = Setup { known: vec![with_profile(Vec::new())], ..Setup::default() };
    let mut bench = Bench::signed_in_with(&setup, receptions());
    bench.sign_in(directors_session());
    bench.give(told(vec![waiting(first.clone()), waiting(next.clone())]));
    bench.key(Key::F8);
    bench.sees("薬剤アレルギー　セフェム系（発疹）");
    // A colleague confirms the first one at the moment of the press: another one of the same patient is in its place.
    bench.harness.key_press(Key::F11);
    bench.give(told(vec![waiting(next.clone())]));
    assert!(bench.harness.state().desk().saving.is_empty());
    assert!(bench.harness.state().desk().outbox.rows.is_empty());
    // The same with a content that changes under the same name, which is said.
    let changed = ProfileEntry {
        on_behalf_of: Some(director()),
        ..record("01873", 2, Some(1002), allergy("マクロライド系"))
    };
    let mut changed_item = next;
    changed_item.step(&version(5, changed, clerk())).unwrap();
    bench.harness.key_press(Key::F11);
    bench.give(told(vec![waiting(changed_item)]));
    bench.sees("一覧が変わりました");
    assert!(bench.harness.state().desk().saving.is_empty());
    assert!(bench.harness.state().desk().outbox.rows.is_empty());
    // Once it was on the screen for a moment, the key does what it says.
    bench.sees("マクロライド系");
    bench.harness.run_steps(20);
    bench.key(Key::F11);
    bench.kept(1);
}
