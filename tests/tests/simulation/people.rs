//! What people do at a terminal, from what they see there.

use api::entries::{Entry, EntryContent};
use api::receptions::StateChange;
use clinical::ReceptionState;
use clinical::Role;
use clinical::profile::{
    Abo, Act, Allergen, Allergy, AllergyCategory, BloodType, Item, Measurement, MeasurementValue,
    ProfileEntry, ProfileKind, ProfileValue, Source, Tenths,
};
use jiff::Timestamp;
use kiosk::local::outbox::RowState;
use uuid::Uuid;

use crate::server::number;
use crate::terminal::Confirming;
use crate::world::{Broken, World, short};

/// The patients of the day.
pub const PATIENTS: [&str; 3] = ["1", "2", "3"];
/// A number that the cloud does not know.
const UNKNOWN: &str = "99";

pub fn act(world: &mut World, t: usize) {
    match world.rng.below(20) {
        0 => sign_in(world, t),
        1..=2 => see_to_a_refused_row(world, t),
        3..=6 => change_a_state(world, t),
        _ => enter(world, t, None),
    }
}

/// The content that a person gives an item.
fn value(world: &mut World, kind: ProfileKind) -> ProfileValue {
    match kind {
        ProfileKind::Weight => ProfileValue::Measurement(Measurement {
            value: MeasurementValue::Weight(Tenths(600 + world.rng.below(5) as u32)),
            measured_at: Timestamp::UNIX_EPOCH,
        }),
        ProfileKind::BloodType => {
            let abo = [Abo::A, Abo::B, Abo::O][world.rng.below(3)];
            ProfileValue::BloodType(BloodType { abo: Some(abo), rh: None })
        }
        _ => ProfileValue::Allergy(Allergy {
            category: AllergyCategory::Drug,
            allergen: Allergen {
                text: ["A", "B", "C", "D"][world.rng.below(4)].to_owned(),
                jfagy: None,
            },
            severity: None,
            reaction: String::new(),
            onset: None,
            informant: None,
        }),
    }
}

fn record(world: &mut World, kind: ProfileKind) -> Act {
    Act::Record { value: value(world, kind), source: Source::Clinic }
}

fn enter(world: &mut World, t: usize, replaces: Option<Uuid>) {
    let author = world.rng.below(world.terminals[t].people.len());
    let role = world.terminals[t].people[author].staff.role;
    let unknown = world.rng.chance(3);
    let patient = if unknown { UNKNOWN } else { PATIENTS[world.rng.below(PATIENTS.len())] };
    let entry = match seen_item(world, t, patient) {
        Some(item) if world.rng.chance(70) => on_item(world, role, patient, &item),
        _ => new_item(world, patient),
    };
    confirm(world, t, author, EntryContent::Profile { entry }, replaces);
}

/// An item that the person sees, or one that stood in a form that was opened long ago.
fn seen_item(world: &mut World, t: usize, patient: &str) -> Option<Item> {
    let items = world.terminals[t].seen(patient);
    let at = world.rng.below(items.len().max(1));
    let item = items.into_iter().nth(at)?;
    if world.rng.chance(20) {
        world.terminals[t].forms.push((patient.to_owned(), item.clone()));
    }
    if world.rng.chance(30) {
        let forms = &world.terminals[t].forms;
        let of_patient: Vec<&Item> =
            forms.iter().filter(|(of, _)| of == patient).map(|(_, item)| item).collect();
        if let Some(old) = of_patient.first() {
            return Some((*old).clone());
        }
    }
    Some(item)
}

fn new_item(world: &mut World, patient: &str) -> ProfileEntry {
    let kinds = [ProfileKind::Allergy, ProfileKind::Weight, ProfileKind::BloodType];
    let kind = kinds[world.rng.below(kinds.len())];
    let item = match kind {
        ProfileKind::BloodType => ProfileEntry::BLOOD_TYPE,
        _ => world.rng.uuid(),
    };
    let act = record(world, kind);
    entry(patient, item, None, act, None)
}

