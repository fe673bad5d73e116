//! Keys with which people sign what they confirm: an entry's author is whoever registered its key.

use api::session::Staff;
use jiff::tz::Offset;

use super::accounts::{role, uuid};
use super::audit::Entry;
use super::sql::{self, args};
use super::tx::Tx;
use super::writer::Work;
use super::{Actor, Store, StoreError, Tenant};

/// Whose entries a key signs, as the cloud knows the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryAuthor {
    /// The person at the terminal of the key, for the audit log.
    pub actor: Actor,
    /// The person as records name the person.
    pub staff: Staff,
    /// The account is no longer in use.
    pub disabled: bool,
    /// The institution's local time.
    pub offset: Offset,
    pub(super) public_key: String,
}

/// A key in its one spelling: 64 small hexadecimal digits.
fn is_key(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Makes a key the actor's at the actor's terminal. A key is one person's for ever; the terminal may be renamed.
pub(super) async fn register(tx: &mut Tx<'_>, actor: &Actor, key: &str) -> Result<(), StoreError> {
    let account = actor.account.ok_or(StoreError::Forbidden("only a person has a key"))?;
    if !is_key(key) {
        return Err(StoreError::Invalid("a key has 64 hexadecimal digits".to_owned()));
    }
    let known = tx
        .one(
            "SELECT institution_id, account_id, terminal FROM entry_keys WHERE public_key = $1",
            args![key],
        )
        .await?;
    if let Some(row) = known {
        let owner = (Tenant(sql::int(&row, 0)?), uuid(&row, 1, "entry_keys.account_id")?);
        if owner != (actor.tenant, account) {
            let text = "this key is somebody else's; the terminal must make a new one";
            return Err(StoreError::Invalid(text.to_owned()));
        }
        if sql::text(&row, 2)? == &*actor.terminal {
            return Ok(());
        }
        tx.exec(
            "UPDATE entry_keys SET terminal = $2 WHERE public_key = $1",
            args![key, &*actor.terminal],
        )
        .await?;
    } else {
        let stamp = tx.stamp().to_owned();
        tx.exec(
            "INSERT INTO entry_keys (public_key, institution_id, account_id, terminal, \
             registered_at) VALUES ($1, $2, $3, $4, $5)",
            args![key, actor.tenant, account.to_string(), &*actor.terminal, stamp],
        )
        .await?;
    }
    let entry = Entry::new("entry_key.register", "account", &*actor.login);
    tx.audit(actor, entry.with(format!("key={key}")))
}

struct Register {
    actor: Actor,
    key: String,
}

impl Work for Register {
    type Output = ();

    fn tenant(&self) -> Option<Tenant> {
        Some(self.actor.tenant)
    }

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        register(tx, &self.actor, &self.key).await
    }
}

impl Store {
    /// Makes known that the actor signs with this key (64 small hexadecimal digits) at the actor's terminal; doing so
    /// twice is no error. A key that somebody else has registered is [`StoreError::Invalid`].
    pub async fn register_entry_key(
        &self,
        actor: &Actor,
        public_key: &str,
    ) -> Result<(), StoreError> {
        self.write(Register { actor: actor.clone(), key: public_key.to_owned() }).await
    }

    /// Whose key it is; `None` for one that nobody has registered.
    pub async fn entry_author(&self, public_key: &str) -> Result<Option<EntryAuthor>, StoreError> {
        if !is_key(public_key) {
            return Ok(None);
        }
        let row = self
            .database()
            .one(
                "SELECT k.institution_id, k.terminal, a.id, a.login, a.display_name, a.role, \
                 a.disabled, i.utc_offset_seconds FROM entry_keys k \
                 JOIN accounts a ON a.institution_id = k.institution_id AND a.id = k.account_id \
                 JOIN institutions i ON i.id = k.institution_id WHERE k.public_key = $1",
                args![public_key],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (account, role) = (uuid(&row, 2, "accounts.id")?, role(&row, 5)?);
        let (login, terminal) = (sql::text(&row, 3)?, sql::text(&row, 1)?);
        let tenant = Tenant(sql::int(&row, 0)?);
        Ok(Some(EntryAuthor {
            actor: Actor::person(tenant, account, login, terminal, role),
            staff: Staff { account, name: sql::text(&row, 4)?.to_owned(), role },
            disabled: sql::int(&row, 6)? != 0,
            offset: super::institutions::offset(&row, 7)?,
            public_key: public_key.to_owned(),
        }))
    }
}
