//! People at terminals, who sign what they confirm.

use api::entries::{Entry, EntryContent, EntryResult, Receipt};
use api::proof::Signer;
use api::receptions::StateChange;
use api::session::{Role, Staff};
use clinical::profile::{
    Act, Allergen, Allergy, AllergyCategory, Item, Measurement, MeasurementValue, Outcome,
    ProfileEntry, ProfileValue, Source, Tenths,
};
use clinical::{PatientNumber, Reception, ReceptionState};
use cloud::store::{Actor, EntryAuthor, NewAccount, Store, StoreError, Tenant};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::harness::{Place, start_of_tests, today};
use crate::people::{key, number};

/// Somebody at a terminal.
pub struct Hand {
    pub signer: Signer,
    pub author: EntryAuthor,
}

/// Adds an account and makes a key known for it, as a sign-in does, without the work of a password.
pub async fn hand_at(store: &Store, tenant: Tenant, login: &str, role: Role) -> Hand {
    let new = NewAccount {
        login: login.to_owned(),
        display_name: format!("{login} 様"),
        role,
        password_hash: "none".to_owned(),
    };
    let account = store.add_account(&Actor::operator(tenant, "root"), &new).await.unwrap();
    let (signer, _) = Signer::generate().unwrap();
    let actor = Actor::person(tenant, account.id, login, "受付1", role);
    store.register_entry_key(&actor, &signer.public_key()).await.unwrap();
    let author = store.entry_author(&signer.public_key()).await.unwrap().unwrap();
    Hand { signer, author }
}

pub async fn hand(place: &Place, login: &str, role: Role) -> Hand {
    hand_at(&place.store, place.tenant(), login, role).await
}

pub async fn clerk(place: &Place) -> Hand {
    hand(place, "uketsuke", Role::Receptionist).await
}

pub async fn nurse(place: &Place) -> Hand {
    hand(place, "kango", Role::Nurse).await
}

pub async fn doctor(place: &Place) -> Hand {
    hand(place, "isha", Role::Practitioner).await
}

/// Patients 1 to 4 are known.
pub async fn with_patients(place: &Place) {
    let known = crate::people::patients(1..5);
    place.store.upsert_patients(&place.link, &known, start_of_tests()).await.unwrap();
}

impl Hand {
    pub fn staff(&self) -> Staff {
        self.author.staff.clone()
    }

    pub fn actor(&self) -> &Actor {
        &self.author.actor
    }

    /// Sends bytes under an entry, as a terminal does.
    pub async fn send_bytes(
        &self,
        store: &Store,
        entry: &Entry,
        body: &[u8],
    ) -> Result<Receipt, StoreError> {
        let signature = self.signer.sign(body);
        store.take_entry(&self.author, entry, body, &signature, today()).await
    }

    pub async fn send(&self, store: &Store, entry: &Entry) -> Result<Receipt, StoreError> {
        self.send_bytes(store, entry, &bytes(entry)).await
    }

    /// Sends a profile entry that must be taken.
    pub async fn put(&self, place: &Place, entry: ProfileEntry) -> Put {
        let entry = profile(entry);
        let receipt = self.send(&place.store, &entry).await.unwrap();
        let EntryResult::Profile { outcome, item } = receipt.result.clone() else {
            panic!("{receipt:?}")
        };
        Put { id: entry.id, entry, receipt, outcome, item: *item }
    }

    /// Sends a profile entry that is refused.
    pub async fn refused(&self, place: &Place, told: ProfileEntry) -> StoreError {
        self.send(&place.store, &profile(told)).await.unwrap_err()
    }

    /// Changes a reception's state: whether it was made, and the reception as it stands.
    pub async fn change(
        &self,
        store: &Store,
        wanted: StateChange,
    ) -> Result<(bool, Reception), StoreError> {
        self.send(store, &state_entry(wanted)).await.map(changed)
    }

    /// Changes a state that stands as seen.
    pub async fn set(
        &self,
        place: &Place,
        n: u32,
        state: ReceptionState,
        seen: ReceptionState,
    ) -> Reception {
        let (applied, now) = self.change(&place.store, change(n, state, seen)).await.unwrap();
        assert!(applied);
        now
    }
}

/// An entry that was taken.
pub struct Put {
    pub id: Uuid,
    pub entry: Entry,
    pub receipt: Receipt,
    pub outcome: Outcome,
    pub item: Item,
}

pub fn bytes(entry: &Entry) -> Vec<u8> {
    serde_json::to_vec(entry).unwrap()
}

pub fn entry(content: EntryContent) -> Entry {
    Entry { id: Uuid::now_v7(), entered_at: start_of_tests(), content }
}

pub fn profile(told: ProfileEntry) -> Entry {
    entry(EntryContent::Profile { entry: told })
}

pub fn state_entry(change: StateChange) -> Entry {
    entry(EntryContent::ReceptionState { change })
}

pub fn change(n: u32, state: ReceptionState, seen: ReceptionState) -> StateChange {
    StateChange { key: key(n), state, seen }
}

pub fn changed(receipt: Receipt) -> (bool, Reception) {
    match receipt.result {
        EntryResult::ReceptionState { applied, reception } => (applied, *reception),
        other => panic!("{other:?}"),
    }
}

/// A new item of patient 1.
pub fn record(value: ProfileValue) -> ProfileEntry {
    ProfileEntry {
        patient: number(1),
        item: Uuid::now_v7(),
        base: None,
        act: Act::Record { value, source: Source::Clinic },
        on_behalf_of: None,
        reason: String::new(),
        settles: None,
    }
}

/// Something about an item, from what stands.
pub fn about(item: &Item, act: Act) -> ProfileEntry {
    ProfileEntry {
        patient: number(1),
        item: item.id,
        base: Some(item.head),
        act,
        on_behalf_of: None,
        reason: "取り違え".to_owned(),
        settles: None,
    }
}

pub fn correct(item: &Item, value: ProfileValue) -> ProfileEntry {
    about(item, Act::Record { value, source: Source::Clinic })
}

/// In that practitioner's name.
pub fn for_the(doctor: &Hand, told: ProfileEntry) -> ProfileEntry {
    ProfileEntry { on_behalf_of: Some(doctor.staff()), ..told }
}

pub fn of(patient: PatientNumber, told: ProfileEntry) -> ProfileEntry {
    ProfileEntry { patient, ..told }
}

pub fn allergy(text: &str) -> ProfileValue {
    ProfileValue::Allergy(Allergy {
        category: AllergyCategory::Drug,
        allergen: Allergen { text: text.to_owned(), jfagy: None },
        severity: None,
        reaction: String::new(),
        onset: None,
        informant: None,
    })
}

pub fn weight_at(tenths: u32, measured_at: Timestamp) -> ProfileValue {
    ProfileValue::Measurement(Measurement {
        value: MeasurementValue::Weight(Tenths(tenths)),
        measured_at,
    })
}

/// A weight measured so many minutes before the start of the tests.
pub fn weight(tenths: u32, minutes_before: i64) -> ProfileValue {
    weight_at(tenths, start_of_tests() - SignedDuration::from_mins(minutes_before))
}
