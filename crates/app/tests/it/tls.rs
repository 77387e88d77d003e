//! A certificate authority for a test, and servers it vouches for: certificates as X.509 has them, with
//! just what a client looks at, made anew each time so that no key lies around.

use std::net::TcpStream;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// ECDSA over P-256 with SHA-256.
const ALGORITHM: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// What stands before the point of a public key on P-256.
const PUBLIC_KEY: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Whoever vouches.
pub(crate) struct Authority {
    key: Key,
}

/// A server's side of secure connections.
#[derive(Clone)]
pub(crate) struct Server(Arc<ServerConfig>);

struct Key {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self { key: Key::new() }
    }

    /// Its own certificate, as files of certificates hold it.
    pub(crate) fn pem(&self) -> String {
        let certificate =
            self.sign("A test's authority", &self.key, &extension(0x13, true, &der(0x30, &[&[1, 1, 255]])));
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(certificate))
    }

    /// A server that goes by a name.
    pub(crate) fn server(&self, name: &str) -> Server {
        let key = Key::new();
        let names = der(0x30, &[&der(0x82, &[name.as_bytes()])]);
        let certificate = CertificateDer::from(self.sign(name, &key, &extension(0x11, false, &names)));
        let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.pkcs8));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows them")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], secret)
            .expect("the key belongs to the certificate");
        Server(Arc::new(config))
    }

    fn sign(&self, subject: &str, key: &Key, extension: &[u8]) -> Vec<u8> {
        let name = |text: &str| {
            der(0x30, &[&der(0x31, &[&der(0x30, &[&[6, 3, 0x55, 4, 3], &der(0x0c, &[text.as_bytes()])])])])
        };
        let told = der(
            0x30,
            &[
                &der(0xa0, &[&[2, 1, 2]]),
                &[2, 1, 1],
                ALGORITHM,
                &name("A test's authority"),
                &der(0x30, &[&der(0x17, &[b"200101000000Z"]), &der(0x18, &[b"20991231235959Z"])]),
                &name(subject),
                PUBLIC_KEY,
                key.pair.public_key().as_ref(),
                &der(0xa3, &[&der(0x30, &[extension])]),
            ],
        );
        let signature = self.key.pair.sign(&SystemRandom::new(), &told).expect("there is randomness");
        der(0x30, &[&told, ALGORITHM, &der(3, &[&[0], signature.as_ref()])])
    }
}

impl Server {
    /// A connection that somebody opened, secure from here on; whoever does not trust it breaks it off.
    pub(crate) fn secure(&self, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
        let connection = ServerConnection::new(Arc::clone(&self.0)).expect("the configuration is whole");
        StreamOwned::new(connection, stream)
    }
}

impl Key {
    fn new() -> Self {
        let (kind, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("there is randomness");
        let pair = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).expect("it was made a line above");
        Self { pair, pkcs8: pkcs8.as_ref().to_vec() }
    }
}

/// An extension by the last number of its name below `2.5.29`.
fn extension(number: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let said: &[u8] = if critical { &[1, 1, 255] } else { &[] };
    der(0x30, &[&[6, 3, 0x55, 0x1d, number], said, &der(4, &[value])])
}

/// A value with its tag and its length.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).expect("certificates are small");
    let mut out = vec![tag];
    match length {
        0..128 => out.push(length as u8),
        128..256 => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(content);
    out
}
