//! A store behind a server: what crosses the wire, and both ends of it.
//!
//! Formats, documents, checks and the workspace stay with the client, which has the files. It asks the
//! server's journal [questions](question), and [hands in](handed) at the server's desk what is to be
//! ruled on; nothing it sends is appended as it is. Who acts and whether they may is the server's own
//! business. Deliberately knows no HTTP: a [`Wire`] carries bytes to one of two [`Address`]es and back.

mod answering;
mod framing;
mod handed;
mod journal;
mod question;
mod server;
mod told;

use std::fmt;

pub use answering::{Submit, answer, hand_in, survey};
pub use framing::unframe;
pub use handed::{Came, Handed, What, unpack};
pub use journal::RemoteJournal;
pub use question::{Hello, Question, Wanted};
pub(crate) use server::Rehearsed;
pub use server::Server;
pub use told::Told;

/// The number of the language both ends speak. Raised whenever what crosses the wire changes its shape.
pub const LANGUAGE: u32 = 1;

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// The server's journal, for questions.
    Journal,
    /// The server's desk, for what is to be ruled on.
    Desk,
}

/// Carries bytes to a server and back.
pub trait Wire: Send + Sync {
    /// How people call the server: its URL.
    fn name(&self) -> &str;

    /// Sends a message, and shows the answer's bytes as they come, with its status: 200, or that of a
    /// problem. One message at a time; whoever comes meanwhile waits. An answer has at least one byte.
    fn send(&self, to: Address, message: &[u8], each: &mut dyn FnMut(u16, &[u8])) -> Result<(), Cut>;
}

/// The connection broke, or there was none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Why, for people.
    pub why: String,
    /// Whether the server may have got the message.
    pub may_have_arrived: bool,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}
