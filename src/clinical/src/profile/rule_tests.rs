use jiff::Timestamp;

use super::super::value::{Allergen, Allergy, AllergyCategory, Measurement, MeasurementValue};
use super::super::version::ProfileEntry;
use super::*;
use crate::patient::PatientNumber;
use crate::profile::Tenths;
use crate::staff::Staff;

pub(crate) const ITEM: Uuid = Uuid::from_u128(77);

pub(crate) fn staff(role: Role, number: u128) -> Staff {
    Staff { account: Uuid::from_u128(number), name: format!("職員{number}"), role }
}

pub(crate) fn doctor() -> Staff {
    staff(Role::Practitioner, 1)
}

pub(crate) fn clerk() -> Staff {
    staff(Role::Receptionist, 2)
}

pub(crate) fn allergy(text: &str) -> ProfileValue {
    ProfileValue::Allergy(Allergy {
        category: AllergyCategory::Drug,
        allergen: Allergen { text: text.to_owned(), jfagy: None },
        severity: None,
        reaction: String::new(),
        onset: None,
        informant: None,
    })
}

pub(crate) fn weight(tenths: u32) -> ProfileValue {
    ProfileValue::Measurement(Measurement {
        value: MeasurementValue::Weight(Tenths(tenths)),
        measured_at: Timestamp::UNIX_EPOCH,
    })
}

pub(crate) fn record(value: ProfileValue) -> Act {
    Act::Record { value, source: Source::Clinic }
}

pub(crate) fn version(id: u128, author: Staff, base: Option<u128>, act: Act) -> Version {
    Version {
        id: Uuid::from_u128(id),
        entry: ProfileEntry {
            patient: PatientNumber::parse("127").unwrap(),
            item: ITEM,
            base: base.map(Uuid::from_u128),
            act,
            on_behalf_of: None,
            reason: String::new(),
            settles: None,
        },
        author,
        terminal: "受付1".to_owned(),
        entered_at: Timestamp::from_second(i64::try_from(id).unwrap()).unwrap(),
        stored_at: None,
    }
}

fn settling(rival: u128, mut version: Version) -> Version {
    version.entry.settles = Some(Uuid::from_u128(rival));
    version
}

fn item(versions: &[Version]) -> Item {
    let mut items = Vec::new();
    for version in versions {
        Item::apply(&mut items, version).unwrap();
    }
    items.remove(0)
}

fn red(item: &Item) -> Vec<String> {
    let text = |danger: &Danger<'_>| match danger.value {
        ProfileValue::Allergy(allergy) => allergy.allergen.text.clone(),
        other => panic!("{other:?} is no allergy"),
    };
    item.dangers().iter().map(text).collect()
}

/// 1 by the doctor stands, 2 by the clerk on 1 waits, 3 by the doctor on 1 is its rival.
fn with_a_rival() -> Item {
    let item = item(&[
        version(1, doctor(), None, record(allergy("A"))),
        version(2, clerk(), Some(1), record(allergy("B"))),
        version(3, doctor(), Some(1), record(allergy("C"))),
    ]);
    assert_eq!((item.head, item.rivals.len()), (Uuid::from_u128(2), 1));
    item
}

#[test]
fn nothing_but_a_content_begins_an_item() {
    let begins = |version: &Version| Item::apply(&mut Vec::new(), version);
    assert_eq!(begins(&version(1, doctor(), None, record(allergy("A")))), Ok(Outcome::Stands));
    let none = [
        version(1, doctor(), Some(9), record(allergy("A"))),
        settling(9, version(1, doctor(), None, record(allergy("A")))),
        version(1, doctor(), None, Act::Withdraw),
        version(1, doctor(), None, Act::Confirm),
        version(1, doctor(), None, Act::Keep),
    ];
    for version in none {
        assert_eq!(begins(&version), Err(RuleBroken::NoSuchItem), "{version:?}");
    }
}

#[test]
fn a_correction_stands_and_another_kind_is_refused() {
    let mut item = item(&[version(1, doctor(), None, record(allergy("A")))]);
    assert_eq!(
        item.step(&version(2, doctor(), Some(1), record(allergy("B")))),
        Ok(Outcome::Stands)
    );
    assert_eq!(red(&item), ["B"]);
    let before = item.clone();
    let other = version(3, doctor(), Some(2), record(weight(600)));
    assert_eq!(item.step(&other), Err(RuleBroken::OtherKind));
    assert_eq!(item, before);
}

