//! `attachment`: a file that a person must attach. The model decides it; here only its shape is
//! judged.

use model::check::{CheckSpec, Probe};

use super::Check;

pub(super) struct Attachment;

impl Check for Attachment {
    fn kind(&self) -> &'static str {
        "attachment"
    }

    fn validate(&self, spec: &CheckSpec) -> Vec<String> {
        match &spec.probe {
            Probe::Attachment { name: Some(name) } if name.trim().is_empty() => {
                vec!["the attachment's name is empty".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}
