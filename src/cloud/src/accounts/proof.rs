//! Whose entry it is: no session tells, the signature does.

use std::net::IpAddr;

use crate::accounts::Accounts;
use crate::store::audit::Entry;
use crate::store::{Actor, EntryAuthor, StoreError};

/// Forgeries of one person's signature from one address are put on record once in this time; the log is kept for
/// ever.
const ON_RECORD_MS: i64 = 60 * 60_000;

/// A public key in its one spelling: 64 hexadecimal digits, small ones.
pub(crate) fn key(text: &str) -> Option<String> {
    let good = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    good.then(|| text.to_ascii_lowercase())
}

impl Accounts {
    /// The author of an entry whose bytes that key has signed; `None` where the key is unknown, and where it has
    /// not signed these bytes. What comes from a stranger costs one check of a signature and one look at an
    /// index, and writes nothing. Whether the author's account is still in use is for the store to say, which
    /// knows what it has taken already.
    pub(crate) async fn entry_author(
        &self,
        public_key: &str,
        signature: &str,
        body: &[u8],
        address: IpAddr,
    ) -> Result<Option<EntryAuthor>, StoreError> {
        let Some(public_key) = key(public_key) else { return Ok(None) };
        let signed = api::proof::verify(&public_key, body, signature);
        match self.store.entry_author(&public_key).await? {
            Some(author) if !signed => {
                self.forged(&author.actor, address).await?;
                Ok(None)
            }
            author => Ok(author),
        }
    }

    /// Puts on record that somebody has used a person's key without being able to sign with it.
    async fn forged(&self, person: &Actor, address: IpAddr) -> Result<(), StoreError> {
        let (tenant, login) = (person.tenant(), person.login());
        let address = address.to_canonical().to_string();
        let now = self.store.clock().now().as_millisecond();
        let until = (now.div_euclid(ON_RECORD_MS) + 1) * ON_RECORD_MS;
        if !self.forgeries.is_new((tenant, login, &address), until, now) {
            return Ok(());
        }
        // Whoever sent it is not known to be the person.
        let nobody = Actor::nobody(tenant, person.terminal());
        let entry = Entry::new("entry.refuse", "account", login)
            .with(format!("signature address={address}"));
        self.store.record(&nobody, entry).await
    }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn keys_have_one_spelling() {
        let digits = "0123456789abcdefABCDEF0123456789".repeat(2);
        assert_eq!(key(&digits), Some(digits.to_lowercase()));
        let wrong =
            [String::new(), "a".repeat(63), "a".repeat(65), "g".repeat(64), "Ａ".repeat(64)];
        for wrong in wrong {
            assert_eq!(key(&wrong), None, "{wrong}");
        }
    }
}