#[test]
fn a_clerks_correction_waits_and_both_stand_in_red_until_the_doctor_confirms() {
    let mut item = item(&[
        version(1, doctor(), None, record(allergy("A"))),
        version(2, clerk(), Some(1), record(allergy("B"))),
        version(3, clerk(), Some(2), record(allergy("C"))),
    ]);
    assert!(item.awaits);
    assert_eq!(red(&item), ["C", "A"]);
    assert_eq!(item.dangers().iter().map(|d| d.confirmed).collect::<Vec<_>>(), [false, true]);
    let confirm = |author| version(4, author, Some(3), Act::Confirm);
    assert_eq!(item.clone().step(&confirm(clerk())), Err(RuleBroken::NotAPractitioner));
    assert_eq!(item.step(&confirm(doctor())), Ok(Outcome::Stands));
    assert!(!item.awaits);
    assert_eq!(item.head, Uuid::from_u128(4));
    assert_eq!(item.content.author, clerk());
    assert_eq!(item.confirmation.as_ref().map(|deed| &deed.author), Some(&doctor()));
    assert_eq!(red(&item), ["C"]);
    // Confirmed already, or something else meanwhile: kept in the history, nothing changed.
    for late in
        [version(5, doctor(), Some(4), Act::Confirm), version(6, doctor(), Some(3), Act::Confirm)]
    {
        assert_eq!(item.step(&late), Ok(Outcome::Overtaken));
        assert_eq!(item.head, Uuid::from_u128(4));
    }
}

#[test]
fn a_nurse_stands_for_what_was_measured() {
    let nurse = || staff(Role::Nurse, 3);
    assert!(!item(&[version(1, nurse(), None, record(weight(600)))]).awaits);
    assert!(item(&[version(1, nurse(), None, record(allergy("A")))]).awaits);
    assert!(item(&[version(1, clerk(), None, record(weight(600)))]).awaits);
}

#[test]
fn a_clerks_withdrawal_takes_nothing_away_before_the_doctor_confirms() {
    let mut item = item(&[
        version(1, doctor(), None, record(allergy("A"))),
        version(2, clerk(), Some(1), record(allergy("B"))),
        version(3, clerk(), Some(2), Act::Withdraw),
    ]);
    assert!(item.awaits && !item.is_gone());
    assert_eq!(red(&item), ["B", "A"]);
    let again = version(4, clerk(), Some(2), Act::Withdraw);
    assert_eq!(item.step(&again), Ok(Outcome::Overtaken));
    item.step(&version(5, doctor(), Some(3), Act::Confirm)).unwrap();
    assert!(item.is_gone());
    assert_eq!(red(&item), [""; 0]);
    // A second withdrawal by somebody who needs confirmation must not bring it back.
    assert_eq!(item.step(&version(6, clerk(), Some(5), Act::Withdraw)), Ok(Outcome::Stands));
    assert!(item.is_gone());
    // A record does.
    item.step(&version(7, clerk(), Some(6), record(allergy("D")))).unwrap();
    assert!(item.awaits && item.withdrawal.is_none() && item.before.is_none());
    assert_eq!(red(&item), ["D"]);
}

#[test]
fn a_content_over_a_waiting_withdrawal_keeps_what_the_doctor_stood_for() {
    let item = item(&[
        version(1, clerk(), None, record(allergy("A"))),
        version(2, doctor(), Some(1), Act::Confirm),
        version(3, clerk(), Some(2), Act::Withdraw),
        version(4, clerk(), Some(3), record(allergy("B"))),
    ]);
    assert_eq!(red(&item), ["B", "A"]);
    assert!(item.withdrawal.is_none() && item.confirmation.is_none());
}

#[test]
fn two_at_once_are_both_kept_and_the_same_twice_needs_no_choice() {
    let mut item = with_a_rival();
    assert_eq!(red(&item), ["B", "A", "C"]);
    let same = version(4, doctor(), Some(1), record(allergy("B")));
    assert_eq!(item.step(&same), Ok(Outcome::Overtaken));
    assert_eq!(item.rivals.len(), 1);
    // Who builds on a rival replaces that one.
    assert_eq!(item.step(&version(5, doctor(), Some(3), record(allergy("D")))), Ok(Outcome::Rival));
    assert_eq!(item.rivals.iter().map(|r| r.id.as_u128()).collect::<Vec<_>>(), [5]);
    assert_eq!(item.step(&version(6, doctor(), Some(1), Act::Withdraw)), Ok(Outcome::Rival));
    assert_eq!(item.rivals.len(), 2);
    // The rival's author comes round to what stands.
    let round = version(7, doctor(), Some(5), record(allergy("B")));
    assert_eq!(item.step(&round), Ok(Outcome::Overtaken));
    assert_eq!(item.rivals.iter().map(|r| r.id.as_u128()).collect::<Vec<_>>(), [6]);
}

