//! The one provider of cryptography for JWTs: `ring`, for checking signatures and for nothing else.
//! It is installed once, before the first token is looked at.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey};
use ring::{hmac, signature};

/// The algorithms that are taken; all others, `none` before all, are refused.
pub const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512, Algorithm::ES256, Algorithm::EdDSA];

static PROVIDER: CryptoProvider = CryptoProvider {
    // Nothing is signed here: tokens of this kind come from an identity provider.
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Installs it; a second call changes nothing.
pub fn install() {
    // It fails only where it was done before, and there is just this one.
    let _ = PROVIDER.install_default();
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let bytes = key.try_get_as_bytes()?;
    let family = match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => AlgorithmFamily::Hmac,
        Algorithm::ES256 => AlgorithmFamily::Ec,
        Algorithm::EdDSA => AlgorithmFamily::Ed,
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    };
    // A public key must never serve as the secret of a MAC, nor the other way round.
    if key.family() != family {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    let mac = |hash| -> Box<dyn JwtVerifier> {
        Box::new(Mac { algorithm: *algorithm, key: hmac::Key::new(hash, bytes) })
    };
    let public = |kind| -> Box<dyn JwtVerifier> {
        let key = signature::UnparsedPublicKey::new(kind, bytes.to_vec());
        Box::new(Public { algorithm: *algorithm, key })
    };
    Ok(match algorithm {
        Algorithm::HS256 => mac(hmac::HMAC_SHA256),
        Algorithm::HS384 => mac(hmac::HMAC_SHA384),
        Algorithm::HS512 => mac(hmac::HMAC_SHA512),
        Algorithm::ES256 => public(&signature::ECDSA_P256_SHA256_FIXED),
        _ => public(&signature::ED25519),
    })
}

struct Mac {
    algorithm: Algorithm,
    key: hmac::Key,
}

impl Verifier<Vec<u8>> for Mac {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        hmac::verify(&self.key, message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Mac {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

struct Public {
    algorithm: Algorithm,
    key: signature::UnparsedPublicKey<Vec<u8>>,
}

impl Verifier<Vec<u8>> for Public {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        self.key.verify(message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Public {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
