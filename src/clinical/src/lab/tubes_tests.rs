use super::super::samples::{item, tube};
use super::*;
use crate::lab::SpecimenNumberError;

fn plan(items: &[LabItem]) -> (Vec<OrderedItem>, Vec<Tube>) {
    let mut serial = 0;
    plan_tubes(items, || {
        serial += 1;
        Ok::<_, SpecimenNumberError>(tube(serial))
    })
    .unwrap()
}

#[test]
fn same_container_and_material_share_a_tube() {
    let items = [
        item(1, Some("edta"), Some("019")),
        item(2, Some("serum"), Some("023")),
        item(3, Some("edta"), Some("019")),
        item(4, Some("edta"), Some("022")),
        item(5, None, Some("023")),
    ];
    let (ordered, tubes) = plan(&items);
    let tubes_of: Vec<_> = ordered.iter().map(|item| item.tube.clone().unwrap()).collect();
    assert_eq!(tubes_of, [tube(1), tube(2), tube(1), tube(3)], "the fifth has no tube");
    assert_eq!(tubes.len(), 3);
    assert_eq!(tubes[0].container.key, "edta");
    assert_eq!(tubes[2].material.as_deref(), Some("022"));
    assert_eq!(ordered[0].code, LabCode { jlac10: None, local: "TEST1".to_owned() });
    assert_eq!(ordered[1].procedure.as_ref().unwrap().points, 17, "billing needs it later");
    assert!(tubes.iter().all(|tube| tube.labels == 0 && tube.state == TubeState::Planned));
}

#[test]
fn without_a_material_code_the_name_parts() {
    let mut swab = item(1, Some("swab"), None);
    swab.specimen = "ぬぐい液".to_owned();
    let mut other = item(2, Some("swab"), None);
    other.specimen = "痰".to_owned();
    let (_, tubes) = plan(&[swab.clone(), swab, other]);
    assert_eq!(tubes.len(), 2);
}

#[test]
fn without_a_number_there_is_no_plan() {
    let none = plan_tubes(&[item(1, Some("edta"), None)], || Err("all used"));
    assert_eq!(none, Err("all used"));
}
