//! Ed25519 keys by which a person proves that a statement is theirs.
//!
//! A key file is two lines of text: what it is, and the secret seed in hexadecimal. Only its owner
//! may read it. Which public key belongs to whom is not known here; the store keeps that.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand::Rng;

const HEADER: &str = "countersign secret key, ed25519; keep it to yourself";
const PREFIX: &str = "ed25519:";

/// A person's secret key.
pub struct SecretKey(SigningKey);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

impl SecretKey {
    /// A new key from the system's randomness.
    pub fn generate() -> Self {
        let mut seed = [0u8; 32];
        rand::rng().fill_bytes(&mut seed);
        Self(SigningKey::from_bytes(&seed))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The signature over a statement, in hexadecimal.
    pub fn sign(&self, statement: &[u8]) -> String {
        to_hex(&self.0.sign(statement).to_bytes())
    }

    /// Where the key called `name` is kept under a folder of settings.
    ///
    /// Letters outside ASCII and signs are written as their code points, so that two names never
    /// share a file and no name leads out of the folder.
    pub fn path(config: &Path, name: &str) -> PathBuf {
        let mut stem = String::new();
        for letter in name.chars() {
            match letter {
                'a'..='z' | '0'..='9' | '-' => stem.push(letter),
                other => stem.push_str(&format!("_{:x}_", u32::from(other))),
            }
        }
        config.join("keys").join(format!("{stem}.key"))
    }

    /// Writes the key where only its owner can read it; refuses to replace one that is there.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{HEADER}\n{}", to_hex(&self.0.to_bytes()))?;
        file.sync_all()
    }

    /// Reads a key; refuses one that others may read.
    pub fn load(path: &Path) -> io::Result<Self> {
        let mode = fs::metadata(path)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("`{}` may be read by others (mode {mode:o}); `chmod 600` it", path.display()),
            ));
        }
        let text = fs::read_to_string(path)?;
        let seed = text
            .strip_prefix(HEADER)
            .and_then(|rest| from_hex::<32>(rest.trim()))
            .ok_or_else(|| bad(format!("`{}` is not a secret key of countersign", path.display())))?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }
}

/// The public half of a key; prints as `ed25519:` and 64 hexadecimal characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Whether `signature` (hexadecimal) was made over exactly this statement by this key.
    pub fn verify(&self, statement: &[u8], signature: &str) -> bool {
        from_hex::<64>(signature)
            .is_some_and(|bytes| self.0.verify_strict(statement, &Signature::from_bytes(&bytes)).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", to_hex(&self.0.to_bytes()))
    }
}

impl FromStr for PublicKey {
    type Err = io::Error;

    fn from_str(text: &str) -> io::Result<Self> {
        text.trim()
            .strip_prefix(PREFIX)
            .and_then(from_hex::<32>)
            .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
            // A weak key would accept signatures that nobody made.
            .filter(|key| !key.is_weak())
            .map(Self)
            .ok_or_else(|| bad(format!("`{}` is not a public key like `ed25519:3b6a…`", text.trim())))
    }
}

fn bad(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0u8; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_signature_holds_for_one_statement_and_one_key() {
        let (key, other) = (SecretKey::generate(), SecretKey::generate());
        let signature = key.sign(b"approve waiver wvr_1");
        assert!(key.public().verify(b"approve waiver wvr_1", &signature));
        assert!(!key.public().verify(b"approve waiver wvr_2", &signature));
        assert!(!other.public().verify(b"approve waiver wvr_1", &signature));
        assert!(!key.public().verify(b"approve waiver wvr_1", &signature[1..]));
    }

    #[test]
    fn a_public_key_reads_back_as_it_prints() {
        let public = SecretKey::generate().public();
        assert_eq!(public.to_string().parse::<PublicKey>().unwrap(), public);
        assert!("ed25519:00".parse::<PublicKey>().is_err());
        assert!(format!("ed25519:{}", "0".repeat(64)).parse::<PublicKey>().is_err(), "a weak key");
    }

    #[test]
    fn a_key_file_is_for_its_owner_only_and_never_replaced() {
        let scratch = Scratch::new("keys");
        let path = SecretKey::path(scratch.path(), "Ada Lovelace");
        let key = SecretKey::generate();
        key.save(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(SecretKey::load(&path).unwrap().public(), key.public());
        assert_eq!(SecretKey::generate().save(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(SecretKey::load(&path).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert!(!format!("{key:?}").contains(&to_hex(&key.0.to_bytes())));
    }

    #[test]
    fn names_keep_to_their_folder_and_apart() {
        let config = Path::new("/config");
        assert!(SecretKey::path(config, "../../etc/x").starts_with("/config/keys"));
        assert!(!SecretKey::path(config, "..").to_string_lossy().contains(".."));
        assert_ne!(SecretKey::path(config, "a_b"), SecretKey::path(config, "a b"));
        assert_ne!(SecretKey::path(config, "Ada"), SecretKey::path(config, "ada"));
    }
}
