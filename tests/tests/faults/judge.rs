//! The judge against records that are wrong on purpose.

use std::collections::BTreeSet;

use api::entries::{Entry, EntryContent};
use api::proof::{Signer, hash};
use clinical::profile::{
    Act, Item, Measurement, MeasurementValue, ProfileEntry, ProfileValue, Source, Version,
};
use clinical::{PatientNumber, Role, Staff};
use e2e::faults::journal::{Journal, Tried};
use e2e::faults::oracle::{Stored, StoredEntry, StoredVersion, Verdict, judge};
use jiff::Timestamp;
use uuid::Uuid;

struct Case {
    journal: Journal,
    stored: Stored,
}

/// Three entries about one patient, all saved and stored.
fn sound() -> Case {
    let (signer, _) = Signer::generate().unwrap();
    let author =
        Staff { account: Uuid::from_u128(9), name: "院長".into(), role: Role::Practitioner };
    let mut case = Case { journal: Journal::default(), stored: Stored::default() };
    let patient = PatientNumber::parse("00100").unwrap();
    for number in 1..=3_u16 {
        let id = Uuid::from_u128(number.into());
        let value = ProfileValue::Measurement(Measurement {
            value: MeasurementValue::Pulse(60 + number),
            measured_at: Timestamp::UNIX_EPOCH,
        });
        let of = ProfileEntry {
            patient: patient.clone(),
            item: Uuid::from_u128(100 + u128::from(number)),
            base: None,
            act: Act::Record { value, source: Source::Clinic },
            on_behalf_of: None,
            reason: String::new(),
            settles: None,
        };
        let content = EntryContent::Profile { entry: of.clone() };
        let entry = Entry { id, entered_at: Timestamp::UNIX_EPOCH, content };
        let body = serde_json::to_string(&entry).unwrap();
        let version = Version {
            id,
            entry: of.clone(),
            author: author.clone(),
            terminal: "a".into(),
            entered_at: Timestamp::UNIX_EPOCH,
            stored_at: Some(Timestamp::UNIX_EPOCH),
        };
        let item = Item::begin(&version).unwrap();
        let canonical = patient.canonical();
        case.stored
            .items
            .insert((canonical.clone(), of.item), serde_json::to_string(&item).unwrap());
        case.stored.versions.push(StoredVersion {
            id,
            canonical,
            seq: number.into(),
            body: serde_json::to_string(&version).unwrap(),
        });
        case.stored.audited.push(id);
        case.stored.told += 1;
        case.stored.events.0.push(number.into());
        case.stored.events.1 = number.into();
        case.stored.outgoing.push(id.to_string());
        case.stored.entries.push(StoredEntry {
            id,
            account: author.account.to_string(),
            public_key: signer.public_key(),
            signature: signer.sign(body.as_bytes()),
            hash: hash(body.as_bytes()),
            body: body.clone(),
        });
        case.journal.tried.push(Tried {
            author: author.account,
            hash: hash(body.as_bytes()),
            entry,
        });
        case.journal.saved.insert(id);
    }
    case
}

fn verdict(change: impl FnOnce(&mut Case)) -> Verdict {
    let mut case = sound();
    change(&mut case);
    judge(&[("a".to_owned(), case.journal)], &case.stored)
}

fn only(id: u128) -> Vec<Uuid> {
    vec![Uuid::from_u128(id)]
}

#[test]
fn what_is_sound_is_called_so() {
    let verdict = verdict(|_| ());
    assert_eq!((verdict.confirmed, verdict.told, verdict.once), (3, 3, 3));
    assert_eq!(verdict, Verdict { confirmed: 3, told: 3, once: 3, ..Verdict::default() });
}

#[test]
fn what_was_not_called_saved_may_be_there_or_not() {
    let verdict = verdict(|case| {
        case.journal.saved = BTreeSet::from([Uuid::from_u128(1)]);
    });
    assert_eq!((verdict.told, verdict.once), (1, 1));
    assert!(verdict.only_lost() && verdict.lost.is_empty());
}

#[test]
fn lost_doubled_invented_altered_and_disordered_entries_are_seen() {
    let lost = verdict(|case| {
        case.stored.entries.remove(2);
        case.stored.versions.remove(2);
        case.stored.audited.remove(2);
        case.stored.told -= 1;
        let item = (PatientNumber::parse("100").unwrap().canonical(), Uuid::from_u128(103));
        case.stored.items.remove(&item).unwrap();
    });
    assert_eq!((lost.lost.clone(), lost.once), (only(3), 2));
    assert!(lost.only_lost());

    let doubled = verdict(|case| {
        let mut again = case.stored.versions[1].clone();
        again.seq = 4;
        case.stored.versions.push(again);
    });
    assert_eq!(doubled.doubled, only(2));

    let invented = verdict(|case| {
        case.journal.tried.remove(0);
        case.journal.saved.remove(&Uuid::from_u128(1));
    });
    assert_eq!(invented.phantom, only(1));

    let altered = verdict(|case| case.stored.entries[0].body.push(' '));
    assert_eq!(altered.altered, only(1));
    let forged = verdict(|case| case.stored.entries[1].signature = "00".repeat(64));
    assert_eq!(forged.altered, only(2));
    let foreign = verdict(|case| case.stored.entries[2].account = Uuid::nil().to_string());
    assert_eq!(foreign.altered, only(3));

    let disordered = verdict(|case| case.journal.tried.swap(0, 1));
    assert_eq!(disordered.out_of_order, only(1));
}

#[test]
fn halves_of_a_transaction_are_seen() {
    let changes: [fn(&mut Case); 9] = [
        |case| drop(case.stored.versions.remove(2)),
        |case| drop(case.stored.items.pop_first()),
        |case| {
            let (key, _) = case.stored.items.first_key_value().unwrap();
            let other = case.stored.items.last_key_value().unwrap().1.clone();
            case.stored.items.insert(key.clone(), other);
        },
        |case| {
            case.stored.events.0.remove(1);
        },
        |case| case.stored.events.1 += 1,
        |case| case.stored.told -= 1,
        |case| case.stored.audited.truncate(2),
        |case| case.stored.audited.push(Uuid::from_u128(2)),
        |case| case.stored.audit = Some("broken at 3".to_owned()),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert!(!verdict(change).broken.is_empty(), "change {at}");
    }
}

#[test]
fn a_refused_entry_must_stand_on_the_screen() {
    let id = Uuid::from_u128(3);
    let gone = |case: &mut Case| {
        case.stored.entries.remove(2);
        case.stored.versions.remove(2);
        case.stored.items.pop_last();
        case.stored.audited.pop();
        case.stored.told -= 1;
        case.journal.refused.insert(id, "Invalid".into());
    };
    assert_eq!(verdict(gone).lost, vec![id]);
    let shown = verdict(|case| {
        gone(case);
        case.journal.left.insert(id, "Refused { … }".into());
    });
    assert_eq!((shown.refused.clone(), shown.lost.len()), (vec![id], 0));
    assert!(!shown.only_lost() && shown.broken.is_empty());
}
