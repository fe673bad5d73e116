//! In whose name the store is asked: the institution and the person or service.

use std::sync::Arc;

use api::session::Role;
use jiff::tz::Offset;
use uuid::Uuid;

/// An institution's rows. Handed out by the store alone, so that no request can name another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(pub(in crate::store) i64);

/// An institution (医療機関): one tenant of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// Names its rows.
    pub tenant: Tenant,
    /// Its name in the service, as set on the terminals: `demo`.
    pub code: String,
    /// Its name as written on its papers.
    pub name: String,
    /// The clinic's local time.
    pub offset: Offset,
}

/// Who asks, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub(in crate::store) tenant: Tenant,
    pub(in crate::store) account: Option<Uuid>,
    pub(in crate::store) login: Arc<str>,
    pub(in crate::store) terminal: Arc<str>,
    pub(in crate::store) role: Option<Role>,
}

impl Actor {
    /// A part of the service itself: `links/receipt`.
    pub fn service(tenant: Tenant, name: &str) -> Self {
        Self { tenant, account: None, login: Arc::from(name), terminal: Arc::from(""), role: None }
    }

    /// Somebody at the server's command line; `user` is the operating system's name for the person.
    pub fn operator(tenant: Tenant, user: &str) -> Self {
        Self {
            tenant,
            account: None,
            login: Arc::from(user),
            terminal: Arc::from("command line"),
            role: None,
        }
    }

    /// Somebody who is not signed in, at a terminal.
    pub(crate) fn nobody(tenant: Tenant, terminal: &str) -> Self {
        Self {
            tenant,
            account: None,
            login: Arc::from(""),
            terminal: Arc::from(terminal),
            role: None,
        }
    }

    /// A person at a terminal.
    pub fn person(tenant: Tenant, account: Uuid, login: &str, terminal: &str, role: Role) -> Self {
        Self {
            tenant,
            account: Some(account),
            login: Arc::from(login),
            terminal: Arc::from(terminal),
            role: Some(role),
        }
    }

    /// The institution.
    pub fn tenant(&self) -> Tenant {
        self.tenant
    }

    /// The account, if a person is signed in.
    pub fn account(&self) -> Option<Uuid> {
        self.account
    }

    /// The person's ID, or the service's name.
    pub fn login(&self) -> &str {
        &self.login
    }

    /// The terminal's name; empty for a service.
    pub fn terminal(&self) -> &str {
        &self.terminal
    }

    /// The role, if a person is signed in.
    pub fn role(&self) -> Option<Role> {
        self.role
    }
}
