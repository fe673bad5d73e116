//! Hash and signature of an entry: who confirmed it on which terminal, provable afterwards (真正性).
//!
//! Each person has a key pair (Ed25519, RFC 8032) on each terminal. Its private half never leaves the terminal's
//! encrypted store; its public half becomes known to the cloud at sign-in. The signature covers
//! `soegaki entry 1`, a line feed, and the entry's exact bytes.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use ring::{digest, rand};
use zeroize::Zeroizing;

const CONTEXT: &[u8] = b"soegaki entry 1\n";

/// SHA-256 in hexadecimal digits.
pub fn hash(body: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, body))
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be made or read")]
pub struct BadKey;

/// Signs what a person confirms.
pub struct Signer {
    pair: Ed25519KeyPair,
}

impl Signer {
    /// Makes a new key: the signer, and the key as it is to be kept (PKCS #8).
    pub fn generate() -> Result<(Self, Zeroizing<Vec<u8>>), BadKey> {
        let made = Ed25519KeyPair::generate_pkcs8(&rand::SystemRandom::new());
        let kept = Zeroizing::new(made.map_err(|_| BadKey)?.as_ref().to_vec());
        Ok((Self::read(&kept)?, kept))
    }

    /// Reads a kept key.
    pub fn read(kept: &[u8]) -> Result<Self, BadKey> {
        Ed25519KeyPair::from_pkcs8(kept).map(|pair| Self { pair }).map_err(|_| BadKey)
    }

    /// The public half, in hexadecimal digits.
    pub fn public_key(&self) -> String {
        hex::encode(self.pair.public_key())
    }

    /// Signature of an entry's bytes, in hexadecimal digits.
    pub fn sign(&self, body: &[u8]) -> String {
        hex::encode(self.pair.sign(&[CONTEXT, body].concat()))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

/// Whether a public key has signed these bytes.
pub fn verify(public_key: &str, body: &[u8], signature: &str) -> bool {
    let (Ok(key), Ok(signature)) = (hex::decode(public_key), hex::decode(signature)) else {
        return false;
    };
    let signed = [CONTEXT, body].concat();
    UnparsedPublicKey::new(&ED25519, key).verify(&signed, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Signer, hash, verify};

    #[test]
    fn a_signature_fits_its_key_and_bytes_alone() {
        let (signer, kept) = Signer::generate().expect("random bytes");
        let again = Signer::read(&kept).expect("its own key");
        assert_eq!(again.public_key(), signer.public_key());
        let signature = again.sign(b"{\"id\":1}");
        assert!(verify(&signer.public_key(), b"{\"id\":1}", &signature));
        assert!(!verify(&signer.public_key(), b"{\"id\":2}", &signature));
        let (other, _) = Signer::generate().expect("random bytes");
        assert!(!verify(&other.public_key(), b"{\"id\":1}", &signature));
        assert!(!verify("not hexadecimal", b"{\"id\":1}", &signature));
        assert!(!verify(&signer.public_key(), b"{\"id\":1}", ""));
        assert!(Signer::read(&kept[1..]).is_err());
    }

    #[test]
    fn the_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash(b"abc"), abc);
    }
}
