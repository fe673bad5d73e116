//! Records as they lie on disk: names that say nothing, contents that nobody without the key can read or
//! change.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Version of the records; part of what each of them is bound to.
pub(super) const FORMAT: u32 = 2;
/// The format before it, which had copies alone and no frames.
pub(super) const FORMAT_1: u32 = 1;

const NONCE: usize = 24;
/// Contents are filled up to a multiple of this, so that their length tells little.
const PADDING: usize = 1024;

/// Random bytes that everything else is derived from.
pub(super) type MasterKey = Zeroizing<[u8; 32]>;

/// Name of a record: keyed, so that no patient number can be read or guessed from it.
pub(super) type RecordId = [u8; 32];

/// Why a record cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

pub(super) struct Cipher {
    aead: XChaCha20Poly1305,
    naming: Zeroizing<[u8; 32]>,
}

pub(super) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

impl Cipher {
    pub(super) fn new(master: &MasterKey) -> Self {
        let contents = Zeroizing::new(hmac(&**master, &[b"soegaki cache 1 contents"]));
        let naming = Zeroizing::new(hmac(&**master, &[b"soegaki cache 1 names"]));
        Self { aead: XChaCha20Poly1305::new((&*contents).into()), naming }
    }

    /// The name of what is called `name` at an institution, within a table.
    pub(super) fn id(&self, table: &str, institution: &str, name: &str) -> RecordId {
        let length = |text: &str| (text.len() as u64).to_be_bytes();
        hmac(
            &*self.naming,
            &[
                &length(table),
                table.as_bytes(),
                &length(institution),
                institution.as_bytes(),
                name.as_bytes(),
            ],
        )
    }

    /// Encrypts a record; it can be read in no other place than this table and id.
    pub(super) fn seal(
        &self,
        table: &str,
        id: &RecordId,
        content: &[u8],
    ) -> Result<Vec<u8>, getrandom::Error> {
        self.seal_as(FORMAT, table, id, content)
    }

    /// Encrypts a record of some format.
    pub(super) fn seal_as(
        &self,
        format: u32,
        table: &str,
        id: &RecordId,
        content: &[u8],
    ) -> Result<Vec<u8>, getrandom::Error> {
        let mut plain = Zeroizing::new(Vec::with_capacity(content.len() + PADDING));
        plain.extend_from_slice(content);
        // JSON allows blanks behind it.
        plain.resize(content.len().next_multiple_of(PADDING), b' ');
        let nonce: [u8; NONCE] = random()?;
        let aad = bound_to(format, table, id);
        let payload = Payload { msg: &plain, aad: &aad };
        let Ok(sealed) = self.aead.encrypt(&XNonce::from(nonce), payload) else {
            // Only contents of 256 GiB make the cipher fail.
            return Ok(Vec::new());
        };
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts a record.
    pub(super) fn open(
        &self,
        table: &str,
        id: &RecordId,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        self.open_as(FORMAT, table, id, sealed)
    }

    /// Decrypts a record of some format.
    pub(super) fn open_as(
        &self,
        format: u32,
        table: &str,
        id: &RecordId,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(Unreadable)?;
        let aad = bound_to(format, table, id);
        let payload = Payload { msg: sealed, aad: &aad };
        let plain = self.aead.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Unreadable)?;
        Ok(Zeroizing::new(plain))
    }
}

fn bound_to(format: u32, table: &str, id: &RecordId) -> Vec<u8> {
    [format.to_be_bytes().as_slice(), table.as_bytes(), b"\0", id].concat()
}

/// HMAC-SHA-256 (RFC 2104) for keys up to 64 bytes.
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let pad = |fill: u8| {
        let mut block = Zeroizing::new([fill; 64]);
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let mut inner = Sha256::new();
    inner.update(*pad(0x36));
    for part in parts {
        inner.update(part);
    }
    let mut outer = Sha256::new();
    outer.update(*pad(0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::{Cipher, Unreadable, hmac};
    use zeroize::Zeroizing;

    fn u128_hex(half: &[u8]) -> String {
        format!("{:032x}", u128::from_be_bytes(half.try_into().unwrap()))
    }

    #[test]
    fn hmac_as_in_rfc_4231() {
        let hex = |bytes: [u8; 32]| u128_hex(&bytes[..16]) + &u128_hex(&bytes[16..]);
        assert_eq!(
            hex(hmac(&[0x0b; 20], &[b"Hi There"])),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hex(hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_record_opens_only_in_its_own_place() {
        let cipher = Cipher::new(&Zeroizing::new([7; 32]));
        let id = cipher.id("patients", "demo", "127");
        let other = cipher.id("patients", "demo", "128");
        let sealed = cipher.seal("patients", &id, b"{}").unwrap();
        assert_eq!(cipher.open("patients", &id, &sealed).unwrap().trim_ascii(), b"{}");
        assert_eq!(cipher.open("patients", &other, &sealed), Err(Unreadable));
        assert_eq!(cipher.open("lists", &id, &sealed), Err(Unreadable));
        let stranger = Cipher::new(&Zeroizing::new([8; 32]));
        assert_eq!(stranger.open("patients", &id, &sealed), Err(Unreadable));
        for at in [0, 23, 24, sealed.len() - 1] {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert_eq!(cipher.open("patients", &id, &bent), Err(Unreadable), "byte {at}");
        }
        assert_eq!(cipher.open("patients", &id, &sealed[..20]), Err(Unreadable));
    }

    #[test]
    fn names_and_lengths_tell_nothing() {
        let cipher = Cipher::new(&Zeroizing::new([7; 32]));
        // Parts cannot be shifted between table, institution and name.
        assert_ne!(cipher.id("a", "bc", "d"), cipher.id("a", "b", "cd"));
        assert_ne!(cipher.id("ab", "c", "d"), cipher.id("a", "bc", "d"));
        let id = cipher.id("patients", "demo", "127");
        let short = cipher.seal("patients", &id, &[b'x'; 3]).unwrap();
        let longer = cipher.seal("patients", &id, &[b'x'; 900]).unwrap();
        assert_eq!(short.len(), longer.len());
        assert_ne!(short, cipher.seal("patients", &id, &[b'x'; 3]).unwrap(), "nonces repeat");
    }
}
