use uuid::Uuid;

use super::super::rule::tests::{allergy, clerk, doctor, record, version, weight};
use super::super::value::ProfileKind;
use super::super::version::{Act, Version};
use super::*;

/// A version that begins an item of its own.
fn begins(id: u128, value: ProfileValue) -> Version {
    let mut version = version(id, doctor(), None, record(value));
    version.entry.item = Uuid::from_u128(id);
    version
}

fn on(item: u128, mut version: Version) -> Version {
    version.entry.item = Uuid::from_u128(item);
    version
}

fn weight_at(second: i64) -> ProfileValue {
    let mut value = weight(600);
    if let ProfileValue::Measurement(measurement) = &mut value {
        measurement.measured_at = Timestamp::from_second(second).unwrap();
    }
    value
}

fn items(versions: &[Version]) -> Vec<Item> {
    let mut items = Vec::new();
    for version in versions {
        Item::apply(&mut items, version).unwrap();
    }
    items
}

fn ids(items: &[Item]) -> Vec<u128> {
    items.iter().map(|item| item.id.as_u128()).collect()
}

#[test]
fn by_kind_then_the_latest_measured_first() {
    let items = items(&[
        begins(1, weight_at(300)),
        begins(2, weight_at(500)),
        begins(3, weight_at(400)),
        begins(4, allergy("A")),
        begins(5, allergy("B")),
    ]);
    assert_eq!(ids(&shown(items, 12)), [5, 4, 2, 3, 1]);
}

#[test]
fn measurements_are_cut_but_no_allergy_and_nothing_that_waits() {
    let mut versions: Vec<Version> = (1..=5).map(|n| begins(n, weight_at(n as i64))).collect();
    versions[0].author = clerk();
    versions.extend((11..=15).map(|n| begins(n, allergy(&n.to_string()))));
    let shown = shown(items(&versions), 2);
    assert_eq!(ids(&shown), [15, 14, 13, 12, 11, 5, 4, 1]);
    assert!(shown.iter().all(|item| item.kind() != ProfileKind::Pulse));
}

#[test]
fn a_withdrawn_item_is_dropped_unless_somebody_must_choose() {
    let mut versions = vec![
        begins(1, allergy("A")),
        on(1, version(2, doctor(), Some(1), Act::Withdraw)),
        begins(3, allergy("B")),
        on(3, version(4, clerk(), Some(3), Act::Withdraw)),
    ];
    assert_eq!(ids(&shown(items(&versions), 12)), [3], "what only waits to be withdrawn stays");
    versions.push(on(1, version(5, doctor(), Some(1), record(allergy("C")))));
    assert_eq!(ids(&shown(items(&versions), 12)), [3, 1]);
}

#[test]
fn a_day_counts_from_its_first_moment_at_the_clinic() {
    let given = ProfileValue::Vaccination(super::super::value::Vaccination {
        vaccine: "インフルエンザ".to_owned(),
        lot: String::new(),
        given_on: jiff::civil::date(2026, 11, 22),
        dose: None,
    });
    let at: Timestamp = "2026-11-21T15:00:00Z".parse().unwrap();
    assert_eq!(given.happened_at(Timestamp::UNIX_EPOCH), at);
    assert_eq!(allergy("A").happened_at(at), at);
}
