//! Accounts: the persons of an institution.

use api::profile::StaffList;
use api::session::{Role, Staff};
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::audit::Entry;
use super::entry_keys::EntryAuthor;
use super::sql::{self, args};
use super::tx::Tx;
use super::writer::Work;
use super::{Actor, Store, StoreError, Tenant};

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: Uuid,
    /// The person's ID for signing in.
    pub login: String,
    /// As shown on the screen.
    pub display_name: String,
    /// What the person may do.
    pub role: Role,
    /// No longer able to sign in.
    pub disabled: bool,
    /// ISO 8601, UTC.
    pub created_at: String,
    /// ISO 8601, UTC.
    pub password_changed_at: String,
}

/// An account to be made.
#[derive(Clone)]
pub struct NewAccount {
    /// The person's ID for signing in, in its one spelling (see `accounts::login`).
    pub login: String,
    /// As shown on the screen.
    pub display_name: String,
    /// What the person may do.
    pub role: Role,
    /// PHC string of the password's hash.
    pub password_hash: String,
}

/// An account with its password hash, for signing in alone.
pub(crate) struct Credentials {
    pub(crate) account: Account,
    pub(crate) password_hash: String,
}

const SELECT: &str = "SELECT id, login, display_name, role, disabled, created_at, \
    password_changed_at, password_hash FROM accounts WHERE institution_id = $1";
const SELECT_ONE: &str = "SELECT id, login, display_name, role, disabled, created_at, \
    password_changed_at, password_hash FROM accounts WHERE institution_id = $1 AND login = $2";

pub(super) fn uuid(row: &AnyRow, column: usize, what: &str) -> Result<Uuid, StoreError> {
    sql::text(row, column)?.parse().map_err(|_| StoreError::Damaged(what.to_owned()))
}

pub(super) fn role(row: &AnyRow, column: usize) -> Result<Role, StoreError> {
    Role::parse(sql::text(row, column)?)
        .ok_or_else(|| StoreError::Damaged("accounts.role".to_owned()))
}

fn credentials(row: &AnyRow) -> Result<Credentials, StoreError> {
    let account = Account {
        id: uuid(row, 0, "accounts.id")?,
        login: sql::text(row, 1)?.to_owned(),
        display_name: sql::text(row, 2)?.to_owned(),
        role: role(row, 3)?,
        disabled: sql::int(row, 4)? != 0,
        created_at: sql::text(row, 5)?.to_owned(),
        password_changed_at: sql::text(row, 6)?.to_owned(),
    };
    Ok(Credentials { account, password_hash: sql::text(row, 7)?.to_owned() })
}

/// The person of an account, and whether it is disabled.
pub(super) async fn person(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    account: Uuid,
) -> Result<Option<(Staff, bool)>, StoreError> {
    let row = tx
        .one(
            "SELECT display_name, role, disabled FROM accounts \
             WHERE institution_id = $1 AND id = $2",
            args![tenant, account.to_string()],
        )
        .await?;
    row.map(|row| {
        let staff = Staff { account, name: sql::text(&row, 0)?.to_owned(), role: role(&row, 1)? };
        Ok((staff, sql::int(&row, 2)? != 0))
    })
    .transpose()
}

/// In whose name an entry is made, by the accounts' own word: a practitioner who works here. `wanted` where one has to
/// stand for it; nobody is named for an entry in one's own name.
pub(super) async fn principal(
    tx: &mut Tx<'_>,
    author: &EntryAuthor,
    named: Option<&Staff>,
    wanted: bool,
) -> Result<Option<Staff>, StoreError> {
    let Some(named) = named.filter(|staff| staff.account != author.staff.account) else {
        if wanted {
            let text = "the entry names no practitioner in whose name it is made";
            return Err(StoreError::Invalid(text.to_owned()));
        }
        return Ok(None);
    };
    match person(tx, author.actor.tenant, named.account).await? {
        Some((staff, false)) if staff.role == Role::Practitioner => Ok(Some(staff)),
        _ => Err(StoreError::Invalid(
            "on_behalf_of is not a practitioner who works at the institution".to_owned(),
        )),
    }
}

struct Add {
    actor: Actor,
    id: Uuid,
    new: NewAccount,
}

impl Work for Add {
    type Output = Account;

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Account, StoreError> {
        let tenant = self.actor.tenant;
        let login = self.new.login.as_str();
        if tx.one(SELECT_ONE, args![tenant, login]).await?.is_some() {
            return Err(StoreError::Invalid(format!("account {login} exists already")));
        }
        let stamp = tx.stamp().to_owned();
        tx.exec(
            "INSERT INTO accounts (institution_id, id, login, display_name, role, password_hash, \
             disabled, created_at, password_changed_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7)",
            args![
                tenant,
                self.id.to_string(),
                login,
                self.new.display_name.as_str(),
                self.new.role.as_str(),
                self.new.password_hash.as_str(),
                stamp.as_str(),
            ],
        )
        .await?;
        let entry = Entry::new("account.add", "account", login).with(self.new.role.as_str());
        tx.audit(&self.actor, entry)?;
        Ok(Account {
            id: self.id,
            login: self.new.login.clone(),
            display_name: self.new.display_name.clone(),
            role: self.new.role,
            disabled: false,
            created_at: stamp.clone(),
            password_changed_at: stamp,
        })
    }
}

