//! Random rows of versions by several people, each made from a state that the person may have seen long ago.

use proptest::prelude::*;

use super::super::version::ProfileEntry;
use super::tests::{allergy, record, staff, version, weight};
use super::*;
use crate::staff::Staff;

/// One thing that somebody does.
#[derive(Debug, Clone)]
struct Doing {
    author: usize,
    item: usize,
    /// How many versions ago the person last looked.
    behind: usize,
    act: u8,
    value: usize,
    /// Whether to build on or decide about one of the rivals seen.
    rival: Option<usize>,
    decides: bool,
}

fn doing() -> impl Strategy<Value = Doing> {
    (
        0..5usize,
        0..3usize,
        0..4usize,
        0..10u8,
        0..4usize,
        proptest::option::of(0..3usize),
        any::<bool>(),
    )
        .prop_map(|(author, item, behind, act, value, rival, decides)| Doing {
            author,
            item,
            behind,
            act,
            value,
            rival,
            decides,
        })
}

fn author(at: usize) -> Staff {
    let roles = [
        Role::Practitioner,
        Role::Practitioner,
        Role::Receptionist,
        Role::Receptionist,
        Role::Nurse,
    ];
    staff(roles[at], at as u128 + 1)
}

/// Two allergies and a weight.
fn value(item: usize, at: usize) -> ProfileValue {
    if item == 2 { weight(600 + at as u32) } else { allergy(["A", "B", "C", "D"][at]) }
}

/// The version that a person makes of what the person saw.
fn made(id: u128, doing: &Doing, seen: Option<&Item>) -> Version {
    let act = match doing.act {
        0..=4 => record(value(doing.item, doing.value)),
        5 | 6 => Act::Withdraw,
        7 | 8 => Act::Confirm,
        _ => Act::Keep,
    };
    let mut version = version(id, author(doing.author), None, act);
    let rival = seen.and_then(|item| item.rivals.get(doing.rival?)).map(|rival| rival.id);
    version.entry = ProfileEntry {
        item: Uuid::from_u128(1000 + doing.item as u128),
        base: seen.map(|item| item.head),
        settles: rival.filter(|_| doing.decides),
        ..version.entry
    };
    if !doing.decides && rival.is_some() {
        version.entry.base = rival;
    }
    version
}

fn find(items: &[Item], id: Uuid) -> Option<&Item> {
    items.iter().find(|item| item.id == id)
}

/// Contents that can be seen in an item.
fn visible(item: &Item) -> Vec<Uuid> {
    let contents = [Some(item.content.version), item.before.as_ref().map(|b| b.version)];
    let rivals = item.rivals.iter().map(|rival| rival.id);
    contents.into_iter().flatten().chain(rivals).collect()
}

/// What must hold between an item before and after a version that was taken.
fn check_step(old: &Item, new: &Item, version: &Version, outcome: Outcome) {
    let entry = &version.entry;
    let may_stand = !needs_confirmation(version.author.role, old.kind());
    assert_eq!(old.kind(), new.kind());
    assert_eq!(new.revision, old.revision + u32::from(old != new));

    // Nothing vanishes but by a version that names it.
    for id in visible(old) {
        let was_rival = old.rivals.iter().any(|rival| rival.id == id);
        let named = if was_rival {
            entry.base == Some(id) || entry.settles == Some(id)
        } else {
            // Where everything is taken back, a page shows nothing to name.
            entry.base == Some(old.head) || (old.is_gone() && entry.base.is_none())
        };
        assert!(visible(new).contains(&id) || named, "{id} vanished by {version:?}");
    }
    match (&entry.act, outcome) {
        (Act::Record { value, .. }, Outcome::Stands) => assert_eq!(new.content.value, *value),
        (Act::Record { value, .. }, Outcome::Overtaken) => assert_eq!(old.content.value, *value),
        (Act::Record { .. } | Act::Withdraw, Outcome::Rival) => {
            assert!(new.rivals.contains(version));
        }
        (Act::Confirm | Act::Keep, outcome) => assert_ne!(outcome, Outcome::Rival),
        (Act::Withdraw, _) => {}
    }
    if outcome != Outcome::Stands {
        assert_eq!((new.head, &new.content, new.awaits), (old.head, &old.content, old.awaits));
    }

    // No danger that somebody stands for goes, and none goes altogether, but by somebody who may say so.
    if !may_stand {
        for danger in old.dangers().iter().filter(|danger| danger.confirmed) {
            let still = new.dangers().iter().any(|d| d.confirmed && d.value == danger.value);
            assert!(still, "{:?} is no longer in red after {version:?}", danger.value);
        }
        let cleared = new.dangers().is_empty() && !old.dangers().is_empty();
        let was_a_rival_alone = old.is_gone();
        assert!(!cleared || was_a_rival_alone, "red is gone after {version:?}");
        assert!(new.awaits || !old.awaits, "{version:?} ended the waiting");
        assert!(!new.is_gone() || old.is_gone());
    }
    if outcome == Outcome::Stands && matches!(entry.act, Act::Record { .. }) {
        assert_eq!(new.awaits, !may_stand);
        assert_eq!(new.content.version, version.id);
    }
    assert!(!new.is_gone() || new.before.is_none());
    assert!(new.awaits || new.before.is_none(), "what stands alone has nothing before it");
}