#[test]
fn somebody_chooses() {
    let take_mine = settling(3, version(4, doctor(), Some(2), record(allergy("C"))));
    let mut item = with_a_rival();
    assert_eq!(item.step(&take_mine), Ok(Outcome::Stands));
    assert_eq!((red(&item), item.rivals.len(), item.awaits), (vec!["C".to_owned()], 0, false));

    let keep_theirs = |base| settling(3, version(4, doctor(), Some(base), Act::Keep));
    let mut item = with_a_rival();
    assert_eq!(item.step(&keep_theirs(1)), Ok(Outcome::Overtaken));
    assert_eq!(item.rivals.len(), 1);
    assert_eq!(item.step(&keep_theirs(2)), Ok(Outcome::Stands));
    assert_eq!((item.head, item.rivals.len()), (Uuid::from_u128(2), 0));
    assert!(item.awaits, "what is kept still waits");

    let mut item = with_a_rival();
    let withdraw = settling(3, version(4, doctor(), Some(2), Act::Withdraw));
    assert_eq!(item.step(&withdraw), Ok(Outcome::Stands));
    assert!(item.is_gone() && item.rivals.is_empty());
}

#[test]
fn a_choice_about_nothing_open_is_refused() {
    let refused = [
        version(4, doctor(), Some(2), Act::Keep),
        settling(9, version(4, doctor(), Some(2), record(allergy("C")))),
        settling(3, version(4, doctor(), Some(2), Act::Confirm)),
    ];
    for version in refused {
        let mut item = with_a_rival();
        assert_eq!(item.step(&version), Err(RuleBroken::NoSuchRival), "{version:?}");
        assert_eq!(item, with_a_rival());
    }
}

#[test]
fn a_choice_that_somebody_else_has_made_already_is_only_kept_in_the_history() {
    let mut item = with_a_rival();
    let late = settling(9, version(4, doctor(), Some(2), Act::Keep));
    assert_eq!(item.step(&late), Ok(Outcome::Overtaken));
    assert_eq!(item, with_a_rival());
}

#[test]
fn what_was_taken_back_is_begun_anew_by_who_sees_nothing_there() {
    let mut item = Item::begin(&version(1, doctor(), None, record(allergy("A")))).unwrap();
    // While it stands, a second beginning is a rival.
    let mut other = item.clone();
    let anew = version(3, doctor(), None, record(allergy("B")));
    assert_eq!(other.step(&anew), Ok(Outcome::Rival));
    item.step(&version(2, doctor(), Some(1), Act::Withdraw)).unwrap();
    assert!(item.is_gone());
    assert_eq!(item.step(&anew), Ok(Outcome::Stands));
    assert!(!item.is_gone());
    assert_eq!(item.content.value, allergy("B"));
}

#[test]
fn a_clerk_does_not_decide_against_a_doctor() {
    let mut item = with_a_rival();
    assert!(!item.may_put_away(Role::Receptionist, &item.rivals[0]));
    for choice in [
        settling(3, version(4, clerk(), Some(2), Act::Keep)),
        settling(3, version(4, clerk(), Some(2), record(allergy("C")))),
    ] {
        assert_eq!(item.step(&choice), Err(RuleBroken::NotAPractitioner));
        assert_eq!(item, with_a_rival());
    }
    // Building on the doctor's rival makes one more.
    assert_eq!(item.step(&version(4, clerk(), Some(3), record(allergy("D")))), Ok(Outcome::Rival));
    assert_eq!(item.rivals.len(), 2);
    // About a clerk's rival a clerk decides.
    assert!(item.may_put_away(Role::Receptionist, &item.rivals[1]));
    let keep = settling(4, version(5, clerk(), Some(2), Act::Keep));
    assert_eq!(item.step(&keep), Ok(Outcome::Stands));
    assert_eq!(item.rivals.len(), 1);
}