enum Edit {
    Disable(bool),
    Password(String),
    Unlock,
}

struct EditAccount {
    actor: Actor,
    login: String,
    edit: Edit,
}

impl EditAccount {
    async fn end_sessions(&self, tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
        tx.exec(
            "DELETE FROM sessions WHERE institution_id = $1 AND account_id = $2",
            args![self.actor.tenant, id],
        )
        .await?;
        Ok(())
    }
}

impl Work for EditAccount {
    type Output = ();

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let tenant = self.actor.tenant;
        let row = tx
            .one(SELECT_ONE, args![tenant, self.login.as_str()])
            .await?
            .ok_or(StoreError::NotFound("account"))?;
        let id = sql::text(&row, 0)?;
        let action = match &self.edit {
            Edit::Disable(disabled) => {
                tx.exec(
                    "UPDATE accounts SET disabled = $3 WHERE institution_id = $1 AND id = $2",
                    args![tenant, id, i64::from(*disabled)],
                )
                .await?;
                self.end_sessions(tx, id).await?;
                if *disabled { "account.disable" } else { "account.enable" }
            }
            Edit::Password(hash) => {
                let stamp = tx.stamp().to_owned();
                tx.exec(
                    "UPDATE accounts SET password_hash = $3, password_changed_at = $4 \
                     WHERE institution_id = $1 AND id = $2",
                    args![tenant, id, hash.as_str(), stamp],
                )
                .await?;
                self.end_sessions(tx, id).await?;
                "account.password"
            }
            Edit::Unlock => {
                tx.exec(
                    "UPDATE sign_in_tries SET failures = 0, blocked_until_ms = 0 \
                     WHERE institution_id = $1 AND login = $2",
                    args![tenant, self.login.as_str()],
                )
                .await?;
                "account.unlock"
            }
        };
        tx.audit(&self.actor, Entry::new(action, "account", self.login.as_str()))
    }
}

impl Store {
    /// Adds an account; the login must be new in the institution.
    pub async fn add_account(
        &self,
        actor: &Actor,
        new: &NewAccount,
    ) -> Result<Account, StoreError> {
        let work = Add { actor: actor.clone(), id: Uuid::now_v7(), new: new.clone() };
        self.write(work).await
    }

    /// All accounts, by login.
    pub async fn accounts(&self, tenant: Tenant) -> Result<Vec<Account>, StoreError> {
        let rows = self.database().all(SELECT, args![tenant]).await?;
        let mut all = rows
            .iter()
            .map(|row| credentials(row).map(|c| c.account))
            .collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(all)
    }

    /// The accounts in use: practitioners first, then the other roles, each by login.
    pub async fn staff(&self, tenant: Tenant) -> Result<StaffList, StoreError> {
        let mut used = self.accounts(tenant).await?;
        used.retain(|account| !account.disabled);
        used.sort_by_key(|account| match account.role {
            Role::Practitioner => 0,
            Role::Nurse => 1,
            Role::Receptionist => 2,
            Role::Administrator => 3,
        });
        let staff =
            used.into_iter().map(|a| Staff { account: a.id, name: a.display_name, role: a.role });
        Ok(StaffList { staff: staff.collect() })
    }

    /// The account of that login.
    pub async fn account(
        &self,
        tenant: Tenant,
        login: &str,
    ) -> Result<Option<Account>, StoreError> {
        Ok(self.credentials(tenant, login).await?.map(|c| c.account))
    }

    pub(crate) async fn credentials(
        &self,
        tenant: Tenant,
        login: &str,
    ) -> Result<Option<Credentials>, StoreError> {
        let row = self.database().one(SELECT_ONE, args![tenant, login]).await?;
        row.as_ref().map(credentials).transpose()
    }

    /// Disables or enables an account. Either way its sessions end with it.
    pub async fn set_account_disabled(
        &self,
        actor: &Actor,
        login: &str,
        disabled: bool,
    ) -> Result<(), StoreError> {
        self.edit_account(actor, login, Edit::Disable(disabled)).await
    }

    /// Sets another password hash and ends the account's sessions.
    pub async fn set_password_hash(
        &self,
        actor: &Actor,
        login: &str,
        hash: &str,
    ) -> Result<(), StoreError> {
        self.edit_account(actor, login, Edit::Password(hash.to_owned())).await
    }

    /// Forgets the wrong passwords of a login.
    pub async fn unlock_account(&self, actor: &Actor, login: &str) -> Result<(), StoreError> {
        self.edit_account(actor, login, Edit::Unlock).await
    }

    async fn edit_account(&self, actor: &Actor, login: &str, edit: Edit) -> Result<(), StoreError> {
        let work = EditAccount { actor: actor.clone(), login: login.to_owned(), edit };
        self.write(work).await
    }
}