/// Runs the doings; gives the versions taken with what became of them, and the items.
fn run(doings: &[Doing]) -> (Vec<(Version, Outcome)>, Vec<Item>) {
    let mut states: Vec<Vec<Item>> = vec![Vec::new()];
    let mut taken = Vec::new();
    for (at, doing) in doings.iter().enumerate() {
        let mut items = states.last().cloned().unwrap_or_default();
        let seen = &states[states.len().saturating_sub(1 + doing.behind)];
        let seen = find(seen, Uuid::from_u128(1000 + doing.item as u128));
        let version = made(at as u128 + 1, doing, seen);
        let before = items.clone();
        match Item::apply(&mut items, &version) {
            Err(_) => assert_eq!(items, before, "a refused version changes nothing"),
            Ok(outcome) => {
                let new = find(&items, version.entry.item).expect("it is there now");
                if let Some(old) = find(&before, version.entry.item) {
                    check_step(old, new, &version, outcome);
                }
                let mut twice = items.clone();
                let _ = Item::apply(&mut twice, &version);
                assert_eq!(twice, items, "the same version again changes nothing");
                taken.push((version, outcome));
            }
        }
        states.push(items);
    }
    let last = states.pop().unwrap_or_default();
    (taken, last)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn nobodys_entry_is_lost(doings in prop::collection::vec(doing(), 1..24)) {
        let (taken, items) = run(&doings);
        // The same versions in the order of storing make the same items,
        let mut again = Vec::new();
        for (version, outcome) in &taken {
            prop_assert_eq!(Item::apply(&mut again, version), Ok(*outcome));
        }
        prop_assert_eq!(&again, &items);
        // and each item is made by its own versions alone.
        for item in &items {
            let mut alone = Vec::new();
            for (version, outcome) in taken.iter().filter(|(v, _)| v.entry.item == item.id) {
                prop_assert_eq!(Item::apply(&mut alone, version), Ok(*outcome));
            }
            prop_assert_eq!(alone, vec![item.clone()]);
        }
    }

    #[test]
    fn an_item_travels_whole(doings in prop::collection::vec(doing(), 1..16)) {
        let (_, items) = run(&doings);
        let text = serde_json::to_string(&items).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<Item>>(&text).unwrap(), items);
    }
}

/// The rows above would prove little if they never met.
#[test]
fn the_rows_reach_every_outcome() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = [0; 3];
    let (mut chosen, mut gone, mut before) = (0, 0, 0);
    for _ in 0..300 {
        let tree = prop::collection::vec(doing(), 12..24).new_tree(&mut runner).unwrap();
        let (taken, items) = run(&tree.current());
        for (version, outcome) in taken {
            seen[outcome as usize] += 1;
            chosen += usize::from(version.entry.settles.is_some() && outcome == Outcome::Stands);
        }
        gone += items.iter().filter(|item| item.is_gone()).count();
        before += items.iter().filter(|item| item.before.is_some()).count();
    }
    let counts = [seen[0], seen[1], seen[2], chosen, gone, before];
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
}
