//! A terminal that keeps things, the people of a clinic at it, and a patient on its screen.

use std::sync::Arc;
use std::time::Duration;

use api::entries::EntryContent;
use api::patients::PatientView;
use api::profile::StaffList;
use api::session::{Role, SessionInfo};
use clinical::profile::{
    Act, Allergen, Allergy, AllergyCategory, Item, Measurement, MeasurementValue, ProfileEntry,
    ProfileValue, Source, Tenths, Version,
};
use clinical::{Reception, Staff};
use egui::Key;
use egui_kittest::kittest::NodeT;
use kiosk::app::Route;
use kiosk::client::{Line, Update};
use kiosk::local::OutboxRow;
use uuid::Uuid;

use crate::support::{Bench, NOW, Setup, list_of, number, receptions, session, view};

/// Nobody waits longer for a disk.
const PATIENCE: Duration = Duration::from_mins(2);

/// A window at a terminal with a store.
pub struct Terminal {
    pub bench: Bench,
}

/// A person of the clinic.
pub fn person(n: u128, name: &str, role: Role) -> Staff {
    Staff { account: Uuid::from_u128(n), name: name.to_owned(), role }
}

pub fn clerk() -> Staff {
    person(1, "受付係", Role::Receptionist)
}

pub fn nurse() -> Staff {
    person(2, "看護師", Role::Nurse)
}

pub fn head() -> Staff {
    person(3, "院長", Role::Practitioner)
}

/// Has the name of a physician of the day's list.
pub fn first_physician() -> Staff {
    person(4, "医師 一郎", Role::Practitioner)
}

pub fn administrator() -> Staff {
    person(5, "管理者", Role::Administrator)
}

impl Terminal {
    /// This person has signed in, the line is up; `staff` works at the clinic.
    pub fn of(who: &Staff, staff: &[Staff]) -> Self {
        Self::with(&Setup::default(), who, staff, receptions())
    }

    pub fn with(setup: &Setup, who: &Staff, staff: &[Staff], list: Vec<Reception>) -> Self {
        let mut bench = Bench::new(setup);
        let cache = bench.cache.clone();
        let login = format!("login-{}", who.account.as_u128());
        let info = SessionInfo {
            account_id: who.account,
            login: login.clone(),
            display_name: who.name.clone(),
            role: who.role,
            ..session()
        };
        cache.entry_key(&login).expect("the store gives a key");
        cache.remember_person(&login, info.clone(), "himitsu".to_owned().into());
        assert!(cache.settle(PATIENCE));
        bench.give(Update::Line(Line::Up));
        bench.give(Update::SignedIn(info));
        bench.give(Update::Staff(StaffList { staff: staff.to_vec() }));
        bench.give(Update::Receptions(list_of(list)));
        bench.asked();
        Self { bench }
    }

    /// 01873 厚労 太郎 is on the screen, as the cloud knows him.
    pub fn open(&mut self, view: PatientView) {
        let code = view.patient.number.as_str().to_owned();
        self.bench.scan(&code);
        self.bench.run();
        let ticket = self.bench.open_ticket();
        self.bench.give(Update::Patient { ticket, view: Box::new(view) });
        assert_eq!(self.bench.harness.state().route(), Route::Patient);
    }

    /// The disk has answered for everything asked of it so far, and the window has seen it.
    pub fn settle(&mut self) {
        assert!(self.bench.cache.settle(PATIENCE));
        self.bench.run();
    }

    pub fn keys(&mut self, keys: &[Key]) {
        for key in keys {
            self.bench.key(*key);
        }
    }

    pub fn route(&self) -> Route {
        self.bench.harness.state().route()
    }

    /// What is confirmed and not sent.
    pub fn outbox(&self) -> Vec<Arc<OutboxRow>> {
        self.bench.cache.outbox().rows.clone()
    }

    /// The profile entries among it.
    pub fn entries(&self) -> Vec<ProfileEntry> {
        let profile = |row: Arc<OutboxRow>| match &row.entry.content {
            EntryContent::Profile { entry } => Some(entry.clone()),
            _ => None,
        };
        self.outbox().into_iter().filter_map(profile).collect()
    }

    /// What stands in the field of this name.
    pub fn field(&self, label: &str) -> String {
        let nodes = self.bench.harness.root().children_recursive();
        let mut fields = nodes.filter(|node| {
            let node = node.accesskit_node();
            node.label().as_deref() == Some(label) && node.is_text_input()
        });
        let field = fields.next().unwrap_or_else(|| panic!("no field {label}"));
        field.accesskit_node().value().unwrap_or_default()
    }

    /// The label of what the keyboard acts on.
    pub fn focused(&self) -> Option<String> {
        let nodes = self.bench.harness.root().children_recursive();
        let mut focused = nodes.filter(|node| node.accesskit_node().is_focused());
        focused.next().and_then(|node| node.accesskit_node().label())
    }
}

/// 01873 without anything on record.
pub fn blank() -> PatientView {
    let mut view = view("01873", "厚労　太郎", "コウロウ　タロウ");
    view.patient.safety.clear();
    view
}

/// 01873 with these items.
pub fn with_items(items: Vec<Item>) -> PatientView {
    PatientView { profile: items, ..blank() }
}

/// A version that the cloud has stored.
pub fn version(
    n: u128,
    author: &Staff,
    on_behalf_of: Option<Staff>,
    value: ProfileValue,
) -> Version {
    Version {
        id: Uuid::from_u128(1000 + n),
        entry: ProfileEntry {
            patient: number("01873"),
            item: Uuid::from_u128(n),
            base: None,
            act: Act::Record { value, source: Source::Clinic },
            on_behalf_of,
            reason: String::new(),
            settles: None,
        },
        author: author.clone(),
        terminal: "受付1".to_owned(),
        entered_at: "2026-10-25T01:00:00Z".parse().unwrap(),
        stored_at: Some("2026-10-25T01:00:01Z".parse().unwrap()),
    }
}

/// An item that this person has entered and the cloud has stored.
pub fn item(n: u128, author: &Staff, value: ProfileValue) -> Item {
    let behalf = (author.role == Role::Receptionist).then(head);
    Item::begin(&version(n, author, behalf, value)).unwrap()
}

pub fn allergy(category: AllergyCategory, text: &str, reaction: &str) -> ProfileValue {
    ProfileValue::Allergy(Allergy {
        category,
        allergen: Allergen { text: text.to_owned(), jfagy: None },
        severity: None,
        reaction: reaction.to_owned(),
        onset: None,
        informant: None,
    })
}

pub fn measured(value: MeasurementValue) -> ProfileValue {
    let measured_at = "2026-10-25T01:00:00Z".parse().unwrap();
    ProfileValue::Measurement(Measurement { value, measured_at })
}

pub fn weight(tenths: u32) -> ProfileValue {
    measured(MeasurementValue::Weight(Tenths(tenths)))
}

/// The moment at which the tests' wall clock stands.
pub fn now() -> jiff::Timestamp {
    NOW.parse().unwrap()
}
