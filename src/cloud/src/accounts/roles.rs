//! What each role may do.

use api::session::Role;

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See patients and receptions.
    ReadPatients,
    /// Change a reception's state.
    ChangeReceptions,
    /// Write into a patient's profile, in one's own name or a practitioner's (代行入力).
    EnterProfile,
    /// Confirm (確定) what somebody else has written.
    ConfirmProfile,
    /// Order lab tests (in one's own name or a practitioner's), draw, send, cancel, keep sets.
    WorkOnLab,
    /// Confirm (確認) lab results.
    ConfirmResults,
    /// Say whose a lab report is that fits nobody.
    DecideTray,
    /// Print papers.
    Print,
}

/// Whether the role may. Everybody at the desks may see patients, move receptions, write into profiles and work on lab
/// orders; only a practitioner confirms; whose a strange report is, practitioner or nurse decide; who runs the service (管理者) sees the lists to help, and changes nothing of the
/// clinic's day.
pub fn may(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::ReadPatients => true,
        Permission::ChangeReceptions
        | Permission::EnterProfile
        | Permission::WorkOnLab
        | Permission::Print => role != Role::Administrator,
        Permission::DecideTray => matches!(role, Role::Practitioner | Role::Nurse),
        Permission::ConfirmProfile | Permission::ConfirmResults => role == Role::Practitioner,
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, may};
    use api::session::Role;

    #[test]
    fn only_the_administrator_changes_nothing() {
        for role in Role::ALL {
            assert!(may(role, Permission::ReadPatients));
            for permission in [
                Permission::ChangeReceptions,
                Permission::EnterProfile,
                Permission::WorkOnLab,
                Permission::Print,
            ] {
                assert_eq!(may(role, permission), role != Role::Administrator, "{role:?}");
            }
        }
    }

    #[test]
    fn only_the_practitioner_confirms() {
        for role in Role::ALL {
            let practitioner = role == Role::Practitioner;
            assert_eq!(may(role, Permission::ConfirmProfile), practitioner, "{role:?}");
            assert_eq!(may(role, Permission::ConfirmResults), practitioner, "{role:?}");
            let knows_the_patient = practitioner || role == Role::Nurse;
            assert_eq!(may(role, Permission::DecideTray), knows_the_patient, "{role:?}");
        }
    }
}
