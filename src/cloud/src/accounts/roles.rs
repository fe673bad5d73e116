//! What each role may do.

use api::session::Role;

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See patients and receptions.
    ReadPatients,
    /// Change a reception's state.
    ChangeReceptions,
}

/// Whether the role may. Everybody at the desks may see patients and move receptions; who runs the service
/// (管理者) sees the lists to help, and changes nothing of the clinic's day.
pub fn may(role: Role, permission: Permission) -> bool {
    match permission {
        Permission::ReadPatients => true,
        Permission::ChangeReceptions => role != Role::Administrator,
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
            assert_eq!(
                may(role, Permission::ChangeReceptions),
                role != Role::Administrator,
                "{role:?}"
            );
        }
    }
}
