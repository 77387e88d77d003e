//! What decisions and escalations have in common on the command line.

use clap::Args;
use model::refusal::Refusal;
use model::registers::EntryDetails;

use super::values;

/// Options of a decision or an escalation.
#[derive(Debug, Args)]
pub struct EntryOptions {
    /// Its key
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Whose it is
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// By when
    #[arg(long, value_name = "DATE")]
    due: Option<String>,
    /// It holds only if something else happens
    #[arg(long)]
    conditional: bool,
    /// Who approved it, as far as is known here; may be repeated
    #[arg(long = "approved-by", value_name = "NAME")]
    approvals: Vec<String>,
}

impl EntryOptions {
    /// The entry with its words.
    pub fn with(self, words: &[String]) -> Result<EntryDetails, Refusal> {
        Ok(EntryDetails {
            text: words.join(" "),
            key: self.key.map(|key| values::key(&key)).transpose()?,
            owner: self.owner,
            due: self.due.as_deref().map(values::due),
            conditional: self.conditional,
            approvals: self.approvals,
        })
    }
}
