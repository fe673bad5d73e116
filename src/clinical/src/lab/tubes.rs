//! Which items share which tube.

use super::item::{LabCode, LabItem};
use super::order::{AtLab, OrderedItem, Reported, Tube, TubeState};
use super::specimen::SpecimenNumber;

/// Puts items into tubes: items with the same container and material share one. `number` gives the next specimen
/// number; its error ends the plan. Items without a container cannot be ordered and are left out by the caller.
pub fn plan_tubes<E>(
    items: &[LabItem],
    mut number: impl FnMut() -> Result<SpecimenNumber, E>,
) -> Result<(Vec<OrderedItem>, Vec<Tube>), E> {
    let mut tubes: Vec<Tube> = Vec::new();
    let mut ordered = Vec::with_capacity(items.len());
    for item in items {
        let Some(container) = &item.container else { continue };
        // Where no code is known, the material goes by its name.
        let shared = tubes.iter().find(|tube| {
            tube.container.key == container.key
                && tube.material == item.material
                && (item.material.is_some() || tube.specimen == item.specimen)
        });
        let tube = if let Some(tube) = shared {
            tube.number.clone()
        } else {
            let number = number()?;
            tubes.push(Tube {
                number: number.clone(),
                container: container.clone(),
                material: item.material.clone(),
                specimen: item.specimen.clone(),
                labels: 0,
                state: TubeState::Planned,
                lab: AtLab::Here,
            });
            number
        };
        ordered.push(OrderedItem {
            code: LabCode { jlac10: item.jlac10.clone(), local: item.key.clone() },
            name: item.name.clone(),
            abbr: item.abbr.clone(),
            unit: item.unit.clone(),
            procedure: item.procedure.clone(),
            tube: Some(tube),
            reported: Reported::NotYet,
        });
    }
    Ok((ordered, tubes))
}

#[cfg(test)]
#[path = "tubes_tests.rs"]
mod tests;