fn on_item(world: &mut World, role: Role, patient: &str, item: &Item) -> ProfileEntry {
    let base = Some(item.head);
    let rival = item.rivals.first().map(|rival| rival.id);
    if let Some(rival) = rival
        && world.rng.chance(60)
    {
        return match world.rng.below(3) {
            0 => entry(patient, item.id, base, Act::Keep, Some(rival)),
            1 => {
                let act = record(world, item.kind());
                entry(patient, item.id, base, act, Some(rival))
            }
            _ => {
                let act = record(world, item.kind());
                entry(patient, item.id, Some(rival), act, None)
            }
        };
    }
    let act = match world.rng.below(10) {
        0..=5 => record(world, item.kind()),
        6 => Act::Withdraw,
        _ if role == Role::Practitioner => Act::Confirm,
        _ => record(world, item.kind()),
    };
    entry(patient, item.id, base, act, None)
}

fn entry(
    patient: &str,
    item: Uuid,
    base: Option<Uuid>,
    act: Act,
    settles: Option<Uuid>,
) -> ProfileEntry {
    let patient = number(patient);
    ProfileEntry { patient, item, base, act, on_behalf_of: None, reason: String::new(), settles }
}

fn change_a_state(world: &mut World, t: usize) {
    let key = world.keys[world.rng.below(world.keys.len())].clone();
    let Some(seen) = world.terminals[t].seen_state(&key) else { return };
    let state = ReceptionState::DESK[world.rng.below(ReceptionState::DESK.len())];
    if seen.may_become(state) {
        let author = world.rng.below(world.terminals[t].people.len());
        let change = StateChange { key, state, seen };
        confirm(world, t, author, EntryContent::ReceptionState { change }, None);
    }
}

fn confirm(
    world: &mut World,
    t: usize,
    author: usize,
    content: EntryContent,
    replaces: Option<Uuid>,
) {
    let entry = Entry { id: world.rng.uuid(), entered_at: world.clock(t), content };
    world.note(|| format!("terminal {t}: somebody confirms {}", short(entry.id)));
    world.oracle.pressed(t, &entry);
    if world.broken == Broken::TellsBeforeSync {
        world.oracle.told(t, entry.id);
    }
    world.terminals[t].confirming.push(Confirming { entry, author, replaces });
    world.save(t);
}

fn sign_in(world: &mut World, t: usize) {
    let terminal = &mut world.terminals[t];
    if !terminal.link_up || !world.server.alive {
        return;
    }
    for person in &terminal.people {
        world.server.keys.insert(person.signer.public_key(), person.staff.clone());
        for id in terminal.outbox.waiting_for(person.staff.account) {
            terminal.outbox.sign_anew(id, &person.signer);
            terminal.dirty.insert(id);
        }
    }
    world.save(t);
}

fn refused(world: &World, t: usize) -> Vec<Uuid> {
    let stuck =
        |state: &RowState| matches!(state, RowState::Refused { .. } | RowState::NeedsSignIn);
    let rows = world.terminals[t].outbox.rows();
    rows.filter(|row| stuck(&row.state)).map(|row| row.id).collect()
}

fn see_to_a_refused_row(world: &mut World, t: usize) {
    let refused = refused(world, t);
    if refused.is_empty() {
        return;
    }
    let id = refused[world.rng.below(refused.len())];
    if world.rng.chance(50) {
        enter(world, t, Some(id));
    } else {
        take_back(world, t, id);
    }
}

/// It is taken back for good when the disk says so; a power cut in the moment before brings it back into sight.
fn take_back(world: &mut World, t: usize, id: Uuid) {
    let now = world.clock(t);
    if world.terminals[t].outbox.withdraw(id, now) {
        world.note(|| format!("terminal {t}: somebody takes {} back", short(id)));
        world.terminals[t].dirty.insert(id);
        world.save(t);
    }
}

/// At the end of the day: everybody signs in once more, what is refused for good is taken back.
pub fn see_to_the_rest(world: &mut World, t: usize) {
    sign_in(world, t);
    for id in refused(world, t) {
        take_back(world, t, id);
    }
}
